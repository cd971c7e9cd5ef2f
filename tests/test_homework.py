"""Homework: given to a room or to some of it, seen and done by whom it was given to, and told of to who leads."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.access import Open, each, opened
from app.lib.vault import Broken, name_hash
from app.models import assignments, homework, invites
from app.models.assignments import Assignment, Item, Step
from app.models.invites import Plan
from app.models.sessions import ProgramSession
from tests.acts import PASSPHRASE, count, field, said
from tests.conftest import NOON, Browser, Clock, Stage
from tests.meeting import held

SignIn = Callable[[str], Browser]
DUE = "2026-11-25"


@pytest.fixture
def group(stage: Stage) -> ProgramSession:
    """Dov's group of this noon, of which Ana and Ben are."""
    return held(stage.house, stage.cast.harbor, stage.cast.dov, NOON - timedelta(hours=1))


def give(browser: Browser, one: ProgramSession, page_id: Callable[[], str], **also: Any) -> Any:
    form = {"id": page_id(), "words": "Write down three calm moments.", "due_on": DUE} | also
    return browser.post(f"/room/{one.id}/homework", form)


def mine(stage: Stage, name: str) -> list[Item]:
    with stage.mine(name) as record:
        return assignments.mine(record)


def test_everybody_on_the_roster_gets_it_once(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    dov, made = signed_in("dov"), page_id()
    for _again in range(2):
        assert give(dov, group, page_id, id=made).status_code == 303
    for name in ("ana", "ben"):
        [item] = mine(stage, name)
        assert (item.words, item.due_on, item.step) == ("Write down three calm moments.", date(2026, 11, 25), "")
    shown = said(dov.look(f"/room/{group.id}/homework"))
    assert "0 of 2 did it" in shown and "0 have seen it" in shown


def test_or_only_some_of_them(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    assert give(signed_in("dov"), group, page_id, persons=[str(stage.cast.ben)]).status_code == 303
    assert (len(mine(stage, "ana")), len(mine(stage, "ben"))) == (0, 1)


def test_it_is_on_today_and_seen_and_done_come_back_to_who_leads(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    dov, ana = signed_in("dov"), signed_in("ana")
    give(dov, group, page_id)
    [item] = mine(stage, "ana")
    today = said(ana.look("/today"))
    assert "Write down three calm moments." in today and "Until Wednesday, Nov 25" in today
    at = f"/assignments/{item.id}/steps"
    assert ana.post(at, {"step": "seen"}).status_code == 303
    assert "1 have seen it" in said(dov.look(f"/room/{group.id}/homework"))
    answer = ana.post(at, {"step": "done"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "Not done after all" in said(answer)
    shown = said(dov.look(f"/room/{group.id}/homework"))
    assert "1 of 2 did it" in shown and "Ana Keller done" in shown and "Ben Ruiz not seen yet" in shown
    assert "Write down three calm moments." not in said(ana.look("/today"))
    ana.post(at, {"step": "done"})
    ana.post(at, {"step": "seen"})
    assert [row.step for row in steps(stage, "ana")] == ["seen", "done"]
    ana.post(at, {"step": "open"})
    assert "Write down three calm moments." in said(ana.look("/today"))
    assert "0 of 2 did it" in said(dov.look(f"/room/{group.id}/homework"))


def steps(stage: Stage, name: str) -> list[Step]:
    with stage.mine(name) as record:
        return list(record.session.exec(select(Step).order_by(Step.id)))


def test_to_check_out_with_a_yes_is_to_have_seen_it(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    dov, ana = signed_in("dov"), signed_in("ana")
    give(dov, group, page_id)
    assert "Write down three calm moments." in said(ana.look(f"/attendances/{group.id}/departure"))
    assert "not seen yet Write down three calm moments." in said(dov.look(f"/room/{group.id}"))
    sent = {"id": page_id(), "session": str(group.id), "way": "leaving", "homework_seen": "yes", "visibility": "shared"}
    for _again in range(2):
        assert ana.post("/attendances", sent).status_code == 303
    assert [item.step for item in mine(stage, "ana")] == ["seen"]
    assert len(steps(stage, "ana")) == 1
    assert "seen Write down three calm moments." in said(dov.look(f"/room/{group.id}"))
    marked = {"id": page_id(), "state": "here"}
    answer = dov.post(f"/room/{group.id}/people/{stage.cast.ana}/marks", marked, headers={"HX-Request": "true"})
    assert "seen Write down three calm moments." in said(answer)


def test_to_check_out_with_a_no_or_without_a_word_is_not(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    give(signed_in("dov"), group, page_id)
    sent = {"id": page_id(), "session": str(group.id), "way": "leaving", "homework_seen": "no", "visibility": "shared"}
    assert signed_in("ana").post("/attendances", sent).status_code == 303
    assert [item.step for item in mine(stage, "ana")] == [""]


def test_taken_back_it_is_gone_for_everybody(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    dov, made = signed_in("dov"), page_id()
    give(dov, group, page_id, id=made)
    for _again in range(2):
        assert dov.post(f"/room/{group.id}/homework/{made}/removal").status_code == 303
    assert (mine(stage, "ana"), mine(stage, "ben")) == ([], [])
    assert count(stage, "ana", Assignment) == 1
    assert dov.post(f"/room/{group.id}/homework/{page_id()}/removal").status_code == 404


def test_what_was_not_done_is_asked_for_a_week_longer_and_without_blame(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str], clock: Clock
) -> None:
    give(signed_in("dov"), group, page_id, due_on="2026-11-19")
    clock.go(days=4)
    assert "Was for Nov 19, still welcome" in said(signed_in("ana").look("/today"))
    clock.go(days=6)
    assert "calm moments" not in said(signed_in("ana").look("/today"))
    assert "calm moments" in said(signed_in("ana").look("/assignments"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"words": " "}, "Please fill this in."), ({"words": "x" * 2001}, "That is too long"),
        ({"due_on": "2026-11-17"}, "Please choose a day from today"), ({"due_on": "2028-01-01"}, "Please choose a day"),
        ({"due_on": "9999-12-31"}, "Please choose a day"), ({"due_on": "soon"}, "Please write a day"),
        ({"persons": ["eli"]}, "Please choose people from this list."), ({"persons": ["sam"]}, "from this list"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_what_was_typed(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str], wrong: Any, sentence: str
) -> None:
    persons = [str(getattr(stage.cast, one)) for one in wrong.get("persons", [])]
    answer = give(signed_in("dov"), group, page_id, **wrong | {"persons": persons})
    assert answer.status_code == 422 and sentence in said(answer)
    if "words" not in wrong:
        assert "Write down three calm moments." in said(answer)
    assert mine(stage, "ana") == []


def test_only_who_leads_gives_it_and_only_whose_it_is_does_it(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    for who in ("cora", "ana", "sam", "fay", "eli"):
        browser = signed_in(who)
        assert browser.look(f"/room/{group.id}/homework").status_code == 404, who
        assert give(browser, group, page_id).status_code == 404, who
    assert give(signed_in("pat"), group, page_id).status_code == 303
    [item] = mine(stage, "ana")
    for who in ("ben", "eli", "cora", "dov", "pat", "sam"):
        assert signed_in(who).post(f"/assignments/{item.id}/steps", {"step": "done"}).status_code == 404, who
    assert mine(stage, "ana")[0].step == ""


def test_it_is_sealed_under_the_key_of_whom_it_is_for(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    give(signed_in("dov"), group, page_id)
    with stage.mine("ana") as record:
        [row] = record.session.exec(select(Assignment)).all()
        assert b"calm" not in row.words
        with pytest.raises(Broken):
            record.unseal(Assignment, "words", row.id, row.words, stage.cast.ben)


def test_after_giving_to_many_the_record_is_open_as_it_was(stage: Stage, group: ProgramSession) -> None:
    """The page that refuses shows the roster again: were one person's record still open, only they would be on it."""
    with stage.coached("dov") as record:
        made = Open(record.session, record.program, record.reader, record.keyring, _Request(stage), None)
        seen = [one.participant_id for one in each(made)([stage.cast.ana, stage.cast.ben])]
        assert seen == [stage.cast.ana, stage.cast.ben]
        assert record.session.info["reader"] == record.reader


class _Request:
    """As much of a request as leads to the house."""

    def __init__(self, stage: Stage) -> None:
        self.app = type("App", (), {"state": type("State", (), {"house": stage.house})})


def test_the_form_starts_at_the_next_session_of_the_series(stage: Stage, signed_in: SignIn) -> None:
    once = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON - timedelta(hours=1))
    assert field(signed_in("dov").look(f"/room/{once.id}/homework"), "due_on") == "2026-11-25"
    weekly = held(
        stage.house, stage.cast.harbor, stage.cast.dov, NOON - timedelta(hours=2), rule="FREQ=WEEKLY;BYDAY=WE,FR"
    )
    assert field(signed_in("dov").look(f"/room/{weekly.id}/homework"), "due_on") == "2026-11-20"


def test_two_of_one_name_are_two_people(stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Any) -> None:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat, at=NOON - timedelta(days=20)) as record:
        plan = Plan("participant", "Ana Keller", "another@ana.example", coach=stage.cast.cora)
        other = invites.admit(record, plan, PASSPHRASE, name_hash(b"key", plan.sign_in_name))
    give(signed_in("dov"), group, page_id)
    with stage.coached("dov") as record:
        [task] = homework.of_series(record, group)
    assert [name for name, _item in task.people] == ["Ana Keller", "Ana Keller", "Ben Ruiz"]
    assert {item.participant_id for _name, item in task.people} == {stage.cast.ana, stage.cast.ben, other}


def test_of_each_person_in_the_room(stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Any) -> None:
    give(signed_in("dov"), group, page_id)
    with stage.coached("dov") as record:
        found = homework.by_person(record, group)
    assert set(found) == {stage.cast.ana, stage.cast.ben}
    assert [item.words for item in found[stage.cast.ana]] == ["Write down three calm moments."]
    assert isinstance(found[UUID(int=0)], list)
