"""The caseload: who needs me today, and whether somebody does who did not a moment ago."""

from fastapi import Response

from app.access import Caseload, Glance
from app.models import lists
from app.models.lists import Asked
from app.pages import changed, page
from app.router import Router

router = Router(prefix="/caseload")


@router.get("")
def index(record: Caseload, why: str = "", phase: str = "", session: str = "") -> Response:
    return page(record, "caseload/index.html", **lists.desk(record, Asked(why, phase, session)))


@router.get("/news")
def show(record: Glance, since: str = "", seen: int = 0) -> Response:
    return changed(record, "caseload/_news.html", to="/caseload", seen=seen, **lists.news(record, since))
