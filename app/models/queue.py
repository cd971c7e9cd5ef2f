"""What waits for a coach, one entry after the other; and one of them with the days around it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, or_
from sqlmodel import col, select

from app.content import prompt
from app.forms import blank
from app.lib.chart import sparkline, trend_words
from app.models import answering, entry, flags, follow_ups, moods, people
from app.models.caseload import DAYS, TO_READ, UNREAD, unreviewed
from app.models.entry import Entry, Line
from app.models.reviews import Read, Review
from app.models.rules import LEVELS
from app.query import Query, given
from app.record import NotYours, Record

LONGEST = 200


@dataclass(frozen=True)
class Waiting:
    """An entry that nobody has read, or answered when that was asked for, without its words.

    `level`: how urgent the most urgent open flag is that it raised, None without one.
    """

    id: UUID
    participant_id: UUID
    kind: str
    kept_at: datetime
    wants_answer: bool
    level: str | None = None

    @property
    def address(self) -> str:
        return f"/caseload/{self.participant_id}/entries/{self.id}"


_COLUMNS = select(*(getattr(Entry, name) for name in ("id", "participant_id", "kind", "kept_at", "wants_answer")))
_UNANSWERED = and_(col(Entry.wants_answer), unreviewed(col(Review.words).is_not(None)))
_UNREAD = and_(unreviewed(), col(Entry.kept_at) > given("since", col(Entry.kept_at)), col(Entry.kind).in_(TO_READ))
# A gap for the entries of each level.
_LEVEL = case(
    *((col(Entry.id).in_(given(level, col(Entry.id), many=True)), place) for place, level in enumerate(LEVELS)),
    else_=len(LEVELS),
)
WAITING = Query(
    _COLUMNS.where(
        col(Entry.participant_id).in_(given("those", col(Entry.participant_id), many=True)), or_(_UNREAD, _UNANSWERED)
    )
    .order_by(_LEVEL, col(Entry.wants_answer).desc(), col(Entry.kept_at), col(Entry.id))
    .limit(LONGEST)
)


def waiting(record: Record) -> list[Waiting]:
    """The queue: what raised a flag (the most urgent first), what asks for an answer, the rest; by when it is due.

    A promise is due the earlier, the earlier an entry came in. Unread is looked for as far back as in the list of
    people; 200 at most.
    """
    persons = people.caseload(record)
    levels = _levels(record, persons)
    by_level = {level: [one for one, its in levels.items() if its == level] for level in LEVELS}
    rows = WAITING.rows(record.session, those=list(persons), since=record.now - UNREAD, **by_level)
    return [Waiting(**row._asdict(), level=levels.get(row.id)) for row in rows]


def _levels(record: Record, persons: Collection[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for raised in flags.open_flags(record, persons).values():
        for one in raised:
            if one.entry_id:
                found.setdefault(one.entry_id, one.level)
    return found


def beside(queue: Sequence[Waiting], after: str = "", before: str = "") -> Waiting | None:
    """The neighbour of an entry in the queue, round and round; None: nothing else waits. Without one, the first."""
    ids = [str(one.id) for one in queue]
    seen, step = (before, -1) if before else (after, 1)
    if seen not in ids:
        return queue[0] if queue else None
    return queue[(ids.index(seen) + step) % len(ids)] if len(ids) > 1 else None


def following(queue: Sequence[Waiting], done: UUID, then: UUID | None) -> Waiting | None:
    """What comes after an entry that was just read: what its page had next if that still waits, else the first."""
    left = [one for one in queue if one.id != done]
    return next((one for one in left if one.id == then), left[0] if left else None)


def listed(record: Record) -> dict[str, Any]:
    """The whole queue, with whose each is and by when it was promised."""
    queue = waiting(record)
    return {
        "queue": queue, "names": people.names(record, {one.participant_id for one in queue}),
        "due": {one.id: record.program.answer_by(one.kept_at) for one in queue}, "unread": len(queue),
    }  # fmt: skip


def sheet(record: Record, entry_id: UUID, language: str, queue: Sequence[Waiting], slip: Read | None) -> dict[str, Any]:
    """One entry to review: the entry, the days around it, whose it is, by when an answer is promised, who else is
    at it, and what can still be put right."""
    line = entry.find(record, entry_id)
    recent = entry.between(record, line.local_day - timedelta(days=DAYS - 1), line.local_day)
    return {
        "line": line, "around": around(record, line), "name": record.name(line.participant_id),
        "person_id": line.participant_id, "answer_by": record.program.answer_by(line.kept_at),
        "moods": moods.run(moods.by_day(recent), line.local_day), "sparkline": sparkline, "trend": trend_words,
        "prompt": prompt(getattr(line.part, "prompt", ""), language), "day": record.today,
        "flags": _raised(record, entry_id), "follow_ups": follow_ups.standing(record),
        **at_it(record, line), **_place(queue, entry_id), **_forms(entry_id),
        "slip": slip, "slip_name": record.name(slip.participant_id) if slip else "",
    }  # fmt: skip


def at_it(record: Record, line: Line) -> dict[str, Any]:
    """Who else has this entry open, and whose answers it has."""
    answers = [one for one in line.reads if one.words]
    return {"line": line, "others": answering.others(record, line.id), "answers": answers}


def glance(record: Record, person_id: UUID, entry_id: UUID) -> dict[str, Any]:
    """The same for a page that is open already and asks again. NotYours: it is not shared any more."""
    found = entry.lines(record, entry.COLUMNS.where(Entry.id == entry_id, Entry.participant_id == person_id))
    if not found:
        raise NotYours("entry")
    return at_it(record, found[0])


def _raised(record: Record, entry_id: UUID) -> list[Any]:
    found = flags.open_flags(record, [record.participant_id]).get(record.participant_id, [])
    return [one for one in found if one.entry_id == entry_id]


def _place(queue: Sequence[Waiting], entry_id: UUID) -> dict[str, Any]:
    then = beside(queue, str(entry_id))
    return {"left": len(queue), "then": then if then and then.id != entry_id else None, "unread": len(queue)}


def _forms(entry_id: UUID) -> dict[str, Any]:
    """Each form of the page as it begins; the route puts in the one that came back."""
    return {
        "form": blank(), "flag_form": blank(level="medium", entry_id=entry_id), "plan_form": blank(entry_id=entry_id),
        "edit_form": None, "undo_form": None, "editing": None,
    }  # fmt: skip


def around(record: Record, line: Line, days: int = 3) -> list[Line]:
    """The shared entries of the days before and after one, oldest first, without it."""
    first, last = line.local_day - timedelta(days=days), line.local_day + timedelta(days=days)
    return [other for other in entry.between(record, first, last) if other.id != line.id]
