"""What somebody is asked to do until a day: a skill, a measure, a reading, or a task in plain words.

A coach asks one person; who leads a session asks those in it (homework.py). It is done by doing it: a skill logged, a
measure finished or a reading marked since it was asked for says so by itself; a task is ticked off.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator
from pydantic import Field as PydanticField
from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlmodel import Field, col, select

from app.content.instruments import instrument
from app.content.readings import reading
from app.content.skills import skill
from app.database import Moment, new_id
from app.forms import SENTENCES, Form, NewForm, Posted, Text, Words, _, wrong
from app.models import entry, people, rounds, rules
from app.models.entry import Line
from app.models.rules import Reason
from app.owned import Owned, Readable, Role
from app.query import Query, given
from app.record import NotYours, Record

# So long after its day what was not done is still asked for; its list tells of it for longer.
STAYS, TOLD = timedelta(days=7), timedelta(days=60)
AHEAD = timedelta(days=366)
PAST = _("Please choose a day from today to a year from now.")
UNKNOWN = _("Please choose one from the list.")
BY_DOING = _("This is ticked off by itself when you do it.")

# Each kind that has a page of its own: what it is called there, and where it is done.
CONTENT: dict[str, Any] = {"skill": skill, "measure": instrument, "reading": reading}
PLACES = {"skill": "/skills/{}", "measure": "/measures/{}/new", "reading": "/readings/{}"}
# The kinds of entries by which something is done: of which kind it was asked for, and the column that names it.
DOING = {"practice": ("skill", "skill"), "urge": ("skill", "skill"), "measure": ("measure", "instrument")}


class Assignment(Owned, table=True):
    """What one person was asked to do, sealed under their own key. `task_id` is the same for all who got it together.

    `what` is the id of a skill, a measure or a reading; `words` a line to it, or the task itself. `session_id` and
    `series_id`: of one that came from a session. `due_on`, `ended_at` (taken back): as they stand now.
    """

    # Called as it was when all of it came from sessions: the words are sealed under that name.
    __tablename__ = "homework"
    read_as: ClassVar[Readable] = "asked"
    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (
        Index("homework_of", "program_id", "participant_id", "due_on"),
        Index("homework_in", "program_id", "series_id", "due_on"),
    )
    task_id: UUID
    session_id: UUID | None = None
    series_id: UUID | None = None
    kind: str = Field(default="task", max_length=8, sa_column_kwargs={"server_default": "task"})
    what: str | None = Field(default=None, max_length=60)
    words: bytes | None = Field(default=None, sa_type=LargeBinary)
    due_on: date
    by: UUID
    made_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class AssignmentChange(Owned, table=True):
    """Who gave it another day (`due_on`; before it was `was_due_on`) or took it back (None), and when."""

    __tablename__ = "assignment_change"
    read_as: ClassVar[Readable] = "asked"
    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (Index("assignment_change_of", "program_id", "homework_id"),)
    homework_id: UUID
    was_due_on: date
    due_on: date | None = None
    by: UUID
    at: datetime = Field(sa_type=Moment)


class Step(Owned, table=True):
    """The participant has seen it, or done it, or took that back ("open"). Rows are only added; the last kept stands.

    `at` is when: what is done without signal comes in later. `words`: a line that came with it.
    """

    __tablename__ = "homework_step"
    read_as: ClassVar[Readable] = "asked"
    __table_args__ = (
        CheckConstraint("step in ('seen','done','open')", name="homework_step_step"),
        Index("homework_step_of", "program_id", "homework_id", "at"),
    )
    homework_id: UUID
    step: str = Field(max_length=4)
    words: bytes | None = Field(default=None, sa_type=LargeBinary)
    at: datetime = Field(sa_type=Moment)


def _known(said: str) -> str:
    """A kind and an id of ours, "skill:body-scan"; nothing is a task in plain words."""
    kind, _colon, what = said.partition(":")
    if said and not (kind in CONTENT and CONTENT[kind](what, "en")):
        raise wrong(UNKNOWN)
    return said


class AskForm(NewForm):
    """What to do, a line to it, and until when. A task has nothing but the line."""

    what: Annotated[str, PydanticField(max_length=80), AfterValidator(_known)] = ""
    words: Annotated[Words, AfterValidator(str.strip), PydanticField(max_length=2000)] = ""
    due_on: date

    @property
    def named(self) -> dict[str, Any]:
        kind, _colon, what = self.what.partition(":")
        return {"kind": kind or "task", "what": what or None}


class StepForm(Form):
    """What the participant says of it, with a line if they like."""

    step: Literal["seen", "done", "open"]
    words: Text = ""


@dataclass(frozen=True)
class Item:
    """One person's, opened for its reader. `step`: "" until they have seen it, then "seen", "done", "open"."""

    id: UUID
    task_id: UUID
    participant_id: UUID
    session_id: UUID | None
    kind: str
    what: str
    words: str
    due_on: date
    by: UUID
    made_at: datetime
    ended_at: datetime | None
    step: str = ""
    step_at: datetime | None = None
    line: str = ""

    @property
    def done(self) -> bool:
        return self.step == "done"

    @property
    def done_at(self) -> datetime | None:
        return self.step_at if self.done else None

    @property
    def at(self) -> str:
        """Where it is done; "" of a task, and of what is not in the library any more."""
        return PLACES[self.kind].format(self.what) if called(self.kind, self.what, "en") else ""

    def name(self, language: str) -> str:
        """What it is called: a task by its own words, as is what is not in the library any more."""
        return called(self.kind, self.what, language) or self.words or self.what


