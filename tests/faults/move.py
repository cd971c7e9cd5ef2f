"""`footbridge move` killed outright at any moment, again and again: PostgreSQL holds everything or nothing.

The demo month moves; in between nobody may find a half of it, and the file stays as it was. In the end every page of
Ana and of Cora is the same from both databases. Then 100,000 rows move once, for how long that takes.
"""

import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from app import demo, main, migrate, move
from app.access import House, opened
from app.database import new_id
from app.guard import Reader, open_to
from app.lib.vault import Master
from app.models import accounts
from app.models.accounts import Passphrase
from app.models.entry import Entry
from app.settings import Settings
from bench import running
from bench.figures import Figure
from tests.conftest import admin, fresh_postgres, name_of
from tests.test_move import pages

ROWS = 100_000
NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)


def run(seed: int, many: int) -> Iterator[Figure]:
    """`many`: how often it is killed."""
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-move-")))
        server = kept.enter_context(running.postgres())
        cookies, file = _lived(folder), _settings(folder)
        before, found = file.database_file.read_bytes(), {"nothing": 0, "whole": 0, "between": 0}
        longest, chance = _took(folder, fresh_postgres(server)), Random(seed)
        for _ in range(many):
            url = fresh_postgres(server)
            _killed(folder, url, chance.uniform(0, longest))
            found[_holds(folder, url)] += 1
            admin(server, f"drop database {name_of(url)} with (force)")
        for what, times in found.items():
            yield Figure(f"move_{what}", times, "times", many)
        yield Figure("move_file_changed", file.database_file.read_bytes() != before, "", many)
        yield from _same(folder, fresh_postgres(server), cookies)
        yield Figure("move_seconds_100000", _long(folder, fresh_postgres(server)), "s", ROWS)


def _settings(folder: Path, url: str | None = None) -> Settings:
    return Settings(data=folder / "data", database_url=url, public_url="https://testserver")


def _house(folder: Path, url: str | None = None) -> House:
    return main.build(_settings(folder, url), lambda: NOW)


def _left(house: House) -> None:
    house.database.engine.dispose()
    # A connection that nothing names any more has the file open until it is collected.
    del house
    gc.collect()


def _lived(folder: Path) -> list[str]:
    """The demo month in a file; answers the cookies of Ana and Cora."""
    (folder / "data").mkdir(mode=0o700)
    Master.create(_settings(folder).key_file)
    house, cookies = _house(folder), []
    migrate.upgrade(house.database)
    cast = demo.make_cast(house, NOW)
    demo.make_month(house, cast, NOW)
    for person, staff in ((cast.ana, False), (cast.cora, True)):
        with opened(house, cast.harbor, "keeper", cast.harbor) as record:
            who = record.session.get_one(Passphrase, (cast.harbor, person))
            cookies.append(accounts.begin(record.session, who, staff, "Chrome", record.now))
    _left(house)
    return cookies


# --- killed


def _begun(folder: Path, url: str) -> "subprocess.Popen[bytes]":
    chosen = running.environment(data=folder / "data", database_url=url)
    command = (sys.executable, "-m", "app", "move")
    return subprocess.Popen(command, cwd=running.ROOT, env=chosen, stdout=subprocess.DEVNULL)


def _took(folder: Path, url: str) -> float:
    """How long it takes when nobody kills it, in seconds; a bit more, so that some get through."""
    began = time.monotonic()
    assert _begun(folder, url).wait(120) == 0
    return (time.monotonic() - began) * 1.1


def _killed(folder: Path, url: str, after: float) -> None:
    process = _begun(folder, url)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait(20)


def _holds(folder: Path, url: str) -> str:
    """What PostgreSQL holds when the server has noticed that nobody is there any more."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    others = text(
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    )
    # In one transaction whoever was seen once is seen until its end.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.scalar(others):
            time.sleep(0.05)
    tables = inspect(engine).get_table_names()
    engine.dispose()
    if not tables:
        return "nothing"
    return "whole" if _counts(folder, None) == _counts(folder, url) else "between"


def _counts(folder: Path, url: str | None) -> dict[str, int]:
    house, found = _house(folder, url), dict.fromkeys((one.name for one in SQLModel.metadata.sorted_tables), 0)
    with house.database.session(writes=False) as session:
        for program in sorted(move.program_ids(session)):
            open_to(session, Reader(program, program, "keeper", NOW, NOW.date()))
            for table in SQLModel.metadata.sorted_tables:
                within = [table.c.program_id == program] if "program_id" in table.c else []
                found[table.name] += len(session.connection().execute(table.select().where(*within)).all())
    _left(house)
    return found


# --- moved


def _same(folder: Path, url: str, cookies: list[str]) -> Iterator[Figure]:
    assert _begun(folder, url).wait(120) == 0
    here, there = _house(folder), _house(folder, url)
    both = [(pages(here, cookie), pages(there, cookie)) for cookie in cookies]
    looked = sum(len(one) for one, _ in both)
    differ = sum(one[path] != other.get(path) for one, other in both for path in one)
    yield Figure("move_pages", looked, "pages", looked)
    yield Figure("move_pages_different", differ, "pages", looked)
    _left(here)
    _left(there)


def _long(folder: Path, url: str) -> float:
    """How many seconds so many entries take, checked."""
    house = _house(folder)
    with house.database.session() as session:
        program = min(move.program_ids(session))
        row = {
            "program_id": program, "participant_id": new_id(), "kind": "journal", "happened_at": NOW, "kept_at": NOW,
            "local_day": date(2026, 11, 18), "offset_minutes": 0, "words": b"sealed" * 30, "visibility": "shared",
            "wants_answer": False, "version": 1, "clock_off": 0,
        }  # fmt: skip
        table = SQLModel.metadata.tables[Entry.__tablename__]  # type: ignore[index]
        session.connection().execute(table.insert(), [row | {"id": new_id()} for _ in range(ROWS)])
    _left(house)
    began = time.monotonic()
    assert _begun(folder, url).wait(600) == 0
    return round(time.monotonic() - began, 1)


if __name__ == "__main__":
    for each in run(int(os.environ.get("SEED") or 7), int(os.environ.get("N") or 20)):
        print(each, flush=True)
