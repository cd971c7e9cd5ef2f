"""A participant's flags: why somebody should look, and what came of it."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import CoachedRecord
from app.forms import Posted, blank, posted
from app.models import causes, entry, flags
from app.models.flags import ClearanceForm, FlagForm
from app.pages import away, page, refused
from app.router import Router

router = Router(prefix="/caseload/{person_id}/flags")
# Whatever keeps an entry, in a request, the demo data or a test, raises what it is a reason for.
entry.LOOKS.append(causes.look)


@router.get("")
def index(record: CoachedRecord, person_id: UUID) -> Response:
    return page(record, "flags/index.html", form=blank(level="medium"), **flags.desk(record))


@router.post("")
def create(record: CoachedRecord, person_id: UUID, form: Annotated[Posted[FlagForm], posted(FlagForm)]) -> Response:
    if flags.raised(record, form).refused:
        return refused(record, "flags/index.html", form=form, **flags.desk(record))
    return away(f"/caseload/{person_id}/flags")


@router.get("/{flag_id}/clearance")
def new(record: CoachedRecord, person_id: UUID, flag_id: UUID) -> Response:
    return page(record, "flags/clear.html", form=blank(), **flags.sheet(record, flag_id))


@router.post("/{flag_id}/clearance")
def clear(
    record: CoachedRecord,
    person_id: UUID,
    flag_id: UUID,
    form: Annotated[Posted[ClearanceForm], posted(ClearanceForm)],
) -> Response:
    if flags.cleared(record, flag_id, form).refused:
        return refused(record, "flags/clear.html", form=form, **flags.sheet(record, flag_id))
    return away(f"/caseload/{person_id}/flags")
