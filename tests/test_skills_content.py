import json
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.content import FOLDER, WrittenTrigger, read, trigger_kind, trigger_kinds
from app.content.skills import GROUPS, Pace, Questions, Skill, Steps, Wave, WrittenSkill, skill, skills
from tests.words import grade, shaming

LANGUAGES = ["en", "es"]
EACH = pytest.mark.parametrize("id", [one.id for one in skills("en")])
BOTH = pytest.mark.parametrize("language", LANGUAGES)


def found(id: str, language: str = "en") -> Skill:
    one = skill(id, language)
    assert one, id
    return one


def guided(guide: object) -> list[str]:
    match guide:
        case Pace(phases=parts) | Steps(moments=parts) | Wave(says=parts):
            return [part.say for part in parts]
        case Questions(questions=asked):
            return [one.ask for one in asked]
    return []


def texts(one: Skill) -> list[str]:
    return [one.name, one.what, one.when, *one.steps, *([one.note] if one.note else []), *guided(one.guide)]


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!…])”?\s+|(?<=[:;])\s+", text) if part]


# --- the library


def test_there_are_skills_enough_in_every_group_and_in_its_order() -> None:
    groups = [one.group for one in skills("en")]
    assert len(groups) >= 44
    assert list(dict.fromkeys(groups)) == list(GROUPS)
    assert groups == sorted(groups, key=GROUPS.index)
    assert min(groups.count(group) for group in GROUPS) >= 5


# What the design asks for by name.
ASKED = {
    "pace": ["box-breathing", "four-seven-eight", "slow-breathing"],
    "steps": ["five-senses", "mindful-minute", "muscle-relaxation", "body-scan", "cold-water", "ten-minute-walk",
              "wind-down", "meal-and-water"],
    "wave": ["ride-the-wave"],
    "questions": ["thought-record", "play-the-tape", "delay-distract-decide", "opposite-action", "saying-no",
                  "asking-for-help", "setting-a-boundary", "i-statement", "problem-solving"],
}  # fmt: skip


@pytest.mark.parametrize("kind", ASKED)
def test_the_guided_screens_of_the_design_are_there(kind: str) -> None:
    assert [one.guide.kind for id in ASKED[kind] if (one := found(id)).guide] == [kind] * len(ASKED[kind])


@pytest.mark.parametrize("id", ["draw-it", "three-songs", "time-with-an-animal"])
def test_the_plain_skills_of_the_design_are_there(id: str) -> None:
    assert len(found(id).steps) >= 4


@EACH
def test_a_skill_is_the_same_in_both_languages_but_for_its_words(id: str) -> None:
    english, spanish = found(id), found(id, "es")
    assert (english.group, english.minutes) == (spanish.group, spanish.minutes)
    assert len(texts(english)) == len(texts(spanish))
    assert (english.note is None) == (spanish.note is None)
    assert shape(english.guide) == shape(spanish.guide)


def shape(guide: object) -> object:
    match guide:
        case Pace(phases=phases, rounds=rounds):
            return rounds, [phase.seconds for phase in phases]
        case Steps(moments=moments):
            return [moment.seconds for moment in moments]
        case Wave(says=says):
            return replace(guide, says=()), [(one.part, one.at) for one in says]
        case Questions(questions=questions):
            return [one.kind for one in questions]
    return None


@pytest.mark.parametrize("language", ["", "fr", "EN", "../es"])
def test_skills_are_there_in_a_language_that_we_do_not_speak(language: str) -> None:
    assert skills(language) == skills("en")
    assert trigger_kinds(language) == trigger_kinds("en")


@pytest.mark.parametrize("id", ["", "nothing", "RIDE-THE-WAVE", "ride-the-wave ", "\0"])
def test_what_is_unknown_is_none(id: str) -> None:
    assert skill(id, "en") is None
    assert trigger_kind(id, "en") is None


