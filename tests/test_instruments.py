"""Every instrument file: its form, both languages, the words and numbers that must not change."""

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

from app.content import FOLDER
from app.content.instruments import Instrument, instrument, instruments, read_one
from app.content.places import line
from tests.words import shaming

LANGUAGES = ["en", "es"]
FILES = sorted((FOLDER / "instruments").glob("*.json"))
EACH = pytest.mark.parametrize("id", [file.stem for file in FILES])
BOTH = pytest.mark.parametrize("language", LANGUAGES)
Spoil = Callable[[dict[str, Any]], object]


def found(id: str, language: str = "en") -> Instrument:
    one = instrument(id, language)
    assert one, id
    return one


def labels(one: Instrument, item: str) -> list[tuple[int, str]]:
    return [(option.value, option.label) for option in one.item(item).options]


# --- all of them


def test_those_of_the_design_are_there() -> None:
    assert [one.id for one in instruments("en")] == ["audit-c", "bam-iop", "gad-7", "pacs", "phq-9"]


@pytest.mark.parametrize(
    ("id", "items", "days", "points"),
    [
        ("phq-9", 9, 14, {"total": 27}),
        ("gad-7", 7, 14, {"total": 21}),
        ("bam-iop", 17 + 6, 7, {"use": 12, "risk": 24, "protective": 24}),
        ("pacs", 5, 7, {"total": 30}),
        ("audit-c", 3, 365, {"total": 12}),
    ],
)
def test_items_window_and_points_are_those_of_the_design(
    id: str, items: int, days: int, points: dict[str, int]
) -> None:
    one = found(id)
    assert (len(one.items), one.window_days) == (items, days)
    most = {scale.id: sum(one.item(item).values[-1] for item in scale.items) for scale in one.scales}
    assert most == points


@EACH
def test_an_instrument_is_the_same_in_both_languages_but_for_its_words(id: str) -> None:
    english, spanish = found(id), found(id, "es")
    for name in ("id", "version", "window_days", "use", "marks", "terms", "cutoffs"):
        assert getattr(english, name) == getattr(spanish, name)
    for ours, theirs in zip(english.items, spanish.items, strict=True):
        assert (ours.id, ours.values, ours.after) == (theirs.id, theirs.values, theirs.after)
        assert ours.ask != theirs.ask
        # Names of medicines are names.
        assert not re.search(r"\b(the|you|your|how|days)\b", theirs.ask)
        assert theirs.ask.count("?") == theirs.ask.count("¿")
    for ours, theirs in zip(english.scales, spanish.scales, strict=True):
        assert (ours.id, ours.items, ours.better, ours.reliable) == (
            theirs.id,
            theirs.items,
            theirs.better,
            theirs.reliable,
        )
        assert [band.start for band in ours.bands] == [band.start for band in theirs.bands]


@EACH
@BOTH
def test_where_the_words_come_from_is_said_and_stands_in_the_register(id: str, language: str) -> None:
    one = found(id, language)
    assert len(one.terms) > 20 and len(one.wording) > 20 and re.search(r"\b(19|20)\d\d\b|VA", one.cutoffs)
    if not one.checked:
        assert re.search("memory|Translated|copies", one.wording), "what was not held against the original says so"
    register = (FOLDER.parent.parent / "docs/content.md").read_text()
    assert f"`app/content/instruments/{id}.json`" in register


@EACH
@BOTH
def test_our_own_words_about_it_do_not_shame(id: str, language: str) -> None:
    one = found(id, language)
    ours = [one.name, one.about, *(band.name for scale in one.scales for band in scale.bands)]
    assert [shaming(text) for text in ours if shaming(text)] == []


@pytest.mark.parametrize("language", ["", "fr", "EN", "../es"])
def test_they_are_there_in_a_language_that_we_do_not_speak(language: str) -> None:
    assert instruments(language) == instruments("en")


@pytest.mark.parametrize("id", ["", "nothing", "PHQ-9", "phq-9 ", "\0", "../phq-9"])
def test_an_unknown_one_is_none(id: str) -> None:
    assert instrument(id, "en") is None


