import ast
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.lib import chart
from app.models import clocks, schedule
from app.models.schedule import answer_by, is_program_day, local_day, month_grid, program_days_between, week_of

NEW_YORK = "America/New_York"
OFFICE = range(5)
EVENINGS = [0, 1, 3]  # Monday, Tuesday, Thursday
FIVE = time(17)
THANKSGIVING = [date(2026, 11, 26), date(2026, 11, 27)]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(NEW_YORK))


# --- program days


@pytest.mark.parametrize(
    ("day", "weekdays", "expected"),
    [
        (date(2026, 11, 20), OFFICE, True),  # Friday
        (date(2026, 11, 21), OFFICE, False),
        (date(2026, 11, 22), OFFICE, False),
        (date(2026, 11, 23), OFFICE, True),
        (date(2026, 11, 25), EVENINGS, False),
        (date(2026, 11, 26), EVENINGS, False),  # a Thursday, and Thanksgiving
        (date(2026, 12, 3), EVENINGS, True),
        (date(2026, 11, 22), {6}, True),
        (date(2026, 11, 23), [], False),
    ],
)
def test_a_program_day_is_one_of_the_week_and_no_holiday(day: date, weekdays: list[int], expected: bool) -> None:
    assert is_program_day(day, weekdays, THANKSGIVING) is expected


@pytest.mark.parametrize(
    ("first", "last", "weekdays", "expected"),
    [
        ("2026-11-20", "2026-11-20", OFFICE, 0),
        ("2026-11-20", "2026-11-21", OFFICE, 0),
        ("2026-11-20", "2026-11-22", OFFICE, 0),
        ("2026-11-20", "2026-11-23", OFFICE, 1),
        ("2026-11-22", "2026-11-23", OFFICE, 1),
        ("2026-11-16", "2026-11-20", OFFICE, 4),
        ("2026-11-23", "2026-11-30", OFFICE, 3),  # over Thanksgiving
        ("2026-11-23", "2026-11-30", EVENINGS, 2),
        ("2026-11-20", "2026-11-19", OFFICE, 0),
        ("2026-11-20", "2025-11-20", OFFICE, 0),
        ("2025-12-31", "2026-12-31", range(7), 363),
        ("2026-11-20", "2026-12-20", [], 0),
    ],
)
def test_days_between_count_the_last_and_not_the_first(
    first: str, last: str, weekdays: list[int], expected: int
) -> None:
    days = (date.fromisoformat(first), date.fromisoformat(last))
    assert program_days_between(*days, weekdays, THANKSGIVING) == expected


def test_days_between_add_up() -> None:
    chance = random.Random(3)
    for _ in range(300):
        start = date(2026, 1, 1) + timedelta(chance.randrange(365))
        middle, end = start + timedelta(chance.randrange(60)), start + timedelta(60)
        parts = [(start, middle), (middle, end)]
        total = sum(program_days_between(*part, EVENINGS, THANKSGIVING) for part in parts)
        assert total == program_days_between(start, end, EVENINGS, THANKSGIVING)


# --- the promise


@pytest.mark.parametrize(
    ("sent", "weekdays", "by"),
    [
        ("2026-11-18T09:00", OFFICE, "2026-11-19T22:00"),  # Wednesday morning: by Thursday five
        ("2026-11-18T00:00", OFFICE, "2026-11-19T22:00"),
        ("2026-11-18T23:59:59", OFFICE, "2026-11-19T22:00"),
        ("2026-11-19T00:00", OFFICE, "2026-11-20T22:00"),
        ("2026-11-20T16:40", OFFICE, "2026-11-23T22:00"),  # Friday: by Monday
        ("2026-11-21T12:00", OFFICE, "2026-11-23T22:00"),
        ("2026-11-22T23:59", OFFICE, "2026-11-23T22:00"),
        ("2026-11-23T00:00", OFFICE, "2026-11-24T22:00"),
        ("2026-11-25T20:00", OFFICE, "2026-11-30T22:00"),  # the evening before Thanksgiving
        ("2026-11-24T20:00", EVENINGS, "2026-11-30T22:00"),
        ("2026-11-19T20:00", {3}, "2026-12-03T22:00"),  # Thursdays only, and next Thursday is a holiday
    ],
)
def test_an_answer_is_promised_for_the_next_program_day(sent: str, weekdays: list[int], by: str) -> None:
    promised = answer_by(eastern(sent), NEW_YORK, FIVE, weekdays, THANKSGIVING)
    assert promised == utc(by)
    assert promised.tzinfo is UTC