def test_nobody_changes_a_skill_for_everybody() -> None:
    with pytest.raises(FrozenInstanceError):
        skills("en")[0].name = "x"  # type: ignore[misc]
    assert isinstance(found("five-senses").steps, tuple)


# --- guided screens


def seconds(guide: object) -> int:
    """0 for a screen on which the person sets the time."""
    match guide:
        case Pace(phases=phases, rounds=rounds):
            return rounds * sum(phase.seconds for phase in phases)
        case Steps(moments=moments):
            return sum(moment.seconds or 0 for moment in moments)
    return 0


@EACH
def test_a_guided_screen_takes_about_as_long_as_the_skill_says(id: str) -> None:
    one = found(id)
    taken = seconds(one.guide)
    assert taken <= 60 * one.minutes + 15
    by_itself = isinstance(one.guide, Pace) or (
        isinstance(one.guide, Steps) and all(moment.seconds for moment in one.guide.moments)
    )
    assert not by_itself or taken > 60 * (one.minutes - 1)


@BOTH
def test_there_is_time_to_read_what_is_said(language: str) -> None:
    for one in skills(language):
        if isinstance(one.guide, Steps):
            assert [said for said in one.guide.moments if len(said.say.split()) > 1.5 * (said.seconds or 60)] == []
        if isinstance(one.guide, Wave):
            starts = [swell.at for swell in one.guide.says] + [1.0]
            room = [60 * one.guide.choices[0] * (end - start) for start, end in pairwise(starts)]
            assert min(room) >= 10


@pytest.mark.parametrize(
    ("id", "phases"), [("box-breathing", [4, 4, 4, 4]), ("four-seven-eight", [4, 7, 8]), ("slow-breathing", [5, 6])]
)
def test_a_breath_has_its_beat(id: str, phases: list[int]) -> None:
    guide = found(id).guide
    assert isinstance(guide, Pace)
    assert [phase.seconds for phase in guide.phases] == phases


def test_slow_breathing_is_five_and_a_half_a_minute() -> None:
    guide = found("slow-breathing").guide
    assert isinstance(guide, Pace)
    assert 60 * guide.rounds / seconds(guide) == pytest.approx(5.5, abs=0.1)


def test_a_wave_lasts_five_minutes_or_what_the_person_likes() -> None:
    guide = found("ride-the-wave").guide
    assert isinstance(guide, Wave)
    assert (guide.minutes, min(guide.choices), max(guide.choices)) == (5, 3, 20)


def test_a_thought_is_rated_before_and_after() -> None:
    guide = found("thought-record").guide
    assert isinstance(guide, Questions)
    kinds = [one.kind for one in guide.questions]
    assert kinds == ["text", "text", "text", "scale-100", "text", "text", "text", "scale-100"]


# --- how it is said


def plain(one: Skill) -> str:
    # A quotation ends inside its sentence, and a phase of the breath has no full stop.
    said = [text if text[-1] in ".?!…”" else f"{text}." for text in texts(one)[1:]]
    return re.sub("[“”…]", "", " ".join(said))


@EACH
def test_english_asks_for_the_sixth_grade_at_most(id: str) -> None:
    one = found(id)
    assert grade(plain(one)) <= 6
    assert grade(re.sub("[“”]", "", f"{one.what} {one.when}")) <= 6


@EACH
def test_spanish_is_spanish_and_english_is_english(id: str) -> None:
    for english, spanish in zip(texts(found(id)), texts(found(id, "es")), strict=True):
        assert english != spanish
        assert not re.search(r"[¿¡áéíóúñ]", english)
        assert not re.search(r"\b(the|and|you|your|with)\b", spanish)
        assert (spanish.count("?"), spanish.count("!")) == (spanish.count("¿"), spanish.count("¡"))


# Not usted, and nobody's gender is guessed.
GUESSED = r"\b[Uu]sted(es)?\b|\b(estás|te sientes|te sientas|andas) \w+(ad|id|t|os|st)[oa]\b"


