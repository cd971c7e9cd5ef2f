"""What works for me, and when it gets risky. Pure: plain values in, plain values out; same rows, same answer.

The arithmetic, its sources and how well it does: docs/decisions/0016-what-works-for-me.md. Ratings run from 0 (none) to
10; a change is counted in points downward, so that more is better. It is what came after, not what was caused: urges
also pass by themselves. A moment is a datetime as the clocks showed it where the person was; its zone is not changed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import chain, product
from math import fsum, log, sqrt
from statistics import fmean, median_low
from typing import NamedTuple

# --- what works

# From so many logs on a skill has a place among the others, and we may be sure of it: from so many, on so many days.
RANKED = 3
SURE_LOGS, SURE_DAYS = 8, 4
# How many logs what is expected counts for: the variance of a change (about 2² points) over that between skills (1²).
# Efron & Morris 1977, Sci Am 236(5):119–127.
PULL = 4
SPREAD = 2.0
# How much of a higher start goes by itself: half, until the person's own logs (20 at that spread) say otherwise.
# Vickers & Altman 2001, BMJ 323:1123: analysis of covariance against regression to the mean.
SLOPE, SLOPE_PULL = 0.5, 20 * SPREAD**2
# One-sided 95 %, and the least that is worth being sure of.
REACH = 1.645
WORTH = 1.0
# The place at an urge that is kept for something hardly tried (from 0).
TURN = 2

Library = Mapping[str, tuple[float, float]]
Level = defaultdict[str, list[tuple["Tried", float]]]


class Tried(NamedTuple):
    """A skill that was used, from a practice or an urge: how strong it was before and after, 0–10."""

    skill: str
    trigger: str | None
    before: int
    after: int
    at: datetime

    @property
    def change(self) -> int:
        return self.before - self.after


class Sure(StrEnum):
    UNTRIED = "untried"
    FEW = "few"  # less than 3 logs: not sure yet
    HIGHER = "higher"  # it is higher afterwards
    UNCLEAR = "unclear"  # higher or lower: it cannot be told
    LIKELY = "likely"  # lower afterwards
    SURE = "sure"  # lower by a point or more: 8 logs on 4 days


@dataclass(frozen=True)
class Helped:
    """What a skill did. `before` and `after` are medians, ratings that were given ("9 times, usually from 7 to 3").

    `change` is the change to expect at the person's usual start: what skills are ordered by. `low` to `high` is where
    the mean change in the logs themselves lies, nine times of ten. None: not said of so few.
    """

    skill: str
    change: float
    n: int = 0
    before: int | None = None
    after: int | None = None
    low: float | None = None
    high: float | None = None
    sure: Sure = Sure.UNTRIED
    rank: int | None = None


def works(tried: Iterable[Tried], library: Library | None = None, trigger: str | None = None) -> list[Helped]:
    """Every skill of the library and of the logs: those with 3 logs or more by rank, the best first; then those with
    fewer, by how many; then the others. What is equal, and what was never tried, is in the library's order.

    `library` is, for each skill, its mean change among others and how many logs that counts for (0: only its place).
    With a trigger, `n` and what follows it are of the logs with that trigger, and `change` leans on all others.
    """
    tried = list(tried)
    here = _by_skill(one for one in tried if trigger in (None, one.trigger))
    changes = _changes(tried, library, trigger)
    found = [_helped(skill, here.get(skill, []), change) for skill, change in changes.items()]
    known = sorted((one for one in found if one.n >= RANKED), key=lambda one: -one.change)
    unsure = sorted((one for one in found if one.n < RANKED), key=lambda one: -one.n)
    return [replace(one, rank=rank) for rank, one in enumerate(known, 1)] + unsure


def tools(tried: Iterable[Tried], library: Library | None = None, trigger: str | None = None) -> list[str]:
    """The skills for the screen of an urge, the best for this trigger first.

    The third place is for one with fewer than 3 logs, in turn: with every log it is the next one's. Skills after which
    it is not lower come last. Without any skill that helped, the library's order.
    """
    tried = list(tried)
    logs = {skill: len(some) for skill, some in _by_skill(tried).items()}
    changes = _changes(tried, library, trigger)
    known = sorted((skill for skill in changes if logs.get(skill, 0) >= RANKED), key=lambda skill: -changes[skill])
    best, rest = [s for s in known if changes[s] > 0], [s for s in known if changes[s] <= 0]
    new = [skill for skill in changes if logs.get(skill, 0) < RANKED]
    turn = [new.pop(len(tried) % len(new))] if best and new else []
    return [*best[:TURN], *turn, *best[TURN:], *new, *rest]


def _by_skill(tried: Iterable[Tried]) -> dict[str, list[Tried]]:
    """Without logs that start at nothing: from there it cannot go down, so they say nothing of what a skill does."""
    logs: dict[str, list[Tried]] = defaultdict(list)
    for one in tried:
        if one.before > 0:
            logs[one.skill].append(one)
    return dict(logs)


def _pulled(values: Collection[float], expected: float) -> float:
    """The mean, with what was expected counted as 4 values more."""
    return (fsum(values) + PULL * expected) / (len(values) + PULL)


def _changes(tried: Collection[Tried], library: Library | None, trigger: str | None) -> dict[str, float]:
    """The change to expect of each skill at the person's usual start, in the library's order, then by name.

    Each is pulled toward the one before: the person (toward the library), the skill, the skill with this trigger.
    """
    logs = _by_skill(tried)
    level = _level(logs)
    easier = _easier(level)
    overall = {
        skill: _pulled([change - easier[one.trigger] for one, change in level[skill]], expected)
        for skill, expected in _expected(tried, library).items()
    }
    if trigger is None:
        return overall
    more = easier.get(trigger, 0.0)
    return {
        skill: more + _pulled([change - more for one, change in level[skill] if one.trigger == trigger], expected)
        for skill, expected in overall.items()
    }


def _expected(tried: Collection[Tried], library: Library | None) -> dict[str, float]:
    """Before its own logs: the person's mean change, pulled toward the library's, and how a skill differs there."""
    others = library or {}
    weight = fsum(count for _, count in others.values())
    mean = fsum(change * count for change, count in others.values()) / weight if weight else 0.0
    changes = [one.change for one in tried if one.before > 0]
    mine = _pulled(changes, mean) if weight or not changes else fsum(changes) / len(changes)
    differs = {skill: (change - mean) * count / (count + PULL) for skill, (change, count) in others.items()}
    own = sorted({one.skill for one in tried} - differs.keys())
    return {skill: mine + more for skill, more in [*differs.items(), *((skill, 0.0) for skill in own)]}


def _level(logs: dict[str, list[Tried]]) -> Level:
    """Each log with its change, as it would have been at the person's usual start."""
    starts = [one.before for some in logs.values() for one in some]
    usual = sum(starts) / len(starts) if starts else 0.0
    slopes = _slopes(logs)
    level = {skill: [(one, one.change - slopes[skill] * (one.before - usual)) for one in logs[skill]] for skill in logs}
    return defaultdict(list, level)


