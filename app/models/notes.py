"""Notes that staff keep of one participant, for the coaches who care for them. A change is a new version; none is lost.

They are part of the record (45 CFR 164.501), neither psychotherapy notes nor counseling notes: see docs/decisions/0030.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator
from pydantic import Field as PydanticField
from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import NewForm, Posted, Words, _
from app.models import people
from app.owned import Owned, Readable, Role
from app.record import NotYours, Record

NOT_THEIRS = _("Only who wrote a note can change it. You can write one of your own; your words are still here.")
ANOTHER = _("This page has kept a note already. Save once more to keep this one too.")


class Note(Owned, table=True):
    """One version of a note; `note_id` is that of its first, so that all of them are one note. Rows are only added."""

    read_as: ClassVar[Readable] = "staff"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"coach"})
    __table_args__ = (
        UniqueConstraint("program_id", "note_id", "version", name="note_once"),
        Index("note_of", "program_id", "participant_id", "at"),
    )
    note_id: UUID
    version: int
    words: bytes = Field(sa_type=LargeBinary)
    by: UUID
    at: datetime = Field(sa_type=Moment)


class StaffNoteForm(NewForm):
    """What a coach writes. `version`: of the note that is changed, as the page showed it."""

    words: Annotated[Words, AfterValidator(str.strip), PydanticField(min_length=1)]
    version: int | None = None


@dataclass(frozen=True)
class Version:
    """A note as it once was."""

    id: UUID
    version: int
    words: str
    by: UUID
    author: str
    at: datetime


@dataclass(frozen=True)
class Kept:
    """A note as it stands, with what it was before, the latest first."""

    id: UUID
    now: Version
    before: Sequence[Version] = ()

    @property
    def version(self) -> int:
        return self.now.version

    @property
    def words(self) -> str:
        return self.now.words

    @property
    def first(self) -> Version:
        return self.before[-1] if self.before else self.now


def everything(record: Record) -> list[Kept]:
    """The notes of the participant whose record is open, the one that was begun last first."""
    asked = select(Note).where(Note.participant_id == record.participant_id)
    rows = record.session.exec(asked.order_by(col(Note.note_id).desc(), col(Note.version).desc())).all()
    names = people.names(record, {row.by for row in rows})
    versions = ((row.note_id, _opened(record, row, names.get(row.by, ""))) for row in rows)
    found = ((note, [one for _, one in those]) for note, those in groupby(versions, key=lambda pair: pair[0]))
    return sorted((Kept(note, one[0], one[1:]) for note, one in found), key=_begun, reverse=True)


def _begun(note: Kept) -> tuple[datetime, UUID]:
    return note.first.at, note.id


def _opened(record: Record, row: Note, author: str) -> Version:
    words = record.unseal(Note, "words", row.id, row.words, row.participant_id)
    return Version(row.id, row.version, words, row.by, author, row.at)


def find(record: Record, note_id: UUID) -> Kept:
    """One note of the participant whose record is open. Raises NotYours."""
    found = next((note for note in everything(record) if note.id == note_id), None)
    if found is None:
        raise NotYours("note")
    return found


def desk(record: Record, note_id: UUID | None = None) -> dict[str, Any]:
    """What the pages of notes show: whose they are, all of them, and the one that is changed."""
    facts = {"name": record.name(record.participant_id), "person_id": record.participant_id}
    return facts | {"notes": everything(record), "note": find(record, note_id) if note_id else None}


def answers(record: Record, note_id: UUID) -> dict[str, Any]:
    """What the form starts with that changes a note."""
    note = find(record, note_id)
    return {"words": note.words, "version": note.version}


def written(record: Record, form: Posted[StaffNoteForm]) -> bool:
    """Keep a new note. Sent twice it is one; other words under its number are another note, which the form says."""
    if form.refused:
        return False
    if not _add(record, form.values, form.values.id, 1) and not _says(find(record, form.values.id).first, form.values):
        form.refuse("id", ANOTHER)
    return not form.refused


def amended(record: Record, note_id: UUID, form: Posted[StaffNoteForm]) -> bool:
    """Put a version on top of a note. False: refused, or somebody was faster; the form says so itself."""
    note = find(record, note_id)
    if note.first.by != record.person_id:
        form.refuse("", NOT_THEIRS)
    if form.refused:
        return False
    if _again(note, form.values) or (form.values.version == note.version and note.words == form.values.words):
        return True
    if form.values.version != note.version or not _add(record, form.values, note_id, note.version + 1):
        form.overtaken(find(record, note_id))
    return not form.refused


def _again(note: Kept, form: StaffNoteForm) -> bool:
    """Whether this very form has been kept before."""
    return any(one.id == form.id and _says(one, form) for one in (note.now, *note.before))


def _says(version: Version, form: StaffNoteForm) -> bool:
    return version.words == form.words


def _add(record: Record, form: StaffNoteForm, note_id: UUID, version: int) -> bool:
    words: Any = record.seal(Note, "words", form.id, form.words)
    row = Note(id=form.id, note_id=note_id, version=version, words=words, by=record.person_id, at=record.now)
    return keep(record.session, row)
