"""Another engine: in Firefox, three things logged without signal, the browser killed, started again, all of it sent."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from subprocess import PIPE
from typing import Any

from app.demo import ADDRESS, PASSPHRASE
from bench.figures import Figure
from bench.running import ROOT, program
from tests.faults.server import Stand, stand
from tests.faults.writing import Wrote, judge, line_for, words_for

NAMES = ("firefox-esr", "firefox")
SCRIPT = Path(__file__).with_name("firefox.mjs")
NODE = ROOT / ".venv" / "bin" / "node"
PATIENCE = 90  # s, for one deed


def run(seed: int, _entries: int = 3) -> Iterator[Figure]:
    """Without Firefox on this machine it says so, and shows nothing."""
    firefox, chance = next(filter(None, map(shutil.which, NAMES)), None), Random(seed)
    if firefox is None:
        yield Figure("firefox_missing", 1, "browsers", 1)
        return
    words = [line_for(chance, "a line"), words_for(chance, "a page")]
    with stand() as at:
        numbers = journey(at, {"firefox": firefox, "words": words, "name": ADDRESS.format("ana")})
        found = judge(_wrote(words, numbers), at.kept())
    for name in ("submitted", "kept", "lost", "doubled", "misplaced"):
        yield Figure(f"firefox_{name}", getattr(found, name), "entries", 1)


def journey(at: Stand, told: dict[str, Any]) -> list[str]:
    """The numbers under which three things waited when Firefox was killed."""
    _done(at, "arrive", told)
    at.proxy.switch("refuse")
    numbers: list[str] = _done(at, "write", told)
    at.calm()
    _done(at, "send", told)
    return numbers


def _done(at: Stand, deed: str, told: dict[str, Any]) -> Any:
    command = (str(NODE), str(SCRIPT), deed, at.url, str(at.folder / "firefox"))
    with (at.folder / deed).open("w+") as said, program(command, said, stdin=PIPE) as node:
        node.communicate(json.dumps(told | {"passphrase": PASSPHRASE}), PATIENCE)
        said.seek(0)
        lines = said.read().splitlines()
    assert node.returncode == 0, lines
    return json.loads(lines[-1])


def _wrote(words: list[str], numbers: list[str]) -> list[Wrote]:
    mood, line, page = numbers
    return [
        Wrote("ana", "/moods", mood=4, ids={mood}, sure=True),
        Wrote("ana", "/check-ins", words[0], 3, ids={line}, sure=True),
        Wrote("ana", "/journal", words[1], ids={page}, sure=True),
    ]
