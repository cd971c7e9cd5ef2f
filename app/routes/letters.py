"""Attendance letters, and the consents on which they are made."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import MyRecord, Open, Placing
from app.forms import Posted, blank, posted
from app.lib import pdf
from app.models import consents, letters
from app.models.consents import ConsentForm
from app.models.entry import ActForm
from app.models.letters import LetterForm, Sheet
from app.pages import away, language_of, page, refused
from app.record import NotYours
from app.router import Router
from app.words import Clock, translations

router = Router()
FILE = {"Content-Disposition": 'attachment; filename="attendance-letter.pdf"'}


@router.get("/letters")
def index(record: MyRecord) -> Response:
    return page(record, "letters/index.html", papers=consents.everything(record))


@router.get("/letters/new")
def new(record: MyRecord) -> Response:
    return page(record, "letters/new.html", form=blank(**consents.answers(record)))


@router.post("/letters")
def create(record: MyRecord, form: Annotated[Posted[ConsentForm], posted(ConsentForm)]) -> Response:
    speak = translations(language_of(record.request, record.visitor)).gettext
    paper = consents.signed(record, form, speak)
    return away(f"/letters/{paper.id}") if paper else refused(record, "letters/new.html", form=form)


@router.get("/letters/{consent_id}")
def show(record: MyRecord, consent_id: UUID) -> Response:
    return page(record, "letters/show.html", **letters.shown(record, consent_id))


@router.get("/letters/{consent_id}/letter.pdf")
def download(record: MyRecord, consent_id: UUID) -> Response:
    made = letters.shown(record, consent_id)["letter"]
    if made is None:
        raise NotYours("the consent has ended")
    return _sent(record, made)


@router.post("/letters/{consent_id}/revocation")
def destroy(record: MyRecord, consent_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]) -> Response:
    return away(f"/letters/{consents.revoke(record, consent_id).id}")


@router.post("/people/{person_id}/letters/{consent_id}")
def make(
    record: Placing, person_id: UUID, consent_id: UUID, form: Annotated[Posted[LetterForm], posted(LetterForm)]
) -> Response:
    made = letters.make(record, consent_id, form)
    return _sent(record, made) if made else refused(record, "presence/show.html", form=form, **letters.desk(record))


def _sent(record: Open, made: Sheet) -> Response:
    language = language_of(record.request, record.visitor)
    clock = Clock(language, record.zone, record.now)
    written = letters.written(record, made, translations(language).gettext, clock.dated)
    return Response(written, media_type=pdf.TYPE, headers=FILE)
