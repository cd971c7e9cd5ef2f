"""Every control and every part on one page, in development."""

from fastapi import Response

from app.access import SignedOut
from app.pages import page
from app.router import Router

router = Router()


@router.get("/patterns")
def show(door: SignedOut) -> Response:
    return page(door, "patterns.html")
