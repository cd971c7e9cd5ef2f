"""Who else has an entry open: told by a page that stays open, and to it."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import CoachedRecord, Glance
from app.forms import Posted, posted
from app.models import answering, entry, queue
from app.models.entry import ActForm
from app.pages import changed, page
from app.router import Router
from app.routes.review import ENTRY

router = Router(prefix=ENTRY + "/answering")


@router.get("")
def show(record: Glance, person_id: UUID, entry_id: UUID) -> Response:
    return page(record, "review/_beside.html", **queue.glance(record, person_id, entry_id))


@router.post("")
def create(
    record: CoachedRecord, person_id: UUID, entry_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]
) -> Response:
    line = entry.find(record, entry_id)
    answering.begin(record, line.id, typing=True)
    to = f"/caseload/{person_id}/entries/{entry_id}"
    return changed(record, "review/_beside.html", to=to, **queue.at_it(record, line))
