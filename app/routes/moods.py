"""Mood, in one tap."""

from typing import Annotated

from fastapi import Response

from app import offline
from app.access import MyRecord
from app.forms import Posted, blank, posted
from app.models import moods
from app.models.moods import MoodForm
from app.pages import changed, page, refused
from app.router import Router

router = Router()
offline.enter("moods", "/moods/new", "moods/new.html", mood_line=None, mood_readers=None)


@router.get("/moods/new")
def new(record: MyRecord) -> Response:
    return page(record, "moods/new.html", form=blank(), **moods.row(record))


@router.post("/moods")
def create(record: MyRecord, form: Annotated[Posted[MoodForm], posted(MoodForm)]) -> Response:
    line = moods.tapped(record, form)
    if line is None:
        return refused(record, "moods/new.html", form=form, **moods.row(record))
    return changed(record, "moods/create.html", to="/today", kept=line.id, form=blank(), **moods.row(record))
