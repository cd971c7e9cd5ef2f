"""Homework: something to do until a day, given to the people of a session, seen by each of them, done or not."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID, uuid5

from pydantic import AfterValidator
from pydantic import Field as PydanticField
from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlmodel import Field, col, select

from app.database import Moment, keep, new_id
from app.forms import Form, NewForm, Posted, Words, _
from app.models import people, sessions
from app.models.sessions import ProgramSession
from app.owned import Owned, Readable, Role
from app.record import NotYours, Record

# So long after its day what was not done is still asked for; the roster tells of it for longer.
STAYS, TOLD = timedelta(days=7), timedelta(days=60)
AHEAD = timedelta(days=366)
NOBODY = _("Nobody is on the roster of this session, so nobody would get it.")
NOT_HERE = _("Please choose people from this list.")
PAST = _("Please choose a day from today to a year from now.")


class Homework(Owned, table=True):
    """What one person got to do, sealed under their own key. `task_id` is the same for all who got it together.

    `due_on` is the day until which; `ended_at`: taken back by staff.
    """

    read_as: ClassVar[Readable] = "office"
    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (
        Index("homework_of", "program_id", "participant_id", "due_on"),
        Index("homework_in", "program_id", "series_id", "due_on"),
    )
    task_id: UUID
    session_id: UUID
    series_id: UUID
    words: bytes = Field(sa_type=LargeBinary)
    due_on: date
    by: UUID
    made_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class HomeworkStep(Owned, table=True):
    """The participant has seen it, or done it, or took that back ("open"). Rows are only added; the newest stands."""

    __tablename__ = "homework_step"
    read_as: ClassVar[Readable] = "office"
    __table_args__ = (
        CheckConstraint("step in ('seen','done','open')", name="homework_step_step"),
        Index("homework_step_of", "program_id", "homework_id", "at"),
    )
    homework_id: UUID
    step: str = Field(max_length=4)
    at: datetime = Field(sa_type=Moment)


class TaskForm(NewForm):
    """What to do, and until when. `persons`: who gets it; nobody named is everybody on the roster."""

    words: Annotated[Words, AfterValidator(str.strip), PydanticField(min_length=1, max_length=2000)]
    due_on: date
    persons: list[UUID] = PydanticField(default_factory=list, max_length=400)


class StepForm(Form):
    step: Literal["seen", "done", "open"]


@dataclass(frozen=True)
class Item:
    """One person's homework, opened for its reader. `step`: "" until they have seen it, then "seen", "done", "open"."""

    id: UUID
    task_id: UUID
    participant_id: UUID
    words: str
    due_on: date
    step: str
    step_at: datetime | None

    @property
    def done(self) -> bool:
        return self.step == "done"


@dataclass(frozen=True)
class Task:
    """What several people got together, and how far each of them is, by name."""

    id: UUID
    words: str
    due_on: date
    people: list[tuple[str, Item]]

    @property
    def seen(self) -> int:
        return sum(bool(item.step) for _name, item in self.people)

    @property
    def done(self) -> int:
        return sum(item.done for _name, item in self.people)


# --- the participant's


def mine(record: Record) -> list[Item]:
    """What the participant whose record is open has to do or has done lately, by its day."""
    asked = select(Homework).where(col(Homework.due_on) >= record.today - TOLD, col(Homework.ended_at).is_(None))
    return _opened(record, record.session.exec(asked.order_by(col(Homework.due_on), col(Homework.id))).all())


def waiting(record: Record) -> list[Item]:
    """What is still to do."""
    return [item for item in mine(record) if not item.done and item.due_on >= record.today - STAYS]


def step(record: Record, homework_id: UUID, form: Posted[StepForm]) -> bool:
    """Carry out a tap. Said twice, it stands once. False: the form is refused."""
    item = find(record, homework_id)
    if not form.refused:
        _say(record, item, form.values.step)
    return not form.refused


def find(record: Record, homework_id: UUID) -> Item:
    """One of the participant's, as it stands. Raises NotYours."""
    item = next((one for one in mine(record) if one.id == homework_id), None)
    if item is None:
        raise NotYours("homework")
    return item


def saw(record: Record) -> None:
    """On checking out: what waits has been seen."""
    for item in waiting(record):
        _say(record, item, "seen")


def _say(record: Record, item: Item, said: str) -> None:
    # What is done has been seen: to say so later takes nothing back.
    if said != item.step and not (said == "seen" and item.done):
        record.session.add(HomeworkStep(id=new_id(), homework_id=item.id, step=said, at=record.now))
        record.session.flush()


# --- the staff's


