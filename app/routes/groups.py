"""Groups: what a series was about, week after week, for the staff who lead it."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import Office
from app.forms import Posted, blank, posted
from app.models import groups
from app.models.groups import NoteForm
from app.pages import away, page, refused
from app.router import Router

router = Router(prefix="/groups")


@router.get("")
def index(record: Office) -> Response:
    return page(record, "groups/index.html", groups=groups.mine(record), today=record.today)


@router.get("/{series_id}")
def show(record: Office, series_id: UUID, session: str = "") -> Response:
    group = groups.find(record, series_id)
    return page(record, "groups/show.html", form=blank(session=session), **groups.desk(record, group))


@router.post("/{series_id}/notes")
def create(record: Office, series_id: UUID, form: Annotated[Posted[NoteForm], posted(NoteForm)]) -> Response:
    group = groups.find(record, series_id)
    if not groups.noted(record, group, form):
        return refused(record, "groups/show.html", form=form, **groups.desk(record, group))
    return away(f"/groups/{series_id}")
