"""The first-run page, and that it was read."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, select

from app.database import Moment, keep, new_id
from app.forms import Form
from app.models import sharing
from app.owned import Owned
from app.query import Query, given
from app.record import Record

# Raised when the page's promises change: then everybody is shown it again.
VERSION = 3


class Acknowledgement(Owned, table=True):
    """A participant was told who reads, who does not at night, and what staff must report."""

    __table_args__ = (UniqueConstraint("program_id", "participant_id", "version"),)
    version: int = Field(default=VERSION)
    at: datetime = Field(sa_type=Moment)


class WelcomeForm(Form):
    """One button."""


TOLD = Query(select(Acknowledgement.id).where(Acknowledgement.version == given("version", Acknowledgement.version)))


def told(record: Record) -> bool:
    return TOLD.first(record.session, version=VERSION) is not None


def acknowledge(record: Record) -> None:
    """They have been told. From now on their coach sees what this page said the coach sees. Twice is once."""
    if keep(record.session, Acknowledgement(id=new_id(), version=VERSION, at=record.now)):
        sharing.start_all(record)
