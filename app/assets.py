"""The style sheet, the scripts and the pictures, each at an address that names its content."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
STATIC = HERE / "static"
PACKAGES = HERE.parent / "node_modules"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}

# In this order: what comes later may lean on what came before.
CSS = (
    "tokens", "base", "fields", "parts", "bars", "pages", "phone", "install", "skills", "reading", "triggers", "urges",
    "setbacks", "measures", "flags", "staff", "review", "caseload", "participant", "room", "print",
)  # fmt: skip
JS = (
    "shelf", "outbox", "send", "fields", "drafts", "waiting", "queue", "log", "steps", "own", "attend", "keys",
    "review", "touch", "install",
)  # fmt: skip

# Of the pages of skills alone.
GUIDE = ("moments", "asking", "stage", "guide", "shown")

# Of the page of readings, without signal.
READING = ("reading",)

# Of the page of an urge.
URGE = ("urge",)

# Of the page of a measure.
MEASURE = ("measure",)

# Of the pages of a room.
ROOM = ("room",)

# The service worker's; it stands apart, at an address that stays.
WORKER = ("shelf", "outbox", "worker")


@dataclass(frozen=True)
class Asset:
    body: bytes
    zipped: bytes
    kind: str


@cache
def load() -> tuple[dict[str, str], dict[str, Asset]]:
    """(name → address, file name → asset). Read once, at start."""
    bodies = {
        "app.css": b"\n".join((STATIC / "css" / f"{part}.css").read_bytes() for part in CSS),
        "app.js": script(*JS).encode(),
        "guide.js": script(*GUIDE).encode(),
        "reading.js": script(*READING).encode(),
        "urge.js": script(*URGE).encode(),
        "measure.js": script(*MEASURE).encode(),
        "room.js": script(*ROOM).encode(),
        "htmx.js": (PACKAGES / "htmx.org" / "dist" / "htmx.min.js").read_bytes(),
        **{icon.name: icon.read_bytes() for icon in sorted((STATIC / "icons").iterdir())},
    }
    named = {name: _fingerprinted(name, body) for name, body in bodies.items()}
    assets = {named[name]: _asset(name, body) for name, body in bodies.items()}
    return {name: f"/static/{file}" for name, file in named.items()}, assets


def script(*parts: str) -> str:
    return "\n".join((STATIC / "js" / f"{part}.js").read_text() for part in parts)


def _fingerprinted(name: str, body: bytes) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{ending}"


def _asset(name: str, body: bytes) -> Asset:
    kind = TYPES[Path(name).suffix]
    charset = "" if kind == "image/png" else "; charset=utf-8"
    return Asset(body, gzip.compress(body, 9, mtime=0), kind + charset)
