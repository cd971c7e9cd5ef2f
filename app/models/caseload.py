"""Who needs me today: a coach's people, exceptions first, each with the reason and the next step."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, func, or_
from sqlmodel import col, select

from app.content import prompt
from app.lib.chart import sparkline, trend_words
from app.models import entry, moods, people, phases, practices, roll, schedule, triggers, week
from app.models.entry import Entry, Line, Place
from app.models.people import Coaching
from app.models.program import Crossing
from app.models.reviews import Review
from app.models.roll import Missed
from app.record import Record

Why = Literal["late", "reply", "missed", "unread", "quiet", "fine"]
ORDER: tuple[Why, ...] = ("late", "reply", "missed", "unread", "quiet", "fine")
QUIET_DAYS = 3
DAYS = 14


@dataclass(frozen=True)
class Case:
    """One participant as their coach sees them in the list. Only what is shared is counted."""

    person_id: UUID
    name: str
    why: Why
    crossing: Crossing | None
    unread: int
    oldest_unread: datetime | None
    waiting_since: datetime | None
    answer_by: datetime | None
    last_shared: datetime | None
    quiet_days: int
    moods: list[float | None]
    missed: Missed | None = None


@dataclass
class _Facts:
    unread: int = 0
    oldest_unread: datetime | None = None
    waiting_since: datetime | None = None
    last_shared: datetime | None = None
    missed: Missed | None = None


def _unreviewed(*also: Any) -> Any:
    return ~exists().where(col(Review.program_id) == Entry.program_id, col(Review.entry_id) == Entry.id, *also)


# What a coach is expected to read. A mood tapped on its own is seen in the line of days instead.
TO_READ = ("journal", "check-in", "practice", "urge", "setback")
_SHARED = select(Entry.participant_id, func.max(col(Entry.kept_at))).group_by(col(Entry.participant_id))
_UNREAD = (
    select(Entry.participant_id, func.count(), func.min(col(Entry.kept_at)))
    .where(col(Entry.kind).in_(TO_READ), _unreviewed())
    .group_by(col(Entry.participant_id))
)
_WAITING = (
    select(Entry.participant_id, func.min(col(Entry.kept_at)))
    .where(Entry.wants_answer, _unreviewed(col(Review.words).is_not(None)))
    .group_by(col(Entry.participant_id))
)
_MOODS = (
    select(col(Entry.participant_id), col(Entry.local_day), func.avg(col(Entry.mood)))
    .where(col(Entry.mood).is_not(None), Entry.local_day > bindparam("after"))
    .group_by(col(Entry.participant_id), col(Entry.local_day))
)


def cases(record: Record) -> list[Case]:
    """Everybody on the caseload today, in the order in which they need their coach. Queries do not grow with it."""
    facts, curves, stays = _facts(record), _moods(record), phases.stays(record)
    names = people.names(record, mine := _mine(record))
    for person, missed in roll.missed(record, mine).items():
        facts[person].missed = missed
    found = [
        _case(
            record,
            person,
            names[person],
            facts[person],
            curves[person],
            stays.crossing(person, record.today),
        )
        for person in mine
    ]
    return sorted(
        found,
        key=lambda case: (ORDER.index(case.why), case.waiting_since or case.oldest_unread or record.now),
    )


def _mine(record: Record) -> list[UUID]:
    mine = select(Coaching.participant_id).where(
        Coaching.coach_id == record.person_id, people.on(record.today, Coaching)
    )
    return list(dict.fromkeys(record.session.exec(mine.order_by(col(Coaching.since), col(Coaching.id))).all()))


def _facts(record: Record) -> dict[UUID, _Facts]:
    facts: dict[UUID, _Facts] = defaultdict(_Facts)
    for person, latest in record.session.execute(_SHARED):
        facts[person].last_shared = latest
    for person, count, oldest in record.session.execute(_UNREAD):
        facts[person].unread, facts[person].oldest_unread = count, oldest
    for person, since in record.session.execute(_WAITING):
        facts[person].waiting_since = since
    return facts


def _moods(record: Record) -> dict[UUID, list[float | None]]:
    days: dict[UUID, dict[date, float]] = defaultdict(dict)
    for person, day, mood in record.session.execute(_MOODS, {"after": record.today - timedelta(days=DAYS)}):
        days[person][day] = float(mood)
    curves: dict[UUID, list[float | None]] = defaultdict(lambda: [None] * DAYS)
    return curves | {person: moods.run(found, record.today, DAYS) for person, found in days.items()}


def _case(
    record: Record, person: UUID, name: str, facts: _Facts, curve: list[float | None], where: Crossing | None
) -> Case:
    due = record.program.answer_by(facts.waiting_since) if facts.waiting_since else None
    since = facts.last_shared or (record.now - timedelta(days=where.days) if where else record.now)
    quiet = schedule.program_days_between(
        schedule.local_day(since, record.zone), record.today, record.program.weekdays(), record.program.holidays()
    )
    return Case(
        person_id=person, name=name, why=why(facts.unread, due, quiet, record.now, bool(facts.missed)), crossing=where,
        unread=facts.unread, oldest_unread=facts.oldest_unread, waiting_since=facts.waiting_since, answer_by=due,
        last_shared=facts.last_shared, quiet_days=quiet, moods=curve,
        missed=facts.missed,
    )  # fmt: skip


def why(unread: int, due: datetime | None, quiet_days: int, now: datetime, missed: bool = False) -> Why:
    """The first reason that holds: a promise passed, an answer asked for, a session missed with no word, something
    unread, days of silence."""
    if due:
        return "late" if due < now else "reply"
    if missed:
        return "missed"
    if unread:
        return "unread"
    return "quiet" if quiet_days > QUIET_DAYS else "fine"


def queue(record: Record) -> list[Line]:
    """What nobody has read, or answered when that was asked for: those that ask come first, then the oldest."""
    unanswered = and_(col(Entry.wants_answer), _unreviewed(col(Review.words).is_not(None)))
    waiting = entry.COLUMNS.where(col(Entry.kind).in_(TO_READ), or_(_unreviewed(), unanswered))
    return entry.lines(record, waiting.order_by(col(Entry.wants_answer).desc(), Entry.kept_at, Entry.id).limit(50))


def beside(waiting: Sequence[Line], after: str = "", before: str = "") -> Line | None:
    """The neighbour of an entry in the queue, round and round; None: nothing else waits. Without one, the first."""
    ids = [str(line.id) for line in waiting]
    seen, step = (before, -1) if before else (after, 1)
    if seen not in ids:
        return waiting[0] if waiting else None
    return waiting[(ids.index(seen) + step) % len(ids)] if len(ids) > 1 else None


def address(line: Line) -> str:
    """Where a coach reads an entry."""
    return f"/caseload/{line.participant_id}/entries/{line.id}"


def desk(record: Record) -> dict[str, Any]:
    """The caseload page: those who need their coach, those who are fine, and how much waits."""
    found = cases(record)
    unread = [case.oldest_unread for case in found if case.oldest_unread]
    return {
        "cases": [case for case in found if case.why != "fine"],
        "fine": [case for case in found if case.why == "fine"],
        "unread": sum(case.unread for case in found),
        "oldest_unread": min(unread, default=None),
        "sparkline": sparkline, "trend": trend_words,
    }  # fmt: skip


def participant(record: Record, language: str, before: str = "") -> dict[str, Any]:
    """One participant's page: who they are, where they stand, fourteen days of mood, and what they share."""
    person = record.participant_id
    lines, more = entry.timeline(record, before=Place.read(before))
    recent = entry.between(record, record.today - timedelta(days=DAYS - 1), record.today)
    return {
        "person_id": person, "name": record.name(person), "lines": lines, "more": more, "first_page": not before,
        "crossing": phases.stays(record).crossing(person, record.today),
        "moods": moods.run(moods.by_day(recent), record.today), "today": record.today,
        "sparkline": sparkline, "trend": trend_words,
    } | ({} if before else known(record, language))  # fmt: skip


