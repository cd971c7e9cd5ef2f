"""A participant's sessions: the week, one of them, and saying that one will be away."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import MyRecord
from app.forms import Posted, blank, posted
from app.models import agenda, feeds
from app.models.agenda import AwayForm
from app.models.entry import ActForm
from app.pages import changed, language_of, page, refused
from app.router import Router
from app.words import translations

router = Router(prefix="/sessions")
FILE = {"Content-Disposition": 'attachment; filename="calendar.ics"'}


@router.get("")
def index(record: MyRecord) -> Response:
    return page(record, "sessions/index.html", **agenda.fortnight(record))


@router.get("/{session_id}")
def show(record: MyRecord, session_id: UUID) -> Response:
    return page(record, "sessions/show.html", form=blank(), **agenda.told(record, session_id))


@router.get("/{session_id}/calendar.ics")
def download(record: MyRecord, session_id: UUID) -> Response:
    speak = translations(language_of(record.request, record.visitor)).gettext
    visit = agenda.find(record, session_id)
    written = feeds.written(record, [visit.one], speak(feeds.TITLES["appointment"]))
    return Response(written, media_type="text/calendar; charset=utf-8", headers=FILE)


@router.post("/{session_id}/away")
def create(record: MyRecord, session_id: UUID, form: Annotated[Posted[AwayForm], posted(AwayForm)]) -> Response:
    if not agenda.say_away(record, session_id, form):
        return refused(record, "sessions/show.html", form=form, **agenda.told(record, session_id))
    return _shown(record, session_id)


@router.post("/{session_id}/return")
def destroy(record: MyRecord, session_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]) -> Response:
    agenda.come_after_all(record, session_id)
    return _shown(record, session_id)


def _shown(record: MyRecord, session_id: UUID) -> Response:
    to = f"/sessions/{session_id}"
    return changed(record, "sessions/update.html", to=to, form=blank(), **agenda.told(record, session_id))
