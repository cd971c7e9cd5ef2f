"""From one SQLite file to PostgreSQL and back: all of it, the same, or nothing."""

import gc
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy import select as core_select
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from app import cli, database, demo, main, migrate, move
from app.access import House, opened
from app.demo_words import ANA
from app.lib.vault import Master
from app.models import accounts
from app.models.accounts import Passphrase
from app.settings import Settings
from tests.conftest import NOON, Browser, Clock, Stock, fresh_postgres

ROOT = Path(__file__).parent.parent
Say = list[str]


@dataclass
class Place:
    """Where Footbridge is, and where it is to move: the same folders, with the address of an empty PostgreSQL."""

    here: Settings
    there: Settings
    cast: demo.Cast

    @contextmanager
    def house(self, settings: Settings) -> Iterator[House]:
        found = main.build(settings, Clock())
        yield found
        found.database.engine.dispose()
        del found
        # A connection that nothing names any more has the file open until it is collected.
        gc.collect()


@pytest.fixture
def place(stock: Stock, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made, cast = stock.one(None, "cast")
    assert cast
    data, keys = tmp_path / "data", tmp_path / "data.keys"
    for folder in (data, keys):
        folder.mkdir(mode=0o700)
    copyfile(made.database_file, data / "footbridge.db")
    copyfile(stock.key, keys / "master.key")
    (keys / "master.key").chmod(0o600)
    url = fresh_postgres(postgres)
    monkeypatch.setenv("FOOTBRIDGE_DATA", str(data))
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", url)
    common: dict[str, Any] = {"data": data, "public_url": "https://testserver"}
    return Place(Settings(**common, database_url=None), Settings(**common, database_url=url), cast)


def tables(settings: Settings) -> list[str]:
    engine = database.postgresql(settings)
    found = inspect(engine).get_table_names()
    engine.dispose()
    return found


def everything(house: House, cast: demo.Cast) -> dict[str, list[str]]:
    """Every row of every table, as Python has it, asked for otherwise than `move` asks."""
    found: dict[str, list[str]] = {table.name: [] for table in SQLModel.metadata.sorted_tables}
    for program in (cast.harbor, cast.meadow):
        with opened(house, program, "keeper", program) as record:
            for table in SQLModel.metadata.sorted_tables:
                rows = record.session.connection().execute(core_select(table)).all()
                found[table.name] = sorted({*found[table.name], *map(repr, rows)})
    return found


def lived(place: Place) -> dict[str, str]:
    """Ana's month; and the cookies of Ana and Cora, who stay signed in over the move."""
    with place.house(place.here) as house:
        harbor, cookies = place.cast.harbor, {}
        answers = demo.live(house, harbor, place.cast.ana, ANA, NOON)
        demo.accompany(house, harbor, place.cast.cora, place.cast.ana, answers, NOON)
        for name in ("ana", "cora"):
            with opened(house, harbor, "keeper", harbor) as record:
                who = record.session.get_one(Passphrase, (harbor, getattr(place.cast, name)))
                cookies[name] = accounts.begin(record.session, who, name == "cora", "Chrome", record.now)
    return cookies


FRESH = re.compile(r'(name="(?:id|view)" value=")[^"]*|(id="[a-z-]+)[0-9a-f]{8}-[0-9a-f-]{27}')
MANY = re.compile(r"[0-9a-f-]{36}|[0-9-]+|(?<=/skills/).*|(?<=/readings/).*")
AWAY = ("/sign-out", "/static/", "/calendar")


def pages(house: House, secret: str, most: int = 1000) -> dict[str, str]:
    """Every page to which a link leads, from the first on; of those for one of many things, one. What is made anew
    each time is left out."""
    browser, found, ahead = Browser(main.serve(house), base_url="https://testserver"), dict[str, str](), ["/"]
    shapes: Counter[str] = Counter()
    browser.cookies.set(house.settings.cookie, secret, domain="testserver.local", path="/")
    while ahead and len(found) < most:
        answer = browser.get(path := ahead.pop(0))
        found[path] = FRESH.sub(r"\1\2", answer.text) if "html" in answer.headers["content-type"] else ""
        links = re.findall(r'href="(/[^"#?]*)', answer.text)
        for link in dict.fromkeys(links):
            shape = MANY.sub("*", link)
            if link not in found and link not in ahead and not link.startswith(AWAY) and not shapes[shape]:
                shapes[shape] += 1
                ahead.append(link)
    return found


def test_everything_moves_and_every_page_is_the_same(place: Place) -> None:
    cookies, said = lived(place), Say()
    before = place.here.database_file.read_bytes()
    move.forth(place.there, said.append)
    assert place.here.database_file.read_bytes() == before
    with place.house(place.here) as here, place.house(place.there) as there:
        migrate.check(there)
        rows = everything(here, place.cast)
        assert rows == everything(there, place.cast)
        assert said[-1].startswith(f"{sum(map(len, rows.values()))} rows of {len(rows)} tables")
        assert set(said[:-1]) == {f"{name}: {len(those)}" for name, those in rows.items()}
        for secret in cookies.values():
            both = [pages(house, secret, 25) for house in (here, there)]
            assert len(both[0]) == 25
            assert both[0] == both[1]


# --- all or nothing

DIES = """
import os, signal
from app import cli, move
real, count = getattr(move, {step!r}), {after}
def dies(*said):
    global count
    count -= 1
    if count < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*said)
setattr(move, {step!r}, dies)
cli.obey([{command!r}])
"""


def killed(command: str, step: str, after: int) -> None:
    """A process of its own that is killed outright when it comes to a step for the so-and-so-many-th time."""
    code = DIES.format(command=command, step=step, after=after)
    ended = subprocess.run((sys.executable, "-c", code), cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


LAST = len(SQLModel.metadata.sorted_tables) - 1


@pytest.mark.parametrize(("step", "after"), [("_put", 9), ("_carry", LAST)])
def test_f12_killed_on_the_way_nothing_has_moved(place: Place, step: str, after: int) -> None:
    before = place.here.database_file.read_bytes()
    killed("move", step, after)
    assert tables(place.there) == []
    assert place.here.database_file.read_bytes() == before
    move.forth(place.there, Say().append)
    assert "entry" in tables(place.there)


def test_f12_killed_on_the_way_back_there_is_no_file(place: Place) -> None:
    move.forth(place.there, Say().append)
    place.here.database_file.unlink()
    killed("move-back", "_carry", LAST)
    assert not place.here.database_file.exists()
    move.back(place.there, Say().append)
    assert [path.name for path in place.here.data.iterdir()] == ["footbridge.db"]


def test_there_and_back_again_nothing_is_different(place: Place) -> None:
    with place.house(place.here) as house:
        before = everything(house, place.cast)
    move.forth(place.there, Say().append)
    place.here.database_file.rename(place.here.data / "old.db")
    assert cli.obey(["move-back"]) == 0
    with place.house(place.here) as house:
        migrate.check(house)
        assert everything(house, place.cast) == before
    assert place.here.database_file.stat().st_mode & 0o077 == 0


# --- why it does not begin


def by_hand(place: Place, statement: str) -> None:
    with place.house(place.here) as house, house.database.writing.begin() as connection:
        connection.execute(text(statement))


def no_address(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOOTBRIDGE_DATABASE_URL")


def away(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")


def not_empty(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate.upgrade(main.build(place.there).database)


def older(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(place, "update alembic_version set version_num = '0017'")


def other_key(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.here.key_file.unlink()
    Master.create(place.here.key_file)


def too_long(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite keeps what is longer than a column says; PostgreSQL does not."""
    by_hand(place, f"update person set zone = '{'x' * 65}'")  # noqa: S608


def unheard(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Any = move._rows

    def deaf(session: Any, *which: Any) -> Iterator[Any]:
        rows = real(session, *which)
        return (part[:-1] for part in rows) if session.get_bind().dialect.name == "postgresql" else rows

    monkeypatch.setattr(move, "_rows", deaf)


TROUBLES: dict[str, tuple[Callable[[Place, pytest.MonkeyPatch], None], str]] = {
    "no address": (no_address, "FOOTBRIDGE_DATABASE_URL does not name"),
    "a database that is away": (away, "The database does not answer."),
    "no file": (lambda place, _: place.here.database_file.unlink(), "There is no database at"),
    "no key": (lambda place, _: place.here.key_file.unlink(), "There is no key at"),
    "another key": (other_key, "is the key the one it was made with"),
    "a database that is not empty": (not_empty, "not empty"),
    "a file of another version": (older, "at version 0017"),
    "a row that does not fit": (too_long, "A row of person does not fit"),
    "a row that did not arrive": (unheard, "is not what was sent"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_is_one_sentence_and_nothing_is_moved(
    trouble: str, place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make, said = TROUBLES[trouble]
    make(place, monkeypatch)
    gc.collect()
    before = tables(place.there)
    assert cli.obey(["move"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("footbridge: ") and told.count("\n") == 1 and said in told and "secret" not in told
    assert tables(place.there) == before


def test_while_a_server_has_the_file_open_nothing_is_moved(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with place.house(place.here) as house:
        migrate.check(house)
        assert cli.obey(["move"]) == 1
    assert "stop the server" in capsys.readouterr().err
    assert tables(place.there) == []


def test_while_it_moves_nobody_else_has_the_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, real = [], migrate.bring

    def meanwhile(connection: Any) -> None:
        key = Master.read(place.here.key_file).derive("database file")
        with pytest.raises(DBAPIError, match="locked"):
            # Whoever is alone does not wait; a server would for five seconds.
            database.Database(place.here, key, alone=True).engine.connect()
        tried.append(True)
        real(connection)

    monkeypatch.setattr(migrate, "bring", meanwhile)
    move.forth(place.there, Say().append)
    assert tried == [True]


def test_for_a_superuser_no_wall_holds_and_nothing_is_moved(
    place: Place, postgres: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = str(place.there.database_url.get_secret_value()) if place.there.database_url else ""
    name = there.partition("?")[0].rpartition("/")[2]
    base, _, query = postgres.partition("?")
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", f"{base.rpartition('/')[0]}/{name}?{query}")
    assert cli.obey(["move"]) == 1
    assert "superuser" in capsys.readouterr().err
    assert tables(place.there) == []


def test_the_way_back_waits_for_everybody_to_have_left(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    move.forth(place.there, Say().append)
    assert cli.obey(["move-back"]) == 1
    assert "There is a database at" in capsys.readouterr().err
    place.here.database_file.unlink()
    with place.house(place.there) as house:
        migrate.check(house)
        assert cli.obey(["move-back"]) == 1
    assert "stop the server" in capsys.readouterr().err
    assert not place.here.database_file.exists()
