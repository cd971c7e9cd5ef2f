"""The days in recovery: none is ever taken away, whatever is logged, and they are told in the person's own words."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from app.database import new_id
from app.models import entry, people, recovery, setbacks
from app.models.recovery import Recovery, counts
from app.models.setbacks import SetbackForm
from tests.acts import count, said
from tests.conftest import NOON, Browser, Clock, Stage

SignIn = Callable[[str], Browser]
FIRST = date(2026, 10, 15)
TODAY = date(2026, 11, 18)


def ago(*days: int) -> list[date]:
    return [TODAY - timedelta(days=day) for day in days]


@pytest.mark.parametrize(
    ("setbacks", "found"),
    [
        ([], (34, None)),
        (ago(0), (34, 0)),  # today: nothing is taken away
        (ago(0, 0, 0), (34, 0)),
        (ago(1), (33, 1)),
        (ago(6), (33, 6)),
        (ago(6, 6), (33, 6)),  # several a day are one day
        (ago(6, 20), (32, 6)),
        (ago(34), (34, 34)),  # the day it began, whatever it held
        (ago(40), (34, None)),  # before they count
        (ago(40, 6), (33, 6)),
        (ago(-1), (34, 0)),  # where the phone is it was tomorrow already
        (ago(*range(1, 34)), (1, 1)),
        (ago(*range(35)), (1, 0)),
    ],
)
def test_all_days_and_those_since(setbacks: list[date], found: tuple[int, int | None]) -> None:
    assert counts(FIRST, setbacks, TODAY) == found


@pytest.mark.parametrize(("since", "found"), [(TODAY, (0, None)), (TODAY + timedelta(days=3), (0, None))])
def test_it_begins_with_a_first_day(since: date, found: tuple[int, int | None]) -> None:
    assert counts(since, [], TODAY) == found


def test_no_day_is_ever_taken_away() -> None:
    chance = Random(19)
    for _ in range(2000):
        long = chance.randint(0, 60)
        since, setbacks = TODAY - timedelta(days=long), ago(*chance.choices(range(-3, 70), k=chance.randint(0, 20)))
        all_days, after = counts(since, setbacks, TODAY)
        assert 0 <= all_days <= long
        assert after is None or 0 <= after <= all_days
        # A setback today leaves the sum as it was, and tomorrow it is not less.
        assert counts(since, [*setbacks, TODAY], TODAY)[0] == all_days
        assert counts(since, [*setbacks, TODAY], TODAY + timedelta(days=1))[0] >= all_days


# --- of somebody


def days(stage: Stage, name: str = "ana") -> recovery.Days:
    with stage.mine(name) as record:
        found = recovery.days(record)
    assert found
    return found


def test_they_are_counted_from_the_start_of_the_stay(stage: Stage) -> None:
    with stage.mine("ana") as record:
        found = recovery.days(record)
        stay = people.episode_of(record.session, record.participant_id)
        assert found and stay
        assert (found.since, found.all, found.after) == (stay.started_on, (record.today - stay.started_on).days, None)


def setback(stage: Stage, name: str, **ago: int) -> UUID:
    with stage.mine(name, NOON - timedelta(**ago)) as record:
        return setbacks.grow(record, SetbackForm(id=new_id())).id


def test_what_is_in_the_bin_does_not_count_and_what_comes_back_does(stage: Stage) -> None:
    before = days(stage)
    one = setback(stage, "ana", days=3)
    assert (days(stage).all, days(stage).after) == (before.all - 1, 3)
    with stage.mine("ana") as record:
        entry.throw(record, one)
    assert days(stage) == before
    with stage.mine("ana") as record:
        entry.restore(record, one)
    assert days(stage).after == 3


def test_somebody_elses_setback_is_not_counted(stage: Stage) -> None:
    before = days(stage)
    setback(stage, "ben", days=2)
    assert days(stage) == before


def test_midnight_is_that_of_the_place(stage: Stage, clock: Clock) -> None:
    setback(stage, "ana", hours=0)
    assert days(stage).after == 0
    clock.go(hours=11)  # still the 18th in New York
    assert days(stage).after == 0
    clock.go(hours=2)
    assert days(stage).after == 1


# --- one's own choice


CHOICE = {"since": "2026-11-01", "called": "sober", "word": "drank"}


def choose(ana: Browser, **given: str) -> Any:
    return ana.post("/recovery", {"id": str(new_id()), **CHOICE} | given)


def test_somebody_chooses_the_day_and_the_words(signed_in: SignIn, stage: Stage) -> None:
    ana = signed_in("ana")
    assert choose(ana).status_code == 303
    assert "17 days sober" in said(ana.look("/recovery"))
    assert "17 days sober" in said(ana.look("/today"))
    setback(stage, "ana", days=1)
    assert "16 days sober 1 day since you last drank" in said(ana.look("/today"))
    setback(stage, "ana", hours=0)
    shown = said(ana.look("/today"))
    assert "16 days sober Today is where you are." in shown
    assert "0 days" not in shown


def test_every_word_is_spoken(signed_in: SignIn, stage: Stage) -> None:
    ana = signed_in("ana")
    setback(stage, "ana", days=2)
    for called in ("recovery", "sober", "abstinent", "none"):
        for word in ("setback", "used", "drank", "acted", "returned"):
            assert choose(ana, called=called, word=word).status_code == 303
            assert re.search(r"16 days.* 2 days since you", said(ana.look("/recovery")))


def test_an_empty_day_is_the_start_of_the_stay_again(signed_in: SignIn, stage: Stage) -> None:
    ana, before = signed_in("ana"), days(stage)
    choose(ana)
    choose(ana, since="", called="recovery", word="setback")
    assert days(stage) == before


def test_every_choice_stays_and_the_last_holds(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    ana = signed_in("ana")
    choose(ana)
    clock.go(minutes=1)
    choose(ana, since="2026-11-10")
    assert count(stage, "ana", Recovery) == 2
    assert days(stage).since == date(2026, 11, 10)


def test_sent_twice_it_is_made_once(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(new_id())
    assert [choose(ana, id=number).status_code for _ in range(3)] == [303, 303, 303]
    assert count(stage, "ana", Recovery) == 1
    answer = choose(ana, id=number, word="used")
    assert answer.status_code == 422
    assert "Please send it once more" in said(answer)


def test_an_id_that_is_somebody_elses_is_refused(signed_in: SignIn, stage: Stage) -> None:
    number = str(new_id())
    choose(signed_in("ben"), id=number)
    assert choose(signed_in("ana"), id=number).status_code == 404
    assert count(stage, "ana", Recovery) == 0
    assert count(stage, "ben", Recovery) == 1


@pytest.mark.parametrize(
    ("since", "sentence"),
    [
        ("2026-11-19", "still ahead"),
        ("9999-12-31", "still ahead"),
        ("0001-01-01", "more than 100 years ago"),
        ("soon", "like 2026-11-22"),
    ],
)
def test_a_day_that_cannot_be_is_refused_kindly(signed_in: SignIn, stage: Stage, since: str, sentence: str) -> None:
    answer = choose(signed_in("ana"), since=since)
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert since in answer.text
    assert count(stage, "ana", Recovery) == 0


def test_nobody_else_reads_how_somebody_counts(signed_in: SignIn, stage: Stage) -> None:
    choose(signed_in("ana"))
    with stage.coached("cora", "ana") as record:
        assert record.session.exec(recovery.select(Recovery)).all() == []
