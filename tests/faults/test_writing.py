"""The proofs can fail: what is lost, doubled, misplaced or late is counted as that."""

from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from tests.faults import __main__ as faults
from tests.faults.writing import LINE, ODD, Verdict, Wrote, judge, line_for, words_for

ONE = str(uuid4())
WELL = Verdict(submitted=1, kept=1, unsure=0, lost=0, doubled=0, misplaced=0, mistimed=0)


def page(**also: Any) -> Wrote:
    return Wrote(
        **{"who": "ana", "action": "/journal", "words": "some words", "mood": 3, "ids": {ONE}, "sure": True} | also
    )


def line(wrote: Wrote, **also: Any) -> Any:
    """As it is kept when all is well."""
    kind = {"/journal": "journal", "/check-ins": "check-in", "/moods": "mood"}[wrote.action]
    kept = {"id": ONE, "kind": kind, "words": wrote.text(), "mood": wrote.mood, "happened_at": wrote.at}
    return SimpleNamespace(**kept | also)


def found(wrote: Wrote, ana: list[Any], ben: list[Any] | None = None) -> Verdict:
    return judge([wrote], {"ana": ana, "ben": ben or []})


def test_all_is_well() -> None:
    assert found(page(), [line(page())]) == WELL


def test_nothing_is_kept() -> None:
    assert found(page(), []) == WELL._replace(kept=0, lost=1)


@pytest.mark.parametrize("other", [{"words": "some word"}, {"mood": 4}, {"kind": "check-in"}])
def test_kept_otherwise_than_it_was_written(other: dict[str, Any]) -> None:
    assert found(page(), [line(page(), **other)]) == WELL._replace(kept=0, lost=1)


def test_kept_under_two_numbers() -> None:
    assert found(page(), [line(page()), line(page(), id=str(uuid4()))]) == WELL._replace(doubled=1)


def test_a_mood_more_than_was_tapped() -> None:
    tap = page(action="/moods", words="")
    assert found(tap, [line(tap), line(tap, id=str(uuid4()))]) == WELL._replace(doubled=1)


def test_kept_by_somebody_else() -> None:
    assert found(page(), [], [line(page())]) == WELL._replace(kept=0, lost=1, misplaced=1)
    assert found(page(), [line(page())], [line(page(), id=str(uuid4()))]) == WELL._replace(misplaced=1)


def test_kept_as_of_another_time() -> None:
    late = page().at + timedelta(minutes=1)
    assert found(page(), [line(page(), happened_at=late)]) == WELL._replace(mistimed=1)


def test_what_no_page_promised_may_be_kept_or_not_but_not_twice() -> None:
    unsure = page(sure=False)
    nothing = WELL._replace(submitted=0, kept=0, unsure=1)
    assert found(unsure, []) == found(unsure, [line(unsure)]) == nothing
    assert found(unsure, [line(unsure), line(unsure, id=str(uuid4()))]) == nothing._replace(doubled=1)


def test_words_are_compared_as_they_are_kept() -> None:
    assert page(words="cafe\u0301\n ").text() == "café\n "
    assert page(action="/check-ins", words=" cafe\u0301 ").text() == "café"


def test_words_begin_with_their_mark_and_a_line_is_a_line() -> None:
    chance = Random(7)
    lines = [line_for(chance, "mark") for _ in range(200)]
    assert all(one.startswith("mark") and "\n" not in one and len(one) <= LINE for one in lines)
    assert {odd for odd in ODD if any(odd in words_for(chance, "mark") for _ in range(200))} == set(ODD)


def test_what_has_to_be_nothing_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (0, 1):
        figures = [faults.Figure("offline_kept", 40, "", 40), faults.Figure("offline_lost", value, "", 40)]
        proof = faults.Proof(lambda seed, many, told=figures: iter(told), 40)
        monkeypatch.setattr(faults, "PROOFS", {"offline": proof})
        assert faults.prove("offline", 7, None) == (value == 0)
