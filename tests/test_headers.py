"""Every route × kinds of methods × who is signed in: what each answer says of itself, and what none ever says."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from app import demo, main
from app.access import House
from app.edge import HEADERS
from tests import matrix
from tests.conftest import Browser
from tests.test_access import ROUTES
from tests.test_edge import EVIL, FOREVER, every_row, quiet

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SAID = HEADERS | {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
OURS = {"Sec-Fetch-Site": "same-origin"}
# A page of another site that asks whether it may, from a browser in which Ana is signed in.
FOREIGN = {
    "Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "hx-request", "Access-Control-Request-Private-Network": "true",
}  # fmt: skip
# What is nobody's: fingerprinted files, and the service worker, which a browser asks for again each time.
KEPT = {"static": FOREVER, "service-worker.js": "no-cache"}
# BREW: a method that nobody knows.
OTHERS = ("HEAD", "OPTIONS", "TRACE", "BREW")
# 503: /readyz and /health, as this house is closing, so that pages which stay open end.
KNOWN, OF_GET = {404, 405}, {200, 303, 503}


def paths(house: House, ana: matrix.Ana) -> list[str]:
    """Every path that there is, each once, with something of Ana's where it names something."""
    found = matrix.addresses(main.create_app(house))
    assert len(found) >= ROUTES
    return sorted({one.path.format(**{name: ana.values(name)[0] for name in one.names}) for one in found})


def wrong(answer: Any) -> list[str]:
    """What an answer says that it should not, or does not say."""
    lines = Counter(name.lower() for name, _ in answer.headers.multi_items())
    found = [name for name in SAID if answer.headers.get(name) != SAID[name] or lines[name.lower()] != 1]
    found += [name for name in lines if name.startswith("access-control-") or name in ("server", "x-powered-by")]
    found += ["a cookie"] if "set-cookie" in lines else []
    kind = answer.headers.get("content-type", "" if answer.content else "none; charset=utf-8")
    found += [f"kind: {kind}"] if kind.startswith(("text/", "image/svg")) and "; charset=utf-8" not in kind else []
    found += ["vary"] if "HX-Request" not in answer.headers.get("vary", "") else []
    kept = KEPT.get(answer.url.path.split("/")[1], "no-store") if answer.status_code == 200 else "no-store"
    return found if answer.headers.get("cache-control") == kept else [*found, "kept"]


@pytest.mark.parametrize("who", ["nobody", "ana"])
def test_v3_4_v4_1_1_every_route_by_every_method_has_the_headers(
    house: House, cast: demo.Cast, signed_in: Callable[[str], Browser], who: str
) -> None:
    """Each is asked by GET and by one other in turn. CORS with it: nothing is granted, whoever asks."""
    ana, browser, statuses = matrix.settle(house, cast), quiet(house), Counter[tuple[str, int]]()
    browser.cookies = signed_in(who).cookies if who != "nobody" else browser.cookies
    for number, path in enumerate(paths(house, ana)):
        for method, headers in (("GET", FOREIGN), (OTHERS[number % 4], OURS))[: 2 if who == "ana" else 1]:
            answer = browser.request(method, path, headers=headers, follow_redirects=False)
            assert wrong(answer) == [], (method, path)
            assert re.match(r"/(?!/)", answer.headers.get("location", "/x")), path
            statuses[method, answer.status_code] += 1
    assert statuses.total() >= (320 if who == "ana" else 160) and statuses["GET", 503] <= 2
    assert {status for method, status in statuses if method != "GET"} <= KNOWN
    assert {status for method, status in statuses if method == "GET"} <= KNOWN | OF_GET


def test_v3_5_1_another_site_is_let_ask_for_nothing(
    house: House, cast: demo.Cast, signed_in: Callable[[str], Browser]
) -> None:
    """What a browser asks first, for a page of another site, is refused on every route; nothing is written down."""
    ana, browser = matrix.settle(house, cast), quiet(house)
    browser.cookies = signed_in("ana").cookies
    before = every_row(house, cast)
    for number, path in enumerate(paths(house, ana)):
        answer = browser.request("OPTIONS", path, headers=FOREIGN | {"Origin": (EVIL, "null")[number % 2]})
        assert (answer.status_code, wrong(answer)) == (403, []), path
    assert every_row(house, cast) == before


def test_v4_1_1_what_is_refused_before_anybody_looks_has_them_too(house: House) -> None:
    here = quiet(house)
    asks: dict[int, dict[str, Any]] = {
        400: {"method": "POST", "headers": OURS | {"Content-Length": "many"}},
        403: {"method": "POST", "headers": {"Origin": EVIL}},
        404: {"method": "GET"},
        413: {"method": "POST", "headers": OURS, "content": b"x" * 600_000},
    }
    for path in ("/nowhere", "/%00", "/%ff%fe", "/" + "a" * 9000, "//evil.example/", "/today/"):
        for status, how in asks.items():
            answer = here.request(url=f"https://testserver{path}", **how)
            assert (answer.status_code, wrong(answer)) == (status, []), path
            assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_v3_4_when_there_is_no_room_they_are_there_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.database.PATIENCE", 0.1)
    served = main.serve(house)
    served.rooms["reading"] = asyncio.Semaphore(0)
    answer = Browser(served, base_url=house.settings.public_url).look("/help")
    assert (answer.status_code, wrong(answer)) == (503, [])