def test_spanish_says_tu_and_does_not_guess_who_reads() -> None:
    assert re.search(GUESSED, "si te sientes cansado") and re.search(GUESSED, "cuando estás lista")
    for one in skills("es"):
        assert [text for text in texts(one) if re.search(GUESSED, text)] == []


@BOTH
@EACH
def test_a_skill_is_told_in_two_sentences_one_more_and_short_steps(id: str, language: str) -> None:
    one = found(id, language)
    assert len(re.findall(r"[.?!]”?(?=\s|$)", one.what)) == 2
    assert len(re.findall(r"[.?!]”?(?=\s|$)", one.when)) == 1
    assert 3 <= len(one.steps) <= 7
    for step in one.steps:
        assert 2 <= len(step.split()) <= 14, step
        assert step[0].isupper() and re.search(r"[.?!…]”?$", step), step
        assert not re.match(r"(You|We|I|It|The|Tú|Yo|El|La|Se)\b", step), step


@BOTH
def test_sentences_are_short(language: str) -> None:
    for one in skills(language):
        for text in texts(one):
            assert [part for part in sentences(text) if len(part.split()) > 20] == [], one.id


@BOTH
def test_steps_do_not_all_begin_alike(language: str) -> None:
    for one in skills(language):
        first = [step.split()[0] for step in one.steps]
        assert len(set(first)) >= len(first) - 1, one.id
    openings = [one.when.split()[0] for one in skills(language)]
    assert max(map(openings.count, openings)) <= len(openings) * 0.6


def names(language: str) -> list[str]:
    return [one.name for one in skills(language)]


@BOTH
def test_no_two_skills_share_a_name_or_what_they_are(language: str) -> None:
    assert len(set(names(language))) == len(skills(language)) == len({one.what for one in skills(language)})


# Somebody's work, or their acronym.
BRANDS = (
    r"\b[A-ZÁÉÍÓÚÑ]{2,}\b|(?i:dialectic|linehan|therapist aid|anonymous|anónimos|gorski|matrix|stanley|seeking safety"
    r"|twelve steps?|12[ -]steps?|doce pasos|higher power|poder superior|serenity|serenidad|wise mind|mente sabia"
    r"|radical|one day at a time|un día a la vez|solo por hoy|easy does it|let go and let)"
)
# What nobody can promise, or what frightens.
PROMISES = (
    r"(?i)\b(cures?|cured|heals?|guarantee\w*|proven|always works|never fails|will go away|cura|curar|garanti\w+"
    r"|siempre funciona|deadly|fatal|die|dies|mortal|morir|mueres?)\b"
)


@BOTH
def test_no_brand_no_promise_no_shame_and_no_number_to_call(language: str) -> None:
    for one in skills(language):
        for text in texts(one):
            assert not re.search(BRANDS, text), (one.id, text)
            assert not re.search(PROMISES, text), (one.id, text)
            assert not re.search(r"\d{3}", text), "numbers to call are in crisis.json"
            assert shaming(text) == []


@pytest.mark.parametrize("text", ["TIPP", "DEAR MAN", "a DBT skill", "Alcoholics Anonymous", "Un día a la vez"])
def test_a_brand_is_noticed(text: str) -> None:
    assert re.search(BRANDS, text)


# --- for whom a gentler choice is better

HEART = {"en": ["heart", "pregnan", "eating disorder"], "es": ["corazón", "embarazo", "trastorno alimentario"]}


def noted(id: str, language: str, words: list[str]) -> None:
    note = (found(id, language).note or "").lower()
    assert [word for word in words if word not in note] == [], id


@BOTH
def test_cold_and_held_breath_have_a_gentler_choice(language: str) -> None:
    held = [one.id for one in skills("en") if any(re.search(r"(?i)\bhold (gently|softly)", step) for step in one.steps)]
    assert set(held) == {"box-breathing", "four-seven-eight"}
    for id in [*held, "cold-water", "two-brisk-minutes"]:
        noted(id, language, HEART[language])


