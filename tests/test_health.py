"""Whether it is well and whether it is ready: two questions of whoever watches the server, asked without a sign-in."""

import asyncio
from typing import Any

import pytest

from app import main, migrate
from app.access import House
from app.database import Busy
from tests.conftest import Browser

WELL, READY = "/healthz", ("/readyz", "/health")


@pytest.fixture
def asker(house: House) -> Browser:
    return Browser(main.serve(house), base_url="https://testserver", raise_server_exceptions=False)


def statuses(asker: Browser) -> list[int]:
    return [asker.look(path).status_code for path in (WELL, *READY)]


def test_both_say_nothing_but_that_it_is_so(asker: Browser) -> None:
    for path in (WELL, *READY):
        answer = asker.look(path)
        assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, "ok", "no-store")
        assert "set-cookie" not in answer.headers


def away(*_: Any, **__: Any) -> Any:
    raise Busy("the database is busy or away")


def test_without_its_database_it_is_well_and_not_ready(asker: Browser, house: House) -> None:
    house.database.session = away  # type: ignore[method-assign]
    assert statuses(asker) == [200, 503, 503]
    assert asker.look("/readyz").headers["retry-after"] == "5"


def test_with_the_tables_of_another_version_it_is_not_ready(asker: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "newest", lambda: "9999")
    assert statuses(asker) == [200, 503, 503]


def test_about_to_end_it_is_not_ready(asker: Browser, house: House) -> None:
    house.closing.set()
    assert statuses(asker) == [200, 503, 503]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_they_wait_behind_nobody(house: House) -> None:
    """A house in which every place is taken is busy, not dead."""
    served = main.serve(house)
    for room in set(served.rooms) - {"asking"}:
        served.rooms[room] = asyncio.Semaphore(0)
    assert statuses(Browser(served, base_url="https://testserver")) == [200, 200, 200]
