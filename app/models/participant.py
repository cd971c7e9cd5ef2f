"""One participant as their coach sees them, on one page: where they stand, what is open, the last weeks, what is known.

Everything here is what the participant shares, what the program itself keeps, or what staff wrote for staff.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from sqlalchemy import exists
from sqlmodel import col, func, select

from app.models import (
    agenda,
    assignments,
    covers,
    curves,
    entry,
    flags,
    follow_ups,
    notes,
    people,
    phases,
    practices,
    roll,
    triggers,
    week,
)
from app.models.curves import WEEKS
from app.models.entry import KINDS, Entry, Place
from app.models.reviews import Review
from app.record import Record

Only = Literal["", "words", "asks"]
ONLY: tuple[Only, ...] = get_args(Only)
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
NOTES = 2


@dataclass(frozen=True)
class Asked:
    """What an address asks of the page. What cannot be meant is left out, and `odd` says that something was."""

    kind: str = ""
    first: date | None = None
    last: date | None = None
    only: Only = ""
    weeks: int = WEEKS[0]
    before: Place | None = None
    odd: bool = False

    @classmethod
    def read(cls, **said: str) -> "Asked":
        """`said`: kind, first, last, only, weeks and before, as they stand in an address; "" is not asked."""
        found: dict[str, Any] = {
            "kind": said["kind"] if said["kind"] in KINDS else "",
            "first": _day(said["first"]), "last": _day(said["last"]),
            "only": said["only"] if said["only"] in ONLY else "",
            "weeks": next((weeks for weeks in WEEKS if str(weeks) == said["weeks"]), None),
            "before": Place.read(said["before"]),
        }  # fmt: skip
        odd = any(said[name].strip() and not value for name, value in found.items())
        first, last = found["first"], found["last"]
        if first and last and first > last:
            found |= {"first": last, "last": first}
        return cls(**found | {"weeks": found["weeks"] or WEEKS[0], "odd": odd})

    @property
    def filtered(self) -> bool:
        return bool(self.kind or self.first or self.last or self.only)

    @property
    def fields(self) -> dict[str, Any]:
        """What the form of the filter starts with."""
        return {"kind": self.kind, "first": self.first or "", "last": self.last or "", "only": self.only}

    def query(self, before: Place | None = None, weeks: int | None = None, plain: bool = False) -> str:
        """The address of this page with another place or other weeks. `plain`: without the filter."""
        said = {} if plain else self.fields
        many = weeks or self.weeks
        also = {"weeks": many if many != WEEKS[0] else "", "before": before or ""}
        return "?" + urlencode({name: value for name, value in (said | also).items() if value})


def _day(said: str) -> date | None:
    try:
        day = date.fromisoformat(said.strip())
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def shown(record: Record, language: str, asked: Asked) -> dict[str, Any]:
    """The whole page; an earlier page of the timeline is without what stands beside it."""
    person = record.participant_id
    facts = {"person_id": person, "name": record.name(person), "asked": asked, "first_page": not asked.before}
    return facts | timeline(record, asked) | ({} if asked.before else _beside(record, language, asked))


def timeline(record: Record, asked: Asked) -> dict[str, Any]:
    """A page of what they share, as it is asked for."""
    kinds = (asked.kind,) if asked.kind else KINDS
    lines, more = entry.timeline(record, kinds, asked.before, also=_conditions(asked))
    return {"lines": lines, "more": more, "kinds": KINDS}


def _conditions(asked: Asked) -> list[Any]:
    day, first, last = col(Entry.local_day), asked.first or EARLIEST, asked.last or LATEST
    answered = exists().where(
        col(Review.program_id) == Entry.program_id, col(Review.entry_id) == Entry.id, col(Review.words).is_not(None)
    )
    only = {"": (), "words": (col(Entry.words).is_not(None),), "asks": (col(Entry.wants_answer), ~answered)}
    return [day >= first, day <= last, *only[asked.only]]


def _beside(record: Record, language: str, asked: Asked) -> dict[str, Any]:
    attendance = roll.of_one(record)
    first = record.today - timedelta(weeks=asked.weeks) + timedelta(days=1)
    there = {turn.on for turn in attendance["turns"] if turn.there}
    return head(record, attendance) | known(record, language) | {
        "attendance": attendance, "days": curves.days(record, first, record.today, there, language), "weeks": WEEKS,
        "notes": notes.everything(record)[:NOTES], "items": assignments.open_of(record), "day": record.today,
    }  # fmt: skip


def head(record: Record, attendance: Mapping[str, Any]) -> dict[str, Any]:
    """Where the stay stands, who coaches, the last signs of them, what comes next, and what is flagged."""
    person = record.participant_id
    return {
        "crossing": phases.stays(record).crossing(person, record.today), "coaches": people.coach_names(record),
        "covers": covers.of_one(record), "follow_on": _follow_on(record),
        "last_shared": _last_shared(record), "coming": agenda.coming(record),
        "last_there": max((turn.on for turn in attendance["turns"] if turn.there), default=None),
        "flags": flags.open_flags(record, [person]).get(person, []),
    }  # fmt: skip


def _follow_on(record: Record) -> date | None:
    """The soonest day on which some coach wants to look after something."""
    return min((one.day for one in follow_ups.of(record) if not one.done_at), default=None)


def _last_shared(record: Record) -> datetime | None:
    asked = select(func.max(col(Entry.kept_at))).where(Entry.participant_id == record.participant_id)
    return record.session.exec(asked).one()


def known(record: Record, language: str) -> dict[str, Any]:
    """What helps a participant, their hard hours, and their triggers: as far as they share it, and nothing besides."""
    return {
        "helped": practices.helped(record, language), "hard": week.hard(record), "hard_weeks": week.WEEKS,
        "triggers": triggers.mine(record),
    }  # fmt: skip
