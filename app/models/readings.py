"""Readings: those of the content by theme, and that somebody has read one."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator
from pydantic import Field as PydanticField
from sqlalchemy import Index
from sqlmodel import Field, col, select

from app.content.readings import THEMES, Reading, reading, readings
from app.content.skills import skill
from app.database import Moment, keep
from app.forms import LogForm, Posted, _, wrong
from app.models import assignments, entry
from app.models.assignments import Item
from app.owned import Owned
from app.record import NotYours, Record

UNKNOWN = _("Please choose a reading from the list.")
ANOTHER = _("This page has marked a reading already. Send it once more to mark this one too.")


class ReadingMark(Owned, table=True):
    """Somebody says that they have read a reading, when. Nobody else reads it; what was asked for is done by it."""

    __tablename__ = "reading_mark"
    __table_args__ = (Index("reading_mark_of", "program_id", "participant_id"),)
    reading: str = Field(max_length=60)
    at: datetime = Field(sa_type=Moment)
    kept_at: datetime = Field(sa_type=Moment)


def _known(said: str) -> str:
    if not reading(said, "en"):
        raise wrong(UNKNOWN)
    return said


class ReadingForm(LogForm):
    reading: Annotated[str, PydanticField(max_length=60), AfterValidator(_known)]


@dataclass(frozen=True)
class Card:
    """A reading as its reader sees it. `read_at`: when they had read it; `asked`: they are asked to."""

    reading: Reading
    read_at: datetime | None = None
    asked: Item | None = None


@cache
def themes(language: str) -> dict[str, list[Reading]]:
    """The readings by theme, in their order."""
    return {theme: [one for one in readings(language) if one.theme == theme] for theme in THEMES}


def shelf(record: Record, language: str) -> dict[str, Any]:
    """The page of all readings: for a participant with what they have read and are asked to."""
    mine = record.reader.role == "participant"
    facts = _mine(record) if mine else {"marks": {}, "asked": {}}
    return {"themes": themes(language), "mine": mine, **facts}


def desk(record: Record, id: str, language: str) -> dict[str, Any]:
    """The page of one. Raises NotYours."""
    one = find(id, language)
    facts = shelf(record, language)
    card = Card(one, facts["marks"].get(id), facts["asked"].get(id))
    return {"card": card, "mine": facts["mine"], "tools": tools(one, language)}


def find(id: str, language: str) -> Reading:
    one = reading(id, language)
    if one is None:
        raise NotYours("reading")
    return one


def tools(one: Reading, language: str) -> list[tuple[str, str]]:
    """The skills that go with a reading, by id and name."""
    found = ((key, skill(key, language)) for key in one.skills)
    return [(key, card.name) for key, card in found if card]


def marked(record: Record, form: Posted[ReadingForm]) -> bool:
    """Carry a form out. False: it is refused. Sent twice, it is marked once."""
    if not form.refused and _mark(record, form.values) != form.values.reading:
        form.refuse("id", ANOTHER)
    return not form.refused


def _mark(record: Record, form: ReadingForm) -> str:
    """Keep it, and answer which reading is marked under that id."""
    when = entry.written(record, form)
    if keep(record.session, ReadingMark(id=form.id, reading=form.reading, at=when.at, kept_at=record.now)):
        assignments.did(record, "reading", form.reading, when.at)
        return form.reading
    return _row(record, form.id).reading


def _row(record: Record, mark_id: UUID) -> ReadingMark:
    row = record.session.exec(select(ReadingMark).where(ReadingMark.id == mark_id)).first()
    if row is None:
        raise NotYours("a mark of somebody else")
    return row


def _mine(record: Record) -> dict[str, Any]:
    rows = record.session.exec(select(ReadingMark).order_by(col(ReadingMark.at), col(ReadingMark.id)))
    asked = {item.what: item for item in reversed(assignments.open_of(record)) if item.kind == "reading"}
    return {"marks": {row.reading: row.at for row in rows}, "asked": asked}
