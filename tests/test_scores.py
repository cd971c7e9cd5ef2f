"""Scores at every boundary, each table with its source."""

import ast
import random
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.content.instruments import Instrument, Scale, instrument, instruments
from app.models import scores
from app.models.scores import alarming, asked, change, missing, score


def found(id: str, language: str = "en") -> Instrument:
    one = instrument(id, language)
    assert one, id
    return one


def lowest(one: Instrument) -> dict[str, int]:
    return {item.id: item.values[0] for item in one.items}


def with_points(
    one: Instrument, total: int, of: str = "total", start: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Answers that add up to so many points of a score: the first items as high as they go."""
    answers = dict(start or lowest(one))
    for item in next(scale.items for scale in one.scales if scale.id == of):
        answers[item] = max(value for value in one.item(item).values if value <= total)
        total -= answers[item]
    assert total == 0
    return answers


def test_scores_are_pure() -> None:
    tree = ast.parse(Path(scores.__file__).read_text())
    names = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name for name in names if name.split(".")[0] not in sys.stdlib_module_names} == {"app.content.instruments"}


# --- bands: PHQ-9 (Kroenke 2001), GAD-7 (Spitzer 2006), PACS (Hartwell 2019), AUDIT-C (Bush 1998, Bradley 2003)

BANDS = {
    "phq-9": [(0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"),
              (15, "moderately severe"), (19, "moderately severe"), (20, "severe"), (27, "severe")],
    "gad-7": [(0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"),
              (15, "severe"), (21, "severe")],
    "pacs": [(0, "below the mark"), (14, "below the mark"), (15, "strong"), (20, "strong"), (21, "very strong"),
             (30, "very strong")],
}  # fmt: skip


@pytest.mark.parametrize(("id", "points", "band"), [(id, *row) for id, rows in BANDS.items() for row in rows])
def test_a_total_is_in_its_band(id: str, points: int, band: str) -> None:
    one = found(id)
    result = score(one, with_points(one, points))
    assert result and (result.points(), result.scores[0].band) == (points, band)
    spanish = score(found(id, "es"), with_points(one, points))
    assert spanish and spanish.points() == points


@pytest.mark.parametrize("one", instruments("en"), ids=lambda one: one.id)
def test_every_item_counts_once_where_it_belongs(one: Instrument) -> None:
    for scale in one.scales:
        for item in one.items:
            answers = lowest(one) | {item.id: item.values[-1]}
            if item.after:
                answers[item.after.item] = 1
            result = score(one, answers)
            assert result
            there = answers.get(item.after.item, 0) if item.after and item.after.item in scale.items else 0
            assert result.points(scale.id) == there + (item.values[-1] if item.id in scale.items else 0)


# --- PHQ-9, item 9: a safety flag whatever the total


@pytest.mark.parametrize(("nine", "safe"), [(0, True), (1, False), (2, False), (3, False)])
@pytest.mark.parametrize("others", [0, 3])
def test_item_nine_alone_decides(nine: int, safe: bool, others: int) -> None:
    answers = dict.fromkeys("12345678", others) | {"9": nine}
    result = score(found("phq-9"), answers)
    assert result and result.calls("safety") is not safe
    assert alarming(found("phq-9"), {"9": nine}) is not safe


def test_item_nine_leads_to_help_before_the_rest_is_answered() -> None:
    assert alarming(found("phq-9"), {"9": 1})
    assert score(found("phq-9"), {"9": 1}) is None
    assert not alarming(found("phq-9"), dict.fromkeys("12345678", 3))
    assert not any(
        alarming(one, with_points(one, 1, scale.id)) for one in instruments("en")[:4] for scale in one.scales
    )


# --- BAM-IOP (VA): Use = 4+5+6, Risk = 1+2+3+8+11+15, Protective = 9+10+12+13+14+16; no total

QUIET = {"9": 4, "10": 4, "12": 4, "13": 1, "14": 0, "16": 0}  # Protective 13: nothing to attend to


@pytest.mark.parametrize(
    ("of", "points", "calls"),
    [
        ("use", 0, False), ("use", 1, True), ("use", 12, True),
        ("risk", 0, False), ("risk", 11, False), ("risk", 12, True), ("risk", 24, True),
        ("protective", 0, True), ("protective", 12, True), ("protective", 13, False), ("protective", 24, False),
    ],
)  # fmt: skip
def test_where_the_bam_calls_for_attention(of: str, points: int, calls: bool) -> None:
    bam = found("bam-iop")
    result = score(bam, with_points(bam, points, of, lowest(bam) | QUIET))
    assert result and result.points(of) == points
    assert (of in {one.of for one in result.attention}) is calls
    assert all(one.level == "attention" for one in result.attention)


def test_the_bam_has_three_scores_and_no_total() -> None:
    result = score(found("bam-iop"), lowest(found("bam-iop")))
    assert result and [one.id for one in result.scores] == ["use", "risk", "protective"]
    assert result.points() is None


@pytest.mark.parametrize("item", ["7a", "7b", "7c", "7d", "7e", "7f", "7g", "17"])
def test_which_substance_and_how_satisfied_are_not_scored(item: str) -> None:
    bam, used = found("bam-iop"), {"6": 1}
    before, after = score(bam, lowest(bam) | used), score(bam, lowest(bam) | used | {item: 4})
    assert before and after and before.scores == after.scores


def test_excellent_health_is_no_risk_and_poor_health_is_four() -> None:
    bam = found("bam-iop")
    for points, word in enumerate(["Excellent", "Very good", "Good", "Fair", "Poor"]):
        value = next(option.value for option in bam.item("1").options if option.label == word)
        result = score(bam, lowest(bam) | {"1": value})
        assert result and result.points("risk") == points


def test_income_counts_four_or_nothing() -> None:
    bam = found("bam-iop")
    assert bam.item("14").values == (0, 4)
    with pytest.raises(ValueError, match="no answer 1 to '14'"):
        score(bam, lowest(bam) | {"14": 1})


# --- PACS and AUDIT-C


@pytest.mark.parametrize(
    ("points", "levels"),
    [(14, []), (15, ["attention"]), (20, ["attention"]), (21, ["attention", "strict"]), (30, ["attention", "strict"])],
)
def test_where_craving_calls_for_attention(points: int, levels: list[str]) -> None:
    result = score(found("pacs"), with_points(found("pacs"), points))
    assert result and [one.level for one in result.attention] == levels


@pytest.mark.parametrize(
    ("who", "points", "calls"),
    [("men", 3, False), ("men", 4, True), ("women", 2, False), ("women", 3, True), (None, 2, False), (None, 3, True)],
)
def test_alcohol_calls_for_attention_at_four_or_at_three(who: str | None, points: int, calls: bool) -> None:
    result = score(found("audit-c"), with_points(found("audit-c"), points), who)  # type: ignore[arg-type]
    assert result and result.calls("attention") is calls
    assert len(result.attention) <= 1


# --- half an answer is none


@pytest.mark.parametrize("one", instruments("en"), ids=lambda one: one.id)
def test_a_half_answered_one_is_never_scored(one: Instrument) -> None:
    full = {item.id: item.values[-1] for item in one.items}
    assert score(one, full) and not missing(one, full)
    for item in one.items:
        rest = {id: points for id, points in full.items() if id != item.id}
        hanging = {other.id for other in one.items if other.after and other.after.item == item.id}
        assert score(one, rest) is None
        assert set(missing(one, rest)) == {item.id}
        assert not hanging & {item.id for item in asked(one, rest)}
    assert score(one, {}) is None


def test_what_does_not_apply_is_not_missed_and_counts_nothing() -> None:
    bam = found("bam-iop")
    full = {item.id: item.values[-1] for item in bam.items} | {"4": 0, "6": 0}
    short = {id: points for id, points in full.items() if id != "5" and not id.startswith("7")}
    # Also when it was answered before the answer that it hangs on was taken back.
    for answers in (full, short):
        result = score(bam, answers)
        assert result and result.points("use") == 0
        assert len(asked(bam, answers)) == 15


# --- bad answers


@pytest.mark.parametrize(
    ("item", "points"),
    [
        ("1", 4),
        ("1", -1),
        ("1", 99),
        ("1", True),
        ("1", "1"),
        ("1", None),
        ("1", 1.5),
        ("10", 0),
        ("", 0),
        ("total", 0),
    ],
)
def test_an_answer_out_of_range_is_refused(item: str, points: object) -> None:
    with pytest.raises(ValueError, match="phq-9 has no answer"):
        score(found("phq-9"), lowest(found("phq-9")) | {item: points})  # type: ignore[dict-item]


def test_the_order_of_answers_does_not_matter() -> None:
    chance, bam = random.Random("order"), found("bam-iop")
    answers = [(item.id, chance.choice(item.values)) for item in bam.items]
    expected = score(bam, dict(answers))
    for _ in range(20):
        chance.shuffle(answers)
        assert score(bam, dict(answers)) == expected


# --- reliable change: Jacobson & Truax 1991; PHQ-9 5.20 and GAD-7 3.53 points as in Gyani et al. 2013


def total(id: str) -> Scale:
    return found(id).scales[0]


@pytest.mark.parametrize(
    ("id", "before", "after", "way"),
    [
        ("phq-9", 15, 15, "unclear"), ("phq-9", 15, 10, "unclear"), ("phq-9", 15, 9, "better"),
        ("phq-9", 27, 0, "better"),
        ("phq-9", 10, 15, "unclear"), ("phq-9", 10, 16, "worse"), ("phq-9", 0, 6, "worse"), ("phq-9", 0, 5, "unclear"),
        ("gad-7", 10, 7, "unclear"), ("gad-7", 10, 6, "better"), ("gad-7", 6, 9, "unclear"), ("gad-7", 6, 10, "worse"),
    ],
)  # fmt: skip
def test_a_change_is_reliable_beyond_the_noise(id: str, before: int, after: int, way: str) -> None:
    told = change(total(id), before, after)
    assert told and (told.points, told.way) == (after - before, way)


@pytest.mark.parametrize(("id", "least"), [("phq-9", 5.20), ("gad-7", 3.53)])
def test_the_numbers_are_those_that_were_published(id: str, least: float) -> None:
    told = change(total(id), 0, 1)
    assert told and scores.SURE / told.index == pytest.approx(least, abs=0.005)
    assert "Gyani" in (total(id).reliable or pytest.fail()).source


@pytest.mark.parametrize("id", ["bam-iop", "pacs", "audit-c"])
def test_without_published_numbers_nothing_is_said_of_a_change(id: str) -> None:
    assert [change(scale, 0, 12) for scale in found(id).scales] == [None] * len(found(id).scales)
