"""When urges come in somebody's week: the hours that have been hard, on the map and on Today, with a plan."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.database import new_id
from app.models import checkins, entry, hours, triggers, week
from app.models.checkins import CheckInForm
from app.models.entry import Writing
from app.models.insights import INSIDE, Window
from app.models.people import Person
from app.models.triggers import Card, TriggerForm
from bench.insights import alarms_of_check_ins
from tests.acts import kept, said, statements
from tests.conftest import NOON, Browser, Clock, Stage

SignIn = Callable[[str], Browser]
NEW_YORK = ZoneInfo("America/New_York")
FRIDAY = datetime(2026, 11, 13, 17, 20, tzinfo=NEW_YORK)
# One strong urge on each Friday, at three hours of the evening in turn; and some that are nowhere in particular.
SPREAD = (timedelta(minutes=0), timedelta(minutes=80), timedelta(minutes=150))
ELSEWHERE = [FRIDAY - timedelta(days=2 + 9 * n, hours=5 * n % 11) for n in range(5)]


def urge(stage: Stage, at: datetime, before: int, *set_off: str, whose: str = "ana", shared: bool = True) -> None:
    writing = Writing("urge", visibility="shared" if shared else "private")
    keys = {"triggers": ",".join(set_off), "set_off": "\n".join(set_off), "name": ""}
    with stage.mine(whose, at) as record:
        entry.write(record, new_id(), writing, before=before, done=True, **keys)


def fridays(stage: Stage, n: int = INSIDE, *set_off: str, **also: Any) -> None:
    """A hard hour on so many Fridays; five strong urges elsewhere; and moods, morning and evening."""
    for number in range(n):
        urge(stage, FRIDAY - timedelta(weeks=number) + SPREAD[number % 3], 8, *set_off, **also)
    for at in ELSEWHERE:
        urge(stage, at, 7, **also)
    moods(stage, (NOON - timedelta(days=day, hours=hour) for day in range(1, 50) for hour in (3, 15)))


def moods(stage: Stage, moments: Iterable[datetime]) -> None:
    for at in moments:
        kept(stage, "ana", kind="mood", at=at, mood=3)


def check_in(stage: Stage, at: datetime, urge: int) -> None:
    with stage.mine("ana", at) as record:
        checkins.keep(record, CheckInForm(id=new_id(), urge=urge))


def known(stage: Stage, **also: Any) -> Card:
    typed = {"name": "Friday, payday", "sort": "times", "risk": 9, "plan": "I call Sam from the car."}
    with stage.mine("ana") as record:
        card = triggers.add(record, TriggerForm(id=new_id(), **typed | also))
    assert card
    return card


def windows(stage: Stage) -> list[tuple[Any, ...]]:
    with stage.mine("ana") as record:
        found = [one.window for one in week.hard(record)]
    return [(one.weekday, one.start, one.end, one.inside, one.strong) for one in found]


# --- which hours


def test_hours_with_many_strong_urges_are_found_with_their_counts(stage: Stage) -> None:
    fridays(stage)
    assert windows(stage) == [(4, 17, 20, 6, 11)]


def test_below_the_stated_n_nothing_is_said(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    fridays(stage, INSIDE - 1)
    ana = signed_in("ana")
    assert windows(stage) == [] and 'id="hard"' not in ana.look("/triggers/map").text
    clock.now = FRIDAY + timedelta(weeks=1)
    assert "have been hard" not in said(ana.look("/today"))


def test_urges_alone_make_no_hours(stage: Stage) -> None:
    """Nobody knows when else this person would have logged."""
    for number in range(12):
        urge(stage, FRIDAY - timedelta(weeks=number), 8)
    assert windows(stage) == []


def test_check_ins_at_the_same_hour_every_day_make_no_hours(stage: Stage) -> None:
    """They are made when somebody sits down to it, strong urges or not."""
    evening = datetime(2026, 11, 17, 20, 10, tzinfo=NEW_YORK)
    for day in range(40):
        check_in(stage, evening - timedelta(days=day), 8)
        kept(stage, "ana", kind="mood", at=evening - timedelta(days=day, hours=5 + day % 7), mood=3)
    assert windows(stage) == []


def test_what_is_in_the_bin_or_long_ago_does_not_count(stage: Stage) -> None:
    fridays(stage)
    with stage.mine("ana") as record:
        entry.throw(record, entry.between(record, FRIDAY.date(), FRIDAY.date(), ("urge",))[0].id)
    assert windows(stage) == []
    urge(stage, FRIDAY - timedelta(weeks=week.WEEKS + 1), 8)
    assert windows(stage) == []


def test_an_urge_and_a_check_in_of_one_hour_are_two_on_the_map_and_one_for_the_hours(
    signed_in: SignIn, stage: Stage
) -> None:
    fridays(stage, INSIDE - 1)
    check_in(stage, FRIDAY - timedelta(weeks=INSIDE), 9)
    check_in(stage, FRIDAY, 9)
    with stage.mine("ana") as record:
        there = [one for one in week.felt(record) if hours.covers(EVENING, one.at)]
    assert (len(there), windows(stage)) == (INSIDE + 1, [])
    assert "Each counts, also two in one hour." in said(signed_in("ana").look("/triggers/map"))


def test_urges_are_on_the_map_with_what_set_them_off(signed_in: SignIn, stage: Stage) -> None:
    payday = known(stage)
    fridays(stage, INSIDE, str(payday.id), "lonely")
    ana = signed_in("ana")
    assert "11 urges in the last 12 weeks." in said(page := ana.look("/triggers/map"))
    assert "All Friday, payday 6 Lonely 6" in said(page)
    assert "6 urges in the last 12 weeks." in said(ana.look(f"/triggers/map?by={payday.id}"))


def test_what_nothing_names_any_more_is_on_the_map_without_a_name(signed_in: SignIn, stage: Stage) -> None:
    """A kind that the content no longer has; a trigger of somebody else, whom the guard hides."""
    urge(stage, FRIDAY, 8, "kind-of-old", str(new_id()), "\u202e", "lonely")
    ana = signed_in("ana")
    for path in ("/triggers/map", "/triggers/map?by=kind-of-old"):
        assert "All Lonely 1" in said(page := ana.look(path)) and "kind-of-old" not in said(page)


# --- pure: a moment and a window

EVENING = Window(4, 17, 20, 6, 11, 6, 1.2)
NIGHT = Window(4, 22, 1, 6, 11, 6, 1.2)
DAILY = Window(None, 23, 2, 6, 11, 6, 1.2)
COVERED = [
    (EVENING, "13T16:59", 0, False), (EVENING, "13T17:00", 0, True), (EVENING, "13T19:59", 0, True),
    (EVENING, "13T20:00", 0, False), (EVENING, "12T17:00", 0, False), (EVENING, "14T18:00", 0, False),
    (EVENING, "13T14:00", 3, True), (EVENING, "13T13:59", 3, False), (EVENING, "13T20:00", 3, False),
    (NIGHT, "13T22:00", 0, True), (NIGHT, "14T00:59", 0, True), (NIGHT, "14T01:00", 0, False),
    (NIGHT, "13T00:30", 0, False), (NIGHT, "14T22:00", 0, False), (NIGHT, "13T19:00", 3, True),
    (DAILY, "11T23:00", 0, True), (DAILY, "12T01:59", 0, True), (DAILY, "12T02:00", 0, False),
    (DAILY, "12T20:30", 3, True), (DAILY, "12T19:59", 3, False),
]  # fmt: skip


@pytest.mark.parametrize(("window", "at", "before", "inside"), COVERED)
def test_when_it_is_time(window: Window, at: str, before: int, inside: bool) -> None:
    assert hours.covers(window, datetime.fromisoformat(f"2026-11-{at}"), before) is inside


# --- on the map


def test_the_map_says_them_in_words_with_the_count_and_the_plan(signed_in: SignIn, stage: Stage) -> None:
    payday = known(stage)
    known(stage, name="Friday, the bar", risk=10, plan="")
    fridays(stage, INSIDE, str(payday.id))
    page = signed_in("ana").look("/triggers/map")
    told = said(page)
    assert "Hours worth a plan Fridays, 5 pm to 8 pm 6 of your 11 strong urges in the last 12 weeks" in told
    assert "Friday, payday Your plan: I call Sam from the car." in told
    assert f'href="/triggers/{payday.id}" id="hard-plan-1"' in page.text


def test_the_arithmetic_is_shown(signed_in: SignIn, stage: Stage) -> None:
    fridays(stage)
    told = said(signed_in("ana").look("/triggers/map"))
    assert "How we count Strong is 7 or more." in told
    assert "Fridays, 5 pm to 8 pm: 6 strong urges, in 6 different weeks." in told
    assert "If your urges came at all hours alike, less than one would be usual." in told
    assert "only from 6 strong urges in 3 weeks on" in told and "Hours that are not named here can be hard too." in told


def test_of_one_trigger_the_map_says_no_hours(signed_in: SignIn, stage: Stage) -> None:
    fridays(stage, INSIDE, "lonely")
    assert 'id="hard"' not in signed_in("ana").look("/triggers/map?by=lonely").text


PLANS = {
    "the riskiest with a plan": ([("Bar", 10, ""), ("Pay", 3, "Walk."), ("Bus", 7, "Call.")], "Bus Your plan: Call."),
    "one without a plan": ([("Bar", 10, "")], "Bar Make a plan for it"),
    "none": ([], "Make a plan for these hours"),
}


@pytest.mark.parametrize("which", PLANS)
def test_it_offers_the_plan_or_to_make_one(signed_in: SignIn, stage: Stage, which: str) -> None:
    listed, words = PLANS[which]
    cards = [known(stage, name=name, risk=risk, plan=plan) for name, risk, plan in listed]
    fridays(stage, INSIDE, *(str(card.id) for card in cards))
    ana = signed_in("ana")
    page = ana.look("/triggers/map")
    assert f"in the last 12 weeks {words}" in said(page)
    [where] = re.findall(r'href="([^"]*)" id="hard-plan-1"', page.text)
    assert ana.look(where).status_code == 200
    if not cards:
        assert re.search(r'id="sort-times"[^>]* checked', ana.look(where).text)


def test_a_plan_is_found_by_its_kind_too_and_never_a_removed_one(stage: Stage) -> None:
    lonely, payday = known(stage, sort="lonely", name="Nights", risk=2), known(stage)
    fridays(stage, INSIDE, str(payday.id), "lonely")
    with stage.mine("ana") as record:
        assert week.hard(record)[0].trigger == payday
        triggers.remove(record, payday.id)
        assert week.hard(record)[0].trigger == lonely
        triggers.remove(record, lonely.id)
        assert week.hard(record)[0].trigger is None


# --- on Today


def today(ana: Browser, clock: Clock, at: datetime) -> str:
    clock.now = at
    return said(ana.look("/today"))


def test_today_says_it_in_these_hours_and_shortly_before(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    fridays(stage, INSIDE, str(known(stage).id))
    ana, friday = signed_in("ana"), datetime(2026, 11, 20, tzinfo=NEW_YORK)
    words = "Fridays from 5 pm on have been hard. 6 of your 11 strong urges came then."
    for hour in (14, 16, 17, 19):
        told = today(ana, clock, friday + timedelta(hours=hour))
        assert words in told and "Friday, payday Your plan: I call Sam from the car." in told, hour
    for hours_later in (13, 20, 14 + 24, 17 - 24):
        assert "been hard" not in today(ana, clock, friday + timedelta(hours=hours_later)), hours_later


def test_it_is_said_by_the_clocks_where_the_person_lives(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    fridays(stage)
    with stage.mine("ana") as record:
        record.session.get_one(Person, (record.program.id, record.person_id)).zone = "America/Los_Angeles"
    ana, friday = signed_in("ana"), datetime(2026, 11, 20, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert "been hard" not in today(ana, clock, friday.replace(hour=13))  # four in New York
    assert "Fridays from 5 pm on have been hard." in today(ana, clock, friday.replace(hour=19))


def test_every_day_is_said_as_that(signed_in: SignIn, stage: Stage, clock: Clock, monkeypatch: Any) -> None:
    monkeypatch.setattr(week.insights, "windows", lambda *_: [Window(None, 22, 1, 14, 20, 9, 3.4)])
    ana = signed_in("ana")
    assert "From 10 pm on it has often been hard." in today(ana, clock, datetime(2026, 11, 18, 0, 30, tzinfo=NEW_YORK))
    told = said(ana.look("/triggers/map"))
    assert "Every day, 10 pm to 1 am 14 of your 20 strong urges" in told
    assert "in 9 different weeks. If your urges came at all hours alike, about 3 would be usual." in told


def test_another_persons_urges_are_not_mine(stage: Stage) -> None:
    fridays(stage, whose="ben")
    assert windows(stage) == []


# --- however many


def test_f15_the_questions_do_not_grow_with_the_log_or_the_list(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    ana, found = signed_in("ana"), []
    clock.now = FRIDAY + timedelta(weeks=1)
    fridays(stage, INSIDE, str(known(stage).id))
    ana.look("/today")
    for _ in range(2):
        with statements(stage) as sent:
            assert 'id="ahead-plan"' in ana.look("/today").text
            assert 'id="hard-plan-1"' in ana.look("/triggers/map").text
        found.append(len(sent))
        for number in range(20):
            urge(stage, NOON - timedelta(days=number), 3, str(known(stage, name=f"No. {number}", risk=1).id))
    assert found[0] == found[1]


def test_many_triggers_are_folded_below_the_map(signed_in: SignIn, stage: Stage) -> None:
    cards = [known(stage, name=f"No. {number:02}") for number in range(15)]
    urge(stage, FRIDAY, 5, *(str(card.id) for card in cards[:10]))
    urge(stage, FRIDAY, 5, *(str(card.id) for card in cards[10:]))
    ana = signed_in("ana")
    page = ana.look("/triggers/map")
    assert page.text.count('id="by-') == 1 + 15 + 1 and "3 more" in said(page)
    assert re.search(r'id="by-others">', page.text)
    [last] = re.findall(r'id="by-others".*id="by-([0-9a-f-]+)"', page.text, re.DOTALL)
    assert re.search(r'id="by-others" open>', ana.look(f"/triggers/map?by={last}").text)


def test_check_ins_are_not_taken_for_urges_because_that_would_be_wrong_too_often() -> None:
    assert alarms_of_check_ins(100, taken=False) <= 0.05 < alarms_of_check_ins(100, taken=True)