def known(record: Record, language: str) -> dict[str, Any]:
    """What helps a participant, their hard hours, and their triggers: as far as they share it, and nothing besides."""
    return {
        "attendance": roll.of_one(record), "helped": practices.helped(record, language), "hard": week.hard(record),
        "weeks": week.WEEKS, "triggers": triggers.mine(record),
    }  # fmt: skip


def sheet(record: Record, entry_id: UUID, language: str) -> dict[str, Any]:
    """One entry to review: the entry, the days around it, whose it is, and by when an answer is promised."""
    line = entry.find(record, entry_id)
    recent = entry.between(record, line.local_day - timedelta(days=DAYS - 1), line.local_day)
    return {
        "line": line, "around": around(record, line), "name": record.name(line.participant_id),
        "person_id": line.participant_id, "answer_by": record.program.answer_by(line.kept_at),
        "moods": moods.run(moods.by_day(recent), line.local_day), "sparkline": sparkline, "trend": trend_words,
        "prompt": prompt(getattr(line.part, "prompt", ""), language),
    }  # fmt: skip


def around(record: Record, line: Line, days: int = 3) -> list[Line]:
    """The shared entries of the days before and after one, oldest first, without it."""
    first, last = line.local_day - timedelta(days=days), line.local_day + timedelta(days=days)
    return [other for other in entry.between(record, first, last) if other.id != line.id]
