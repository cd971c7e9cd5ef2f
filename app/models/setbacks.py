"""A setback, in one calm sequence: named, the days kept, safe, a look back, one small step, and whom to tell.

Its page says it in steps (entry.grow). Until the last one it is nobody else's, whatever was ticked by then.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field, col

from app.forms import LogForm, Posted, Text, Visibility, Words, _, empty_is_none
from app.models import agenda, clocks, contacts, entry, people, recovery, schedule, set_off, sharing
from app.models.clocks import When
from app.models.entry import Entry, Line, Writing
from app.models.recovery import Word
from app.owned import Owned, Readable
from app.query import Query, given
from app.record import NotYours, Record

# What may be said of the next step in one tap; its words are in templates/setbacks/words.html.
Small = Literal["eat", "rest", "away", "person", "meeting", "session"]
OPEN_DAYS = 7
TEN_YEARS = timedelta(days=3660)

NOT_YET = _("That day is still ahead. Please choose today, or a day before.")
TOO_LONG_AGO = _("That is more than ten years ago. Please look at the date once more.")
ANOTHER = _("This was changed on another device meanwhile, and that is kept. Save once more to keep this too.")


class Setback(Owned, table=True):
    """What the person calls it (`word`), and what they said of it; `done`: to the end.

    `triggers` and `set_off` as with an urge; `small` are keys of Small, parted by commas. The day is the entry's.
    """

    read_as: ClassVar[Readable] = "part"
    sealed: ClassVar[tuple[str, ...]] = ("set_off", "helped", "told", "next_step")
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], ondelete="CASCADE", name="setback_entry"
        ),
        CheckConstraint("word in ('setback','used','drank','acted','returned')", name="setback_word"),
    )
    word: str = Field(max_length=10)
    triggers: str = Field(default="", max_length=500)
    set_off: bytes | None = Field(default=None, sa_type=LargeBinary)
    helped: bytes | None = Field(default=None, sa_type=LargeBinary)
    told: bytes | None = Field(default=None, sa_type=LargeBinary)
    small: str = Field(default="", max_length=60)
    next_step: bytes | None = Field(default=None, sa_type=LargeBinary)
    done: bool = False


def _trimmed(words: str) -> str:
    return words.strip()


class SetbackForm(LogForm):
    """What is known of a setback so far. `day`: when it was; none: today. `version`: of one that is changed."""

    word: Word = "setback"
    day: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    triggers: Annotated[set_off.Keys, PydanticField(default_factory=list)]
    words: Annotated[Words, AfterValidator(_trimmed)] = ""
    helped: Text = ""
    small: Annotated[list[Small], PydanticField(default_factory=list)]
    next_step: Text = ""
    told: Text = ""
    visibility: Visibility = "private"
    step: Annotated[int, PydanticField(ge=1, le=1000)] = 1
    done: bool = True
    version: int | None = None

    def writing(self) -> Writing:
        return Writing("setback", words=self.words, visibility=self.visibility if self.done else "private")


entry.PARTS["setback"] = Setback


# --- kept


def kept(record: Record, form: Posted[SetbackForm], language: str) -> Line | None:
    """Carry a step out. None: it is refused, and says so itself.

    A step that comes after all of it was finished elsewhere changes nothing. A last one gets a number of its own.
    """
    line = _settled(record, form, partial(grow, language=language))
    if not form.stale:
        return line
    if not form.values.done and form.stale.part.done:
        return cast(Line, form.stale)
    form.errors.clear()
    form.refuse("id", ANOTHER)
    return None


def amended(record: Record, form: Posted[SetbackForm], language: str) -> Line | None:
    """Carry a change out. None: it is refused or was overtaken, and says so itself."""
    return _settled(record, form, partial(amend, language=language))


def grow(record: Record, form: SetbackForm, language: str = "en") -> Line:
    written = entry.written(record, form)
    writing = form.writing().about(written, _day(record, form, written))
    return entry.grow(record, form.id, form.step, writing, **_numbers(record, form, language))


def amend(record: Record, form: SetbackForm, language: str = "en") -> Line:
    line, writing, written = find(record, form.id), form.writing(), entry.written(record, form)
    if form.day not in (None, line.local_day):
        writing = writing.about(written, _day(record, form, written))
    return entry.amend(record, form.id, form.version or 0, writing, **_numbers(record, form, language))


def _settled(record: Record, form: Posted[SetbackForm], act: Callable[[Record, SetbackForm], Line]) -> Line | None:
    return entry.settled(_checked(record, form), act, record)


def _checked(record: Record, form: Posted[SetbackForm]) -> Posted[SetbackForm]:
    """Refused too, if it names a trigger that is not theirs, or a day that cannot be."""
    if form.refused:
        return form
    if not set_off.theirs(record, form.values.triggers):
        form.refuse("triggers", set_off.NOT_LISTED)
    if form.values.day:
        _looked_at(record, form)
    return form


def _looked_at(record: Record, form: Posted[SetbackForm]) -> None:
    # How long ago first: no zone can reckon with the ends of the calendar.
    written, day = entry.written(record, form.values), form.values.day or record.today
    if abs(day - record.today) > TEN_YEARS:
        form.refuse("day", TOO_LONG_AGO if day < record.today else NOT_YET)
    elif clocks.about(written, _day(record, form.values, written), None).at > record.now + clocks.WAY:
        form.refuse("day", NOT_YET)


def _day(record: Record, form: SetbackForm, written: When) -> date | None:
    """The day that is said. The program's today may be tomorrow where the phone is: that means today, there."""
    return None if form.day == record.today and form.day > written.phone_at.date() else form.day


