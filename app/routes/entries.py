"""What can be done with any entry, whatever its kind: share it, throw it away, take it back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app.access import MyRecord, Open, shown
from app.forms import Posted, blank, posted
from app.models import entry, moods, sharing
from app.models.entry import ActForm, Line, VisibilityForm
from app.pages import changed, page, refused
from app.router import Router

router = Router(prefix="/entries/{entry_id}")
Act = Annotated[Posted[ActForm], posted(ActForm)]


@router.get("")
def show(record: MyRecord, entry_id: UUID) -> Response:
    return page(record, "entries/show.html", **_told(record, entry.find(record, entry_id)))


@router.post("/visibility")
def share(
    record: MyRecord, entry_id: UUID, form: Annotated[Posted[VisibilityForm], posted(VisibilityForm)]
) -> Response:
    line = entry.find(record, entry_id)
    if form.refused:
        return refused(record, "entries/show.html", **_told(record, line) | {"form": form})
    line = entry.share(record, line.id, form.values.visibility)
    return changed(record, "entries/update.html", to=entry.address(line), **_told(record, line))


@router.post("/deletion")
def destroy(record: MyRecord, entry_id: UUID, form: Act) -> Response:
    line = entry.throw(record, entry_id)
    return changed(record, "entries/destroy.html", to="/journal/bin", **_told(record, line))


@router.post("/restoration")
def restore(record: MyRecord, entry_id: UUID, form: Act) -> Response:
    line = entry.restore(record, entry_id)
    return changed(record, "entries/update.html", to=entry.address(line), **_told(record, line))


def _told(record: Open, line: Line) -> dict[str, Any]:
    shown(record, [line])
    # The mood row is told too: a mood is taken back where it was tapped.
    return {"line": line, "form": blank(), **sharing.promise(record), **moods.row(record)}
