"""The proof of urges can fail: what is lost, or lacks a step that was said, is counted as that."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.urging import Said, Urge, Verdict, judge, without

ONE = str(uuid4())
STEPS = [Said(7), Said(7, None, "box-breathing"), Said(7, 3, "box-breathing", "lonely", "By the window", True)]
WELL = Verdict(submitted=1, kept=1, finished=1, lost=0, steps_lost=0, doubled=0, misplaced=0)


def urge(sure: int = 3) -> Urge:
    return Urge("ana", {ONE}, list(STEPS), sure)


def line(said: Said, number: str = ONE) -> Any:
    """As it is kept."""
    part = SimpleNamespace(**said._asdict())
    return SimpleNamespace(id=number, kind="urge", words=said.words, part=part)


def found(one: Urge, ana: list[Any], ben: list[Any] | None = None) -> Verdict:
    return judge([one], {"ana": ana, "ben": ben or []})


def test_all_is_well() -> None:
    assert found(urge(), [line(STEPS[-1])]) == WELL


def test_nothing_is_kept() -> None:
    assert found(urge(), []) == WELL._replace(kept=0, lost=1)


@pytest.mark.parametrize("step", [0, 1])
def test_kept_without_its_last_step(step: int) -> None:
    assert found(urge(), [line(STEPS[step])]) == WELL._replace(kept=0, steps_lost=1)


@pytest.mark.parametrize("other", [{"after": 4}, {"skill": ""}, {"words": ""}, {"triggers": ""}, {"done": False}])
def test_kept_otherwise_than_it_was_said(other: dict[str, Any]) -> None:
    assert found(urge(), [line(STEPS[-1]._replace(**other))]) == WELL._replace(kept=0, steps_lost=1)


def test_left_in_the_middle_what_came_after_may_be_kept_or_not_but_nothing_less() -> None:
    left = WELL._replace(finished=0)
    assert found(urge(sure=2), [line(STEPS[1])]) == found(urge(sure=2), [line(STEPS[2])]) == left
    assert found(urge(sure=2), [line(STEPS[0])]) == left._replace(kept=0, steps_lost=1)


def test_no_page_moved_on_from_it() -> None:
    nothing = Verdict(submitted=0, kept=0, finished=0, lost=0, steps_lost=0, doubled=0, misplaced=0)
    assert found(urge(sure=0), []) == found(urge(sure=0), [line(STEPS[0])]) == nothing


def test_kept_twice() -> None:
    assert found(urge(), [line(STEPS[-1]), line(STEPS[-1], str(uuid4()))]) == WELL._replace(doubled=1)


def test_kept_by_somebody_else() -> None:
    assert found(urge(), [], [line(STEPS[-1])]) == WELL._replace(kept=0, lost=1, misplaced=1)


def test_urges_are_judged_apart() -> None:
    mood: Any = SimpleNamespace(kind="mood")
    assert without({"ana": [line(STEPS[0]), mood]}) == {"ana": [mood]}
