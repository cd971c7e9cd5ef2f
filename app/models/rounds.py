"""What a clock finds, with the keeper's eyes over a whole program: silence, and sessions that were missed.

Silence is about what is shared, as a coach sees it: whether somebody writes for themselves is nobody's business.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import col, select

from app.models import flags, roll, rules, schedule
from app.models.entry import Entry
from app.models.flags import Flag
from app.models.people import Episode
from app.models.rules import Reason
from app.models.sharing import Sharing
from app.record import Record

# Who has been silent for longer was told of long ago.
BACK = timedelta(days=30)
DAY = timedelta(days=1)
Found = Iterable[tuple[UUID, Reason]]


def stays(record: Record) -> dict[UUID, date]:
    """Whose stay goes on today, and since when."""
    asked = select(col(Episode.participant_id), col(Episode.started_on)).where(
        Episode.started_on <= record.today, or_(col(Episode.ended_on).is_(None), col(Episode.ended_on) >= record.today)
    )
    return {row[0]: row[1] for row in record.session.exec(asked)}


def silence(record: Record) -> Iterator[tuple[UUID, Reason]]:
    """Who has shared nothing for some program days, today not counted: it is not over."""
    limits, last, program = flags.limits(record), _last_shared(record), record.program
    for person, since in stays(record).items():
        day = last.get(person, since)
        days = schedule.program_days_between(day, record.today - DAY, program.weekdays(), program.holidays())
        reason = rules.quiet(day, days, limits)
        if reason and day >= record.today - BACK:
            yield person, reason


def _last_shared(record: Record) -> dict[UUID, date]:
    shared = select(Sharing.participant_id, Sharing.kind).where(
        col(Sharing.reader_id).is_(None), col(Sharing.ended_at).is_(None)
    )
    open_kinds = {tuple(row) for row in record.session.exec(shared)}
    asked = select(col(Entry.participant_id), col(Entry.kind), func.max(col(Entry.local_day))).where(
        Entry.local_day >= record.today - BACK, Entry.visibility == "shared", col(Entry.binned_at).is_(None)
    )
    found: dict[UUID, date] = {}
    for person, kind, day in record.session.execute(asked.group_by(col(Entry.participant_id), col(Entry.kind))):
        if (person, kind) in open_kinds:
            found[person] = max(day, found.get(person, day))
    return found


def missed(record: Record) -> Iterator[tuple[UUID, Reason]]:
    """Whose latest session of the last week went by without them, and without a word."""
    for person, one in roll.missed(record, stays(record)).items():
        reason = rules.missed_session(str(one.turn.id), one.turn.on, word=False)
        if reason:
            yield person, reason


# What is asked each morning, and after sessions. Others may enter themselves.
MORNING: list[Callable[[Record], Found]] = [silence]
AFTER: list[Callable[[Record], Found]] = [missed]


def go(record: Record, those: Iterable[Callable[[Record], Found]]) -> int:
    """Ask, and raise what is new; how many flags."""
    found = [one for ask in those for one in ask(record)]
    known = _known(record, [reason.key for _, reason in found])
    return sum(
        len(flags.keep(record, [reason], whose=person)) for person, reason in found if (person, reason.key) not in known
    )


def _known(record: Record, keys: list[str]) -> set[tuple[UUID, str]]:
    asked = select(Flag.participant_id, Flag.key).where(col(Flag.key).in_(set(keys)))
    return set(record.session.exec(asked).all()) if keys else set()
