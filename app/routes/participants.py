"""One participant's page, for the coaches on whose caseload they are."""

from uuid import UUID

from fastapi import Response

from app.access import CoachedRecord
from app.forms import blank
from app.models import participant
from app.models.participant import Asked
from app.pages import language_of, page
from app.router import Router

router = Router(prefix="/caseload/{person_id}")


@router.get("")
def show(
    record: CoachedRecord,
    person_id: UUID,
    kind: str = "",
    first: str = "",
    last: str = "",
    only: str = "",
    weeks: str = "",
    before: str = "",
) -> Response:
    asked = Asked.read(kind=kind, first=first, last=last, only=only, weeks=weeks, before=before)
    shown = participant.shown(record, language_of(record.request, record.visitor), asked)
    return page(record, "participant/show.html", filter=blank(**asked.fields), **shown)
