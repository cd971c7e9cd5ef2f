"""The office: who is in the program, and who is expected."""

from fastapi import Response

from app.access import Office
from app.models import office
from app.pages import page
from app.router import Router

router = Router()


@router.get("/people")
def index(record: Office) -> Response:
    return page(record, "people/index.html", **office.everybody(record))
