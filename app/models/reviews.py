"""A coach has read an entry, with or without a reply."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import NewForm, Posted, _, tidy
from app.models import people
from app.owned import Owned, Readable, Role
from app.record import NotYours, Record


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


class ReviewForm(NewForm):
    """Read, or (with `words`) answered."""

    words: Annotated[str, BeforeValidator(tidy), AfterValidator(str.strip), PydanticField(max_length=4000)] = ""


@dataclass(frozen=True)
class Read:
    """Who read an entry and when; `words` is the answer, empty when it was read only."""

    id: UUID
    by: str
    at: datetime
    words: str


def reads(record: Record, entry_ids: Collection[UUID]) -> dict[UUID, list[Read]]:
    """Who read each of some entries, oldest first."""
    found: dict[UUID, list[Read]] = {entry_id: [] for entry_id in entry_ids}
    those = select(Review).where(col(Review.entry_id).in_(entry_ids)).order_by(col(Review.at), col(Review.id))
    rows = record.session.exec(those).all() if entry_ids else ()
    names = people.names(record, {row.coach_id for row in rows})
    for row in rows:
        found[row.entry_id].append(_told(record, row, names[row.coach_id]))
    return found


def _told(record: Record, row: Review, by: str) -> Read:
    return Read(row.id, by, row.at, record.unseal(Review, "words", row.id, row.words, row.participant_id))


def read(record: Record, entry_id: UUID, review_id: UUID, words: str = "") -> bool:
    """This coach has read an entry, perhaps with an answer. Sent twice, it is kept once.

    False: they sent other words under that id before, which the participant may have read by now.
    """
    row = Review(
        id=review_id, entry_id=entry_id, coach_id=record.person_id, at=record.now,
        words=record.seal(Review, "words", review_id, words),
    )  # fmt: skip
    return keep(record.session, row) or _kept(record, entry_id, review_id) == words


def _kept(record: Record, entry_id: UUID, review_id: UUID) -> str:
    mine = select(Review).where(Review.id == review_id, Review.entry_id == entry_id)
    row = record.session.exec(mine.where(Review.coach_id == record.person_id)).first()
    if row is None:
        raise NotYours("review")
    return record.unseal(Review, "words", row.id, row.words, row.participant_id)


def sent(record: Record, entry_id: UUID, form: Posted[ReviewForm]) -> Posted[ReviewForm]:
    """Carry a reading out. A second answer under the number of the first gets a number of its own."""
    if not form.refused and not read(record, entry_id, form.values.id, form.values.words):
        form.refuse("id", _("Your first answer is sent already. Send this one once more to add it."))
    return form


def last_answer(record: Record) -> tuple[Read, UUID] | None:
    """The newest answer to the participant, and the entry it answers."""
    answers = select(Review).where(col(Review.words).is_not(None))
    row = record.session.exec(answers.order_by(col(Review.at).desc())).first()
    return (_told(record, row, record.name(row.coach_id)), row.entry_id) if row else None
