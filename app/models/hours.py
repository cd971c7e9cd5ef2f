"""When urges come: hours of the week as a picture, as a table, and in words. Pure: values in, values out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from app.models.insights import HOURS, STRONG, Map, Square, Urge, Window, urge_map

# A Monday: weekdays and hours are said through a moment, by those who know how a language says them.
MONDAY = datetime(2024, 1, 1)
# From how many urges on the hours with most of them are named: fewer are just when they were.
FEWEST = 5
NAMED = 3
MEDIUM = 4
# In units of the picture: room for the hours on the left and the weekdays on top, a square, the sizes of a dot.
LEFT, TOP, COLUMN, ROW = 56, 26, 40, 17
SIZES = ((1, 4.2), (2, 5.8), (4, 7.6))
WIDTH, HEIGHT = LEFT + 7 * COLUMN, TOP + 24 * ROW + 4


class Felt(NamedTuple):
    """An urge that was logged: when, on the clocks there, how strong, 0–10, and the triggers named with it, by id."""

    at: datetime
    rating: int
    triggers: frozenset[str] = frozenset()


class Dot(NamedTuple):
    """One square's urges: larger is more of them (1, 2–3, 4 and more), fuller is stronger (to 3, to 6, 7 and more)."""

    x: int
    y: int
    size: float
    strength: str


class Hour(NamedTuple):
    """One hour of one weekday: `at` is such a moment, `strength` the mean rating, to the nearest whole."""

    at: datetime
    n: int
    strength: int

    @property
    def ends(self) -> datetime:
        return self.at + timedelta(hours=1)


@dataclass(frozen=True)
class Picture:
    """The urge map. `rows` are the hours in which there was any, with the squares of all weekdays."""

    dots: list[Dot]
    rows: list[list[Hour]]
    most: list[Hour]
    total: int

    @property
    def days(self) -> list[datetime]:
        return [MONDAY + timedelta(days=day) for day in range(7)]

    @property
    def hours(self) -> list[datetime]:
        """Those that stand beside the picture."""
        return [MONDAY + timedelta(hours=hour) for hour in range(0, 24, 3)]


def picture(felt: Iterable[Felt], triggers: Collection[str] = ()) -> Picture:
    """The map of all urges, or of those with one of some triggers. A rating of 0 is no urge."""
    those = [one for one in felt if one.rating and (not triggers or not one.triggers.isdisjoint(triggers))]
    squares = urge_map(Urge(one.at, one.rating) for one in those)
    return Picture(_dots(squares), _rows(squares), _most(squares) if len(those) >= FEWEST else [], len(those))


def by_trigger(felt: Iterable[Felt]) -> dict[str, int]:
    """How many urges were logged with each trigger, the most first. One urge may count for several."""
    counted: dict[str, int] = {}
    for one in felt:
        for trigger in one.triggers if one.rating else ():
            counted[trigger] = counted.get(trigger, 0) + 1
    return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0])))


def length(window: Window) -> int:
    """Hours; a window may end after midnight."""
    return (window.end - window.start) % HOURS


def covers(window: Window, at: datetime, before: int = 0) -> bool:
    """Whether a moment, on the clocks there, is in a window, or in so many hours before it."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    openings = (hour + timedelta(hours=n) for n in range(1 - length(window), before + 1))
    return any(one.hour == window.start and window.weekday in (None, one.weekday()) for one in openings)


def _dots(squares: Map) -> list[Dot]:
    return [
        Dot(LEFT + day * COLUMN + COLUMN // 2, TOP + hour * ROW + ROW // 2, _size(square.n), _strength(square))
        for hour, row in enumerate(squares)
        for day, square in enumerate(row)
        if square.n
    ]


def _size(n: int) -> float:
    return next(size for least, size in reversed(SIZES) if n >= least)


def _strength(square: Square) -> str:
    mean = _mean(square)
    return "strong" if mean >= STRONG else "medium" if mean >= MEDIUM else "mild"


def _mean(square: Square) -> int:
    return int((square.mean or 0) + 0.5)


def _hour(squares: Map, hour: int, day: int) -> Hour:
    square = squares[hour][day]
    return Hour(MONDAY + timedelta(days=day, hours=hour), square.n, _mean(square))


def _rows(squares: Map) -> list[list[Hour]]:
    return [[_hour(squares, hour, day) for day in range(7)] for hour in range(24) if any(s.n for s in squares[hour])]


def _most(squares: Map) -> list[Hour]:
    """The hours with the most and strongest: by the sum of the ratings. What happened once is no such hour."""
    found = [one for row in _rows(squares) for one in row if one.n > 1]
    weight = {one.at: one.n * (squares[one.at.hour][one.at.weekday()].mean or 0) for one in found}
    return sorted(found, key=lambda one: (-weight[one.at], one.at))[:NAMED]
