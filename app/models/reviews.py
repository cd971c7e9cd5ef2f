"""A coach has read an entry, with or without a reply. Until its participant has seen it, it can be put right."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, column
from sqlmodel import Field, col, select

from app import database
from app.database import Moment
from app.forms import F, Form, NewForm, Posted, _, empty_is_none, tidy
from app.models import people, revisions
from app.models.revisions import Revision
from app.owned import Owned, Readable, Role
from app.query import Query, given
from app.record import NotYours, Record

# For so long a mistaken "read" can be taken back, if it has not been seen.
UNDO = timedelta(hours=1)
SENT = _("Your first answer is sent already. Send this one once more to add it.")
FASTER = _("%(who)s has answered this meanwhile, as you see above. Yours is still here: send it once more to add it.")
SEEN = _("%(who)s has seen your answer, so it stays as it is. What you typed is here: send it as another answer.")
ELSEWHERE = _("You edited this answer elsewhere meanwhile. Both texts are here. Send it once more to keep this one.")
EMPTY = _("Please write a few words. An answer cannot be left empty.")
READ_SEEN = _("%(who)s has seen that you read this, so it stays. You can still write an answer.")
READ_LONG = _("This was marked as read more than an hour ago, so it stays. You can still write an answer.")
# The readings that say something.
ANSWERED = column("words").is_not(None)


class Review(Owned, table=True):
    """One reading of one entry by one coach; with `words`, an answer to it, and then `number` counts those (from 1).

    `undone_at`: it was marked as read by mistake.
    """

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
        Index("review_number", "program_id", "entry_id", "number", unique=True),
        Index(
            "review_answered", "program_id", "participant_id", "at",
            sqlite_where=ANSWERED, postgresql_where=ANSWERED,
        ),
    )  # fmt: skip
    entry_id: UUID
    coach_id: UUID
    at: datetime = Field(sa_type=Moment)
    words: bytes | None = Field(default=None, sa_type=LargeBinary)
    number: int | None = None
    undone_at: datetime | None = Field(default=None, sa_type=Moment)


Answer = Annotated[str, BeforeValidator(tidy), AfterValidator(str.strip), PydanticField(max_length=4000)]


class ReviewForm(NewForm):
    """Read, or (with `words`) answered. `after`: how many answers the page showed. `then`: what the page has next."""

    words: Answer = ""
    after: int = PydanticField(default=0, ge=0, le=10_000)
    then: Annotated[UUID | None, BeforeValidator(empty_is_none)] = None


class AnswerForm(Form):
    """An answer as its coach wants it, typed upon a version of it."""

    words: Answer
    version: int = PydanticField(ge=0, le=10_000)


@dataclass(frozen=True)
class Read:
    """Who read an entry and when; `words` is the answer, empty when it was read only.

    `seen_at`: since when its participant has been shown it. `version`: of what became of it.
    """

    id: UUID
    by: str
    at: datetime
    words: str
    entry_id: UUID
    participant_id: UUID
    coach_id: UUID
    version: int = 0
    edited_at: datetime | None = None
    seen_at: datetime | None = None


OF_ENTRIES = Query(
    select(Review)
    .where(col(Review.entry_id).in_(given("ids", col(Review.entry_id), many=True)))
    .order_by(col(Review.at), col(Review.id))
)


def reads(record: Record, entry_ids: Collection[UUID]) -> dict[UUID, list[Read]]:
    """Who read each of some entries, oldest first, without what was taken back."""
    found: dict[UUID, list[Read]] = {entry_id: [] for entry_id in entry_ids}
    rows = OF_ENTRIES.rows(record.session, ids=entry_ids) if entry_ids else []
    names = people.names(record, {row.coach_id for row in rows})
    became = revisions.of(record, [row.id for row in rows])
    for row in rows:
        if not revisions.last(became[row.id], "undone"):
            found[row.entry_id].append(_told(record, row, names[row.coach_id], became[row.id]))
    return found


def _told(record: Record, row: Any, by: str, became: list[Revision]) -> Read:
    edited, seen = revisions.last(became, "edited"), revisions.last(became, "seen")
    words = (Revision, edited.id, edited.words) if edited else (Review, row.id, row.words)
    said = record.unseal(words[0], "words", words[1], words[2], row.participant_id)
    return Read(
        row.id, by, row.at, said, row.entry_id, row.participant_id, row.coach_id,
        version=became[-1].number if became else 0,
        edited_at=edited.at if edited else None, seen_at=seen.at if seen else None,
    )  # fmt: skip


def _of(record: Record, entry_id: UUID) -> list[Read]:
    return reads(record, [entry_id])[entry_id]


# --- kept


def read(record: Record, entry_id: UUID, review_id: UUID, words: str = "") -> bool:
    """This coach has read an entry, perhaps with an answer. Sent twice, it is kept once.

    False: they sent other words under that id before, which the participant may have read by now.
    """
    while (kept := _kept(record, entry_id, review_id)) is None:
        _keep(record, entry_id, review_id, words, _answers(record, entry_id))
    return kept == words


def _answers(record: Record, entry_id: UUID) -> list[Read]:
    return [one for one in _of(record, entry_id) if one.words]


def _keep(record: Record, entry_id: UUID, review_id: UUID, words: str, answers: list[Read]) -> None:
    """Keep a review after those answers, unless another took their next number first.

    NotYours: nothing of the kind happened; the id is another coach's, or of another entry.
    """
    row = Review(
        id=review_id, entry_id=entry_id, coach_id=record.person_id, at=record.now,
        words=record.seal(Review, "words", review_id, words), number=len(answers) + 1 if words else None,
    )  # fmt: skip
    kept = database.keep(record.session, row) or _kept(record, entry_id, review_id) is not None
    if not kept and len(_answers(record, entry_id)) == len(answers):
        raise NotYours("review")


def _kept(record: Record, entry_id: UUID, review_id: UUID) -> str | None:
    mine = select(Review).where(Review.id == review_id, Review.entry_id == entry_id)
    row = record.session.exec(mine.where(Review.coach_id == record.person_id)).first()
    return None if row is None else record.unseal(Review, "words", row.id, row.words, row.participant_id)


def sent(record: Record, entry_id: UUID, form: Posted[ReviewForm]) -> Posted[ReviewForm]:
    """Carry a reading out. An answer which another coach's came before is refused once, with that one above it; a
    second answer under the number of the first gets a number of its own."""
    if form.refused:
        return form
    asked = form.values
    while (kept := _kept(record, entry_id, asked.id)) is None:
        answers = _answers(record, entry_id)
        if asked.words and (theirs := [one for one in answers[asked.after :] if one.coach_id != record.person_id]):
            form.typed_fields["after"] = [str(len(answers))]
            return form.refuse("words", FASTER, who=theirs[-1].by)
        _keep(record, entry_id, asked.id, asked.words, answers)
    return form if kept == asked.words else form.refuse("id", SENT)


# --- put right


def _mine(record: Record, entry_id: UUID, review_id: UUID) -> Read:
    """A review of this coach's that stands."""
    found = next((one for one in _of(record, entry_id) if one.id == review_id), None)
    if found is None or found.coach_id != record.person_id:
        raise NotYours("review")
    return found


