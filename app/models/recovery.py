"""The days in recovery: all of them, and those since the last setback; from which day, and in whose words.

No day is ever taken away: docs/decisions/0019-a-setback.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import NewForm, Posted, _, empty_is_none
from app.models import phases
from app.models.entry import Entry
from app.owned import Owned
from app.query import Query
from app.record import NotYours, Record, once

Called = Literal["recovery", "sober", "abstinent", "none"]
Word = Literal["setback", "used", "drank", "acted", "returned"]
LIFETIME = timedelta(days=366 * 100)

NOT_YET = _("That day is still ahead. Please choose today, or a day before.")
TOO_LONG_AGO = _("That is more than 100 years ago. Please look at the date once more.")
ANOTHER = _("This page was saved before. Please send it once more to keep this too.")


class Recovery(Owned, table=True):
    """How somebody counts, from a moment on: the last row holds. `since` None: from the start of the stay."""

    __table_args__ = (
        CheckConstraint("called in ('recovery','sober','abstinent','none')", name="recovery_called"),
        CheckConstraint("word in ('setback','used','drank','acted','returned')", name="recovery_word"),
        Index("recovery_of", "program_id", "participant_id", "kept_at"),
    )
    kept_at: datetime = Field(sa_type=Moment)
    since: date | None = None
    called: str = Field(default="recovery", max_length=10)
    word: str = Field(default="setback", max_length=10)


class RecoveryForm(NewForm):
    """The day somebody counts from (none: the first of the stay), what it is called, and what using is called."""

    since: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    called: Called = "recovery"
    word: Word = "setback"


@dataclass(frozen=True)
class Days:
    """What somebody's days come to, and in which words. `after` None: there was no setback; 0: it was today."""

    all: int
    after: int | None
    since: date
    called: str
    word: str


def counts(since: date, setback_days: Collection[date], today: date) -> tuple[int, int | None]:
    """(all days, days since the last setback or None). A setback before `since` counts for neither.

    All days are the full ones behind today, from `since` on, without those with a setback, each once; the first is the
    day something began, whatever it held. Today is in it tomorrow: a setback today takes nothing from the sum.
    """
    those = {day for day in setback_days if since <= day}
    behind = {day for day in those if since < day < today}
    all_days = max((today - since).days, 0) - len(behind)
    return all_days, max((today - max(those)).days, 0) if those else None


def days(record: Record) -> Days | None:
    """Where somebody stands today. None: there is no day to count from."""
    chosen, since = _chosen(record), _since(record)
    if since is None:
        return None
    return Days(*counts(since, _setback_days(record), record.today), since, chosen.called, chosen.word)


def _since(record: Record) -> date | None:
    stay = phases.stays(record).latest(record.participant_id)
    since: date | None = _chosen(record).since or (stay.started_on if stay else None)
    return since


def word(record: Record) -> str:
    """What somebody calls using."""
    return str(_chosen(record).word)


def answers(record: Record) -> dict[str, Any]:
    """What the form starts with."""
    row = _chosen(record)
    return {"since": row.since, "called": row.called, "word": row.word}


def desk(record: Record) -> dict[str, Any]:
    """What lies beside the form: the days as they are counted now, and the last day one can count from."""
    return {"days": days(record), "today": record.today}


def choose(record: Record, form: Posted[RecoveryForm]) -> Recovery | None:
    """Carry a choice out. None: it is refused, and says so itself. Sent twice, it is made once. Raises NotYours."""
    if form.refused or not _possible(record, form):
        return None
    asked = form.values
    row = Recovery(id=asked.id, kept_at=record.now, since=asked.since, called=asked.called, word=asked.word)
    if keep(record.session, row):
        return row
    there = record.session.exec(select(Recovery).where(Recovery.id == asked.id)).first()
    if there is None:
        raise NotYours("recovery")
    if (there.since, there.called, there.word) == (asked.since, asked.called, asked.word):
        return there
    form.refuse("id", ANOTHER)
    return None


def _possible(record: Record, form: Posted[RecoveryForm]) -> bool:
    since = form.values.since or record.today
    if since > record.today:
        form.refuse("since", NOT_YET)
    elif record.today - since > LIFETIME:
        form.refuse("since", TOO_LONG_AGO)
    return not form.refused


NEWEST = Query(select(Recovery).order_by(col(Recovery.kept_at).desc(), col(Recovery.id).desc()).limit(1))
SETBACK_DAYS = Query(
    select(col(Entry.local_day)).where(Entry.kind == "setback", col(Entry.binned_at).is_(None)).distinct()
)


@once
def _chosen(record: Record) -> Any:
    """The last choice; of who made none, what a page starts with."""
    return NEWEST.first(record.session) or Recovery(kept_at=record.now)


def _setback_days(record: Record) -> set[date]:
    return {row.local_day for row in SETBACK_DAYS.rows(record.session)}
