"""A short, seeded part of `make attack`."""

import pytest

from app import demo
from app.access import House
from tests.attack.fuzzed import Fuzzed
from tests.test_access import ROUTES


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_v2_2_1_a_fuzzer_breaks_no_route(house: House, cast: demo.Cast) -> None:
    done = Fuzzed(house, cast).run(seed=7, many=2)
    assert (done.broken, done.told) == ([], [])
    assert done.routes == ROUTES and done.requests >= ROUTES
