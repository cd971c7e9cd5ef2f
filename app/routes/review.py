"""Review: one shared entry at a time, read, answered, next."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from app.access import Caseload, CoachedRecord
from app.forms import Posted, blank, posted
from app.models import caseload, openings, reviews
from app.models.reviews import ReviewForm
from app.pages import away, language_of, page, refused

router = APIRouter()
ENTRY = "/caseload/{person_id}/entries/{entry_id}"


@router.get("/review")
def index(record: Caseload, after: str = "", before: str = "") -> Response:
    waiting = caseload.queue(record)
    line = caseload.beside(waiting, after, before)
    return away(caseload.address(line)) if line else page(record, "review/index.html", left=len(waiting))


@router.get(ENTRY)
def show(record: CoachedRecord, person_id: UUID, entry_id: UUID) -> Response:
    return page(record, "review/show.html", form=blank(), **caseload.sheet(record, entry_id, _language(record)))


@router.post(ENTRY + "/reviews")
def create(
    record: CoachedRecord,
    person_id: UUID,
    entry_id: UUID,
    form: Annotated[Posted[ReviewForm], posted(ReviewForm)],
) -> Response:
    sheet = caseload.sheet(record, entry_id, _language(record))
    if reviews.sent(record, entry_id, form).refused:
        # The page shows the entry again, and every look is written down.
        openings.opened(record, entry_id)
        return refused(record, "review/show.html", form=form, **sheet)
    return away(f"/review?after={entry_id}")


def _language(record: CoachedRecord) -> str:
    return language_of(record.request, record.visitor)
