"""The engine, its pragmas, and a session that writes or only reads. The guard on records is `guard.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from uuid import UUID

import sqlcipher3.dbapi2 as sqlcipher
import uuid_utils.compat
from sqlalchemy import Connection, DateTime, Engine, TypeDecorator, create_engine, event
from sqlalchemy.dialects import postgresql as postgres
from sqlalchemy.dialects import sqlite
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
# Seconds that a writer waits for its turn: many, as turns come in order, and late is better than not kept.
PATIENCE = 30


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
    """One engine and the sessions on it. `file_key` is the 32-byte key of the SQLite file."""

    def __init__(self, settings: Settings, file_key: bytes) -> None:
        self.engine = postgresql(settings) if settings.database_url else _sqlite(settings, file_key)
        self.writing = self.engine.execution_options(writes=True)
        self.pen = None if settings.database_url else Lock()

    @contextmanager
    def session(self, writes: bool = True) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back when the block raises."""
        bind = self.writing if writes else self.engine
        with self._turn(writes), Session(bind, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def _turn(self, writes: bool) -> Iterator[None]:
        """In SQLite one writes at a time. Its own waiting is a lottery: of thirty-two some lost it for five seconds."""
        if self.pen is None or not writes:
            yield
            return
        if not self.pen.acquire(timeout=PATIENCE):
            raise TimeoutError("somebody else has been writing all the time")
        try:
            yield
        finally:
            self.pen.release()


def _sqlite(settings: Settings, file_key: bytes) -> Engine:
    def connect() -> Any:
        connection = sqlcipher.connect(
            str(settings.database_file), check_same_thread=False, isolation_level=None, timeout=5
        )
        # Otherwise it tells stderr of a wrong key itself, in its own words and before we can in ours.
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{file_key.hex()}'\"")
        connection.executescript(PRAGMAS)
        return connection

    engine = create_engine(
        "sqlite+pysqlite://", creator=connect, module=sqlcipher, hide_parameters=True,
        pool_size=8, max_overflow=40, poolclass=QueuePool,
    )  # fmt: skip
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later loses other people's writes silently (697 of 800 measured).
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def postgresql(settings: Settings) -> Engine:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=8, max_overflow=40)


def keep(session: Session, row: InProgram) -> bool:
    """Insert a row whose id the page made; False when that id is already kept, by anybody.

    The caller reads it back through the guard: what comes back is theirs, nothing means it is not.
    """
    stamp(session, row)
    insert: Any = postgres.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    table = SQLModel.metadata.tables[type(row).__tablename__]  # type: ignore[index]
    values = {column.name: getattr(row, column.name) for column in table.columns}
    session.flush()
    done = session.connection().execute(insert(table).values(values).on_conflict_do_nothing().returning(table.c.id))
    return done.first() is not None
