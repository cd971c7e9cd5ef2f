"""The daily check-in: made once a day, and amended as the day goes."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app import offline
from app.access import MyRecord, Open
from app.forms import Posted, blank, posted
from app.models import checkins, entry
from app.models.checkins import CheckInForm
from app.models.entry import Line
from app.pages import changed, page, refused
from app.router import Router

router = Router()
offline.enter(
    "checkins", "/check-in", "checkins/edit.html", {"visibility": "shared"}, line=None, readers=None, answer_by=None
)
CheckInPosted = Annotated[Posted[CheckInForm], posted(CheckInForm)]


@router.get("/check-in")
def edit(record: MyRecord) -> Response:
    line = checkins.todays(record)
    form = blank(**checkins.answers(line)) if line else blank(visibility="shared")
    return page(record, "checkins/edit.html", form=form, line=line, **checkins.readers(record))


@router.post("/check-ins")
def create(record: MyRecord, form: CheckInPosted) -> Response:
    return _answer(record, form, entry.settled(form, checkins.keep, record))


@router.post("/check-ins/{entry_id}")
def update(record: MyRecord, entry_id: UUID, form: CheckInPosted) -> Response:
    return _answer(record, form, entry.settled(form.about(entry_id), checkins.amend, record))


def _answer(record: Open, form: Posted[CheckInForm], line: Line | None) -> Response:
    if line is None:
        return refused(record, "checkins/edit.html", form=form, line=form.stale, **checkins.readers(record))
    return changed(record, "checkins/update.html", to="/today", kept=line.id, line=line, **checkins.readers(record))
