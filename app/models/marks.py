"""What counts of somebody's presence: marked in one tap, with times and a reason, or for all who checked in at once."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from app.database import keep
from app.forms import NewForm, Text, empty_is_none
from app.models import clocks, rooms
from app.models.attendance import Mark
from app.models.rooms import CAME
from app.models.sessions import ProgramSession
from app.record import Record

# Opens the record of one person after the other.
Each = Callable[[Collection[UUID]], Iterable[Record]]

Clock = Annotated[time | None, BeforeValidator(empty_is_none)]
Minutes = Annotated[Annotated[int, Field(ge=0, le=1440)] | None, BeforeValidator(empty_is_none)]


class MarkForm(NewForm):
    """What counts for one person. `state` "open" takes back what stood. `came`, `went`: times on the wall, that day."""

    state: Literal["here", "late", "partial", "away", "missing", "excused", "open"]
    mode: Literal["room", "telehealth"] = "room"
    came: Clock = None
    went: Clock = None
    minutes: Minutes = None
    reason: Text = ""


class RollForm(NewForm):
    """Everybody who checked in and is not marked yet was there, as they say."""


def mark(record: Record, session: ProgramSession, form: MarkForm, made: UUID | None = None) -> None:
    """Add what counts for the participant whose record is open. Sent twice it is one row."""
    row_id = made or form.id
    came, went = _times(record, session, form)
    row = Mark(
        id=row_id, session_id=session.id, state=form.state, mode=form.mode, in_at=came, out_at=went,
        minutes=form.minutes if form.minutes is not None else spent(form.state, session, came, went),
        reason=record.seal(Mark, "reason", row_id, form.reason), at=record.now, by=record.person_id,
    )  # fmt: skip
    keep(record.session, row)


def confirm(record: Record, session: ProgramSession, form: RollForm, each: Each) -> None:
    """Mark everybody who says that they came, here or late, and is not marked yet. `each` opens one after the other."""
    came = {one.person_id: one.state for one in rooms.roster(record, session) if one.came and not one.mark}
    for one in each(list(came)):
        state: Any = came[one.participant_id]
        mark(one, session, MarkForm(id=form.id, state=state), uuid5(form.id, str(one.participant_id)))


def _times(record: Record, session: ProgramSession, form: MarkForm) -> tuple[datetime | None, datetime | None]:
    zone = ZoneInfo(record.zone)
    came, went = (clocks.moment(session.on, at, zone) if at else None for at in (form.came, form.went))
    # Over midnight: who went after coming went on the next day.
    return came, went + timedelta(days=1) if came and went and went < came else went


def spent(state: str, session: ProgramSession, came: datetime | None, went: datetime | None) -> int | None:
    """Minutes of the session for which somebody was there; None: the mark does not say that they were."""
    if state not in CAME:
        return None
    first, last = max(came or session.starts_at, session.starts_at), min(went or session.ends_at, session.ends_at)
    return max(int((last - first) / timedelta(minutes=1)), 0)