def _easier(level: Level) -> dict[str | None, float]:
    """How much more skills take off with each trigger than they do in the mean, pulled toward nothing."""
    more: dict[str | None, list[float]] = defaultdict(list)
    for some in level.values():
        mean = fsum(change for _, change in some) / len(some)
        for one, change in some:
            more[one.trigger].append(change - mean)
    return {trigger: _pulled(changes, 0.0) for trigger, changes in more.items()}


def _slopes(logs: dict[str, list[Tried]]) -> dict[str, float]:
    """For each skill, points of change for a point of start, within the person's other skills.

    Not within its own: a better log must never lower its skill by way of the yardstick.
    """
    parts = {skill: _moments(some) for skill, some in logs.items()}
    square, both = (fsum(part[n] for part in parts.values()) for n in (0, 1))
    return {
        skill: min(max((both - mine + SLOPE * SLOPE_PULL) / (square - own + SLOPE_PULL), 0.0), 1.0)
        for skill, (own, mine) in parts.items()
    }


def _moments(logs: list[Tried]) -> tuple[float, float]:
    """Sums about the mean: starts squared, and starts with changes."""
    start, change = fmean(one.before for one in logs), fmean(one.change for one in logs)
    return (
        fsum((one.before - start) ** 2 for one in logs),
        fsum((one.before - start) * (one.change - change) for one in logs),
    )


