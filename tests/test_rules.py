"""Every rule of the clinical design as a table: from where on it speaks, and where it does not."""

import ast
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.content import FOLDER, read
from app.content.instruments import instrument
from app.content.phrases import WrittenPhrases, heard
from app.models import rules, scores
from app.models.rules import DEFAULT, RULES, Limits, Reason, fresh
from bench.flags import ELSE, SAID, outcome
from tests.words import shaming

TODAY = date(2026, 11, 22)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def days(*values: float | None, last: int = 0) -> dict[date, float]:
    """One value a day, oldest first, up to `last` days ago; None: a day without."""
    found = {ago(last + n): value for n, value in enumerate(reversed(values))}
    return {day: value for day, value in found.items() if value is not None}


# Level and rule, as the design has them.
DESIGN = {
    "urgent": ["safety-answer", "self-harm", "call-me"],
    "high": ["return-to-use", "strong-urge", "bam-use"],
    "medium": ["quiet", "missed-session", "low-mood", "bam-risk", "bam-protective", "phq-rise", "mood-off-course",
               "urge-off-course"],
    "low": ["short-sleep", "missed-doses", "overdue"],
}  # fmt: skip


def test_the_rules_of_the_design_at_their_levels() -> None:
    found: dict[str, list[str]] = {level: [] for level in rules.LEVELS}
    for name, rule in RULES.items():
        found[rule.level].append(name)
    assert found == DESIGN
    assert list(found) == list(DESIGN)


def test_the_limits_are_those_of_the_design() -> None:
    assert Limits() == Limits(
        urge=8, bam_use=1, bam_risk=12, bam_protective=12, phq_rise=5, quiet_days=3, low_mood=1.5, low_mood_days=3,
        sleep_hours=5, sleep_nights=3, dose_days=2, off_course=2.5, fewest=10,
    )  # fmt: skip


def test_flags_are_pure() -> None:
    tree = ast.parse(Path(rules.__file__).read_text())
    names = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name for name in names if name.split(".")[0] not in sys.stdlib_module_names} == {"app.content.phrases"}


# --- from where on


@pytest.mark.parametrize(("points", "raised"), [(0, False), (1, True), (2, True), (3, True)])
def test_item_nine_above_nothing(points: int, raised: bool) -> None:
    """PHQ-9: Kroenke, Spitzer & Williams 2001."""
    flag = rules.safety_answer("x", points, "Several days")
    assert bool(flag) is raised
    assert not flag or flag.level == "urgent"


@pytest.mark.parametrize(("used", "raised"), [(True, True), (False, False), (None, False)])
def test_a_return_to_use_that_was_told(used: bool | None, raised: bool) -> None:
    assert bool(rules.return_to_use(TODAY, used)) is raised


@pytest.mark.parametrize(("urge", "raised"), [(None, False), (0, False), (7, False), (8, True), (10, True)])
def test_an_urge_of_eight(urge: int | None, raised: bool) -> None:
    assert bool(rules.strong_urge("x", urge)) is raised


BAM = [
    ((0, 11, 13), []),
    ((1, 0, 24), ["bam-use"]),
    ((12, 0, 24), ["bam-use"]),
    ((0, 12, 24), ["bam-risk"]),
    ((0, 0, 12), ["bam-protective"]),
    ((0, 0, 0), ["bam-protective"]),
    ((1, 12, 12), ["bam-use", "bam-risk", "bam-protective"]),
]


@pytest.mark.parametrize(("points", "raised"), BAM)
def test_where_the_bam_asks_for_a_closer_look(points: tuple[int, int, int], raised: list[str]) -> None:
    """The VA's guide to BAM-IOP scores."""
    assert [flag.rule for flag in rules.bam("x", *points)] == raised


def test_the_bam_file_and_the_rules_agree() -> None:
    bam = instrument("bam-iop", "en")
    assert bam
    marks = {mark.of: mark.at_least if mark.at_least is not None else mark.at_most for mark in bam.marks}
    assert marks == {"use": DEFAULT.bam_use, "risk": DEFAULT.bam_risk, "protective": DEFAULT.bam_protective}


