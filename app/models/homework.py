"""Homework: what is asked of the people of a session, all or some, by whoever leads it; and how far they are."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from pydantic import Field
from sqlmodel import col, select

from app.database import keep
from app.forms import Posted, _
from app.models import assignments, people, sessions
from app.models.assignments import STAYS, TOLD, AskForm, Assignment, Item
from app.models.sessions import ProgramSession
from app.record import NotYours, Record

NOBODY = _("Nobody is on the roster of this session, so nobody would get it.")
NOT_HERE = _("Please choose people from this list.")

Each = Callable[[Collection[UUID]], Iterable[Record]]


class TaskForm(AskForm):
    """`persons`: who gets it; nobody named is everybody on the roster."""

    persons: list[UUID] = Field(default_factory=list, max_length=400)


@dataclass(frozen=True)
class Task:
    """What several people got together, and how far each of them is, by name."""

    id: UUID
    people: list[tuple[str, Item]]

    @property
    def item(self) -> Item:
        return self.people[0][1]

    @property
    def due_on(self) -> date:
        return self.item.due_on

    @property
    def seen(self) -> int:
        return sum(bool(item.step) for _name, item in self.people)

    @property
    def done(self) -> int:
        return sum(item.done for _name, item in self.people)


def assigned(record: Record, one: ProgramSession, form: Posted[TaskForm], each: Each) -> bool:
    """Carry a form out: everybody who is meant gets it, in one transaction. False: refused. Sent twice it is one task.

    `each` opens the record of one person after the other.
    """
    roster = sessions.roster(record, one)
    if _checked(record, form, roster).refused:
        return False
    for opened in each(form.values.persons or roster):
        _give(opened, one, form.values)
    return True


def _checked(record: Record, form: Posted[TaskForm], roster: Collection[UUID]) -> Posted[Any]:
    assignments.checked(record, form)
    if form.kept and not set(form.kept.persons) <= set(roster):
        form.refuse("persons", NOT_HERE)
    if form.kept and not roster:
        form.refuse("persons", NOBODY)
    return form


def _give(record: Record, one: ProgramSession, form: TaskForm) -> None:
    # Who was expected then may have left since.
    if not people.over(record.session, record.participant_id, record.today):
        made = uuid5(form.id, str(record.participant_id))
        keep(record.session, assignments.row_of(record, made, form, session_id=one.id, series_id=one.series_id))


def take_back(record: Record, one: ProgramSession, task_id: UUID, each: Each) -> None:
    """Nobody has to do it any more. Twice is once; what is no task of this series is none of this reader's."""
    asked = select(Assignment).where(Assignment.task_id == task_id, Assignment.series_id == one.series_id)
    rows = {row.participant_id: row for row in record.session.exec(asked)}
    if not rows:
        raise NotYours("homework")
    for opened in each(list(rows)):
        assignments.end(opened, rows[opened.participant_id])


def of_series(record: Record, one: ProgramSession) -> list[Task]:
    """What was given out in a series lately, the latest day first, and how far everybody is. Four queries."""
    asked = select(Assignment).where(
        Assignment.series_id == one.series_id, col(Assignment.ended_at).is_(None),
        Assignment.due_on >= record.today - TOLD,
    )  # fmt: skip
    rows = record.session.exec(asked.order_by(col(Assignment.due_on).desc(), col(Assignment.task_id))).all()
    names = people.names(record, {row.participant_id for row in rows})
    found: dict[UUID, list[tuple[str, Item]]] = defaultdict(list)
    for item in assignments.opened(record, rows):
        found[item.task_id].append((names.get(item.participant_id, ""), item))
    return [Task(task, sorted(those, key=_by_name)) for task, those in found.items()]


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
