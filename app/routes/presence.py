"""Attendance: one's own, somebody's for the office, and counts of days for the program."""

from uuid import UUID

from fastapi import Response

from app.access import Manager, MyRecord, Placing
from app.forms import blank
from app.models import letters, roll
from app.pages import language_of, page
from app.router import Router
from app.words import translations

router = Router()
FILE = {"Content-Disposition": 'attachment; filename="days.csv"'}


@router.get("/attendance")
def index(record: MyRecord) -> Response:
    return page(record, "presence/index.html", **roll.of_one(record))


@router.get("/people/{person_id}/attendance")
def show(record: Placing, person_id: UUID) -> Response:
    return page(record, "presence/show.html", form=blank(), **letters.desk(record))


@router.get("/attendance/days.csv")
def download(record: Manager, first: str = "", last: str = "") -> Response:
    speak = translations(language_of(record.request, record.visitor)).gettext
    written = roll.table(record, roll.span(record, first, last), speak)
    return Response(written, media_type="text/csv; charset=utf-8", headers=FILE)
