"""The packet: a page to print and take home."""

from fastapi import Response

from app.access import MyRecord
from app.models import packet
from app.pages import language_of, page
from app.router import Router

router = Router()


@router.get("/packet")
def show(record: MyRecord) -> Response:
    return page(record, "packet/show.html", **packet.shown(record, language_of(record.request, record.visitor)))
