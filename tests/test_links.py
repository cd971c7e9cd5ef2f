"""The chain of the access log: whoever changes, removes, adds or moves a look is noticed (L25)."""

import json
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from app import chain, worker
from app.access import House, opened
from app.database import new_id
from app.migrate import Trouble
from app.models import links, openings
from app.models.links import Link
from app.models.reviews import Review
from app.owned import Unopened
from tests.conftest import NOON, Browser, Clock, Stage

LOOK, LINK = (SQLModel.metadata.tables[name] for name in ("opening", "link"))


def look(stage: Stage, many: int = 1) -> None:
    for _ in range(many):
        with stage.coached("cora", "ana") as record:
            openings.opened(record)


def wrong(house: House, *anchors: chain.Heads) -> list[str]:
    return [what for _, found in chain.verified(house, *anchors) for what in found.wrong]


@pytest.fixture
def tamper(house: House, database: str, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Somebody with the whole database in hand, past every wall but without the keys."""

    def by_hand(*statements: Any) -> None:
        with house.database.writing.begin() as connection:
            for statement in statements:
                connection.execute(statement)

    def by_superuser(*statements: Any) -> None:
        base, _, query = request.getfixturevalue("postgres").partition("?")
        url = f"{base.rpartition('/')[0]}/{house.database.engine.url.database}?{query}"
        past = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        with past.begin() as connection:
            for statement in statements:
                connection.execute(statement)
        past.dispose()

    return by_hand if database == "sqlite" else by_superuser


def at(number: int) -> Any:
    return LOOK.c.id == select(LINK.c.id).where(LINK.c.number == number).scalar_subquery()


# --- linked


def test_l25_every_look_is_linked_in_its_program_and_the_chain_is_whole(house: House, stage: Stage) -> None:
    assert wrong(house) == []
    before = chain.heads(house)
    look(stage, 3)
    after = chain.heads(house)
    assert after[stage.cast.harbor][0] == before[stage.cast.harbor][0] + 3
    assert after[stage.cast.meadow] == before[stage.cast.meadow]
    assert wrong(house) == wrong(house, before) == wrong(house, before, after) == []


def test_l25_a_look_that_is_taken_back_leaves_no_link(house: House, stage: Stage) -> None:
    look(stage)
    before = chain.heads(house)
    with pytest.raises(ZeroDivisionError), stage.coached("cora", "ana") as record:
        openings.opened(record)
        raise ZeroDivisionError
    assert chain.heads(house) == before and wrong(house) == []


def test_l25_looks_of_every_kind_are_linked(house: House, stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    """Opening a person, an entry, a room; by a door that only reads and by one that writes."""
    with stage.mine("ana") as record:
        those = {new_id(): record.participant_id for _ in range(3)}
    with stage.coached("cora") as record:
        found = openings.looks(record.reader, those)
    with opened(house, stage.cast.harbor, "keeper", stage.cast.cora) as record:
        openings.write(record, openings.unwritten(record, found))
        openings.write(record, found.values())
    assert chain.heads(house)[stage.cast.harbor][0] == 3
    assert signed_in("cora").look(f"/caseload/{stage.cast.ana}").status_code == 200
    assert chain.heads(house)[stage.cast.harbor][0] == 4
    assert wrong(house) == []


def test_l25_what_was_written_before_there_was_a_chain_comes_first_in_it(
    house: House, stage: Stage, tamper: Callable[..., None]
) -> None:
    look(stage, 3)
    tamper(delete(LINK))
    assert wrong(house) == []
    look(stage)
    assert chain.heads(house)[stage.cast.harbor][0] == 4
    assert wrong(house) == []


def test_l25_two_at_once_do_not_fork_the_chain(house: House, stage: Stage) -> None:
    with ThreadPoolExecutor(8) as hands:
        list(hands.map(lambda _: look(stage, 5), range(8)))
    assert chain.heads(house)[stage.cast.harbor][0] == 40
    assert wrong(house) == []


def test_linking_lends_nobody_the_keepers_eyes(stage: Stage) -> None:
    """What a reader has not written yet when it is linked is still judged as theirs."""
    with pytest.raises(Unopened), stage.coached("cora", "ana") as record:
        openings.opened(record)
        record.session.add(
            Review(id=new_id(), participant_id=stage.cast.ben, entry_id=new_id(), coach_id=stage.cast.cora, at=NOON)
        )


# --- and broken


def forged(stage: Stage, number: int) -> list[Any]:
    row = {
        "program_id": stage.cast.harbor, "id": new_id(), "participant_id": stage.cast.ana,
        "reader_id": stage.cast.cora, "role": "coach", "at": NOON, "what": "record", "entry_id": None,
    }  # fmt: skip
    told = {"program_id": row["program_id"], "id": row["id"], "number": number, "mac": bytes(32)}
    return [insert(LOOK).values(row), insert(LINK).values(told)]


def swapped() -> list[Any]:
    number = LINK.c.number
    return [update(LINK).where(number == old).values(number=new) for old, new in ((2, 99), (3, 2), (99, 3))]


EDITS: dict[str, Any] = {
    "participant_id": UUID(int=1), "reader_id": UUID(int=1), "role": "supporter", "at": NOON + timedelta(seconds=1),
    "what": "entry", "entry_id": UUID(int=1),
}  # fmt: skip
BREAKS: dict[str, tuple[Callable[[Stage], list[Any]], str]] = {
    "removed": (lambda _: [delete(LOOK).where(at(3))], "look 3 is gone"),
    "removed with its link": (lambda _: [delete(LOOK).where(at(3)), delete(LINK).where(LINK.c.number == 3)], "3 to 3"),
    "removed and closed up": (
        lambda _: [delete(LOOK).where(at(3)), delete(LINK).where(LINK.c.number == 3),
                   *(update(LINK).where(LINK.c.number == n).values(number=n - 1) for n in (4, 5))],
        "look 3 is not",
    ),
    "inserted": (lambda stage: forged(stage, 0)[:1], "1 looks are in no chain"),
    "inserted at the end with a link": (lambda stage: forged(stage, 6), "look 6 is not"),
    "reordered": (lambda _: swapped(), "look 2 is not"),
    "another seal": (lambda _: [update(LINK).where(LINK.c.number == 3).values(mac=bytes(32))], "look 3 is not"),
    "cut at the end": (
        lambda _: [delete(LOOK).where(at(5)), delete(LINK).where(LINK.c.number == 5)], "look 5 is not the one"
    ),
    "all cut off": (lambda _: [delete(LOOK), delete(LINK)], "look 5 is not the one"),
    "cut off and written anew": (
        lambda _: [delete(LINK), update(LOOK).values(what="entry")], "look 5 is not the one"
    ),
}  # fmt: skip


def test_l25_whatever_is_edited_in_a_look_is_noticed(house: House, stage: Stage, tamper: Callable[..., None]) -> None:
    look(stage, len(EDITS) + 1)
    tamper(*(update(LOOK).where(at(number)).values({name: EDITS[name]}) for number, name in enumerate(EDITS, 1)))
    assert {*EDITS, "id", "program_id"} == set(LOOK.c.keys())
    assert wrong(house) == [f"look {number} is not as it was written, or not where" for number in range(1, 7)]


@pytest.mark.parametrize("how", BREAKS)
def test_l25_who_tampers_is_noticed(
    house: House, stage: Stage, tamper: Callable[..., None], caplog: pytest.LogCaptureFixture, how: str
) -> None:
    look(stage, 5)
    anchor = chain.heads(house)
    assert chain.watch(house)
    statements, sentence = BREAKS[how]
    tamper(*statements(stage))
    assert sentence in " ".join(wrong(house, anchor))
    with caplog.at_level(logging.ERROR):
        assert not chain.watch(house)
    # It is told of again each time: the head that was known is not forgotten for one that is broken.
    assert not chain.watch(house)
    told: Any = next(one for one in caplog.records if one.message == "the access log was changed")
    assert told.levelname == "ERROR" and told.facts["program"] == str(stage.cast.harbor)


def test_l25_the_heads_are_kept_outside_of_the_database(
    house: House, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    look(stage, 2)
    with caplog.at_level(logging.INFO):
        assert chain.watch(house)
    told = {UUID(one.facts["program"]): (one.facts["number"], one.facts["mac"])  # type: ignore[attr-defined]
            for one in caplog.records if one.message == "anchor"}  # fmt: skip
    kept = house.settings.data / "anchor.json"
    assert told == chain.heads(house) == chain.anchor(house)
    assert re.fullmatch("[0-9a-f]{64}", json.loads(kept.read_text())[str(stage.cast.harbor)][1])
    assert [one.name for one in kept.parent.glob("anchor*")] == ["anchor.json"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_l25_the_worker_looks_through_it_at_its_start_and_once_a_day(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    days, turns = [], count(1)

    class Stop(Event):
        def wait(self, timeout: float | None = None) -> bool:
            clock.go(hours=7)
            return next(turns) == 8

    def watch(_: House) -> None:
        days.append(clock.now.day)
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "turn", lambda *_: 0)
    monkeypatch.setattr(chain, "watch", watch)
    worker.run(house, Stop())
    assert days == [18, 19, 20]
    assert [one.levelname for one in caplog.records if "stumbled" in one.message] == ["ERROR"] * 3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_l25_postgresql_lets_nobody_change_or_remove_a_look_or_a_link(house: House, stage: Stage) -> None:
    look(stage, 2)
    with opened(house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        said = record.session.connection().execute
        assert said(text("delete from link")).rowcount == said(text("delete from opening")).rowcount == 0
        assert said(text("update opening set role = 'supporter'")).rowcount == 0
    with stage.coached("cora", "ana") as record:
        assert record.session.exec(select(Link)).all() == []
    with pytest.raises(DBAPIError), stage.coached("cora", "ana") as record:
        record.session.connection().execute(forged(stage, 9)[1])


def test_l25_a_chain_is_reckoned_in_little_memory(house: House, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "ROWS", 2)
    look(stage, 7)
    assert wrong(house) == []


@pytest.mark.parametrize("words", ["", "{", "[1]", '{"x": [1, "a"]}', '{"01a20527-73a6-7551-bfc2-dbe855bbef38": 7}'])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_l25_heads_that_cannot_be_read_are_not_taken_for_none(house: House, stage: Stage, words: str) -> None:
    (house.settings.data / "anchor.json").write_text(words)
    with pytest.raises(Trouble):
        chain.watch(house)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_l25_the_heads_are_kept_also_where_there_was_no_folder(house: House, stage: Stage) -> None:
    look(stage)
    house.settings.data.rmdir()
    assert chain.watch(house) and chain.anchor(house)
