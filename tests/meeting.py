"""A session for the tests: of a series that is once, so that it is near whenever the test is."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import House, opened
from app.database import new_id
from app.models import sessions
from app.models.sessions import Change, ProgramSession, Series
from tests.conftest import Stage


def held(
    house: House, program: UUID, leader: UUID, starts: datetime, minutes: int = 90, phases: str = "1,2,3", **also: Any
) -> ProgramSession:
    """A session from a moment on, for everybody in the program unless told otherwise."""
    with opened(house, program, "keeper", leader, at=starts - timedelta(days=60)) as record:
        local = starts.astimezone(ZoneInfo(record.zone)).replace(tzinfo=None)
        row, words = new_id(), {"title": "Evening group", "place": "Room 2", "link": ""} | also.pop("words", {})
        series_id = sessions.stem(row)
        record.session.add(
            Series(
                id=row, series_id=series_id, kind="group", words=sessions.sealed(record, Series, row, **words),
                starts_on=local.date(), at=local.time(), minutes=minutes, facilitator_id=leader, phases=phases,
                by=leader, made_at=record.now, **also,
            )
        )  # fmt: skip
        record.session.flush()
        return sessions.find(record, sessions.session_id(series_id, local.date()))


def change(stage: Stage, session: ProgramSession, **also: Any) -> None:
    """What differs from the plan in one session, as the office would say it."""
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        row = new_id()
        words = sessions.sealed(record, Change, row, place="", link="", reason="The heating is broken.")
        change = Change(
            id=row, session_id=session.id, day=session.day, words=words, by=stage.cast.pat, made_at=record.now, **also
        )  # fmt: skip
        record.session.add(change)
