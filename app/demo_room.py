"""Who came to the sessions of the demo data, and how: claims in people's own hand, marks by who led them."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.models import arrivals, marks, rooms, series, sessions
from app.models.arrivals import AttendanceForm
from app.models.marks import MarkForm
from app.models.series import SeriesForm
from app.models.sessions import ProgramSession
from app.record import Record

WEEKS = timedelta(days=16)
QUARTER = timedelta(minutes=15)
BRING_UP = (
    "My sister's birthday on Saturday. There will be wine.", "", "I slept badly again.", "", "",
    "How to tell my boss that I leave at five.", "", "Friday went well, I want to say how.",
)  # fmt: skip
TAKE = ("", "Call before it gets late.", "", "Three breaths first.", "", "I am not the only one.")


def fill(house: House, cast: Any, now: datetime, silent: Collection[UUID] = ()) -> None:
    """The last weeks' rooms as they were; and one that is open now, so that everybody can try it.

    `silent`: who says nothing.
    """
    with opened(house, cast.harbor, "keeper", cast.pat, at=now) as record:
        _open_now(record, cast, now)
    with opened(house, cast.harbor, "keeper", cast.pat, at=now) as record:
        found = sessions.between(record, record.today - WEEKS, record.today)
        where = sessions.placed(record)
        came = {one: where.at(one) for one in found if one.happens and one.starts_at - QUARTER < now}
    for person in sorted({person for those in came.values() for person in those}):
        with opened(house, cast.harbor, "participant", person, person, at=now) as record:
            for one in (one for one, those in came.items() if person in those):
                # Whoever tries the demo comes in as Ana.
                if person not in silent and (one.over(now) or person != cast.ana):
                    _come(record, one, now)
    for one in (one for one in came if one.over(now)):
        with opened(house, cast.harbor, "coach", one.leader_id, at=now) as record:
            states = {present.person_id: present.state for present in rooms.roster(_after(record, one), one)}
        for person, state in states.items():
            with opened(house, cast.harbor, "coach", one.leader_id, person, at=now) as record:
                _mark(_after(record, one), one, state)


def _open_now(record: Record, cast: Any, now: datetime) -> None:
    """A walk-in group that starts within a quarter of an hour, whatever day it is."""
    local = now.astimezone(ZoneInfo(record.zone)).replace(second=0, microsecond=0)
    starts = local + QUARTER - timedelta(minutes=local.minute % 15)
    form = SeriesForm(
        id=new_id(), title="Open group", kind="group", starts_on=starts.date(), at=starts.time().replace(tzinfo=None),
        minutes=60, every=0, place="Room 1", facilitator=cast.cora, phases=[1, 2, 3], on_holidays=True,
    )  # fmt: skip
    series.begin(record, form)


def _chance(record: Record, one: ProgramSession) -> Random:
    """The same every time: seeded with whose it is."""
    return Random(f"{one.title} {one.on - record.today} {record.name(record.person_id)}")  # noqa: S311 - no secret


def _come(record: Record, one: ProgramSession, now: datetime) -> None:
    """Most people check in most times, some of them out too."""
    chance = _chance(record, one)
    if chance.random() > 0.75:
        return
    for way, at in _times(one, chance):
        if at < now:
            then = replace(record, reader=replace(record.reader, now=at, today=record.program.today(at)))
            form = AttendanceForm(
                id=new_id(), session=one.id, way=way, mood=chance.randint(2, 5), urge=chance.randint(0, 7),
                bring_up=chance.choice(BRING_UP), takeaway=chance.choice(TAKE), homework_seen="yes",
            )  # fmt: skip
            arrivals.attended(then, Posted(kept=form))


def _times(one: ProgramSession, chance: Random) -> Iterator[tuple[Any, datetime]]:
    yield "arriving", one.starts_at + timedelta(minutes=chance.randint(-12, 14))
    if chance.random() < 0.5:
        yield "leaving", one.ends_at + timedelta(minutes=chance.randint(-3, 8))


def _after(record: Record, one: ProgramSession) -> Record:
    """As it was open at the end of a session."""
    at = one.ends_at + timedelta(minutes=5)
    return replace(record, reader=replace(record.reader, now=at, today=record.program.today(at)))


def _mark(record: Record, one: ProgramSession, state: Any) -> None:
    """What its leader marked then."""
    marks.mark(record, one, MarkForm(id=new_id(), state={"expected": "missing"}.get(state, state)))
