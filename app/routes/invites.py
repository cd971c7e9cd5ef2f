"""Invites: made by staff, opened once by the person they are for."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app.access import Invited, Office, come_in, house_of
from app.forms import Posted, blank, posted
from app.models import invites, people
from app.models.entry import ActForm
from app.models.invites import AcceptForm, InviteForm
from app.pages import away, page, refused
from app.router import Router

router = Router(prefix="/invites")


@router.get("/new")
def new(record: Office) -> Response:
    return page(record, "invites/new.html", form=blank(**invites.starts(record)), coaches=people.coaches(record))


@router.post("")
def create(record: Office, form: Annotated[Posted[InviteForm], posted(InviteForm)]) -> Response:
    house = house_of(record.request)
    if invites.checked(record, form, house.master).refused:
        return refused(record, "invites/new.html", form=form, coaches=people.coaches(record))
    link = f"{house.settings.public_url}/invites/{invites.make(record, form.values.plan(), form.values.id)}"
    return page(record, "invites/show.html", name=form.values.name, **invites.shown(record, link))


@router.post("/{invite_id}/revocation")
def revoke(record: Office, invite_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]) -> Response:
    invites.revoke(record, invite_id)
    return away("/people")


@router.get("/{token}")
def show(record: Invited, token: str) -> Response:
    return page(record, "invites/accept.html", form=blank(), **_guest(record))


@router.post("/{token}")
def accept(record: Invited, token: str, form: Annotated[Posted[AcceptForm], posted(AcceptForm)]) -> Response:
    if invites.good(form, record.plan, record.program.name).refused:
        return refused(record, "invites/accept.html", form=form, **_guest(record))
    come_in(record, form.values.passphrase)
    return page(record, "invites/accepted.html", **_guest(record))


def _guest(record: Invited) -> dict[str, Any]:
    return {"plan": record.plan, "program_name": record.program.name, "speaks": record.plan.language}