@BOTH
def test_moving_stops_where_it_hurts(language: str) -> None:
    pain = {"en": r"hurt|pain|need care", "es": r"duel|dolor|necesitan cuidado"}[language]
    for one in skills(language):
        if one.group == "movement" or one.id == "muscle-relaxation":
            assert one.note and re.search(pain, one.note), one.id


@BOTH
@pytest.mark.parametrize("id", ["body-scan", "a-place-that-feels-okay"])
def test_turning_inward_keeps_the_eyes_open_and_stops_at_any_time(id: str, language: str) -> None:
    noted(id, language, {"en": ["eyes open", "at any time"], "es": ["ojos abiertos", "en cualquier momento"]}[language])


@BOTH
@pytest.mark.parametrize(
    "id",
    ["ride-the-wave", "go-on-from-here", "opposite-action", "let-it-be", "saying-no", "setting-a-boundary",
     "cool-off-first", "one-message", "awake-in-the-night"],
)  # fmt: skip
def test_where_somebody_may_be_in_danger_help_is_named(id: str, language: str) -> None:
    noted(id, language, [{"en": "help now", "es": "“ayuda ya”"}[language]])


@BOTH
def test_the_body_takes_less_after_a_break(language: str) -> None:
    noted("go-on-from-here", language, {"en": ["less", "alone", "naloxone"], "es": ["menos", "naloxona"]}[language])


# --- a malformed file

SKILLS, TRIGGERS = TypeAdapter(list[WrittenSkill]), TypeAdapter(list[WrittenTrigger])
Rows = list[dict[str, Any]]


def spoiled(name: str, alter: Callable[[Rows], object], folder: Path) -> Path:
    rows = json.loads((FOLDER / name).read_text())
    alter(rows)
    (folder / name).write_text(json.dumps(rows))
    return folder / name


def guide(rows: Rows, kind: str) -> dict[str, Any]:
    of_kind: dict[str, Any] = next(row["guide"] for row in rows if row["guide"] and row["guide"]["kind"] == kind)
    return of_kind


@pytest.mark.parametrize(
    "alter",
    [
        lambda rows: rows.clear(),
        lambda rows: rows.append(rows[0]),
        lambda rows: rows[0].update(id="Two Words"),
        lambda rows: rows[0].update(id="two_words"),
        lambda rows: rows[0].update(group="other"),
        lambda rows: rows[0].update(minutes=0),
        lambda rows: rows[0].update(minutes=21),
        lambda rows: rows[0].update(minutes="3"),
        lambda rows: rows[0].update(video="x"),
        lambda rows: rows[0].pop("note"),
        lambda rows: rows[0].pop("guide"),
        lambda rows: rows[0]["name"].pop("es"),
        lambda rows: rows[0]["name"].update(fr="Bonjour"),
        lambda rows: rows[0]["name"].update(en="x" * 51),
        lambda rows: rows[0]["what"].update(en="x" * 201),
        lambda rows: rows[0]["when"].update(en=""),
        lambda rows: rows[0]["steps"][0].update(en="x" * 91),
        lambda rows: rows[0]["steps"][0].pop("es"),
        lambda rows: rows[0].update(steps=rows[0]["steps"][:2]),
        lambda rows: rows[0].update(steps=rows[0]["steps"] * 2),
        lambda rows: rows[0].update(guide={}),
        lambda rows: rows[0]["guide"].update(kind="film"),
        lambda rows: guide(rows, "pace").update(rounds=0),
        lambda rows: [guide(rows, "pace").update(rounds=60), guide(rows, "pace")["phases"][0].update(seconds=9)],
        lambda rows: guide(rows, "pace")["phases"][0].update(seconds=0),
        lambda rows: guide(rows, "pace")["phases"][0].update(seconds=None),
        lambda rows: guide(rows, "pace")["phases"][0].update(seconds=4.5),
        lambda rows: guide(rows, "pace").update(minutes=3),
        lambda rows: guide(rows, "steps")["moments"][0].update(seconds=601),
        lambda rows: guide(rows, "steps")["moments"][0].pop("seconds"),
        lambda rows: guide(rows, "steps").update(moments=[{**guide(rows, "steps")["moments"][0], "seconds": 401}] * 3),
        lambda rows: guide(rows, "steps")["moments"][0]["say"].pop("es"),
        lambda rows: guide(rows, "wave").update(minutes=4),
        lambda rows: guide(rows, "wave").update(choices=[2, 5]),
        lambda rows: guide(rows, "wave").update(choices=[5, 21]),
        lambda rows: guide(rows, "wave").update(choices=[10, 5]),
        lambda rows: guide(rows, "wave")["says"].reverse(),
        lambda rows: guide(rows, "wave")["says"][0].update(at=0.01),
        lambda rows: guide(rows, "wave")["says"][-1].update(at=1.0),
        lambda rows: guide(rows, "wave")["says"][1].update(at=0.0),
        lambda rows: guide(rows, "wave")["says"][0].update(part="fall"),
        lambda rows: [one.update(part="rise") for one in guide(rows, "wave")["says"]],
        lambda rows: guide(rows, "questions")["questions"][0].update(kind="scale-5"),
        lambda rows: guide(rows, "questions")["questions"][0]["ask"].update(en="x" * 121),
        lambda rows: guide(rows, "questions").update(questions=guide(rows, "questions")["questions"] * 2),
    ],
)  # fmt: skip
def test_a_malformed_skill_stops_the_start(tmp_path: Path, alter: Callable[[Rows], object]) -> None:
    with pytest.raises(ValueError):
        read(spoiled("skills.json", alter, tmp_path), SKILLS)


