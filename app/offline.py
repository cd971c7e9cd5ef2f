"""Without signal: the pages that a phone keeps for then, and the service worker that brings them."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app import assets
from app.words import LANGUAGES

HERE = Path(__file__).parent
# Whatever these hold, a page without signal may show.
SHOWN = ("templates", "locales", "content", "static")
NEEDED = ("app.css", "app.js", "guide.js", "urge.js", "measure.js", "reading.js", "htmx.js", "favicon.svg")


@dataclass(frozen=True)
class Page:
    """A page as a phone keeps it, which is nobody's: its address, its template, what its form starts with, and what
    the template shows when nobody knows whose it is (a function of the language, where that is one). `below`: it is
    also shown for every address below its own, and its script shows what that names. `also`: other addresses of it."""

    address: str
    template: str
    defaults: dict[str, Any]
    unknown: dict[str, Any]
    below: bool = False
    also: tuple[str, ...] = ()

    def facts(self, language: str) -> dict[str, Any]:
        return {name: fact(language) if callable(fact) else fact for name, fact in self.unknown.items()}


# Each route enters its own; every form that takes a LogForm has its page here (a test says so).
PAGES: dict[str, Page] = {}


def enter(
    name: str, address: str, template: str, defaults: dict[str, Any] | None = None, below: bool = False,
    also: tuple[str, ...] = (), **unknown: Any,
) -> None:  # fmt: skip
    PAGES[name] = Page(address, template, defaults or {}, unknown, below, also)


@cache
def version() -> str:
    """Changes with whatever a page without signal shows, and with the worker itself."""
    seen = hashlib.sha256()
    for path in _shown():
        seen.update(path.read_bytes())
    return seen.hexdigest()[:12]


def _shown() -> Iterator[Path]:
    for folder in SHOWN:
        yield from sorted(path for path in (HERE / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")


def shell() -> dict[str, Any]:
    """What the worker keeps for a time without signal: the assets, and each page in each language."""
    addresses = assets.load()[0]
    return {
        "version": version(), "assets": [addresses[name] for name in NEEDED], "languages": LANGUAGES,
        "names": list(PAGES), "pages": {at: name for name, page in PAGES.items() for at in (page.address, *page.also)},
        "below": {f"{page.address}/": name for name, page in PAGES.items() if page.below},
    }  # fmt: skip


def worker(wanted: bool) -> str:
    """The service worker as a browser gets it; unwanted, it is one that takes itself away."""
    if not wanted:
        return assets.script("farewell")
    return f"const SHELL = {json.dumps(shell())};\n{assets.script(*assets.WORKER)}"
