"""Measures: taken a question at a time, gone on with, and looked at over time; by oneself, and by one's coach."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app import offline
from app.access import CoachedRecord, MyRecord
from app.content.instruments import instruments
from app.forms import Posted, blank, posted
from app.models import measures, rhythm
from app.models.measures import MeasureForm
from app.pages import changed, language_of, page, refused
from app.router import Router

router = Router()
for _one in instruments("en"):
    offline.enter(
        f"measure-{_one.id}", f"/measures/{_one.id}/new", "measures/new.html", measures.first(), line=None, left=None,
        instrument=partial(measures.find, _one.id), minutes=rhythm.minutes(_one), contacts=(), readers=None,
        answer_by=None,
    )  # fmt: skip
MeasurePosted = Annotated[Posted[MeasureForm], posted(MeasureForm)]


@router.get("/measures")
def index(record: MyRecord) -> Response:
    return page(record, "measures/index.html", **measures.everything(record, _language(record)))


@router.get("/measures/{instrument}")
def show(record: MyRecord, instrument: str) -> Response:
    language = _language(record)
    found = measures.find(instrument, language)
    return page(record, "measures/trend.html", instrument=found, **measures.over_time(record, found, language))


@router.get("/measures/{instrument}/new")
def new(record: MyRecord, instrument: str) -> Response:
    return page(record, "measures/new.html", form=blank(**measures.first()), **_desk(record, instrument))


@router.post("/measures/{instrument}")
def create(record: MyRecord, instrument: str, form: MeasurePosted) -> Response:
    language = _language(record)
    line = measures.kept(record, form, measures.find(instrument, language))
    if line is None:
        return refused(record, "measures/new.html", form=form, **_desk(record, instrument))
    to = f"/measures/{instrument}/{line.id}"
    if form.values.done:
        return changed(record, "measures/create.html", to=to, kept=line.id, **measures.told(record, line, language))
    # A step is kept in silence: its page goes on by itself, perhaps without signal.
    return changed(record, "measures/step.html", to=to, kept=line.id)


@router.get("/measures/{instrument}/{entry_id}")
def read_one(record: MyRecord, instrument: str, entry_id: UUID) -> Response:
    line = measures.entry_of(record, instrument, entry_id)
    return page(record, "measures/show.html", **measures.told(record, line, _language(record)))


@router.get("/measures/{instrument}/{entry_id}/edit")
def edit(record: MyRecord, instrument: str, entry_id: UUID) -> Response:
    found = measures.find(instrument, _language(record))
    line = measures.begun(record, found, entry_id)
    form = blank(**measures.going_on(line, found))
    return page(record, "measures/new.html", form=form, **measures.desk(record, found, line))


@router.get("/caseload/{person_id}/measures")
def show_person(record: CoachedRecord, person_id: UUID) -> Response:
    return page(record, "measures/person.html", **measures.of_person(record, _language(record)))


def _desk(record: MyRecord, instrument: str) -> dict[str, Any]:
    return measures.desk(record, measures.find(instrument, _language(record)))


def _language(record: MyRecord) -> str:
    return language_of(record.request, record.visitor)