def _helped(skill: str, logs: list[Tried], change: float) -> Helped:
    if not logs:
        return Helped(skill, change)
    before, after = median_low(one.before for one in logs), median_low(one.after for one in logs)
    if len(logs) < RANKED:
        return Helped(skill, change, len(logs), before, after, sure=Sure.FEW)
    low, high = _range([one.change for one in logs])
    days = len({one.at.date() for one in logs})
    return Helped(skill, change, len(logs), before, after, low, high, _sure(len(logs), days, low, high))


def _range(changes: list[int]) -> tuple[float, float]:
    """Where the mean lies; the spread of few logs is pulled toward 2 points, as three that are equal prove little."""
    n, mean = len(changes), sum(changes) / len(changes)
    squares = fsum((change - mean) ** 2 for change in changes)
    error = sqrt((squares + PULL * SPREAD**2) / (n - 1 + PULL) / n)
    return mean - REACH * error, mean + REACH * error


def _sure(n: int, days: int, low: float, high: float) -> Sure:
    if low >= WORTH and n >= SURE_LOGS and days >= SURE_DAYS:
        return Sure.SURE
    if low > 0:
        return Sure.LIKELY
    return Sure.HIGHER if high < 0 else Sure.UNCLEAR


# --- when urges come


class Urge(NamedTuple):
    """An urge: when, on the clocks there, and how strong, 0–10."""

    at: datetime
    rating: int
    trigger: str | None = None


class Square(NamedTuple):
    """One hour of one weekday: how many urges, and their mean rating (None: none)."""

    n: int = 0
    mean: float | None = None


Map = list[list[Square]]


def urge_map(urges: Iterable[Urge]) -> Map:
    """24 rows, an hour each from midnight, of 7 squares, Monday to Sunday."""
    ratings: dict[tuple[int, int], list[int]] = defaultdict(list)
    for one in urges:
        ratings[one.at.hour, one.at.weekday()].append(one.rating)
    return [[_square(ratings.get((hour, day), [])) for day in range(7)] for hour in range(24)]


def _square(ratings: list[int]) -> Square:
    return Square(len(ratings), sum(ratings) / len(ratings)) if ratings else Square()


def trigger_maps(urges: Iterable[Urge]) -> dict[str | None, Map]:
    """A map for each trigger, those with most urges first, then by name; None is for urges without one, and last."""
    some: dict[str | None, list[Urge]] = defaultdict(list)
    for one in urges:
        some[one.trigger].append(one)
    order = sorted(some, key=lambda trigger: (trigger is None, -len(some[trigger]), trigger or ""))
    return {trigger: urge_map(some[trigger]) for trigger in order}


# --- risky windows

STRONG = 7
# Below this nothing is said: so many half hours with a strong urge inside, in so many calendar weeks; and at least
# twice what the base rate brings. What is said of all days happened on most weekdays.
INSIDE, WEEKS, TIMES, MOST_DAYS = 6, 3, 2, 5
AT_MOST = 3
# How clear a window must be. Set by simulation, so that at most 1 of 20 people without a window is told of one
# (bench/insights.py). Kulldorff 1997, Commun Stat 26:1481: the likelihood ratio of a scan over all windows.
CLEAR = 5.75
# And how clearly other than whatever else is logged, for one weekday (for all days: as clearly as the rest).
UNLIKE = 2.0
# A rate of few counts leans on what is usual, as if 1 more was counted. Clayton & Kaldor 1987, Biometrics 43:671.
LEAN = 1
# Nobody's night is counted as time without urges: a week has 7 × 16 hours.
AWAKE = 7 * 16
HOURS = 24
QUARTER = 6

Slot = tuple[date, int, int]


@dataclass(frozen=True)
class Window:
    """A risky window, with the counts that make it one ("Fridays 5–8 pm: 6 of your 11 strong urges").

    `weekday` is 0 (Monday) to 6, None for all days; `start` and `end` are hours, 0–23, `end` not being in it, and
    smaller than `start` past midnight. `inside` and `strong` count urges of 7 or more in it and in all, `weeks` the
    calendar weeks in which it had one; `usual` is how many there would be inside at the person's base rate.
    """

    weekday: int | None
    start: int
    end: int
    inside: int
    strong: int
    weeks: int
    usual: float


