"""Homework: given out after a session, seen and done by those who got it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from app.access import MyRecord, Room, each
from app.forms import Posted, blank, posted
from app.models import homework
from app.models.entry import ActForm
from app.models.homework import StepForm, TaskForm
from app.pages import away, changed, page, refused

router = APIRouter()


@router.get("/homework")
def index(record: MyRecord) -> Response:
    return page(record, "homework/index.html", homework=homework.mine(record), day=record.today)


@router.post("/homework/{homework_id}/steps")
def update(record: MyRecord, homework_id: UUID, form: Annotated[Posted[StepForm], posted(StepForm)]) -> Response:
    if not homework.step(record, homework_id, form):
        return refused(record, "homework/index.html", form=form, homework=homework.mine(record), day=record.today)
    one = homework.find(record, homework_id)
    return changed(record, "homework/update.html", to="/homework", item=one, day=record.today)


@router.get("/room/{session_id}/homework")
def new(record: Room, session_id: UUID) -> Response:
    form = blank(**homework.answers(record, record.meeting))
    return page(record, "homework/new.html", form=form, **homework.desk(record, record.meeting))


@router.post("/room/{session_id}/homework")
def create(record: Room, session_id: UUID, form: Annotated[Posted[TaskForm], posted(TaskForm)]) -> Response:
    if not homework.assigned(record, record.meeting, form, each(record)):
        return refused(record, "homework/new.html", form=form, **homework.desk(record, record.meeting))
    return away(f"/room/{session_id}/homework")


@router.post("/room/{session_id}/homework/{task_id}/removal")
def destroy(
    record: Room, session_id: UUID, task_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]
) -> Response:
    homework.take_back(record, record.meeting, task_id, each(record))
    return away(f"/room/{session_id}/homework")
