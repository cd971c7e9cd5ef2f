"""How well the flags do: made people whose truth is known, day by day, with the rules as they stand.

`python -m bench.flags` prints a line for each figure, as `make figures` does. Everything is made from seeds that are
names, so the same code prints the same rates. What they mean: docs/decisions/0023-measures-and-flags.md.

What is true of somebody is a spell: a return to use, a crisis, a downturn, craving, sleepless nights, drawing back. A
spell is found when a flag that fits it is raised while it lasts, or in the three days after. A flag outside of all
spells is false, also when the number in it was really given: a bad day of somebody who is well.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from app.models import rules
from app.models.rules import DEFAULT, Limits, Reason

PEOPLE, WEEKS, CASELOAD = 1000, 8, 40
MONDAY = date(2026, 1, 5)
PROGRAM_DAYS = (0, 1, 2, 3, 4)
SESSIONS = (0, 2, 4)
FIRST = 14  # days in which a person is well, as they are when a course is learnt
SEEN = 2  # days until a coach clears a flag
AFTER, LOOKS_BACK = 3, 7  # days after a spell in which it may still be told of, and in which a measure does
Figure = tuple[str, float, str, int]


class Kind(NamedTuple):
    """A spell: how often in a person's week it starts, how long it lasts, what changes, and which flags fit."""

    weekly: float
    days: tuple[int, int]
    fits: frozenset[str]
    mood: float = 0.0
    urge: float = 0.0
    sleep: float = 0.0
    phq: float = 0.0


KINDS = {
    "return to use": Kind(0.03, (1, 4), frozenset({"return-to-use", "strong-urge", "bam-use", "urge-off-course"}),
                          mood=-0.6, urge=3),
    "crisis": Kind(0.015, (2, 7), frozenset({"self-harm", "safety-answer", "call-me"}), mood=-1.3, phq=6),
    "downturn": Kind(0.025, (7, 16), frozenset({"mood-off-course", "low-mood", "phq-rise"}), mood=-1.3, phq=6),
    "craving": Kind(0.03, (4, 9), frozenset({"strong-urge", "urge-off-course", "bam-risk"}), mood=-0.3, urge=4),
    "sleepless": Kind(0.02, (4, 10), frozenset({"short-sleep", "mood-off-course"}), mood=-0.5, sleep=-2.8),
    "drawing back": Kind(0.02, (5, 14), frozenset({"quiet", "missed-session"}), mood=-0.4),
}  # fmt: skip

# Not those of the list's own tests: some say it plainly, some so that no list can hear it.
SAID = (
    "I just want to die.", "Me quiero morir, en serio.", "been thinking of ending my life",
    "everyone is better off without me",
    "I keep thinking about killing myself", "No quiero vivir más.", "no reason to live anymore",
    "I hurt myself again last night",
    "I am so tired of all of this.", "What is the point of anything.", "Ya no sirvo para nada.",
    "I wrote my goodbye letters.",
)  # fmt: skip
ELSE = (
    "Good day. Group was about death and loss, my uncle died last year.", "Work was hard but I got through.",
    "I don't want to die young like my dad, so I keep going.", "My feet are killing me. Slept ok.",
    "Hoy me reí, casi me muero de risa.", "Want to take my life back.", "Told my sister I would never kill myself.",
)  # fmt: skip


@dataclass(frozen=True)
class Spell:
    kind: str
    start: date
    end: date

    def on(self, day: date) -> bool:
        return self.start <= day <= self.end

    def near(self, day: date, rule: str = "") -> bool:
        after = LOOKS_BACK if rule.startswith(("bam", "phq")) else AFTER
        return self.start <= day <= self.end + timedelta(days=after)


@dataclass
class Person:
    """What they are like, what comes over them, what they log, and the flags that were raised."""

    mood: float
    urge: float
    sleep: float
    phq: float
    protective: float
    logs: float
    spells: list[Spell] = field(default_factory=list)
    moods: dict[date, float] = field(default_factory=dict)
    urges: dict[date, float] = field(default_factory=dict)
    slept: dict[date, float] = field(default_factory=dict)
    skipped: set[date] = field(default_factory=set)
    last: date = MONDAY
    phq_before: int | None = None
    raised: list[tuple[date, Reason]] = field(default_factory=list)

    def now(self, day: date, kind: str) -> bool:
        return any(spell.on(day) for spell in self.spells if spell.kind == kind)

    def shift(self, day: date, what: str) -> float:
        return sum(getattr(KINDS[spell.kind], what) for spell in self.spells if spell.on(day))


