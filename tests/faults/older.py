"""F13: the product as it was after each change of its database makes its demo data; then it is upgraded to this one.

Every row that was there is there, with the same in every column that it had, and its words open with its keys. Nothing
is released yet: until then a version is a commit that changed the database. They are taken from the history of git.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, select
from sqlmodel import col
from sqlmodel import select as select_model

from app import main
from app.access import House, opened
from app.models import entry
from app.models.entry import Entry
from app.models.people import Episode
from app.models.program import Program
from app.settings import Settings
from bench import running
from bench.figures import Figure
from bench.running import ROOT, environment, free_port, wait_for
from tests.conftest import DATABASES, fresh_postgres
from tests.faults import NotHere
from tests.faults.upgrade import as_admin

Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


def run(_seed: int, many: int) -> Iterator[Figure]:
    """`many`: how many versions at most, the latest of them."""
    versions = known()[-many:]
    for name in DATABASES:
        found = Counter[str]()
        with ExitStack() as kept:
            server = kept.enter_context(running.postgres()) if name == "postgresql" else ""
            for version in versions:
                found.update(_upgraded(version, server))
        yield Figure(f"F13_versions_{name}", len(versions), "", len(versions))
        yield Figure(f"F13_rows_{name}", found["rows"], "", len(versions))
        yield Figure(f"F13_entries_{name}", found["entries"], "", len(versions))
        for what in ("lost", "changed", "unread"):
            yield Figure(f"F13_{what}_{name}", found[what], "", found["rows"])


def known() -> list[str]:
    """The commits that changed the database, the earliest first."""
    said = _git("log", "--format=%H", "--reverse", "--", "migrations/versions")
    if not said or (ROOT / ".git" / "shallow").exists():
        raise NotHere("there is no history of git here, from which the versions before this one could be taken")
    return said.decode().split()


def _git(*asked: str) -> bytes:
    with suppress(FileNotFoundError):
        return subprocess.run(("git", *asked), cwd=ROOT, capture_output=True).stdout
    return b""


def _upgraded(version: str, server: str) -> Counter[str]:
    with tempfile.TemporaryDirectory(prefix="footbridge-older-") as name:
        folder, url = Path(name), fresh_postgres(server) if server else ""
        settings = Settings(data=folder / "data", database_url=url or None)
        told = environment(port=free_port(), data=settings.data, **({"database_url": url} if url else {}))
        _lived(version, folder / "then", told)
        house = main.build(settings)
        before = _rows(house, server)
        command = (sys.executable, "-m", "app", "migrate")
        subprocess.run(command, cwd=ROOT, env=told, check=True, capture_output=True)
        found = compared(before, _rows(house, server)) + _read(house)
        house.database.engine.dispose()
    return found


def _lived(version: str, there: Path, told: dict[str, str]) -> None:
    """The product of that time makes its demo data, and is ended."""
    there.mkdir()
    subprocess.run(("tar", "x"), cwd=there, input=_git("archive", version), check=True)
    (there / "node_modules").symlink_to(ROOT / "node_modules")
    with (there / "said").open("w+") as said:
        server = subprocess.Popen(
            (sys.executable, "-m", "app.cli", "run"), cwd=there, env=told, stdout=said, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip
        try:
            wait_for(f"http://localhost:{told['FOOTBRIDGE_PORT']}", server, said)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(20)


def _rows(house: House, server: str) -> Rows:
    """All that is in the database, by table and key."""
    url = house.settings.database_url
    connection = as_admin(server, url.get_secret_value()) if url else house.database.engine.connect()
    with connection:
        return _all(connection)


def _all(connection: Connection) -> Rows:
    there = MetaData()
    there.reflect(connection)
    return {
        name: {
            tuple(row[key.name] for key in table.primary_key): dict(row)
            for row in connection.execute(select(table)).mappings()
        }
        for name, table in there.tables.items()
        if table.primary_key and name != "alembic_version"
    }


def compared(before: Rows, after: Rows) -> Counter[str]:
    found = Counter[str]()
    for name, rows in before.items():
        for key, row in rows.items():
            now = after.get(name, {}).get(key)
            found["rows"] += 1
            found["lost"] += now is None
            changed = [each for each in row if now and now.get(each) != row[each]]
            found["changed"] += bool(changed)
            if now is None or changed:
                sys.stderr.write(f"F13: {name}: {changed or 'gone'}\n")
    return found


def _read(house: House) -> Counter[str]:
    """Whose entries there are, opened with their keys as they read them."""
    found = Counter[str]()
    with house.database.session(writes=False) as session:
        programs = session.exec(select_model(Program)).all()
    for program in programs:
        with opened(house, program.id, "keeper", program.id) as record:
            people = set(record.session.exec(select_model(Episode.participant_id)).all())
            count = len(record.session.exec(select_model(Entry.id).where(col(Entry.binned_at).is_(None))).all())
        lines = 0
        for person in people:
            with opened(house, program.id, "participant", person, person) as record:
                lines += len(entry.everything(record))
        found["entries"] += lines
        found["unread"] += count - lines
    return found
