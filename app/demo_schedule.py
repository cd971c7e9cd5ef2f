"""The calendar of the demo data: a usual week of two programs, planned as their managers and coaches would."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.models import agenda, series, sessions
from app.models.agenda import AwayForm
from app.models.schedule import DAY
from app.models.series import ChangeForm, HolidayForm, SeatForm, SeriesForm
from app.record import Record

BEGAN = timedelta(weeks=12)
THURSDAY = 3


@dataclass(frozen=True)
class Planned:
    """A series, as somebody would say it. `by_hand`: who is on the roster, beside those in the `phases`."""

    title: str
    kind: Any
    leader: str
    weekdays: tuple[int, ...]
    at: str
    minutes: int
    place: str = ""
    link: str = ""
    phases: tuple[int, ...] = ()
    by_hand: tuple[str, ...] = ()
    every: int = 1


# Five sessions a week in phase 1, three in phase 2, one in phase 3: what the phases say.
HARBOR = (
    Planned("Evening group", "group", "cora", (0, 1, 3), "18:00", 90, "Room 2", phases=(1, 2)),
    Planned("Coping skills", "skills", "dov", (2,), "18:00", 90, "Room 2", phases=(1,)),
    Planned("Weekend plans", "relapse-prevention", "cora", (4,), "17:30", 90, "Room 3", phases=(1,)),
    Planned("Looking ahead", "group", "dov", (2,), "19:45", 60, "Room 3", phases=(3,)),
    Planned("One to one", "individual", "cora", (3,), "16:45", 45, link="https://meet.footbridge.example/cora",
            by_hand=("ana",)),
    Planned("Family morning", "family", "dov", (5,), "10:00", 120, "The large room", by_hand=("ana",), every=2),
)  # fmt: skip
MEADOW = (Planned("Morning group", "group", "fay", (0, 2, 4), "09:30", 90, "The blue room", phases=(1, 2, 3)),)


def plan(house: House, cast: Any, now: Any) -> None:
    """Both programs' weeks, a day off, and what differs in the days to come."""
    for program, planned, manager in ((cast.harbor, HARBOR, cast.pat), (cast.meadow, MEADOW, cast.fay)):
        for one in planned:
            with opened(house, program, "keeper", manager, at=now) as record:
                made = _begin(record, one, getattr(cast, one.leader))
            for name in one.by_hand:
                _seat(house, program, manager, getattr(cast, name), made, now)
    with opened(house, cast.harbor, "keeper", cast.pat, at=now) as record:
        series.rest(record, HolidayForm(id=new_id(), **_holiday(record.today)))
        _differs(record, cast)
    with opened(house, cast.harbor, "participant", cast.ben, cast.ben, at=now) as record:
        _away(record)


def _begin(record: Record, one: Planned, leader: UUID) -> UUID:
    form = SeriesForm(
        id=new_id(), title=one.title, kind=one.kind, starts_on=record.today - BEGAN, minutes=one.minutes,
        at=time.fromisoformat(one.at), every=one.every, weekdays=list(one.weekdays), place=one.place,
        link=one.link, facilitator=leader, phases=list(one.phases),
    )  # fmt: skip
    return series.begin(record, form)


def _seat(house: House, program: UUID, manager: UUID, person: UUID, made: UUID, now: Any) -> None:
    with opened(house, program, "keeper", manager, person, at=now) as record:
        series.seat(record, SeatForm(id=new_id(), series=made, since=record.today - timedelta(days=27)))


def _holiday(today: date) -> dict[str, Any]:
    """The next Thanksgiving, or New Year's Day when that is nearer."""
    first = date(today.year, 11, 1)
    thanksgiving = first + timedelta(days=(THURSDAY - first.weekday()) % 7 + 21)
    if thanksgiving >= today:
        return {"day": thanksgiving, "name": "Thanksgiving"}
    return {"day": date(today.year + 1, 1, 1), "name": "New Year's Day"}


def _differs(record: Record, cast: Any) -> None:
    """The next coping skills group is led by somebody else."""
    coming = sessions.between(record, record.today + DAY, record.today + timedelta(days=14))
    skills = next(one for one in coming if one.kind == "skills" and one.happens)
    form = ChangeForm(id=new_id(), cover=cast.cora, reason="Dov is at a training this week.")
    series.changed(record, skills, Posted(kept=form))


def _away(record: Record) -> None:
    """Ben has a late shift next week."""
    coming = sessions.expected(record, record.today + timedelta(days=3), record.today + timedelta(days=14))
    form = AwayForm(id=new_id(), reason="work", words="Late shift, I asked for another one.")
    agenda.say_away(record, next(one for one in coming if one.happens).id, Posted(kept=form))
