"""On which days something recurs: against the plain way of counting, and at the ends of years."""

from datetime import date, timedelta

import pytest

from app.models import recurrence

MONDAY = date(2026, 11, 16)
DAY = timedelta(days=1)


def counted(weekdays: set[int], every: int, last: date | None, starts: date, first: date, until: date) -> list[date]:
    """The same, day by day: weeks are counted from the Monday of the week in which it starts."""
    monday = starts - starts.weekday() * DAY
    days = (first + n * DAY for n in range((until - first).days + 1))
    return [
        day
        for day in days
        if day >= starts and (last is None or day <= last) and day.weekday() in weekdays
        and (day - monday).days // 7 % every == 0
    ]  # fmt: skip


@pytest.mark.parametrize("every", [1, 2, 3, 4])
@pytest.mark.parametrize("weekdays", [{0}, {6}, {0, 2, 4}, {5, 6}, set(range(7))])
def test_it_is_as_somebody_would_count_on_a_calendar(weekdays: set[int], every: int) -> None:
    for starts in (MONDAY + n * DAY for n in range(8)):
        for last in (None, MONDAY + 40 * DAY):
            rule = recurrence.weekly(weekdays, every, last)
            # From before it starts, from in it, and from years later.
            for first in (MONDAY - 9 * DAY, MONDAY + 11 * DAY, MONDAY + 1000 * DAY):
                until = first + 50 * DAY
                assert recurrence.days(rule, starts, first, until) == counted(
                    weekdays, every, last, starts, first, until
                )


def test_once_is_one_day() -> None:
    assert recurrence.days("", MONDAY, MONDAY - DAY, MONDAY + 400 * DAY) == [MONDAY]
    assert recurrence.days("", MONDAY, MONDAY + DAY, MONDAY + 400 * DAY) == []
    assert recurrence.last_of("", MONDAY, 9) == MONDAY


def test_a_year_ends_and_the_week_goes_on() -> None:
    rule = recurrence.weekly([3, 4])
    found = recurrence.days(rule, date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert found == [date(2026, 12, 31), date(2027, 1, 1)]
    assert recurrence.days(recurrence.weekly([1]), date(2027, 12, 28), date(2028, 2, 28), date(2028, 3, 1)) == [
        date(2028, 2, 29)
    ]


def test_so_many_times_end_on_the_day_of_the_last() -> None:
    rule = recurrence.weekly([0, 2], 2)
    assert recurrence.last_of(rule, MONDAY, 1) == MONDAY
    assert recurrence.last_of(rule, MONDAY, 5) == date(2026, 12, 14)
    ended = recurrence.weekly([0, 2], 2, date(2026, 12, 14))
    assert len(recurrence.days(ended, MONDAY, MONDAY, MONDAY + 400 * DAY)) == 5


def test_a_rule_is_read_as_it_was_said() -> None:
    rule = recurrence.weekly({4, 0}, 3, date(2027, 1, 8))
    assert rule == "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,FR;UNTIL=20270108"
    assert (recurrence.weekdays(rule), recurrence.every(rule)) == ([0, 4], 3)
    assert recurrence.last_day(rule) == date(2027, 1, 8)
    assert (recurrence.weekdays(""), recurrence.every(""), recurrence.last_day("")) == ([], 0, None)


def test_it_ends_before_it_starts() -> None:
    assert recurrence.days(recurrence.weekly([0], 1, MONDAY - DAY), MONDAY, MONDAY, MONDAY + 99 * DAY) == []
