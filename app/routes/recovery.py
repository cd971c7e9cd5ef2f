"""One's days in recovery: from which day they are counted, and in which words."""

from typing import Annotated

from fastapi import Response

from app.access import MyRecord
from app.forms import Posted, blank, posted
from app.models import recovery
from app.models.recovery import RecoveryForm
from app.pages import changed, page, refused
from app.router import Router

router = Router(prefix="/recovery")


@router.get("")
def edit(record: MyRecord) -> Response:
    return page(record, "recovery/edit.html", form=blank(**recovery.answers(record)), **recovery.desk(record))


@router.post("")
def update(record: MyRecord, form: Annotated[Posted[RecoveryForm], posted(RecoveryForm)]) -> Response:
    row = recovery.choose(record, form)
    if row is None:
        return refused(record, "recovery/edit.html", form=form, **recovery.desk(record))
    desk = recovery.desk(record) | {"form": blank(**recovery.answers(record))}
    return changed(record, "recovery/update.html", to="/recovery", kept=row.id, **desk)
