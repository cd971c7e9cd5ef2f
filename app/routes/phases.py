"""The shape of a stay: the program's phases and days off, and where one participant is put."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import Manager, Placing
from app.forms import Posted, blank, posted
from app.models import desk, phases, series
from app.models.entry import ActForm
from app.models.phases import LastDayForm, PhaseChangeForm, PhaseForm
from app.models.series import HolidayForm, SeatForm
from app.pages import away, page, refused
from app.router import Router

router = Router()
Act = Annotated[Posted[ActForm], posted(ActForm)]


@router.get("/phases")
def index(record: Manager) -> Response:
    return page(record, "schedule/phases.html", form=blank(), sized=blank(), **desk.shape(record))


@router.post("/phases/{phase_id}")
def update(record: Manager, phase_id: UUID, form: Annotated[Posted[PhaseForm], posted(PhaseForm)]) -> Response:
    phases.find(record, phase_id)
    if form.refused:
        return refused(record, "schedule/phases.html", form=blank(), sized=form, **desk.shape(record, phase_id))
    phases.size(record, phase_id, form.values)
    return away("/phases")


@router.post("/holidays")
def create(record: Manager, form: Annotated[Posted[HolidayForm], posted(HolidayForm)]) -> Response:
    if form.refused:
        return refused(record, "schedule/phases.html", form=form, sized=blank(), **desk.shape(record))
    series.rest(record, form.values)
    return away("/phases")


@router.post("/holidays/{holiday_id}/removal")
def destroy(record: Manager, holiday_id: UUID, form: Act) -> Response:
    series.work(record, holiday_id)
    return away("/phases")


@router.get("/people/{person_id}")
def show(record: Placing, person_id: UUID) -> Response:
    return page(record, "schedule/person.html", **desk.blanks(record), **desk.person(record))


@router.post("/people/{person_id}/phase")
def move(
    record: Placing, person_id: UUID, form: Annotated[Posted[PhaseChangeForm], posted(PhaseChangeForm)]
) -> Response:
    if phases.checked(record, form).refused:
        return refused(record, "schedule/person.html", **desk.blanks(record) | {"form": form}, **desk.person(record))
    phases.change(record, form.values)
    return away(f"/people/{person_id}")


@router.post("/people/{person_id}/last-day")
def end(record: Placing, person_id: UUID, form: Annotated[Posted[LastDayForm], posted(LastDayForm)]) -> Response:
    if phases.ended(record, form).refused:
        return refused(record, "schedule/person.html", **desk.blanks(record) | {"leaving": form}, **desk.person(record))
    return away(f"/people/{person_id}")


@router.post("/people/{person_id}/seats")
def seat(record: Placing, person_id: UUID, form: Annotated[Posted[SeatForm], posted(SeatForm)]) -> Response:
    if series.seatable(record, form).refused:
        return refused(record, "schedule/person.html", **desk.blanks(record) | {"seating": form}, **desk.person(record))
    series.seat(record, form.values)
    return away(f"/people/{person_id}")


@router.post("/people/{person_id}/seats/{series_id}/removal")
def unseat(record: Placing, person_id: UUID, series_id: UUID, form: Act) -> Response:
    series.unseat(record, series_id)
    return away(f"/people/{person_id}")
