"""Who needs me today: a coach's people, exceptions first, each with the reason and the next step."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import exists, func
from sqlmodel import col, select

from app.models import covers, flags, moods, people, phases, schedule, sessions
from app.models.covers import Stead
from app.models.entry import Entry
from app.models.flags import Raised
from app.models.follow_ups import FollowUp
from app.models.people import Coaching
from app.models.program import Crossing
from app.models.reviews import Review
from app.models.rules import LEVELS
from app.models.sessions import ProgramSession
from app.query import Query, given
from app.record import Record

Why = Literal["flag", "late", "reply", "follow", "unread", "quiet", "fine"]
ORDER: tuple[Why, ...] = ("flag", "late", "reply", "follow", "unread", "quiet", "fine")
DAYS = 14
WEEK = timedelta(days=7)
# How far back it is looked for what nobody has read. A flag, and what asks for an answer, waits as long as it takes.
UNREAD = timedelta(weeks=4)


@dataclass(frozen=True)
class Case:
    """One participant as their coach sees them in the list. Only what is shared is counted.

    `flags`: the open ones, the most urgent first. `cover`: the absent coach whose people they are. `turns`:
    today's sessions at which they are expected.
    """

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
    flags: list[Raised] = field(default_factory=list)
    follow_on: date | None = None
    next_session: ProgramSession | None = None
    turns: tuple[ProgramSession, ...] = ()
    cover: Stead | None = None

    @property
    def phase(self) -> int | None:
        return self.crossing.phase.number if self.crossing and self.crossing.week and self.crossing.phase else None

    @property
    def place(self) -> tuple[int, int, datetime]:
        """Where they stand in the list: the reason, of flags the level, and since when."""
        level = LEVELS.index(self.flags[0].level) if self.flags else 0
        since = self.flags[0].at if self.flags else self.waiting_since or self.oldest_unread
        return ORDER.index(self.why), level, since or datetime.max.replace(tzinfo=UTC)


@dataclass
class _Facts:
    unread: int = 0
    oldest_unread: datetime | None = None
    waiting_since: datetime | None = None
    last_shared: datetime | None = None


def unreviewed(*also: Any) -> Any:
    stands = col(Review.entry_id) == Entry.id, col(Review.undone_at).is_(None)
    return ~exists().where(col(Review.program_id) == Entry.program_id, *stands, *also)


# What a coach is expected to read. A mood tapped on its own is seen in the line of days instead.
TO_READ = ("journal", "check-in", "practice", "urge", "setback", "measure")
# Each begins with the people who are asked for, so that an index finds them among all of a program.
THOSE: Any = col(Entry.participant_id).in_(given("those", col(Entry.participant_id), many=True))
_LAST = (
    select(col(Entry.kept_at))
    .where(col(Entry.program_id) == Coaching.program_id, col(Entry.participant_id) == Coaching.participant_id)
    .order_by(col(Entry.kept_at).desc())
    .limit(1)
    .correlate(Coaching)
    .scalar_subquery()
)
SHARED = Query(
    select(Coaching.participant_id, _LAST).where(col(Coaching.id).in_(given("ids", col(Coaching.id), many=True)))
)
UNREAD_OF = Query(
    select(Entry.participant_id, func.count(), func.min(col(Entry.kept_at)))
    .where(THOSE, col(Entry.kept_at) > given("since", col(Entry.kept_at)))
    .where(col(Entry.kind).in_(TO_READ), unreviewed())
    .group_by(col(Entry.participant_id))
)
WAITING = Query(
    select(Entry.participant_id, func.min(col(Entry.kept_at)))
    .where(THOSE, Entry.wants_answer, unreviewed(col(Review.words).is_not(None)))
    .group_by(col(Entry.participant_id))
)
MOODS = Query(
    select(col(Entry.participant_id), col(Entry.local_day), func.avg(col(Entry.mood)))
    .where(THOSE, col(Entry.mood).is_not(None), Entry.local_day > given("after", col(Entry.local_day)))
    .group_by(col(Entry.participant_id), col(Entry.local_day))
)
FOLLOW = Query(
    select(col(FollowUp.participant_id), func.min(col(FollowUp.day)))
    .where(col(FollowUp.participant_id).in_(given("those", col(FollowUp.participant_id), many=True)))
    .where(col(FollowUp.done_at).is_(None), col(FollowUp.day) <= given("today", col(FollowUp.day)))
    .group_by(col(FollowUp.participant_id))
)


def cases(record: Record) -> list[Case]:
    """Everybody on the caseload today, in the order in which they need their coach. Queries do not grow with it."""
    mine = people.caseload(record)
    names, open_flags = people.names(record, list(mine)), flags.open_flags(record, list(mine))
    facts, curves, follow = _facts(record, mine), _moods(record, mine), _follow_ups(record, mine)
    stays, stead, (soon, now_on) = phases.stays(record, tuple(mine)), covers.today(record), _coming(record, mine)
    quiet_from = flags.limits(record).quiet_days
    found = [
        _case(
            record, facts[person], quiet_from, person_id=person, name=names[person], moods=curves[person],
            crossing=stays.crossing(person, record.today), flags=open_flags.get(person, []),
            follow_on=follow.get(person), next_session=soon.get(person), turns=tuple(now_on[person]),
            cover=stead.get(row.cover_id) if row.cover_id else None,
        )
        for person, row in mine.items()
    ]  # fmt: skip
    return sorted(found, key=lambda case: case.place)


def _facts(record: Record, mine: Mapping[UUID, Coaching]) -> dict[UUID, _Facts]:
    facts: dict[UUID, _Facts] = defaultdict(_Facts)
    those, session = list(mine), record.session
    for person, latest in SHARED.rows(session, ids=[row.id for row in mine.values()]):
        facts[person].last_shared = latest
    for person, count, oldest in UNREAD_OF.rows(session, those=those, since=record.now - UNREAD):
        facts[person].unread, facts[person].oldest_unread = count, oldest
    for person, since in WAITING.rows(session, those=those):
        facts[person].waiting_since = since
    return facts


def _moods(record: Record, mine: Collection[UUID]) -> dict[UUID, list[float | None]]:
    days: dict[UUID, dict[date, float]] = defaultdict(dict)
    after = record.today - timedelta(days=DAYS)
    for person, day, mood in MOODS.rows(record.session, those=list(mine), after=after):
        days[person][day] = float(mood)
    curves: dict[UUID, list[float | None]] = defaultdict(lambda: [None] * DAYS)
    return curves | {person: moods.run(found, record.today, DAYS) for person, found in days.items()}


def _coming(
    record: Record, mine: Collection[UUID]
) -> tuple[dict[UUID, ProgramSession], dict[UUID, list[ProgramSession]]]:
    """Within a week: everybody's next session, and all that are theirs today."""
    soon: dict[UUID, ProgramSession] = {}
    now_on: dict[UUID, list[ProgramSession]] = defaultdict(list)
    for one, expected in sessions.ahead(record, mine, record.today + WEEK):
        for person in expected:
            if not one.over(record.now):
                soon.setdefault(person, one)
            if one.on == record.today:
                now_on[person].append(one)
    return soon, now_on


