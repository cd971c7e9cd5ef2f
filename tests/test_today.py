"""Today: the mood row, the check-in, the coach's last answer and the bridge; and where each role is at home."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from app.models import today
from app.models.program import Phase, crossing
from tests.acts import kept, read, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]
HOMES = {"ana": "/today", "cora": "/caseload", "pat": "/people", "sam": "/supporting"}
PHASES = [
    Phase(number=number, name=f"Phase {number}", weeks=4, sessions_a_week=many)
    for number, many in ((1, 5), (2, 3), (3, 1))
]
START = date(2026, 10, 5)


@pytest.mark.parametrize(("who", "home"), HOMES.items())
def test_everybody_is_led_home(who: str, home: str, signed_in: SignIn) -> None:
    here, open_to = signed_in(who), {home} | ({"/people"} if who == "cora" else set())
    assert here.look("/").headers["Location"] == home
    assert {path for path in HOMES.values() if here.look(path).status_code == 200} == open_to
    assert {here.look(path).status_code for path in set(HOMES.values()) - open_to} == {404}


def test_who_is_not_signed_in_is_asked_to(browser: Callable[[], Browser], cast: object) -> None:
    assert browser().look("/").headers["Location"] == "/sign-in"
    for path in HOMES.values():
        assert browser().look(path).headers["Location"] == f"/sign-in?next={path}"


def test_the_first_screen_has_a_mood_and_the_next_thing_to_do(signed_in: SignIn) -> None:
    page = signed_in("ana").look("/today")
    told = said(page)
    assert "How is it right now?" in told and page.text.count('name="mood"') == 5
    assert "Daily check-in" in told and 'href="/check-in"' in page.text and 'href="/help"' in page.text
    assert told.index("How is it right now?") < told.index("Daily check-in")


GREETINGS = {3: "Hello", 5: "Good morning", 11: "Good morning", 12: "Good afternoon", 18: "Good evening", 23: "Hello"}


def test_it_greets_by_the_programs_clock(signed_in: SignIn, clock: Clock) -> None:
    for hour, words in GREETINGS.items():
        clock.now = clock.now.replace(hour=17) + timedelta(hours=hour - 12)
        assert f"{words}, Ana" in said(signed_in("ana").look("/today")), hour
        clock.now = clock.now.replace(hour=17, day=18)


def test_the_sheet_leads_to_everything_that_can_be_logged(signed_in: SignIn) -> None:
    sheet = signed_in("ana").look("/log").text
    assert all(f'href="{path}"' in sheet for path in ("/moods/new", "/check-in", "/journal/new"))


def test_the_newest_answer_is_shown(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    for number in range(2):
        read(stage, "cora", "ana", kept(stage, "ana", f"page {number}"), f"answer {number}")
        clock.go(minutes=5)
    told = said(signed_in("ana").look("/today"))
    assert "answer 1" in told and "answer 0" not in told


def test_an_answer_to_an_entry_that_is_private_by_now_stays_with_its_writer(signed_in: SignIn, stage: Stage) -> None:
    page, ana = kept(stage, "ana", "a page"), signed_in("ana")
    read(stage, "cora", "ana", page, "an answer")
    ana.post(f"/entries/{page}/visibility", {"visibility": "private"})
    assert "an answer" in said(ana.look("/today"))


@pytest.mark.parametrize(
    ("day", "week", "phase", "next_on"),
    [
        (date(2026, 10, 4), 0, None, START),
        (START, 1, 1, date(2026, 11, 2)),
        (date(2026, 11, 1), 4, 1, date(2026, 11, 2)),
        (date(2026, 11, 2), 5, 2, date(2026, 11, 30)),
        (date(2026, 11, 30), 9, 3, None),
        (date(2026, 12, 27), 12, 3, None),
        (date(2026, 12, 28), 12, 3, None),
        (date(2030, 1, 1), 12, 3, None),
    ],
    ids=str,
)
def test_the_bridge_has_a_plank_a_week(day: date, week: int, phase: int | None, next_on: date | None) -> None:
    found = crossing(PHASES, START, day)
    assert (found.week, found.weeks, found.next_on) == (week, 12, next_on)
    assert (found.phase.number if found.phase else None) == phase
    assert 0 < found.part <= 1 and found.days == max((day - START).days, 0)


def test_a_stay_of_no_phases_is_still_a_stay() -> None:
    found = crossing([], START, START)
    assert (found.week, found.weeks, found.phase, found.next_phase) == (1, 1, None, None)


def test_today_says_which_week_it_is(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    with stage.mine("ana") as record:
        where = today.bridge(record)
    assert where and f"week {where.week} of 12" in said(signed_in("ana").look("/today"))
    for days in (60, 400):
        clock.go(days=days)
        assert signed_in("ana").look("/today").status_code == 200
