"""Charts as SVG path data. Pure: numbers in, numbers out, and no words for people."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import fmean
from typing import Literal

Trend = Literal["up", "down", "steady", "too little"]
Point = tuple[float, float]

# Keeps a round line end inside the picture.
INSET = 2
DAYS = 5
FEWEST = 3
STEP = 0.5


def sparkline(values: Sequence[float | None], low: float, high: float, width: int = 70, height: int = 26) -> str:
    """The `d` of a path, oldest value first, `high` at the top; empty when there is nothing to draw.

    None leaves a gap, a value between gaps is a short stroke, one beyond `low` or `high` is at the edge.
    """
    if not low < high:
        raise ValueError("low must be below high")
    across = (width - 2 * INSET) / max(len(values) - 1, 1)
    up = (height - 2 * INSET) / (high - low)
    points = [
        None if value is None else (INSET + n * across, INSET + (high - min(max(value, low), high)) * up)
        for n, value in enumerate(values)
    ]
    return " ".join(_line(run) for run in _runs(points))


def _runs(points: Sequence[Point | None]) -> Iterator[list[Point]]:
    for _, run in groupby(points, key=lambda point: point is None):
        if known := [point for point in run if point]:
            yield known


def _line(run: list[Point]) -> str:
    if len(run) == 1:
        [(x, y)] = run
        run = [(x - 1, y), (x + 1, y)]
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in run)


def trend_words(values: Sequence[float | None]) -> Trend:
    """Which words fit days on a scale of 1 to 5, oldest first. Our own rule, simple enough to show a person.

    The mean of the last five days with a value against the mean of the five before. At least half a point
    apart is up or down; less is steady; fewer than three days on either side is too little to say.
    """
    known = [value for value in values if value is not None]
    last, before = known[-DAYS:], known[-2 * DAYS : -DAYS]
    if min(len(last), len(before)) < FEWEST:
        return "too little"
    # Rounded, because 2.3 − 1.8 in binary is a hair less than a half.
    apart = round(fmean(last) - fmean(before), 6)
    if abs(apart) < STEP:
        return "steady"
    return "up" if apart > 0 else "down"
