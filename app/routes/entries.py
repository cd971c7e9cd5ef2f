"""What can be done with any entry, whatever its kind: share it, throw it away, take it back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from app.access import MyRecord
from app.forms import Posted, posted
from app.models import entry
from app.models.entry import ActForm, VisibilityForm
from app.pages import changed, refused

router = APIRouter(prefix="/entries/{entry_id}")
Act = Annotated[Posted[ActForm], posted(ActForm)]


@router.post("/visibility")
def share(
    record: MyRecord, entry_id: UUID, form: Annotated[Posted[VisibilityForm], posted(VisibilityForm)]
) -> Response:
    line = entry.find(record, entry_id)
    if form.refused:
        return refused(record, "entries/show.html", line=line, form=form)
    line = entry.share(record, line.id, form.values.visibility)
    return changed(record, "entries/update.html", to=entry.address(line), line=line)


@router.post("/deletion")
def destroy(record: MyRecord, entry_id: UUID, form: Act) -> Response:
    line = entry.throw(record, entry_id)
    return changed(record, "entries/destroy.html", to="/journal/bin", line=line)


@router.post("/restoration")
def restore(record: MyRecord, entry_id: UUID, form: Act) -> Response:
    line = entry.restore(record, entry_id)
    return changed(record, "entries/update.html", to=entry.address(line), line=line)