def test_nobody_changes_an_instrument_for_everybody() -> None:
    with pytest.raises(FrozenInstanceError):
        found("phq-9").version = "x"  # type: ignore[misc]
    assert isinstance(found("phq-9").items, tuple)


# --- word for word

# A second copy of the wording, from the design: what slips here or there is noticed.
PHQ_9 = [
    "Little interest or pleasure in doing things",
    "Feeling down, depressed, or hopeless",
    "Trouble falling or staying asleep, or sleeping too much",
    "Feeling tired or having little energy",
    "Poor appetite or overeating",
    "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
    "Trouble concentrating on things, such as reading the newspaper or watching television",
    "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or restless"
    " that you have been moving around a lot more than usual",
    "Thoughts that you would be better off dead or of hurting yourself in some way",
]
GAD_7 = [
    "Feeling nervous, anxious, or on edge",
    "Not being able to stop or control worrying",
    "Worrying too much about different things",
    "Trouble relaxing",
    "Being so restless that it is hard to sit still",
    "Becoming easily annoyed or irritable",
    "Feeling afraid as if something awful might happen",
]
OFTEN = [(0, "Not at all"), (1, "Several days"), (2, "More than half the days"), (3, "Nearly every day")]


@pytest.mark.parametrize(("id", "words"), [("phq-9", PHQ_9), ("gad-7", GAD_7)])
def test_the_wording_is_its_authors(id: str, words: list[str]) -> None:
    one = found(id)
    assert [item.ask for item in one.items] == words
    assert one.ask == "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
    # "Not at all sure" is a widely copied error.
    assert all(labels(one, item.id) == OFTEN for item in one.items)


def test_the_spanish_of_both_has_the_same_answers() -> None:
    said = [(0, "Ningún día"), (1, "Varios días"), (2, "Más de la mitad de los días"), (3, "Casi todos los días")]
    for id in ("phq-9", "gad-7"):
        assert all(labels(found(id, "es"), item.id) == said for item in found(id).items)


TOPICS = {
    "1": "physical health", "2": "nights did you have trouble", "3": "depressed, anxious, angry", "4": "ANY alcohol",
    "5": "at least 5 drinks (if you are a man) or at least 4 drinks (if you are a woman)",
    "6": "illegal or street drugs",
    "7a": "Marijuana", "7b": "Sedatives", "7c": "Cocaine", "7d": "Stimulants", "7e": "Opiates", "7f": "Inhalants",
    "7g": "Other drugs", "8": "cravings", "9": "confident", "10": "self-help meetings", "11": "increased risk",
    "12": "spirituality", "13": "work, school", "14": "enough income", "15": "arguments", "16": "supportive",
    "17": "satisfied",
}  # fmt: skip


def test_the_topics_of_the_bam_in_their_order() -> None:
    items = found("bam-iop").items
    assert [item.id for item in items] == list(TOPICS)
    assert [item.id for item in items if TOPICS[item.id] not in item.ask] == []


DAYS = [(0, "None"), (1, "One day"), (2, "Two days"), (3, "Three days"), (4, "Four or more days")]
MUCH = [(0, "Not at all"), (1, "Slightly"), (2, "Moderately"), (3, "Considerably"), (4, "Extremely")]
HEALTH = [(0, "Excellent"), (1, "Very good"), (2, "Good"), (3, "Fair"), (4, "Poor")]
ANSWERS = {"1": HEALTH, "2": [(n, name.replace("day", "night")) for n, name in DAYS], "14": [(0, "No"), (4, "Yes")]}
ANSWERS |= dict.fromkeys(["3", "4", "5", "6", *(f"7{drug}" for drug in "abcdefg"), "10", "11", "13", "16"], DAYS)
ANSWERS |= dict.fromkeys(["8", "9", "12", "15", "17"], MUCH)


@pytest.mark.parametrize("item", TOPICS)
def test_each_item_of_the_bam_has_its_own_answers(item: str) -> None:
    """Excellent is 0 and Poor is 4 (often reversed in what is copied), and four days are as many as seven."""
    assert labels(found("bam-iop"), item) == ANSWERS[item]


