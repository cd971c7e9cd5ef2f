"""What a participant lets whom see, by kind, until when. Every change is kept as a row."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, col, select

from app.database import Moment, new_id
from app.forms import Form
from app.models import entry
from app.models.entry import KINDS
from app.models.people import coach_names
from app.owned import Owned
from app.query import Query
from app.record import Record, once

# Lists of one's own that may be shared too. Nobody is told at the welcome page that they are: each starts closed.
LISTS = ("trigger",)
# What whoever leads the session reads too: that is another person each time, and stands here without a name.
LED, LEADER = ("attendance",), ""
# How far back something is news to a coach who begins to see it: the days that their pages show.
LATELY = timedelta(days=14)


class Sharing(Owned, table=True):
    """One kind of entry, or a list, is open to a reader; `reader_id` None is the team that coaches the participant."""

    __table_args__ = (
        CheckConstraint(
            "kind in ('mood','check-in','journal','practice','urge','setback','attendance','measure','trigger')",
            name="sharing_kind",
        ),
        Index("sharing_of", "program_id", "participant_id", "kind"),
    )
    reader_id: UUID | None = None
    kind: str = Field(max_length=12)
    since: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class SharingForm(Form):
    kind: Literal["mood", "check-in", "journal", "practice", "urge", "setback", "attendance", "measure", "trigger"]
    open: bool


_WITH_TEAM = select(Sharing).where(col(Sharing.reader_id).is_(None), col(Sharing.ended_at).is_(None))
WITH_TEAM = Query(_WITH_TEAM.order_by(col(Sharing.since)))


def with_team(record: Record) -> Sequence[Any]:
    """What is open to the coaches now: rows to read."""
    return WITH_TEAM.rows(record.session)


@once
def kinds_open(record: Record) -> frozenset[str]:
    return frozenset(row.kind for row in with_team(record))


def start(record: Record, kind: str) -> None:
    """Open a kind to the team. Twice is once. What was written lately is looked at as if it were shared now."""
    if kind not in kinds_open(record):
        record.session.add(Sharing(id=new_id(), kind=kind, since=record.now))
        record.session.flush()
        for line in entry.between(record, record.today - LATELY, record.today, (kind,)):
            entry.looked(record, line)


def stop(record: Record, kind: str) -> None:
    """Close a kind to the team: from the next request on nobody but the participant reads it."""
    for row in record.session.exec(_WITH_TEAM.where(Sharing.kind == kind)):
        row.ended_at = record.now
    record.session.flush()


def turn(record: Record, form: SharingForm) -> None:
    if form.open:
        start(record, form.kind)
    else:
        stop(record, form.kind)


def states(record: Record) -> list[tuple[str, bool]]:
    """Each kind, and whether the coaches may see it."""
    now = kinds_open(record)
    return [(kind, kind in now) for kind in (*KINDS, *LISTS)]


def start_all(record: Record) -> None:
    """Open every kind of entry, of which the welcome page told; no list. What somebody has closed stays closed."""
    before = select(Sharing.kind).where(col(Sharing.reader_id).is_(None)).distinct()
    known = set(record.session.exec(before))
    for kind in KINDS:
        if kind not in known:
            start(record, kind)


def may_read(record: Record) -> dict[str, list[str]]:
    """For each kind and list, the names of those who can read what is shared of it, besides the participant."""
    now, coaches = kinds_open(record), coach_names(record)
    names = {kind: coaches if kind in now else [] for kind in (*KINDS, *LISTS)}
    return names | {kind: [*coaches, LEADER] for kind in LED if kind in now}


def seen_by(record: Record, kind: str) -> list[str]:
    return may_read(record)[kind]


def promise(record: Record) -> dict[str, Any]:
    """What an entry's page says of readers: who they can be, and by when they read what is shared now."""
    return {"may_read": may_read(record), "answer_by": record.program.answer_by(record.now)}