def edited(record: Record, entry_id: UUID, review_id: UUID, form: Posted[AnswerForm]) -> Posted[AnswerForm]:
    """Change an answer that nobody has seen yet. Refused: it was seen, or edited elsewhere, in the meantime."""
    one = _mine(record, entry_id, review_id)
    if not one.words:
        raise NotYours("answer")
    if form.refused or one.words == form.values.words:
        return form
    if not form.values.words:
        return form.refuse("words", EMPTY)
    if one.seen_at:
        return form.refuse("words", SEEN, who=record.name(record.participant_id))
    if one.version == form.values.version and revisions.add(record, one, one.version + 1, "edited", form.values.words):
        return form
    return _overtaken(record, entry_id, review_id, form)


def came_back(record: Record, entry_id: UUID, review_id: UUID, form: Posted[AnswerForm]) -> dict[str, Any]:
    """Where a refused edit goes on: in its place, or, once the answer was seen, as another answer."""
    seen = _mine(record, entry_id, review_id).seen_at
    return {"form": form} if seen else {"edit_form": form, "editing": review_id}


def _overtaken(record: Record, entry_id: UUID, review_id: UUID, form: Posted[AnswerForm]) -> Posted[AnswerForm]:
    now = _mine(record, entry_id, review_id)
    if now.seen_at:
        return form.refuse("words", SEEN, who=record.name(record.participant_id))
    form.typed_fields["version"] = [str(now.version)]
    return form.refuse("words", ELSEWHERE)