def test_what_was_not_drunk_or_used_is_not_asked_after() -> None:
    hanging = {item.id: (item.after.item, item.after.at_least) for item in found("bam-iop").items if item.after}
    assert hanging == {"5": ("4", 1)} | {f"7{drug}": ("6", 1) for drug in "abcdefg"}
    assert {item.id for item in found("audit-c").items if item.after} == {"2", "3"}


def test_the_pacs_names_what_the_person_uses() -> None:
    wine = found("pacs").naming(" red wine ")
    assert wine.items[0].ask.startswith("During the past week, how often have you thought about using red wine or")
    assert "alcohol or drugs" in found("pacs").naming().items[3].ask
    assert "alcohol o drogas" in found("pacs", "es").naming("  ").items[0].ask
    assert all("{" not in item.ask for item in wine.items)


@pytest.mark.parametrize("word", ["{0}", "{substance}", "%s", "🍷", "<script>alert(1)</script>", "x" * 500])
def test_a_persons_word_is_only_put_in(word: str) -> None:
    assert f"using {word} or" in found("pacs").naming(word).items[0].ask
    assert found("phq-9").naming(word) == found("phq-9")


def test_who_is_asked_when() -> None:
    assert {one.id: one.use for one in instruments("en")} == {
        "audit-c": ("intake",),
        "pacs": ("weekly",),
        **dict.fromkeys(["phq-9", "gad-7", "bam-iop"], ("intake", "weekly", "discharge")),
    }


# --- a malformed file says where


def spoiled(folder: Path, spoil: Spoil, id: str = "bam-iop") -> Path:
    row = json.loads((FOLDER / f"instruments/{id}.json").read_text())
    spoil(row)
    file = folder / f"{id}.json"
    file.write_text(json.dumps(row, indent=1))
    return file


def test_an_unspoiled_file_is_read(tmp_path: Path) -> None:
    assert read_one(spoiled(tmp_path, lambda row: None)).id == "bam-iop"


