"""When urges come in somebody's week: the map of them, and the hours that have been hard, said with a plan.

The map is of urges and of check-ins. Hours are called hard from urges alone, which somebody logs when one comes: a
check-in is made at an hour of habit, so it counts as something else that was logged (0020).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from app.content import trigger_kind
from app.models import checkins, entry, hours, insights, triggers, urges
from app.models.checkins import CheckIn
from app.models.entry import Entry
from app.models.hours import MONDAY, Felt
from app.models.insights import STRONG, Urge, Window
from app.models.triggers import Card
from app.query import Query, given
from app.record import Record

WEEKS = 12
# From so many hours before on, hard hours are told of on Today: time for a plan, and a way around.
BEFORE = 3


@dataclass(frozen=True)
class Hard:
    """Hours of the week with more strong urges than is usual, and the participant's own trigger for them, if any."""

    window: Window
    trigger: Card | None = None

    @property
    def opens(self) -> datetime:
        """Such a moment, through which a language says the weekday and the hour."""
        return MONDAY + timedelta(days=self.window.weekday or 0, hours=self.window.start)

    @property
    def ends(self) -> datetime:
        return self.opens + timedelta(hours=hours.length(self.window))

    @property
    def usual(self) -> int:
        """How many strong urges these hours would have had, if they came as in all others."""
        return int(self.window.usual + 0.5)


# --- what was logged


def felt(record: Record) -> list[Felt]:
    """Every urge of the last weeks, those of check-ins too, oldest first. Two logs of one hour are two."""
    return sorted([*_asked(record), *_urges(record)], key=lambda one: one.at)


def _lately(part: Any, *columns: Any) -> Query:
    """Of the entries of the last weeks, with a part: when each was, and some of its numbers.

    Only numbers: for the words, hundreds of entries would have to be opened.
    """
    asked = select(col(Entry.happened_at), col(Entry.offset_minutes), *columns)
    joined = asked.join(part, part.id == Entry.id) if part else asked
    return Query(joined.where(Entry.local_day >= given("first", col(Entry.local_day)), col(Entry.binned_at).is_(None)))


URGES = _lately(urges.Urge, urges.Urge.before, urges.Urge.triggers)
ASKED = _lately(CheckIn, CheckIn.urge, *(getattr(CheckIn, name) for name in checkins.HALT))
MOMENTS = _lately(None)


def _asked(record: Record) -> list[Felt]:
    rows = _logged(record, ASKED)
    ticked = ((at, urge, zip(checkins.HALT, ticks, strict=True)) for at, urge, *ticks in rows if urge)
    return [Felt(at, urge, frozenset(name for name, on in ticks if on)) for at, urge, ticks in ticked]


def _urges(record: Record) -> list[Felt]:
    return [
        Felt(at, rating, frozenset(set_off.split(",") if set_off else ()))
        for at, rating, set_off in _logged(record, URGES)
    ]


def _moments(record: Record) -> Iterator[datetime]:
    """When anything at all was logged. Asked when it comes to that: most have too few urges for it."""
    yield from (at for (at,) in _logged(record, MOMENTS))


def _logged(record: Record, those: Query) -> list[tuple[Any, ...]]:
    """When each was, on the clocks there, and its numbers."""
    rows = those.rows(record.session, first=record.today - timedelta(weeks=WEEKS))
    return [((at + timedelta(minutes=offset)).replace(tzinfo=None), *more) for at, offset, *more in rows]


# --- what it says


def chart(record: Record, language: str, trigger: str = "") -> dict[str, Any]:
    """The urge map, of all urges or of those with one trigger; the triggers there are maps of; the hard hours."""
    logged = felt(record)
    counted = hours.by_trigger(logged)
    names = triggers.called(record, counted, language)
    chosen = trigger if trigger in names else ""
    ways = [(key, name, counted[key]) for key, name in names.items()]
    picture = hours.picture(logged, [chosen] if chosen else ())
    return {"picture": picture, "ways": ways, "chosen": chosen, "weeks": WEEKS, "hard": hard(record)}


def told(record: Record, trigger_id: UUID, language: str) -> dict[str, Any]:
    """One trigger's page: its plan, and when urges came that were logged with it, or with its kind."""
    card = triggers.find(record, trigger_id)
    picture = hours.picture(felt(record), [str(card.id), card.sort])
    return {"trigger": card, "kind": trigger_kind(card.sort, language), "picture": picture, "weeks": WEEKS}


def hard(record: Record) -> list[Hard]:
    """The hours of the week that have been hard, the clearest first, as far as this reader may see what was logged."""
    logged = _urges(record)
    return [_planned(record, logged, window) for window in _windows(record, logged)]


def _windows(record: Record, logged: list[Felt]) -> list[Window]:
    return insights.windows((Urge(one.at, one.rating) for one in logged), _moments(record))


def _planned(record: Record, logged: list[Felt], window: Window) -> Hard:
    return Hard(window, triggers.foreseen(record, _named(logged, window)))


def _named(logged: Iterable[Felt], window: Window) -> set[str]:
    """The triggers that strong urges in a window were logged with, by key."""
    inside = (one for one in logged if one.rating >= STRONG and hours.covers(window, one.at))
    return {key for one in inside for key in one.triggers}


def ahead(record: Record) -> Hard | None:
    """The hard hours that it is now where the participant lives, or will be soon. Reminders are to ask this too."""
    here = record.now.astimezone(ZoneInfo(entry.usual_zone(record)))
    logged = _urges(record)
    soon = (window for window in _windows(record, logged) if hours.covers(window, here, BEFORE))
    return next((_planned(record, logged, window) for window in soon), None)
