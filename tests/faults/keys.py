"""F19: the master key is missing, wrong, cut off, readable by others, or another database's.

Footbridge does not start, says one sentence, and writes nothing: not a byte is different, in the folders and in the
tables.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from app import demo, main, migrate
from app.access import House, utc_now
from app.lib.vault import Master
from app.settings import Settings
from bench import running
from bench.figures import Figure
from tests.conftest import DATABASES, fresh_postgres
from tests.faults.upgrade import as_admin, likeness

STARTS = ("serve", "run", "worker")
ONE_SENTENCE = re.compile(r"footbridge: [^\n]+\n")
PATIENCE = 40  # s, after which it is taken to have started
Harm = Callable[[Path, Random], object]


def _another(key: Path, _chance: Random) -> None:
    key.unlink()
    Master.create(key)


def _cut(key: Path, chance: Random) -> None:
    whole = key.read_bytes().rstrip()
    key.write_bytes(whole[: chance.randrange(len(whole))])


def _changed(key: Path, chance: Random) -> None:
    """One letter of it."""
    whole = bytearray(key.read_bytes())
    place = chance.choice([at for at, letter in enumerate(whole) if chr(letter).isalnum()])
    whole[place] = ord("2") if whole[place] != ord("2") else ord("3")
    key.write_bytes(whole)


HARMS: dict[str, Harm] = {
    "missing": lambda key, _: key.unlink(),
    "another": _another,
    "cut": _cut,
    "changed": _changed,
    "open": lambda key, _: key.chmod(0o644),
}


def run(seed: int, rounds: int) -> Iterator[Figure]:
    """`rounds`: how often each is done, on each database."""
    for name in DATABASES:
        chance, found = Random(seed), Counter[str]()
        with _place(name) as place:
            for harm in [*HARMS.values()] * rounds:
                harm(place.key, chance)
                for command in STARTS:
                    _tried(command, place, found)
                place.mend()
        yield Figure(f"F19_starts_{name}", found["starts"], "", found["starts"])
        for what in ("served", "silent", "changed"):
            yield Figure(f"F19_{what}_{name}", found[what], "", found["starts"])


@dataclass
class Place:
    """Where Footbridge has been running. `server` is the PostgreSQL that it is on, if it is."""

    house: House
    server: str = ""
    whole: bytes = b""

    def __post_init__(self) -> None:
        self.whole = self.key.read_bytes()

    @property
    def key(self) -> Path:
        return self.house.settings.key_file

    @property
    def environment(self) -> dict[str, str]:
        mine = self.house.settings
        where = {"database_url": mine.database_url.get_secret_value()} if mine.database_url else {}
        return running.environment(data=mine.data, port=running.free_port(), **where)

    def mend(self) -> None:
        self.key.unlink(missing_ok=True)
        self.key.touch(0o600)
        self.key.write_bytes(self.whole)

    def looks(self) -> tuple[object, ...]:
        """All that Footbridge could have written."""
        mine, tables = self.house.settings, ""
        if mine.database_url:
            with as_admin(self.server, mine.database_url.get_secret_value()) as connection:
                tables = likeness(connection)
            connection.engine.dispose()
        return tables, _files(mine.data), _files(mine.keys)


@contextmanager
def _place(name: str) -> Iterator[Place]:
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-keys-")))
        server = kept.enter_context(running.postgres()) if name == "postgresql" else ""
        (folder / "data").mkdir(mode=0o700)
        settings = Settings(data=folder / "data", database_url=fresh_postgres(server) if server else None)
        Master.create(settings.key_file)
        house = main.build(settings)
        migrate.upgrade(house.database)
        demo.make_cast(house, utc_now())
        house.database.engine.dispose()
        yield Place(house, server)


def _tried(command: str, place: Place, found: Counter[str]) -> None:
    before = place.looks()
    try:
        ended = subprocess.run(
            (sys.executable, "-m", "app", command), env=place.environment, cwd=running.ROOT,
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        found["served"] += ended.returncode != 1
        found["silent"] += not ONE_SENTENCE.fullmatch(ended.stderr) or bool(ended.stdout)
    except subprocess.TimeoutExpired:
        found["served"] += 1
    found["starts"] += 1
    found["changed"] += before != place.looks()


def _files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All that is in it, but for what SQLite makes to look: an index of the log, and a log with nothing in it."""
    found = {path: path.stat() for path in folder.rglob("*") if not path.name.endswith("-shm")}
    files = {str(path): (stat.st_mode, path.read_bytes() if path.is_file() else b"") for path, stat in found.items()}
    return {name: file for name, file in files.items() if file[1] or not name.endswith("-wal")}
