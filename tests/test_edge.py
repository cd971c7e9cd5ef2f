"""What every request meets first, and every answer last: headers, whose page sent it, how much, and the log."""

import asyncio
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select

from app import cli, demo, main
from app import pages as app_pages
from app.access import House, opened
from app.database import new_id
from app.edge import ROOMS, Edge, JsonLines
from app.models.program import Phase
from app.routes import help as help_routes
from app.settings import Settings
from tests import matrix
from tests.conftest import Browser
from tests.matrix import CANARY, OURS

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Answers = dict[str, Any]

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'; img-src 'self' data:"
)
FOREVER = "public, max-age=31536000, immutable"


def quiet(house: House) -> Browser:
    """A browser to which a server that breaks says so, as a real one does, instead of breaking the test."""
    return Browser(main.serve(house), base_url=house.settings.public_url, raise_server_exceptions=False)


def broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError(f"{CANARY} in a message")


@pytest.fixture
def answers(house: House, cast: demo.Cast, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """One answer of every kind that there is."""
    browser, ana = quiet(house), quiet(house)
    form = {"name": demo.ADDRESS.format("ana"), "passphrase": demo.PASSPHRASE}
    static = [f"/static/{name}" for name in main.create_app(house).state.files]
    found = {
        "200 page": browser.look("/help"),
        "303 to sign in": browser.look("/today"),
        "303 signed in": ana.post("/sign-in", form),
        "200 one's own": ana.look("/today"),
        "200 fragment": ana.post("/moods", {"id": str(new_id()), "mood": "3"}, headers={"HX-Request": "true"}),
        "303 kept": ana.post("/moods", {"id": str(new_id()), "mood": "4"}),
        "400 length": browser.post("/sign-in", headers={"Content-Length": "many"}),
        "401 form": browser.post("/moods", {"id": str(new_id()), "mood": "3"}),
        "401 fragment": browser.post("/moods", {"mood": "3"}, headers={"HX-Request": "true"}),
        "403 foreign": browser.post("/sign-in", form, headers={"Origin": "https://evil.example"}),
        "404 nowhere": browser.look("/nowhere"),
        "404 not theirs": ana.look("/caseload"),
        "404 asset": browser.look("/static/app.000000000000.css"),
        "405 method": ana.delete("/today", headers=OURS),
        "413 announced": browser.post("/sign-in", content=b"x" * 5_000_000),
        "422 form": browser.post("/sign-in", {}),
        "422 own form": ana.post("/moods", {"id": str(new_id()), "mood": "9"}),
        "200 health": browser.look("/health"),
        "200 css": browser.look(next(path for path in static if path.endswith(".css"))),
        "200 picture": browser.look(next(path for path in static if path.endswith(".svg"))),
    }  # fmt: skip
    monkeypatch.setattr(help_routes, "crisis_lines", broken)
    found["500 broken"] = browser.look("/help")
    found["500 broken for Ana"] = ana.look("/help")
    return found


def test_the_answers_are_of_the_kinds_they_are_called(answers: Answers) -> None:
    assert {name: answer.status_code for name, answer in answers.items()} == {name: int(name[:3]) for name in answers}


def test_v3_4_every_kind_of_answer_has_the_headers(answers: Answers) -> None:
    everywhere = {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
    }
    for name, answer in answers.items():
        assert {header: answer.headers.get(header) for header in everywhere} == everywhere, name
        assert "server" not in answer.headers
        assert all(len(answer.headers.get_list(header)) == 1 for header in everywhere), name


def test_v14_3_2_only_fingerprinted_files_are_kept_by_anybody(answers: Answers) -> None:
    kept = {name: answer.headers["cache-control"] for name, answer in answers.items()}
    assert {name for name, said in kept.items() if said == FOREVER} == {"200 css", "200 picture"}
    assert set(kept.values()) == {FOREVER, "no-store"}
    # A fragment and the page at the same address are not taken for each other.
    assert all("HX-Request" in answer.headers["vary"] for answer in answers.values())


def test_v4_1_1_every_text_says_its_charset(answers: Answers) -> None:
    for name, answer in answers.items():
        kind = answer.headers.get("content-type")
        assert answer.content == b"" if kind is None else kind.endswith("; charset=utf-8"), name


@only_sqlite
def test_every_file_says_what_it_is(house: House) -> None:
    browser, kinds = quiet(house), set()
    for name in main.create_app(house).state.files:
        plain = browser.look(f"/static/{name}", headers={"Accept-Encoding": "identity"})
        zipped = browser.look(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
        assert plain.content == zipped.content
        assert (plain.headers.get("content-encoding"), zipped.headers["content-encoding"]) == (None, "gzip")
        kinds.add(plain.headers["content-type"])
    assert kinds <= {
        "text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml; charset=utf-8", "image/png",
    }  # fmt: skip


def test_v16_5_1_what_went_wrong_is_told_kindly_and_without_details(answers: Answers) -> None:
    for name, answer in answers.items():
        assert not re.search(rf"{CANARY}|Traceback|RuntimeError|Error\b|Exception|sqlalchemy|\.py\b", answer.text), name
    for name in ("403 foreign", "404 nowhere", "404 asset", "405 method", "413 announced", "500 broken", "400 length"):
        assert "<h1" in answers[name].text and 'href="/help"' in answers[name].text, name


def test_each_is_told_what_is_true_of_it(answers: Answers) -> None:
    """Our side is to blame for 500 alone; whatever it is, there is a heading of its own and a way on."""
    heads = {}
    for name in ("400 length", "403 foreign", "404 nowhere", "405 method", "413 announced", "500 broken"):
        (heads[name],) = re.findall(r"<h1[^>]*>(.*?)</h1>", answers[name].text, re.DOTALL)
        ours = [words for words in ("our side", "It is not because of you") if words in answers[name].text]
        assert bool(ours) == name.startswith("500"), name
    assert len(set(heads.values())) == len(heads)


MULTIPART = "multipart/form-data; boundary=x"
BROKEN = {
    "no boundary": ("multipart/form-data", b"--x"),
    "no parts": (MULTIPART, b"nothing of the kind"),
    "a part without a name": (MULTIPART, b"--x\r\nContent-Disposition: form-data\r\n\r\nwords\r\n--x--\r\n"),
    "a file": (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n--x--\r\n'),
    "letters of no kind": (
        "multipart/form-data; boundary=x; charset=undefined",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nc\r\n--x--\r\n',
    ),
    "too many fields": ("application/x-www-form-urlencoded", b"a=b&" * 101),
}


@only_sqlite
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("broken", BROKEN)
def test_a_form_that_cannot_be_read_is_told_so(
    house: House, signed_in: Callable[[str], Browser], broken: str, signed: bool
) -> None:
    """Also when the sign-in has run out."""
    browser = quiet(house)
    browser.cookies = signed_in("ana").cookies if signed else browser.cookies
    kind, content = BROKEN[broken]
    for path in ("/moods", "/journal", "/sign-in"):
        answer = browser.post(path, content=content, headers={"Content-Type": kind})
        assert (answer.status_code, "We could not read that" in answer.text) == (400, True), path


def test_what_went_wrong_is_told_in_the_language_of_whom_it_went_wrong_for(house: House, cast: demo.Cast) -> None:
    spoken = {"Accept-Language": "es-MX,es;q=0.9", "Origin": "https://evil.example"}
    for path, method in (("/nowhere", "GET"), ("/sign-in", "POST")):
        assert '<html lang="es"' in quiet(house).request(method, path, headers=spoken).text


# --- plain http, on this machine only


@pytest.fixture
def plain_house(house: House, settings: Settings) -> House:
    house.settings = Settings(
        data=settings.data, keys=settings.keys, database_url=settings.database_url, public_url="http://localhost:8000"
    )
    return house


@only_sqlite
def test_v3_4_1_hsts_is_said_over_https_only(plain_house: House) -> None:
    assert "strict-transport-security" not in quiet(plain_house).look("/help").headers


@only_sqlite
def test_v3_3_the_cookie_over_plain_http_has_another_name(plain_house: House, cast: demo.Cast) -> None:
    form = {"name": demo.ADDRESS.format("ana"), "passphrase": demo.PASSPHRASE}
    browser = quiet(plain_house)
    answer = browser.post("/sign-in", form, headers={"Origin": "http://localhost:8000"})
    assert attributes(answer) == ("sid", {"httponly", "max-age=2592000", "path=/", "samesite=lax"})


# --- the cookie


def attributes(answer: Any) -> tuple[str, set[str]]:
    [said] = answer.headers.get_list("set-cookie")
    cookie, *rest = said.split("; ")
    return cookie.partition("=")[0], {one.lower() for one in rest}


def test_v3_3_there_is_one_cookie_for_this_host_over_https_and_no_script(answers: Answers) -> None:
    said = {name: attributes(answer) for name, answer in answers.items() if "set-cookie" in answer.headers}
    expected = ("__Host-sid", {"secure", "httponly", "max-age=2592000", "path=/", "samesite=lax"})
    assert said == {"303 signed in": expected}


def test_v14_3_1_signing_out_takes_the_cookie_and_what_the_browser_kept(signed_in: Callable[[str], Browser]) -> None:
    ana = signed_in("ana")
    token = ana.cookies["__Host-sid"]
    answer = ana.post("/sign-out")
    name, rest = attributes(answer)
    assert name == "__Host-sid" and {"max-age=0", "path=/", "secure", "httponly"} <= rest
    assert '"cache"' in answer.headers["clear-site-data"]
    ana.cookies.set("__Host-sid", token)
    assert ana.look("/today").status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "é", "%00", "\udcff", "a" * 8000, '"', "__Host-sid=", "a; __Host-sid=b"])
def test_a_cookie_of_anybody_elses_making_is_no_sign_in(house: House, cookie: str) -> None:
    header = f"__Host-sid={cookie}".encode("utf-8", "surrogateescape")
    assert quiet(house).look("/today", headers=[(b"cookie", header)]).headers["location"] == "/sign-in?next=/today"


@only_sqlite
@pytest.mark.parametrize(
    "next",
    ["//evil.example", "/\\evil.example", "\\evil", "https://evil.example", "javascript:alert(1)", "/%2f/evil.example",
     "/today\r\nSet-Cookie: a=b", " //evil.example", "/\t/evil.example", "///evil.example", "/today?x=//evil", "today"],
)  # fmt: skip
def test_v3_7_2_signing_in_leads_nowhere_else(house: House, cast: demo.Cast, next: str) -> None:
    form = {"name": demo.ADDRESS.format("ana"), "passphrase": demo.PASSPHRASE, "next": next}
    assert quiet(house).post("/sign-in", form).headers["location"] == "/"
    assert "evil" not in quiet(house).look("/sign-in", params={"next": next}).text


# --- whose page sent it

HERE, EVIL, NULL = "https://testserver", "https://evil.example", "null"
# Sec-Fetch-Site, Origin, whether our cookie came along → whether it goes through.
SENDERS = [
    ("same-origin", HERE, True, True), ("same-origin", None, True, True), ("same-origin", NULL, True, True),
    ("same-origin", EVIL, True, False), ("same-origin", EVIL, False, False),
    ("none", None, True, True), ("none", HERE, True, True), ("none", EVIL, True, False), ("none", NULL, True, False),
    ("same-site", None, True, False), ("same-site", HERE, True, False), ("same-site", None, False, False),
    ("same-site", "https://other.testserver", True, False),
    ("cross-site", None, True, False), ("cross-site", EVIL, True, False), ("cross-site", HERE, True, False),
    ("cross-site", NULL, False, False), ("cross-site", None, False, False),
    ("", HERE, True, False), ("Same-Origin", HERE, True, False), ("nonsense", HERE, False, False),
    (None, HERE, True, True), (None, HERE, False, True), (None, EVIL, True, False), (None, EVIL, False, False),
    (None, NULL, True, False), (None, NULL, False, False), (None, None, True, False), (None, None, False, True),
    (None, "", True, False), (None, "http://testserver", True, False), (None, "https://testserver:444", True, False),
    (None, "https://testserver.evil.example", True, False), (None, "https://TESTSERVER", True, False),
]  # fmt: skip


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_v3_5_1_what_a_page_of_ours_did_not_send_is_turned_away(house: House, method: str) -> None:
    browser, judged = quiet(house), []
    for site, origin, cookie, _ in SENDERS:
        said = {"Sec-Fetch-Site": site, "Origin": origin, "Cookie": "a=b; __Host-sid=x" if cookie else None}
        headers = {name: value for name, value in said.items() if value is not None}
        status = browser.request(method, "/sign-out", headers=headers).status_code
        judged.append((site, origin, cookie, status != 403))
    assert judged == SENDERS


def test_v3_5_1_every_route_that_changes_something_turns_other_sites_away(
    house: House, cast: demo.Cast, signed_in: Callable[[str], Browser]
) -> None:
    ana = matrix.settle(house, cast)
    browser, before, tried = signed_in("ana"), matrix.fingerprints(house, cast), 0
    for site, origin in (("cross-site", EVIL), ("same-site", None), ("none", EVIL), (None, EVIL), (None, None)):
        said = {"Sec-Fetch-Site": site, "Origin": origin}
        headers = {name: value for name, value in said.items() if value is not None}
        for address in matrix.addresses(main.create_app(house)):
            if address.method != "GET":
                path = address.path.format(**{name: ana.values(name)[0] for name in address.names})
                body = matrix.filled(address.form) if address.form else {}
                answer = browser.request(address.method, path, data=body, headers=headers)
                assert answer.status_code == 403, (address, site, origin)
                tried += 1
    assert tried > 80
    assert matrix.fingerprints(house, cast) == before


@only_sqlite
@pytest.mark.parametrize(
    ("url", "origin"),
    [("https://Program.example:443", "https://program.example"), ("https://program.example/", "https://program.example"),
     ("https://program.example:8443", "https://program.example:8443")],
)  # fmt: skip
def test_our_origin_is_written_as_a_browser_writes_it(house: House, url: str, origin: str) -> None:
    house.settings = house.settings.model_copy(update={"public_url": url.rstrip("/")})
    assert quiet(house).request("POST", "/sign-in", headers={"Origin": origin}).status_code == 422


def every_row(house: House, cast: demo.Cast) -> dict[str, list[str]]:
    """All that lies in the tables of Ana's program, past the guard."""
    with opened(house, cast.harbor, "keeper", cast.pat) as record:
        said, tables = record.session.connection().execute, SQLModel.metadata.sorted_tables
        return {table.name: sorted(map(repr, said(select(table)))) for table in tables}


# --- how much


@only_sqlite
def test_f09_who_finds_no_room_in_time_is_asked_to_come_again_soon(
    house: House, cast: demo.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads, who asks for a file, who writes and who signs in have rooms of their own: nobody keeps others out."""
    monkeypatch.setattr("app.database.PATIENCE", 0.2)
    asks = {
        "reading": ("GET", "/help"), "making": ("GET", "/attendance/days.csv"), "writing": ("POST", "/sign-out"),
        "argon2": ("POST", "/sign-in"),
    }  # fmt: skip
    for room in asks:
        served = main.serve(house)
        served.rooms[room] = asyncio.Semaphore(0)
        browser = Browser(served, base_url=HERE, follow_redirects=False)
        answers = {name: browser.request(*asked, headers=OURS) for name, asked in asks.items()}
        assert [name for name, answer in answers.items() if answer.status_code == 503] == [room]
        assert answers[room].headers["Retry-After"] == "5" and "Very busy right now" in answers[room].text
    # Who watches has threads of its own.
    assert sum(ROOMS.values()) - ROOMS["watching"] < 40, "the threads that there are"
    served = main.serve(house)
    served.rooms["argon2"] = asyncio.Semaphore(0)
    assert Browser(served, base_url=HERE).post("/invites/x").status_code == 503


def in_pieces(total: int) -> Iterator[bytes]:
    yield b"held="
    for _ in range(total // 10_000):
        yield b"x" * 10_000


FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("said", ["the truth", "nothing", "a lie"])
@pytest.mark.parametrize("path", ["/sign-in", "/journal"])
def test_v5_2_1_five_megabytes_are_too_much_whatever_was_announced(
    signed_in: Callable[[str], Browser], house: House, said: str, path: str
) -> None:
    browser = Browser(signed_in("ana").app, base_url=HERE, raise_server_exceptions=False)
    browser.cookies = signed_in("ana").cookies
    for signed in (True, False):
        if not signed:
            browser.cookies.clear()
        whole = b"".join(in_pieces(5_000_000))
        content: Any = whole if said == "the truth" else in_pieces(5_000_000)
        headers = FORM_TYPE | ({"Content-Length": "17"} if said == "a lie" else {})
        answer = browser.post(path, content=content, headers=headers)
        assert (answer.status_code, "<h1" in answer.text) == (413, True), f"signed in: {signed}"


@only_sqlite
def test_a_form_of_the_size_allowed_is_read(house: House) -> None:
    most = house.settings.form_bytes
    browser = quiet(house)
    for size, status in ((most, 422), (most + 1, 413)):
        body = b"name=" + b"x" * (size - 5)
        assert browser.post("/sign-in", content=body, headers=FORM_TYPE).status_code == status
        assert browser.post("/sign-in", content=iter([body]), headers=FORM_TYPE).status_code == status


@only_sqlite
@pytest.mark.parametrize("length", ["-1", "", "+5", "5 5", "0x5", "²", "٥", "9" * 5000, "1e3", "5,5"])
def test_v4_2_1_a_length_that_is_no_number_is_refused(house: House, length: str) -> None:
    headers = [(b"content-length", length.encode()), (b"sec-fetch-site", b"same-origin")]
    assert quiet(house).request("POST", "/sign-out", headers=headers).status_code == 400


class Phone:
    """A connection whose body comes in pieces, when the test says so. It may break off."""

    def __init__(self, cookie: str, path: str, *pieces: bytes) -> None:
        said = {"cookie": f"__Host-sid={cookie}", "sec-fetch-site": "same-origin"} | FORM_TYPE
        headers = [(name.lower().encode(), value.encode()) for name, value in said.items()]
        self.scope = {
            "type": "http", "method": "POST", "scheme": "https", "path": path, "raw_path": path.encode(),
            "query_string": b"", "headers": headers, "server": ("testserver", 443), "root_path": "",
            "http_version": "1.1",
        }  # fmt: skip
        self.pieces, self.go, self.status = list(pieces), asyncio.Event(), 0

    async def receive(self) -> Any:
        if not self.pieces:
            await self.go.wait()
            return {"type": "http.disconnect"}
        return {
            "type": "http.request",
            "body": self.pieces.pop(0),
            "more_body": bool(self.pieces) or not self.go.is_set(),
        }

    async def send(self, message: Any) -> None:
        self.status = message.get("status", self.status)


def test_whoever_sends_slowly_keeps_nobody_waiting(house: House, signed_in: Callable[[str], Browser]) -> None:
    """A body is read before a transaction is begun: no phone in a tunnel holds the pen."""
    cookies = {name: signed_in(name).cookies["__Host-sid"] for name in ("ana", "ben")}
    page = f"id={new_id()}&mood=3".encode()

    async def both() -> list[int]:
        app = main.serve(house)
        slow = [Phone(cookies["ana"], "/moods", page[:9]) for _ in range(60)]
        waiting = [asyncio.create_task(app(one.scope, one.receive, one.send)) for one in slow]
        await asyncio.sleep(0.1)
        quick = Phone(cookies["ben"], "/moods", page)
        quick.go.set()
        await asyncio.wait_for(app(quick.scope, quick.receive, quick.send), 3)
        for one in slow:
            one.go.set()
        await asyncio.gather(*waiting)
        return [quick.status, *{one.status for one in slow}]

    assert asyncio.run(both()) == [303, 413]


def test_whoever_reads_slowly_keeps_nobody_waiting(house: House, cast: demo.Cast) -> None:
    """Nobody is kept out of a room by somebody whose answer is ready: a phone in a tunnel, or who means no good."""

    async def all_of_them() -> int:
        app, tunnel = main.serve(house), asyncio.Event()
        slow = [Phone("", "/help") for _ in range(ROOMS["reading"] + 1)]
        quick = Phone("", "/help")
        for one in (*slow, quick):
            one.scope["method"] = "GET"
            one.pieces = [b""]
            one.go.set()

        async def into_the_tunnel(_message: Any) -> None:
            await tunnel.wait()

        waiting = [asyncio.create_task(app(one.scope, one.receive, into_the_tunnel)) for one in slow]
        await asyncio.sleep(0.1)
        await asyncio.wait_for(app(quick.scope, quick.receive, quick.send), 3)
        tunnel.set()
        await asyncio.gather(*waiting)
        return quick.status

    assert asyncio.run(all_of_them()) == 200


def test_half_a_form_is_not_kept(house: House, cast: demo.Cast, signed_in: Callable[[str], Browser]) -> None:
    cookie, before = signed_in("ana").cookies["__Host-sid"], every_row(house, cast)

    async def broken_off() -> None:
        phone = Phone(cookie, "/journal", f"id={new_id()}&words=half+of+what+I+".encode())
        task = asyncio.create_task(main.serve(house)(phone.scope, phone.receive, phone.send))
        await asyncio.sleep(0.1)
        phone.go.set()
        await task

    asyncio.run(broken_off())
    assert every_row(house, cast) == before


# --- the log


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What a running server would write to its log."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(JsonLines().format(record))

    root, kept = logging.getLogger(), Kept()
    # The tests' own browser logs too, and no server has one.
    kept.addFilter(lambda record: not record.name.startswith("httpx"))
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(kept)
    root.setLevel(before)


SEEN = {"ana": {303, 404}, "cora": {303, 404}, "nobody": {401, 404}}


def as_a_server(one: matrix.Try, client: Any) -> None:
    """Make the request; what the app raises is logged as uvicorn does."""
    try:
        one.make(client)
    except Exception:
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=sys.exc_info())


@only_sqlite
@pytest.mark.parametrize(("who", "works"), [("ana", True), ("cora", True), ("ana", False)])
def test_v16_2_5_f21_no_words_no_ids_and_no_addresses_are_in_the_log(
    house: House, cast: demo.Cast, lines: list[str], monkeypatch: pytest.MonkeyPatch, who: str, works: bool
) -> None:
    ana, served = matrix.settle(house, cast), main.serve(house)
    monkeypatch.setattr(matrix, "ANSWERS", (f"{CANARY} words", *matrix.ANSWERS))
    client = matrix.browser(served, who, breaks=True)
    if not works:
        monkeypatch.setattr(app_pages, "whole", broken)
        monkeypatch.setattr(app_pages, "wants_fragment", broken)
    # With all that the matrix sends, and more, and over a line: tests/faults/canary.py.
    for one in matrix.once(matrix.tries(main.create_app(house), ana, cast, who)):
        as_a_server(one, client)
    read = [json.loads(line) for line in lines]
    asked = [line for line in read if line["what"] == "request"]
    assert len(asked) > 250 and {line["status"] for line in asked} >= SEEN[who] | (set() if works else {500})
    assert {frozenset(line) for line in asked} == {
        frozenset(("at", "level", "request", "what", "method", "route", "status", "ms"))
    }
    routes = {address.path for address in matrix.addresses(main.create_app(house))}
    assert {line["route"] for line in asked} == routes
    secret = [CANARY, ana.used_token, ana.place, "testserver", demo.PASSPHRASE, *ana.ids, str(ana.invite)]
    secret += [str(one) for one in vars(cast).values()]
    told = "\n".join(lines)
    assert [one for one in secret if one in told] == []
    traces = sum("RuntimeError" in line.get("trace", "") for line in read)
    assert works or traces > len(asked) / 4


def test_f21_an_error_of_the_database_does_not_bring_words_into_the_log(
    house: House, cast: demo.Cast, lines: list[str]
) -> None:
    with pytest.raises(IntegrityError) as raised, opened(house, cast.harbor, "keeper", cast.pat) as record:
        record.session.add(Phase(id=new_id(), number=9, name=f"{CANARY} phase", weeks=0, sessions_a_week=1))
        record.session.flush()
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=raised.value)
    [line] = lines
    trace = json.loads(line)["trace"]
    assert CANARY not in line
    # Enough to find the place: the statement's own line, and both the driver's and SQLAlchemy's name for it.
    assert "record.session.flush()" in trace and trace.count("IntegrityError\n") >= 1


def test_v16_4_1_a_line_is_a_line(lines: list[str]) -> None:
    logging.getLogger("footbridge").warning("one\r\ntwo\u2028three\x00%s", "\x1b[31m")
    [line] = lines
    assert line.isascii() and line.isprintable()
    assert json.loads(line)["what"] == "one\r\ntwo\u2028three\x00\x1b[31m"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", json.loads(line)["at"])


# --- the server


def test_v13_4_5_the_api_is_described_to_nobody(answers: Answers, house: House) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"):
        assert quiet(house).look(path).status_code == 404


@only_sqlite
@pytest.mark.parametrize(("proxies", "believed"), [("", False), ("10.0.0.1", True)])
def test_v4_1_3_a_proxy_is_believed_only_when_it_is_named(
    house: House, monkeypatch: pytest.MonkeyPatch, proxies: str, believed: bool
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(cli.uvicorn, "run", lambda app, **also: given.update(also, app=app))
    monkeypatch.setattr(cli, "log_to_stderr", lambda: None)
    house.settings = house.settings.model_copy(update={"trusted_proxies": proxies})
    cli._listen(house)
    assert isinstance(given["app"], Edge)
    assert (given["proxy_headers"], given["forwarded_allow_ips"]) == (believed, proxies or None)
    assert (given["access_log"], given["server_header"], given["log_config"]) == (False, False, None)


@only_sqlite
def test_v4_1_3_what_a_stranger_says_of_hosts_changes_nothing(house: House) -> None:
    lies = {
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example",
        "X-Forwarded-For": "1.2.3.4", "X-Original-URL": "/today", "X-HTTP-Method-Override": "POST",
    }  # fmt: skip
    for host in ("testserver", "evil.example"):
        for path in ("/help", "/today", "/sign-in"):
            plain, lied = quiet(house).look(path), quiet(house).look(path, headers=lies | {"Host": host})
            assert (plain.status_code, plain.headers.get("location")) == (
                lied.status_code,
                lied.headers.get("location"),
            )
            assert "evil" not in lied.text
