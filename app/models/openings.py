"""Who opened what of whom, when, and why they could: written in the same transaction as the look itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, col, select

from app.database import Moment, new_id
from app.models import people, schedule
from app.owned import Owned, Role
from app.record import Record


class Opening(Owned, table=True):
    """One look of one reader at a participant's page ("record") or at one entry ("entry")."""

    kept_by: ClassVar[frozenset[Role]] = frozenset({"coach", "supporter"})
    __table_args__ = (
        CheckConstraint("what in ('record','entry')", name="opening_what"),
        Index("opening_times", "program_id", "participant_id", "at"),
    )
    reader_id: UUID
    role: str = Field(max_length=12)
    at: datetime = Field(sa_type=Moment)
    what: str = Field(max_length=8)
    entry_id: UUID | None = None


@dataclass(frozen=True)
class Seen:
    by: str
    role: str
    at: datetime
    day: date
    what: str
    entry_id: UUID | None


def opened(record: Record, entry_id: UUID | None = None) -> None:
    """This reader is looking at this participant's record, or at one entry in it."""
    row = Opening(
        id=new_id(), reader_id=record.person_id, role=record.reader.role, at=record.now,
        what="entry" if entry_id else "record", entry_id=entry_id,
    )  # fmt: skip
    record.session.add(row)
    record.session.flush()


def seen(record: Record, limit: int = 100) -> Sequence[Seen]:
    """The latest looks at the participant's record, for the participant."""
    rows = record.session.exec(select(Opening).order_by(col(Opening.at).desc()).limit(limit)).all()
    names = people.names(record, {row.reader_id for row in rows})
    return [_seen(record, row, names[row.reader_id]) for row in rows]


def _seen(record: Record, row: Opening, by: str) -> Seen:
    return Seen(by, row.role, row.at, schedule.local_day(row.at, record.zone), row.what, row.entry_id)