def _follow_ups(record: Record, mine: Collection[UUID]) -> dict[UUID, date]:
    """Whom a coach wanted to look after by today, and since when."""
    rows = FOLLOW.rows(record.session, those=list(mine), today=record.today)
    return {row[0]: row[1] for row in rows}


def _case(record: Record, facts: _Facts, quiet_from: int, **known: Any) -> Case:
    due = record.program.answer_by(facts.waiting_since) if facts.waiting_since else None
    quiet = _quiet(record, facts, known["crossing"])
    reasons: dict[Why, bool] = {
        "flag": bool(known["flags"]), "late": bool(due and due < record.now), "reply": bool(due),
        "follow": bool(known["follow_on"]), "unread": bool(facts.unread), "quiet": quiet > quiet_from,
    }  # fmt: skip
    return Case(
        **known, why=why(reasons), unread=facts.unread, oldest_unread=facts.oldest_unread, quiet_days=quiet,
        waiting_since=facts.waiting_since, answer_by=due, last_shared=facts.last_shared,
    )  # fmt: skip


def _quiet(record: Record, facts: _Facts, where: Crossing | None) -> int:
    """Program days without anything shared: since the last time, or since the first day."""
    since = facts.last_shared or (record.now - timedelta(days=where.days) if where else record.now)
    day, program = schedule.local_day(since, record.zone), record.program
    return schedule.program_days_between(day, record.today, program.weekdays(), program.holidays())


def why(reasons: Mapping[Why, bool]) -> Why:
    """The first reason that holds: a flag, a promise passed, an answer asked for, a day to follow up, something
    unread, days of silence. Clinical design, "order of a coach's list"."""
    return next((reason for reason in ORDER if reasons.get(reason)), "fine")
