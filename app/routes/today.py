"""Today: the mood row and the next thing to do."""

from fastapi import Response

from app import offline
from app.access import MyRecord, SignedOut, shown
from app.models import reviews, today
from app.pages import away, page
from app.router import Router

router = Router()
offline.enter("log", "/log", "today/log.html")
HOME = {"participant": "/today", "coach": "/caseload", "manager": "/people", "supporter": "/supporting"}


@router.get("/")
def index(door: SignedOut) -> Response:
    return away(HOME[door.visitor.role] if door.visitor else "/sign-in")


@router.get("/today")
def show(record: MyRecord) -> Response:
    facts = today.facts(record)
    shown(record, filter(None, [facts["answer"]]), reviews.newest)
    return page(record, "today/show.html", **facts)


@router.get("/log")
def new(record: MyRecord) -> Response:
    return page(record, "today/log.html")
