"""Bringing a database to this version, and telling a whole one from a half-made one."""

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, column, func, inspect, table
from sqlmodel import Session, select

from app.access import House
from app.database import Busy, Database, hurried, postgresql
from app.models.program import Program
from app.record import Keyring
from app.settings import Settings

SCRIPTS = Path(__file__).parent.parent / "migrations"


class Trouble(Exception):
    """Why Footbridge does not start, as one sentence for the person who runs it."""


def nothing_there(settings: Settings) -> bool:
    """Whether no database was made here yet: no file, or a PostgreSQL database without a table."""
    if settings.database_url is None:
        return not settings.database_file.exists()
    engine = postgresql(settings)
    empty = _no_table(engine)
    engine.dispose()
    return empty


def is_empty(database: Database) -> bool:
    """Whether there is no table at all: never begun, or killed before the first migration was done."""
    return _no_table(database.engine)


def _no_table(engine: Engine) -> bool:
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()


def upgrade(database: Database) -> None:
    """All migrations in one transaction: killed in the middle, nothing has happened."""
    with database.writing.begin() as connection:
        bring(connection)


def bring(connection: Connection, to: str = "head") -> None:
    """All migrations up to a version, on a connection whose transaction somebody else ends."""
    # Imported when something is to be brought: a server starts with a database that is at this version.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def check(house: House) -> None:
    """Refuse a database that is half made, older or newer than this version, or sealed under another key."""
    with house.database.engine.connect() as connection:
        walls_hold(connection)
        found = version(connection)
    wanted = newest()
    if found is None:
        raise Trouble("The database is there but not whole: it holds no version. Restore a backup, or start afresh.")
    if found != wanted:
        raise Trouble(f"The database is at version {found}, this Footbridge at {wanted}. Run: footbridge migrate")
    with house.database.session(writes=False) as session:
        _opens(session, house)


@cache
def newest() -> str:
    """The version that this Footbridge is made for: migrations are numbered, and that is how their files begin."""
    return max(script.name[:4] for script in (SCRIPTS / "versions").glob("[0-9]*.py"))


def ready(house: House) -> None:
    """Raises Busy unless the database answers within two seconds, is at this version, and we are not about to end."""
    with hurried(2), house.database.session(writes=False) as session:
        found = version(session.connection())
    if found != newest() or house.closing.is_set():
        raise Busy("not ready")


def walls_hold(connection: Connection) -> None:
    """Raises Trouble for a superuser: for one there is no row-level security, forced or not, and no third wall."""
    if connection.dialect.name != "postgresql":
        return
    asked: Any = select(column("rolsuper"), column("rolbypassrls")).select_from(table("pg_roles"))
    superuser, bypasses = connection.execute(asked.where(column("rolname") == func.current_user())).one()
    if superuser or bypasses:
        raise Trouble("The database role is a superuser or bypasses row-level security. Use one that does neither.")


def version(connection: Connection) -> str | None:
    """The version that a database is at; None where it holds none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def _opens(session: Session, house: House) -> None:
    for program in session.exec(select(Program).limit(1)):
        Keyring.of(session, house.master, program)
