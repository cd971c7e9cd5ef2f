"""Mood, urge, sleep and measures by day, beside the days of sessions and setbacks: as far as this reader may see them.

A day without anything is a gap. Of what is logged day by day only numbers are read, no words.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from sqlmodel import col, func, select

from app.content.instruments import Instrument, Scale
from app.lib import chart
from app.lib.chart import Picture, Trend
from app.models import measures
from app.models.checkins import CheckIn
from app.models.entry import Entry
from app.models.measures import Taken
from app.models.scores import Change
from app.models.setbacks import Setback
from app.models.urges import Urge
from app.record import Record

WEEKS = (4, 8, 12)
# On each scale: its ends, and how far apart two weeks are before that is up or down (chart.trend_words).
SCALES = {"mood": (1.0, 5.0, 0.5), "urge": (0.0, 10.0, 1.0), "sleep": (0.0, 10.0, 1.0)}


@dataclass(frozen=True)
class Curve:
    """One quantity by day, oldest first: the mean mood (1–5), the strongest urge (0–10), the hours of sleep."""

    what: str
    values: Sequence[float | None]

    @property
    def known(self) -> list[float]:
        return [value for value in self.values if value is not None]

    @property
    def usual(self) -> float:
        """The value in the middle of all days; asked only where there is one."""
        return median(self.known)

    @property
    def trend(self) -> Trend:
        return chart.trend_words(self.values, SCALES[self.what][2])

    @property
    def spark(self) -> str:
        low, high, _step = SCALES[self.what]
        return chart.sparkline(self.values, low, high)


@dataclass(frozen=True)
class Measured:
    """A score of a measure by day, between the least and the most points there are; its last points and their band.

    `change`: to the time before, where that can be told from chance.
    """

    what: str
    title: str
    values: Sequence[float | None]
    top: int
    day: date
    points: int
    band: str
    change: Change | None

    @property
    def known(self) -> list[float]:
        return [value for value in self.values if value is not None]


@dataclass(frozen=True)
class Days:
    """What is known of some days that follow each other: the curves, and on which of them a session or setback was."""

    first: date
    last: date
    curves: list[Curve]
    sessions: frozenset[date] = frozenset()
    setbacks: frozenset[date] = frozenset()
    courses: Sequence[Measured] = ()

    @property
    def each(self) -> list[date]:
        return [self.first + timedelta(days=day) for day in range((self.last - self.first).days + 1)]

    @property
    def pictures(self) -> list[tuple[Curve, Picture]]:
        return [(curve, self._picture(curve.values, *SCALES[curve.what][:2])) for curve in self.curves if curve.known]

    @property
    def measured(self) -> list[tuple[Measured, Picture]]:
        return [(one, self._picture(one.values, 0, one.top, joined=True)) for one in self.courses if one.known]

    def _picture(self, values: Sequence[float | None], low: float, high: float, joined: bool = False) -> Picture:
        there, fell = self._numbers(self.sessions), self._numbers(self.setbacks)
        return chart.picture(values, low, high, there, fell, joined)

    def _numbers(self, those: Iterable[date]) -> list[int]:
        return [(day - self.first).days for day in those]

    @property
    def rows(self) -> list[tuple[date, list[float | None], bool, bool]]:
        """The table behind the pictures, newest first: the days on which anything is."""
        columns = [*(one.values for one in self.curves), *(one.values for one in self.courses)]
        found = [
            (day, [values[number] for values in columns], day in self.sessions, day in self.setbacks)
            for number, day in enumerate(self.each)
        ]
        return [row for row in reversed(found) if row[2] or row[3] or any(value is not None for value in row[1])]


def days(record: Record, first: date, last: date, sessions: Collection[date] = (), language: str = "en") -> Days:
    """The days of the participant whose record is open, first and last among them. Queries do not grow with them."""
    by_day = {
        "mood": _logged(record, first, last, None, func.avg(Entry.mood)), "urge": _urges(record, first, last),
        "sleep": _logged(record, first, last, CheckIn, func.avg(CheckIn.sleep_hours)),
    }  # fmt: skip
    length = (last - first).days + 1
    curves = [
        Curve(what, [found.get(first + timedelta(days=day)) for day in range(length)]) for what, found in by_day.items()
    ]
    there = frozenset(day for day in sessions if first <= day <= last)
    fell = frozenset(_logged(record, first, last, Setback, func.count()))
    return Days(first, last, curves, there, fell, courses(measures.results(record, language=language), first, last))


def courses(taken: Iterable[Taken], first: date, last: date) -> list[Measured]:
    """Each score of what was taken, oldest first, on some days. What was last taken before them has no values."""
    by_measure: dict[str, list[Taken]] = defaultdict(list)
    for one in taken:
        by_measure[one.instrument.id].append(one)
    return [
        _course(those, scale, first, last) for those in by_measure.values() for scale in those[-1].instrument.scales
    ]


def _course(those: Sequence[Taken], scale: Scale, first: date, last: date) -> Measured:
    latest = those[-1]
    points = {one.day: one.result.points(scale.id) for one in those}
    score = next(score for score in latest.result.scores if score.id == scale.id)
    one = latest.instrument
    return Measured(
        what=f"{one.id}-{scale.id}", title=one.name if len(one.scales) == 1 else f"{one.name}: {scale.name}",
        values=[points.get(first + timedelta(days=day)) for day in range((last - first).days + 1)],
        top=_top(one, scale), day=latest.day, points=score.points, band=score.band, change=latest.changes.get(scale.id),
    )  # fmt: skip


def _top(one: Instrument, scale: Scale) -> int:
    return sum(max(one.item(item).values) for item in scale.items)


def _urges(record: Record, first: date, last: date) -> dict[date, float]:
    """The strongest of each day, of those logged as one and of those told in a check-in."""
    logged = _logged(record, first, last, Urge, func.max(Urge.before))
    told = _logged(record, first, last, CheckIn, func.max(CheckIn.urge))
    return {day: max(found[day] for found in (logged, told) if day in found) for day in {*logged, *told}}


def _logged(record: Record, first: date, last: date, part: Any, number: Any) -> dict[date, float]:
    asked = select(col(Entry.local_day), number).where(Entry.local_day >= first, Entry.local_day <= last)
    joined = asked.join(part, part.id == Entry.id) if part else asked
    rows = record.session.execute(joined.where(col(Entry.binned_at).is_(None)).group_by(col(Entry.local_day)))
    return {day: float(value) for day, value in rows if value is not None}
