"""On which days something recurs. Pure: a rule is the text of RFC 5545 (RRULE) and knows days alone, no times, no zone.

An empty rule is something that happens once, on the day it starts.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import lru_cache

from dateutil.rrule import rrule, rrulestr

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKLY, WEEK = "FREQ=WEEKLY", timedelta(weeks=1)


def weekly(weekdays: Collection[int], every: int = 1, last: date | None = None) -> str:
    """On weekdays (Monday is 0) of every first, second … week, up to and with a last day."""
    days = ",".join(WEEKDAYS[day] for day in sorted(weekdays))
    until = f";UNTIL={last:%Y%m%d}" if last else ""
    return f"{WEEKLY};INTERVAL={every};BYDAY={days}{until}"


def last_of(rule: str, starts_on: date, times: int) -> date:
    """The day of the last of so many times. Raises ValueError when the calendar ends before."""
    if not rule:
        return starts_on
    found: date = starts_on
    for at, _ in zip(_rule(rule, starts_on), range(times), strict=False):
        found = at.date()
    return found


def days(rule: str, starts_on: date, first: date, last: date) -> list[date]:
    """The days from `first` up to and with `last`, in order."""
    return [*_counted(rule, starts_on, first, last)]


@lru_cache(maxsize=1024)  # pages ask it of the same series again and again
def _counted(rule: str, starts_on: date, first: date, last: date) -> tuple[date, ...]:
    if not rule:
        return (starts_on,) if first <= starts_on <= last else ()
    begun = _rule(rule, _nearer(rule, starts_on, first))
    found = begun.between(_midnight(max(first, starts_on)), _midnight(last), inc=True)
    return tuple(at.date() for at in found)


def weekdays(rule: str) -> list[int]:
    """The weekdays of a weekly rule; none of an empty one."""
    return [WEEKDAYS.index(day) for day in _parts(rule).get("BYDAY", "").split(",") if day]


def every(rule: str) -> int:
    """Every how many weeks; 0 is once."""
    return int(_parts(rule).get("INTERVAL", 0))


def last_day(rule: str) -> date | None:
    """The day after which it does not happen any more, where the rule says one."""
    until = _parts(rule).get("UNTIL")
    return date.fromisoformat(until) if until else None


def _rule(rule: str, starts_on: date) -> rrule:
    found: rrule = rrulestr(rule, dtstart=_midnight(starts_on))
    return found


def _nearer(rule: str, starts_on: date, first: date) -> date:
    """Where a weekly rule may as well have started: it is counted from its start, and years of weeks take long."""
    step = (every(rule) or 1) * WEEK
    return starts_on + max((first - starts_on) // step, 0) * step if rule.startswith(WEEKLY) else starts_on


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _parts(rule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.split(";") if part)
