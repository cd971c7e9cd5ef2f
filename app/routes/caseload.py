"""The caseload: who needs me today; and one participant's page."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.access import Caseload, CoachedRecord
from app.models import caseload
from app.pages import language_of, page

router = APIRouter(prefix="/caseload")


@router.get("")
def index(record: Caseload) -> Response:
    return page(record, "caseload/index.html", **caseload.desk(record))


@router.get("/{person_id}")
def show(record: CoachedRecord, person_id: UUID, before: str = "") -> Response:
    language = language_of(record.request, record.visitor)
    return page(record, "caseload/show.html", **caseload.participant(record, language, before))
