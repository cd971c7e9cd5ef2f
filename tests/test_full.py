"""The disk is full: that is said, what was kept is read, and when there is room again it goes on by itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import urandom
from typing import Any

import pytest
from sqlalchemy import event, text

from app.access import House
from app.database import new_id
from app.models.entry import Entry
from app.models.openings import Opening
from tests.acts import count, kept, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]
REFUSES = "create function no_room() returns trigger language plpgsql as $$ begin raise disk_full; end $$"
TABLES = ("entry", "opening", "sign_in")


@contextmanager
def full(house: House) -> Iterator[None]:
    """SQLite may have no page more; PostgreSQL says of each of these tables what it says of a full disk."""
    shut, open_again = (_few_pages, _more_pages) if house.database.pen else (_no_room, _room)
    shut(house)
    yield
    open_again(house)


def _few_pages(house: House) -> None:
    house.database.engine.dispose()
    event.listen(house.database.engine, "connect", _no_more)


def _more_pages(house: House) -> None:
    event.remove(house.database.engine, "connect", _no_more)
    house.database.engine.dispose()


def _no_more(connection: Any, _record: Any) -> None:
    connection.execute("pragma max_page_count = 1")  # it becomes as many as there are


def _no_room(house: House) -> None:
    each = "create trigger no_room before insert or update on {} for each row execute function no_room()"
    _tell(house, REFUSES, *map(each.format, TABLES))


def _room(house: House) -> None:
    _tell(house, *map("drop trigger no_room on {}".format, TABLES))


def _tell(house: House, *statements: str) -> None:
    with house.database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def page(words: str = "") -> dict[str, str]:
    return {"id": str(new_id()), "words": words or "a page " + urandom(9000).hex(), "visibility": "shared"}


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_f04_it_is_said_kindly_nothing_is_half_kept_and_it_goes_on_by_itself(
    signed_in: SignIn, stage: Stage, htmx: bool
) -> None:
    ana, form, headers = signed_in("ana"), page(), {"HX-Request": "true"} if htmx else {}
    with full(stage.house):
        answer = ana.post("/journal", form, headers=headers)
        assert (answer.status_code, answer.headers["Retry-After"]) == (507, "60")
        assert "There is no room left here right now" in said(answer) and 'href="/help"' in answer.text
        # An outbox forgets on this word alone, and so it waits.
        assert not {"kept", "location", "set-cookie"} & set(answer.headers)
        assert form["words"] in answer.text and 'id="typed-words"' in answer.text
        assert count(stage, "ana", Entry) == 0
    assert ana.post("/journal", form, headers=headers).headers["Kept"] == form["id"]
    assert count(stage, "ana", Entry) == 1


def test_f04_what_was_kept_is_read(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    """Though it cannot be written down when this device was seen last."""
    ana, one = signed_in("ana"), kept(stage, "ana", "of before")
    clock.go(minutes=2)
    with full(stage.house):
        assert "of before" in ana.look(f"/journal/{one}").text
        assert [ana.look(path).status_code for path in ("/today", "/journal", "/help")] == [200] * 3


def test_f04_a_coach_reads_nothing_that_is_not_written_down(signed_in: SignIn, stage: Stage) -> None:
    cora, one = signed_in("cora"), kept(stage, "ana", "for Cora", visibility="shared")
    with full(stage.house):
        answer = cora.look(f"/caseload/{stage.cast.ana}/entries/{one}")
        shown = "for Cora" in answer.text
    # In a file a last page may have had room for a line.
    assert (answer.status_code, shown) == ((200, True) if count(stage, "ana", Opening) else (507, False))


def test_f04_who_reads_the_log_is_told(signed_in: SignIn, stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    ana = signed_in("ana")
    with full(stage.house):
        ana.post("/journal", form := page())
    assert [one.levelname for one in caplog.records if "no room left" in one.message] == ["ERROR"]
    assert form["words"] not in caplog.text


@pytest.mark.parametrize("whose", ["", "somebody else's"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_f04_what_was_typed_comes_back_to_nobody_else(signed_in: SignIn, stage: Stage, whose: str) -> None:
    ana, form = signed_in("ana"), page()
    with full(stage.house):
        answer = ana.post("/journal", form | {"whose": whose})
    assert (form["words"] in answer.text) == (not whose) and answer.status_code == (404 if whose else 507)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_f09_a_statement_that_works_on_and_on_is_not_waited_for(
    signed_in: SignIn, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for no lock; whoever asked is told to come again all the same, and what it did is undone."""
    waits = "begin perform pg_sleep(9); return new; end"
    dawdle = f"create function dawdle() returns trigger language plpgsql as $$ {waits} $$"
    _tell(stage.house, dawdle, "create trigger dawdle before insert on entry for each row execute function dawdle()")
    ana, form = signed_in("ana"), page()
    monkeypatch.setattr("app.database.PATIENCE", 0.5)
    assert ana.post("/journal", form).status_code == 503
    _tell(stage.house, "drop trigger dawdle on entry")
    monkeypatch.undo()
    assert count(stage, "ana", Entry) == 0
    assert ana.post("/journal", form).headers["Kept"] == form["id"]
