"""Homework: what is asked of the people of a session, by who leads it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app.access import Room, each
from app.forms import Posted, blank, posted
from app.models import asking, homework
from app.models.entry import ActForm
from app.models.homework import TaskForm
from app.pages import away, language_of, page, refused
from app.router import Router

router = Router(prefix="/room/{session_id}/homework")


@router.get("")
def new(record: Room, session_id: UUID) -> Response:
    form = blank(**homework.answers(record, record.meeting))
    return page(record, "homework/new.html", form=form, **_desk(record))


@router.post("")
def create(record: Room, session_id: UUID, form: Annotated[Posted[TaskForm], posted(TaskForm)]) -> Response:
    if not homework.assigned(record, record.meeting, form, each(record)):
        return refused(record, "homework/new.html", form=form, **_desk(record))
    return away(f"/room/{session_id}/homework")


@router.post("/{task_id}/removal")
def destroy(
    record: Room, session_id: UUID, task_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]
) -> Response:
    homework.take_back(record, record.meeting, task_id, each(record))
    return away(f"/room/{session_id}/homework")


def _desk(record: Room) -> dict[str, Any]:
    return homework.desk(record, record.meeting) | asking.choices(language_of(record.request, record.visitor))
