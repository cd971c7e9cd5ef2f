"""Where a request says that it came from, and whom it asked for: only what a named proxy says is believed."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlmodel import select

from app import cli, demo, main
from app.access import House
from app.models.accounts import Attempt
from app.settings import Settings
from bench.running import free_port
from tests.conftest import Browser
from tests.test_edge import quiet
from tests.test_walk import LIES

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

APP = Path(main.__file__).parent


def test_v4_1_3_no_code_of_ours_asks_for_the_host() -> None:
    """An address is made from the setting. The edge alone looks at the host, on plain http."""
    asks = re.compile(r"url_for\(|\bbase_url|request\.url(?!\.path)|get\([\"']host[\"']|root_path")
    found = {
        path.name for path in APP.rglob("*.*") if path.suffix in (".py", ".html") and asks.search(path.read_text())
    }
    assert found == {"edge.py"}


SLASHES = ("/today/", "/help/", "/journal/", "/sign-in/", "//evil.example/", "/room//", "/help%2F")


@only_sqlite
def test_v3_7_2_a_slash_too_many_leads_nowhere(
    house: House, cast: demo.Cast, signed_in: Callable[[str], Browser]
) -> None:
    """It was redirected to the host that the request named: a link of ours that led to anybody."""
    for browser in (quiet(house), signed_in("ana")):
        for path in SLASHES:
            answer = browser.get(f"https://testserver{path}", headers=LIES, follow_redirects=False)
            assert (answer.status_code, answer.headers.get("location")) == (404, None), path
            assert "evil" not in answer.text.replace(f"/sign-in?next={path}", "")


ELSEWHERE = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "/%2F%2Fevil.example", "%2F%2Fevil.example",
    "https:evil", "https:/evil.example", "https://evil.example", "HTTPS://EVIL.EXAMPLE", "//evil.example/%2e%2e",
    "/.//evil.example/..;", "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "\x00//evil.example",
    "/\r\nLocation: //evil.example", "javascript:alert('evil')", "JavaScript:evil", "data:text/html,evil",
    "vbscript:evil", "/@evil.example", "@evil.example", "//testserver@evil.example",
    "https://testserver.evil.example", "https://testserver@evil.example", "//[::1]/evil", "/〱evil.example",
    "／／evil.example", "/?next=//evil.example", "/#//evil.example", "///evil.example", "//////evil.example",
    "/\x0b/evil.example", "/%5cevil.example", "/%09/evil.example", ".evil.example", "evil.example",
    "//evil%E3%80%82example",
]  # fmt: skip


@only_sqlite
def test_v3_7_2_no_parameter_leads_elsewhere(house: House) -> None:
    """The page to sign in keeps the address that one wanted for its form; no other page looks at one."""
    here = quiet(house)
    for where in ELSEWHERE:
        page = here.look("/sign-in", params={"next": where})
        assert page.status_code == 200 and "evil" not in page.text.lower(), where
        for name in ("next", "url", "return", "redirect", "back", "to"):
            assert here.look("/today", params={name: where}).headers["location"] == "/sign-in?next=/today"


@only_sqlite
def test_v3_7_2_what_needs_a_sign_in_leads_there_and_back_only(house: House) -> None:
    here = quiet(house)
    for path in ("//evil.example/x", "/\\evil.example", "/%2F%2Fevil.example", "/today/%2F%2Fevil", "/today;//evil"):
        answer = here.get(f"https://testserver{path}", follow_redirects=False)
        assert answer.headers.get("location", "/sign-in?").startswith("/sign-in?"), path


# --- plain http


@only_sqlite
@pytest.mark.parametrize(
    ("host", "knows", "ours"),
    [("localhost:8000", False, True), ("127.0.0.1:8000", False, True), ("[::1]:8000", False, True),
     ("evil:8000", False, False), ("localhost.evil.example", False, False),
     ("localhost", False, True), ("", False, False), ("[", False, False),
     ("192.168.1.5:8000", False, False), ("192.168.1.5:8000", True, True)],
)  # fmt: skip
def test_v4_1_3_a_name_made_to_lead_to_this_machine_sends_no_forms(
    house: House, settings: Settings, host: str, knows: bool, ours: bool
) -> None:
    """DNS rebinding: the page says the same of itself as the request does, and neither is us."""
    changed = {"public_url": "http://localhost:8000", "i_know": knows}
    house.settings = settings.model_copy(update=changed)
    headers = [(b"host", host.encode()), (b"origin", f"http://{host}".encode())]
    assert quiet(house).request("POST", "/sign-in", headers=headers).status_code == (422 if ours else 403)


# --- a real server behind a proxy, or not


@contextmanager
def listening(house: House, monkeypatch: pytest.MonkeyPatch, proxies: str) -> Iterator[int]:
    """A server as `footbridge serve` starts it, in a thread; gives its port."""
    given: dict[str, Any] = {}
    monkeypatch.setattr(cli, "log_to_stderr", lambda: None)
    monkeypatch.setattr(cli.uvicorn, "run", lambda app, **also: given.update(also, app=app))
    house.settings = house.settings.model_copy(update={"trusted_proxies": proxies, "port": free_port(), "clock": False})
    cli._listen(house)
    server = uvicorn.Server(uvicorn.Config(**given))
    serving = threading.Thread(target=server.run)
    serving.start()
    while not server.started and serving.is_alive():
        time.sleep(0.01)
    try:
        yield house.settings.port
    finally:
        server.should_exit = True
        serving.join(10)


def asked(port: int, lines: list[tuple[str, str]], name: str = "somebody") -> tuple[int, str]:
    """A wrong sign-in, with these lines as they are; status and the whole answer."""
    body = f"name={name}&passphrase=not+the+right+one+at+all".encode()
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("POST", "/sign-in", skip_host=True)
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    for line in [("Host", "evil.example"), *lines, kind, ("Content-Length", str(len(body)))]:
        connection.putheader(*line)
    connection.endheaders(body)
    answer = connection.getresponse()
    said = answer.status, f"{answer.headers}{answer.read().decode()}"
    connection.close()
    return said


THEIRS = "203.0.113.9"
# Lines of a request from 127.0.0.1 → whom a server believes that it is from which believes 127.0.0.1.
FORWARDED = {
    "one": ([("X-Forwarded-For", THEIRS)], THEIRS),
    "after what the client said": ([("X-Forwarded-For", f"1.1.1.1, {THEIRS}")], THEIRS),
    "in a line of its own": ([("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", THEIRS)], THEIRS),
    "with the proxy itself": ([("X-Forwarded-For", f"1.1.1.1, {THEIRS}, 127.0.0.1")], THEIRS),
    "another spelling": ([("x-forwarded-for", THEIRS), ("X-Real-IP", "1.1.1.1"), ("Forwarded", "for=1.1.1.1")], THEIRS),
    "nobody": ([("X-Real-IP", "1.1.1.1"), ("Forwarded", "for=1.1.1.1"), ("Client-IP", "1.1.1.1")], "127.0.0.1"),
}


@only_sqlite
@pytest.mark.parametrize(("proxies", "believed"), [("", False), ("10.0.0.1", False), ("127.0.0.1", True)])
def test_v4_1_3_v15_3_4_an_address_is_taken_from_the_named_proxy_only(
    house: House, cast: demo.Cast, monkeypatch: pytest.MonkeyPatch, proxies: str, believed: bool
) -> None:
    """What slows guessers down goes by the address: whoever could choose theirs would never be slowed down."""
    monkeypatch.setattr("app.models.accounts.verify", lambda stored, typed: False)
    with listening(house, monkeypatch, proxies) as port:
        for number, (lines, address) in enumerate(FORWARDED.values()):
            status, said = asked(
                port, [*lines, ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "evil.example")], f"n{number}"
            )
            assert status == 422 and "evil" not in said and "1.1.1.1" not in said
            expected = house.opaque("address", address if believed else "127.0.0.1").encode()
            with house.database.session(writes=False) as session:
                counted = select(Attempt).where(Attempt.name_hash != b"").order_by(Attempt.at, Attempt.id)
                attempts = session.exec(counted).all()
            assert (len(attempts), attempts[-1].address_hash) == (number + 1, expected)


@only_sqlite
@pytest.mark.parametrize("proxies", ["", "127.0.0.1"])
def test_v4_1_3_nonsense_about_where_it_came_from_breaks_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, proxies: str
) -> None:
    monkeypatch.setattr("app.models.accounts.verify", lambda stored, typed: False)
    with listening(house, monkeypatch, proxies) as port:
        for nonsense in ("", ",", ", ,", "unknown", "[::1]:80", "x" * 5000, "é", "1.2.3.4:99999", "' or 1=1 --"):
            status, said = asked(port, [("X-Forwarded-For", nonsense), ("X-Forwarded-Proto", nonsense)], nonsense[:9])
            assert status == 422 and "Traceback" not in said, nonsense