@pytest.mark.parametrize(
    ("sent", "by"),
    [
        ("2026-11-21T03:00", "2026-11-23T22:00"),  # still Friday evening there
        ("2026-11-23T04:59", "2026-11-23T22:00"),  # still Sunday
        ("2026-11-23T05:00", "2026-11-24T22:00"),  # Monday has begun
    ],
)
def test_the_day_of_sending_is_the_programs_day(sent: str, by: str) -> None:
    assert answer_by(utc(sent), NEW_YORK, FIVE, OFFICE, []) == utc(by)
    from_elsewhere = utc(sent).astimezone(timezone(timedelta(hours=9)))
    assert answer_by(from_elsewhere, NEW_YORK, FIVE, OFFICE, []) == utc(by)


@pytest.mark.parametrize(
    ("sent", "hour", "by"),
    [
        # Clocks go forward on Sunday 8 March 2026 at two, and back on Sunday 1 November at two.
        ("2026-03-06T17:30", "17:00", "2026-03-09T21:00"),
        ("2026-03-05T17:30", "17:00", "2026-03-06T22:00"),
        ("2026-10-30T17:30", "17:00", "2026-11-02T22:00"),
        ("2026-10-29T17:30", "17:00", "2026-10-30T21:00"),
    ],
)
def test_f08_five_is_five_on_the_wall_before_and_after_the_clocks_change(sent: str, hour: str, by: str) -> None:
    assert answer_by(eastern(sent), NEW_YORK, time.fromisoformat(hour), OFFICE, []) == utc(by)


@pytest.mark.parametrize(
    ("sent", "hour", "by"),
    [
        ("2026-03-07T12:00", "01:59", "2026-03-08T06:59"),
        ("2026-03-07T12:00", "02:30", "2026-03-08T07:30"),  # skipped: half past three on the wall
        ("2026-03-07T12:00", "03:00", "2026-03-08T07:00"),
        ("2026-10-31T12:00", "01:30", "2026-11-01T05:30"),  # comes twice: the first
        ("2026-10-31T12:00", "02:00", "2026-11-01T07:00"),
        ("2026-10-31T23:59", "00:00", "2026-11-01T04:00"),
    ],
)
def test_f08_on_the_very_day_when_the_clocks_change(sent: str, hour: str, by: str) -> None:
    assert answer_by(eastern(sent), NEW_YORK, time.fromisoformat(hour), range(7), []) == utc(by)


@pytest.mark.parametrize("zone", [NEW_YORK, "America/Phoenix", "Pacific/Auckland", "Asia/Kathmandu", "UTC"])
def test_a_promise_is_the_first_program_day_after_at_that_hour_wherever_it_is(zone: str) -> None:
    chance = random.Random(zone)
    for _ in range(300):
        sent = utc("2026-01-01T00:00") + timedelta(minutes=chance.randrange(2 * 365 * 24 * 60))
        promised = answer_by(sent, zone, FIVE, EVENINGS, THANKSGIVING)
        there = promised.astimezone(ZoneInfo(zone))
        assert there.time() == FIVE
        assert program_days_between(local_day(sent, zone), there.date(), EVENINGS, THANKSGIVING) == 1
        assert is_program_day(there.date(), EVENINGS, THANKSGIVING)
        assert promised > sent


def test_a_program_that_never_meets_cannot_promise() -> None:
    holidays = [date(2026, 11, 1) + timedelta(n) for n in range(500)]
    for weekdays, off in [([], []), ([9], []), (OFFICE, holidays)]:
        with pytest.raises(ValueError, match="no program day"):
            answer_by(eastern("2026-11-20T12:00"), NEW_YORK, FIVE, weekdays, off)


# --- weeks, days


