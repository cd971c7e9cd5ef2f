"""A skill that was used: kept once, with its numbers and its name; read by those with whom it is shared."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app import main, migrate
from app.database import new_id
from app.forms import Posted
from app.guard import Reader, open_to
from app.lib.vault import Master
from app.models import entry, practices, queue, sharing, skills
from app.models.checkins import CheckIn
from app.models.entry import Entry
from app.models.practices import Practice, PracticeForm
from app.models.skills import OwnSkillForm
from app.record import Record
from app.settings import Settings
from tests.acts import count, field, said
from tests.conftest import NOON, Browser, Clock, Stage

SignIn = Callable[[str], Browser]
BOX = {
    "skill": "box-breathing",
    "before": "7",
    "after": "3",
    "minutes": "4",
    "words": "In the car.",
    "visibility": "shared",
}


def form(**given: Any) -> PracticeForm:
    return PracticeForm.model_validate({"id": str(new_id()), **BOX} | given)


def log(stage: Stage, who: str = "ana", **given: Any) -> UUID:
    with stage.mine(who) as record:
        return practices.keep(record, form(**given)).id


def own(record: Record) -> str:
    """A skill of one's own comes on the list; answers its key."""
    card = skills.added(record, Posted(kept=OwnSkillForm(id=new_id(), name="Call June", steps="Dial\nSay hello")))
    assert card
    return card.key


# --- kept


def test_it_is_kept_with_its_numbers_its_name_and_its_words(stage: Stage) -> None:
    kept = log(stage)
    with stage.mine("ana") as record:
        line = entry.find(record, kept)
    assert (line.kind, line.words, line.said) == ("practice", "In the car.", {"name": "Box breathing"})
    assert (line.part.skill, line.part.before, line.part.after, line.part.minutes) == ("box-breathing", 7, 3, 4)


def test_in_spanish_it_has_the_name_that_the_person_read(stage: Stage) -> None:
    with stage.mine("ana") as record:
        assert practices.keep(record, form(), "es").said == {"name": "Respirar en cuadrado"}


def test_all_but_the_skill_may_be_left_out(stage: Stage) -> None:
    kept = log(stage, before="", after="", minutes="", words="  ")
    with stage.mine("ana") as record:
        line = entry.find(record, kept)
    assert (line.words, line.part.before, line.part.after, line.part.minutes) == ("", None, None, None)


def test_its_name_is_sealed(stage: Stage) -> None:
    log(stage)
    with stage.mine("ana") as record:
        [row] = record.session.exec(select(Practice)).all()
    assert row.name and b"Box" not in row.name


def test_sent_twice_it_is_kept_once(signed_in: SignIn, stage: Stage, page_id: Any) -> None:
    ana, body = signed_in("ana"), {"id": page_id(), **BOX}
    answers = [ana.post("/practices", body, headers={"HX-Request": "true"}) for _ in range(2)]
    assert [answer.headers.get("Kept") for answer in answers] == [body["id"]] * 2
    assert count(stage, "ana", Practice) == 1


def test_another_skill_under_a_number_that_is_kept_gets_its_own(signed_in: SignIn, stage: Stage, page_id: Any) -> None:
    ana, body = signed_in("ana"), {"id": page_id(), **BOX}
    assert ana.post("/practices", body).status_code == 303
    again = ana.post("/practices", body | {"words": "At work."})
    assert again.status_code == 422 and "At work." in again.text and field(again, "id") != body["id"]
    assert count(stage, "ana", Practice) == 1


def test_without_a_script_it_leads_to_what_was_kept(signed_in: SignIn, page_id: Any) -> None:
    ana, number = signed_in("ana"), page_id()
    answer = ana.post("/practices", {"id": number, **BOX})
    assert answer.headers["location"] == f"/entries/{number}#kept={number}"
    shown = said(ana.get(answer.headers["location"]))
    assert "Skill used" in shown and "Box breathing" in shown and "From 7 to 3 of 10" in shown and "4 minutes" in shown


# --- refused


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("before", "11"),
        ("after", "-1"),
        ("minutes", "601"),
        ("minutes", "2.5"),
        ("skill", ""),
        ("skill", "no-such-skill"),
    ],
)
def test_what_cannot_be_is_refused_with_the_words_kept(
    signed_in: SignIn, stage: Stage, page_id: Any, field: str, value: str
) -> None:
    answer = signed_in("ana").post("/practices", {"id": page_id(), **BOX, field: value})
    assert answer.status_code == 422 and 'class="error"' in answer.text and "In the car." in answer.text
    assert count(stage, "ana", Practice) == 0


@pytest.mark.parametrize("whose", ["somebody else's", "removed", "nobody's"])
def test_a_skill_that_is_not_on_the_list_is_refused_kindly(
    signed_in: SignIn, stage: Stage, page_id: Any, whose: str
) -> None:
    with stage.mine("ben" if whose == "somebody else's" else "ana") as record:
        key = str(new_id()) if whose == "nobody's" else own(record)
        if whose == "removed":
            skills.remove(record, key)
    answer = signed_in("ana").post("/practices", {"id": page_id(), **BOX, "skill": key})
    assert answer.status_code == 422
    assert (
        "not on your list any more" in said(answer) and "In the car." in answer.text and "Call June" not in answer.text
    )
    assert count(stage, "ana", Practice) == 0


# --- history