@pytest.mark.parametrize(
    "alter",
    [
        lambda rows: rows.clear(),
        lambda rows: rows.append(rows[0]),
        lambda rows: rows[0].update(group="outside"),
        lambda rows: rows[0]["hint"].pop("es"),
        lambda rows: rows[0].pop("name"),
        lambda rows: rows[0].update(risk=3),
    ],
)
def test_a_malformed_trigger_stops_the_start(tmp_path: Path, alter: Callable[[Rows], object]) -> None:
    with pytest.raises(ValueError):
        read(spoiled("triggers.json", alter, tmp_path), TRIGGERS)


def test_an_unspoiled_file_is_read(tmp_path: Path) -> None:
    assert len(read(spoiled("skills.json", lambda rows: None, tmp_path), SKILLS)) == len(skills("en"))
    assert len(read(spoiled("triggers.json", lambda rows: None, tmp_path), TRIGGERS)) == len(trigger_kinds("en"))


# --- triggers

KINDS = {
    "inside": ["hard-feelings", "body", "good-feelings", "testing-control", "out-of-nowhere"],
    "between": ["conflict", "pressure", "good-times"],
    "halt": ["hungry", "angry", "lonely", "tired"],
}


@BOTH
def test_the_triggers_of_the_design_in_its_order(language: str) -> None:
    assert [(kind.group, kind.id) for kind in trigger_kinds(language)] == [
        (group, id) for group, ids in KINDS.items() for id in ids
    ]
    assert [trigger_kind(kind.id, language) for kind in trigger_kinds(language)] == list(trigger_kinds(language))


def test_a_trigger_fits_on_a_chip_and_its_hint_on_a_line() -> None:
    for english, spanish in zip(trigger_kinds("en"), trigger_kinds("es"), strict=True):
        assert english.name != spanish.name and english.hint != spanish.hint
        assert max(len(english.name), len(spanish.name)) <= 24
        assert max(len(english.hint), len(spanish.hint)) <= 60
        assert (english.hint + spanish.hint).count(".") == 2
        assert shaming(f"{english.name} {english.hint} {spanish.name} {spanish.hint}") == []
    assert grade(re.sub("[“”]", "", " ".join(kind.hint for kind in trigger_kinds("en")))) <= 6
