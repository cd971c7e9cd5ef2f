"""F07 and F08: phones whose clocks are up to two days off, and days on which the clocks change.

F07 goes over HTTP: a form is filled in, waits for up to three days, and is sent; all the server has is what that
phone's clock said at both. F08 has a clock of its own, so it asks the models and not a server: an entry each half hour
on the days around every change of clocks, a session each evening, and what is due in the morning.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import opened
from app.database import new_id
from app.models import clocks, entry, jobs, moods, schedule
from app.models.moods import MoodForm
from bench.figures import Figure
from tests.faults.ground import Ground, grounds

DAYS = timedelta(days=1)
LATE = timedelta(seconds=10)  # how far from the moment of writing an entry may stand, with a slow machine in between
HALF = timedelta(minutes=30)
EVENING = time(20)
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia")
# The years in which clocks change there; in Samoa they have not since 2021.
YEARS = {"Pacific/Apia": 2020}


def run(seed: int, many: int) -> Iterator[Figure]:
    """`many`: forms sent by phones that are off, on each database."""
    for at in grounds():
        yield from _off(at, Random(seed), many)
        yield from _changed(at)


# --- phones that are off


def _off(at: Ground, chance: Random, many: int) -> Iterator[Figure]:
    here, found, true = at.browser("ben"), Counter[str](), dict[UUID, datetime]()
    for _ in range(many):
        one, now = new_id(), datetime.now(UTC)
        off, waited = chance.uniform(-2, 2) * DAYS, chance.uniform(0, 3) * DAYS
        phone = {"written_at": now - waited + off, "sent_at": now + off}
        said = {name: moment.isoformat() for name, moment in phone.items()}
        form = {"id": str(one), "mood": str(chance.randint(1, 5))} | said
        answer = here.send_form("/moods", form)
        found["refused"] += answer.headers.get("Kept") != str(one)
        # A clock that is off by less than a post may be on its way is not called wrong: what it showed stands (0013).
        true[one] = now - waited if abs(off) >= clocks.WAY else min(now - waited + off, now)
    with at.mine("ben") as record:
        lines = [line for line in entry.everything(record) if line.id in true]
    found["lost"] = len(true) - len(lines)
    found["mistimed"] = sum(abs(line.happened_at - true[line.id]) > LATE for line in lines)
    found["disordered"] = _disordered([true[line.id] for line in lines])
    for name in ("refused", "lost", "mistimed", "disordered"):
        yield Figure(f"F07_{name}_{at.name}", found[name], "", many)


def _disordered(newest_first: list[datetime]) -> int:
    """How many stand before one that is truly later, by more than can be told apart."""
    pairs = pairwise(newest_first)
    return sum(earlier - later > LATE for later, earlier in pairs)


# --- days on which the clocks change


def changes(zone: str) -> list[date]:
    """The days of a year on which they do."""
    first = datetime(YEARS.get(zone, 2026), 7, 1, 12, tzinfo=ZoneInfo(zone))
    days = [first + number * DAYS for number in range(366)]
    return [later.date() for day, later in pairwise(days) if day.utcoffset() != later.utcoffset()]


def _changed(at: Ground) -> Iterator[Figure]:
    found = Counter[str]()
    for zone in ZONES:
        for day in changes(zone):
            _written(at, zone, day, found)
            _met(ZoneInfo(zone), day, found)
            _due(zone, day, found)
    told = ("changes", "entries", "lost", "wrong_day", "wrong_wall", "said_twice", "merged")
    for name in (
        *told,
        "evenings",
        "evenings_drifted",
        "mornings",
        "mornings_missed",
        "mornings_doubled",
        "mornings_drifted",
    ):
        yield Figure(f"F08_{name}_{at.name}", found[name], "", found["changes"])


def _written(at: Ground, zone: str, day: date, found: Counter[str]) -> None:
    """An entry each half hour, from the day before till the day after, as a phone there sends it."""
    there, wrote = ZoneInfo(zone), dict[UUID, datetime]()
    moment = datetime.combine(day - DAYS, time(), there).astimezone(UTC)
    while moment < datetime.combine(day + 2 * DAYS, time(), there).astimezone(UTC):
        form = MoodForm.model_validate({"id": new_id(), "mood": 3, "zone": zone})
        person = at.cast.eli
        with opened(at.house, at.cast.meadow, "participant", person, person, at=moment) as record:
            wrote[form.id] = moods.keep(record, form).happened_at
        moment += HALF
    with at.mine("eli") as record:
        lines = [line for line in entry.everything(record) if line.id in wrote]
    local = [line.happened_at.astimezone(there) for line in lines]
    found["changes"] += 1
    found["entries"] += len(wrote)
    found["lost"] += len(wrote) - len(lines)
    found["wrong_day"] += sum(line.local_day != one.date() for line, one in zip(lines, local, strict=True))
    found["wrong_wall"] += sum(
        line.local_at.replace(tzinfo=None) != one.replace(tzinfo=None) for line, one in zip(lines, local, strict=True)
    )
    walls = Counter(one.replace(tzinfo=None, fold=0) for one in local)
    found["said_twice"] += sum(times > 1 for times in walls.values())
    found["merged"] += len(lines) - len({line.happened_at for line in lines})


def _met(zone: ZoneInfo, day: date, found: Counter[str]) -> None:
    """Eight in the evening is that on the wall, the day before, on the day, and the day after."""
    for days in (-1, 0, 1):
        on = day + days * DAYS
        there = clocks.moment(on, EVENING, zone).astimezone(zone)
        found["evenings"] += 1
        found["evenings_drifted"] += (there.date(), there.time()) != (on, EVENING)


def _due(zone: str, day: date, found: Counter[str]) -> None:
    """What is due in the morning, asked for every half hour: one job a day, at seven on the wall."""
    program: Any = SimpleNamespace(zone=zone, today=lambda now: schedule.local_day(now, zone))
    there = ZoneInfo(zone)
    began = datetime.combine(day - DAYS, time(12), there).astimezone(UTC)
    due = {jobs.in_the_morning(began + number * HALF, program) for number in range(3 * 48)}
    walls = Counter(one.astimezone(there).date() for one in due if one > began)
    days = [day + days * DAYS for days in (0, 1)]
    found["mornings"] += len(days)
    found["mornings_missed"] += sum(walls[one] == 0 for one in days)
    found["mornings_doubled"] += sum(walls[one] > 1 for one in days)
    found["mornings_drifted"] += sum(one.astimezone(there).time() != jobs.MORNING for one in due)
