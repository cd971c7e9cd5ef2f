"""Why a coach should look today: every rule that raises a flag. Pure: plain values in, flags out.

The rules, their levels and what they start with are those of the clinical design; each says where it comes from. Only
what the participant shares may be handed in. Days are local days. Only a person clears a flag; here one is only raised.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import fmean, median
from typing import Literal, NamedTuple, get_args

from app.content.phrases import heard

Level = Literal["urgent", "high", "medium", "low"]
LEVELS: tuple[Level, ...] = get_args(Level)
Course = Literal["mood", "urge"]

DAY = timedelta(days=1)
FEW = 5  # nights


def _(sentence: str) -> str:
    """Marks a sentence for translation, as in app.forms, which knows of requests."""
    return sentence


class Rule(NamedTuple):
    level: Level
    reason: str
    action: str


RULES: Mapping[str, Rule] = {
    "safety-answer": Rule(
        "urgent",
        _("On the PHQ-9: thoughts of being better off dead or of self-harm, “%(answer)s”."),
        _("Call now. Ask about safety, and open the safety plan together."),
    ),
    "self-harm": Rule(
        "urgent",
        _("Words in a shared entry may be about self-harm."),
        _("Read it now, then call."),
    ),
    "call-me": Rule("urgent", _("Asked for a call."), _("Call back as soon as you can.")),
    "return-to-use": Rule(
        "high",
        _("Told of a return to use."),
        _("Reply with warmth. Talk about overdose safety and the next session."),
    ),
    "strong-urge": Rule(
        "high",
        _("An urge of %(urge)d out of 10."),
        _("Ask how it is now, and what has helped before."),
    ),
    "bam-use": Rule(
        "high",
        _("BAM: Use is %(points)d. From %(limit)d on it calls for a closer look."),
        _("Ask about the days of use, and whether the plan or the level of care still fits."),
    ),
    "quiet": Rule("medium", _("Nothing logged for %(days)d program days."), _("Send a short hello, or call.")),
    "missed-session": Rule(
        "medium",
        _("Was not at the session on %(day)s, and sent no word."),
        _("Call, and say that the place is kept."),
    ),
    "low-mood": Rule(
        "medium",
        _("Mood at the lowest for %(days)d days running."),
        _("Ask about these days, and think of a PHQ-9."),
    ),
    "bam-risk": Rule(
        "medium",
        _("BAM: Risk is %(points)d. From %(limit)d on it calls for a closer look."),
        _("Look at the answers one by one, and pick one to work on."),
    ),
    "bam-protective": Rule(
        "medium",
        _("BAM: Protective is %(points)d. Down from %(limit)d it calls for a closer look."),
        _("Look for one support to add this week."),
    ),
    "phq-rise": Rule(
        "medium",
        _("PHQ-9 went up by %(points)d, from %(before)d to %(after)d."),
        _("Ask about mood and safety. Think of a medical review."),
    ),
    "mood-off-course": Rule(
        "medium",
        _("Mood is lower than in their own last four weeks: %(now).1f, usually %(usual).1f."),
        _("Ask what has changed."),
    ),
    "urge-off-course": Rule(
        "medium",
        _("Urges are stronger than in their own last four weeks: %(now).1f, usually %(usual).1f."),
        _("Ask what has changed."),
    ),
    "short-sleep": Rule(
        "low",
        _("Less than %(hours)d hours of sleep in %(nights)d of the last five nights."),
        _("Ask about sleep, and offer a skill for the night."),
    ),
    "missed-doses": Rule(
        "low",
        _("Doses not taken on %(days)d days running."),
        _("Ask what gets in the way. Tell the prescriber if it goes on."),
    ),
    "overdue": Rule("low", _("An assignment was due on %(day)s."), _("Ask if it still fits, or set a new day.")),
}

# No rules: a coach who wants somebody looked at, and what is told of a flag whose cause was taken back.
BY_HAND, WITHDRAWN = "by-hand", "withdrawn"
_SAID: Mapping[str, Rule] = {
    **RULES,
    BY_HAND: Rule("medium", _("Flagged by a coach."), _("Read the note, then decide together.")),
    WITHDRAWN: Rule("medium", _("What this was about is not shared any more."), _("Ask how it is going now.")),
}


@dataclass(frozen=True)
class Limits:
    """From where on the rules speak. A program may set its own; these are what it starts with.

    Urge 0–10, mood 1–5 (the mean of a day: 1.5 rounds to the lowest), sleep in hours, BAM and PHQ-9 in points.
    `off_course` is a robust z; `fewest` are the days that must be known before somebody has a course.
    """

    urge: int = 8
    bam_use: int = 1
    bam_risk: int = 12
    bam_protective: int = 12
    phq_rise: int = 5
    quiet_days: int = 3
    low_mood: float = 1.5
    low_mood_days: int = 3
    sleep_hours: int = 5
    sleep_nights: int = 3
    dose_days: int = 2
    off_course: float = 2.5
    fewest: int = 10


DEFAULT = Limits()


@dataclass(frozen=True)
class Reason:
    """One reason, for one cause: `key` is the cause, the same for the same cause whenever it is looked at."""

    rule: str
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        return _SAID[self.rule].level

    @property
    def action(self) -> str:
        """What to do next, in English, marked for translation."""
        return _SAID[self.rule].action

    @property
    def sentence(self) -> str:
        """What it says, in English, marked for translation, with places for what `said` gives."""
        return _SAID[self.rule].reason

    def said(self, day: Callable[[date], str] = str) -> dict[str, object]:
        """The facts; `day`: how a day is said."""
        return {name: day(fact) if isinstance(fact, date) else fact for name, fact in self.facts.items()}

    def reason(self, translate: Callable[[str], str] = str, day: Callable[[date], str] = str) -> str:
        """In the reader's words: how a sentence is translated and how a day is said, they know."""
        return translate(self.sentence) % self.said(day)


