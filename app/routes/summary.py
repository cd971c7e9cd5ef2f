"""One page about one participant, to read before a session."""

from uuid import UUID

from fastapi import Response

from app.access import CoachedRecord
from app.lib import pdf
from app.models import summary
from app.models.roll import NOTICE
from app.pages import language_of, page
from app.router import Router

router = Router(prefix="/caseload/{person_id}")
# No name: a list of downloads tells nobody whose record somebody reads.
FILE = {"Content-Disposition": 'inline; filename="before-the-session.pdf"', "Cache-Control": "no-store"}


@router.get("/summary")
def show(record: CoachedRecord, person_id: UUID) -> Response:
    told = summary.made(record, language_of(record.request, record.visitor))
    return page(record, "summary/show.html", told=told, person_id=person_id, notice=NOTICE)


@router.get("/summary.pdf")
def download(record: CoachedRecord, person_id: UUID, paper: str = "") -> Response:
    written = summary.written(record, language_of(record.request, record.visitor), paper)
    return Response(written, media_type=pdf.TYPE, headers=FILE)
