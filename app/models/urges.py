"""An urge, from its first rating to its last: how strong, what was done about it, how strong then, what set it off.

Its page says it in steps, each as soon as there is something to say (entry.grow): whatever ends it early, what was
said is kept. `done` is said by the last.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, ClassVar, cast
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field, col, select

from app.forms import LogForm, PhoneTime, Posted, Ten, Visibility, Words, _, empty_is_none, wrong
from app.models import entry, set_off, sharing, skills
from app.models.entry import Entry, Line, Writing
from app.models.insights import Tried
from app.models.skills import Key
from app.owned import Owned, Readable
from app.query import Query, given
from app.record import NotYours, Record

# From so strong on people come before anything else, here as for the coach (clinical.md: "high").
STRONG = 8
MINUTES_MOST = 600
OPEN_HOURS = 12

NOT_RATED = _("Please choose a number from 0 to 10. A guess is fine.")
ANOTHER = _("This urge was changed on another device meanwhile, and that is kept. Save once more to keep this one too.")


class Urge(Owned, table=True):
    """`before` and `after` 0–10; `minutes` from one rating to the other, 0–600; None: not said.

    `triggers` are their keys, parted by commas: kinds of the content, or numbers of one's own. `name` and `set_off` (a
    line for each of the triggers) are what the skill and they were called then: these may change, what was stays.
    """

    read_as: ClassVar[Readable] = "part"
    sealed: ClassVar[tuple[str, ...]] = ("name", "set_off")
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], ondelete="CASCADE", name="urge_entry"
        ),
        CheckConstraint("before between 0 and 10", name="urge_before"),
        CheckConstraint("after between 0 and 10", name="urge_after"),
        CheckConstraint("minutes between 0 and 600", name="urge_minutes"),
    )
    before: int
    after: int | None = None
    skill: str = Field(default="", max_length=60)
    name: bytes | None = Field(default=None, sa_type=LargeBinary)
    minutes: int | None = None
    triggers: str = Field(default="", max_length=500)
    set_off: bytes | None = Field(default=None, sa_type=LargeBinary)
    done: bool = False


def _rated(before: int | None) -> int | None:
    if before is None:
        raise wrong(NOT_RATED)
    return before


def _trimmed(words: str) -> str:
    return words.strip()


class UrgeForm(LogForm):
    """What is known of an urge so far. `step` counts what its page has said; the last is `done`.

    `rated_at` and `again_at` are what the phone's clock showed at the two ratings. `version`: of one that is changed.
    """

    before: Annotated[Ten, AfterValidator(_rated), PydanticField(validate_default=True)] = None
    after: Ten = None
    skill: Annotated[Key | None, BeforeValidator(empty_is_none)] = None
    triggers: set_off.Keys = PydanticField(default_factory=list)
    words: Annotated[Words, AfterValidator(_trimmed)] = ""
    visibility: Visibility = "shared"
    rated_at: PhoneTime = None
    again_at: PhoneTime = None
    step: Annotated[int, PydanticField(ge=1, le=1000)] = 1
    done: bool = True
    version: int | None = None

    @property
    def minutes(self) -> int | None:
        """From one rating to the other; a clock that was set, or a page that lay open for a day, says nothing."""
        if self.after is None or not (self.rated_at and self.again_at):
            return None
        gone = round((self.again_at - self.rated_at).total_seconds() / 60)
        return gone if 0 <= gone <= MINUTES_MOST else None

    def writing(self) -> Writing:
        return Writing("urge", words=self.words, visibility=self.visibility)


entry.PARTS["urge"] = Urge


# --- kept


def kept(record: Record, form: Posted[UrgeForm], language: str) -> Line | None:
    """Carry a step out. None: it is refused, and says so itself.

    A step that comes after all of it was finished elsewhere changes nothing. A last one gets a number of its own.
    """
    line = entry.settled(_checked(record, form), partial(grow, language=language), record)
    if not form.stale:
        return line
    if not form.values.done and form.stale.part.done:
        return cast(Line, form.stale)
    form.errors.clear()
    form.refuse("id", ANOTHER)
    return None


def amended(record: Record, form: Posted[UrgeForm], language: str) -> Line | None:
    """Carry a change out. None: it is refused or was overtaken, and says so itself."""
    return entry.settled(_checked(record, form), partial(amend, language=language), record)


def grow(record: Record, form: UrgeForm, language: str = "en") -> Line:
    writing = form.writing().about(entry.written(record, form))
    return entry.grow(record, form.id, form.step, writing, **_numbers(record, form, language))


def amend(record: Record, form: UrgeForm, language: str = "en") -> Line:
    numbers = _numbers(record, form, language)
    return entry.amend(record, form.id, form.version or 0, form.writing(), **numbers)


def find(record: Record, entry_id: UUID) -> Line:
    return entry.find(record, entry_id, "urge")


def seek(record: Record, entry_id: UUID) -> Line | None:
    """An urge, if there is one under that number."""
    return next(iter(entry.lines(record, entry.COLUMNS.where(Entry.id == entry_id, Entry.kind == "urge"))), None)


def _checked(record: Record, form: Posted[UrgeForm]) -> Posted[UrgeForm]:
    """Refused too, if it names what is not theirs. What was on the list when it was written may be off it now."""
    if not form.refused and not _theirs(record, form.values):
        form.refuse("", set_off.NOT_LISTED)
    return form


def _theirs(record: Record, form: UrgeForm) -> bool:
    try:
        _name(record, form.skill, "en")
    except NotYours:
        return False
    return set_off.theirs(record, form.triggers)


def _numbers(record: Record, form: UrgeForm, language: str) -> dict[str, Any]:
    """The columns of the part, with the names that things have now where they were not named before."""
    before = seek(record, form.id)
    same = before is not None and before.part.skill == form.skill
    name = before.said["name"] if before and same else _name(record, form.skill, language)
    said = {column: getattr(form, column) for column in ("before", "after", "minutes", "done")}
    named = {"skill": form.skill or "", "name": name}
    return said | named | set_off.columns(record, form.triggers, before, language)


def _name(record: Record, skill: str | None, language: str) -> str:
    return skills.find(record, skill, language).name if skill else ""


# --- asked


UNFINISHED = Query(
    entry.COLUMNS.join(Urge, col(Urge.id) == col(Entry.id))
    .where(
        col(Urge.done).is_(False), Entry.happened_at > given("since", col(Entry.happened_at)),
        col(Entry.binned_at).is_(None),
    )
    .order_by(col(Entry.happened_at).desc())
    .limit(1)
)  # fmt: skip


def unfinished(record: Record) -> Line | None:
    """The latest urge of the last hours whose page was left in the middle."""
    since = record.now - timedelta(hours=OPEN_HOURS)
    return next(iter(entry.lines(record, UNFINISHED, since=since)), None)


_RATINGS: list[Any] = [Urge.skill, Urge.triggers, Urge.before, Urge.after, Entry.happened_at, Entry.offset_minutes]


def tried(record: Record, about: Collection[str] = ()) -> list[Tried]:
    """Every urge with a skill that was rated again, oldest first: one row each, or logs would count twice.

    Its trigger is the first of `about`, if any of them was named; else the first that was.
    """
    rated = (col(Urge.after).is_not(None), Urge.skill != "", col(Entry.binned_at).is_(None))
    joined = select(*_RATINGS).join(Entry, col(Entry.id) == col(Urge.id)).where(*rated)
    rows = record.session.execute(joined.order_by(col(Entry.happened_at), col(Entry.id)))
    return [_tried(list(about), *row) for row in rows]


def _tried(about: list[str], skill: str, named: str, before: int, after: int, at: datetime, offset: int) -> Tried:
    keys = named.split(",") if named else []
    trigger = about[0] if set(about) & set(keys) else _first(key for key in keys if key not in about)
    return Tried(skill, trigger, before, after, (at + timedelta(minutes=offset)).replace(tzinfo=None))


def _first(keys: Iterable[str]) -> str | None:
    return next(iter(keys), None)


# --- shown


def readers(record: Record) -> dict[str, Any]:
    """Who reads of urges, and by when the program promises that it is done."""
    return {"readers": sharing.seen_by(record, "urge"), "answer_by": record.program.answer_by(record.now)}


def answers(line: Line) -> dict[str, Any]:
    """What the form starts with when an urge is opened again."""
    part = line.part
    again = line.happened_at + timedelta(minutes=part.minutes) if part.minutes is not None else None
    return {name: getattr(part, name) for name in ("before", "after", "skill")} | {
        "id": line.id, "version": line.version, "words": line.words, "visibility": line.visibility,
        "triggers": list(set_off.names(line)), "rated_at": line.happened_at.isoformat(),
        "again_at": again.isoformat() if again else "",
    }  # fmt: skip
