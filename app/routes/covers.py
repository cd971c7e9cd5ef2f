"""Covers: who has whose people while a coach is away."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import Office, each
from app.forms import Posted, blank, posted
from app.models import covers
from app.models.covers import CoverForm
from app.models.entry import ActForm
from app.pages import away, page, refused
from app.router import Router

router = Router(prefix="/covers")


@router.get("")
def index(record: Office) -> Response:
    return page(record, "covers/index.html", form=blank(first_on=record.today), **covers.desk(record))


@router.post("")
def create(record: Office, form: Annotated[Posted[CoverForm], posted(CoverForm)]) -> Response:
    if not covers.begun(record, form, each(record)):
        return refused(record, "covers/index.html", form=form, **covers.desk(record))
    return away("/covers")


@router.post("/{cover_id}/end")
def destroy(record: Office, cover_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]) -> Response:
    covers.ended(record, cover_id, each(record))
    return away("/covers")
