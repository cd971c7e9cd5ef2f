"""Checking in to a session and out of it: with the code in the room, with a tap, or in words."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app import offline
from app.access import MyRecord
from app.forms import Posted, posted
from app.models import arrivals, entry
from app.models.arrivals import AttendanceForm
from app.pages import changed, page, refused
from app.router import Router

router = Router(prefix="/attendances")
offline.enter(
    "attendances", "/attendances", "attendance/new.html", {"way": "arriving", "visibility": "shared"}, below=True,
    **arrivals.UNKNOWN,
)  # fmt: skip


@router.get("")
def index(record: MyRecord) -> Response:
    return page(record, "attendance/new.html", **arrivals.choice(record))


@router.get("/{session_id}/arrival")
def arrive(record: MyRecord, session_id: UUID) -> Response:
    return page(record, "attendance/new.html", **arrivals.shown(record, session_id, "arriving"))


@router.get("/{session_id}/departure")
def leave(record: MyRecord, session_id: UUID) -> Response:
    return page(record, "attendance/new.html", **arrivals.shown(record, session_id, "leaving"))


@router.post("")
def create(record: MyRecord, form: Annotated[Posted[AttendanceForm], posted(AttendanceForm)]) -> Response:
    line = arrivals.attended(record, form)
    if line is None:
        return refused(record, "attendance/new.html", **arrivals.once_more(record, form))
    # Whoever was faster on another phone: what this one sent is kept all the same.
    kept, to = form.values.id, entry.address(line)
    return changed(record, "attendance/create.html", to=to, kept=kept, **arrivals.told(record, line))