def test_history_keeps_the_name_of_a_skill_that_was_changed_or_removed(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ana") as record:
        key = own(record)
        kept = practices.keep(record, form(skill=key)).id
        skills.remove(record, key)
    with stage.mine("ana") as record:
        assert entry.find(record, kept).said == {"name": "Call June"}
    assert "Call June" in said(signed_in("ana").get("/journal"))


def test_sent_again_after_its_skill_was_removed_it_is_kept_still(signed_in: SignIn, stage: Stage, page_id: Any) -> None:
    with stage.mine("ana") as record:
        key = own(record)
    ana, body = signed_in("ana"), {"id": page_id(), **BOX, "skill": key}
    assert ana.post("/practices", body).status_code == 303
    with stage.mine("ana") as record:
        skills.remove(record, key)
    again = ana.post("/practices", body, headers={"HX-Request": "true"})
    assert again.headers["Kept"] == body["id"] and count(stage, "ana", Practice) == 1


# --- who reads it


def test_her_coach_reads_it_with_its_name(signed_in: SignIn, stage: Stage) -> None:
    kept = log(stage)
    cora = signed_in("cora")
    for path in (f"/caseload/{stage.cast.ana}", f"/caseload/{stage.cast.ana}/entries/{kept}"):
        shown = said(cora.get(path))
        assert "Box breathing" in shown and "From 7 to 3 of 10" in shown and "In the car." in shown, path
    with stage.coached("cora") as record:
        assert kept in {line.id for line in queue.waiting(record)}


@pytest.mark.parametrize("closed", ["the entry", "the kind"])
def test_what_is_not_shared_has_no_numbers_and_no_name_for_her_coach(stage: Stage, closed: str) -> None:
    log(stage, visibility="private" if closed == "the entry" else "shared")
    with stage.mine("ana") as record:
        if closed == "the kind":
            sharing.stop(record, "practice")
    with stage.coached("cora", "ana") as record:
        assert record.session.exec(select(Practice)).all() == [] and entry.everything(record) == []
        assert practices.tried(record) == []


# --- what helps


def test_nothing_is_said_of_one_or_two(stage: Stage) -> None:
    for _ in range(2):
        log(stage, before="9", after="0")
    with stage.mine("ana") as record:
        assert practices.helped(record, "en") == []


def test_what_helped_is_said_in_words_the_best_first(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    for _ in range(9):
        log(stage, before="7", after="3")
        log(stage, skill="ten-minute-walk", before="7", after="5")
        log(stage, skill="draw-it", before="5", after="5")
        log(stage, skill="muscle-relaxation", before="", after="1")
        clock.go(hours=20)
    clock.go(minutes=-1)
    with stage.mine("ana") as record:
        assert [card.key for card, _ in practices.helped(record, "en")] == ["box-breathing", "ten-minute-walk"]
    shown = said(signed_in("ana").get("/skills"))
    assert "9 times, usually from 7 to 3. That is clear by now." in shown
    assert "Draw what you feel 9 times" not in shown


def test_what_is_in_the_bin_is_not_counted(stage: Stage) -> None:
    kept = [log(stage) for _ in range(5)]
    with stage.mine("ana") as record:
        assert len(practices.tried(record)) == 5
        entry.throw(record, kept[0])
        assert len(practices.tried(record)) == 4


def test_of_a_skill_that_was_removed_nothing_is_offered(stage: Stage) -> None:
    with stage.mine("ana") as record:
        key = own(record)
        for _ in range(5):
            practices.keep(record, form(skill=key))
        assert [card.name for card, _ in practices.helped(record, "en")] == ["Call June"]
        skills.remove(record, key)
        assert practices.helped(record, "en") == []


# --- a database from before


BEFORE = """insert into program (id, name, zone, promise_hour, program_days, crisis_name, crisis_phone, key)
values (:one, 'Harbor IOP', 'America/New_York', '17:00:00', '01234', '', '', :key);
insert into entry (program_id, id, participant_id, kind, happened_at, local_day, offset_minutes, kept_at, visibility,
wants_answer, version) values (:one, :one, :one, 'check-in', '2026-11-18 17:00:00.000000', '2026-11-18', -300,
'2026-11-18 17:00:00.000000', 'private', false, 1);
insert into check_in (program_id, id, participant_id, urge, hungry, angry, lonely, tired)
values (:one, :one, :one, 7, false, false, false, true)"""


def test_a_database_from_before_keeps_all_it_has_and_takes_the_new_kind(settings: Settings) -> None:
    """In SQLite a table made anew would take with it what hangs on it."""
    Master.create(settings.key_file)
    house, one = main.build(settings), new_id()
    with house.database.writing.begin() as connection:
        migrate.bring(connection, "0003")
        if connection.dialect.name == "postgresql":
            connection.execute(text("select set_config('footbridge.role', 'keeper', true)"))
            connection.execute(text("select set_config('footbridge.program', :one, true)"), {"one": str(one)})
        for statement in BEFORE.split(";"):
            connection.execute(text(statement), {"one": one.hex, "key": b"k"})
    migrate.upgrade(house.database)
    with house.database.session() as session:
        open_to(session, Reader(one, one, "participant", NOON, NOON.date(), one))
        [(kind, urge)] = session.execute(select(Entry.kind, CheckIn.urge).join(CheckIn, CheckIn.id == Entry.id)).all()
        assert (kind, urge) == ("check-in", 7)
        when = {"happened_at": NOON, "local_day": NOON.date(), "offset_minutes": 0, "kept_at": NOON}
        session.add(Entry(id=new_id(), kind="practice", **when))
        session.flush()
        if house.database.pen:
            assert session.connection().execute(text("pragma integrity_check")).scalar() == "ok"
        session.add(Entry(id=new_id(), kind="nonsense", **when))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()
