"""A short, seeded part of `make attack`."""

import pytest

from app import demo
from app.access import House
from tests.attack.fuzzed import Fuzzed
from tests.attack.smuggled import tried
from tests.faults.ground import ground
from tests.test_access import ROUTES


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_v2_2_1_a_fuzzer_breaks_no_route(house: House, cast: demo.Cast) -> None:
    done = Fuzzed(house, cast).run(seed=7, many=2)
    assert (done.broken, done.told) == ([], [])
    assert done.routes == ROUTES and done.requests >= ROUTES


def test_v4_2_1_no_request_hides_in_another() -> None:
    """Against a server as it is shipped; the rest of `make attack` is too long for here."""
    with ground("sqlite") as made:
        found = tried(made.port)
    assert {name: statuses for name, statuses in found.items() if len(statuses) > 1} == {}
    assert found.pop("a page with a body") == [200]
    assert {name: statuses for name, statuses in found.items() if statuses != [400]} == {}
