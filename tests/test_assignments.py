"""What a coach asks for: seen on Today, done by doing it, moved, taken back, overdue; and nobody else's business."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.forms import Posted
from app.models import asking, assignments, flags, rounds, urges
from app.models.assignments import AskForm, Assignment, AssignmentChange, Item, Step
from app.models.people import Coaching
from app.models.sessions import ProgramSession
from app.models.urges import UrgeForm
from tests.acts import field, said
from tests.conftest import NOON, Browser, Clock, Stage
from tests.meeting import held

SignIn = Callable[[str], Browser]
DUE = "2026-11-25"
SKILL, READING, MEASURE = "skill:body-scan", "reading:sleep", "measure:phq-9"
NAME = assignments.called("skill", "body-scan", "en")


def at(stage: Stage, name: str = "ana") -> str:
    return f"/caseload/{getattr(stage.cast, name)}/assignments"


def ask(browser: Browser, stage: Stage, what: str = "", **also: Any) -> Any:
    form = {"id": str(new_id()), "what": what, "words": "" if what else "Call June.", "due_on": DUE}
    return browser.post(at(stage), form | also)


def mine(stage: Stage, name: str = "ana") -> list[Item]:
    with stage.mine(name) as record:
        return assignments.mine(record)


def seen_by(stage: Stage, coach: str) -> list[Item]:
    with stage.coached(coach, "ana") as record:
        return assignments.mine(record)


def practise(browser: Browser, skill: str = "body-scan", **also: Any) -> Any:
    form = {"id": str(new_id()), "skill": skill, "visibility": "private", "words": "a secret of mine"}
    return browser.post("/practices", form | also)


def steps(stage: Stage) -> list[Step]:
    with stage.mine("ana") as record:
        return list(record.session.exec(select(Step).order_by(Step.id)))


# --- asked, and seen


def test_each_kind_is_asked_for_once_and_is_on_today_the_soonest_first(stage: Stage, signed_in: SignIn) -> None:
    cora, ana, made = signed_in("cora"), signed_in("ana"), str(new_id())
    assert field(cora.look(at(stage)), "due_on") == DUE
    for _again in range(2):
        assert ask(cora, stage, SKILL, id=made, words="In bed, if you like.").status_code == 303
    ask(cora, stage, READING, due_on="2026-11-20")
    ask(cora, stage, MEASURE, due_on="2026-11-18")
    ask(cora, stage, due_on="2026-12-01")
    found = [(item.kind, item.what, item.words, item.due_on.day) for item in mine(stage)]
    assert found == [
        ("measure", "phq-9", "", 18), ("reading", "sleep", "", 20), ("skill", "body-scan", "In bed, if you like.", 25),
        ("task", "", "Call June.", 1),
    ]  # fmt: skip
    today = ana.look("/today")
    assert [today.text.find(href) > 0 for href in ('"/measures/phq-9/new"', '"/readings/sleep"')] == [True, True]
    assert "For today" in said(today) and "Until Friday, Nov 20" in said(today) and "One more" in said(today)
    assert "Call June." not in said(today)
    shown = said(ana.look("/assignments"))
    assert "Call June." in shown and "In bed, if you like." in shown
    assert "If what you write with it is private, they see nothing of that." in shown
    told = said(cora.look(at(stage)))
    assert "not done yet" in told and "not seen yet" in told and "Cora Diaz asked" in told


def test_what_is_asked_is_first_among_the_skills(stage: Stage, signed_in: SignIn) -> None:
    ask(signed_in("cora"), stage, SKILL)
    page = signed_in("ana").look("/skills").text
    assert 0 < page.index('id="asked"') < page.index("/skills/body-scan") < page.index('id="first"')


def test_a_link_may_suggest_what_to_ask_for(stage: Stage, signed_in: SignIn) -> None:
    cora = signed_in("cora")
    assert f'<option value="{MEASURE}" selected>' in cora.look(f"{at(stage)}?what={MEASURE}").text
    assert " selected>" not in cora.look(f"{at(stage)}?what=measure:no-such").text


# --- done by doing it


def test_a_skill_that_is_logged_is_done_and_what_was_written_stays_private(stage: Stage, signed_in: SignIn) -> None:
    cora, ana = signed_in("cora"), signed_in("ana")
    practise(ana)
    ask(cora, stage, SKILL)
    assert "If you keep it private, they see nothing else of it." in said(ana.look("/skills/body-scan"))
    assert 'id="wanted"' not in ana.look("/skills/box-breathing").text
    practise(ana, "box-breathing")
    assert not mine(stage)[0].done
    sent = {"id": str(new_id())}
    for _again in range(2):
        practise(ana, **sent)
    assert mine(stage)[0].done_at == NOON and len(steps(stage)) == 1
    assert "body-scan" not in ana.look("/today").text
    told = said(cora.look(at(stage)))
    assert "done on Nov 18" in told and "a secret" not in told
    assert seen_by(stage, "cora")[0].done


def test_the_time_of_doing_counts_also_when_it_comes_in_late(stage: Stage, signed_in: SignIn, clock: Clock) -> None:
    """Kept on the phone: what was done before it was asked for is not what was asked for; after it, it is."""
    ana = signed_in("ana")
    clock.go(hours=1)
    ask(signed_in("cora"), stage, SKILL)
    clock.go(hours=5)
    sent_at = clock.now.isoformat()
    practise(ana, written_at=(NOON + timedelta(minutes=30)).isoformat(), sent_at=sent_at)
    assert not mine(stage)[0].done
    ana.post(f"/assignments/{mine(stage)[0].id}/steps", {"step": "seen"})
    did = NOON + timedelta(hours=2)
    practise(ana, written_at=did.isoformat(), sent_at=sent_at)
    [item] = mine(stage)
    assert (item.done, item.done_at) == (True, did)


def test_a_skill_that_was_the_tool_at_an_urge_was_done_too(stage: Stage, signed_in: SignIn) -> None:
    ask(signed_in("cora"), stage, SKILL)
    with stage.mine("ana") as record:
        form = UrgeForm(id=new_id(), before=7, skill="body-scan", done=False)
        urges.grow(record, form)
        assert not assignments.mine(record)[0].done
        urges.grow(record, form.model_copy(update={"after": 3, "step": 2, "done": True}))
        assert assignments.mine(record)[0].done


def test_a_reading_is_done_when_it_is_marked(stage: Stage, signed_in: SignIn) -> None:
    cora, ana = signed_in("cora"), signed_in("ana")
    ask(cora, stage, READING)
    assert "Asked of you" in said(ana.look("/readings"))
    form = {"id": str(new_id()), "reading": "sleep"}
    for _again in range(2):
        answer = ana.post("/readings", form)
        assert (answer.status_code, answer.headers["Kept"]) == (303, form["id"])
    assert mine(stage)[0].done
    assert "You read this on Nov 18." in said(ana.look("/readings/sleep"))


def test_a_task_is_ticked_off_with_a_line_and_that_is_taken_back(stage: Stage, signed_in: SignIn) -> None:
    cora, ana = signed_in("cora"), signed_in("ana")
    ask(cora, stage)
    to = f"/assignments/{mine(stage)[0].id}/steps"
    answer = ana.post(to, {"step": "done", "words": "She was glad."}, headers={"HX-Request": "true"})
    assert "Not done after all" in said(answer)
    assert "“She was glad.”" in said(cora.look(at(stage)))
    assert b"glad" not in (steps(stage)[0].words or b"glad")
    ana.post(to, {"step": "open"})
    assert not mine(stage)[0].done and "Call June." in said(ana.look("/today"))


def test_what_is_done_by_doing_is_not_ticked_off_by_hand(stage: Stage, signed_in: SignIn) -> None:
    ask(signed_in("cora"), stage, SKILL)
    answer = signed_in("ana").post(f"/assignments/{mine(stage)[0].id}/steps", {"step": "done"})
    assert answer.status_code == 422 and "ticked off by itself" in said(answer)
    assert steps(stage) == []


# --- another day, taken back, overdue


def test_another_day_and_taking_back_are_rows_and_are_said_kindly(
    stage: Stage, signed_in: SignIn, clock: Clock
) -> None:
    cora, ana = signed_in("cora"), signed_in("ana")
    ask(cora, stage)
    one = f"{at(stage)}/{mine(stage)[0].id}"
    assert field(cora.look(one), "due_on") == DUE
    for _again in range(2):
        assert cora.post(one, {"due_on": "2026-12-02"}).status_code == 303
    assert mine(stage)[0].due_on == date(2026, 12, 2)
    for _again in range(2):
        assert cora.post(f"{one}/removal").status_code == 303
    with stage.coached("cora", "ana") as record:
        rows = record.session.exec(select(AssignmentChange).order_by(AssignmentChange.id)).all()
        changes = [(row.was_due_on.day, row.due_on and row.due_on.day, row.by) for row in rows]
    assert changes == [(25, 2, stage.cast.cora), (2, None, stage.cast.cora)]
    shown = said(ana.look("/assignments"))
    assert "Not asked any more You need not do these." in shown and "Call June." in shown
    assert "Call June." not in said(ana.look("/today"))
    assert cora.look(one).status_code == 404 and cora.post(one, {"due_on": DUE}).status_code == 404
    clock.go(days=8)
    assert "Call June." not in said(ana.look("/assignments"))


def test_a_day_that_goes_by_raises_a_low_flag_and_a_day_that_was_moved_does_not(
    stage: Stage, signed_in: SignIn, clock: Clock
) -> None:
    ask(signed_in("cora"), stage, SKILL, due_on="2026-11-18")
    [item] = mine(stage)
    raised = lambda: [one.key for one in _flags(stage, clock) if one.rule == "overdue"]  # noqa: E731
    assert raised() == []
    clock.go(days=1)
    signed_in("cora").post(f"{at(stage)}/{item.id}", {"due_on": "2026-11-19"})
    assert raised() == []
    clock.go(days=1)
    for _again in range(2):
        assert raised() == [f"overdue:{item.id}:2026-11-19"]
    ana = signed_in("ana")
    assert "Was for Nov 19, still welcome" in said(ana.look("/today"))
    practise(ana)
    with stage.coached("cora", "ana") as record:
        assert assignments.overdue(record) == []


def _flags(stage: Stage, clock: Clock) -> list[flags.Flag]:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor, at=clock.now) as record:
        rounds.go(record, [assignments.late])
        return list(record.session.exec(select(flags.Flag)))


# --- to a group


@pytest.fixture
def group(stage: Stage) -> ProgramSession:
    """Dov's group of this noon, of which Ana and Ben are."""
    return held(stage.house, stage.cast.harbor, stage.cast.dov, NOON - timedelta(hours=1))


