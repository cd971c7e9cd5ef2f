"""Scores over time: points in their order, their bands, and what a picture of them needs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.content.instruments import Band, Instrument, Scale
from app.lib import chart
from app.lib.chart import Picture
from app.models import scores
from app.models.scores import Change


@dataclass(frozen=True)
class Point:
    """One time that it was taken. `change`: to the one before; None: there is none, or nothing to tell it by."""

    id: UUID
    day: date
    points: int
    band: str
    change: Change | None


@dataclass(frozen=True)
class Course:
    """One score of one person, oldest first, at least once."""

    instrument: Instrument
    scale: Scale
    points: tuple[Point, ...]

    @property
    def most(self) -> int:
        return self.instrument.most(self.scale.id)

    @property
    def least(self) -> float:
        """From how many points on a change is one; 0 where nothing is known of that."""
        return scores.least(self.scale.reliable) if self.scale.reliable else 0

    def values(self, first: date, last: date) -> list[float | None]:
        """The points by day, None for a day without any."""
        found: dict[date, float] = {point.day: point.points for point in self.points}
        return [found.get(first + timedelta(days=day)) for day in range((last - first).days + 1)]

    @property
    def picture(self) -> Picture:
        """Its days from the first to the last, joined, on the whole scale."""
        return chart.picture(self.values(self.points[0].day, self.points[-1].day), 0, self.most, joined=True)

    @property
    def bands(self) -> list[tuple[float, Band]]:
        """How far down each band begins, but for the lowest."""
        room = chart.HEIGHT - chart.TOP - chart.BOTTOM
        return [(round(chart.TOP + (1 - band.start / self.most) * room, 1), band) for band in self.scale.bands[1:]]


def of(taken: Iterable[Any]) -> list[Course]:
    """Every score of these results (measures.Taken, oldest first), by instrument and in its order."""
    rows = list(taken)
    instruments = {one.instrument.id: one.instrument for one in rows}
    return [
        Course(instrument, scale, tuple(_point(one, scale) for one in rows if one.instrument.id == id))
        for id, instrument in sorted(instruments.items()) for scale in instrument.scales
    ]  # fmt: skip


def _point(one: Any, scale: Scale) -> Point:
    score = next(score for score in one.result.scores if score.id == scale.id)
    return Point(one.id, one.day, score.points, score.band, one.changes.get(scale.id))
