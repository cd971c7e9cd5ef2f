"""One's own triggers, each with a plan, on one page and on the phone; and the map of when urges come."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app import offline
from app.access import MyRecord
from app.forms import Posted, blank, posted
from app.models import triggers, week
from app.models.entry import ActForm
from app.models.triggers import TriggerForm
from app.pages import changed, language_of, page, refused
from app.router import Router

router = Router(prefix="/triggers")
offline.enter("triggers", "/triggers", "triggers/offline.html")
TriggerPosted = Annotated[Posted[TriggerForm], posted(TriggerForm)]


@router.get("")
def index(record: MyRecord) -> Response:
    return page(record, "triggers/index.html", **_desk(record), **triggers.shown(record))


@router.get("/new")
def new(record: MyRecord, kind: str = "") -> Response:
    form = blank(**triggers.suggested(kind, _language(record)))
    return page(record, "triggers/new.html", form=form, **_desk(record))


@router.post("")
def create(record: MyRecord, form: TriggerPosted) -> Response:
    card = triggers.added(record, form)
    if card is None:
        return refused(record, "triggers/new.html", form=form, **_desk(record))
    return _shown(record, "triggers/create.html", card.id, card.name)


@router.get("/map")
def chart(record: MyRecord, by: str = "") -> Response:
    return page(record, "triggers/map.html", **week.chart(record, _language(record), by))


@router.get("/{trigger_id}")
def show(record: MyRecord, trigger_id: UUID) -> Response:
    return page(record, "triggers/show.html", **week.told(record, trigger_id, _language(record)))


@router.get("/{trigger_id}/edit")
def edit(record: MyRecord, trigger_id: UUID) -> Response:
    form = blank(**triggers.answers(triggers.find(record, trigger_id)))
    return page(record, "triggers/edit.html", form=form, **_desk(record))


@router.post("/{trigger_id}")
def update(record: MyRecord, trigger_id: UUID, form: TriggerPosted) -> Response:
    card = triggers.amended(record, trigger_id, form)
    if card is None:
        return refused(record, "triggers/edit.html", form=form, **_desk(record))
    return _shown(record, "triggers/update.html", card.id, card.name)


@router.post("/{trigger_id}/removal")
def destroy(record: MyRecord, trigger_id: UUID, form: Annotated[Posted[ActForm], posted(ActForm)]) -> Response:
    triggers.remove(record, trigger_id)
    return _shown(record, "triggers/destroy.html")


def _shown(record: MyRecord, template: str, kept: UUID | None = None, name: str = "") -> Response:
    desk = _desk(record) | triggers.shown(record)
    return changed(record, template, to="/triggers", kept=kept, name=name, **desk)


def _desk(record: MyRecord) -> dict[str, Any]:
    return triggers.desk(record, _language(record))


def _language(record: MyRecord) -> str:
    return language_of(record.request, record.visitor)
