"""Covers: who has whose people while a coach is away; before, during and after, and who may not."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.models import caseload, covers
from app.models.covers import Cover
from app.models.people import Coaching, Membership
from tests.acts import admit, kept, read, said
from tests.conftest import NOON, Browser, Clock, Stage

SignIn = Callable[[str], Browser]
TODAY, DAY = NOON.date(), timedelta(days=1)  # a Wednesday
FRIDAY = TODAY + 2 * DAY


def give(who: Browser, whom: object, first: date = TODAY, last: date = FRIDAY, **also: object) -> Any:
    """A coach (or, with `coach`, a manager) says who is away, and who covers."""
    form = {"id": str(new_id()), "coach": "", "cover": str(whom), "first_on": str(first), "last_on": str(last)}
    return who.post("/covers", form | {name: str(value) for name, value in also.items()})


def standing(stage: Stage) -> list[Cover]:
    with stage.coached("cora") as record:
        return list(covers.standing(record, date.min, date.max))


def reads(who: Browser, stage: Stage) -> bool:
    """Whether somebody has Ana's doors: her page, her entry in the queue, her row."""
    found = {who.look(f"/caseload/{stage.cast.ana}").status_code == 200, "Ana Keller" in said(who.look("/caseload"))}
    assert len(found) == 1
    return found.pop()


def test_who_covers_has_the_same_doors_for_these_days_and_no_longer(
    signed_in: SignIn, stage: Stage, clock: Clock
) -> None:
    page = kept(stage, "ana", "Can we talk?", wants_answer=True)
    assert give(signed_in("cora"), stage.cast.dov, TODAY + DAY, FRIDAY).status_code == 303
    for day, there in ((0, False), (1, True), (2, True), (3, False)):
        clock.now = NOON + day * DAY
        cora, dov = signed_in("cora"), signed_in("dov")
        assert (reads(dov, stage), reads(cora, stage)) == (there, True), day
        assert ("for Cora Diaz, until" in said(dov.look("/caseload"))) is there
        assert (dov.look(f"/caseload/{stage.cast.ana}/entries/{page}").status_code == 200) is there
        assert (str(page) in dov.look("/review").headers.get("location", "")) is there


def test_who_covers_answers_as_the_coach_would(signed_in: SignIn, stage: Stage) -> None:
    page = kept(stage, "ana", "Can we talk?", wants_answer=True)
    give(signed_in("cora"), stage.cast.dov)
    read(stage, "dov", "ana", page, "Of course. I am here for Cora.")
    with stage.coached("cora") as record:
        assert [one.why for one in caseload.cases(record)] == ["fine"]