def test_a_group_is_asked_for_a_skill_and_who_leads_it_sees_who_did_it(
    stage: Stage, group: ProgramSession, signed_in: SignIn
) -> None:
    dov, ana, to = signed_in("dov"), signed_in("ana"), f"/room/{group.id}/homework"
    assert dov.post(to, {"id": str(new_id()), "what": SKILL, "due_on": DUE}).status_code == 303
    assert [mine(stage, name)[0].what for name in ("ana", "ben")] == ["body-scan"] * 2
    practise(ana)
    shown = said(dov.look(to))
    assert NAME in shown and "1 of 2 did it" in shown
    told = said(signed_in("cora").look(at(stage)))
    assert NAME in told and "from a session" in told
    assert signed_in("cora").look(f"{at(stage)}/{mine(stage)[0].id}").status_code == 404


def test_a_group_of_nobody_and_who_has_left_get_nothing(
    stage: Stage, group: ProgramSession, signed_in: SignIn, clock: Clock
) -> None:
    dov, pat, form = signed_in("dov"), signed_in("pat"), {"what": SKILL, "due_on": DUE}
    empty = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON, phases="")
    answer = dov.post(f"/room/{empty.id}/homework", form | {"id": str(new_id())})
    assert answer.status_code == 422 and "Nobody is on the roster" in said(answer)
    assert pat.post(f"/people/{stage.cast.ana}/last-day", {"last_day": "2026-11-18"}).status_code == 303
    clock.go(days=1)
    dov, cora = signed_in("dov"), signed_in("cora")
    answer = ask(cora, stage)
    assert answer.status_code == 422 and "Their time in the program has ended" in said(answer)
    assert "Call June." in said(answer)
    assert dov.post(f"/room/{group.id}/homework", form | {"id": str(new_id())}).status_code == 303
    assert (mine(stage, "ana"), len(mine(stage, "ben"))) == ([], 1)