def person(chance: random.Random) -> Person:
    made = Person(
        mood=chance.gauss(3.4, 0.5), urge=chance.uniform(0, 4), sleep=chance.gauss(7, 0.6),
        phq=chance.uniform(2, 14), protective=chance.gauss(16.5, 2.2), logs=chance.uniform(0.55, 0.95),
    )  # fmt: skip
    free = MONDAY + timedelta(days=FIRST)
    while free < MONDAY + timedelta(weeks=WEEKS):
        kind = next((name for name, one in KINDS.items() if chance.random() < one.weekly / 7), None)
        if kind:
            end = free + timedelta(days=chance.randint(*KINDS[kind].days) - 1)
            made.spells.append(Spell(kind, free, end))
            free = end + timedelta(days=AFTER)
        free += timedelta(days=1)
    return made


def live(chance: random.Random, one: Person, limits: Limits) -> None:
    """Their days, one after the other; each ends with what the clock finds."""
    drift = 0.0
    for n in range(7 * WEEKS):
        day = MONDAY + timedelta(days=n)
        drift = 0.5 * drift + chance.gauss(0, 0.5)
        found = [*_sessions(chance, one, day), *_doses(chance, one, day, limits)]
        if chance.random() < one.logs * (0.03 if one.now(day, "drawing back") else 1):
            found += _checks_in(chance, one, day, drift, limits)
        if day.weekday() == 6 and chance.random() < (0.1 if one.now(day, "drawing back") else 0.8):
            found += _measures(chance, one, day, limits)
        whole = sum((one.last + timedelta(days=k)).weekday() in PROGRAM_DAYS for k in range(1, (day - one.last).days))
        found += [flag for flag in [rules.quiet(one.last, whole, limits)] if flag]
        _raise(one, day, found)


def _checks_in(chance: random.Random, one: Person, day: date, drift: float, limits: Limits) -> list[Reason]:
    one.last = day
    one.moods[day] = _rating(one.mood + drift + one.shift(day, "mood") + chance.gauss(0, 0.4), 1, 5)
    one.urges[day] = _rating(one.urge - drift + one.shift(day, "urge") + chance.gauss(0, 1.0), 0, 10)
    one.slept[day] = _rating(one.sleep + one.shift(day, "sleep") + chance.gauss(0, 0.9), 0, 12)
    told = one.now(day, "return to use") and chance.random() < 0.7
    found = [
        rules.strong_urge(str(day), int(one.urges[day]), limits), rules.return_to_use(day, told),
        rules.self_harm(str(day), _words(chance, one, day)), rules.low_mood(one.moods, day, limits),
        rules.short_sleep(one.slept, day, limits), rules.off_course("mood", one.moods, day, limits),
        rules.off_course("urge", one.urges, day, limits),
        rules.call_me(str(day)) if one.now(day, "crisis") and chance.random() < 0.1 else None,
    ]  # fmt: skip
    return [flag for flag in found if flag]


def _words(chance: random.Random, one: Person, day: date) -> str:
    if one.now(day, "crisis") and chance.random() < 0.5:
        return chance.choice(SAID)
    return chance.choice(ELSE) if chance.random() < 0.4 else ""


def _sessions(chance: random.Random, one: Person, day: date) -> list[Reason]:
    """Most come; most of those who do not send word; who draws back does neither."""
    back = one.now(day, "drawing back")
    if day.weekday() not in SESSIONS or chance.random() < (0.2 if back else 0.94):
        return []
    return [flag for flag in [rules.missed_session(str(day), day, chance.random() < (0.2 if back else 0.85))] if flag]