@pytest.mark.parametrize(
    ("before", "after", "raised"),
    [(None, 27, False), (5, 5, False), (5, 9, False), (5, 10, True), (0, 27, True), (20, 10, False)],
)
def test_a_phq_that_rose_by_five(before: int | None, after: int, raised: bool) -> None:
    """5 points: Löwe et al. 2004, Med Care 42:1194."""
    assert bool(rules.phq_rise("x", before, after)) is raised


@pytest.mark.parametrize(("silent", "raised"), [(0, False), (2, False), (3, True), (30, True)])
def test_three_program_days_of_silence(silent: int, raised: bool) -> None:
    assert bool(rules.quiet(ago(5), silent)) is raised


@pytest.mark.parametrize(("word", "raised"), [(True, False), (False, True)])
def test_a_missed_session_with_no_word(word: bool, raised: bool) -> None:
    assert bool(rules.missed_session("x", ago(1), word)) is raised


@pytest.mark.parametrize(
    ("moods", "raised"),
    [
        (days(), False),
        (days(1, 1), False),
        (days(1, 1, 1), True),
        (days(1, 1, 1, last=1), True),  # today has nothing yet
        (days(1, 1, 1, last=2), False),  # and yesterday nothing either
        (days(1, 1, 1, 2), False),
        (days(2, 1, 1, 1), True),
        (days(1, None, 1, 1), False),
        (days(1.5, 1.5, 1.5), True),
        (days(1.5, 1.6, 1.5), False),
        (days(*[1] * 20), True),
    ],
)
def test_the_lowest_mood_three_days_running(moods: dict[date, float], raised: bool) -> None:
    assert bool(rules.low_mood(moods, TODAY)) is raised


@pytest.mark.parametrize(
    ("hours", "raised"),
    [
        (days(4, 4), False),
        (days(4, 4, 4), True),
        (days(5, 5, 5), False),
        (days(4, 4, 5), False),
        (days(4, 4, 5, 4), True),  # one better night ends nothing
        (days(4, None, 4, None, 4), True),
        (days(4, 4, 7, 7, 7, 4), False),
        (days(0, 0, 0, last=3), False),
    ],
)
def test_three_nights_of_less_than_five_hours(hours: dict[date, float], raised: bool) -> None:
    assert bool(rules.short_sleep(hours, TODAY)) is raised


@pytest.mark.parametrize(
    ("missed", "raised"),
    [([], False), ([0], False), ([0, 1], True), ([1, 2], True), ([2, 3], False), ([0, 2], False), ([0, 1, 2], True)],
)
def test_doses_missed_two_days(missed: list[int], raised: bool) -> None:
    assert bool(rules.missed_doses(map(ago, missed), TODAY)) is raised


@pytest.mark.parametrize(("due", "raised"), [(-1, False), (0, False), (1, True), (90, True)])
def test_an_assignment_is_overdue_on_the_day_after(due: int, raised: bool) -> None:
    assert bool(rules.overdue("x", ago(due), TODAY)) is raised


# --- off their own course: median and median deviation (Rousseeuw & Croux 1993, JASA 88:1273)

STEADY = [3, 4, 3, 3, 4, 3, 3, 3, 4, 3] * 2


