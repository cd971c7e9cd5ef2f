"""A coach asks one participant for something, gives it another day, or takes it back."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.content.instruments import instruments
from app.content.readings import readings
from app.database import keep
from app.forms import Form, Posted, _
from app.models import assignments, people, skills
from app.models.assignments import AHEAD, PAST, STAYS, AskForm, Assignment, Item
from app.record import NotYours, Record

OVER = _("Their time in the program has ended, so nothing new is asked of them.")
ANOTHER = _("This page has asked for something already. Send it once more to ask for this too.")


class DayForm(Form):
    due_on: date


def asked(record: Record, form: Posted[AskForm]) -> bool:
    """Carry a form out. False: refused. Sent twice it is asked once."""
    if people.over(record.session, record.participant_id, record.today):
        form.refuse("", OVER)
    if not assignments.checked(record, form).refused:
        _keep(record, form)
    return not form.refused


def _keep(record: Record, form: Posted[AskForm]) -> None:
    row = assignments.row_of(record, form.values.id, form.values)
    if not keep(record.session, row) and not _says(_row(record, row.id), record, form.values):
        form.refuse("id", ANOTHER)


def _says(row: Assignment, record: Record, form: AskForm) -> bool:
    """Whether just this was asked under that id: its day may be another by now."""
    [item] = assignments.opened(record, [row])
    return {"kind": item.kind, "what": item.what or None} == form.named and item.words == form.words


def find(record: Record, assignment_id: UUID) -> Item:
    """One that this coach asked for, or another coach of theirs, and that stands. Raises NotYours."""
    [item] = assignments.opened(record, [_standing(record, assignment_id)])
    return item


def moved(record: Record, assignment_id: UUID, form: Posted[DayForm]) -> bool:
    """Carry another day out. False: it is refused."""
    row = _standing(record, assignment_id)
    if not form.refused and not record.today <= form.values.due_on <= record.today + AHEAD:
        form.refuse("due_on", PAST)
    if not form.refused:
        assignments.move(record, row, form.values.due_on)
    return not form.refused


def take_back(record: Record, assignment_id: UUID) -> None:
    assignments.end(record, _row(record, assignment_id))


def _standing(record: Record, assignment_id: UUID) -> Assignment:
    row = _row(record, assignment_id)
    if row.ended_at:
        raise NotYours("it was taken back")
    return row


def _row(record: Record, assignment_id: UUID) -> Assignment:
    """Not one of a session: that is for who leads it."""
    asked = select(Assignment).where(
        Assignment.id == assignment_id, Assignment.participant_id == record.participant_id,
        col(Assignment.session_id).is_(None),
    )  # fmt: skip
    row = record.session.exec(asked.with_for_update()).first()
    if row is None:
        raise NotYours("assignment")
    return row


# --- what the pages show


def desk(record: Record, language: str) -> dict[str, Any]:
    """What is asked of one participant by now, and what there is to ask for."""
    found = assignments.mine(record)
    return {
        "person_id": record.participant_id, "name": record.name(record.participant_id), "day": record.today,
        "items": [item for item in found if not item.done], "past": [item for item in reversed(found) if item.done],
        "names": people.names(record, {item.by for item in found}), **choices(language),
    }  # fmt: skip


def choices(language: str) -> dict[str, Any]:
    """What there is to choose from, by kind: ids with names."""
    return {
        "offered": {
            "skill": [(one.key, one.name) for one in skills.every(language)],
            "measure": [(one.id, one.name) for one in instruments(language)],
            "reading": [(one.id, one.title) for one in readings(language)],
        }
    }


def answers(record: Record, what: str) -> dict[str, Any]:
    """What the form starts with: a week from today; and what a link suggests, if there is such a thing."""
    return {"due_on": record.today + STAYS, "what": what}