def undone(record: Record, entry_id: UUID, review_id: UUID, form: Posted[F]) -> Posted[F]:
    """Take a mistaken "read" back, as long as it is fresh and its participant has not seen it. Twice is once."""
    row = _row(record, entry_id, review_id)
    if form.refused or row.undone_at:
        return form
    one = _mine(record, entry_id, review_id)
    if one.words:
        raise NotYours("an answer is edited, not taken back")
    if one.at < record.now - UNDO and not one.seen_at:
        return form.refuse("", READ_LONG)
    if one.seen_at or not revisions.add(record, one, one.version + 1, "undone"):
        return _too_late(record, entry_id, review_id, form)
    row.undone_at = record.now
    record.session.flush()
    return form


def _row(record: Record, entry_id: UUID, review_id: UUID) -> Review:
    mine = select(Review).where(Review.id == review_id, Review.entry_id == entry_id)
    row = record.session.exec(mine.where(Review.coach_id == record.person_id)).first()
    if row is None:
        raise NotYours("review")
    return row


def _too_late(record: Record, entry_id: UUID, review_id: UUID, form: Posted[F]) -> Posted[F]:
    """It was seen in that moment, or undone in another window: then there is nothing left to do."""
    stands = any(one.id == review_id for one in _of(record, entry_id))
    return form.refuse("", READ_SEEN, who=record.name(record.participant_id)) if stands else form


def slip(record: Record) -> Read | None:
    """The last reading of this coach, if it can still be taken back."""
    mine = select(Review).where(Review.coach_id == record.person_id, col(Review.at) > record.now - UNDO)
    row = record.session.exec(mine.order_by(col(Review.at).desc(), col(Review.id).desc()).limit(1)).first()
    found = [one for one in _of(record, row.entry_id) if one.id == row.id] if row else []
    return next((one for one in found if not one.words and not one.seen_at), None)


# --- seen


def whole(found: Sequence[Read]) -> Sequence[Read]:
    """What the page of an entry shows of its reviews."""
    return found


def brief(found: Sequence[Read]) -> Sequence[Read]:
    """What a list shows of them: who read it last. Of an answer it says only that there is one."""
    return [one for one in found[-1:] if not one.words]


def newest(found: Sequence[Read]) -> Sequence[Read]:
    """What Today shows of them: the newest answer."""
    return [one for one in found if one.words][-1:]


Shows = Callable[[Sequence[Read]], Sequence[Read]]


def unseen(found: Sequence[Read], shows: Shows) -> list[Read]:
    """What a page that shows these shows for the first time."""
    return [one for one in shows(found) if not one.seen_at]


def see(record: Record, entry_ids: Collection[UUID], shows: Shows) -> dict[UUID, list[Read]]:
    """Their participant is shown these now: what is answered here is what stands from now on."""
    found = reads(record, entry_ids)
    while fresh := [one for those in found.values() for one in unseen(those, shows)]:
        for one in fresh:
            revisions.add(record, one, one.version + 1, "seen")
        found = reads(record, entry_ids)
    return found


LAST_ANSWERED = Query(
    select(Review.entry_id).where(col(Review.words).is_not(None)).order_by(col(Review.at).desc()).limit(1)
)


def last_answered(record: Record) -> UUID | None:
    """The entry that has the newest answer to the participant."""
    row: Any = LAST_ANSWERED.first(record.session)
    return row.entry_id if row else None
