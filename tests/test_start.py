"""A start is quick and small: what only some ever need is imported when they need it."""

import subprocess
import sys
from pathlib import Path

# What a server with SQLite does without until somebody chooses a passphrase, wants a PDF, a calendar or a square code,
# or brings the database to another version.
LATE = {"zxcvbn", "reportlab", "icalendar", "segno", "alembic", "psycopg", "app.demo", "app.doctor"}


def test_a_server_imports_what_it_serves_with() -> None:
    asked = [sys.executable, "-c", "import sys; import app.cli; print(*sys.modules)"]
    there = subprocess.run(asked, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True)
    assert "app.main" in there.stdout.split() and not LATE & set(there.stdout.split())
