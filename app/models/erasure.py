"""Somebody is erased: their key is destroyed, and with it all they ever wrote and their name (L27).

What is left of them is numbers and times under an id that names nobody. That it was done is a row.
"""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Field, col, delete, select

from app.database import Moment, keep
from app.lib.vault import Master, name_hash
from app.models import accounts, invites
from app.models.accounts import Passphrase, SignIn
from app.models.feeds import Feed
from app.models.people import Coaching, Episode, Membership, PersonKey
from app.owned import InProgram, Role
from app.record import Record


class Erasure(InProgram, table=True):
    """The person with this id was erased. `by`: who did it; the program's own id: whoever keeps the house."""

    read_by: ClassVar[frozenset[Role]] = frozenset({"keeper"})
    by: UUID
    at: datetime = Field(sa_type=Moment)


def named(record: Record, master: Master, sign_in_name: str) -> UUID | None:
    """Who signs in to this program by a name."""
    found = accounts.named(record.session, name_hash(invites.names_key(master), sign_in_name))
    return next((one.person_id for one in found if one.program_id == record.program.id), None)


def erase(record: Record, person_id: UUID) -> None:
    """For the keeper. Their key is gone when this transaction ends, and whatever they had is over. Twice is once."""
    again(record, Erasure(id=person_id, program_id=record.program.id, by=record.person_id, at=record.now))


def again(record: Record, erasure: Erasure) -> None:
    """The same, as it was written down: what is restored from before it stays erased."""
    keep(record.session, erasure)
    record.keyring.persons.pop(erasure.id, None)
    record.session.exec(delete(PersonKey).where(col(PersonKey.id) == erasure.id))
    _leave(record, erasure.id)


def erased(record: Record) -> set[UUID]:
    return set(record.session.exec(select(Erasure.id)))


def _leave(record: Record, person_id: UUID) -> None:
    """They are on no list from today on, and cannot sign in."""
    session, yesterday = record.session, record.today - timedelta(days=1)
    for outside in (Passphrase, SignIn, Feed):
        here = col(outside.program_id) == record.program.id, col(outside.person_id) == person_id
        session.exec(delete(outside).where(*here))
    roles = update(Membership).where(col(Membership.person_id) == person_id, _lasts(Membership, yesterday))
    mine = (col(Coaching.participant_id) == person_id) | (col(Coaching.coach_id) == person_id)
    coaching = update(Coaching).where(mine, _lasts(Coaching, yesterday))
    for each in (roles, coaching):
        session.exec(each.values(until=yesterday))
    stays = col(Episode.participant_id) == person_id, col(Episode.ended_on).is_(None)
    session.exec(update(Episode).where(*stays).values(ended_on=yesterday, ended_by=record.person_id))


def _lasts(table: Any, day: date) -> Any:
    return table.until.is_(None) | (table.until > day)
