"""The crisis page: for anybody, signed in or not."""

from fastapi import Response

from app import offline
from app.access import SignedOut
from app.content import crisis_lines
from app.forms import blank
from app.pages import language_of, page
from app.router import Router

router = Router()
offline.enter("help", "/help", "help.html", lines=crisis_lines)


@router.get("/help")
def show(door: SignedOut) -> Response:
    lines = crisis_lines(language_of(door.request, door.visitor))
    return page(door, "help.html", form=blank(), lines=lines)