@pytest.mark.parametrize(
    ("today", "week"),
    [
        ("2026-10-20", 0),
        ("2020-01-01", 0),
        ("2026-10-21", 1),
        ("2026-10-27", 1),
        ("2026-10-28", 2),
        ("2026-11-22", 5),
        ("2027-01-12", 12),
        ("2027-01-13", 13),
    ],
)
def test_the_week_of_an_episode_starts_on_its_own_weekday(today: str, week: int) -> None:
    assert week_of(date(2026, 10, 21), date.fromisoformat(today)) == week


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-11-22T04:59:59", NEW_YORK, "2026-11-21"),
        ("2026-11-22T05:00:00", NEW_YORK, "2026-11-22"),
        ("2026-07-04T03:59:59", NEW_YORK, "2026-07-03"),
        ("2026-07-04T04:00:00", NEW_YORK, "2026-07-04"),
        ("2026-03-08T06:59:59", NEW_YORK, "2026-03-08"),
        ("2026-03-08T07:00:00", NEW_YORK, "2026-03-08"),
        ("2026-03-09T03:59:59", NEW_YORK, "2026-03-08"),  # a day of 23 hours
        ("2026-11-01T05:30:00", NEW_YORK, "2026-11-01"),  # half past one, and
        ("2026-11-01T06:30:00", NEW_YORK, "2026-11-01"),  # half past one again
        ("2026-11-02T04:59:59", NEW_YORK, "2026-11-01"),  # a day of 25 hours
        ("2026-11-21T18:15:00", "Asia/Kathmandu", "2026-11-22"),
        ("2026-11-22T10:00:00", "Pacific/Kiritimati", "2026-11-23"),
        ("2026-11-22T10:59:00", "Pacific/Pago_Pago", "2026-11-21"),
        ("2026-11-22T12:00:00", "UTC", "2026-11-22"),
    ],
)
def test_f08_a_moment_has_its_local_day(at: str, zone: str, day: str) -> None:
    assert local_day(utc(at), zone) == date.fromisoformat(day)
    assert local_day(utc(at).astimezone(ZoneInfo("Asia/Tokyo")), zone) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "act",
    [
        lambda at: local_day(at, NEW_YORK),
        lambda at: answer_by(at, NEW_YORK, FIVE, OFFICE, []),
    ],
    ids=["local_day", "answer_by"],
)
def test_v16_2_2_a_moment_without_an_offset_is_refused(act: Callable[[datetime], object]) -> None:
    with pytest.raises(ValueError, match="offset"):
        act(datetime(2026, 11, 22, 12))


# --- the calendar


def test_a_month_is_weeks_from_sunday_with_nothing_of_its_neighbours() -> None:
    days = [[day and day.day for day in week] for week in month_grid(2026, 11)]
    assert days == [
        [1, 2, 3, 4, 5, 6, 7],
        [8, 9, 10, 11, 12, 13, 14],
        [15, 16, 17, 18, 19, 20, 21],
        [22, 23, 24, 25, 26, 27, 28],
        [29, 30, None, None, None, None, None],
    ]


@pytest.mark.parametrize("first_weekday", range(7))
def test_every_day_of_every_month_is_there_once_in_its_column(first_weekday: int) -> None:
    for year, month in [(y, m) for y in (1, 1999, 2024, 2026, 9999) for m in range(1, 13)]:
        weeks = month_grid(year, month, first_weekday)
        assert {len(week) for week in weeks} == {7}
        days = [day for week in weeks for day in week if day]
        assert [day.day for day in days] == list(range(1, len(days) + 1))
        assert {(day.year, day.month) for day in days} == {(year, month)}
        assert len(days) in (28, 29, 30, 31)
        for week in weeks:
            columns = [(n, day) for n, day in enumerate(week) if day]
            assert all(day.weekday() == (first_weekday + n) % 7 for n, day in columns)


@pytest.mark.parametrize(("month", "length"), [(2024_02, 29), (2026_02, 28), (2000_02, 29), (1900_02, 28)])
def test_a_february_has_its_own_length(month: int, length: int) -> None:
    weeks = month_grid(month // 100, month % 100)
    assert sum(day is not None for week in weeks for day in week) == length


# --- pure


@pytest.mark.parametrize("module", [clocks, schedule, chart])
def test_rules_know_no_database_and_no_clock(module: object) -> None:
    source = Path(str(vars(module)["__file__"])).read_text()
    tree = ast.parse(source)
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {
        "calendar",
        "collections.abc",
        "dataclasses",
        "datetime",
        "itertools",
        "math",
        "statistics",
        "typing",
        "zoneinfo",
    }
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
    assert ".now(" not in source and ".today(" not in source
