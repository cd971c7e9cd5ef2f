"""What Today shows: the mood row, the check-in, the coach's last answer, and the bridge of weeks."""

from typing import Any

from app.forms import blank
from app.models import (
    agenda,
    arrivals,
    assignments,
    checkins,
    contacts,
    entry,
    measures,
    moods,
    phases,
    recovery,
    reviews,
    setbacks,
    triggers,
    urges,
    week,
)
from app.models.entry import Line
from app.models.program import Crossing
from app.record import Record


def facts(record: Record) -> dict[str, Any]:
    return {
        "form": blank(),
        "day": record.today,
        "crossing": bridge(record),
        "checkin": checkins.todays(record),
        "answer": answer(record),
        "todo": assignments.open_of(record),
        "over": phases.over(record),
        "next_session": agenda.coming(record),
        **arrivals.today(record),
        "contacts": contacts.mine(record),
        "urge": urges.unfinished(record),
        "setback": setbacks.unfinished(record),
        "measures": measures.today(record),
        "days": recovery.days(record),
        "triggers": triggers.mine(record, triggers.FIRST),
        "hard": week.ahead(record),
        **moods.row(record),
    }


def bridge(record: Record) -> Crossing | None:
    """Where this stay stands, if one has begun."""
    return phases.stays(record).crossing(record.participant_id, record.today)


def answer(record: Record) -> Line | None:
    """The entry that a coach answered last; none when it is in the bin."""
    last = reviews.last_answered(record)
    line = entry.find(record, last) if last else None
    return line if line and line.binned_at is None else None
