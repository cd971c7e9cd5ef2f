"""What becomes of a review after it was kept: its answer is edited, its reader sees it, it is taken back.

Each is a row with a number, and of two in the same moment one has it: so the other one knows what came first. What was
seen cannot be edited any more, and what was edited is seen as it is then.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field, col, select

from app.database import Moment, keep, new_id
from app.owned import Owned, Readable, Role
from app.query import Query, given
from app.record import Record


class Revision(Owned, table=True):
    """One thing that happened to a review: "edited" (with its new words), "seen" by its participant, or "undone"."""

    read_as: ClassVar[Readable] = "about"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"participant", "coach"})
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "review_id"], ["review.program_id", "review.id"],
            ondelete="CASCADE", name="revision_review",
        ),
        UniqueConstraint("program_id", "review_id", "number", name="revision_number"),
        CheckConstraint("what in ('edited','seen','undone')", name="revision_what"),
    )  # fmt: skip
    entry_id: UUID
    review_id: UUID
    number: int
    what: str = Field(max_length=6)
    by: UUID
    at: datetime = Field(sa_type=Moment)
    words: bytes | None = Field(default=None, sa_type=LargeBinary)


OF_REVIEWS = Query(
    select(Revision)
    .where(col(Revision.review_id).in_(given("ids", col(Revision.review_id), many=True)))
    .order_by(col(Revision.number))
)


def of(record: Record, review_ids: Collection[UUID]) -> dict[UUID, list[Any]]:
    """What became of some reviews, in the order in which it happened."""
    found: dict[UUID, list[Any]] = {review_id: [] for review_id in review_ids}
    for row in OF_REVIEWS.rows(record.session, ids=review_ids) if review_ids else ():
        found[row.review_id].append(row)
    return found


def add(record: Record, review: Any, number: int, what: str, words: str = "") -> bool:
    """Keep what happens to a review now, as its `number`. False: something else happened in that place first."""
    row_id = new_id()
    row = Revision(
        id=row_id, entry_id=review.entry_id, review_id=review.id, number=number, what=what, by=record.person_id,
        at=record.now, words=record.seal(Revision, "words", row_id, words),
    )  # fmt: skip
    return keep(record.session, row)


def last(rows: Sequence[Any], what: str) -> Any:
    return next((row for row in reversed(rows) if row.what == what), None)
