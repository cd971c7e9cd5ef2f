"""Every route once, by each of three people, with a stranger's name in every header: what no answer does."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app import demo, main, worker
from app.access import House
from tests import matrix
from tests.conftest import Browser
from tests.matrix import Try
from tests.test_edge import EVIL, every_row
from tests.test_headers import wrong

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

LIES = {
    "Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Host": "evil.example", "X-Forwarded-Port": "6666",
    "Forwarded": 'for=evil.example;host="evil.example";proto=http', "X-Original-URL": "/evil.example",
    "X-Rewrite-URL": "/evil.example", "X-Forwarded-Prefix": "/evil.example", "Referer": f"{EVIL}/",
}  # fmt: skip
# Whatever Python is asked to do outside of its process.
OUT = ("socket.connect", "socket.send", "socket.getaddrinfo", "socket.gethost", "socket.getname", "urllib.", "http.")
OUT += ("smtplib.", "ftplib.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork")
# What is no page and no file to keep: browsers and machines ask for these by themselves.
ASIDE = {
    "text/plain",
    "application/json",
    "application/manifest+json",
    "text/javascript",
    "text/css",
    "text/event-stream",
}
_heard: list[list[str]] = []


def once_each(house: House, ana: matrix.Ana, cast: demo.Cast, who: str) -> Iterator[Try]:
    """Every route once, with what it needs."""
    tried = set()
    for one in matrix.tries(main.create_app(house), ana, cast, who):
        if str(one.address) not in tried:
            tried.add(str(one.address))
            yield one


def _hook(event: str, said: tuple[Any, ...]) -> None:
    if _heard and event.startswith(OUT):
        _heard[-1].append(f"{event} {said}")


@contextmanager
def heard() -> Iterator[list[str]]:
    """What is asked of anybody else meanwhile. The hook cannot be taken away again, and is silent otherwise."""
    if not hasattr(sys, "_footbridge_hears"):
        sys.addaudithook(_hook)
        sys._footbridge_hears = True  # type: ignore[attr-defined]
    _heard.append([])
    yield _heard[-1]
    _heard.clear()


@only_sqlite
@pytest.mark.parametrize("who", ["ana", "cora", "pat"])
def test_v1_3_6_v13_2_4_v3_2_1_v3_3_1_v3_4_v4_1_3_v5_4_1_every_answer_of_every_route(
    house: House, cast: demo.Cast, signed_in: Callable[[str], Browser], who: str
) -> None:
    """Pages, invites, codes to scan, calendars, letters, redirects: made from no header of a stranger, asking nobody
    else, with the headers that all have, files named by us, and cookies from two forms. What is due on the clock asks
    nobody either.
    """
    ana, browser, links, files, cookies = matrix.settle(house, cast), signed_in(who), set(), set(), set()
    browser.headers, browser.follow_redirects = browser.headers | LIES, False
    with heard() as asked:
        answers = [(one, one.make(browser)) for one in once_each(house, ana, cast, who)]
        worker.turn(house)
    assert len(answers) > 180 and asked == []
    for one, answer in answers:
        assert b"evil" not in answer.content and "evil" not in str(answer.headers), one
        links |= {*re.findall(r"https?://[\w.:-]+(?=/invites/|/feeds/)", answer.text)}
        files |= {named(one, answer)} - {""}
        assert {*wrong(answer)} <= {"a cookie"}, one
        cookies |= {(str(one.address), said.partition("=")[0]) for said in answer.headers.get_list("set-cookie")}
    assert links == {"https://testserver"}
    assert cookies == {("POST /look", "look"), ("POST /sign-out", "__Host-sid")}
    assert files == FILES[who]


FILES = {
    "ana": {"application/pdf", "text/calendar"}, "cora": {"application/pdf"}, "pat": {"application/pdf", "text/csv"},
}  # fmt: skip


def named(one: Try, answer: Any) -> str:
    """The kind of a file, whose name is one of ours; "" for a page."""
    said, kind = answer.headers.get("content-disposition"), answer.headers.get("content-type", "").partition(";")[0]
    if not said:
        assert answer.status_code != 200 or kind in {"text/html", *ASIDE}, one
        return ""
    assert re.fullmatch(r'(attachment|inline); filename="[a-z-]+\.(pdf|csv|ics)"', said), one
    assert answer.headers["x-content-type-options"] == "nosniff"
    return str(kind)


def test_what_is_asked_of_others_would_be_heard() -> None:
    with heard() as asked:
        with pytest.raises(OSError), socket.socket() as tried:
            tried.connect(("127.0.0.1", 1))
        subprocess.run([sys.executable, "-c", ""], check=True)
    assert {one.split()[0] for one in asked} >= {"socket.connect", "subprocess.Popen"}


# What is written down of a look: who opened what, who has it open, and that an answer was seen.
LOOKED = {"ana": {"revision"}, "cora": {"opening", "link", "answering"}}


@only_sqlite
def test_v3_5_3_looking_changes_nothing_but_who_looked(
    house: House, cast: demo.Cast, signed_in: Callable[[str], Browser]
) -> None:
    ana = matrix.settle(house, cast)
    entries = {None, *(str(ana.entries[name]) for name in ("shared", "private"))}
    for who in ("ana", "cora", "pat", "sam", "ben", "dov", "fay", "eli"):
        browser, before = signed_in(who), every_row(house, cast)
        browser.follow_redirects = False
        for one in matrix.tries(main.create_app(house), ana, cast, who):
            if one.address.method == "GET" and one.named.get("entry_id") in entries:
                one.make(browser)
        after = every_row(house, cast)
        assert {name for name in before if before[name] != after[name]} == LOOKED.get(who, set())