# --- what cannot be meant


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"due_on": "2026-11-17"}, "Please choose a day from today"), ({"due_on": "2036-11-18"}, "Please choose a day"),
        ({"what": "skill:no-such"}, "Please choose one from the list."), ({"what": "measure:zzz"}, "from the list"),
        ({"what": "reading:../../etc"}, "from the list"), ({"what": "body-scan"}, "from the list"),
        ({"what": f"skill:{new_id()}"}, "from the list"), ({"what": "", "words": " "}, "Please fill this in."),
        ({"words": "x" * 2001}, "That is too long"), ({"due_on": ""}, "Please write a day"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_meant_is_refused_with_what_was_typed(
    stage: Stage, signed_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    answer = ask(signed_in("cora"), stage, **{"words": "Only a line.", **wrong})
    assert answer.status_code == 422 and sentence in said(answer)
    assert "words" in wrong or "Only a line." in said(answer)
    assert mine(stage) == []


def test_a_number_that_was_used_asks_for_nothing_else(stage: Stage, signed_in: SignIn) -> None:
    cora, made = signed_in("cora"), str(new_id())
    ask(cora, stage, id=made)
    answer = ask(cora, stage, SKILL, id=made)
    assert answer.status_code == 422 and "Send it once more" in said(answer)
    assert field(answer, "id") != made and len(mine(stage)) == 1
    # One of somebody else's: there is no such thing here.
    with stage.coached("dov", "ben") as record:
        theirs = Posted(kept=AskForm(id=new_id(), words="Rest.", due_on=date(2026, 11, 25)))
        assert asking.asked(record, theirs)
    assert ask(cora, stage, id=str(theirs.values.id)).status_code == 404
    assert [item.words for item in mine(stage, "ben")] == ["Rest."]


def test_a_skill_of_ones_own_is_nobodys_to_ask_for(stage: Stage, signed_in: SignIn) -> None:
    own = str(new_id())
    signed_in("ana").post("/skills", {"id": own, "name": "Call June"})
    page = signed_in("cora").look(at(stage))
    assert "Call June" not in page.text
    assert ask(signed_in("cora"), stage, f"skill:{own}").status_code == 422


# --- whose it is


def test_only_her_coach_reads_what_a_coach_asked_for_and_all_staff_what_came_from_a_session(
    stage: Stage, group: ProgramSession, signed_in: SignIn
) -> None:
    ask(signed_in("cora"), stage)
    signed_in("ana").post(f"/assignments/{mine(stage)[0].id}/steps", {"step": "done", "words": "Done at last."})
    signed_in("dov").post(f"/room/{group.id}/homework", {"id": str(new_id()), "words": "For all.", "due_on": DUE})
    for who, role, sees in (
        ("cora", "coach", (2, 1)), ("dov", "coach", (1, 0)), ("pat", "manager", (1, 0)), ("sam", "supporter", (0, 0)),
    ):  # fmt: skip
        person: UUID = getattr(stage.cast, who)
        with opened(stage.house, stage.cast.harbor, role, person, stage.cast.ana) as record:  # type: ignore[arg-type]
            rows = len(record.session.exec(select(Assignment)).all()), len(record.session.exec(select(Step)).all())
        assert rows == sees, who
    [task] = [item for item in mine(stage) if not item.session_id]
    for who in ("ben", "dov", "pat", "sam", "eli", "fay"):
        browser = signed_in(who)
        assert browser.post(f"/assignments/{task.id}/steps", {"step": "open"}).status_code == 404, who
        assert browser.look(f"{at(stage)}/{task.id}").status_code == 404, who
        assert ask(browser, stage).status_code == 404, who


def test_a_colleague_who_coaches_them_as_well_goes_on_with_it(stage: Stage, signed_in: SignIn) -> None:
    ask(signed_in("cora"), stage)
    one = f"{at(stage)}/{mine(stage)[0].id}"
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat, stage.cast.ana) as record:
        record.session.add(Coaching(id=new_id(), coach_id=stage.cast.dov, since=NOON.date()))
    dov = signed_in("dov")
    assert "Cora Diaz asked" in said(dov.look(at(stage)))
    assert dov.post(one, {"due_on": "2026-11-30"}).status_code == 303
    assert mine(stage)[0].due_on == date(2026, 11, 30)