@pytest.mark.parametrize(
    ("spoil", "at", "said"),
    [
        (lambda row: row.pop("ask"), "{", "Field required"),
        (lambda row: row.update(colour="red"), '"colour"', "Extra inputs"),
        (lambda row: row.update(window_days="7"), '"window_days"', "valid integer"),
        (lambda row: row.update(window_days=0), '"window_days"', "greater than"),
        (lambda row: row["about"].pop("es"), '"about"', "at least 2"),
        (lambda row: row["about"].update(fr="Bonjour"), '"fr"', "'en' or 'es'"),
        (lambda row: row["about"].update(es=""), '"es": ""', "match pattern"),
        (lambda row: row["items"][1]["ask"].update(es=7), '"es": 7', "valid string"),
        (lambda row: row["items"][1].update(scale="weeks"), '"scale": "weeks"', "weeks is no scale"),
        (lambda row: row["items"][1].update(id="1"), '"id": "1"', "name of two"),
        (lambda row: row["items"][0].update(after={"item": "4", "at_least": 1}), '"after"', "no item before"),
        (lambda row: row["items"][4]["after"].update(at_least=0), '"at_least": 0', "greater than"),
        (lambda row: row["scales"]["days"][2].update(value=1), '"days"', "go up"),
        (lambda row: row["scales"]["days"][0].update(value=1), '"days"', "start at 0"),
        (lambda row: row["scales"]["days"][0].update(value=True), '"value": true', "valid integer"),
        (lambda row: row["scales"].update(weeks=row["scales"]["days"]), '"weeks"', "scale of no item"),
        (lambda row: row["scores"][0]["items"].append("18"), '"items": [\n    "4"', "items that there are"),
        (lambda row: row["scores"][0]["items"].append("4"), '"items": [\n    "4"', "each once"),
        (lambda row: row["scores"][0]["bands"][1].update({"from": 13}), '"bands"', "within the points"),
        (lambda row: row["scores"][0]["bands"][0].update({"from": 1}), '"bands"', "start at 0"),
        (lambda row: row["scores"][1].update(better="more"), '"better": "more"', "'lower' or 'higher'"),
        (lambda row: row["marks"][0].update(of="abuse"), '"of": "abuse"', "neither an item nor a score"),
        (lambda row: row["marks"][0].update(at_most=1), '"of": "use"', "at_least or at_most"),
        (lambda row: row["marks"][0].pop("at_least"), '"of": "use"', "at_least or at_most"),
        (lambda row: row["marks"][0].update(at_least=13), '"of": "use"', "cannot have so many"),
        (lambda row: row["marks"][0].update(level="panic"), '"level": "panic"', "'safety', 'attention' or 'strict'"),
        (lambda row: row.update(substance=row["name"]), '"substance"', "in a question"),
        (lambda row: row.update(id="bam-2"), '"id": "bam-2"', "the file is bam-2.json"),
    ],
)
def test_a_malformed_file_is_refused_by_name_and_line(tmp_path: Path, spoil: Spoil, at: str, said: str) -> None:
    file = spoiled(tmp_path, spoil)
    text = file.read_text()
    place = text.count("\n", 0, text.index(at)) + 1
    with pytest.raises(ValueError, match=said) as refused:
        read_one(file)
    lines = [int(one) for one in re.findall(r"^bam-iop\.json, line (\d+): ", str(refused.value), re.M)]
    # What a list or object holds begins on the line of its bracket, or one line after it.
    assert [one for one in lines if 0 <= place - one <= 1], (place, str(refused.value))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: "),
        ("[", "line 1: "),
        ("{}", "line 1: Field required"),
        ("[]", "line 1: "),
        ('{\n "id": "x",\n "id": "y"\n}', "line 3: this key comes twice"),
        ('{\n "a": [{"b": 1,\n "b": 2}, {"b": 1}],\n "id": {"b": 1}\n}', "line 3: this key comes twice"),
        ('{\n "id": "x",\n}', "line [23]: "),
        ("null", "line 1: "),
        ('{"id": "\\ud800"}', "line 1: "),
    ],
)
def test_a_file_that_is_something_else_is_refused_by_name_and_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError, match=rf"^x\.json, {said}"):
        read_one(tmp_path / "x.json")


def test_a_file_in_another_encoding_is_refused_by_name_and_line(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes('{\n "id": "sueño"}'.encode("latin-1"))
    with pytest.raises(ValueError, match=r"^x\.json, line 2: not UTF-8"):
        read_one(tmp_path / "x.json")


def test_a_malformed_file_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FOLDER, tmp_path / "measured", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("measured", "measured.instruments", "measured.places"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    spoiled(tmp_path / "measured/instruments", lambda row: row["items"].clear())
    with pytest.raises(ValueError, match=r"bam-iop\.json, line \d+: "):
        importlib.import_module("measured.instruments")


def test_adding_one_touches_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FOLDER, tmp_path / "enlarged", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    more = json.loads((FOLDER / "instruments/gad-7.json").read_text()) | {"id": "gad-7-short"}
    (tmp_path / "enlarged/instruments/gad-7-short.json").write_text(json.dumps(more))
    module = importlib.import_module("enlarged.instruments")
    assert module.instrument("gad-7-short", "es").items[3].ask == "Ha tenido dificultad para relajarse"


TEXT = '{\n "a": [1,\n  {"b": "x, [y]",\n   "c": [[],\n    2]}\n ],\n "d": {"a": 3}\n}\n'


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ([], 1), (["a"], 2), (["a", 0], 2), (["a", 1], 3), (["a", 1, "b"], 3), (["a", 1, "c"], 4),
        (["a", 1, "c", 1], 5),
        (["d"], 7), (["d", "a"], 7), (["nothing"], 1), (["a", 9], 2), (["a", "tag", 1, "c", 1], 5), (["d", "a", 0], 7),
    ],
)  # fmt: skip
def test_where_something_stands(way: list[str | int], expected: int) -> None:
    assert line(TEXT, way) == expected
