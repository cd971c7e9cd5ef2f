"""Keeping Footbridge on the home screen: the page that explains it, what the phone reads, and under which name."""

from typing import Annotated

from fastapi import Response

from app import looks
from app.access import Outside, SignedOut
from app.forms import Posted, blank, posted
from app.looks import Look, LookForm
from app.pages import away, language_of, page, refused
from app.router import Router

router = Router()


@router.get("/install")
def show(door: SignedOut) -> Response:
    return page(door, "install/show.html", form=blank(), choices=_choices(door))


# The browser asks for it again by itself: its address, not a cookie, says which look was on the page.
@router.get("/manifest.webmanifest")
def index(door: SignedOut, look: str = "") -> Response:
    language = language_of(door.request, door.visitor)
    told = looks.manifest(looks.look(look, language), language)
    return Response(told, media_type="application/manifest+json")


# It names nobody: a page made for whoever was signed in here before chooses a look just as well.
@router.post("/look")
def update(door: SignedOut, form: Annotated[Posted[LookForm], posted(LookForm)]) -> Response:
    if form.refused:
        return refused(door, "install/show.html", form=form, choices=_choices(door))
    return looks.wear(away("/install"), form.values.look, door.house.settings.https)


def _choices(door: Outside) -> list[Look]:
    return looks.choices(language_of(door.request, door.visitor))
