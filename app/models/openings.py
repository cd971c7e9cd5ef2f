"""Who opened what of whom, when, and why they could: written in the same transaction as the look itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID, uuid5

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, col, select

from app.database import Moment, keep, new_id
from app.guard import Reader
from app.models import people, schedule
from app.models.links import link_on
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
    link_on(record, row)


def looks(reader: Reader, those: Mapping[UUID, UUID]) -> dict[UUID, Opening]:
    """A look of a reader at entries of several participants (id → whose): one an hour for each, however often."""
    hour = f"{reader.person_id} {int(reader.now.timestamp()) // 3600}"
    rows = (
        Opening(
            id=uuid5(entry_id, hour), program_id=reader.program_id, participant_id=whose, reader_id=reader.person_id,
            role=reader.role, at=reader.now, what="entry", entry_id=entry_id,
        )
        for entry_id, whose in those.items()
    )  # fmt: skip
    return {row.id: row for row in rows}


def unwritten(record: Record, those: Mapping[UUID, Opening]) -> list[Opening]:
    """Which of some looks are not written down yet, for the keeper."""
    known = set(record.session.exec(select(Opening.id).where(col(Opening.id).in_(those)))) if those else set()
    return [row for row_id, row in those.items() if row_id not in known]


def write(record: Record, those: Iterable[Opening]) -> None:
    """Write looks down, for the keeper. What was written meanwhile is written once."""
    for row in those:
        if keep(record.session, row):
            link_on(record, row)


def seen(record: Record, limit: int = 100) -> Sequence[Seen]:
    """The latest looks at the participant's record, for the participant."""
    latest = select(Opening).order_by(col(Opening.at).desc(), col(Opening.id).desc())
    rows = record.session.exec(latest.limit(limit)).all()
    names = people.names(record, {row.reader_id for row in rows})
    return [_seen(record, row, names[row.reader_id]) for row in rows]


def _seen(record: Record, row: Opening, by: str) -> Seen:
    return Seen(by, row.role, row.at, schedule.local_day(row.at, record.zone), row.what, row.entry_id)
