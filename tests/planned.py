"""Series for the tests, where how they are planned is not the point."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.access import House, opened
from app.database import new_id
from app.models import series, sessions
from app.models.series import SeatForm, SeriesForm


def form(leader: UUID, **also: Any) -> SeriesForm:
    """Wednesdays at six in the evening from 2026-11-18 on, an hour and a half, by hand unless told otherwise."""
    usual: dict[str, Any] = {
        "id": new_id(), "kind": "group", "title": "Evening group", "starts_on": "2026-11-18", "at": "18:00",
        "minutes": 90, "place": "Room 2", "facilitator": leader,
    }  # fmt: skip
    return SeriesForm(**usual | also)


def begun(house: House, program: UUID, leader: UUID, *persons: UUID, **also: Any) -> UUID:
    """A series with persons on its roster from its first day on; answers its id."""
    asked = form(leader, **also)
    with opened(house, program, "keeper", leader) as record:
        made = series.begin(record, asked)
    for person in persons:
        with opened(house, program, "keeper", leader, person) as record:
            series.seat(record, SeatForm(id=new_id(), series=made, since=asked.starts_on))
    return made


def weekly(house: House, program: UUID, leader: UUID, *persons: UUID, **also: Any) -> tuple[UUID, UUID]:
    """A series on the weekday of tomorrow, and its session of tomorrow."""
    with opened(house, program, "keeper", leader) as record:
        day = record.today + timedelta(days=1)
    made = begun(house, program, leader, *persons, starts_on=day, **also)
    return made, sessions.session_id(made, day)
