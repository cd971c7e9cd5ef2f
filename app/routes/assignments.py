"""What is asked of somebody: by a coach, and done by whom it is asked of."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app.access import CoachedRecord, MyRecord
from app.forms import Posted, blank, posted
from app.models import asking, assignments
from app.models.asking import DayForm
from app.models.assignments import AskForm, StepForm
from app.models.entry import ActForm
from app.pages import away, changed, language_of, page, refused
from app.router import Router

router = Router()
AT = "/caseload/{person_id}/assignments"


@router.get("/assignments")
def index(record: MyRecord) -> Response:
    return page(record, "assignments/index.html", **assignments.shelf(record))


@router.post("/assignments/{assignment_id}/steps")
def step(record: MyRecord, assignment_id: UUID, form: Annotated[Posted[StepForm], posted(StepForm)]) -> Response:
    if not assignments.step(record, assignment_id, form):
        return refused(record, "assignments/index.html", form=form, about=assignment_id, **assignments.shelf(record))
    one = assignments.find(record, assignment_id)
    return changed(record, "assignments/update.html", to="/assignments", item=one, day=record.today)


@router.get(AT)
def new(record: CoachedRecord, person_id: UUID, what: str = "") -> Response:
    return page(record, "assignments/new.html", form=blank(**asking.answers(record, what)), **_desk(record))


@router.post(AT)
def create(record: CoachedRecord, person_id: UUID, form: Annotated[Posted[AskForm], posted(AskForm)]) -> Response:
    if not asking.asked(record, form):
        return refused(record, "assignments/new.html", form=form, **_desk(record))
    return away(f"/caseload/{person_id}/assignments")


@router.get(AT + "/{assignment_id}")
def edit(record: CoachedRecord, person_id: UUID, assignment_id: UUID) -> Response:
    one = asking.find(record, assignment_id)
    return page(record, "assignments/edit.html", form=blank(due_on=one.due_on), item=one, name=_name(record))


@router.post(AT + "/{assignment_id}")
def update(
    record: CoachedRecord, person_id: UUID, assignment_id: UUID, form: Annotated[Posted[DayForm], posted(DayForm)]
) -> Response:
    if not asking.moved(record, assignment_id, form):
        one = asking.find(record, assignment_id)
        return refused(record, "assignments/edit.html", form=form, item=one, name=_name(record))
    return away(f"/caseload/{person_id}/assignments")


@router.post(AT + "/{assignment_id}/removal")
def destroy(
    record: CoachedRecord, person_id: UUID, assignment_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]
) -> Response:
    asking.take_back(record, assignment_id)
    return away(f"/caseload/{person_id}/assignments")


def _desk(record: CoachedRecord) -> dict[str, Any]:
    return asking.desk(record, language_of(record.request, record.visitor))


def _name(record: CoachedRecord) -> str:
    return record.name(record.participant_id)
