"""F12: `footbridge migrate` is killed outright at any moment: the database is the old or the new one, never between.

The old one is as the first version made it, with people's rows in it. After each death the next run goes through.
"""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, create_engine, text

from app import cli, main, migrate
from app.lib.vault import Master
from app.settings import Settings
from bench import running
from bench.figures import Figure
from tests.conftest import DATABASES, admin, fresh_postgres, name_of
from tests.test_migrate import BEFORE

ENTRIES = 300
SCHEMA = {
    "sqlite": ["select type, name, tbl_name, sql from sqlite_master order by 1, 2"],
    "postgresql": [
        """select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
        where table_schema = 'public' order by 1, 2""",
        """select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace order by 1, 2""",
        "select indexdef from pg_indexes where schemaname = 'public' order by 1",
        "select tablename, policyname, cmd, qual, with_check from pg_policies order by 1, 2",
        "select relname, relrowsecurity, relforcerowsecurity from pg_class where relkind = 'r' order by 1",
        "select tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal order by 1, 2",
    ],
}
TABLES = {
    "sqlite": "select name from sqlite_master where type = 'table' order by 1",
    "postgresql": "select tablename from pg_tables where schemaname = 'public' order by 1",
}


def run(seed: int, kills: int) -> Iterator[Figure]:
    """`kills`: on each database."""
    for name in DATABASES:
        with ExitStack() as kept:
            folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-upgrade-")))
            server = kept.enter_context(running.postgres()) if name == "postgresql" else ""
            house = Old(folder, server)
            yield from _figures(house, name, Random(seed), kills, kept.enter_context(Starter(house.settings)))


class Old:
    """A database as the first version left it, that can be had again and again."""

    def __init__(self, folder: Path, server: str) -> None:
        (folder / "data").mkdir(mode=0o700)
        self.server, self.url = server, fresh_postgres(server) if server else ""
        self.settings = Settings(data=folder / "data", database_url=self.url or None)
        Master.create(self.settings.key_file)
        self._made()
        if server:
            _left(server, name_of(self.url))
            self.stock = name_of(fresh_postgres(server, name_of(self.url)))
        else:
            self.stock = self.settings.database_file.read_bytes()  # type: ignore[assignment]

    def _made(self) -> None:
        database = main.build(self.settings).database
        with database.writing.begin() as connection:
            migrate.bring(connection, "0001")
        database.engine.dispose()
        with self.looked() as connection:
            _filled(connection)
            connection.commit()
        connection.engine.dispose()

    def looked(self) -> Connection:
        """To see all of it."""
        return as_admin(self.server, self.url) if self.server else main.build(self.settings).database.writing.connect()

    def again(self) -> None:
        if self.server:
            name = name_of(self.url)
            admin(
                self.server, f"drop database {name} with (force)",
                f"create database {name} owner footbridge_tests template {self.stock}",
            )  # fmt: skip
            return
        for path in self.settings.data.glob("footbridge.db*"):
            path.unlink()
        self.settings.database_file.write_bytes(self.stock)  # type: ignore[arg-type]

    def looks(self) -> str:
        with self.looked() as connection:
            found = likeness(connection)
        connection.engine.dispose()
        return found


def as_admin(server: str, url: str) -> Connection:
    """That database, as who is stopped by no wall."""
    base, _, query = server.partition("?")
    own = f"{base.rpartition('/')[0]}/{name_of(url)}" + (f"?{query}" if query else "")
    return create_engine(own.replace("postgresql://", "postgresql+psycopg://", 1)).connect()


def likeness(connection: Connection) -> str:
    """Of tables, columns, rules, walls and rows: what is the same has the same."""
    kind, found = connection.dialect.name, hashlib.sha256()
    if kind == "postgresql":
        _alone(connection)
    for asked in SCHEMA[kind]:
        found.update(repr(connection.execute(text(asked)).all()).encode())
    for (table,) in connection.execute(text(TABLES[kind])).all():
        rows = connection.execute(text(f'select * from "{table}"')).all()  # noqa: S608 - a name of ours
        found.update(repr((table, sorted(map(repr, rows)))).encode())
    return found.hexdigest()


def _filled(connection: Connection) -> None:
    """One program and so many rows of somebody."""
    program, entry_row = BEFORE.split(";")
    one = uuid4().hex
    connection.execute(text(program), {"program": one, "key": b"k"})
    for _ in range(ENTRIES):
        connection.execute(text(entry_row), {"program": one, "id": uuid4().hex})


def _alone(connection: Connection, name: str = "") -> None:
    """Until the server has noticed that who was killed is not there any more."""
    others = text("select count(*) from pg_stat_activity where pid <> pg_backend_pid() and datname = :name")
    while connection.scalar(others, {"name": name or connection.engine.url.database}):
        time.sleep(0.02)
        # Whoever was seen once in a transaction is seen until its end, unless it is told to look again.
        connection.execute(text("select pg_stat_clear_snapshot()"))


def _left(server: str, name: str) -> None:
    """Until nobody is in that database: before that it cannot be copied."""
    with as_admin(server, server) as connection:
        _alone(connection, name)
    connection.engine.dispose()


@dataclass
class Starter:
    """A process that has Footbridge loaded, and starts `footbridge migrate` in a process of its own when told to:
    so that what is killed is the migration, and not the reading of programs."""

    settings: Settings

    def __enter__(self) -> "Starter":
        url = self.settings.database_url
        where = {"database_url": url.get_secret_value()} if url else {}
        chosen = running.environment(data=self.settings.data, **where)
        self.process: Any = subprocess.Popen(
            (sys.executable, "-m", "tests.faults.upgrade"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=running.ROOT, env=chosen,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait(20)

    def migrated(self, after: float | None = None) -> tuple[int, float]:
        """Killed after so many seconds, or not. Answers how it ended, and after how many seconds."""
        began = time.monotonic()
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        if after is not None:
            time.sleep(after)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return int(self.process.stdout.readline()), time.monotonic() - began


def _figures(house: Old, name: str, chance: Random, kills: int, starter: Starter) -> Iterator[Figure]:
    house.again()
    old, found = house.looks(), Counter[str]()
    took, new = starter.migrated()[1], house.looks()
    for _ in range(2):
        house.again()
        took = min(took, starter.migrated()[1])
    for _ in range(kills):
        house.again()
        starter.migrated(chance.uniform(0, took * 1.5))
        found[{old: "old", new: "new"}.get(house.looks(), "between")] += 1
        found["broke"] += starter.migrated()[0] != 0 or house.looks() != new
    yield Figure(f"F12_kills_{name}", kills, "", kills)
    for what in ("old", "new", "between", "broke"):
        yield Figure(f"F12_{what}_{name}", found[what], "", kills)


if __name__ == "__main__":
    for _ in sys.stdin:
        if not (child := os.fork()):
            os._exit(cli.obey(["migrate"]))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
