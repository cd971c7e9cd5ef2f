"""The office's calendar: the week, series and their rosters, and what is different in one session."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import Office
from app.forms import Posted, blank, posted
from app.models import desk, series
from app.models.series import ChangeForm, EndForm, SeriesForm
from app.pages import away, page, refused
from app.router import Router

router = Router(prefix="/schedule")
SeriesPosted = Annotated[Posted[SeriesForm], posted(SeriesForm)]


@router.get("")
def index(record: Office, week: str = "") -> Response:
    return page(record, "schedule/index.html", **desk.week(record, week))


@router.get("/new")
def new(record: Office) -> Response:
    return page(record, "schedule/new.html", form=blank(**desk.starts(record)), **desk.choices(record))


@router.post("")
def create(record: Office, form: SeriesPosted) -> Response:
    if series.checked(record, form).refused:
        return refused(record, "schedule/new.html", form=form, **desk.choices(record))
    return away(f"/schedule/{series.begin(record, form.values)}")


@router.get("/series")
def listed(record: Office) -> Response:
    return page(record, "schedule/series.html", **desk.listed(record))


@router.get("/{series_id}")
def show(record: Office, series_id: UUID) -> Response:
    return page(record, "schedule/show.html", form=blank(), **desk.told(record, series_id))


@router.get("/{series_id}/edit")
def edit(record: Office, series_id: UUID) -> Response:
    form = blank(**series.answers(record, series.changeable(record, series_id)))
    return page(record, "schedule/edit.html", form=form, series_id=series_id, **desk.choices(record))


@router.post("/{series_id}")
def update(record: Office, series_id: UUID, form: SeriesPosted) -> Response:
    series.changeable(record, series_id)
    if series.checked(record, form, series_id).refused:
        return refused(record, "schedule/edit.html", form=form, series_id=series_id, **desk.choices(record))
    return away(f"/schedule/{series.amend(record, series_id, form.values)}")


@router.post("/{series_id}/end")
def destroy(record: Office, series_id: UUID, form: Annotated[Posted[EndForm], posted(EndForm)]) -> Response:
    if series.ended(record, series_id, form).refused:
        return refused(record, "schedule/show.html", form=form, **desk.told(record, series_id))
    return away(f"/schedule/{series_id}")


@router.get("/sessions/{session_id}")
def one(record: Office, session_id: UUID) -> Response:
    form = blank(**series.as_it_stands(record, session_id))
    return page(record, "schedule/session.html", form=form, **desk.one(record, session_id))


@router.post("/sessions/{session_id}")
def change(record: Office, session_id: UUID, form: Annotated[Posted[ChangeForm], posted(ChangeForm)]) -> Response:
    if not series.changed(record, series.runnable(record, session_id), form):
        return refused(record, "schedule/session.html", form=form, **desk.one(record, session_id))
    return away(f"/schedule/sessions/{session_id}")
