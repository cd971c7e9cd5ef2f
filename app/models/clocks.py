"""When something was written, and what the clocks showed there. Pure: plain values in, plain values out.

What is written may wait for days before it is sent, and a phone's clock may be wrong. Why it is reckoned in this way:
docs/decisions/0013-when-it-was-written.md. A moment is an aware datetime; a day and a time are read off a wall.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from math import ceil

# A post may be so long on its way: a clock that is off by less is not called wrong.
WAY = timedelta(minutes=5)
# How long ago something may have been written, and how wrong a clock may be for what it said to be told.
BELIEVED = timedelta(days=366)
NOON = time(12)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def happened(written_at: datetime | None, sent_at: datetime | None, now: datetime) -> tuple[datetime, int]:
    """When something was written, never after `now`, and by how many seconds the phone's clock was ahead (0: right).

    `written_at` and `sent_at` are what the phone's clock showed when it was written and when it was sent, None where
    that is not said; `now` is the server's. The later of the two is held against `now`: from 5 minutes on the clock
    was off by that. What was not said, or would be more than 366 days ago, was written `now`.
    """
    if written_at is None:
        return now, 0
    off = _off(max(written_at, sent_at or now) - now)
    ago = now - written_at + off
    if ago > BELIEVED:
        return now, 0
    return min(now - ago, now), off // SECOND if abs(off) <= BELIEVED else 0


def _off(ahead: timedelta) -> timedelta:
    # Whole seconds, rounded up: what is put right by them is not ahead of now.
    return ceil(ahead / SECOND) * SECOND if abs(ahead) >= WAY else timedelta()


@dataclass(frozen=True)
class When:
    """A moment where somebody was, with a phone whose clock was so many seconds ahead."""

    at: datetime
    zone: tzinfo
    clock_off: int = 0

    @property
    def day(self) -> date:
        return self.at.astimezone(self.zone).date()

    @property
    def phone_at(self) -> datetime:
        """What the phone showed."""
        return (self.at + self.clock_off * SECOND).astimezone(self.zone)

    @property
    def offset_minutes(self) -> int:
        return offset_minutes(self.at, self.zone)


def about(written: When, day: date | None, clock: time | None) -> When:
    """The moment that a page is about, from when it was written and what its writer says of the day and the time.

    Today, by the true day or the phone's, is when it was written; another day is its noon; a time alone is today's.
    "Today" is read off the phone, and so is what would be ahead: that is put right as the phone's clock is. Said once
    more of the moment that came of it, a day and a time make the same moment.
    Raises OverflowError at the ends of the calendar.
    """
    phone_day = written.phone_at.date()
    day = None if day == phone_day else day
    if clock is None and day in (None, written.day):
        return written
    at = moment(day or phone_day, clock or NOON, written.zone)
    off = written.clock_off if day is None or (written.clock_off > 0 and at - written.at >= WAY) else 0
    return When(at - off * SECOND, written.zone, off)


def moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """In UTC, what the clocks of a zone showed. An hour that daylight saving skips is taken an hour later; of one that
    comes twice, it is the first.
    """
    return datetime.combine(day, clock, zone).astimezone(UTC)


def offset_minutes(at: datetime, zone: tzinfo) -> int:
    """Minutes east of UTC at that moment: New York is −300 in winter, −240 in summer."""
    local = at.astimezone(zone)
    return (local.replace(tzinfo=UTC) - local) // MINUTE


def place(at: datetime, minutes: int, zone: tzinfo) -> tzinfo:
    """Where clocks stood so at a moment: the zone, if its own did; else the offset alone, without daylight saving."""
    return zone if offset_minutes(at, zone) == minutes else timezone(minutes * MINUTE)