def called(kind: str, what: str, language: str) -> str:
    found = CONTENT[kind](what, language) if kind in CONTENT else None
    return str(getattr(found, "title", "") or found.name) if found else ""


# --- the participant's


_OF = (
    select(Assignment)
    .where(Assignment.participant_id == given("one", col(Assignment.participant_id)))
    .order_by(col(Assignment.due_on), col(Assignment.made_at), col(Assignment.id))
)
ASKED = Query(
    _OF.where(Assignment.due_on >= given("since", col(Assignment.due_on)), col(Assignment.ended_at).is_(None))
)


def mine(record: Record, back: timedelta = TOLD) -> list[Item]:
    """What the participant whose record is open was asked to do lately, done or not, the soonest day first."""
    return opened(record, ASKED.rows(record.session, one=record.participant_id, since=record.today - back))


def open_of(record: Record) -> list[Item]:
    """What is still to do, the soonest day first."""
    return [item for item in mine(record, STAYS) if not item.done]


def gone(record: Record) -> list[Item]:
    """What was taken back in the last days before it was done."""
    asked = _of(record, col(Assignment.ended_at) >= record.now - STAYS)
    return [item for item in asked if not item.done]


def shelf(record: Record) -> dict[str, Any]:
    """The page of all that is asked: to do, not asked any more, done; and who asks."""
    found, ended = mine(record), gone(record)
    waits = {item.id for item in open_of(record)}
    return {
        "todo": [item for item in found if item.id in waits], "gone": ended, "day": record.today,
        "past": [item for item in reversed(found) if item.id not in waits],
        "names": people.names(record, {item.by for item in (*found, *ended)}),
    }  # fmt: skip


def skills(record: Record) -> list[str]:
    """The keys of the skills that are asked for, the soonest day first."""
    return list(dict.fromkeys(item.what for item in open_of(record) if item.kind == "skill"))


def find(record: Record, assignment_id: UUID) -> Item:
    """One that stands, as it stands. Raises NotYours."""
    found = _of(record, Assignment.id == assignment_id, col(Assignment.ended_at).is_(None))
    if not found:
        raise NotYours("assignment")
    return found[0]


def step(record: Record, assignment_id: UUID, form: Posted[StepForm]) -> bool:
    """Carry a tap out. Said twice, it stands once. False: the form is refused."""
    item = find(record, assignment_id)
    if not form.refused and item.at and form.values.step != "seen":
        form.refuse("step", BY_DOING)
    if not form.refused:
        _say(record, item, form.values.step, record.now, form.values.words)
    return not form.refused


def saw(record: Record) -> None:
    """On checking out: what waits has been seen."""
    for item in open_of(record):
        _say(record, item, "seen", record.now)


def did(record: Record, kind: str, what: str, at: datetime) -> None:
    """Somebody did something: what was asked for before that moment, and is just that, is done."""
    named = (Assignment.kind == kind, Assignment.what == what)
    for item in _of(record, *named, Assignment.made_at <= at, col(Assignment.ended_at).is_(None)):
        _say(record, item, "done", at)


def _look(record: Record, line: Line, fresh: bool) -> bool:
    """An entry is the doing of what was asked, also a private one: that it is done is told, and nothing else of it."""
    if fresh and line.kind in DOING and getattr(line.part, "done", True) and not line.binned_at:
        kind, column = DOING[line.kind]
        did(record, kind, getattr(line.part, column), line.happened_at)
    return False


