"""One's own calendar for a phone: the secret address of it, and what stands there."""

from typing import Annotated

from fastapi import Response

from app.access import MyRecord, Subscribed, house_of
from app.forms import Posted, blank, posted
from app.models import feeds
from app.models.entry import ActForm
from app.models.feeds import FeedForm
from app.pages import away, language_of, page, refused
from app.router import Router
from app.words import translations

router = Router(prefix="/feeds")


@router.get("")
def index(record: MyRecord) -> Response:
    return page(record, "feeds/index.html", form=blank(**feeds.starts(record)), **feeds.shown(record))


@router.post("")
def create(record: MyRecord, form: Annotated[Posted[FeedForm], posted(FeedForm)]) -> Response:
    if form.refused:
        return refused(record, "feeds/index.html", form=form, **feeds.shown(record))
    link = f"{house_of(record.request).settings.public_url}/feeds/{feeds.make(record, form.values)}.ics"
    return page(record, "feeds/show.html", link=link)


@router.post("/removal")
def destroy(record: MyRecord, form: Annotated[Posted[ActForm], posted(ActForm)]) -> Response:
    feeds.end(record)
    return away("/feeds")


@router.get("/{token}.ics")
def show(record: Subscribed, token: str) -> Response:
    speak = translations(feeds.language(record) or language_of(record.request, None)).gettext
    written = feeds.calendar(record, record.feed, speak)
    return Response(written, media_type="text/calendar; charset=utf-8")
