"""Points, bands and what calls for attention, from the answers to an instrument. Pure: values in, values out.

What is added up, and from where on it counts, is in the instrument's file, with its sources. An answer is the points
of the option that was chosen, by the item's id. A half-answered instrument has no score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from app.content.instruments import Instrument, Item, Level, Mark, Reliable, Scale, Who

Answers = Mapping[str, int]
Way = Literal["better", "worse", "unclear"]

# Two-sided 95 %: Jacobson & Truax 1991, J Consult Clin Psychol 59:12-19.
SURE = 1.96


@dataclass(frozen=True)
class Score:
    """`points`, and the name of the band they are in."""

    id: str
    name: str
    points: int
    band: str


@dataclass(frozen=True)
class Attention:
    """An item or a score (`of`) that calls for attention, and how much."""

    of: str
    level: Level
    points: int


@dataclass(frozen=True)
class Result:
    """What an instrument says when all of it was answered; `scores` in its order, most often one, the total."""

    instrument: str
    version: str
    scores: tuple[Score, ...]
    attention: tuple[Attention, ...]

    def points(self, id: str = "total") -> int | None:
        return next((score.points for score in self.scores if score.id == id), None)

    def calls(self, level: Level) -> bool:
        return any(one.level == level for one in self.attention)


@dataclass(frozen=True)
class Change:
    """`points` from before to after, the reliable change index, and what it says; unclear: it may be chance."""

    points: int
    index: float
    way: Way


def asked(instrument: Instrument, answers: Answers) -> tuple[Item, ...]:
    """The items that apply after these answers. One that hangs on an answer not given yet does not apply yet."""
    return tuple(item for item in instrument.items if _applies(item, answers))


def missing(instrument: Instrument, answers: Answers) -> tuple[str, ...]:
    """The ids of what applies and has no answer: nothing is scored until there are none."""
    return tuple(item.id for item in asked(instrument, answers) if item.id not in answers)


def score(instrument: Instrument, answers: Answers, who: Who | None = None) -> Result | None:
    """None when something is not answered. Raises ValueError for an answer that is none of the choices.

    `who` chooses where marks differ; unsaid, all of them hold, so that the more careful one does.
    """
    _check(instrument, answers)
    if missing(instrument, answers):
        return None
    points = {item.id: answers[item.id] if _applies(item, answers) else 0 for item in instrument.items}
    scores = tuple(_added(scale, points) for scale in instrument.scales)
    return Result(instrument.id, instrument.version, scores, _attention(instrument, points, scores, who))


def alarming(instrument: Instrument, answers: Answers) -> bool:
    """Whether an answer leads to help at once, also when the rest is not answered yet."""
    return any(item.id in answers and answers[item.id] in instrument.helping(item.id) for item in instrument.items)


def named(scale: Scale, points: int) -> Score:
    """Points, called by their band."""
    band = next(band.name for band in reversed(scale.bands) if points >= band.start)
    return Score(scale.id, scale.name, points, band)


def change(scale: Scale, before: int, after: int) -> Change | None:
    """Whether a difference is more than the instrument's own noise. None: nothing is published to tell it by.

    Jacobson & Truax 1991: RCI = difference / (SD · √2 · √(1 − r)), reliable beyond ±1.96.
    """
    if scale.reliable is None:
        return None
    index = (after - before) / _noise(scale.reliable)
    if abs(index) <= SURE:
        return Change(after - before, index, "unclear")
    return Change(after - before, index, "better" if (index < 0) == (scale.better == "lower") else "worse")


def least(reliable: Reliable) -> float:
    """From how many points on a change is one."""
    return SURE * _noise(reliable)


def _noise(reliable: Reliable) -> float:
    return reliable.sd * sqrt(2) * sqrt(1 - reliable.r)


def _applies(item: Item, answers: Answers) -> bool:
    return item.after is None or answers.get(item.after.item, 0) >= item.after.at_least


def _check(instrument: Instrument, answers: Answers) -> None:
    known = {item.id: item.values for item in instrument.items}
    for id, points in answers.items():
        # True is 1 to Python, but nobody's answer.
        if isinstance(points, bool) or points not in known.get(id, ()):
            raise ValueError(f"{instrument.id} has no answer {points!r} to {id!r}")


def _added(scale: Scale, points: Answers) -> Score:
    return named(scale, sum(points[item] for item in scale.items))


def _attention(
    instrument: Instrument, points: Answers, scores: tuple[Score, ...], who: Who | None
) -> tuple[Attention, ...]:
    all_points = {**points, **{one.id: one.points for one in scores}}
    met = [mark for mark in instrument.marks if _is_for(mark, who) and mark.met(all_points[mark.of])]
    return tuple(dict.fromkeys(Attention(mark.of, mark.level, all_points[mark.of]) for mark in met))


def _is_for(mark: Mark, who: Who | None) -> bool:
    return mark.who is None or who is None or mark.who == who