def assigned(
    record: Record, one: ProgramSession, form: Posted[TaskForm], each: Callable[[Collection[UUID]], Iterable[Record]]
) -> bool:
    """Carry a form out: everybody who is meant gets it, in one transaction. False: refused. Sent twice it is one task.

    `each` opens the record of one person after the other.
    """
    roster = sessions.roster(record, one)
    if not form.refused:
        _check(record, form, roster)
    if form.refused:
        return False
    for opened in each(form.values.persons or roster):
        _give(opened, one, form.values)
    return True


def _check(record: Record, form: Posted[TaskForm], roster: Collection[UUID]) -> None:
    if not record.today <= form.values.due_on <= record.today + AHEAD:
        form.refuse("due_on", PAST)
    if not set(form.values.persons) <= set(roster):
        form.refuse("persons", NOT_HERE)
    if not roster:
        form.refuse("persons", NOBODY)


def _give(record: Record, one: ProgramSession, form: TaskForm) -> None:
    made = uuid5(form.id, str(record.participant_id))
    words: Any = record.seal(Homework, "words", made, form.words)
    row = Homework(
        id=made, task_id=form.id, session_id=one.id, series_id=one.series_id, due_on=form.due_on, by=record.person_id,
        words=words, made_at=record.now,
    )  # fmt: skip
    keep(record.session, row)


def take_back(
    record: Record, one: ProgramSession, task_id: UUID, each: Callable[[Collection[UUID]], Iterable[Record]]
) -> None:
    """Nobody has to do it any more. Twice is once; what is no task of this series is none of this reader's."""
    asked = select(Homework).where(Homework.task_id == task_id, Homework.series_id == one.series_id)
    rows = {row.participant_id: row for row in record.session.exec(asked)}
    if not rows:
        raise NotYours("homework")
    for opened in each(list(rows)):
        rows[opened.participant_id].ended_at = rows[opened.participant_id].ended_at or opened.now
        opened.session.flush()


def of_series(record: Record, one: ProgramSession) -> list[Task]:
    """What was given out in a series lately, the latest day first, and how far everybody is. Four queries."""
    asked = select(Homework).where(
        Homework.series_id == one.series_id, col(Homework.ended_at).is_(None),
        col(Homework.due_on) >= record.today - TOLD,
    )  # fmt: skip
    rows = record.session.exec(asked.order_by(col(Homework.due_on).desc(), col(Homework.task_id))).all()
    names = people.names(record, {row.participant_id for row in rows})
    found: dict[UUID, list[Item]] = defaultdict(list)
    for item in _opened(record, rows):
        found[item.task_id].append(item)
    return [
        Task(task, items[0].words, items[0].due_on,
             sorted(((names.get(item.participant_id, ""), item) for item in items), key=_by_name))
        for task, items in found.items()
    ]  # fmt: skip


def _by_name(pair: tuple[str, Item]) -> tuple[str, UUID]:
    return pair[0].casefold(), pair[1].participant_id


def by_person(record: Record, one: ProgramSession) -> dict[UUID, list[Item]]:
    """For the room: what each person on the roster was given in this series and is not older than a week."""
    found: dict[UUID, list[Item]] = defaultdict(list)
    for task in of_series(record, one):
        for _name, item in task.people:
            if item.due_on >= record.today - STAYS:
                found[item.participant_id].append(item)
    return found


def desk(record: Record, one: ProgramSession) -> dict[str, Any]:
    """The page on which homework is given out."""
    roster = people.names(record, sessions.roster(record, one))
    return {"one": one, "roster": roster, "tasks": of_series(record, one)}


def answers(record: Record, one: ProgramSession) -> dict[str, Any]:
    """What the form starts with: until the next session of the series, or a week from the session."""
    days = sessions.between(record, record.today + timedelta(days=1), record.today + STAYS * 2)
    nexts = (each.on for each in days if each.series_id == one.series_id and each.happens and each.on > one.on)
    return {"due_on": next(nexts, max(one.on, record.today) + STAYS)}


def _opened(record: Record, rows: Collection[Homework]) -> list[Item]:
    record.keyring.fetch([row.participant_id for row in rows])
    steps = _steps(record, [row.id for row in rows])
    return [
        Item(
            row.id, row.task_id, row.participant_id,
            record.unseal(Homework, "words", row.id, row.words, row.participant_id), row.due_on,
            *((steps[row.id].step, steps[row.id].at) if row.id in steps else ("", None)),
        )
        for row in rows
    ]  # fmt: skip


def _steps(record: Record, ids: Collection[UUID]) -> dict[UUID, HomeworkStep]:
    if not ids:
        return {}
    asked = select(HomeworkStep).where(col(HomeworkStep.homework_id).in_(ids))
    return {
        row.homework_id: row for row in record.session.exec(asked.order_by(col(HomeworkStep.at), col(HomeworkStep.id)))
    }