def fresh(found: Iterable[Reason], keys: Collection[str] = (), open_rules: Collection[str] = ()) -> list[Reason]:
    """Those to raise, most urgent first: each for a cause that was never flagged, and of a rule that is not open.

    What is urgent is raised for each cause, also while another is open: who is at work on one must hear of the next.
    """
    new = {flag.key: flag for flag in found if flag.key not in keys}
    raised: dict[str, Reason] = {}
    for flag in sorted(new.values(), key=lambda one: LEVELS.index(one.level)):
        if flag.level == "urgent":
            raised[flag.key] = flag
        elif flag.rule not in open_rules:
            raised.setdefault(flag.rule, flag)
    return list(raised.values())


# --- what somebody says: raised with it, in one transaction. `id` is that of the entry, the result or the request.


def safety_answer(id: str, points: int, answer: str) -> Reason | None:
    """PHQ-9, item 9, above 0, whatever the total (Kroenke 2001); `answer` is the option that was chosen."""
    return Reason("safety-answer", f"safety-answer:{id}", {"answer": answer}) if points > 0 else None


def self_harm(id: str, words: str) -> Reason | None:
    """Words of the list that are clear. For the others help is shown and nobody is alarmed (see `shows_help`)."""
    found = heard(words)
    return Reason("self-harm", f"self-harm:{id}") if found and found.clear else None


def shows_help(words: str) -> bool:
    """Whether words gently bring help onto the page: private ones too, and those that are not clear."""
    return heard(words) is not None


def call_me(id: str) -> Reason:
    """“I need someone to call me.”"""
    return Reason("call-me", f"call-me:{id}")


def return_to_use(day: date, used: bool | None) -> Reason | None:
    """Told in a check-in or as a setback; both on one day are one return. None: nothing was said."""
    return Reason("return-to-use", f"return-to-use:{day}") if used else None


def strong_urge(id: str, urge: int | None, limits: Limits = DEFAULT) -> Reason | None:
    if urge is None or urge < limits.urge:
        return None
    return Reason("strong-urge", f"strong-urge:{id}", {"urge": urge})


def bam(id: str, use: int, risk: int, protective: int, limits: Limits = DEFAULT) -> list[Reason]:
    """Where the VA's guide to the BAM-IOP asks for a closer look: Use ≥ 1, Risk ≥ 12, Protective ≤ 12."""
    asked = (
        ("bam-use", use, limits.bam_use, use >= limits.bam_use),
        ("bam-risk", risk, limits.bam_risk, risk >= limits.bam_risk),
        ("bam-protective", protective, limits.bam_protective, protective <= limits.bam_protective),
    )
    return [Reason(rule, f"{rule}:{id}", {"points": n, "limit": limit}) for rule, n, limit, met in asked if met]


def phq_rise(id: str, before: int | None, after: int, limits: Limits = DEFAULT) -> Reason | None:
    """5 points are a change that matters (Löwe et al. 2004, Med Care 42:1194). None: there is no one before."""
    if before is None or after - before < limits.phq_rise:
        return None
    return Reason("phq-rise", f"phq-rise:{id}", {"points": after - before, "before": before, "after": after})


