"""Who has an entry open to answer it, so that two coaches do not answer the same one unknowingly."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid5

from sqlalchemy import Index
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.models import people
from app.owned import Owned, Readable, Role
from app.record import Record

# Without a sign of life they are taken to be gone.
OPEN, TYPING = timedelta(minutes=2), timedelta(minutes=4)


class Answering(Owned, table=True):
    """A coach has an entry open, since when, and until when that is believed. `typing`: they have begun to write."""

    read_as: ClassVar[Readable] = "staff"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"coach"})
    __table_args__ = (Index("answering_of", "program_id", "entry_id"),)
    entry_id: UUID
    coach_id: UUID
    since: datetime = Field(sa_type=Moment)
    until: datetime = Field(sa_type=Moment)
    typing: bool = False


@dataclass(frozen=True)
class Other:
    """Another coach who has the same entry open, since when; `typing`: who is answering it."""

    by: str
    since: datetime
    typing: bool


def begin(record: Record, entry_id: UUID, typing: bool = False) -> None:
    """This coach has the entry open now, or is typing an answer to it. Each sign of life makes it last."""
    row_id, until = uuid5(entry_id, str(record.person_id)), record.now + (TYPING if typing else OPEN)
    row = Answering(
        id=row_id, entry_id=entry_id, coach_id=record.person_id, since=record.now, until=until, typing=typing
    )
    if keep(record.session, row):
        return
    known = _mine(record, row_id)
    if known.until <= record.now:
        known.since, known.typing = record.now, False
    known.until, known.typing = max(known.until, until), known.typing or typing
    record.session.flush()


def end(record: Record, entry_id: UUID) -> None:
    """This coach is done with it."""
    if row := record.session.get(Answering, (record.program.id, uuid5(entry_id, str(record.person_id)))):
        row.until = min(row.until, record.now)
        record.session.flush()


def _mine(record: Record, row_id: UUID) -> Answering:
    return record.session.exec(select(Answering).where(Answering.id == row_id)).one()


def others(record: Record, entry_id: UUID) -> list[Other]:
    """Which other coaches have an entry open now, who began first before the others."""
    there = select(Answering).where(Answering.entry_id == entry_id, Answering.coach_id != record.person_id)
    rows = record.session.exec(there.where(col(Answering.until) > record.now).order_by(col(Answering.since))).all()
    names = people.names(record, {row.coach_id for row in rows})
    return [Other(names[row.coach_id], row.since, row.typing) for row in rows]