@dataclass(frozen=True)
class Span:
    """A window that is looked at: 2 to 4 hours of one weekday, or of all (None)."""

    weekday: int | None
    start: int
    length: int

    @cached_property
    def hours(self) -> frozenset[int]:
        """Hours of the week, 0 (Monday, midnight) to 167."""
        days = range(7) if self.weekday is None else (self.weekday,)
        return frozenset((day * HOURS + self.start + n) % (7 * HOURS) for day in days for n in range(self.length))

    @cached_property
    def daily(self) -> "Span":
        return Span(None, self.start, self.length)

    def day(self, slot: Slot) -> date:
        """The day on which the window opened that a half hour in it belongs to."""
        return slot[0] - timedelta(days=slot[1] < self.start)


SPANS = [Span(*each) for each in product((None, *range(7)), range(HOURS), (2, 3, 4))]
# By hour of the week, the windows (their places) that hold it.
HOLDING = [[at for at, span in enumerate(SPANS) if hour in span.hours] for hour in range(7 * HOURS)]


class Counts:
    """Half hours with a strong urge, and those in which something else was logged, by hours of the week."""

    def __init__(self, strong: Collection[Slot], others: Collection[Slot], awake: int) -> None:
        self.slots, self.awake = strong, awake
        self.strong, self.others = (Counter(map(_hour, slots)) for slots in (strong, others))
        self.inside_of = Counter(chain.from_iterable(HOLDING[hour] * n for hour, n in self.strong.items()))
        self.total, self.total_others = len(strong), len(others)
        self.uneven = _uneven(strong, len({_week(day) for day, _, _ in {*strong, *others}}))

    def holding(self, least: int) -> Iterator[Span]:
        """The windows with at least so many inside. Of the 672 hardly any holds one."""
        return (SPANS[at] for at in sorted(self.inside_of) if self.inside_of[at] >= least)

    def inside(self, span: Span) -> int:
        return sum(self.strong[hour] for hour in span.hours)

    def others_inside(self, span: Span) -> int:
        return sum(self.others[hour] for hour in span.hours)

    @cached_property
    def days(self) -> list[float]:
        """How much more is logged on each weekday than on the others."""
        logged = [sum(self.others[day * HOURS + hour] for hour in range(HOURS)) for day in range(7)]
        return [_times(count, self.total_others / 7) for count in logged]


def windows(urges: Iterable[Urge], logged: Iterable[datetime]) -> list[Window]:
    """At most 3 risky windows that do not overlap, the clearest first. None, unless it is clear.

    `logged` is when the person logged anything; what was logged with an urge may be among it, and is left out.
    """
    urges = list(urges)
    moments = {one.at for one in urges}
    strong = [one.at for one in urges if one.rating >= STRONG]
    slots = _slots(strong)
    if len(slots) < INSIDE:
        return []
    others = _slots(moment for moment in logged if moment not in moments)
    hours = Counter(at.weekday() * HOURS + at.hour for at in strong)
    return [
        Window(span.weekday, span.start, (span.start + span.length) % HOURS, sum(hours[hour] for hour in span.hours),
               len(strong), weeks, usual * len(strong) / len(slots))
        for span, weeks, usual in _found(slots, others)
    ]  # fmt: skip


