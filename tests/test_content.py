import html
import importlib
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from app import content
from app.content import crisis_lines, prompt, prompts
from tests.words import INSTRUMENTS, ROOT, SPOKEN, grade, shaming, spoken

LANGUAGES = ["en", "es"]
Rows = list[dict[str, Any]]


def lines(language: str = "en") -> dict[str, content.CrisisLine]:
    return {line.id: line for line in crisis_lines(language)}


# --- crisis lines

# A second copy of the numbers, from the design: one wrong digit here or there is noticed.
NUMBERS = {
    "988": ("tel:988", "sms:988", "988lifeline.org"),
    "911": ("tel:911", None, None),
    "crisis-text-line": (None, "sms:741741?&body=HOME", None),
    "samhsa": ("tel:+18006624357", None, None),
    "domestic-violence": ("tel:+18007997233", "sms:88788?&body=START", "thehotline.org"),
}


def test_the_lines_of_the_design_in_its_order() -> None:
    ways = {line.id: (line.call_href, line.text_href, line.chat_site) for line in crisis_lines("en")}
    assert ways == NUMBERS
    assert list(ways) == list(NUMBERS)


def test_in_spanish_the_words_to_send_bring_somebody_who_speaks_it() -> None:
    assert lines("es")["988"].text_href == "sms:988?&body=AYUDA"
    assert lines("es")["crisis-text-line"].text_href == "sms:741741?&body=AYUDA"
    assert [line.call_href for line in crisis_lines("es")] == [line.call_href for line in crisis_lines("en")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("id", "kind", "said"),
    [
        ("988", "crisis", "Veter.*1"),
        ("988", "crisis", "(Spanish|español).*2"),
        ("911", "danger", "nalox"),
        ("crisis-text-line", "crisis", "HOME"),
        ("samhsa", "referral", r"(not a crisis line|No es una línea de crisis).*988"),
        ("samhsa", "referral", r"TTY: 1-800-487-4889"),
        ("domestic-violence", "safety", "safe|seguro"),
    ],
)
def test_a_line_says_what_must_be_known_before_using_it(language: str, id: str, kind: str, said: str) -> None:
    line = lines(language)[id]
    assert line.kind == kind
    assert re.search(said, line.note)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_can_be_reached_and_its_links_are_well_formed(language: str) -> None:
    for line in crisis_lines(language):
        assert line.call_href or line.text_href
        assert re.fullmatch(r"tel:(\d{3}|\+1[2-9]\d{9})", line.call_href or "tel:000")
        assert re.fullmatch(r"sms:\d{3,6}(\?&body=[A-Z]+)?", line.text_href or "sms:000")
        assert re.fullmatch(r"https://[a-z0-9.]+/[a-z/]*", line.chat or "https://x/")
        assert bool(line.text_body) <= bool(line.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_in_a_sentence_is_a_number_of_the_file(language: str) -> None:
    known = {number for line in crisis_lines(language) for number in (line.call, line.text) if number}
    known |= {"1", "2", "1-800-487-4889", "1-800-787-3224"}
    for line in crisis_lines(language):
        said = re.findall(r"\d[\d-]*", f"{line.name} {line.what} {line.note}")
        assert set(said) <= known, line.id


def test_a_link_survives_being_written_into_a_page() -> None:
    href = lines()["crisis-text-line"].text_href
    assert href is not None
    assert html.escape(href) == "sms:741741?&amp;body=HOME"


def test_nobody_changes_a_line_for_everybody() -> None:
    with pytest.raises(FrozenInstanceError):
        crisis_lines("en")[0].call = "0"  # type: ignore[misc]
    assert isinstance(crisis_lines("en"), tuple)


@pytest.mark.parametrize("language", ["", "fr", "EN", "../es", "model_config"])
def test_help_is_there_in_a_language_that_we_do_not_speak(language: str) -> None:
    assert crisis_lines(language) == crisis_lines("en")
    assert prompts(language) == prompts("en")


# --- prompts


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_prompts_enough_and_each_is_one_short_question_or_two(language: str) -> None:
    assert len(prompts(language)) >= 16
    for asked in prompts(language):
        assert re.search(r"[?.]$", asked.text)
        assert asked.text.count("?") <= 2
        assert len(asked.text) <= 100


def test_every_group_of_prompts_has_a_choice() -> None:
    groups = [asked.group for asked in prompts("en")]
    assert set(groups) == set(content.Group.__args__)  # type: ignore[attr-defined]
    assert all(groups.count(group) >= 2 for group in groups)
    assert groups == sorted(groups, key=groups.index)


def test_a_prompt_is_found_by_its_id_in_both_languages() -> None:
    for asked in prompts("en"):
        spanish = prompt(asked.id, "es")
        assert prompt(asked.id, "en") == asked
        assert spanish and (spanish.id, spanish.group) == (asked.id, asked.group)
        assert spanish.text != asked.text


@pytest.mark.parametrize("id", ["", "nothing", "ON-MY-MIND", "on-my-mind ", "\0", "__class__"])
def test_an_unknown_prompt_is_none(id: str) -> None:
    assert prompt(id, "en") is None


# --- both languages, in simple words


def texts(language: str) -> list[str]:
    said = [text for line in crisis_lines(language) for text in (line.what, line.note)]
    return said + [asked.text for asked in prompts(language)]


def test_spanish_is_spanish_and_english_is_english() -> None:
    assert not any(re.search(r"[¿¡áéíóúñ]", text) for text in texts("en"))
    for english, spanish in zip(texts("en"), texts("es"), strict=True):
        assert english != spanish
        assert spanish.count("?") == spanish.count("¿")


def test_our_english_asks_for_the_sixth_grade_at_most() -> None:
    assert grade(" ".join(asked.text for asked in prompts("en"))) <= 6
    assert grade(" ".join(line.what for line in crisis_lines("en"))) <= 6


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("The cat sat on the mat. The dog ran to me. We all had fun.", -3, 2),
        ("What went well today? What helped a little? Who was near me?", 0, 4),
        (
            "Psychopharmacological interventions necessitate comprehensive interdisciplinary deliberation "
            "concerning individual contraindications.",
            15,
            60,
        ),
    ],
)
def test_the_grade_tells_easy_from_hard(text: str, low: float, high: float) -> None:
    assert low <= grade(text) <= high


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    for text in texts(language):
        for sentence in re.split(r"[.?!]\s", text):
            assert len(sentence.split()) <= 20, sentence


