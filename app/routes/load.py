"""The load: how much waits for each coach, for who answers for all of them."""

from fastapi import Response

from app.access import Manager, counted
from app.models import load
from app.pages import page
from app.router import Router

router = Router(prefix="/load")


@router.get("")
def index(record: Manager) -> Response:
    return page(record, "load/index.html", **load.desk(record, counted(record, load.counted)))
