"""Phases: by the dates of a stay, unless somebody decided otherwise; and the program's own sizes and days off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.models import phases
from app.models.people import Episode
from app.models.phases import PhaseChangeForm
from app.models.program import Phase, crossing, phase_on
from tests.conftest import NOON, Browser, Stage

WEEK = timedelta(weeks=1)
START = date(2026, 10, 5)
THREE = [Phase(number=n, name=f"Phase {n}", weeks=4, sessions_a_week=n) for n in (1, 2, 3)]


@dataclass
class Decided:
    since: date
    number: int


def numbers(changes: list[Decided], weeks: int = 14) -> list[int]:
    """The phase in each week of a stay."""
    found = [phase_on(THREE, START, START + n * WEEK, changes) for n in range(weeks)]
    return [phase.number if phase else 0 for phase in found]


def test_phases_go_by_the_dates_of_the_stay() -> None:
    assert numbers([]) == [1] * 4 + [2] * 4 + [3] * 6
    assert phase_on(THREE, START, START - timedelta(days=1)) is None
    assert phase_on([], START, START) is None


def test_a_change_holds_from_its_day_on_and_the_next_phases_follow_it() -> None:
    assert numbers([Decided(START + 2 * WEEK, 2)]) == [1, 1, 2, 2, 2, 2] + [3] * 8
    back = [Decided(START + 6 * WEEK, 1)]
    assert numbers(back) == [1] * 4 + [2] * 2 + [1] * 4 + [2] * 4
    again = [*back, Decided(START + 7 * WEEK, 3)]
    assert numbers(again) == [1] * 4 + [2] * 2 + [1] + [3] * 7


def test_the_later_word_about_the_same_day_stands() -> None:
    assert numbers([Decided(START + WEEK, 3), Decided(START + WEEK, 2)])[:3] == [1, 2, 2]


def test_the_bridge_follows_a_change() -> None:
    plain = crossing(THREE, START, START + 5 * WEEK)
    assert (plain.week, plain.weeks, plain.phase, plain.next_on) == (6, 12, THREE[1], START + 8 * WEEK)
    longer = crossing(THREE, START, START + 5 * WEEK, [Decided(START + 5 * WEEK, 1)])
    assert (longer.week, longer.weeks, longer.phase, longer.next_on) == (6, 17, THREE[0], START + 9 * WEEK)
    nowhere = crossing([], START, START)
    assert (nowhere.weeks, nowhere.phase) == (1, None)


# --- as rows


def decide(stage: Stage, name: str, number: int, since: date, who: str = "pat", role: Any = "manager") -> UUID:
    whose = getattr(stage.cast, name)
    with opened(stage.house, stage.cast.harbor, role, getattr(stage.cast, who), whose) as record:
        form = PhaseChangeForm(id=new_id(), number=number, since=since, why=f"{name} asked for it")
        phases.change(record, form)
        phases.change(record, form)
    return form.id


def test_who_decided_when_and_why_stays_to_be_seen(stage: Stage) -> None:
    decide(stage, "ana", 1, NOON.date())
    decide(stage, "ana", 3, NOON.date() + WEEK, "cora", "coach")
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat, stage.cast.ana) as record:
        found = [(one["row"].number, one["by"], one["why"]) for one in phases.history(record)]
        assert found == [(3, "Cora Diaz", "ana asked for it"), (1, "Pat Moreno", "ana asked for it")]
        stays = phases.stays(record)
        assert [stays.number(stage.cast.ana, NOON.date() + n * WEEK) for n in (0, 1)] == [1, 3]


def test_today_and_the_caseload_follow(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    ana, cora = signed_in("ana"), signed_in("cora")
    before = ana.look("/today").text, cora.look("/caseload").text
    decide(stage, "ana", 3, NOON.date())
    assert "1 session a week" in before[0] and "1 session a week" not in ana.look("/today").text
    assert "Phase 3" in cora.look(f"/caseload/{stage.cast.ana}").text
    assert cora.look("/caseload").text != before[1]


def test_an_earlier_stay_is_over_with_its_changes(stage: Stage) -> None:
    decide(stage, "ben", 3, NOON.date())
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat, stage.cast.ben) as record:
        old = record.session.exec(select(Episode).where(Episode.participant_id == stage.cast.ben)).one()
        old.ended_on = NOON.date() + WEEK
        record.session.add(Episode(id=new_id(), started_on=NOON.date() + 4 * WEEK))
    with stage.mine("ben") as record:
        stays = phases.stays(record)
        found = [stays.number(stage.cast.ben, NOON.date() + n * WEEK) for n in (0, 1, 2, 4, 5)]
    assert found == [3, 3, None, 1, 1]


PAGE = "/people/{}"


def change(browser: Browser, person: UUID, **also: str) -> Any:
    form = {"id": str(new_id()), "number": "2", "since": "2026-11-19", "why": "Ready for it"}
    return browser.post(f"/people/{person}/phase", form | also)


def test_a_manager_or_their_coach_moves_somebody(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    ben = stage.cast.ben
    assert change(signed_in("pat"), ben).status_code == 303
    dov = signed_in("dov")
    assert change(dov, ben, number="3", why="He says so").status_code == 303
    page = dov.look(PAGE.format(ben)).text
    assert "He says so" in page and "Ready for it" in page and "Pat Moreno" in page


def test_somebody_elses_coach_is_told_why_not(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    answer = change(signed_in("cora"), stage.cast.ben)
    assert answer.status_code == 422 and "Only their coach or a manager" in answer.text
    assert change(signed_in("fay"), stage.cast.ben).status_code == 404
    assert change(signed_in("ana"), stage.cast.ben).status_code == 404
    assert change(signed_in("pat"), stage.cast.cora).status_code == 404  # has no stay


@pytest.mark.parametrize(
    ("also", "said"),
    [
        ({"number": "9"}, "Please choose one of the answers."),
        ({"since": "2026-09-01"}, "from a month ago to two years"),
        ({"since": "9999-12-31"}, "from a month ago to two years"),
        ({"why": "  "}, "Please fill this in."),
    ],
)
def test_what_nobody_can_mean_is_refused_kindly(
    stage: Stage, signed_in: Callable[[str], Browser], also: dict[str, str], said: str
) -> None:
    answer = change(signed_in("pat"), stage.cast.ben, **also)
    assert answer.status_code == 422 and said in answer.text
    assert "Ready for it" in answer.text or "why" in also


# --- the program's own


def shape(browser: Browser) -> str:
    return str(browser.look("/phases").text)


def phase_ids(stage: Stage) -> list[UUID]:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        return [phase.id for phase in phases.stays(record).phases]


def test_managers_size_phases(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    first, *_ = phase_ids(stage)
    pat = signed_in("pat")
    sized = {"name": "The first weeks", "weeks": "6", "sessions_a_week": "4"}
    assert pat.post(f"/phases/{first}", sized).status_code == 303
    assert "The first weeks" in shape(pat)
    with stage.mine("ben") as record:
        assert phases.stays(record).crossing(stage.cast.ben, NOON.date()).weeks == 14
    refused = pat.post(f"/phases/{first}", sized | {"weeks": "0", "name": "Shorter"})
    assert refused.status_code == 422 and 'value="Shorter"' in refused.text
    assert pat.post(f"/phases/{new_id()}", sized).status_code == 404


@pytest.mark.parametrize("who", ["cora", "ana", "sam"])
def test_phases_and_days_off_are_a_managers(stage: Stage, signed_in: Callable[[str], Browser], who: str) -> None:
    browser, (first, *_) = signed_in(who), phase_ids(stage)
    assert browser.look("/phases").status_code == 404
    assert browser.post(f"/phases/{first}", {"name": "x", "weeks": "1", "sessions_a_week": "1"}).status_code == 404
    day = {"id": str(new_id()), "day": "2026-11-26", "name": "Thanksgiving"}
    assert browser.post("/holidays", day).status_code == 404


def test_a_promise_passes_over_a_day_off(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat = signed_in("pat")
    day = {"id": str(new_id()), "day": "2026-11-19", "name": "Harbor day"}
    assert [pat.post("/holidays", day).status_code for _ in range(2)] == [303, 303]
    assert pat.post("/holidays", day | {"id": str(new_id()), "name": "Again"}).status_code == 303
    assert "Harbor day" in shape(pat) and "Again" not in shape(pat)
    with stage.mine("ana") as record:
        assert record.program.answer_by(NOON) == datetime(2026, 11, 20, 22, tzinfo=UTC)
    [row] = shape(pat).split('action="/holidays/')[1:]
    for _ in range(2):
        assert pat.post(f"/holidays/{row[:36]}/removal").status_code == 303
    with stage.mine("ana") as record:
        assert record.program.answer_by(NOON) == datetime(2026, 11, 19, 22, tzinfo=UTC)
