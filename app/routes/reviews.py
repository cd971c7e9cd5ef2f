"""A review put right before its participant has seen it: an answer edited, a mistaken "read" taken back."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import CoachedRecord
from app.forms import Posted, posted
from app.models import reviews
from app.models.entry import ActForm
from app.models.reviews import AnswerForm
from app.router import Router
from app.routes.review import ENTRY, again, back

router = Router(prefix=ENTRY + "/reviews/{review_id}")


@router.post("")
def update(
    record: CoachedRecord,
    person_id: UUID,
    entry_id: UUID,
    review_id: UUID,
    form: Annotated[Posted[AnswerForm], posted(AnswerForm)],
) -> Response:
    if reviews.edited(record, entry_id, review_id, form).refused:
        return again(record, entry_id, **reviews.came_back(record, entry_id, review_id, form))
    return back(record, entry_id)


@router.post("/deletion")
def destroy(
    record: CoachedRecord,
    person_id: UUID,
    entry_id: UUID,
    review_id: UUID,
    form: Annotated[Posted[ActForm], posted(ActForm)],
) -> Response:
    if reviews.undone(record, entry_id, review_id, form).refused:
        return again(record, entry_id, undo_form=form)
    return back(record, entry_id)
