"""One's own people to call or text: on one page, and on the phone for when there is no signal."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import MyRecord
from app.forms import Posted, blank, posted
from app.models import contacts
from app.models.contacts import ContactForm
from app.models.entry import ActForm
from app.pages import changed, page, refused
from app.router import Router

router = Router(prefix="/contacts")
ContactPosted = Annotated[Posted[ContactForm], posted(ContactForm)]


@router.get("")
def index(record: MyRecord) -> Response:
    return page(record, "contacts/index.html", form=blank(), **contacts.shown(record))


@router.post("")
def create(record: MyRecord, form: ContactPosted) -> Response:
    card = contacts.added(record, form)
    if card is None:
        return refused(record, "contacts/index.html", form=form, **contacts.shown(record))
    return _shown(record, "contacts/create.html", card.id, card.name)


@router.get("/{contact_id}/edit")
def edit(record: MyRecord, contact_id: UUID) -> Response:
    card = contacts.find(record, contact_id)
    return page(record, "contacts/edit.html", form=blank(**contacts.answers(card)))


@router.post("/{contact_id}")
def update(record: MyRecord, contact_id: UUID, form: ContactPosted) -> Response:
    card = contacts.amended(record, contact_id, form)
    if card is None:
        return refused(record, "contacts/edit.html", form=form)
    return _shown(record, "contacts/update.html", card.id, card.name)


@router.post("/{contact_id}/removal")
def destroy(record: MyRecord, contact_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]) -> Response:
    contacts.remove(record, contact_id)
    return _shown(record, "contacts/destroy.html")


def _shown(record: MyRecord, template: str, kept: UUID | None = None, name: str = "") -> Response:
    return changed(record, template, to="/contacts", kept=kept, name=name, form=blank(), **contacts.shown(record))