def _numbers(record: Record, form: SetbackForm, language: str) -> dict[str, Any]:
    before = _only(record, form)
    said = {name: getattr(form, name) for name in ("word", "helped", "told", "next_step", "done")}
    return said | {"small": ",".join(form.small)} | set_off.columns(record, form.triggers, before, language)


def _only(record: Record, form: SetbackForm) -> Line | None:
    try:
        return find(record, form.id)
    except NotYours:
        return None


# --- asked


def find(record: Record, entry_id: Any) -> Line:
    return entry.find(record, entry_id, "setback")


UNFINISHED = Query(
    entry.COLUMNS.join(Setback, col(Setback.id) == col(Entry.id))
    .where(
        col(Setback.done).is_(False), Entry.kept_at > given("since", col(Entry.kept_at)),
        col(Entry.binned_at).is_(None),
    )
    .order_by(col(Entry.kept_at).desc())
    .limit(1)
)  # fmt: skip


def unfinished(record: Record) -> Line | None:
    """The latest of the last days whose page was left in the middle."""
    since = record.now - timedelta(days=OPEN_DAYS)
    return next(iter(entry.lines(record, UNFINISHED, since=since)), None)


def next_session(record: Record) -> dict[str, Any]:
    """The next session on the person's calendar; where there is none, the day on which the program meets next."""
    stay = people.episode_of(record.session, record.participant_id)
    over = stay is None or (stay.ended_on and stay.ended_on <= record.today)
    day = None if over else schedule.local_day(record.program.answer_by(record.now), record.zone)
    return {"next_session": agenda.coming(record), "next_day": day}


# --- shown


def first(record: Record) -> dict[str, Any]:
    """What the form starts with: nobody else is told unless that is chosen."""
    return {"word": recovery.word(record), "day": record.today, "visibility": "private"}


def desk(record: Record, language: str, line: Line | None = None) -> dict[str, Any]:
    """What lies beside the form."""
    return {
        "line": line, "chips": set_off.chips(record, language, line), "readers": sharing.seen_by(record, "setback"),
        "answer_by": record.program.answer_by(record.now),
    } | _around(record)  # fmt: skip


def told(record: Record, line: Line) -> dict[str, Any]:
    """What was kept, who reads it, and what is there now."""
    return {"line": line} | _around(record) | sharing.promise(record)


def _around(record: Record) -> dict[str, Any]:
    return {
        "days": recovery.days(record), "today": record.today, "contacts": contacts.mine(record), **next_session(record),
    }  # fmt: skip


def answers(line: Line) -> dict[str, Any]:
    """What the form starts with when one is opened again. What was not finished opens where it was left."""
    part, said = line.part, {name: line.said[name] for name in ("helped", "told", "next_step")}
    return said | {
        "id": line.id, "version": line.version, "word": part.word, "day": line.local_day, "words": line.words,
        "triggers": list(set_off.names(line)), "small": part.small.split(",") if part.small else [],
        "visibility": line.visibility, "at": 1 if part.done else line.version + 1,
    }  # fmt: skip