def test_participants_are_told_wherever_it_is_said_who_reads(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    ana, ben, told = signed_in("ana"), signed_in("ben"), "Cora Diaz is away until Friday, November 20."
    pages = ("/today", "/journal/new", "/me", "/welcome")
    assert not any("is away" in said(ana.look(page)) for page in pages)
    give(signed_in("cora"), stage.cast.dov)
    for page in pages:
        assert f"{told} Dov Stein reads instead." in said(ana.look(page)), page
    assert "is away" not in said(ben.look("/today"))
    clock.go(days=3)
    assert not any("is away" in said(ana.look(page)) for page in pages)


def test_the_desk_says_it_both_ways(signed_in: SignIn, stage: Stage) -> None:
    cora, dov = signed_in("cora"), signed_in("dov")
    give(cora, stage.cast.dov)
    assert "You are away until Friday. Dov Stein has your people. I am back" in said(cora.look("/caseload"))
    assert "You cover for Cora Diaz until Friday: one person." in said(dov.look("/caseload"))
    assert "Dov Stein covers for Cora Diaz from today until Friday, November 20" in said(dov.look("/covers"))


def test_it_ends_early_at_once(signed_in: SignIn, stage: Stage) -> None:
    cora, dov = signed_in("cora"), signed_in("dov")
    give(cora, stage.cast.dov)
    [one] = standing(stage)
    assert reads(dov, stage)
    assert dov.post(f"/covers/{one.id}/end").status_code == 404
    for _ in range(2):
        assert cora.post(f"/covers/{one.id}/end").status_code == 303
    assert not reads(dov, stage) and standing(stage) == []
    assert give(cora, stage.cast.dov).status_code == 303 and reads(dov, stage)


def test_a_manager_does_it_for_somebody_who_is_ill(signed_in: SignIn, stage: Stage) -> None:
    pat, dov = signed_in("pat"), signed_in("dov")
    assert give(pat, stage.cast.dov, coach=stage.cast.cora).status_code == 303 and reads(dov, stage)
    [one] = standing(stage)
    assert (one.by, one.coach_id) == (stage.cast.pat, stage.cast.cora)
    assert pat.post(f"/covers/{one.id}/end").status_code == 303 and not reads(dov, stage)
    assert pat.look(f"/caseload/{stage.cast.ana}").status_code == 404
    assert give(pat, stage.cast.dov).status_code == 422  # nobody said who is away


def test_whoever_comes_meanwhile_is_covered_too(stage: Stage, signed_in: SignIn, clock: Clock) -> None:
    give(signed_in("cora"), stage.cast.dov, TODAY + DAY, FRIDAY)
    clock.go(days=1)
    newt = admit(stage, "Newt New")
    with stage.coached("dov") as record:
        assert {one.person_id for one in caseload.cases(record)} == {stage.cast.ben, stage.cast.ana, newt}
    clock.go(days=2)
    with stage.coached("dov") as record:
        assert [one.person_id for one in caseload.cases(record)] == [stage.cast.ben]


def test_who_leaves_the_coach_meanwhile_leaves_the_cover(stage: Stage, signed_in: SignIn, clock: Clock) -> None:
    """What is lent never lasts longer than what it is lent from."""
    ends = TODAY + DAY
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        [mine] = record.session.exec(select(Coaching).where(Coaching.participant_id == stage.cast.ana)).all()
        mine.until = ends
    give(signed_in("cora"), stage.cast.dov, TODAY, FRIDAY)
    with stage.coached("dov", "ana") as record:
        rows = record.session.exec(select(Coaching).where(Coaching.coach_id == stage.cast.dov)).all()
    assert [row.until for row in rows if row.cover_id] == [ends]
    clock.go(days=2)
    assert signed_in("dov").look(f"/caseload/{stage.cast.ana}").status_code == 404


def test_sent_twice_it_is_once(signed_in: SignIn, stage: Stage) -> None:
    cora, form_id = signed_in("cora"), new_id()
    assert [give(cora, stage.cast.dov, id=form_id).status_code for _ in range(2)] == [303, 303]
    other = give(cora, stage.cast.dov, last=FRIDAY + DAY, id=form_id)
    assert other.status_code == 422 and "This page has kept a cover already" in said(other)
    assert len(standing(stage)) == 1
    with stage.coached("dov") as record:
        assert len(record.session.exec(select(Coaching).where(Coaching.participant_id == stage.cast.ana)).all()) == 2


REFUSED = {
    "oneself": ("cora", TODAY, FRIDAY, "Nobody can cover for themselves."),
    "no coach": ("pat", TODAY, FRIDAY, "Please choose one of the answers."),
    "a participant": ("ana", TODAY, FRIDAY, "Please choose one of the answers."),
    "another program": ("fay", TODAY, FRIDAY, "Please choose one of the answers."),
    "who leaves": ("noah", TODAY, FRIDAY, "Noah New does not coach here on all of these days."),
    "backward": ("dov", FRIDAY, TODAY, "The last day is before the first."),
    "past": ("dov", TODAY - DAY, FRIDAY, "These days are over."),
    "too long": ("dov", TODAY, TODAY + 93 * DAY, "three months of them at most"),
    "too far": ("dov", TODAY + 400 * DAY, TODAY + 401 * DAY, "within the next year"),
}


def test_what_cannot_be_is_refused_kindly(signed_in: SignIn, stage: Stage) -> None:
    cora, noah = signed_in("cora"), admit(stage, "Noah New", role="coach")
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        record.session.exec(select(Membership).where(Membership.person_id == noah)).one().until = FRIDAY - DAY
    people = vars(stage.cast) | {"noah": noah}
    for why, (who, first, last, sentence) in REFUSED.items():
        answer = give(cora, people[who], first, last)
        assert answer.status_code == 422 and sentence in said(answer), why
        assert f'value="{first}"' in answer.text, why
    for field, typed in {"first_on": "soon", "last_on": "", "cover": "<script>", "coach": "🌉"}.items():
        assert give(cora, stage.cast.dov, **{field: typed}).status_code == 422, field
    assert give(cora, stage.cast.dov, coach=stage.cast.dov).status_code == 422  # not theirs to say
    assert standing(stage) == []


def test_covers_neither_overlap_nor_go_in_circles(signed_in: SignIn, stage: Stage) -> None:
    cora, dov, noah = signed_in("cora"), signed_in("dov"), admit(stage, "Noah New", role="coach")
    assert give(cora, stage.cast.dov).status_code == 303
    for who, cover, sentence in (
        (cora, noah, "Somebody covers for Cora Diaz on some of these days already."),
        (dov, stage.cast.cora, "Cora Diaz is away on some of these days as well."),
        (dov, noah, "Dov Stein covers for somebody on some of these days."),
        (signed_in("noah"), stage.cast.cora, "Cora Diaz is away on some of these days as well."),
    ):
        answer = give(who, cover, FRIDAY, FRIDAY + 3 * DAY)
        assert answer.status_code == 422 and sentence in said(answer)
    assert give(dov, noah, FRIDAY + DAY, FRIDAY + 3 * DAY).status_code == 303
    assert give(signed_in("noah"), stage.cast.cora, FRIDAY + 4 * DAY, FRIDAY + 9 * DAY).status_code == 303


@pytest.mark.parametrize("who", ["ana", "sam", "fay"])
def test_it_is_nobody_elses_business(signed_in: SignIn, stage: Stage, who: str) -> None:
    give(signed_in("cora"), stage.cast.dov)
    [one], other = standing(stage), signed_in(who)
    assert other.post(f"/covers/{one.id}/end").status_code == 404 and len(standing(stage)) == 1
    assert "Cora Diaz" not in other.look("/covers").text
