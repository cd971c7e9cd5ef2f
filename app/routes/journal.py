"""The journal: written, read, changed; by page, by month, and searched in one's own words."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app import offline
from app.access import MyRecord, shown
from app.forms import Posted, blank, posted
from app.models import entry, journal, reviews, sharing
from app.models.entry import Line, Place
from app.models.journal import JournalForm, SearchForm
from app.pages import changed, language_of, page, refused
from app.router import Router

router = Router()
offline.enter(
    "journal", "/journal/new", "journal/new.html", {"visibility": "private"},
    prompts=(), prompt=None, readers=None, answer_by=None, today=None,
)  # fmt: skip
JournalPosted = Annotated[Posted[JournalForm], posted(JournalForm)]
SearchPosted = Annotated[Posted[SearchForm], posted(SearchForm)]


@router.get("/journal")
def index(record: MyRecord, before: str = "") -> Response:
    lines, more = entry.timeline(record, before=Place.read(before))
    shown(record, lines, reviews.brief)
    readers = sharing.may_read(record)
    return page(record, "journal/index.html", lines=lines, more=more, first_page=not before, may_read=readers)


@router.get("/journal/new")
def new(record: MyRecord, prompt: str = "") -> Response:
    form = blank(visibility="private", prompt=prompt)
    return page(record, "journal/new.html", form=form, **journal.desk(record, _language(record), prompt))


@router.post("/journal")
def create(record: MyRecord, form: JournalPosted) -> Response:
    line = entry.settled(journal.backdated(record, form), journal.keep, record)
    if line is None:
        template = "journal/edit.html" if form.stale else "journal/new.html"
        return refused(record, template, form=form, **journal.desk(record, _language(record), form.typed("prompt")))
    return changed(record, "journal/create.html", to=f"/journal/{line.id}", kept=line.id, **_told(record, line))


@router.get("/journal/search")
def ask(record: MyRecord) -> Response:
    return page(record, "journal/search.html", form=blank(), lines=None)


@router.post("/journal/search")
def search(record: MyRecord, form: SearchPosted) -> Response:
    if form.refused:
        return refused(record, "journal/search.html", form=form, lines=None)
    lines = journal.search(record, form.values.term)
    shown(record, lines, reviews.brief)
    return page(record, "journal/search.html", form=form, lines=lines, may_read=sharing.may_read(record))


@router.get("/journal/bin")
def binned(record: MyRecord) -> Response:
    return page(record, "journal/bin.html", lines=entry.binned(record))


@router.get("/journal/months")
@router.get("/journal/months/{month}")
def calendar(record: MyRecord, month: str = "") -> Response:
    return page(record, "journal/months.html", **journal.calendar(record, month))


@router.get("/journal/{entry_id}")
def show(record: MyRecord, entry_id: UUID) -> Response:
    return page(record, "journal/show.html", **_told(record, journal.find(record, entry_id)))


@router.get("/journal/{entry_id}/edit")
def edit(record: MyRecord, entry_id: UUID) -> Response:
    line = journal.find(record, entry_id)
    form = blank(**journal.answers(record, line))
    desk = journal.desk(record, _language(record), form.typed("prompt"))
    return page(record, "journal/edit.html", form=form, **desk)


@router.post("/journal/{entry_id}")
def update(record: MyRecord, entry_id: UUID, form: JournalPosted) -> Response:
    line = entry.settled(journal.backdated(record, form.about(entry_id)), journal.amend, record)
    if line is None:
        desk = journal.desk(record, _language(record), form.typed("prompt"))
        return refused(record, "journal/edit.html", form=form, **desk)
    return changed(record, "journal/create.html", to=f"/journal/{line.id}", kept=line.id, **_told(record, line))


def _told(record: MyRecord, line: Line) -> dict[str, Any]:
    shown(record, [line])
    return journal.told(record, line, _language(record)) | {"form": blank()}


def _language(record: MyRecord) -> str:
    return language_of(record.request, record.visitor)
