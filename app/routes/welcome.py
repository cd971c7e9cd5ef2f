"""The first-run page: what this is, who reads, and who does not at night."""

from typing import Annotated

from fastapi import Response

from app.access import Newcomer
from app.forms import Posted, blank, posted
from app.models import people, welcome
from app.models.welcome import WelcomeForm
from app.pages import away, page, refused
from app.router import Router

router = Router()


@router.get("/welcome")
def show(record: Newcomer) -> Response:
    return page(record, "welcome/show.html", form=blank(), coaches=people.coach_names(record))


@router.post("/welcome")
def create(record: Newcomer, form: Annotated[Posted[WelcomeForm], posted(WelcomeForm)]) -> Response:
    if form.refused:
        return refused(record, "welcome/show.html", form=form, coaches=people.coach_names(record))
    welcome.acknowledge(record)
    return away("/today")