@pytest.mark.parametrize(
    ("what", "values", "raised"),
    [
        ("mood", [*STEADY, 3, 3, 3], False),
        ("mood", [*STEADY, 2, 2, 2], False),  # z = 2: half a point of spread at least
        ("mood", [*STEADY, 1.5, 1.5, 1.5], True),
        ("mood", [*STEADY, 1, 1, 1], True),
        ("mood", [*STEADY, 5, 1, 3], False),  # one bad day
        ("mood", [*STEADY, 5, 5, 5], False),  # better is never told
        ("mood", [*STEADY[:10], 1, 1, 1], False),  # without the four last, nine days: no course yet
        ("mood", [*STEADY[:11], 1, 1, 1], True),
        ("mood", [1, 5, 1, 5, 2, 4, 1, 5, 1, 5, 3, 5, 1, 1, 1, 1], False),  # ups and downs are their course
        ("urge", [*[2] * 20, 4, 4, 4], False),
        ("urge", [*[2] * 20, 5, 5, 5], True),
        ("urge", [*[8] * 20, 2, 2, 2], False),
        ("urge", [*[2, 6] * 10, 7, 7, 7], False),
        ("urge", [*[0] * 20, 10, 0, 0], False),
    ],
)
def test_off_their_own_course(what: rules.Course, values: list[float], raised: bool) -> None:
    assert bool(rules.off_course(what, days(*values), TODAY)) is raised


def test_only_the_four_weeks_before_count() -> None:
    old = days(*[5.0] * 60, last=32)
    assert rules.off_course("mood", old | days(1, 1, 1), TODAY) is None
    assert rules.off_course("mood", days(*[5.0] * 28, last=4) | days(1, 1, 1), TODAY)


def test_the_last_three_of_four_days_are_lately() -> None:
    course = days(*[4.0] * 20, last=4)
    assert rules.off_course("mood", course | days(1, 1, None, 1), TODAY)
    assert rules.off_course("mood", course | days(1, None, None, 1), TODAY) is None
    assert rules.off_course("mood", course | days(1, 1, 1, last=2), TODAY) is None


@pytest.mark.parametrize(
    ("values", "least", "expected"),
    [([3], 0.5, 0.5), ([3, 3, 3, 3], 0.5, 0.5), ([1, 2, 3, 4, 5], 0.5, 1.4826), ([1, 2, 3, 4, 500], 0.5, 1.4826),
     ([0, 10], 1, 7.413), ([2] * 6 + [6] * 4, 1, 2.00528)],
)  # fmt: skip
def test_one_wild_day_does_not_widen_the_course(values: list[float], least: float, expected: float) -> None:
    assert rules.spread(values, least) == pytest.approx(expected)


# --- a program's own limits


@pytest.mark.parametrize(
    ("limits", "raised"),
    [
        (Limits(urge=9), lambda limits: rules.strong_urge("x", 8, limits)),
        (Limits(bam_use=2), lambda limits: rules.bam("x", 1, 0, 24, limits)),
        (Limits(bam_risk=13), lambda limits: rules.bam("x", 0, 12, 24, limits)),
        (Limits(bam_protective=11), lambda limits: rules.bam("x", 0, 0, 12, limits)),
        (Limits(phq_rise=6), lambda limits: rules.phq_rise("x", 5, 10, limits)),
        (Limits(quiet_days=4), lambda limits: rules.quiet(ago(5), 3, limits)),
        (Limits(low_mood=0.9), lambda limits: rules.low_mood(days(1, 1, 1), TODAY, limits)),
        (Limits(low_mood_days=4), lambda limits: rules.low_mood(days(1, 1, 1), TODAY, limits)),
        (Limits(sleep_hours=4), lambda limits: rules.short_sleep(days(4, 4, 4), TODAY, limits)),
        (Limits(sleep_nights=4), lambda limits: rules.short_sleep(days(4, 4, 4), TODAY, limits)),
        (Limits(dose_days=3), lambda limits: rules.missed_doses([TODAY, ago(1)], TODAY, limits)),
        (Limits(off_course=7), lambda limits: rules.off_course("mood", days(*STEADY, 1, 1, 1), TODAY, limits)),
        (Limits(fewest=21), lambda limits: rules.off_course("mood", days(*STEADY, 1, 1, 1), TODAY, limits)),
    ],
)
def test_a_program_sets_its_own_limits(limits: Limits, raised: Callable[[Limits], object]) -> None:
    assert raised(DEFAULT)
    assert not raised(limits)
    assert len([name for name in vars(limits) if getattr(limits, name) != getattr(DEFAULT, name)]) == 1


