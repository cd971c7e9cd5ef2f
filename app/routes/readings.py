"""Readings: short pages about how things work. Everybody in the program may read them; a participant marks them."""

from typing import Annotated, Any

from fastapi import Response

from app import offline
from app.access import MyRecord, Self
from app.forms import Posted, blank, posted
from app.models import readings
from app.models.readings import ReadingForm
from app.pages import changed, language_of, page, refused
from app.router import Router

router = Router(prefix="/readings")
# Without signal all of them are one page, which shows the one that the address names.
offline.enter(
    "readings", "/readings", "readings/index.html", below=True, themes=readings.themes, mine=True, marks={}, asked={}
)


@router.get("")
def index(record: Self) -> Response:
    return page(record, "readings/index.html", form=blank(), **_shelf(record))


@router.post("")
def create(record: MyRecord, form: Annotated[Posted[ReadingForm], posted(ReadingForm)]) -> Response:
    if not readings.marked(record, form):
        return refused(record, "readings/index.html", form=form, **_shelf(record))
    kept, language = form.values, language_of(record.request, record.visitor)
    return changed(
        record, "readings/create.html", to=f"/readings/{kept.reading}", kept=kept.id,
        **readings.desk(record, kept.reading, language),
    )  # fmt: skip


@router.get("/{key}")
def show(record: Self, key: str) -> Response:
    desk = readings.desk(record, key, language_of(record.request, record.visitor))
    return page(record, "readings/show.html", form=blank(reading=key), **desk)


def _shelf(record: Self) -> dict[str, Any]:
    return readings.shelf(record, language_of(record.request, record.visitor))