entry.LOOKS.append(_look)


def _say(record: Record, item: Item, said: str, at: datetime, words: str = "") -> None:
    # What is done has been seen: to say so later takes nothing back. Another line to it is something new.
    new = said != item.step or words not in ("", item.line)
    if new and not (said == "seen" and item.done):
        row = Step(id=new_id(), homework_id=item.id, step=said, at=at)
        row.words = record.seal(Step, "words", row.id, words)
        record.session.add(row)
        record.session.flush()


# --- for whoever asks


def checked(record: Record, form: Posted[Any]) -> Posted[Any]:
    """Refused too, if its day has gone by or is far off, or if it asks for nothing."""
    if not form.refused and not record.today <= form.values.due_on <= record.today + AHEAD:
        form.refuse("due_on", PAST)
    if not form.refused and not (form.values.what or form.values.words):
        form.refuse("words", SENTENCES["missing"])
    return form


def row_of(record: Record, made: UUID, form: AskForm, **also: Any) -> Assignment:
    """What a form asks of the person whose record is open, under an id."""
    words = record.seal(Assignment, "words", made, form.words)
    return Assignment(
        id=made, task_id=form.id, words=words, due_on=form.due_on, by=record.person_id, made_at=record.now,
        **form.named, **also,
    )  # fmt: skip


def end(record: Record, row: Assignment) -> None:
    """Nobody has to do it any more. Twice is once."""
    if row.ended_at is None:
        record.session.add(_change(record, row, None))
        row.ended_at = record.now
        record.session.flush()


def move(record: Record, row: Assignment, day: date) -> None:
    """Another day. The same one twice is once."""
    if row.due_on != day:
        record.session.add(_change(record, row, day))
        row.due_on = day
        record.session.flush()


def _change(record: Record, row: Assignment, day: date | None) -> AssignmentChange:
    return AssignmentChange(
        id=new_id(), homework_id=row.id, was_due_on=row.due_on, due_on=day, by=record.person_id, at=record.now
    )


# --- overdue


def overdue(record: Record) -> list[Assignment]:
    """Whose day went by in the last month without its being done: the rows, unopened, of all whom this reader sees."""
    those = select(Assignment).where(
        Assignment.due_on < record.today, Assignment.due_on >= record.today - rounds.BACK,
        col(Assignment.ended_at).is_(None),
    )  # fmt: skip
    rows = record.session.exec(those.order_by(col(Assignment.due_on), col(Assignment.id))).all()
    steps = _steps(record, [row.id for row in rows])
    return [row for row in rows if row.id not in steps or steps[row.id].step != "done"]


def late(record: Record) -> Iterator[tuple[UUID, Reason]]:
    """For the clock. With another day it is another cause."""
    here = rounds.stays(record)
    for row in overdue(record):
        reason = rules.overdue(f"{row.id}:{row.due_on}", row.due_on, record.today)
        if reason and row.participant_id in here:
            yield row.participant_id, reason


rounds.MORNING.append(late)


# --- reading them


def _of(record: Record, *those: Any) -> list[Item]:
    asked = record.session.execute(_OF.where(*those), {"one": record.participant_id})
    return opened(record, asked.scalars().all())


def opened(record: Record, rows: Collection[Assignment]) -> list[Item]:
    """In their order, however many in two queries."""
    record.keyring.fetch({row.participant_id for row in rows})
    steps = _steps(record, [row.id for row in rows])
    return [_item(record, row, steps.get(row.id)) for row in rows]


def _item(record: Record, row: Assignment, step: Step | None) -> Item:
    def words(model: Any, of: Assignment | Step) -> str:
        return record.unseal(model, "words", of.id, of.words, row.participant_id)

    names = ("id", "task_id", "participant_id", "session_id", "kind", "due_on", "by", "made_at", "ended_at")
    facts: dict[str, Any] = {name: getattr(row, name) for name in names}
    facts |= {"what": row.what or "", "words": words(Assignment, row)}
    facts |= {"step": step.step, "step_at": step.at, "line": words(Step, step)} if step else {}
    return Item(**facts)


STEPS = Query(
    select(Step).where(col(Step.homework_id).in_(given("ids", col(Step.homework_id), many=True))).order_by(col(Step.id))
)


def _steps(record: Record, ids: Collection[UUID]) -> dict[UUID, Any]:
    """The last step of each. Ids are in the order of being kept; `at` may be earlier, of what came in late."""
    return {row.homework_id: row for row in STEPS.rows(record.session, ids=ids)} if ids else {}
