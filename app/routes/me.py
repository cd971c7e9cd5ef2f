"""Me: who sees what, who looked, devices, language."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import MyRecord, Self
from app.forms import Posted, posted
from app.models import accounts, me, openings, sharing
from app.models.entry import ActForm
from app.models.me import LanguageForm
from app.models.sharing import SharingForm
from app.pages import away, changed, page, refused
from app.router import Router

router = Router()


@router.get("/me")
def show(record: Self) -> Response:
    return page(record, "me/show.html", **me.facts(record))


@router.get("/me/openings")
def index(record: MyRecord) -> Response:
    return page(record, "me/openings.html", openings=openings.seen(record))


@router.post("/me/language")
def speak(record: Self, form: Annotated[Posted[LanguageForm], posted(LanguageForm)]) -> Response:
    if form.refused:
        return refused(record, "me/show.html", **me.facts(record) | {"form": form})
    me.speak(record, form.values.language)
    return away("/me")


@router.post("/sharings")
def share(record: MyRecord, form: Annotated[Posted[SharingForm], posted(SharingForm)]) -> Response:
    if form.refused:
        return refused(record, "me/show.html", **me.facts(record) | {"form": form})
    sharing.turn(record, form.values)
    return changed(record, "me/sharing.html", to="/me", **me.shared(record))


@router.post("/sign-ins/{sign_in_id}/revocation")
def revoke(record: Self, sign_in_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]) -> Response:
    accounts.end(record, sign_in_id)
    return away("/me")
