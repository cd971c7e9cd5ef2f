"""The calendar: what a series makes, what differs, who is expected where, and a participant's own week."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.forms import Posted
from app.models import phases, series, sessions
from app.models.people import Episode
from app.models.phases import PhaseChangeForm
from app.models.series import ChangeForm, EndForm, HolidayForm
from app.models.sessions import ProgramSession
from app.record import NotYours
from tests.acts import admit
from tests.conftest import NOON, Stage
from tests.planned import begun, form

WEDNESDAY, DAY = date(2026, 11, 18), timedelta(days=1)
WEEK = 7 * DAY


def plan(stage: Stage, *names: str, **also: Any) -> UUID:
    persons = [getattr(stage.cast, name) for name in names]
    return begun(stage.house, stage.cast.harbor, stage.cast.cora, *persons, **also)


def office(stage: Stage, at: datetime | None = None) -> Any:
    return opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat, at=at)


def between(stage: Stage, first: date = WEDNESDAY, last: date = WEDNESDAY + 4 * WEEK) -> list[ProgramSession]:
    with office(stage) as record:
        return sessions.between(record, first, last)


def differ(stage: Stage, of: UUID, **also: Any) -> None:
    with office(stage) as record:
        asked = ChangeForm(id=new_id(), **{"reason": "Cora is ill"} | also)
        assert series.changed(record, sessions.find(record, of), Posted(kept=asked))


# --- ids


def test_a_session_has_no_row_and_its_id_says_what_it_is(stage: Stage) -> None:
    made = plan(stage)
    one, *_ = between(stage)
    assert sessions.parts(one.id) == (made, WEDNESDAY)
    assert one.id == sessions.session_id(made, WEDNESDAY)
    assert one.id.version == 7
    with office(stage) as record:
        assert sessions.find(record, one.id) == one


@pytest.mark.parametrize("day", [date(2000, 1, 1), date(2026, 11, 18), date(2870, 12, 31)])
def test_every_day_that_fits_comes_back(day: date) -> None:
    for _ in range(50):
        made = sessions.stem(new_id())
        assert sessions.parts(sessions.session_id(made, day)) == (made, day)


def test_what_is_no_session_is_not_there(stage: Stage) -> None:
    made = plan(stage)
    for of in (made, sessions.session_id(made, WEDNESDAY + DAY), sessions.session_id(made, WEDNESDAY - WEEK),
               sessions.session_id(sessions.stem(new_id()), WEDNESDAY), new_id(), UUID(int=0), UUID(int=(1 << 128) - 1),
               sessions.session_id(made, date.min), sessions.session_id(made, date(2871, 1, 1))):  # fmt: skip
        with office(stage) as record, pytest.raises(NotYours):
            sessions.find(record, of)


# --- clocks


def wall(one: ProgramSession, zone: str = "America/New_York") -> str:
    return f"{one.starts_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def test_f08_six_in_the_evening_stays_six_when_the_clocks_change(stage: Stage) -> None:
    plan(stage, starts_on="2026-10-28", weekdays=[2])
    found = between(stage, date(2026, 10, 28), date(2027, 3, 31))
    assert {wall(one)[11:] for one in found} == {"18:00"}
    hours = {one.starts_at.hour for one in found}
    assert hours == {22, 23}  # summer and winter, in UTC
    assert [one.starts_at for one in found] == sorted(one.starts_at for one in found)


def test_f08_the_hour_that_never_happens_and_the_hour_that_happens_twice(stage: Stage) -> None:
    plan(stage, starts_on="2027-03-13", at="02:30", weekdays=[5, 6], title="Spring")
    plan(stage, starts_on="2026-10-31", at="01:30", weekdays=[5, 6], title="Autumn")
    spring = between(stage, date(2027, 3, 13), date(2027, 3, 14))
    spring = [one for one in spring if one.title == "Spring"]
    assert [wall(one) for one in spring] == ["2027-03-13 02:30", "2027-03-14 03:30"]
    autumn = between(stage, date(2026, 10, 31), date(2026, 11, 1))
    # 01:30 on November 1 comes twice: at 05:30 UTC and at 06:30. It is the first.
    assert [one.starts_at for one in autumn] == [
        datetime(2026, 10, 31, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    ]  # fmt: skip
    assert all(one.ends_at - one.starts_at == timedelta(minutes=90) for one in (*spring, *autumn))


def test_from_the_last_of_december_to_the_first_of_january(stage: Stage) -> None:
    plan(stage, starts_on="2026-12-30", at="23:30", weekdays=list(range(7)))
    found = between(stage, date(2026, 12, 31), date(2027, 1, 1))
    assert [one.on for one in found] == [date(2026, 12, 31), date(2027, 1, 1)]
    assert f"{found[0].ends_at:%Y-%m-%d %H:%M}" == "2027-01-01 06:00"
    with office(stage) as record:
        assert sessions.find(record, found[0].id) == found[0]


# --- changes, days off, and the row that stands


def test_one_is_called_off_and_the_others_are_not(stage: Stage) -> None:
    plan(stage)
    first, *_ = between(stage)
    differ(stage, first.id, takes_place=False)
    found = between(stage)
    assert [one.happens for one in found[:2]] == [False, True]
    assert (found[0].why, found[0].reason, found[1].reason) == ("cancelled", "Cora is ill", "")


def test_one_is_moved_and_found_where_it_is_by_the_same_id(stage: Stage) -> None:
    plan(stage)
    first, *_ = between(stage)
    differ(stage, first.id, moved_on=WEDNESDAY + 9 * DAY, moved_at="09:15", place="The garden", cover=stage.cast.dov)
    assert between(stage, WEDNESDAY, WEDNESDAY) == []
    [moved] = between(stage, WEDNESDAY + 9 * DAY, WEDNESDAY + 9 * DAY)
    assert (moved.id, moved.moved, moved.day, moved.on) == (first.id, True, WEDNESDAY, WEDNESDAY + 9 * DAY)
    assert (wall(moved), moved.place, moved.leader_id) == ("2026-11-27 09:15", "The garden", stage.cast.dov)
    assert moved.planned_at == first.starts_at and moved.facilitator_id == stage.cast.cora
    differ(stage, first.id, reason="As planned after all")
    [back] = between(stage, WEDNESDAY, WEDNESDAY)
    assert (back.moved, back.changes, back.leader_id) == (False, 2, stage.cast.cora)
    assert between(stage, WEDNESDAY + 9 * DAY, WEDNESDAY + 9 * DAY) == []


def test_a_day_off_keeps_sessions_away_unless_somebody_says_otherwise(stage: Stage) -> None:
    plan(stage, title="Rests", weekdays=[3])
    plan(stage, title="Goes on", weekdays=[3], on_holidays=True)
    plan(stage, title="Asked for", weekdays=[3])
    thursday = WEDNESDAY + 8 * DAY
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        series.rest(record, HolidayForm(id=new_id(), day=thursday, name="Thanksgiving"))
    asked = next(one for one in between(stage, thursday, thursday) if one.title == "Asked for")
    differ(stage, asked.id, reason="We meet all the same")
    found = {one.title: (one.why, one.reason) for one in between(stage, thursday, thursday)}
    assert found == {
        "Rests": ("holiday", "Thanksgiving"), "Goes on": ("", ""), "Asked for": ("", "We meet all the same"),
    }  # fmt: skip


def test_a_series_goes_differently_from_a_day_on_and_was_what_it_was(stage: Stage) -> None:
    made = plan(stage, weekdays=[2])
    later = form(stage.cast.dov, starts_on=WEDNESDAY + 2 * WEEK, at="19:00", weekdays=[2, 4], title="Late group")
    with office(stage) as record:
        series.amend(record, made, later)
    found = between(stage)
    assert [(wall(one)[5:], one.title) for one in found[:4]] == [
        ("11-18 18:00", "Evening group"), ("11-25 18:00", "Evening group"),
        ("12-02 19:00", "Late group"), ("12-04 19:00", "Late group"),
    ]  # fmt: skip
    assert {one.series_id for one in found} == {made}


def test_what_was_changed_in_a_session_stays_when_its_series_changes(stage: Stage) -> None:
    made = plan(stage, weekdays=[2])
    differ(stage, sessions.session_id(made, WEDNESDAY + WEEK), takes_place=False)
    with office(stage) as record:
        series.amend(record, made, form(stage.cast.cora, starts_on=WEDNESDAY + DAY, at="18:30", weekdays=[2]))
    [one] = between(stage, WEDNESDAY + WEEK, WEDNESDAY + WEEK)
    assert (one.happens, wall(one)[11:]) == (False, "18:30")


def test_a_series_ends_and_begins_again(stage: Stage) -> None:
    made = plan(stage, weekdays=[2])
    with office(stage) as record:
        end = Posted(kept=EndForm(id=new_id(), starts_on=WEDNESDAY + WEEK))
        assert not series.ended(record, made, end).refused and not series.ended(record, made, end).refused
    assert [one.on for one in between(stage)] == [WEDNESDAY]
    with office(stage) as record:
        series.amend(record, made, form(stage.cast.cora, starts_on=WEDNESDAY + 3 * WEEK, weekdays=[2]))
    assert [one.on for one in between(stage)] == [WEDNESDAY, WEDNESDAY + 3 * WEEK, WEDNESDAY + 4 * WEEK]


# --- who is expected


def expected(stage: Stage, name: str, first: date = WEDNESDAY, last: date = WEDNESDAY + 4 * WEEK) -> list[str]:
    with stage.mine(name) as record:
        return [f"{one.on:%m-%d} {one.title}" for one in sessions.expected(record, first, last)]


def test_by_hand_from_a_day_to_a_day(stage: Stage) -> None:
    made = plan(stage, "ana")
    assert expected(stage, "ana", last=WEDNESDAY + WEEK) == ["11-18 Evening group", "11-25 Evening group"]
    assert expected(stage, "ben") == []
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat, stage.cast.ana,
                NOON + 6 * DAY) as record:  # fmt: skip
        series.unseat(record, made)
        series.unseat(record, made)
    assert expected(stage, "ana") == ["11-18 Evening group"]


def test_by_phase_and_a_change_of_phase_is_followed(stage: Stage) -> None:
    """Ana is in phase 2 by her dates, Ben in phase 1."""
    plan(stage, title="Both", phases=[1, 2])
    plan(stage, title="First", phases=[1])
    plan(stage, title="Third", phases=[3])
    assert expected(stage, "ana", last=WEDNESDAY) == ["11-18 Both"]
    assert expected(stage, "ben", last=WEDNESDAY) == ["11-18 Both", "11-18 First"]
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat, stage.cast.ben) as record:
        why = PhaseChangeForm(id=new_id(), number=3, since=WEDNESDAY + WEEK, why="Ready")
        phases.change(record, why)
    assert expected(stage, "ben", last=WEDNESDAY + WEEK) == ["11-18 Both", "11-18 First", "11-25 Third"]


def test_staff_see_everybody_who_is_expected_and_the_stay_decides(stage: Stage) -> None:
    plan(stage, phases=[1, 2, 3])
    ada = admit(stage, "Ada Wells")
    one, *_ = between(stage)
    with office(stage) as record:
        assert set(sessions.roster(record, one)) == {stage.cast.ana, stage.cast.ben, ada}
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat, stage.cast.ben) as record:
        stay = record.session.exec(select(Episode).where(Episode.participant_id == stage.cast.ben)).one()
        stay.ended_on = WEDNESDAY - DAY
    with opened(stage.house, stage.cast.harbor, "coach", stage.cast.dov) as record:
        assert set(sessions.roster(record, one)) == {stage.cast.ana, ada}
    with stage.mine("ana") as record:
        assert sessions.roster(record, one) == [stage.cast.ana]


def test_another_program_has_its_own_calendar(stage: Stage) -> None:
    plan(stage, phases=[1, 2, 3])
    one, *_ = between(stage)
    with stage.mine("eli") as record:
        assert sessions.expected(record, WEDNESDAY, WEDNESDAY + WEEK) == []
        with pytest.raises(NotYours):
            sessions.find(record, one.id)


def test_who_leads_a_session(stage: Stage) -> None:
    plan(stage)
    one, *_ = between(stage)
    differ(stage, one.id, cover=stage.cast.dov)

    def runs(name: str, role: Any) -> bool:
        with opened(stage.house, stage.cast.harbor, role, getattr(stage.cast, name)) as record:
            return sessions.leads(record, sessions.find(record, one.id))

    found = [runs(*who) for who in (("cora", "coach"), ("dov", "coach"), ("pat", "manager"), ("sam", "supporter"))]
    assert found == [True, True, True, False]


# --- what overlaps


def test_the_same_person_or_room_at_the_same_time_is_said(stage: Stage) -> None:
    plan(stage, title="One")
    plan(stage, title="Two", at="19:00", place="room 2 ", facilitator=stage.cast.dov)
    plan(stage, title="Three", at="19:29", place="Room 3")
    plan(stage, title="After", at="19:30", place="Room 2")
    found = between(stage, WEDNESDAY, WEDNESDAY)
    said = {
        (one.title, clash.other.title, clash.person, clash.room)
        for one in found for clash in sessions.clashes(found).get(one.id, [])
    }  # fmt: skip
    assert {two for two in said if two[0] == "One"} == {("One", "Two", False, True), ("One", "Three", True, False)}
    assert ("Three", "After", True, False) in said and ("One", "After", True, True) not in said
    differ(stage, found[0].id, takes_place=False)
    rest = between(stage, WEDNESDAY, WEDNESDAY)
    assert found[0].id not in sessions.clashes(rest)


def test_no_place_is_not_the_same_place(stage: Stage) -> None:
    plan(stage, place="")
    plan(stage, place="", facilitator=stage.cast.dov)
    assert sessions.clashes(between(stage, WEDNESDAY, WEDNESDAY)) == {}