# --- what goes on: looked at after each entry and by the clock


def quiet(last: date, days: int, limits: Limits = DEFAULT) -> Reason | None:
    """`days` are the whole program days after the last day with an entry, today not counted: it is not over."""
    return Reason("quiet", f"quiet:{last}", {"days": days}) if days >= limits.quiet_days else None


def missed_session(id: str, day: date, word: bool) -> Reason | None:
    """A session that is over and was not attended. `word`: they said that they would be away, before or after."""
    return None if word else Reason("missed-session", f"missed-session:{id}", {"day": day})


def low_mood(moods: Mapping[date, float], today: date, limits: Limits = DEFAULT) -> Reason | None:
    """The mean mood of each day that has one. A day without one ends the run: of it nothing is known."""
    if moods.get(today, limits.low_mood) > limits.low_mood:
        return None
    low = run((day for day, mood in moods.items() if mood <= limits.low_mood), today)
    return Reason("low-mood", f"low-mood:{low[0]}", {"days": len(low)}) if len(low) >= limits.low_mood_days else None


def short_sleep(hours: Mapping[date, float], today: date, limits: Limits = DEFAULT) -> Reason | None:
    """So many short nights among the last five: people do not log each night, and one better night ends nothing."""
    short = run((day for day, slept in hours.items() if slept < limits.sleep_hours), today, apart=FEW)
    nights = sum(day > today - FEW * DAY for day in short)
    if nights < limits.sleep_nights:
        return None
    return Reason("short-sleep", f"short-sleep:{short[0]}", {"hours": limits.sleep_hours, "nights": nights})


def missed_doses(days: Iterable[date], today: date, limits: Limits = DEFAULT) -> Reason | None:
    """Days on which a dose that was due was not taken."""
    missed = run(days, today)
    if len(missed) < limits.dose_days:
        return None
    return Reason("missed-doses", f"missed-doses:{missed[0]}", {"days": len(missed)})


def overdue(id: str, due: date, today: date) -> Reason | None:
    """An assignment that is not done; on its day it is not overdue."""
    return Reason("overdue", f"overdue:{id}", {"day": due}) if today > due else None


def run(days: Iterable[date], today: date, apart: int = 1) -> list[date]:
    """The days of a run that reaches today, or yesterday while today has nothing yet, none further apart than that."""
    found: list[date] = []
    for day in sorted({day for day in days if day <= today}, reverse=True):
        if ((found[-1] if found else today) - day).days > apart:
            break
        found.append(day)
    return found[::-1]


# --- off their own course

WEEKS_BACK = 28  # days
LATELY = 3  # days with a value, of the last four
# The standard deviation of a normal is 1.4826 of its median deviation (Rousseeuw & Croux 1993, JASA 88:1273), and
# 1.2533 of its mean deviation.
NORMAL, NORMAL_MEAN = 1.4826, 1.2533
# Nobody is steadier than a scale can show: half a point of mood, a point of urge.
STEADIEST: Mapping[Course, float] = {"mood": 0.5, "urge": 1.0}


def off_course(what: Course, values: Mapping[date, float], today: date, limits: Limits = DEFAULT) -> Reason | None:
    """The median of the last three days against the 28 before them. Only what is worse is told, once a week.

    Three days and not one, as single days of ratings jump. None also while too few days are known.
    """
    lately = _known(values, today - DAY * LATELY, today)
    before = _known(values, today - DAY * (LATELY + WEEKS_BACK), today - DAY * (LATELY + 1))
    if len(lately) < LATELY or len(before) < limits.fewest:
        return None
    now, usual = median(lately), median(before)
    worse = usual - now if what == "mood" else now - usual
    if worse / spread(before, STEADIEST[what]) < limits.off_course:
        return None
    year, week, _day = today.isocalendar()
    return Reason(f"{what}-off-course", f"{what}-off-course:{year}-{week}", {"now": now, "usual": usual})


def spread(values: Sequence[float], least: float) -> float:
    """A robust standard deviation: the median distance from the median, as if the values were normal.

    Where more than half are alike that is 0, and the mean distance stands in: Iglewicz & Hoaglin 1993.
    """
    middle = median(values)
    distances = [abs(value - middle) for value in values]
    return max(NORMAL * median(distances) or NORMAL_MEAN * fmean(distances), least)


def _known(values: Mapping[date, float], first: date, last: date) -> list[float]:
    return [value for day, value in sorted(values.items()) if first <= day <= last]
