"""Being at sessions, counted: the arithmetic, one's own page, the office's, the caseload, and the table of days."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.access import opened
from app.database import new_id
from app.forms import Posted
from app.models import agenda, presence, roll, rounds
from app.models.agenda import AwayForm
from app.models.attendance import Claim, Mark
from app.models.presence import Turn
from app.models.roll import NOTICE
from app.models.sessions import ProgramSession
from tests.acts import admit, said, statements
from tests.conftest import NOON, Browser, Clock, Stage
from tests.meeting import held

SignIn = Callable[[str], Browser]
HOUR = timedelta(hours=1)
TURN = Turn(UUID(int=1), NOON.date(), NOON, NOON + timedelta(minutes=90))


def mark(stage: Stage, one: ProgramSession, person: UUID, state: str, **also: Any) -> None:
    """Whoever leads marks somebody."""
    with opened(stage.house, stage.cast.harbor, "coach", one.leader_id, person) as record:
        row = {"id": new_id(), "session_id": one.id, "state": state, "at": record.now, "by": one.leader_id} | also
        record.session.add(Mark(**row))
        record.session.flush()


def claim(stage: Stage, one: ProgramSession, name: str) -> None:
    with stage.mine(name) as record:
        row = Claim(id=new_id(), session_id=one.id, arriving=True, proof="tap", at=record.now, kept_at=record.now)
        record.session.add(row)
        record.session.flush()


def group(stage: Stage, ago: timedelta, minutes: int = 90, leader: str = "dov", **also: Any) -> ProgramSession:
    """A session that began so long before noon."""
    leads = getattr(stage.cast, leader)
    return held(stage.house, stage.cast.harbor, leads, NOON - ago, minutes, **also)


# --- the arithmetic


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ({"state": "here"}, 90), ({"state": "here", "minutes": 40}, 40), ({"state": "here", "minutes": 0}, 0),
        ({"state": "late", "in_at": NOON + timedelta(minutes=20)}, 70),
        ({"state": "partial", "out_at": NOON + timedelta(minutes=30)}, 30),
        ({"state": "partial", "in_at": NOON + timedelta(minutes=9), "out_at": NOON + timedelta(minutes=19)}, 10),
        ({"state": "late", "in_at": NOON + timedelta(minutes=95)}, 0),
        ({"state": "missing", "minutes": 90}, 0), ({"state": "open", "minutes": 90}, 0), ({"state": "away"}, 0),
        ({"claimed": True}, 0),
    ],
)  # fmt: skip
def test_minutes_are_what_is_marked_and_never_what_is_claimed(said: dict[str, Any], minutes: int) -> None:
    assert presence.minutes(replace(TURN, **said)) == minutes


AFTER, DURING = NOON + 3 * HOUR, NOON + HOUR


@pytest.mark.parametrize(
    ("said", "now", "word"),
    [
        ({}, NOON - HOUR, "ahead"), ({}, DURING, "ahead"), ({}, AFTER, "unmarked"),
        ({"state": "open"}, AFTER, "unmarked"),
        ({"claimed": True}, AFTER, "claimed"), ({"claimed": True}, DURING, "claimed"), ({"away": True}, AFTER, "away"),
        ({"away": True, "claimed": True, "state": "here"}, AFTER, "here"), ({"state": "missing"}, DURING, "missing"),
        ({"state": "excused", "claimed": True}, AFTER, "excused"), ({"state": "late"}, DURING, "late"),
    ],
)  # fmt: skip
def test_the_mark_speaks_before_the_claim_and_the_claim_before_the_clock(
    said: dict[str, Any], now: datetime, word: str
) -> None:
    assert presence.standing(replace(TURN, **said), now) == word


@pytest.mark.parametrize(
    ("said", "after", "missed"),
    [
        ({}, timedelta(minutes=60), False), ({}, timedelta(minutes=61), True), ({"state": "missing"}, HOUR * 2, True),
        ({"state": "open"}, HOUR * 2, True), ({"state": "here"}, HOUR * 2, False), ({"state": "late"}, HOUR * 2, False),
        ({"state": "partial"}, HOUR * 2, False), ({"state": "excused"}, HOUR * 2, False),
        ({"state": "away"}, HOUR * 2, False), ({"claimed": True}, HOUR * 2, False), ({"away": True}, HOUR * 2, False),
        ({"claimed": True, "state": "missing"}, HOUR * 2, False), ({"expected": False}, HOUR * 2, False),
    ],
)  # fmt: skip
def test_missed_with_no_word_is_an_hour_after_the_end(said: dict[str, Any], after: timedelta, missed: bool) -> None:
    turn = replace(TURN, **said)
    assert presence.missed(turn, turn.ends_at + after) is missed


def of_day(day: date, **also: Any) -> Turn:
    starts = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
    return Turn(UUID(int=day.toordinal()), day, starts, starts + timedelta(minutes=90), **also)


def test_whoever_came_again_or_spoke_since_is_not_missed_any_more() -> None:
    missed, came = of_day(date(2026, 11, 10)), of_day(date(2026, 11, 12), state="here")
    again, now = of_day(date(2026, 11, 16)), NOON
    assert presence.last_missed([came, missed], now) == []
    assert presence.last_missed([missed, replace(came, state="", claimed=True)], now) == []
    assert presence.last_missed([again, missed, came], now) == [again]
    assert presence.last_missed([missed, again], now) == [missed, again]
    # Who said for one of them that they would be away has still not come to the other.
    assert presence.last_missed([missed, replace(again, away=True)], now) == [missed]


def test_a_tally_counts_each_session_where_it_belongs() -> None:
    first = date(2026, 11, 2)
    turns = [
        of_day(first + timedelta(days=n), **kind)
        for n, kind in enumerate(
            [{"state": "here"}, {"state": "late", "minutes": 60}, {"state": "partial", "minutes": 30}, {"away": True},
             {"state": "excused"}, {"state": "missing"}, {}, {"claimed": True}, {"state": "here", "expected": False}]
        )
    ]  # fmt: skip
    counted = presence.tally(turns, NOON)
    assert counted == presence.Tally(
        expected=8, attended=4, late=1, partial=1, away=2, missed=1, unmarked=2, minutes=90 + 60 + 30 + 90
    )
    assert presence.tally([of_day(date(2026, 11, 30))], NOON) == presence.Tally()
    assert presence.tally([], NOON) == presence.Tally()


def test_weeks_start_on_monday_and_are_held_against_their_phase() -> None:
    turns = [of_day(date(2026, 12, 28), state="here"), of_day(date(2026, 12, 31), state="here"),
             of_day(date(2027, 1, 1)), of_day(date(2027, 1, 4), state="late", minutes=5)]  # fmt: skip
    asked: list[date] = []

    def planned(day: date) -> int:
        asked.append(day)
        return 5 if day.year == 2026 else 3

    found = presence.weeks(turns, planned, datetime(2027, 2, 1, tzinfo=UTC))
    assert [(week.monday, week.planned, week.tally.attended, week.tally.expected) for week in found] == [
        (date(2027, 1, 4), 3, 1, 1), (date(2026, 12, 28), 5, 2, 3),
    ]  # fmt: skip
    assert asked == [date(2027, 1, 4), date(2026, 12, 28)]


def test_minutes_of_a_day_are_those_of_all_its_sessions() -> None:
    day = date(2026, 11, 12)
    turns = [of_day(day, state="here"), of_day(day, state="late", minutes=20), of_day(day + timedelta(days=1))]
    assert presence.days(turns) == [(day, 110)]


# --- one's own, and the office's


def test_ones_own_page_tells_what_counts_and_what_is_only_said(stage: Stage, signed_in: SignIn) -> None:
    first, second, third = (group(stage, timedelta(days=ago)) for ago in (6, 5, 2))
    mark(stage, first, stage.cast.ana, "here")
    claim(stage, second, "ana")
    mark(stage, third, stage.cast.ana, "here")
    mark(stage, third, stage.cast.ana, "late", minutes=70)
    shown = said(signed_in("ana").look("/attendance"))
    assert "2 of 3 sessions" in shown and "160 minutes" in shown
    assert "said to be there, not confirmed yet" in shown and "there, came later" in shown
    assert "one started late" in shown and "one not marked yet" in shown
    assert "5 a week in this phase" in shown


def test_what_is_called_off_is_not_expected_and_who_came_by_chance_was_there(stage: Stage, signed_in: SignIn) -> None:
    group(stage, timedelta(days=3), phases="3")  # Ana is in the first phase, or the second
    guest = group(stage, timedelta(days=2), phases="3")
    mark(stage, guest, stage.cast.ana, "here", minutes=45)
    with stage.mine("ana") as record:
        [turn] = roll.turns(record, NOON.date() - timedelta(days=9), NOON.date())
    assert (turn.id, turn.expected, turn.there) == (guest.id, False, True)
    assert "1 session 45 minutes" in said(signed_in("ana").look("/attendance"))


def test_her_coach_and_the_manager_see_the_same_and_nobody_else_does(stage: Stage, signed_in: SignIn) -> None:
    mark(stage, group(stage, timedelta(days=2)), stage.cast.ana, "here")
    at = f"/people/{stage.cast.ana}/attendance"
    for who in ("cora", "dov", "pat"):
        assert "1 of 1 session" in said(signed_in(who).look(at)), who
    for who in ("ana", "ben", "sam", "eli", "fay"):
        assert signed_in(who).look(at).status_code == 404, who
    on_page = said(signed_in("cora").look(f"/caseload/{stage.cast.ana}"))
    assert "At sessions 1 of 1 session" in on_page and "Attendance and letters" in on_page


# --- the caseload: missed with no word


def missed(stage: Stage, coach: str = "cora") -> dict[UUID, roll.Missed]:
    with stage.coached(coach) as record:
        return roll.missed(record, [stage.cast.ana, stage.cast.ben])


def test_missed_with_no_word_stands_on_the_caseload_with_its_day(stage: Stage, signed_in: SignIn) -> None:
    group(stage, timedelta(days=1))
    assert set(missed(stage)) == {stage.cast.ana, stage.cast.ben}
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        rounds.go(record, [rounds.missed])
    shown = said(signed_in("cora").look("/caseload"))
    assert "medium Was not at the session on Nov 17, and sent no word." in shown
    assert "Call, and say that the place is kept." in shown


@pytest.mark.parametrize(
    "word", ["mark", "claim", "away", "excused", "other phase", "a week ago", "not over for an hour"]
)
def test_any_word_is_a_word(stage: Stage, word: str, clock: Clock) -> None:
    ago = {"a week ago": timedelta(days=9), "not over for an hour": 2 * HOUR}.get(word, timedelta(days=1))
    if word == "away":
        clock.now = NOON - timedelta(days=2)
    one = group(stage, ago, phases="3" if word == "other phase" else "1,2,3")
    if word in ("mark", "excused"):
        mark(stage, one, stage.cast.ana, "here" if word == "mark" else word)
    if word == "claim":
        claim(stage, one, "ana")
    if word == "away":
        with stage.mine("ana") as record:
            agenda.say_away(record, one.id, Posted(kept=AwayForm(id=new_id(), reason="work")))
        clock.now = NOON
    assert stage.cast.ana not in missed(stage)


def test_marked_missing_is_still_no_word_and_a_mark_taken_back_too(stage: Stage) -> None:
    one = group(stage, timedelta(days=1))
    mark(stage, one, stage.cast.ana, "missing")
    assert missed(stage)[stage.cast.ana].times == 1
    mark(stage, one, stage.cast.ana, "here", at=NOON + timedelta(seconds=1))
    assert stage.cast.ana not in missed(stage)
    mark(stage, one, stage.cast.ana, "open", at=NOON + timedelta(seconds=2))
    assert stage.cast.ana in missed(stage)


def test_looking_for_the_missed_takes_as_many_queries_for_many(stage: Stage) -> None:
    group(stage, timedelta(days=1))
    with statements(stage) as few:
        missed(stage)
    for name in ("Ula", "Ria", "Finn"):
        admit(stage, name, at=NOON - timedelta(days=20))
    for ago in (2, 3, 4):
        group(stage, timedelta(days=ago))
    with statements(stage) as many:
        missed(stage)
    assert len(many) == len(few)


# --- the program's table


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.text)))


def test_the_table_counts_people_and_hides_small_counts(stage: Stage, signed_in: SignIn) -> None:
    five = [stage.cast.ana, stage.cast.ben, *(admit(stage, name, at=NOON - timedelta(days=9)) for name in "UVW")]
    full, small = group(stage, timedelta(days=1)), group(stage, timedelta(days=2))
    again = group(stage, timedelta(days=1, hours=3))
    for person in five:
        mark(stage, full, person, "here")
    for person in five[:4]:
        mark(stage, small, person, "here")
        mark(stage, again, person, "partial")
    mark(stage, small, five[4], "missing")
    answer = signed_in("pat").look("/attendance/days.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = table(answer)
    assert rows[0] == ["day", "kind of session", "people who were there"]
    # Who was at two groups of a day is one person, and there is no row of sums to subtract from.
    assert rows[1:3] == [["2026-11-16", "Group", "under 5"], ["2026-11-17", "Group", "5"]]
    assert rows[3:] == [[], ["Fewer than 5 people are not counted here."], [NOTICE]]
    assert "Ana" not in answer.text and "Evening" not in answer.text


def test_the_table_is_the_managers(stage: Stage, signed_in: SignIn) -> None:
    for who in ("cora", "ana", "sam", "fay"):
        assert signed_in(who).look("/attendance/days.csv").status_code == 404
    assert table(signed_in("pat").look("/attendance/days.csv?first=2026-11-01&last=rubbish"))[1] == []


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("", "", (date(2026, 8, 20), date(2026, 11, 18))), ("x", "9999-12-31", (date(2026, 8, 20), date(2026, 11, 18))),
        ("0001-01-01", "2026-11-18", (date(2026, 8, 20), date(2026, 11, 18))),
        ("2020-01-01", "2026-11-18", (date(2025, 11, 17), date(2026, 11, 18))),
        ("2026-11-20", "2026-11-18", (date(2026, 11, 18), date(2026, 11, 18))),
        ("2026-12-31", "2027-01-01", (date(2026, 12, 31), date(2027, 1, 1))),
    ],
)  # fmt: skip
def test_days_that_nobody_can_mean_are_the_usual_ones(stage: Stage, first: str, last: str, days: Any) -> None:
    with stage.mine("ana") as record:
        assert roll.span(record, first, last) == days


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "|calc", "%x"])
def test_no_cell_is_a_formula(words: str) -> None:
    assert roll.cell(words) == f"'{words}"
    assert roll.cell("Group") == "Group"
