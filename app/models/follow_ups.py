"""A coach wants to look after somebody again, on a day. It stands until a person says that it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import NewForm, Posted, _, empty_is_none, tidy
from app.models import people
from app.owned import Owned, Readable, Role
from app.record import NotYours, Record

AHEAD = timedelta(days=366)
PAST = _("That day is over. Please choose today or a later one.")
FAR = _("Please choose a day within the next year.")
OTHERWISE = _("This one is kept already, with other words. Send it once more to keep another one.")


class FollowUp(Owned, table=True):
    """A day on which to look again, why, and who wanted that; and, once, who did it when.

    `entry_id`: what it came from, without a foreign key, as the day stands when the entry is gone.
    """

    __tablename__ = "follow_up"
    read_as: ClassVar[Readable] = "staff"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"coach"})
    __table_args__ = (Index("follow_up_open", "program_id", "participant_id", "done_at"),)
    entry_id: UUID | None = None
    coach_id: UUID
    day: date
    words: bytes | None = Field(default=None, sa_type=LargeBinary)
    made_at: datetime = Field(sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    done_by: UUID | None = None


class FollowUpForm(NewForm):
    day: date
    words: Annotated[str, BeforeValidator(tidy), PydanticField(max_length=2000)] = ""
    entry_id: Annotated[UUID | None, BeforeValidator(empty_is_none)] = None


@dataclass(frozen=True)
class Planned:
    """A follow-up, opened for a coach. `done_at` None: it still stands."""

    id: UUID
    participant_id: UUID
    day: date
    words: str
    by: str
    done_at: datetime | None
    done_by: str


def soonest(record: Record) -> dict[UUID, FollowUp]:
    """By participant, the day that comes first of those that still stand."""
    rows = record.session.exec(select(FollowUp).where(col(FollowUp.done_at).is_(None)).order_by(col(FollowUp.day)))
    found: dict[UUID, FollowUp] = {}
    for row in rows:
        found.setdefault(row.participant_id, row)
    return found


def of(record: Record) -> list[Planned]:
    """Every follow-up of one participant: those that stand by their day, then what is done, newest first."""
    mine = select(FollowUp).where(FollowUp.participant_id == record.participant_id)
    rows = record.session.exec(mine.order_by(col(FollowUp.day), col(FollowUp.id))).all()
    names = people.names(record, {one for row in rows for one in (row.coach_id, row.done_by) if one})
    found = [_told(record, row, names) for row in rows]
    done = sorted((one for one in found if one.done_at), key=lambda one: str(one.done_at), reverse=True)
    return [one for one in found if not one.done_at] + done


def _told(record: Record, row: FollowUp, names: dict[UUID, str]) -> Planned:
    words = record.unseal(FollowUp, "words", row.id, row.words, row.participant_id)
    done_by = names.get(row.done_by, "") if row.done_by else ""
    return Planned(row.id, row.participant_id, row.day, words, names.get(row.coach_id, ""), row.done_at, done_by)


def planned(record: Record, form: Posted[FollowUpForm]) -> Posted[FollowUpForm]:
    """Keep a day to look again. Sent twice it is kept once."""
    if form.refused:
        return form
    asked = form.values
    if not record.today <= asked.day <= record.today + AHEAD:
        return form.refuse("day", PAST if asked.day < record.today else FAR)
    row = FollowUp(
        id=asked.id, entry_id=asked.entry_id, coach_id=record.person_id, day=asked.day, made_at=record.now,
        words=record.seal(FollowUp, "words", asked.id, asked.words.strip()),
    )  # fmt: skip
    if keep(record.session, row) or _says(record, _mine(record, asked.id), asked):
        return form
    return form.refuse("id", OTHERWISE)


def _says(record: Record, row: FollowUp, asked: FollowUpForm) -> bool:
    words = record.unseal(FollowUp, "words", row.id, row.words, row.participant_id)
    return (row.coach_id, row.day, words) == (record.person_id, asked.day, asked.words.strip())


def _mine(record: Record, follow_up_id: UUID) -> FollowUp:
    row = record.session.exec(select(FollowUp).where(FollowUp.id == follow_up_id)).first()
    if row is None:
        raise NotYours("follow-up")
    return row


def finish(record: Record, follow_up_id: UUID) -> None:
    """Somebody has looked. Who was first stays written down."""
    row = _mine(record, follow_up_id)
    if row.done_at is None:
        row.done_at, row.done_by = record.now, record.person_id
        record.session.flush()


def desk(record: Record) -> dict[str, Any]:
    """The page of one participant's follow-ups."""
    whose, every = record.participant_id, of(record)
    return {
        "person_id": whose, "name": record.name(whose), "day": record.today, "follow_ups": _standing(every),
        "done": [one for one in every if one.done_at],
    }  # fmt: skip


def _standing(every: Sequence[Planned]) -> list[Planned]:
    return [one for one in every if not one.done_at]


def standing(record: Record) -> list[Planned]:
    """Those of one participant that are still to be done."""
    return _standing(of(record))
