"""Review: one shared entry at a time, read, answered, next; without leaving the page where a script helps."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app.access import Caseload, CoachedRecord, Open, Turning, across, turned
from app.forms import Posted, posted
from app.models import answering, entry, flags, openings, queue, reviews
from app.models.flags import FlagForm
from app.models.follow_ups import FollowUpForm, planned
from app.models.queue import Waiting
from app.models.reviews import ReviewForm
from app.pages import away, language_of, page, refused, wants_fragment
from app.router import Router

router = Router()
ENTRY = "/caseload/{person_id}/entries/{entry_id}"


@router.get("/review")
def index(record: Turning, after: str = "", before: str = "") -> Response:
    waiting = queue.waiting(record)
    return _on(record, queue.beside(waiting, after, before), len(waiting))


@router.get("/review/waiting")
def listing(record: Caseload) -> Response:
    return page(record, "review/waiting.html", **queue.listed(record))


@router.get(ENTRY)
def show(record: CoachedRecord, person_id: UUID, entry_id: UUID) -> Response:
    return page(record, "review/show.html", **opened(record, entry_id))


@router.post(ENTRY + "/reviews")
def create(
    record: CoachedRecord,
    person_id: UUID,
    entry_id: UUID,
    form: Annotated[Posted[ReviewForm], posted(ReviewForm)],
) -> Response:
    line = entry.find(record, entry_id)
    if reviews.sent(record, line.id, form).refused:
        return again(record, entry_id, form=form)
    answering.end(record, entry_id)
    left = across(record, queue.waiting)
    then = queue.following(left, entry_id, form.values.then)
    return _on(record, then, len(left)) if then or wants_fragment(record.request) else away(f"/review?after={entry_id}")


@router.post(ENTRY + "/flags")
def flag(
    record: CoachedRecord, person_id: UUID, entry_id: UUID, form: Annotated[Posted[FlagForm], posted(FlagForm)]
) -> Response:
    if flags.raised(record, form).refused:
        return again(record, entry_id, flag_form=form)
    return back(record, entry_id)


@router.post(ENTRY + "/follow-ups")
def follow(
    record: CoachedRecord,
    person_id: UUID,
    entry_id: UUID,
    form: Annotated[Posted[FollowUpForm], posted(FollowUpForm)],
) -> Response:
    if planned(record, form).refused:
        return again(record, entry_id, plan_form=form)
    return back(record, entry_id)


def _on(record: Open, then: Waiting | None, left: int) -> Response:
    """On to the next entry, or to the word that there is none."""
    fragment = wants_fragment(record.request)
    if then is None:
        return page(record, "review/_done.html" if fragment else "review/index.html", left=left)
    if not fragment:
        return away(then.address)
    one = turned(record, then.participant_id, then.id)
    return page(one, "review/_sheet.html", **opened(one, then.id))


def opened(record: Open, entry_id: UUID) -> dict[str, Any]:
    """An entry that this coach has before them now, which the others who coach the same person are told of."""
    answering.begin(record, entry_id)
    return sheet(record, entry_id)


def sheet(record: Open, entry_id: UUID) -> dict[str, Any]:
    language = language_of(record.request, record.visitor)
    waiting, slip = across(record, queue.waiting), across(record, reviews.slip)
    return queue.sheet(record, entry_id, language, waiting, slip)


def again(record: Open, entry_id: UUID, **forms: Any) -> Response:
    """The entry with a form that came back. It shows the entry again, and every look is written down."""
    facts = sheet(record, entry_id) | forms
    openings.opened(record, entry_id)
    return refused(record, "review/show.html", **facts)


def back(record: Open, entry_id: UUID) -> Response:
    """The entry as it is now."""
    facts = sheet(record, entry_id)
    if not wants_fragment(record.request):
        return away(f"/caseload/{record.participant_id}/entries/{entry_id}")
    openings.opened(record, entry_id)
    return page(record, "review/_sheet.html", **facts)
