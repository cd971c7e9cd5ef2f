"""What the demo data's coaches did about flags: older ones are cleared with a note, those of today are open."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.models import calls, flags, rounds
from app.models.calls import CallForm

# Who asked for a call a short while ago.
CALLS, AGO = "Luis Ortega", timedelta(minutes=40)
LATER = timedelta(days=1)
NOTES = {
    "strong-urge": "Called the same evening. The walk and the call to a friend had helped; we put both into the plan.",
    "short-sleep": "Talked about the nights. Trying the wind-down skill at ten for a week.",
    "return-to-use": "Spoke for half an hour. Safe, naloxone at home, comes to the next group. No blame.",
}
OTHERWISE = "Called. It has calmed down, and we look at it again in the next session."


def tend(house: House, cast: Any, people: Mapping[str, UUID], now: datetime) -> None:
    """What was raised before yesterday was seen to a day later; then the clock goes round, and somebody asks."""
    for coach in ("cora", "dov"):
        with opened(house, cast.harbor, "coach", getattr(cast, coach), at=now) as record:
            found = [one for those in flags.open_flags(record).values() for one in those]
        for one in found:
            _clear(house, cast, getattr(cast, coach), one, now)
    with opened(house, cast.harbor, "keeper", cast.harbor, at=now) as record:
        rounds.go(record, [*rounds.MORNING, *rounds.AFTER])
    if person := people.get(CALLS):
        with opened(house, cast.harbor, "participant", person, person, at=now - AGO) as record:
            calls.ask(record, Posted(kept=CallForm(id=new_id())))


def _clear(house: House, cast: Any, coach: UUID, one: flags.Raised, now: datetime) -> None:
    if one.at + LATER < now:
        with opened(house, cast.harbor, "coach", coach, one.participant_id, at=one.at + LATER) as record:
            flags.clear(record, one.id, NOTES.get(one.rule, OTHERWISE))
