"""Every control and every part on one page, in development."""

from fastapi import APIRouter, Response

from app.access import SignedOut
from app.pages import page

router = APIRouter()


@router.get("/patterns")
def show(door: SignedOut) -> Response:
    return page(door, "patterns.html")
