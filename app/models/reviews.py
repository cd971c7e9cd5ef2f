"""A coach has read an entry, with or without a reply."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import LogForm, Posted, _, tidy
from app.guard import Owned, Readable, Role
from app.record import NotYours, Record

if TYPE_CHECKING:
    from app.models.entry import Line


class Review(Owned, table=True):
    """One reading of one entry by one coach; with `words`, an answer to it."""

    read_as: ClassVar[Readable] = "about"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"coach"})
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "entry_id"],
            ["entry.program_id", "entry.id"],
            ondelete="CASCADE",
            name="review_entry",
        ),
        Index("review_of", "program_id", "entry_id"),
    )
    entry_id: UUID
    coach_id: UUID
    at: datetime = Field(sa_type=Moment)
    words: bytes | None = Field(default=None, sa_type=LargeBinary)


class ReviewForm(LogForm):
    """Read, or (with `words`) answered."""

    words: Annotated[str, BeforeValidator(tidy), AfterValidator(str.strip), PydanticField(max_length=4000)] = ""


@dataclass(frozen=True)
class Read:
    """Who read an entry and when; `words` is the answer, empty when it was read only."""

    id: UUID
    by: str
    at: datetime
    words: str


def reads(record: Record, lines: "list[Line]") -> "list[Line]":
    """Put to each line who read it, oldest first."""
    those = select(Review).where(col(Review.entry_id).in_([line.id for line in lines]))
    by_id = {line.id: line for line in lines}
    for row in record.session.exec(those.order_by(col(Review.at), col(Review.id))) if lines else ():
        words = record.unseal(Review, "words", row.id, row.words, row.participant_id)
        by_id[row.entry_id].reads.append(Read(row.id, record.name(row.coach_id), row.at, words))
    return lines


def read(record: Record, line: "Line", review_id: UUID, words: str = "") -> bool:
    """This coach has read an entry, perhaps with an answer. Sent twice, it is kept once.

    False: they sent other words under that id before, which the participant may have read by now.
    """
    row = Review(
        id=review_id, entry_id=line.id, coach_id=record.person_id, at=record.now,
        words=record.seal(Review, "words", review_id, words),
    )  # fmt: skip
    return keep(record.session, row) or _kept(record, line, review_id) == words


def _kept(record: Record, line: "Line", review_id: UUID) -> str:
    mine = select(Review).where(Review.id == review_id, Review.entry_id == line.id)
    row = record.session.exec(mine.where(Review.coach_id == record.person_id)).first()
    if row is None:
        raise NotYours("review")
    return record.unseal(Review, "words", row.id, row.words, row.participant_id)


def sent(record: Record, line: "Line", form: Posted[ReviewForm]) -> Posted[ReviewForm]:
    """Carry a reading out. A second answer under the number of the first gets a number of its own."""
    if not form.refused and not read(record, line, form.values.id, form.values.words):
        form.refuse("id", _("Your first answer is sent already. Send this one once more to add it."))
    return form


def last_answer(record: Record) -> tuple[Read, UUID] | None:
    """The newest answer to the participant, and the entry it answers."""
    answers = select(Review).where(col(Review.words).is_not(None))
    row = record.session.exec(answers.order_by(col(Review.at).desc())).first()
    if row is None:
        return None
    words = record.unseal(Review, "words", row.id, row.words, row.participant_id)
    return Read(row.id, record.name(row.coach_id), row.at, words), row.entry_id
