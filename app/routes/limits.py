"""From where on the rules raise a flag in this program."""

from typing import Annotated

from fastapi import Response

from app.access import Manager
from app.forms import Posted, blank, posted
from app.models import limits
from app.models.limits import LimitsForm
from app.pages import away, page, refused
from app.router import Router

router = Router(prefix="/limits")


@router.get("")
def edit(record: Manager) -> Response:
    return page(record, "limits/edit.html", form=blank(**limits.answers(record)), **limits.desk(record))


@router.post("")
def update(record: Manager, form: Annotated[Posted[LimitsForm], posted(LimitsForm)]) -> Response:
    if limits.change(record, form).refused:
        return refused(record, "limits/edit.html", form=form, **limits.desk(record))
    return away("/limits")
