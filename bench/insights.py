"""How well "what works for me" and the risky windows do: made people whose truth is known, and the time it takes.

`python -m bench.insights` prints a line for each figure, as `make figures` does. Everything is made from seeds that are
the names of what is made, so the same code prints the same rates. What they mean:
docs/decisions/0016-what-works-for-me.md.
"""

import gc
import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from cProfile import Profile
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from app.models.insights import Tried, Urge, Window, tools, trigger_maps, urge_map, windows, works

MONDAY = datetime(2026, 1, 5)
PEOPLE = 1000
TIMES = 7
TRIGGERS = ("stress", "bored", None)
Made = tuple[list[Urge], list[datetime]]
Figure = tuple[str, float, str, int]


# --- people, and when they have urges and log

AWAKE = [0.0] * 7 + [1.0] * 16 + [0.0]
EVENING = [0.0] * 19 + [1.0] * 4 + [0.0]
LONG_DAY = [0.0] * 9 + [1.0] * 14 + [0.0]
AT_EIGHT = [float(hour == 20) for hour in range(24)]
# Swells to 1.8 times the mean at eight in the evening.
SWELLING = [AWAKE[hour] * (1 + 0.8 * math.cos((hour - 20) / 12 * math.pi)) for hour in range(24)]


@dataclass(frozen=True)
class Life:
    """How urges and other entries come. Weights are of the 24 hours; rates are strong urges, others, a day."""

    urges: list[float]
    others: list[float]
    weekend: list[float] | None = None  # both, on Saturdays and Sundays
    fridays: float = 1.0  # as many times as much of both
    groups: bool = False  # most is logged in sessions: Monday, Wednesday and Friday, nine to twelve
    hard_days: bool = False  # rates that differ from day to day: a gamma of shape ½
    fading: bool = False  # from twice the rate to none
    burst: int = 1  # so many strong urges at a time,
    within: float = 1.0  # within so many hours

    def hours(self, day: int) -> tuple[list[float], list[float]]:
        if self.groups and day % 7 in (0, 2, 4):
            session = [1 + 8.0 * (9 <= hour < 12) if weight else 0 for hour, weight in enumerate(AWAKE)]
            return session, session
        return (self.weekend, self.weekend) if self.weekend and day % 7 >= 5 else (self.urges, self.others)


# Nobody here has a risky window.
NOISE = {
    "waking": Life(AWAKE, AWAKE),
    "round the clock": Life([1.0] * 24, [1.0] * 24),
    "swelling": Life(SWELLING, SWELLING),
    "evening logger": Life(EVENING, EVENING),
    "check-in at eight": Life(AWAKE, AT_EIGHT),
    "weekends all day, else evenings": Life(EVENING, EVENING, weekend=LONG_DAY),
    "logs on Fridays": Life(AWAKE, AWAKE, fridays=4.5),
    "logs in groups": Life(AWAKE, AWAKE, groups=True),
    "hard days": Life(AWAKE, AWAKE, hard_days=True),
    "three in an hour": Life(AWAKE, AWAKE, burst=3),
    "five in three hours": Life(AWAKE, AWAKE, burst=5, within=3),
    "fading": Life(AWAKE, AWAKE, fading=True),
}
# Urges swell toward the evening, and logging does not: what is said of their evenings is true, if not of one weekday.
HALF_TRUE = Life(SWELLING, AT_EIGHT)


@dataclass(frozen=True)
class Risk:
    """A true window: there strong urges come so many times as often as in the other waking hours."""

    times: float
    weekday: int | None = 4
    start: int = 17
    length: int = 3

    def on(self, day: int) -> bool:
        return self.weekday in (None, day % 7)


def person(
    chance: random.Random, life: Life, weeks: int, strong: float, others: float, risk: Risk | None = None
) -> Made:
    """Urges (as many weak ones as strong ones) and every moment of logging of so many weeks."""
    urges: list[Urge] = []
    logged: list[datetime] = []
    for day in range(7 * weeks):
        when, when_others = life.hours(day)
        rate = strong * _factor(chance, life, day, 7 * weeks)
        starts = _moments(chance, day, when, rate / life.burst)
        urges += [_urge(chance, at, life.within) for at in starts for _ in range(life.burst)]
        urges += [Urge(at, chance.randint(1, 6)) for at in _moments(chance, day, when, rate)]
        if risk and risk.on(day):
            inside = [float(risk.start <= hour < risk.start + risk.length) for hour in range(24)]
            more = strong * (risk.times - 1) * risk.length / 16
            urges += [Urge(at, chance.randint(7, 10)) for at in _moments(chance, day, inside, more)]
        logged += _moments(chance, day, when_others, others * _fridays(life, day))
    return urges, logged + [one.at for one in urges]