# --- a malformed file


def altered(file: str, alter: Callable[[Rows], object], folder: Path) -> None:
    path = folder / file
    rows = json.loads(path.read_text())
    alter(rows)
    path.write_text(json.dumps(rows))


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The content as a package of its own, to be spoiled and then imported."""
    folder = tmp_path / "spoiled"
    shutil.copytree(content.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "spoiled", raising=False)
    return folder


def test_an_unspoiled_copy_starts(copy: Path) -> None:
    altered("crisis.json", lambda rows: None, copy)
    module = importlib.import_module("spoiled")
    assert copy == module.FOLDER
    assert [line.id for line in module.crisis_lines("es")] == list(NUMBERS)


@pytest.mark.parametrize(
    ("file", "alter"),
    [
        ("crisis.json", lambda rows: rows.clear()),
        ("crisis.json", lambda rows: rows.append(rows[0])),
        ("crisis.json", lambda rows: rows[0].pop("note")),
        ("crisis.json", lambda rows: rows[0]["name"].pop("es")),
        ("crisis.json", lambda rows: rows[0]["name"].update(es="")),
        ("crisis.json", lambda rows: rows[0]["name"].update(es="   ")),
        ("crisis.json", lambda rows: rows[0]["name"].update(fr="Bonjour")),
        ("crisis.json", lambda rows: rows[0]["what"].update(en="x" * 201)),
        ("crisis.json", lambda rows: rows[0].update(what="English only")),
        ("crisis.json", lambda rows: rows[0].update(call="98")),
        ("crisis.json", lambda rows: rows[0].update(call=988)),
        ("crisis.json", lambda rows: rows[3].update(call="1-800-662-435")),
        ("crisis.json", lambda rows: rows[3].update(call="1-800-662-43577")),
        ("crisis.json", lambda rows: rows[3].update(call="800-662-4357")),
        ("crisis.json", lambda rows: rows[3].update(call="1-800-662-4357\n")),
        ("crisis.json", lambda rows: rows[3].update(call="1-800-662-HELP")),
        ("crisis.json", lambda rows: rows[2].update(text="741741;1")),
        ("crisis.json", lambda rows: rows[2].update(text="7417411")),
        ("crisis.json", lambda rows: rows[2]["text_body"].update(en="home")),
        ("crisis.json", lambda rows: rows[2]["text_body"].update(en="HOME&x")),
        ("crisis.json", lambda rows: rows[0].update(chat="http://988lifeline.org/")),
        ("crisis.json", lambda rows: rows[0].update(chat="javascript:alert(1)")),
        ("crisis.json", lambda rows: rows[0].update(kind="other")),
        ("crisis.json", lambda rows: rows[0].update(telephone="988")),
        ("prompts.json", lambda rows: rows.clear()),
        ("prompts.json", lambda rows: rows.append(rows[0])),
        ("prompts.json", lambda rows: rows[0].update(id="Two Words")),
        ("prompts.json", lambda rows: rows[0].update(id="on-my-mind\n")),
        ("prompts.json", lambda rows: rows[0].update(group="other")),
        ("prompts.json", lambda rows: rows[0]["text"].pop("en")),
        ("prompts.json", lambda rows: rows[0].pop("text")),
    ],
)
def test_a_malformed_file_stops_the_start(copy: Path, file: str, alter: Callable[[Rows], object]) -> None:
    altered(file, alter, copy)
    with pytest.raises(ValueError):
        importlib.import_module("spoiled")


@pytest.mark.parametrize("text", ["", "{}", "[", "null", '[{"id": "988"}]'])
def test_a_file_that_is_something_else_stops_the_start(copy: Path, text: str) -> None:
    (copy / "crisis.json").write_text(text)
    with pytest.raises(ValueError):
        importlib.import_module("spoiled")


def test_a_missing_file_stops_the_start(copy: Path) -> None:
    (copy / "prompts.json").unlink()
    with pytest.raises(FileNotFoundError):
        importlib.import_module("spoiled")


# --- the language guard


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("An Addict.", ["addict"]),
        ("addicts, addicted", ["addicts", "addicted"]),
        ("Alcoholics Anonymous", ["alcoholics"]),
        ("substance abuse", ["abuse"]),
        ("an abuser abused", ["abuser", "abused"]),
        ("Are you clean? A dirty test.", ["clean", "dirty"]),
        ("a bad habit", ["habit"]),
        ("junkies", ["junkies"]),
        ("to commit\n    suicide", ["commit suicide"]),
        ("committed&nbsp;suicide", ["committed suicide"]),
        ("Saving failed", ["failed"]),
        ("relapsers", ["relapsers"]),
        (
            "non-compliant, noncompliant, non\u2011compliant",
            ["non compliant", "noncompliant", "non compliant"],
        ),
        ("a victim who suffers from it", ["victim", "suffers from"]),
        ("cl\u00ade\u200ban", ["clean"]),
        ("&#99;lean", ["clean"]),
        ('"to commit "\n"suicide"', ["commit suicide"]),
        ("ｃｌｅａｎ", ["clean"]),
        ("Una adicta, los drogadictos", ["adicta", "drogadictos"]),
        ("alcohólico", ["alcoholico"]),
        ("el abuso de sustancias", ["abuso"]),
        ("Estás limpio o sucia", ["limpio", "sucia"]),
        ("un mal hábito", ["habito"]),
        ("se suicidó; cometió suicidio", ["cometio suicidio"]),
        ("La conexión falló. Has fracasado.", ["fallo", "fracasado"]),
        ("las víctimas", ["victimas"]),
        ("sufre de ansiedad, padece del mal", ["sufre de", "padece del"]),
    ],
)
def test_words_that_shame_are_found(text: str, found: list[str]) -> None:
    assert shaming(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "in recovery, returned to use, a setback, tested negative, died by suicide",
        "988 Suicide & Crisis Lifeline",
        "substance use",
        "addiction care",
        "cleaner cleaning uncleaned",
        "habitat inhabit habitación",
        "We could not save that yet.",
        "Limpiar la búsqueda",
        "falta poco",
        "sufrimiento y apoyo",
        "en recuperación, volvió a consumir, un tropiezo",
        "",
    ],
)
def test_words_that_do_not_shame_are_left_alone(text: str) -> None:
    assert shaming(text) == []


def test_the_walk_finds_something_everywhere_and_leaves_the_instruments_out() -> None:
    found = spoken()
    for folder in SPOKEN:
        assert any(folder in path.parents for path in found), folder
    assert not any(INSTRUMENTS in path.parents for path in found)
    assert {ROOT / "app/content/crisis.json", ROOT / "app/content/prompts.json"} <= set(found)


@pytest.mark.parametrize("path", spoken(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_we_say_shames(path: Path) -> None:
    assert shaming(path.read_text(encoding="utf-8")) == []