def test_every_limit_is_somebodys() -> None:
    assert all(replace(DEFAULT, **{name: getattr(DEFAULT, name) + 1}) != DEFAULT for name in vars(DEFAULT))
    code = Path(rules.__file__).read_text()
    assert [name for name in vars(DEFAULT) if f"limits.{name}" not in code] == []


# --- once for one cause

ONE, TWO = Reason("quiet", "quiet:1"), Reason("quiet", "quiet:2")
OTHER, AGAIN = Reason("call-me", "call-me:1"), Reason("call-me", "call-me:2")


@pytest.mark.parametrize(
    ("found", "keys", "open_rules", "raised"),
    [
        ([], [], [], []),
        ([ONE, OTHER], [], [], [OTHER, ONE]),  # the most urgent first
        ([ONE], ["quiet:1"], [], []),  # a cause that was cleared stays cleared
        ([TWO], ["quiet:1"], [], [TWO]),
        ([TWO], ["quiet:1"], ["quiet"], []),  # while one is open another is not raised
        ([ONE, OTHER], [], ["quiet"], [OTHER]),
        ([ONE, ONE], [], [], [ONE]),
        ([ONE, TWO], [], [], [ONE]),  # of one rule one
        ([AGAIN], ["call-me:1"], ["call-me"], [AGAIN]),  # but what is urgent is heard each time
        ([ONE, OTHER, AGAIN], [], ["quiet", "call-me"], [OTHER, AGAIN]),
        ([OTHER], ["call-me:1"], ["call-me"], []),
    ],
)
def test_what_is_raised(found: list[Reason], keys: list[str], open_rules: list[str], raised: list[Reason]) -> None:
    assert fresh(found, keys, open_rules) == raised


def keyed(flag: Reason | None) -> str:
    assert flag
    return flag.key


def test_a_spell_has_one_key_while_it_lasts_and_the_next_has_another() -> None:
    low = dict.fromkeys(map(ago, range(5)), 1.0)
    assert keyed(rules.low_mood(low, TODAY)) == keyed(rules.low_mood(low, ago(1))) == f"low-mood:{ago(4)}"
    assert keyed(rules.low_mood(days(1, 1, 1, 3, 1, 1, 1), TODAY)) != keyed(rules.low_mood(low, TODAY))
    assert keyed(rules.quiet(ago(9), 3)) == keyed(rules.quiet(ago(9), 5)) != keyed(rules.quiet(ago(1), 3))
    assert keyed(rules.return_to_use(TODAY, True)) != keyed(rules.return_to_use(ago(1), True))
    short = days(4, 4, 4, 6, 4, 4)
    assert keyed(rules.short_sleep(short, TODAY)) == keyed(rules.short_sleep(short, ago(3)))
    assert keyed(rules.missed_doses(map(ago, range(4)), TODAY)) == f"missed-doses:{ago(3)}"


def test_a_replay_has_the_key_of_what_it_repeats() -> None:
    ways: list[Callable[[str], Reason | None]] = [
        rules.call_me,
        lambda id: rules.strong_urge(id, 9),
        lambda id: rules.safety_answer(id, 1, "x"),
        lambda id: rules.self_harm(id, "I want to die"),
        lambda id: rules.phq_rise(id, 1, 9),
    ]
    for raise_one in ways:
        assert keyed(raise_one("a")) == keyed(raise_one("a")) != keyed(raise_one("b"))


def test_off_course_is_told_once_a_week() -> None:
    course = days(*[4.0] * 30, last=8) | days(*[1.0] * 8)
    told = {keyed(rules.off_course("mood", course, ago(n))) for n in range(5)}
    assert told == {"mood-off-course:2026-47"}


# --- the reason in words