def anybody(chance: random.Random, life: Life) -> Made:
    """4 to 16 weeks, a third of a strong urge to 4 a day, half an entry to 4 a day besides."""
    strong = math.exp(chance.uniform(math.log(0.3), math.log(4)))
    return person(chance, life, chance.choice([4, 6, 8, 8, 12, 16]), strong, chance.uniform(0.5, 4))


def _urge(chance: random.Random, at: datetime, within: float) -> Urge:
    # Alone it is where it is; of a burst, they follow in the hours after.
    return Urge(at + timedelta(hours=chance.random() * within), chance.randint(7, 10))


def _factor(chance: random.Random, life: Life, day: int, days: int) -> float:
    hard = chance.gammavariate(0.5, 2) if life.hard_days else 1.0
    return hard * _fridays(life, day) * (2 * (1 - day / days) if life.fading else 1.0)


def _fridays(life: Life, day: int) -> float:
    return (life.fridays if day % 7 == 4 else 1.0) * 7 / (6 + life.fridays)


def _moments(chance: random.Random, day: int, weights: list[float], rate: float) -> list[datetime]:
    hours = chance.choices(range(24), weights, k=_poisson(chance, rate)) if rate else []
    return [MONDAY + timedelta(days=day, hours=hour, minutes=chance.randrange(60)) for hour in hours]


def _poisson(chance: random.Random, rate: float) -> int:
    count, passed = 0, chance.expovariate(1)
    while passed < rate:
        count, passed = count + 1, passed + chance.expovariate(1)
    return count


# --- how often it is right


def false_alarms(life: Life, people: int, seed: str, said: Callable[[Window], bool] = bool) -> float:
    """The share of people who are told of a window."""
    chance = random.Random(seed)
    return sum(any(map(said, windows(*anybody(chance, life)))) for _ in range(people)) / people


def checked_in(chance: random.Random, weeks: int, taken: bool) -> Made:
    """Somebody without a window, who also checks in at about eight on most evenings, now and then with a strong urge.

    `taken`: the ratings of check-ins are taken for urges; else check-ins are something else that was logged (0020).
    """
    urges, logged = person(chance, NOISE["waking"], weeks, math.exp(chance.uniform(math.log(0.3), math.log(4))), 2)
    share = chance.uniform(0.1, 0.6)
    evenings = [day for day in range(7 * weeks) if chance.random() < 0.8]
    at = [MONDAY + timedelta(days=day, hours=20, minutes=chance.randrange(60)) for day in evenings]
    ratings = [chance.randint(7, 10) if chance.random() < share else chance.randint(0, 6) for _ in at]
    rated = [Urge(*each) for each in zip(at, ratings, strict=True) if each[1]]
    return (urges + rated if taken else urges), logged + at


def alarms_of_check_ins(people: int, taken: bool) -> float:
    """The share of them who are told of a window."""
    chance = random.Random("check-ins")
    return sum(bool(windows(*checked_in(chance, chance.choice([4, 8, 12]), taken))) for _ in range(people)) / people


def is_right(window: Window, risk: Risk) -> bool:
    """The same weekday, and all but an hour of what is true in it."""
    hours = {(window.start + n) % 24 for n in range((window.end - window.start) % 24)}
    true = {(risk.start + n) % 24 for n in range(risk.length)}
    return window.weekday == risk.weekday and len(true & hours) >= risk.length - 1


def power(risk: Risk, people: int, weeks: int = 8, strong: float = 2.0, others: float = 2.0) -> float:
    """The share of people with a window whose clearest window is the right one."""
    chance = random.Random(f"{risk} {weeks} {strong} {others}")
    told = (windows(*person(chance, NOISE["waking"], weeks, strong, others, risk)) for _ in range(people))
    return sum(bool(found) and is_right(found[0], risk) for found in told) / people


SKILLS = ("walk", "breathe", "call", "music", "write")
HERE = dict.fromkeys(SKILLS, (0.0, 0.0))


@dataclass(frozen=True)
class Gain:
    """One skill that takes off so many points more, and is used at starts so much higher or lower than the others."""

    more: float
    higher: float = 0.0
    logs: int = 40
    slope: float = 0.5

    def logged(self, chance: random.Random) -> tuple[str, list[Tried]]:
        best = chance.choice(SKILLS)
        return best, [self.one(chance, chance.choice(SKILLS), best, day) for day in range(self.logs)]

    def one(self, chance: random.Random, skill: str, best: str, day: int) -> Tried:
        before = _rating(chance.gauss(6.5 + self.higher * (skill == best), 1.7), 1)
        change = 2 + self.slope * (before - 6.5) + self.more * (skill == best) + chance.gauss(0, 2)
        return Tried(skill, None, before, _rating(before - change, 0), MONDAY + timedelta(days=day))


