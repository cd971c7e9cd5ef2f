"""The days on which a coach wants to look after somebody again, and what came of them."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import CoachedRecord
from app.forms import Posted, blank, posted
from app.models import follow_ups
from app.models.entry import ActForm
from app.models.follow_ups import FollowUpForm
from app.pages import away, page, refused
from app.router import Router

router = Router(prefix="/caseload/{person_id}/follow-ups")


@router.get("")
def index(record: CoachedRecord, person_id: UUID) -> Response:
    return page(record, "follow_ups/index.html", plan_form=blank(), **follow_ups.desk(record))


@router.post("")
def create(
    record: CoachedRecord, person_id: UUID, form: Annotated[Posted[FollowUpForm], posted(FollowUpForm)]
) -> Response:
    if follow_ups.planned(record, form).refused:
        return refused(record, "follow_ups/index.html", plan_form=form, **follow_ups.desk(record))
    return away(f"/caseload/{person_id}/follow-ups")


@router.post("/{follow_up_id}/completion")
def destroy(
    record: CoachedRecord,
    person_id: UUID,
    follow_up_id: UUID,
    form: Annotated[Posted[ActForm], posted(ActForm)],
) -> Response:
    follow_ups.finish(record, follow_up_id)
    return away(f"/caseload/{person_id}/follow-ups")
