"""The house that tests live in, on each database; the cast in it; and a browser for each of them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from anyio.from_thread import start_blocking_portal
from sqlalchemy import create_engine, text
from starlette.testclient import TestClient

from app import demo, main, migrate
from app.access import House, opened
from app.database import new_id
from app.lib.vault import Master
from app.models import accounts, people
from app.models.accounts import Passphrase
from app.record import Record
from app.settings import Settings
from bench import running

MEADOW = ("eli", "fay")  # all others are of the other program
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
    with running.postgres() as url:
        yield url


def admin(url: str, *statements: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


# One role owns them all, so that a database can be copied; it is no superuser: for one the walls do not hold.
ROLE = """do $$ begin create role footbridge_tests login password 'tests' nosuperuser nobypassrls;
exception when duplicate_object or unique_violation then null; end $$"""


def fresh_postgres(url: str, template: str = "template1") -> str:
    """A new database: an empty one, or a copy of one."""
    name = f"footbridge_{uuid4().hex[:12]}"
    admin(url, ROLE, f"create database {name} owner footbridge_tests template {template}")
    base, _, query = url.partition("?")
    host = base.split("@")[-1].split("/")[0]
    return f"postgresql://footbridge_tests:tests@{host}/{name}" + (f"?{query}" if query else "")


def name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


Lived = Literal["empty", "cast", "month"]


@dataclass
class Stock:
    """Databases that are made once and copied for each test: with the tables, with the cast, or with their month."""

    folder: Path
    made: dict[tuple[str, Lived], tuple[Settings, demo.Cast | None]] = field(default_factory=dict)

    @property
    def key(self) -> Path:
        return self.folder / "keys" / "master.key"

    def one(self, url: str | None, lived: Lived) -> tuple[Settings, demo.Cast | None]:
        if (which := (url or "", lived)) not in self.made:
            self.made[which] = self._make(fresh_postgres(url) if url else None, lived)
        return self.made[which]

    def _make(self, url: str | None, lived: Lived) -> tuple[Settings, demo.Cast | None]:
        if not self.key.exists():
            Master.create(self.key)
        data = self.folder / str(uuid4())
        data.mkdir(mode=0o700)
        settings = Settings(data=data, keys=self.key.parent, database_url=url, public_url="https://testserver")
        house = main.build(settings, Clock())
        migrate.upgrade(house.database)
        cast = demo.make_cast(house, NOON) if lived != "empty" else None
        if cast and lived == "month":
            demo.make_month(house, cast, NOON)
        house.database.engine.dispose()
        return settings, cast


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return Stock(tmp_path_factory.mktemp("stock"))


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def lived(request: pytest.FixtureRequest, clock: "Clock") -> Lived:
    """What a test finds: everything as it was by noon, or what it makes itself at another time."""
    if clock.now != NOON:
        return "empty"
    return "month" if "month" in request.fixturenames else "cast" if "cast" in request.fixturenames else "empty"


@pytest.fixture
def settings(
    database: str, tmp_path: Path, stock: Stock, lived: Lived, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """Settings of an empty database, or, for a test in which somebody lives, of one that is ready."""
    data, lived_in = tmp_path / "data", "house" in request.fixturenames
    data.mkdir(mode=0o700)
    if database == "sqlite":
        if lived_in:
            copyfile(stock.one(None, lived)[0].database_file, data / "footbridge.db")
        yield Settings(data=data, public_url="https://testserver")
        return
    server = request.getfixturevalue("postgres")
    url = fresh_postgres(server, name_of(_address(stock.one(server, lived)[0])) if lived_in else "template1")
    yield Settings(data=data, database_url=url, public_url="https://testserver")
    admin(server, f"drop database {name_of(url)} with (force)")


def _address(settings: Settings) -> str:
    assert settings.database_url
    return settings.database_url.get_secret_value()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(settings: Settings, clock: Clock, stock: Stock) -> Iterator[House]:
    settings.keys.mkdir(mode=0o700)
    copyfile(stock.key, settings.key_file)
    settings.key_file.chmod(0o600)
    house = main.build(settings, clock)
    yield house
    house.database.engine.dispose()


@pytest.fixture
def cast(house: House, stock: Stock, lived: Lived, database: str, request: pytest.FixtureRequest) -> demo.Cast:
    server = request.getfixturevalue("postgres") if database == "postgresql" else None
    made = stock.one(server, lived)[1]
    return made or demo.make_cast(house, house.clock())


@pytest.fixture(scope="session", autouse=True)
def one_loop() -> Iterator[None]:
    """All browsers of a run share one event loop, as all of a server's do. One for each request costs a third more."""
    with start_blocking_portal() as portal:
        TestClient.portal = portal
        yield
        TestClient.portal = None


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
def signed_in(browser: Callable[[], Browser], house: House, cast: demo.Cast) -> Callable[[str], Browser]:
    """A browser in which somebody is signed in.

    Of the cast without the form, which has tests of its own: what takes a guesser time would take each test as long.
    """

    def sign_in(name: str) -> Browser:
        made, person = browser(), getattr(cast, name, None)
        if person is None:
            form = {"name": demo.ADDRESS.format(name), "passphrase": demo.PASSPHRASE}
            assert made.post("/sign-in", form).status_code == 303
            return made
        with opened(house, cast.meadow if name in MEADOW else cast.harbor, "keeper", person) as record:
            who = record.session.get_one(Passphrase, (record.program.id, person))
            staff = bool(people.roles_of(record.session, person, record.today) & people.STAFF)
            secret = accounts.begin(record.session, who, staff, "Chrome on Linux", record.now)
        made.cookies.set(house.settings.cookie, secret, domain="testserver.local", path="/")
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

    def managed(self, manager: str) -> AbstractContextManager[Record]:
        return opened(self.house, self._program(manager), "manager", getattr(self.cast, manager))

    def _program(self, name: str) -> UUID:
        return self.cast.meadow if name in MEADOW else self.cast.harbor


@pytest.fixture
def stage(house: House, cast: demo.Cast) -> Stage:
    return Stage(house, cast)


@pytest.fixture
def page_id() -> Callable[[], str]:
    """An id as a page makes it."""
    return lambda: str(new_id())


@pytest.fixture
def month(stage: Stage, lived: Lived) -> Stage:
    """The cast with the month of the demo data behind them."""
    if lived != "month":
        demo.make_month(stage.house, stage.cast, stage.house.clock())
    return stage