def _doses(chance: random.Random, one: Person, day: date, limits: Limits) -> list[Reason]:
    if chance.random() < 0.03:
        one.skipped.add(day)
    return [flag for flag in [rules.missed_doses(one.skipped, day, limits)] if flag]


def _measures(chance: random.Random, one: Person, day: date, limits: Limits) -> list[Reason]:
    one.last = day
    after = int(_rating(one.phq + one.shift(day, "phq") + chance.gauss(0, 1.4), 0, 27))
    rise, one.phq_before = rules.phq_rise(str(day), one.phq_before, after, limits), after
    nine = int(one.now(day, "crisis") and chance.random() < 0.8)
    week = [day - timedelta(days=n) for n in range(7)]
    use = min(4, sum(one.now(then, "return to use") for then in week)) * (chance.random() < 0.8)
    risk = int(_rating(5 + one.urge / 2 + 1.5 * one.shift(day, "urge") + chance.gauss(0, 1.5), 0, 24))
    shield = int(_rating(one.protective + chance.gauss(0, 1), 0, 24))
    found = [rise, rules.safety_answer(str(day), nine, "Several days"), *rules.bam(str(day), use, risk, shield, limits)]
    return [flag for flag in found if flag]


def _rating(value: float, low: int, high: int) -> float:
    return float(min(max(round(value), low), high))


def _raise(one: Person, day: date, found: list[Reason]) -> None:
    keys = {flag.key for _, flag in one.raised}
    still = {flag.rule for then, flag in one.raised if (day - then).days < SEEN}
    one.raised += [(day, flag) for flag in rules.fresh(found, keys, still)]


# --- how often they are right


@dataclass
class Outcome:
    """Of so many people: their spells, those found, by kind; their flags, and those outside of all spells, by rule."""

    people: int
    spells: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)

    @property
    def sensitivity(self) -> float:
        return self.found.total() / self.spells.total()

    def per_coach_day(self, flags: int) -> float:
        """On a program day, for 40 participants."""
        return flags * CASELOAD / (self.people * WEEKS * len(PROGRAM_DAYS))

    def add(self, one: Person) -> None:
        self.flags.update(flag.rule for _, flag in one.raised)
        self.false.update(flag.rule for day, flag in one.raised if _is_false(one, day, flag.rule))
        for spell in one.spells:
            fits = KINDS[spell.kind].fits
            self.spells[spell.kind] += 1
            self.found[spell.kind] += any(flag.rule in fits and spell.near(day) for day, flag in one.raised)


def _is_false(one: Person, day: date, rule: str) -> bool:
    # Whoever has few supports is told of by the BAM, and that is true all the time.
    if rule == "bam-protective" and one.protective < 13:
        return False
    return not any(spell.near(day, rule) for spell in one.spells)


def outcome(seed: str, limits: Limits = DEFAULT, people: int = PEOPLE) -> Outcome:
    chance, told = random.Random(seed), Outcome(people)
    for _ in range(people):
        one = person(chance)
        live(chance, one, limits)
        told.add(one)
    return told


def figures() -> Iterator[Figure]:
    """Name, value, unit, n."""
    told, again, weeks = outcome("cohort"), outcome("cohort again"), PEOPLE * WEEKS
    alarms = told.per_coach_day(told.false.total())
    yield "flags_sensitivity", round(told.sensitivity, 3), "of true spells", told.spells.total()
    yield "flags_false_per_coach_day", round(alarms, 2), "(40 participants)", weeks
    yield "  sensitivity, other people", round(again.sensitivity, 3), "", again.spells.total()
    yield "  false per coach day, other people", round(again.per_coach_day(again.false.total()), 2), "", weeks
    yield "  flags per coach day, true and false", round(told.per_coach_day(told.flags.total()), 2), "", weeks
    for kind, n in told.spells.most_common():
        yield f"  found, {kind}", round(told.found[kind] / n, 2), "", n
    for rule, n in told.false.most_common():
        yield f"  false per coach day, {rule}", round(told.per_coach_day(n), 3), "", weeks


if __name__ == "__main__":
    for name, value, unit, n in figures():
        print(f"{name} = {value:.10g} {unit}".rstrip() + f" (n = {n})", flush=True)
