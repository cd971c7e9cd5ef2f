"""Charts as SVG path data. Pure: numbers in, numbers out, and no words for people."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean
from typing import Literal, NamedTuple

Trend = Literal["up", "down", "steady", "too little"]
Point = tuple[float, float]

# Keeps a round line end inside the picture.
INSET = 2
DAYS = 5
FEWEST = 3
STEP = 0.5

# A picture of days: room for the numbers at the left, for what happened on top, for sessions and dates below.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 320, 132, 26, 10, 18, 36


def sparkline(values: Sequence[float | None], low: float, high: float, width: int = 70, height: int = 26) -> str:
    """The `d` of a path, oldest value first, `high` at the top; empty when there is nothing to draw.

    None leaves a gap, a value between gaps is a short stroke, one beyond `low` or `high` is at the edge.
    """
    return " ".join(_line(run) for run in strokes(values, low, high, width, height))


def strokes(values: Sequence[float | None], low: float, high: float, width: int, height: int) -> list[list[Point]]:
    """The points of `sparkline`, a list for each run of days; down is more. Raises ValueError as it does."""
    if not low < high:
        raise ValueError("low must be below high")
    across = (width - 2 * INSET) / max(len(values) - 1, 1)
    up = (height - 2 * INSET) / (high - low)
    points = [
        None if value is None else (INSET + n * across, INSET + (high - min(max(value, low), high)) * up)
        for n, value in enumerate(values)
    ]
    return [_wide(run) for run in _runs(points)]


def _runs(points: Sequence[Point | None]) -> Iterator[list[Point]]:
    for _, run in groupby(points, key=lambda point: point is None):
        if known := [point for point in run if point]:
            yield known


def _wide(run: list[Point]) -> list[Point]:
    """A day alone is a short stroke."""
    return run if len(run) > 1 else [(run[0][0] - 1, run[0][1]), (run[0][0] + 1, run[0][1])]


def _line(run: list[Point]) -> str:
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in run)


class Mark(NamedTuple):
    """Where something happened: how far across, on the day with this number (0: the first)."""

    x: float
    day: int


@dataclass(frozen=True)
class Picture:
    """Days as a picture of WIDTH × HEIGHT. Only days that follow each other are joined; `dots` are the days there are.

    `lines`: how far down a value is that is written beside it. `weeks`: where each week begins, the last one today's.
    """

    path: str
    dots: list[Point]
    lines: list[tuple[float, float]]
    weeks: list[Mark]
    sessions: list[Mark]
    setbacks: list[Mark]


def picture(
    values: Sequence[float | None], low: float, high: float, sessions: Collection[int] = (),
    setbacks: Collection[int] = (), joined: bool = False,
) -> Picture:  # fmt: skip
    """The values of days, oldest first, None for a day without one: that is a gap, never a zero.

    `sessions` and `setbacks` are the numbers of days. `joined`: what is taken now and then is joined across the days
    between. Raises ValueError where low is not below high.
    """
    if not low < high:
        raise ValueError("low must be below high")
    points = [
        None if value is None else (across(day, len(values)), _down(value, low, high))
        for day, value in enumerate(values)
    ]
    known = [point for point in points if point]
    runs = [known] if joined and known else list(_runs(points))
    return Picture(
        path=" ".join(_line(run) for run in runs if len(run) > 1), dots=known,
        lines=[(_down(value, low, high), value) for value in (high, (low + high) / 2, low)],
        weeks=_marks(range(len(values) - 1, -1, -7), len(values)), sessions=_marks(sessions, len(values)),
        setbacks=_marks(setbacks, len(values)),
    )  # fmt: skip


def across(day: int, days: int) -> float:
    """How far across a day is, of so many."""
    return round(LEFT + day * (WIDTH - LEFT - RIGHT) / max(days - 1, 1), 1)


def _down(value: float, low: float, high: float) -> float:
    return round(TOP + (high - min(max(value, low), high)) * (HEIGHT - TOP - BOTTOM) / (high - low), 1)


def _marks(days: Collection[int], many: int) -> list[Mark]:
    return [Mark(across(day, many), day) for day in sorted(days) if 0 <= day < many]


def trend_words(values: Sequence[float | None], step: float = STEP) -> Trend:
    """Which words fit days, oldest first. Our own rule, simple enough to show a person.

    The mean of the last five days with a value against the mean of the five before. At least `step` apart (half a
    point, on a scale of 1 to 5) is up or down; less is steady; fewer than three days on either side is too little.
    """
    known = [value for value in values if value is not None]
    last, before = known[-DAYS:], known[-2 * DAYS : -DAYS]
    if min(len(last), len(before)) < FEWEST:
        return "too little"
    # Rounded, because 2.3 − 1.8 in binary is a hair less than a half.
    apart = round(fmean(last) - fmean(before), 6)
    if abs(apart) < step:
        return "steady"
    return "up" if apart > 0 else "down"
