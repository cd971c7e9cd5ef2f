"""An urge: rated, met with a skill, rated again. Each step is kept as soon as it is said."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app import offline
from app.access import MyRecord
from app.forms import Posted, blank, posted
from app.models import contacts, set_off, sharing, tools, urges
from app.models.entry import Line
from app.models.urges import UrgeForm
from app.pages import changed, language_of, page, refused
from app.router import Router

router = Router()
offline.enter(
    "urges", "/urges/new", "urges/edit.html", {"visibility": "shared"}, also=("/now",), line=None, tools=tools.library,
    chips=set_off.kinds, contacts=(), readers=None, answer_by=None,
)  # fmt: skip
UrgePosted = Annotated[Posted[UrgeForm], posted(UrgeForm)]


# The home screen of a phone may say only what tells a stranger nothing, in addresses too (looks.py).
@router.get("/now")
@router.get("/urges/new")
def new(record: MyRecord, trigger: str = "") -> Response:
    form = blank(visibility="shared", triggers=[trigger])
    return page(record, "urges/edit.html", form=form, **_desk(record, trigger))


@router.post("/urges")
def create(record: MyRecord, form: UrgePosted) -> Response:
    line = urges.kept(record, form, _language(record))
    if line is None:
        return refused(record, "urges/edit.html", form=form, **_desk(record))
    return _answer(record, line, form.values.done)


@router.get("/urges/{entry_id}")
def show(record: MyRecord, entry_id: UUID) -> Response:
    return page(record, "urges/show.html", **_told(record, urges.find(record, entry_id)))


@router.get("/urges/{entry_id}/edit")
def edit(record: MyRecord, entry_id: UUID) -> Response:
    line = urges.find(record, entry_id)
    return page(record, "urges/edit.html", form=blank(**urges.answers(line)), **_desk(record, line=line))


@router.post("/urges/{entry_id}")
def update(record: MyRecord, entry_id: UUID, form: UrgePosted) -> Response:
    line = urges.amended(record, form.about(entry_id), _language(record))
    if line is None:
        known = form.stale or urges.seek(record, entry_id)
        return refused(record, "urges/edit.html", form=form, **_desk(record, line=known))
    return _answer(record, line, done=True)


def _answer(record: MyRecord, line: Line, done: bool) -> Response:
    to = f"/urges/{line.id}"
    if done:
        return changed(record, "urges/create.html", to=to, kept=line.id, **_told(record, line))
    # A step is kept in silence: its page goes on by itself, perhaps without signal.
    return changed(record, "urges/step.html", to=to, kept=line.id)


def _told(record: MyRecord, line: Line) -> dict[str, Any]:
    return {"line": line, "strong": urges.STRONG, "contacts": contacts.mine(record), **sharing.promise(record)}


def _desk(record: MyRecord, trigger: str = "", line: Line | None = None) -> dict[str, Any]:
    return {"line": line, **tools.desk(record, _language(record), trigger, line), **urges.readers(record)}


def _language(record: MyRecord) -> str:
    return language_of(record.request, record.visitor)
