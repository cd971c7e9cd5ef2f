"""Notes for staff only, about one participant."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import CoachedRecord
from app.forms import Posted, blank, posted
from app.models import notes
from app.models.notes import StaffNoteForm
from app.pages import away, page, refused
from app.router import Router

router = Router(prefix="/caseload/{person_id}/notes")
Form = Annotated[Posted[StaffNoteForm], posted(StaffNoteForm)]


@router.get("")
def index(record: CoachedRecord, person_id: UUID) -> Response:
    return page(record, "notes/index.html", form=blank(), **notes.desk(record))


@router.post("")
def create(record: CoachedRecord, person_id: UUID, form: Form) -> Response:
    if not notes.written(record, form):
        return refused(record, "notes/index.html", form=form, **notes.desk(record))
    return away(f"/caseload/{person_id}/notes#note-{form.values.id}")


@router.get("/{note_id}/edit")
def edit(record: CoachedRecord, person_id: UUID, note_id: UUID) -> Response:
    form = blank(**notes.answers(record, note_id))
    return page(record, "notes/edit.html", form=form, **notes.desk(record, note_id))


@router.post("/{note_id}")
def update(record: CoachedRecord, person_id: UUID, note_id: UUID, form: Form) -> Response:
    if not notes.amended(record, note_id, form):
        return refused(record, "notes/edit.html", form=form, **notes.desk(record, note_id))
    return away(f"/caseload/{person_id}/notes#note-{note_id}")