def _rating(value: float, least: int) -> int:
    return min(max(round(value), least), 10)


def first_right(gain: Gain, people: int) -> tuple[float, float]:
    """How often the right skill comes first: here, and by the plain mean of those with 3 logs."""
    chance = random.Random(str(gain))
    made = [gain.logged(chance) for _ in range(people)]
    ours = sum(works(logs, HERE)[0].skill == best for best, logs in made)
    return ours / people, sum(_plain(logs) == best for best, logs in made) / people


def _plain(logs: list[Tried]) -> str:
    changes = {skill: [one.change for one in logs if one.skill == skill] for skill in SKILLS}
    return max(SKILLS, key=lambda skill: fmean(changes[skill]) if len(changes[skill]) >= 3 else -10)


# --- how long it takes


def rows(count: int) -> tuple[list[Tried], list[Urge], list[datetime]]:
    """So many entries over two years: a third practices, a third urges, a third others."""
    chance, third = random.Random(count), count // 3
    at = [MONDAY + timedelta(minutes=chance.randrange(2 * 365 * 24 * 60)) for _ in range(count)]
    made = Gain(1.5, logs=third).logged(chance)[1]
    tried = [one._replace(at=moment, trigger=chance.choice(TRIGGERS)) for one, moment in zip(made, at, strict=False)]
    urges = [Urge(moment, chance.randint(0, 10), chance.choice(TRIGGERS)) for moment in at[third : 2 * third]]
    return tried, urges, at


def milliseconds(count: int) -> float:
    """The median time for all that the pages show: by skill, by trigger, tools, maps and windows."""
    tried, urges, logged = rows(count)
    with _alone():
        return median(_took(tried, urges, logged) for _ in range(TIMES)) * 1000


def calls(count: int) -> int:
    """How many functions are called for it, ours and the interpreter's."""
    tried, urges, logged = rows(count)
    watch = Profile()
    watch.runcall(_took, tried, urges, logged)
    return sum(each.callcount for each in watch.getstats())


@contextmanager
def _alone() -> Iterator[None]:
    """As timeit does it: what else lies in the memory of this process is not looked through in between."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _took(tried: list[Tried], urges: list[Urge], logged: list[datetime]) -> float:
    began = time.process_time()
    works(tried, HERE), works(tried, HERE, "stress"), tools(tried, HERE, "stress")
    urge_map(urges), trigger_maps(urges), windows(urges, logged)
    return time.process_time() - began


# --- figures


def figures() -> Iterator[Figure]:
    """Name, value, unit, n."""
    for count in (3000, 30000):
        yield f"insights_ms_{count}_entries", round(milliseconds(count), 1), "ms", TIMES
    alarms = {name: false_alarms(life, PEOPLE, name) for name, life in NOISE.items()}
    yield "insights_false_alarm_rate", max(alarms.values()), "(the worst of the kinds)", PEOPLE
    yield "insights_window_power", power(Risk(6), PEOPLE), "(Fridays 5–8 pm, ×6, 8 weeks, 2 a day)", PEOPLE
    yield from ((f"  false alarms, {name}", rate, "", PEOPLE) for name, rate in alarms.items())
    yield from _more()


def _more() -> Iterator[Figure]:
    some = PEOPLE // 4
    half = false_alarms(HALF_TRUE, PEOPLE, "half true", lambda window: window.weekday is not None)
    yield "  false alarms of one weekday, urges swell and logging does not", half, "", PEOPLE
    for taken in (True, False):
        name = f"  false alarms, check-ins at eight {'' if taken else 'not '}taken for urges"
        yield name, alarms_of_check_ins(PEOPLE, taken), "", PEOPLE
    for strong in (0.5, 1, 2, 3):
        for times in (3, 4, 6, 8, 12):
            yield f"  power, {strong:g} strong a day, ×{times}, 8 weeks", power(Risk(times), some, 8, strong), "", some
    yield "  power, 2 strong a day, ×6, 12 weeks", power(Risk(6), some, 12), "", some
    yield "  power, 2 strong a day, ×3 on all days, 8 weeks", power(Risk(3, None, 20), some), "", some
    for gain in (Gain(1), Gain(1.5), Gain(1.5, higher=-2), Gain(0, higher=2), Gain(1.5, higher=-2, slope=0.2)):
        ours, plain = first_right(gain, PEOPLE)
        yield f"  right skill first ({gain})", ours, f"(by the plain mean {plain})", PEOPLE


if __name__ == "__main__":
    for name, value, unit, n in figures():
        print(f"{name} = {value:.10g} {unit}".rstrip() + f" (n = {n})", flush=True)
