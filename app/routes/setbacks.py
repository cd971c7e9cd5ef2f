"""A setback: one form, said in steps; the way back into it; and the calm page at its end."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app import offline
from app.access import MyRecord
from app.forms import Posted, blank, posted
from app.models import set_off, setbacks
from app.models.entry import Line
from app.models.setbacks import SetbackForm
from app.pages import changed, language_of, page, refused
from app.router import Router

router = Router(prefix="/setbacks")
offline.enter(
    "setbacks", "/setbacks/new", "setbacks/edit.html", {"word": "setback", "visibility": "private"}, line=None,
    chips=set_off.kinds, days=None, today=None, contacts=(), next_session=None, next_day=None, readers=None,
    answer_by=None,
)  # fmt: skip
SetbackPosted = Annotated[Posted[SetbackForm], posted(SetbackForm)]


@router.get("/new")
def new(record: MyRecord) -> Response:
    return page(record, "setbacks/edit.html", form=blank(**setbacks.first(record)), **_desk(record))


@router.post("")
def create(record: MyRecord, form: SetbackPosted) -> Response:
    line = setbacks.kept(record, form, _language(record))
    if line is None:
        return refused(record, "setbacks/edit.html", form=form, **_desk(record))
    return _answer(record, line, form.values.done)


@router.get("/{entry_id}")
def show(record: MyRecord, entry_id: UUID) -> Response:
    return page(record, "setbacks/show.html", **setbacks.told(record, setbacks.find(record, entry_id)))


@router.get("/{entry_id}/edit")
def edit(record: MyRecord, entry_id: UUID) -> Response:
    line = setbacks.find(record, entry_id)
    return page(record, "setbacks/edit.html", form=blank(**setbacks.answers(line)), **_desk(record, line))


@router.post("/{entry_id}")
def update(record: MyRecord, entry_id: UUID, form: SetbackPosted) -> Response:
    before = setbacks.find(record, entry_id)
    line = setbacks.amended(record, form.about(entry_id), _language(record))
    if line is None:
        return refused(record, "setbacks/edit.html", form=form, **_desk(record, before))
    return _answer(record, line, done=True)


def _answer(record: MyRecord, line: Line, done: bool) -> Response:
    """A step is kept in silence: its page goes on by itself, perhaps without signal."""
    template = "setbacks/create.html" if done else "setbacks/step.html"
    return changed(record, template, to=f"/setbacks/{line.id}", kept=line.id, **setbacks.told(record, line))


def _desk(record: MyRecord, line: Line | None = None) -> dict[str, Any]:
    return setbacks.desk(record, _language(record), line)


def _language(record: MyRecord) -> str:
    return language_of(record.request, record.visitor)
