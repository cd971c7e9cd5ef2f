"""The database as it is at one moment, in a file, while others go on writing; and such a file read, and brought back.

SQLite: `VACUUM INTO`, and the copy is encrypted as the database is. PostgreSQL: `pg_dump` by a role that walls do not
hold (FOOTBRIDGE_BACKUP_URL), as the server's own role sees one program at a time. The only place that runs a program.
"""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryFile
from typing import Any

from sqlalchemy import Connection, LargeBinary, func, select
from sqlmodel import SQLModel

from app.access import House
from app.database import Database, postgresql
from app.lib.vault import Master
from app.migrate import Trouble
from app.settings import Settings

Row = dict[str, Any]
COPY = re.compile(rb'COPY public\."?(\w+)"? \((.*)\) FROM stdin;\n')
NOTHING = rb"\N"
NO_ROLE = (
    "PostgreSQL is backed up by a role of its own: create role footbridge_backup login bypassrls in role "
    "pg_read_all_data; then set FOOTBRIDGE_BACKUP_URL to its address."
)


@contextmanager
def moment(house: House, half: Path) -> Iterator[Connection]:
    """The database as it is now, for a connection that sees all of it; it is in `half/words` at the end."""
    if house.settings.database_url:
        with _dumping(house.settings, half / "words") as connection:
            yield connection
        return
    copy = half / "footbridge.db"
    with closing(house.database.engine.raw_connection()) as live:
        live.driver_connection.execute("VACUUM INTO ?", (str(copy),))  # type: ignore[union-attr]
    database = at(house, half)
    with database.engine.connect() as connection:
        yield connection
    database.engine.dispose()


def at(house: House, folder: Path) -> Database:
    """The SQLite file in another folder."""
    there = house.settings.model_copy(update={"database_url": None, "data": folder})
    return Database(there, house.master.derive("database file"))


def nowhere(settings: Settings, master: Master) -> Database:
    """The database of the settings, of which there may be nothing yet."""
    return Database(settings, master.derive("database file"))


def finish(house: House, half: Path) -> None:
    """Take the persons' keys out of the copy, for good; pg_dump has left them out."""
    if house.settings.database_url:
        return
    database = at(house, half)
    with closing(database.engine.raw_connection()) as raw:
        for said in ("DELETE FROM person_key", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            raw.driver_connection.execute(said)  # type: ignore[union-attr]
    database.engine.dispose()
    (half / "footbridge.db").rename(half / "words")


# --- PostgreSQL


@contextmanager
def _dumping(settings: Settings, into: Path) -> Iterator[Connection]:
    """What the connection counts is what the dump holds: both see the same snapshot."""
    if settings.backup_url is None:
        raise Trouble(NO_ROLE)
    engine = postgresql(settings.model_copy(update={"database_url": settings.backup_url}))
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(select(func.pg_export_snapshot()))
        yield connection
        _tool(
            "pg_dump", f"--snapshot={snapshot}", "--format=custom", "--no-owner", "--no-privileges", "--schema=public",
            "--exclude-table-data=person_key", f"--file={into}", url=settings.backup_url.get_secret_value(),
        )  # fmt: skip
    engine.dispose()


def _tool(name: str, *arguments: str, url: str) -> None:
    """Run a program on a database. The password goes by the environment: others may read a command line."""
    # Imported when it is needed: on SQLite it never is.
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    said: dict[str, Any] = dict(conninfo_to_dict(url))
    password = {"PGPASSWORD": str(said.pop("password"))} if said.get("password") else {}
    with _started(name, *arguments, f"--dbname={make_conninfo(**said)}", env=os.environ | password) as running:
        running.communicate()


@contextmanager
def _started(name: str, *arguments: str, env: Any = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Raises Trouble when it is not there or does not end well."""
    path = which(name)
    if path is None:
        raise Trouble(f"{name} is not here: please install PostgreSQL's programs for the server's version.")
    with TemporaryFile() as said:
        command = [path, *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=env) as running:  # noqa: S603
            yield running
        said.seek(0)
        # Its first line says what is wrong, and not what was in a row.
        why = said.readline().decode(errors="replace").strip()
    if running.returncode:
        raise Trouble(f"{name} did not end well: {why or 'it said nothing'}")


# --- read again


def rows(house: House, engine: str, content: Path) -> Iterator[tuple[str, Row]]:
    """Every row of a copy, as (table, column → value): ids as text, sealed words as bytes."""
    return _dumped(content) if engine == "postgresql" else _kept(at(house, content.parent))


def _kept(database: Database) -> Iterator[tuple[str, Row]]:
    with database.engine.connect() as connection:
        for each in SQLModel.metadata.sorted_tables:
            for row in connection.execute(select(each), execution_options={"yield_per": 1000}):
                yield each.name, dict(row._mapping)
    database.engine.dispose()


def _dumped(content: Path) -> Iterator[tuple[str, Row]]:
    with _started("pg_restore", "--section=data", "--file=-", str(content)) as running:
        for copy, lines in _copies(running.stdout):
            table, columns, read = copy.table, copy.columns, copy.reads()
            for line in lines:
                values = line[:-1].split(b"\t")
                yield table, {one: read[one](value) for one, value in zip(columns, values, strict=True)}


@dataclass
class Copy:
    """One table's rows in what pg_restore says."""

    said: str
    table: str
    columns: list[str]

    def reads(self) -> dict[str, Callable[[bytes], Any]]:
        of = SQLModel.metadata.sorted_tables
        sealed = {one.name for each in of if each.name == self.table for one in each.c if _is_sealed(one)}
        return {one: _bytes if one in sealed else _words for one in self.columns}


def _is_sealed(column: Any) -> bool:
    return isinstance(column.type, LargeBinary)


def _words(value: bytes) -> str | None:
    return None if value == NOTHING else value.decode()


def _bytes(value: bytes) -> bytes | None:
    return None if value == NOTHING else bytes.fromhex(value.removeprefix(rb"\\x").decode())


def _copies(said: Any) -> Iterator[tuple[Copy, Iterator[bytes]]]:
    for line in said:
        if found := COPY.fullmatch(line):
            columns = [one.strip('" ') for one in found[2].decode().split(",")]
            yield Copy(line.decode().rstrip(";\n"), found[1].decode(), columns), iter(said.__next__, rb"\." + b"\n")


# --- brought back


def bring(connection: Connection, content: Path, meanwhile: Callable[[], None]) -> None:
    """All of a dump into an empty database, in its connection's transaction. `meanwhile`: before the walls stand."""
    raw: Any = connection.connection.driver_connection
    raw.execute(_script(content, "pre-data"))
    with _started("pg_restore", "--section=data", "--file=-", str(content)) as running:
        for copy, lines in _copies(running.stdout):
            with raw.cursor().copy(copy.said) as into:
                for line in lines:
                    into.write(line)
    # pg_dump says every name whole, and takes the way to them away.
    raw.execute("set local search_path = public")
    meanwhile()
    raw.execute(_script(content, "post-data"))
    raw.execute("set local search_path = public; set local row_security = on")


def _script(content: Path, section: str) -> bytes:
    with _started("pg_restore", f"--section={section}", "--no-owner", "--file=-", str(content)) as running:
        said, _ = running.communicate()
    # What is for psql alone, and what the role may not: the schema is there.
    return b"".join(line for line in said.splitlines(True) if not line.startswith((b"\\", b"CREATE SCHEMA public")))
