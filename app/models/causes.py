"""What raises a flag when an entry is kept, changed or shared: each kind's answers, its words, and what goes on.

Only what the participant shares at that moment is looked at; of what is private nothing is raised, ever.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import exists, func
from sqlmodel import col, select

from app.models import flags, rules, sharing
from app.models.checkins import CheckIn
from app.models.entry import Entry, Line
from app.models.flags import Clearance, Flag
from app.models.rules import LATELY, WEEKS_BACK, Limits, Reason
from app.query import Query, given
from app.record import Record

Found = Iterable[Reason | None]
# As far back as the longest rule looks.
BACK = timedelta(days=LATELY + WEEKS_BACK)


def _check_in(_record: Record, line: Line, limits: Limits) -> Found:
    yield rules.return_to_use(line.local_day, line.part.used)
    yield rules.strong_urge(str(line.id), line.part.urge, limits)


def _urge(_record: Record, line: Line, limits: Limits) -> Found:
    """The stronger of its two ratings."""
    yield rules.strong_urge(str(line.id), max(line.part.before, line.part.after or 0), limits)


def _attendance(_record: Record, line: Line, limits: Limits) -> Found:
    yield rules.strong_urge(str(line.id), line.part.urge, limits)


def _setback(_record: Record, line: Line, _limits: Limits) -> Found:
    yield rules.return_to_use(line.local_day, True)


# What each kind of entry says to the rules; of the others only the words are looked at. A kind may enter itself here.
CAUSES: dict[str, Callable[[Record, Line, Limits], Found]] = {
    "check-in": _check_in, "urge": _urge, "attendance": _attendance, "setback": _setback,
}  # fmt: skip


def look(record: Record, line: Line, fresh: bool) -> bool:
    """Raise what an entry is a reason for. Whether a flag about it is open now."""
    if line.visibility != "shared" or line.binned_at is not None:
        return False
    kinds = sharing.kinds_open(record)
    if line.kind not in kinds:
        return False
    found = [reason for reason in _asked(record, line, kinds) if reason] if fresh else []
    flags.keep(record, found, line.id)
    # Of what was only now written, and is a reason for nothing, there is no flag to look for.
    return not (fresh and line.version == 1 and not found) and _open(record, line.id)


def _asked(record: Record, line: Line, kinds: frozenset[str]) -> Iterator[Reason | None]:
    limits = flags.limits(record)
    yield rules.self_harm(str(line.id), line.all_words)
    if line.kind in CAUSES:
        yield from CAUSES[line.kind](record, line, limits)
    yield from _going_on(record, line, kinds, limits)


def _going_on(record: Record, line: Line, kinds: frozenset[str], limits: Limits) -> Found:
    """What their days say, as far as they share them. Urges are those of check-ins, which ask the same each day."""
    if line.mood is None and line.kind != "check-in":
        return
    moods, slept, urges = _days(record, kinds)
    if line.mood is not None:
        yield rules.low_mood(moods, record.today, limits)
        yield rules.off_course("mood", moods, record.today, limits)
    if line.kind == "check-in":
        yield rules.short_sleep(slept, record.today, limits)
        yield rules.off_course("urge", urges, record.today, limits)


DAYS = Query(
    select(col(Entry.local_day), func.avg(Entry.mood), func.avg(CheckIn.sleep_hours), func.avg(CheckIn.urge))
    .join(CheckIn, col(CheckIn.id) == col(Entry.id), isouter=True)
    .where(
        Entry.participant_id == given("whose", col(Entry.participant_id)),
        Entry.local_day >= given("since", col(Entry.local_day)), Entry.visibility == "shared",
        col(Entry.binned_at).is_(None), col(Entry.kind).in_(given("kinds", col(Entry.kind), many=True)),
    )
    .group_by(col(Entry.local_day))
)  # fmt: skip
_CLEARED = exists().where(col(Clearance.program_id) == Flag.program_id, col(Clearance.id) == Flag.id)
# Not what a coach raised by hand: that is theirs to say.
RAISED = Query(
    select(Flag.id)
    .where(Flag.entry_id == given("entry", col(Flag.entry_id)), col(Flag.by).is_(None), ~_CLEARED)
    .limit(1)
)


def _days(record: Record, kinds: frozenset[str]) -> list[dict[date, float]]:
    """The means of each day of the last weeks: of mood, hours of sleep, and urge."""
    rows = DAYS.rows(record.session, whose=record.participant_id, since=record.today - BACK, kinds=sorted(kinds))
    return [{row[0]: float(row[n]) for row in rows if row[n] is not None} for n in (1, 2, 3)]


def _open(record: Record, entry_id: UUID) -> bool:
    return RAISED.first(record.session, entry=entry_id) is not None