FACTS: dict[str, Reason | None] = {
    "safety-answer": rules.safety_answer("x", 1, "Several days"),
    "self-harm": rules.self_harm("x", "I want to die"),
    "call-me": rules.call_me("x"),
    "return-to-use": rules.return_to_use(TODAY, True),
    "strong-urge": rules.strong_urge("x", 9),
    **{flag.rule: flag for flag in rules.bam("x", 2, 14, 10)},
    "quiet": rules.quiet(ago(5), 4),
    "missed-session": rules.missed_session("x", ago(1), False),
    "low-mood": rules.low_mood(days(1, 1, 1, 1), TODAY),
    "phq-rise": rules.phq_rise("x", 8, 15),
    "mood-off-course": rules.off_course("mood", days(*STEADY, 1, 1, 1), TODAY),
    "urge-off-course": rules.off_course("urge", days(*[2] * 20, 7, 7, 7), TODAY),
    "short-sleep": rules.short_sleep(days(4, 4, 3), TODAY),
    "missed-doses": rules.missed_doses([TODAY, ago(1)], TODAY),
    "overdue": rules.overdue("x", ago(2), TODAY),
}
SAYS = {
    "safety-answer": "On the PHQ-9: thoughts of being better off dead or of self-harm, “Several days”.",
    "strong-urge": "An urge of 9 out of 10.",
    "bam-risk": "BAM: Risk is 14. From 12 on it calls for a closer look.",
    "bam-protective": "BAM: Protective is 10. Down from 12 it calls for a closer look.",
    "quiet": "Nothing logged for 4 program days.",
    "missed-session": "Was not at the session on Nov 21, and sent no word.",
    "low-mood": "Mood at the lowest for 4 days running.",
    "phq-rise": "PHQ-9 went up by 7, from 8 to 15.",
    "mood-off-course": "Mood is lower than in their own last four weeks: 1.0, usually 3.0.",
    "short-sleep": "Less than 5 hours of sleep in 3 of the last five nights.",
}


@pytest.mark.parametrize("rule", RULES)
def test_every_flag_says_why_and_what_next(rule: str) -> None:
    flag = FACTS[rule]
    assert flag and flag.rule == rule
    said = flag.reason(day=lambda day: f"{day:%b} {day.day}")
    assert said == SAYS.get(rule, said)
    assert not re.search(r"[%{}]|None", said) and said.endswith(".")
    assert flag.action.endswith(".") and flag.level == RULES[rule].level
    assert shaming(said + flag.action) == []


def test_a_reason_is_said_in_the_readers_language() -> None:
    flag = rules.strong_urge("x", 9)
    assert flag and flag.reason({"An urge of %(urge)d out of 10.": "Un impulso de %(urge)d de 10."}.__getitem__)
    assert flag.reason(lambda said: "Un impulso de %(urge)d de 10.") == "Un impulso de 9 de 10."


def test_a_reason_never_repeats_what_somebody_wrote() -> None:
    flag = rules.self_harm("x", "I want to die, said Ana")
    assert flag and flag.facts == {} and "Ana" not in flag.reason() + flag.key


# --- words

