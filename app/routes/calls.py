"""Somebody asks to be called."""

from typing import Annotated

from fastapi import Response

from app.access import MyRecord
from app.forms import Posted, blank, posted
from app.models import calls, contacts
from app.models.calls import CallForm
from app.pages import away, page, refused
from app.router import Router

router = Router(prefix="/calls")


@router.get("")
def index(record: MyRecord) -> Response:
    return page(record, "calls/index.html", form=blank(), contacts=contacts.mine(record), **calls.desk(record))


@router.post("")
def create(record: MyRecord, form: Annotated[Posted[CallForm], posted(CallForm)]) -> Response:
    if calls.ask(record, form).refused:
        return refused(
            record, "calls/index.html", form=form, contacts=contacts.mine(record), **calls.desk(record)
        )  # fmt: skip
    return away("/calls")
