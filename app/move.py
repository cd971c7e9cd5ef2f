"""`footbridge move`: everything from the SQLite file into an empty PostgreSQL database, and checked row for row there.

It is one transaction, the tables among it: killed in the middle, nothing has happened. For as long as it takes nobody
else has the file open. Rows go through row-level security: a program at a time, opened to its keeper. `move-back` is
the same the other way, into a new file that gets its name when it is whole.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from sqlalchemy import Table, column, func, insert, inspect, select, table
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, SQLModel

from app import migrate
from app.access import House
from app.database import Busy, Database
from app.guard import Reader, open_to
from app.lib.vault import Master
from app.migrate import Trouble
from app.models.program import program_ids
from app.owned import guarded
from app.settings import Settings

BATCH = 1000  # rows that are in memory at a time
LEAVING = 3.0  # seconds in which PostgreSQL notices that somebody has ended
Say = Callable[[str], None]


def forth(settings: Settings, say: Say = print) -> None:
    """Bring everything from the SQLite file into the empty PostgreSQL database of FOOTBRIDGE_DATABASE_URL."""
    file = settings.model_copy(update={"database_url": None})
    _refuse(settings.database_url is None, "FOOTBRIDGE_DATABASE_URL does not name the database to move to.")
    _refuse(not file.database_file.exists(), f"There is no database at {file.database_file}.")
    _bring(file, settings, say)


def back(settings: Settings, say: Say = print) -> None:
    """Bring everything from PostgreSQL back into a new SQLite file."""
    half = settings.model_copy(update={"database_url": None, "data": settings.data / "moving"})
    _refuse(settings.database_url is None, "FOOTBRIDGE_DATABASE_URL does not name the database to move from.")
    _refuse(settings.database_file.exists(), f"There is a database at {settings.database_file} already.")
    rmtree(half.data, ignore_errors=True)
    half.data.mkdir(mode=0o700, parents=True)
    _bring(settings, half, say)
    _name(half.database_file, settings.database_file)


def _refuse(wrong: bool, why: str) -> None:
    if wrong:
        raise Trouble(f"{why} Nothing was moved.")


def _name(whole: Path, wanted: Path) -> None:
    whole.rename(wanted)
    whole.parent.rmdir()
    # A new name in a folder survives a power cut only when the folder itself was written out.
    folder = os.open(wanted.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


# --- one transaction on each side


def _bring(of: Settings, to: Settings, say: Say) -> None:
    """Raises Trouble or Busy, and then nothing was moved."""
    master = Master.read(of.key_file)
    source, target = (Database(one, master.derive("database file"), alone=True) for one in (of, to))
    _leave_us_alone(source)
    _is_whole(House(of, source, master))
    with source.session() as read, target.session() as written:
        _at_once(read)
        _make_tables(written)
        rows = sum(_carry(read, written, each, say) for each in SQLModel.metadata.sorted_tables)
    for database in (source, target):
        database.engine.dispose()
    say(f"{rows} rows of {len(SQLModel.metadata.sorted_tables)} tables are there, each read back and the same.")


def _leave_us_alone(source: Database) -> None:
    """From here on nobody else has the file open. PostgreSQL is asked whether anybody else is there: for a moment it
    may say so of somebody who has just ended."""
    until = monotonic() + LEAVING
    try:
        while (others := _asked(source)) and monotonic() < until:
            sleep(0.1)
    except Busy:
        # PostgreSQL may be away; a file can only be in somebody else's hands.
        if source.engine.dialect.name == "postgresql":
            raise
        others = 1
    _refuse(bool(others), "Somebody else has the database open: please stop the server and the workers first.")


def _asked(source: Database) -> int:
    with source.session() as session:
        return _others(session)


def _others(session: Session) -> int:
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return 0
    here = column("datname") == func.current_database(), column("usename") == func.current_user()
    asked = select(func.count()).select_from(table("pg_stat_activity")).where(*here)
    return connection.scalar(asked.where(column("pid") != func.pg_backend_pid())) or 0


def _at_once(session: Session) -> None:
    """All tables as they are at one moment, also where somebody should come and write after all."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _is_whole(house: House) -> None:
    try:
        migrate.check(house)
    except Trouble as why:
        raise Trouble(f"Nothing was moved; first the database that is moved has to be whole. {why}") from None


def _make_tables(session: Session) -> None:
    connection = session.connection()
    migrate.walls_hold(connection)
    _refuse(bool(inspect(connection).get_table_names()), "The database to move to is not empty.")
    migrate.bring(connection)


# --- table by table


@dataclass
class Tally:
    """How many rows of a table there are, and a digest of all of them in the order of their keys."""

    rows: int = 0
    digest: Any = field(default_factory=sha256)

    def add(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self.rows += 1
            self.digest.update(_canonical(row))


def _canonical(row: Any) -> bytes:
    """A row as Python has it from either database: ids, instants in UTC, bytes, numbers and words."""
    return repr([json.dumps(value, sort_keys=True) if isinstance(value, dict) else value for value in row]).encode()


def _carry(read: Session, written: Session, each: Table, say: Say) -> int:
    """Copy a table, read back what arrived, and compare; how many rows."""
    sent, arrived = Tally(), Tally()
    # Of a guarded table row-level security shows, and takes, the rows of one program at a time.
    programs = sorted(program_ids(read)) if each in guarded() else [None]
    for program in programs:
        _open(written, program)
        for rows in _rows(read, each, program):
            sent.add(rows)
            _put(written, each, rows)
    for program in programs:
        for rows in _rows(written, each, program):
            arrived.add(rows)
    _refuse(sent.digest.digest() != arrived.digest.digest(), f"What arrived in {each.name} is not what was sent.")
    say(f"{each.name}: {sent.rows}")
    return sent.rows


def _open(session: Session, program: UUID | None) -> None:
    now = datetime.now(UTC)
    if program:
        open_to(session, Reader(program, program, "keeper", now, now.date()))


def _rows(session: Session, each: Table, program: UUID | None) -> Iterator[Sequence[Any]]:
    _open(session, program)
    asked = select(each).order_by(*each.primary_key)
    if program:
        asked = asked.where(each.c.program_id == program)
    return session.connection().execute(asked, execution_options={"yield_per": BATCH}).partitions()


def _put(session: Session, each: Table, rows: Sequence[Any]) -> None:
    try:
        session.connection().execute(insert(each), [dict(row._mapping) for row in rows])
    except (DataError, IntegrityError) as why:
        raise Trouble(f"A row of {each.name} does not fit into the other database. Nothing was moved.") from why