CLEAR = [
    "I want to die", "i WANT to DIE!!!", "I want to… die", "I wanna die", "I just wish I was dead",
    "wish i were dead", "I want to kill myself", "thinking about killing myself", "I'm going to kill myself",
    "I’m going to end my life", "I might take my own life", "I want to end it all", "i dont want to live anymore",
    "I don’t want to be alive", "there is no reason to live", "Everyone would be better off without me.",
    "I'd be better off dead", "nobody would miss me", "I feel suicidal", "I have a suicide plan",
    "thoughts of suicide again", "I hurt myself last night", "self-harm again", "self harm", "I took all my pills",
    "I want to cut myself", "I hope I don't wake up", "I wish I would never wake up", "kms", "tired of living",
    "Ｉ ｗａｎｔ ｔｏ ｄｉｅ", "I want to d\u00adie", "quiero morir", "Quiero morirme.",
    "ME QUIERO MORIR", "quisiera morir",
    "me quiero matar", "pienso en matarme", "quiero quitarme la vida", "voy a acabar con mi vida",
    "ya no quiero vivir", "no quiero seguir viviendo", "no tengo ganas de vivir", "estoy cansada de vivir",
    "estaría mejor muerto", "estarían mejor sin mí", "nadie me extrañaría", "pienso suicidarme",
    "tengo ideas suicidas", "quiero hacerme daño", "me hago daño", "pensé en cortarme las venas",
    "tomarme todas las pastillas", "quiero cortarme", "I should just die", "I don't care if I live or die",
    "I want to end it", "quiero dormir y no despertar", "ya no quiero estar en este mundo", "no me importa morirme",
    # Who doubts or cannot stop does not deny.
    "I don't know if I want to die", "I can't stop thinking about killing myself", "not sure I won't kill myself",
    "I don't know why I shouldn't kill myself", "No one would care if I killed myself", "no sé si quiero morir",
    "no puedo dejar de pensar en matarme",
    # A denial ends with its clause, and one denial does not cover another sentence.
    "I am not sad, I want to die", "I would never kill myself. But I want to die.", "No estoy bien: me quiero morir",
    # Without full stops, too: a no that is about something else is no denial.
    "no one cares i want to die", "I don't feel good I want to die", "not gonna lie I want to die",
    "No tengo amigos y quiero morir", "never felt so suicidal", "I've never wanted to die so much",
    "no job no money i want to end it all", "no duermo bien y me quiero morir", "i cant not think about killing myself",
    # Nor is one for today, or one with a but.
    "I won't kill myself today", "I will not kill myself yet", "I don't want to die, but I see no other way",
    "no me voy a matar hoy", "no quiero morir pero no veo otra cosa",
    # A quote counts: whose words they are a machine cannot tell.
    "“I want to die” is what keeps going through my head", "She wrote: I want to kill myself",
]  # fmt: skip
HELP = [
    "I don't want to die", "I would never kill myself", "I am not suicidal", "no thoughts of suicide",
    "I have never hurt myself", "I don't think about killing myself",
    "I don't ever want to hurt myself again", "no longer suicidal", "hoy no me quiero morir",
    "I never really wanted to die", "no quiero morir",
    "nunca me haría nada, no voy a matarme", "no pienso en suicidarme", "I don't want to live like this",
    "I can't go on", "there is no way out", "my brother died by suicide", "ya no puedo más", "no quiero vivir así",
    "quiero desaparecer", "I wish I wasn't here", "I don't want to be here", "mi primo murió por suicidio",
]  # fmt: skip
NOTHING = [
    "", "   ", "died", "death", "My father died last year", "Group was about death and grief", "the death of my dog",
    "dead tired", "dying of laughter", "This is killing me", "my feet are killing me", "I could kill for a coffee",
    "dead battery", "I want to take my life back", "end my life of using", "I don't want to live with my parents",
    "I don't want to live in fear", "I hurt myself at work, just my knee", "I hurt myself running",
    "cut myself shaving", "I cut the grass myself", "kmspico", "murió", "muerte", "la muerte de mi abuela",
    "me muero de hambre", "me quiero morir de risa", "me mato de la risa", "quiero cortarme el pelo",
    "me voy a matar trabajando", "no quiero vivir con ellos", "no quiero vivir en ese barrio",
    "I want to end it with my boyfriend", "me corto el pelo mañana", "Die Hard was on", "diet",
    "killed it at the gym", "morado", "matarma", "a dime a dozen", "🙂", "\0", "مرحبا",
    "<script>alert('die')</script>", "suicid", "self", "harm reduction", "He killed the engine himself",
]  # fmt: skip


@pytest.mark.parametrize("words", CLEAR)
def test_words_that_raise_a_flag_and_show_help(words: str) -> None:
    assert rules.self_harm("x", words)
    assert rules.shows_help(words)


@pytest.mark.parametrize("words", HELP)
def test_words_that_show_help_and_alarm_nobody(words: str) -> None:
    assert rules.self_harm("x", words) is None
    assert rules.shows_help(words)


