"""What breaks while somebody is let in lets nobody in: an error in a door, in the guard, or in what they ask."""

from collections.abc import Callable
from typing import Any

import pytest

from app import access, demo, guard, query
from app.access import House
from app.models import people
from tests import matrix
from tests.conftest import Browser
from tests.matrix import CANARY
from tests.test_edge import broken, every_row, quiet
from tests.test_query import QUERIES
from tests.test_walk import once_each

# What decides who may: the sign-in is looked up, the wall is made, a caseload is asked; and whom that is asked about.
DECIDES: dict[str, tuple[Any, str, str, frozenset[str]]] = {
    "who it is": (access, "visitor_of", "ana", matrix.SIGNED_IN),
    "what they may see": (guard, "criterion", "ana", matrix.SIGNED_IN),
    "whose eyes it is": (query, "gaps", "ana", matrix.SIGNED_IN),
    "whose coach they are": (people, "coaches_of", "cora", frozenset({"_coached"})),
}


def forget_walls() -> None:
    """As in a server that was just started: what is asked each time has not met a wall yet."""
    guard._shape.cache_clear()
    for each in QUERIES.values():
        each._made.clear()


@pytest.mark.parametrize("what", DECIDES)
def test_v16_5_3_an_error_where_it_is_decided_who_may_opens_nothing(
    house: House, cast: demo.Cast, signed_in: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    where, name, who, doors = DECIDES[what]
    ana, browser = matrix.settle(house, cast), quiet(house)
    browser.cookies, browser.follow_redirects = signed_in(who).cookies, False
    tries = [one for one in once_each(house, ana, cast, who) if one.address.door in doors]
    before = every_row(house, cast)
    forget_walls()
    with monkeypatch.context() as broke:
        broke.setattr(where, name, broken)
        answers = [(one, one.make(browser)) for one in tries]
    assert len(answers) > (10 if who == "cora" else 150)
    assert {str(one): answer.status_code for one, answer in answers if answer.status_code != 500} == {}
    assert [one for one, answer in answers if CANARY in answer.text] == []
    assert every_row(house, cast) == before
