"""Calendar files (RFC 5545). Written by the icalendar library; read back by another one in the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    import icalendar

# Who made the file is asked for, and told to nobody.
MAKER = "-//calendar//EN"


@dataclass(frozen=True)
class Event:
    """What a calendar shows: from when to when, under which title, and where. `number` stays when it is moved."""

    number: UUID
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str = ""
    changes: int = 0
    called_off: bool = False


def calendar(events: Sequence[Event], now: datetime) -> bytes:
    """Events as a file, in UTC: each moment stands alone, whatever a calendar knows of zones."""
    # Imported when somebody's calendar asks.
    import icalendar

    made = icalendar.Calendar()
    made.add("prodid", MAKER)
    made.add("version", "2.0")
    for event in events:
        made.add_component(_event(event, now))
    return bytes(made.to_ical())


def _event(event: Event, now: datetime) -> "icalendar.Event":
    import icalendar

    made = icalendar.Event()
    made.add("uid", str(event.number))
    made.add("dtstamp", now)
    made.add("dtstart", event.starts_at)
    made.add("dtend", event.ends_at)
    made.add("summary", event.title)
    made.add("sequence", event.changes)
    made.add("status", "CANCELLED" if event.called_off else "CONFIRMED")
    if event.place:
        made.add("location", event.place)
    return made
