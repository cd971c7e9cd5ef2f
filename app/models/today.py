"""What Today shows: the mood row, the check-in, the coach's last answer, and the bridge of weeks."""

from typing import Any

from app.forms import blank
from app.models import checkins, contacts, entry, moods, people, reviews, triggers
from app.models.program import Crossing, crossing, phases
from app.record import Record


def facts(record: Record) -> dict[str, Any]:
    return {
        "form": blank(),
        "day": record.today,
        "crossing": bridge(record),
        "checkin": checkins.todays(record),
        "answer": answer(record),
        "contacts": contacts.mine(record),
        "triggers": triggers.mine(record, triggers.FIRST),
        **moods.row(record),
    }


def bridge(record: Record) -> Crossing | None:
    """Where this stay stands, if one has begun."""
    stay = people.episode_of(record.session, record.participant_id)
    return crossing(phases(record.session), stay.started_on, record.today) if stay else None


def answer(record: Record) -> dict[str, Any] | None:
    """The newest answer of a coach, with the entry it is about; none when that entry is in the bin."""
    last = reviews.last_answer(record)
    if last is None:
        return None
    line = entry.find(record, last[1])
    return {"read": last[0], "line": line} if line.binned_at is None else None
