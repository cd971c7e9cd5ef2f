"""How much waits for each coach: numbers for a supervisor, counted by the keeper and never opened.

Counted is what coaches are expected to read: what is shared with them now. No word, entry or participant comes out.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_
from sqlmodel import col, select

from app.models import covers, people
from app.models.caseload import TO_READ, UNREAD, unreviewed
from app.models.entry import Entry
from app.models.flags import Clearance, Flag
from app.models.people import Coaching
from app.models.reviews import Review
from app.models.rules import LEVELS
from app.models.sharing import Sharing
from app.record import Record


@dataclass
class Load:
    """What one coach has on their own caseload, without whom they cover for: how many people, open flags by level, how
    many entries nobody has read and since when, and how many promised answers are past due."""

    people: int = 0
    flags: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    unread: int = 0
    oldest_unread: datetime | None = None
    late: int = 0


Loads = dict[UUID, Load]
_OWN = col(Coaching.cover_id).is_(None)
_THEIRS = (col(Entry.program_id) == Coaching.program_id) & (col(Entry.participant_id) == Coaching.participant_id)


def counted(record: Record) -> Loads:
    """The load of each coach with somebody on their caseload. For the keeper; four queries."""
    loads: Loads = defaultdict(Load)
    for coach, many in record.session.execute(_by_coach(record, func.count())):
        loads[coach].people = many
    for coach, level, many in _flags(record):
        loads[coach].flags[level] = many
    for coach, many, oldest in _unread(record):
        loads[coach].unread, loads[coach].oldest_unread = many, oldest
    for coach, since in _waiting(record):
        loads[coach].late += record.program.answer_by(since) < record.now
    return dict(loads)


def _by_coach(record: Record, *what: Any) -> Any:
    """Asks by coach for their own people of today."""
    asked = select(Coaching.coach_id, *what).where(_OWN, people.on(record.today, Coaching))
    return asked.group_by(col(Coaching.coach_id))


def _flags(record: Record) -> Any:
    theirs = (col(Flag.program_id) == Coaching.program_id) & (col(Flag.participant_id) == Coaching.participant_id)
    cleared = exists().where(col(Clearance.program_id) == Flag.program_id, col(Clearance.id) == Flag.id)
    asked = _by_coach(record, Flag.level, func.count()).join(Flag, theirs).where(~cleared)
    return record.session.execute(asked.group_by(col(Flag.level)))


def _unread(record: Record) -> Any:
    asked = _by_coach(record, func.count(), func.min(col(Entry.kept_at))).join(Entry, _THEIRS)
    since = record.now - UNREAD
    return record.session.execute(
        asked.where(col(Entry.kept_at) > since, col(Entry.kind).in_(TO_READ), unreviewed(), *_shared(record))
    )


def _waiting(record: Record) -> Any:
    asked = _by_coach(record, Entry.kept_at).join(Entry, _THEIRS).group_by(col(Entry.id), col(Entry.kept_at))
    unanswered = unreviewed(col(Review.words).is_not(None))
    return record.session.execute(asked.where(Entry.wants_answer, unanswered, *_shared(record)))


def _shared(record: Record) -> tuple[Any, ...]:
    """As the guard says it of a coach: a keeper sees more, and counts no more than that."""
    open_now = exists().where(
        col(Sharing.program_id) == Entry.program_id, col(Sharing.participant_id) == Entry.participant_id,
        col(Sharing.kind) == Entry.kind, col(Sharing.reader_id).is_(None), col(Sharing.since) <= record.now,
        or_(col(Sharing.ended_at).is_(None), col(Sharing.ended_at) > record.now),
    )  # fmt: skip
    return col(Entry.binned_at).is_(None), col(Entry.visibility) == "shared", open_now


# --- the page


def desk(record: Record, loads: Loads) -> dict[str, Any]:
    """Each coach of the program by name, who has much and old things first; and who covers for whom today."""
    coaches = people.coaches(record)
    rows = [(coach, name, loads.get(coach, Load())) for coach, name in coaches.items()]
    standing = covers.standing(record, record.today, record.today)
    steads = {row.id: one for row, one in zip(standing, covers.told(record, standing), strict=True)}
    return {
        "loads": sorted(rows, key=lambda row: _weight(row[2], record.now)), "levels": LEVELS,
        "away": {row.coach_id: steads[row.id] for row in standing},
        "covering": {coach: [steads[row.id] for row in standing if row.cover_id == coach] for coach in coaches},
    }  # fmt: skip


def _weight(load: Load, now: datetime) -> tuple[Any, ...]:
    """Urgent flags, promises past, then what waits longest."""
    return -load.flags["urgent"], -load.late, load.oldest_unread or now