@pytest.mark.parametrize("words", NOTHING)
def test_words_that_are_about_something_else(words: str) -> None:
    assert heard(words) is None


@pytest.mark.parametrize("around", ["a" * 5000, "good day. " * 2000, "want to " * 3000, "no " * 6000, "| | " * 4000])
def test_words_are_found_in_a_long_text_and_in_time(around: str) -> None:
    assert rules.shows_help(f"{around}. I want to die. {around}")
    assert not rules.shows_help(around)


def test_the_phrases_are_told_apart_by_meaning_in_both_languages() -> None:
    rows = read(FOLDER / "phrases.json", TypeAdapter(list[WrittenPhrases]))
    assert {row.meaning for row in rows if row.language == "en"} == {
        row.meaning for row in rows if row.language == "es"
    }
    said = [phrase for row in rows for phrase in row.say]
    assert len(said) == len(set(said)) > 150
    # Nothing that is about a death alone.
    assert not {"died", "death", "dead", "muerte", "muerto", "die", "morir"} & set(said)


@pytest.mark.parametrize("row", json.loads((FOLDER / "phrases.json").read_text()), ids=lambda row: row["id"])
def test_each_phrase_is_found_as_it_stands(row: dict[str, Any]) -> None:
    for phrase in row["say"]:
        found = heard(phrase.replace("*", "o"))
        assert found, phrase
        assert found.clear or not row["clear"], phrase


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows[0].update(say=[]),
        lambda rows: rows[0].update(say=["I Want To"]),
        lambda rows: rows[0].update(say=["(a|b)"]),
        lambda rows: rows[0].update(say=[" die"]),
        lambda rows: rows[0].update(language="fr"),
        lambda rows: rows[0].pop("unless"),
        lambda rows: rows[0].update(clear="maybe"),
        lambda rows: rows.append(rows[0]),
    ],
)
def test_a_malformed_phrase_stops_the_start(tmp_path: Path, spoil: Callable[[list[Any]], object]) -> None:
    rows = json.loads((FOLDER / "phrases.json").read_text())
    spoil(rows)
    (tmp_path / "phrases.json").write_text(json.dumps(rows))
    with pytest.raises(ValueError):
        read(tmp_path / "phrases.json", TypeAdapter(list[WrittenPhrases]))


# --- from an answered form to a flag


def test_item_nine_alone_goes_all_the_way() -> None:
    phq = instrument("phq-9", "en")
    assert phq
    result = scores.score(phq, dict.fromkeys("12345678", 0) | {"9": 1})
    assert result and result.points() == 1 and result.calls("safety")
    label = next(option.label for option in phq.item("9").options if option.value == 1)
    flag = rules.safety_answer("x", 1, label)
    assert flag and flag.level == "urgent" and "Several days" in flag.reason()


# --- how well, on made people


def test_the_rules_find_most_and_leave_a_coach_in_peace() -> None:
    told = outcome("test", people=150)
    assert told.spells.total() > 80
    assert told.sensitivity >= 0.7
    assert told.per_coach_day(told.false.total()) <= 1.5
    assert outcome("test", people=20) == outcome("test", people=20)


def test_laxer_limits_find_less_and_stricter_ones_alarm_more() -> None:
    usual = outcome("test", people=150)
    lax = outcome("test", Limits(urge=11, off_course=20, quiet_days=30, bam_use=20, bam_risk=30), people=150)
    strict = outcome("test", Limits(urge=5, off_course=1, quiet_days=1), people=150)
    assert lax.sensitivity < usual.sensitivity
    assert strict.false.total() > 2 * usual.false.total()


def test_what_the_made_people_say_is_partly_beyond_a_list() -> None:
    assert 0.5 < sum(bool(rules.self_harm("x", words)) for words in SAID) / len(SAID) < 1
    assert not any(rules.self_harm("x", words) for words in ELSE)
