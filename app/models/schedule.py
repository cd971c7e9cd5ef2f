"""Program days, promises and local days. Pure: plain values in, plain values out.

Weekdays are Python's, Monday 0 to Sunday 6. A moment is an aware datetime; a day is one on the calendar of
a zone.
"""

from calendar import Calendar
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
A_YEAR = 366


def is_program_day(day: date, weekdays: Collection[int], holidays: Collection[date]) -> bool:
    return day.weekday() in weekdays and day not in holidays


def answer_by(sent: datetime, zone: str, hour: time, weekdays: Collection[int], holidays: Collection[date]) -> datetime:
    """The promise, in UTC: by `hour`, local, on the first program day after the local day of sending.

    An hour that daylight saving skips is taken an hour later; one that comes twice is the first.
    Raises ValueError when no program day follows within a year.
    """
    first = local_day(sent, zone) + DAY
    for day in (first + n * DAY for n in range(A_YEAR)):
        if is_program_day(day, weekdays, holidays):
            return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)
    raise ValueError("no program day within a year")


def program_days_between(first: date, last: date, weekdays: Collection[int], holidays: Collection[date]) -> int:
    """Program days after `first`, up to and with `last`: Friday to Monday is 1, a day to itself is 0."""
    days = (first + n * DAY for n in range(1, (last - first).days + 1))
    return sum(is_program_day(day, weekdays, holidays) for day in days)


def week_of(start: date, today: date) -> int:
    """1 in the first seven days of an episode; 0 before it starts."""
    return 0 if today < start else (today - start).days // 7 + 1


def local_day(at: datetime, zone: str) -> date:
    # A naive one would be read in the server's own zone, and nobody would notice.
    if at.utcoffset() is None:
        raise ValueError("a moment needs its offset")
    return at.astimezone(ZoneInfo(zone)).date()


def month_grid(year: int, month: int, first_weekday: int = 6) -> list[list[date | None]]:
    """Weeks of seven, from Sunday unless told otherwise; None where the neighbouring months are."""
    weeks = Calendar(first_weekday).monthdayscalendar(year, month)
    return [[date(year, month, day) if day else None for day in week] for week in weeks]
