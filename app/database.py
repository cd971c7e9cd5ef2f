"""The engine, its pragmas, and a session that writes or only reads. The guard on records is `guard.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any
from uuid import UUID

import sqlcipher3.dbapi2 as sqlcipher
import uuid_utils.compat
from sqlalchemy import Connection, DateTime, Engine, Table, TypeDecorator, create_engine, event
from sqlalchemy.dialects import postgresql as postgres
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import QueuePool
from sqlmodel import Session, SQLModel

from app.guard import stamp
from app.owned import InProgram
from app.settings import Settings

# Why each: docs/decisions/0003-sqlite.md. secure_delete and foreign_keys are off in the wheel.
PRAGMAS = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;
"""
ALONE = "PRAGMA locking_mode = EXCLUSIVE;"
# Seconds that a request waits for the database in all, before it is told that it is busy (F09: ten at most).
PATIENCE = 9.0
# A connection that is made anew for a request knows no statement yet: with 24 readers at once it cost a fifth of the
# processor's time of a page on PostgreSQL, a tenth on SQLite. So they stay, and the one used last is used next.
POOL: dict[str, Any] = {"pool_size": 48, "max_overflow": 0, "pool_use_lifo": True, "pool_timeout": PATIENCE}
_until: ContextVar[float] = ContextVar("until")


class Busy(TimeoutError):
    """The database had no turn for us in time, or is away. Whoever asks again in a moment may be lucky."""


class Full(Busy):
    """There is no room left to write in. Nothing of this was kept; what was kept before is safe, and can be read."""


# What SQLite says of a disk that is full, of one that has no room for who waits for whom (-shm), and of a quota;
# and PostgreSQL's "disk_full".
NO_ROOM = {sqlcipher.SQLITE_FULL, sqlcipher.SQLITE_IOERR | 19 << 8, sqlcipher.SQLITE_IOERR | 3 << 8}
DISK_FULL = "53100"


@contextmanager
def hurried(seconds: float | None = None) -> Iterator[None]:
    """Inside, whatever is asked of the database waits so many seconds in all."""
    before = _until.set(monotonic() + (PATIENCE if seconds is None else seconds))
    try:
        yield
    finally:
        _until.reset(before)


def patience() -> float:
    """The seconds that are left to wait. Where nobody hurries each transaction has all of them."""
    now = monotonic()
    return max(_until.get(now + PATIENCE) - now, 0)


def new_id() -> UUID:
    """A UUIDv7: sorted by the time it was made."""
    return uuid_utils.compat.uuid7()


class Moment(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. A naive time is refused: it has lost something."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One engine and the sessions on it. `file_key` is the 32-byte key of the SQLite file.

    `alone`: whoever else has the SQLite file open, or wants to, finds it locked; so do we if somebody has.
    """

    def __init__(self, settings: Settings, file_key: bytes, alone: bool = False) -> None:
        self.engine = postgresql(settings) if settings.database_url else _sqlite(settings, file_key, alone)
        self.writing = self.engine.execution_options(writes=True)
        self.pen = None if settings.database_url else Lock()

    @contextmanager
    def session(self, writes: bool = True) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back when the block raises.

        Raises Busy, or Full. That nothing was kept is then certain but for a connection lost during the commit itself.
        """
        bind = self.writing if writes else self.engine
        try:
            with self._turn(writes), Session(bind, expire_on_commit=False) as session:
                if not writes:
                    session.info["known"] = {}
                yield session
                session.commit()
        except (DBAPIError, NoConnection) as wrong:
            if not passes(wrong):
                raise
            raise (Full if full(wrong) else Busy)("the database is busy, full or away") from wrong

    @contextmanager
    def _turn(self, writes: bool) -> Iterator[None]:
        """In SQLite one writes at a time. Its own waiting is a lottery: of thirty-two some lost it for five seconds."""
        if self.pen is None or not writes:
            yield
            return
        if not self.pen.acquire(timeout=patience()):
            raise Busy("somebody else has been writing all the time")
        try:
            yield
        finally:
            self.pen.release()


def full(wrong: Exception) -> bool:
    """Whether it is for want of room."""
    said = getattr(wrong, "orig", None)
    return getattr(said, "sqlstate", "") == DISK_FULL or getattr(said, "sqlite_errorcode", 0) in NO_ROOM


def passes(wrong: Exception) -> bool:
    """Whether it is nobody's mistake and passes by itself: locked, full, away, restarting, out of connections."""
    if not isinstance(wrong, DBAPIError):
        return isinstance(wrong, NoConnection | Busy)
    if isinstance(wrong.orig, sqlcipher.Error):
        # The last byte is the kind: a table that is not there is "operational" to SQLite as well.
        return full(wrong) or getattr(wrong.orig, "sqlite_errorcode", 0) & 0xFF == int(sqlcipher.SQLITE_BUSY)
    return isinstance(wrong, OperationalError) or wrong.connection_invalidated


def _sqlite(settings: Settings, file_key: bytes, alone: bool) -> Engine:
    def connect() -> Any:
        connection = sqlcipher.connect(
            str(settings.database_file), check_same_thread=False, isolation_level=None, timeout=0 if alone else 5,
            # With the usual 128 many were prepared again each time: a third of what carrying one out takes.
            cached_statements=512,
        )  # fmt: skip
        # Otherwise it tells stderr of a wrong key itself, in its own words and before we can in ours.
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{file_key.hex()}'\"")
        connection.executescript(ALONE + PRAGMAS if alone else PRAGMAS)
        return connection

    engine = create_engine(
        "sqlite+pysqlite://", creator=connect, module=sqlcipher, hide_parameters=True,
        **POOL, poolclass=QueuePool,
    )  # fmt: skip
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience() * 1000:.0f}")
    # A transaction that reads first and writes later loses other people's writes silently (697 of 800 measured).
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def postgresql(settings: Settings) -> Engine:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(
        url, hide_parameters=True, pool_pre_ping=True, **POOL,
        connect_args={"connect_timeout": 4},
    )  # fmt: skip
    event.listen(engine, "begin", _hurry_locks)
    return engine


def _hurry_locks(connection: Connection) -> None:
    # Without a limit PostgreSQL waits for a lock for ever; none at all is what 0 would mean.
    left = f"{patience() * 1000 + 1:.0f}"
    connection.exec_driver_sql(f"set local lock_timeout = {left}")
    # A request that is being waited for is not kept by a statement that works on and on either.
    if _until.get(None) is not None:
        connection.exec_driver_sql(f"set local statement_timeout = {left}")


def keep(session: Session, row: SQLModel) -> bool:
    """Insert a row, unless its id (the page made it) or another key of it is already kept, by anybody: then False.

    The caller reads it back through the guard: what comes back is theirs, nothing means it is not.
    """
    if isinstance(row, InProgram):
        stamp(session, row)
    table = SQLModel.metadata.tables[type(row).__tablename__]  # type: ignore[index]
    values = {column.name: getattr(row, column.name) for column in table.columns}
    session.flush()
    connection = session.connection()
    return connection.execute(_insert(table, connection.dialect.name), values).first() is not None


@cache
def _insert(table: Table, dialect: str) -> Any:
    insert = postgres.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key)
