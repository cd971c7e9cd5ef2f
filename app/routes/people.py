"""The office: who is in the program, and who is expected."""

from fastapi import APIRouter, Response

from app.access import Office
from app.models import office
from app.pages import page

router = APIRouter()


@router.get("/people")
def index(record: Office) -> Response:
    return page(record, "people/index.html", **office.everybody(record))