def _slots(moments: Iterable[datetime]) -> set[Slot]:
    # Three urges in one half hour are one; so are the two that an hour has which comes twice.
    return {(at.date(), at.hour, at.minute // 30) for at in moments}


def _hour(slot: Slot) -> int:
    return slot[0].weekday() * HOURS + slot[1]


def _week(day: date) -> int:
    """A number for each calendar week, Monday to Sunday."""
    return (day.toordinal() - 1) // 7


def _found(strong: Collection[Slot], others: Collection[Slot]) -> Iterator[tuple[Span, int, float]]:
    """The clearest window; then, with its hours taken out, the next. Zhang et al. 2010, J Probab Stat 2010:642379."""
    taken: set[int] = set()
    for _ in range(AT_MOST):
        left = [[slot for slot in slots if _hour(slot) not in taken] for slots in (strong, others)]
        best = _clearest(Counts(left[0], left[1], AWAKE - len(taken)), taken)
        if best is None:
            return
        taken |= best[0].hours
        yield best


def _clearest(counts: Counts, taken: set[int]) -> tuple[Span, int, float] | None:
    # Only windows with enough in them are weighed, and only from the clearest on is it asked on which days.
    enough = (span for span in counts.holding(INSIDE) if taken.isdisjoint(span.hours))
    weighed = [(span, *_weigh(counts, span)) for span in enough]
    clear = sorted((each for each in weighed if each[1] >= CLEAR), key=lambda each: -each[1])
    for span, _, usual in clear:
        days = {span.day(slot) for slot in counts.slots if _hour(slot) in span.hours}
        weeks = len({_week(day) for day in days})
        if weeks >= WEEKS and (span.weekday is not None or len({day.weekday() for day in days}) >= MOST_DAYS):
            return span, weeks, usual
    return None


def _weigh(counts: Counts, span: Span) -> tuple[float, float]:
    """How clear a window is (0: not), and how many half hours with a strong urge are usual in it."""
    inside, total = counts.inside(span), counts.total
    share = _share(counts, span)
    usual = total * share
    unlike = _unlike(counts, span) / counts.uneven
    if inside < TIMES * usual or unlike < UNLIKE:
        return 0.0, usual
    clear = _evidence((inside, total - inside), (usual, total - usual)) / counts.uneven
    return clear if span.weekday is not None else min(clear, unlike), usual


def _share(counts: Counts, span: Span) -> float:
    """The share of strong urges that a window has at the base rate: of the hours awake, and more where more is usual.

    One weekday is held against the strong urges of these hours on the other days, and against how much more is logged
    in it than on other days; all days are held against what is logged in these hours.
    """
    clock = len(span.hours) / counts.awake
    if span.weekday is None:
        return clock * max(1.0, _times(counts.others_inside(span), counts.total_others * clock))
    inside, daily = counts.inside(span), counts.inside(span.daily)
    hours = _times(daily - inside, (counts.total - inside) * 6 * clock)
    logged = _times(counts.others_inside(span), counts.others_inside(span.daily) / 7, counts.days[span.weekday])
    return clock * max(1.0, hours) * max(1.0, logged)


def _times(count: float, expected: float, usual: float = 1.0) -> float:
    """How many times the expected, pulled toward what is usual."""
    return (LEAN * usual + count) / (LEAN + expected)


def _evidence(counts: Sequence[float], expected: Sequence[float]) -> float:
    """The log of the likelihood ratio of counts, against what was expected."""
    return fsum(count * log(count / usual) for count, usual in zip(counts, expected, strict=True) if count)


def _unlike(counts: Counts, span: Span) -> float:
    """How clearly more of the strong urges are inside than of what else was logged (0: not more, or nothing was)."""
    inside, total = counts.inside(span), counts.total
    others, total_others = counts.others_inside(span), counts.total_others
    if inside * total_others <= others * total:
        return 0.0
    share = (inside + others) / (total + total_others)
    expected = [every * part for every in (total, total_others) for part in (share, 1 - share)]
    return _evidence((inside, total - inside, others, total_others - others), expected)


def _uneven(slots: Iterable[Slot], weeks: int) -> float:
    """How much more than by chance strong urges come together: 1 or more. Wedderburn 1974, Biometrika 61:439.

    Variance over mean, across weeks, of the count in each quarter of each weekday. A bad day weighs less.
    """
    blocks: dict[Hashable, Counter[int]] = defaultdict(Counter)
    for day, hour, _ in slots:
        blocks[day.weekday(), hour // QUARTER][_week(day)] += 1
    totals = [block.total() for block in blocks.values()]
    if weeks < 2 or not totals:
        return 1.0
    squares = sum(count**2 for block in blocks.values() for count in block.values())
    variance = (squares - sum(total**2 for total in totals) / weeks) / (weeks - 1)
    return max(1.0, variance * weeks / sum(totals))
