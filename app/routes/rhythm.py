"""Which measures a program asks for, and when: a manager's choice."""

from typing import Annotated

from fastapi import Response

from app.access import Manager
from app.forms import Posted, blank, posted
from app.models import rhythm
from app.models.rhythm import RhythmForm
from app.pages import away, language_of, page, refused
from app.router import Router

router = Router(prefix="/rhythm")
RhythmPosted = Annotated[Posted[RhythmForm], posted(RhythmForm)]


@router.get("")
def edit(record: Manager) -> Response:
    language = language_of(record.request, record.visitor)
    return page(record, "rhythm/edit.html", form=blank(**rhythm.answers(record)), **rhythm.desk(record, language))


@router.post("")
def update(record: Manager, form: RhythmPosted) -> Response:
    if not rhythm.choose(record, form):
        language = language_of(record.request, record.visitor)
        return refused(record, "rhythm/edit.html", form=form, **rhythm.desk(record, language))
    return away("/rhythm")
