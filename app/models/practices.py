"""A skill that was used: how hard it was before and after, how long it took, and a line."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field, col, select

from app.forms import LogForm, Posted, Ten, Visibility, Words, _, blank
from app.models import assignments, entry, insights, sharing, skills, urges
from app.models.entry import Entry, Line, Writing
from app.models.insights import Helped, Sure, Tried
from app.models.skills import Card, Key, Minutes
from app.owned import Owned, Readable
from app.record import Record

HELPED_MOST = 4
GONE = _("This skill is not on your list any more. Please choose another one. Your words are still here.")

ANOTHER = _("This page has kept a skill already. Save once more to keep this one too.")


class Practice(Owned, table=True):
    """One use of a skill: of the library, by its id, or one's own. Distress 0–10; minutes 0–600; None: not said.

    `name` is what the skill was called then: a skill may be changed or taken away, what was done stays.
    """

    read_as: ClassVar[Readable] = "part"
    sealed: ClassVar[tuple[str, ...]] = ("name",)
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], ondelete="CASCADE", name="practice_entry"
        ),
        CheckConstraint("before between 0 and 10", name="practice_before"),
        CheckConstraint("after between 0 and 10", name="practice_after"),
        CheckConstraint("minutes between 0 and 600", name="practice_minutes"),
    )
    skill: str = Field(default="", max_length=60)
    name: bytes | None = Field(default=None, sa_type=LargeBinary)
    before: int | None = None
    after: int | None = None
    minutes: int | None = None


def _trimmed(words: str) -> str:
    return words.strip()


class PracticeForm(LogForm):
    """What the page of a skill asks. All but the skill may be left out."""

    skill: Key
    before: Ten = None
    after: Ten = None
    minutes: Minutes = None
    words: Annotated[Words, AfterValidator(_trimmed)] = ""
    visibility: Visibility = "shared"

    def numbers(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("skill", "before", "after", "minutes")}

    def writing(self) -> Writing:
        return Writing("practice", words=self.words, visibility=self.visibility)


entry.PARTS["practice"] = Practice


def keep(record: Record, form: PracticeForm, language: str = "en") -> Line:
    line = entry.write(record, form.id, form.writing().about(entry.written(record, form)), **form.numbers())
    if line.said["name"]:
        return line
    name = skills.find(record, form.skill, language).name
    row = record.session.get_one(Practice, (record.program.id, form.id))
    row.name = record.seal(Practice, "name", form.id, name)
    record.session.flush()
    return entry.find(record, form.id)


def kept(record: Record, form: Posted[PracticeForm], language: str) -> Line | None:
    """Carry a form out. None: it is refused, and says so itself. Another under a kept number gets one of its own."""
    if not form.refused and not _known(record, form.values):
        form.refuse("skill", GONE)
    line = entry.settled(form, partial(keep, language=language), record)
    if form.stale:
        form.errors.clear()
        form.refuse("id", ANOTHER)
    return line


def _known(record: Record, form: PracticeForm) -> bool:
    # Sent again after its skill was taken away, it is kept already.
    again = record.session.exec(select(Entry.id).where(Entry.id == form.id)).first()
    return again is not None or skills.usable(record, form.skill)


# --- what the pages of skills show


_RATINGS: list[Any] = [Practice.skill, Practice.before, Practice.after, Entry.happened_at, Entry.offset_minutes]
_RATED = select(*_RATINGS)


def tried(record: Record, about: Collection[str] = ()) -> list[Tried]:
    """Every use of a skill that was rated before and after, practices and then urges. `about`: a trigger's keys."""
    return _practised(record) + urges.tried(record, about)


def _practised(record: Record) -> list[Tried]:
    both = (col(Practice.before).is_not(None), col(Practice.after).is_not(None), col(Entry.binned_at).is_(None))
    joined = _RATED.join(Entry, col(Entry.id) == col(Practice.id)).where(*both)
    rows = record.session.execute(joined.order_by(col(Entry.happened_at), col(Entry.id)))
    return [_tried(*row) for row in rows]


def _tried(skill: str, before: int, after: int, at: datetime, offset: int) -> Tried:
    return Tried(skill, None, before, after, (at + timedelta(minutes=offset)).replace(tzinfo=None))


def helped(record: Record, language: str) -> list[tuple[Card, Helped]]:
    """What this person's own log says has helped, the best first. Nothing is said of one or two logs."""
    found = [one for one in insights.works(tried(record)) if one.rank and one.sure in (Sure.SURE, Sure.LIKELY)]
    cards = skills.named(record, {one.skill for one in found}, language)
    return [(cards[one.skill], one) for one in found if one.skill in cards][:HELPED_MOST]


def shelf(record: Record, language: str) -> dict[str, Any]:
    """The page of all skills: what helps and what is one's own on top, then the library."""
    keys, asked = skills.favourites(record), assignments.skills(record)
    cards = skills.named(record, {*keys, *asked}, language)
    return {
        "asked": [cards[key] for key in asked if key in cards],
        "shelves": skills.shelves(language), "first": skills.first(language), "mine": skills.mine(record),
        "favourites": [cards[key] for key in keys if key in cards], "helped": helped(record, language),
    } | readers(record)  # fmt: skip


def desk(record: Record, key: str, language: str, form: Posted[Any] | None = None) -> dict[str, Any]:
    """The page of one skill, with the form in which its use is logged, or one that was filled in."""
    facts = {"favourite": key in skills.favourites(record), "usable": skills.usable(record, key)}
    facts["wanted"] = key in assignments.skills(record)
    card = skills.find(record, key, language)
    return {"card": card, "form": form or blank(visibility="shared")} | facts | readers(record)


def told(record: Record, line: Line) -> dict[str, Any]:
    """What was kept, and who reads it."""
    return {"line": line, **sharing.promise(record)}


def readers(record: Record) -> dict[str, Any]:
    """Who reads of the skills somebody used, and by when the program promises that it is done."""
    return {"readers": sharing.seen_by(record, "practice"), "answer_by": record.program.answer_by(record.now)}
