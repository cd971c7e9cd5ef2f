"""The room of a session: for who leads it, and what its screen shows."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app import live
from app.access import InRoom, Manager, Office, Room, each, house_of, looked, once_more
from app.forms import Posted, posted
from app.models import marks, rooms
from app.models.marks import MarkForm, RollForm
from app.models.rooms import RoomForm
from app.pages import away, changed, page, refused
from app.router import Router

router = Router(prefix="/room")


@router.get("")
def index(record: Office) -> Response:
    return page(record, "room/index.html", **rooms.today(record))


@router.post("")
def update(record: Manager, form: Annotated[Posted[RoomForm], posted(RoomForm)]) -> Response:
    if form.refused:
        return refused(record, "room/index.html", **rooms.today(record) | {"form": form})
    rooms.adjust(record, form.values)
    return away("/room")


@router.get("/{session_id}")
def show(room: Room, session_id: UUID) -> Response:
    facts = rooms.shown(room, room.meeting, _address(room))
    looked(room, rooms.seen(facts["present"]))
    return page(room, "room/show.html", **facts)


@router.get("/{session_id}/screen")
def screen(room: Room, session_id: UUID) -> Response:
    return page(room, "room/screen.html", **rooms.screen(room, room.meeting, _address(room)))


@router.get("/{session_id}/changes")
def watch(room: Room, session_id: UUID, seen: str = "") -> Response:
    return live.changes(room.request, once_more(room, _version), seen)


@router.post("/{session_id}/people/{person_id}/marks")
def mark(
    room: Room, session_id: UUID, person_id: UUID, form: Annotated[Posted[MarkForm], posted(MarkForm)]
) -> Response:
    if not form.refused:
        marks.mark(room, room.meeting, form.values)
    facts = rooms.person(room, room.meeting)
    looked(room, rooms.seen([facts["one"]]))
    if form.refused:
        return refused(room, "room/person.html", **facts | {"form": form})
    return changed(room, "room/marked.html", to=f"/room/{session_id}#person-{person_id}", **facts)


@router.post("/{session_id}/marks")
def confirm(room: Room, session_id: UUID, form: Annotated[Posted[RollForm], posted(RollForm)]) -> Response:
    if form.refused:
        facts = rooms.shown(room, room.meeting, _address(room))
        looked(room, rooms.seen(facts["present"]))
        return refused(room, "room/show.html", **facts | {"form": form})
    marks.confirm(room, room.meeting, form.values, each(room))
    return away(f"/room/{session_id}")


def _version(room: InRoom) -> str:
    return rooms.version(room, room.meeting)


def _address(room: InRoom) -> str:
    return house_of(room.request).settings.public_url
