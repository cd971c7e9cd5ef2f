"""The line breaks as it says; otherwise the proofs would show less than they claim."""

from collections.abc import Iterator
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread, Timer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.faults.proxy import Proxy

CUT = (HTTPException, OSError)


class Keeper(BaseHTTPRequestHandler):
    """A server that keeps what comes to it."""

    def do_GET(self) -> None:
        self._say(b'{"version": "abc"}')

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) == int(self.headers["Content-Length"]):
            self.server.kept.append(body)  # type: ignore[attr-defined]
            self._say(b"kept")

    def _say(self, words: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Keeper) as made:
        made.kept = []  # type: ignore[attr-defined]
        Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def proxy(server: ThreadingHTTPServer) -> Iterator[Proxy]:
    with Proxy(server.server_port).running() as made:
        yield made


def kept(server: ThreadingHTTPServer) -> list[bytes]:
    found: list[bytes] = server.kept  # type: ignore[attr-defined]
    return found


def post(proxy: Proxy, path: str = "/journal") -> bytes:
    with urlopen(Request(f"http://127.0.0.1:{proxy.port}{path}", data=b"id=7&words=some+words"), timeout=5) as answer:
        return bytes(answer.read())


def test_it_passes_and_remembers(proxy: Proxy, server: ThreadingHTTPServer) -> None:
    assert post(proxy) == b"kept"
    [asked] = proxy.posts
    assert (asked.id, asked.field("words"), asked.fate, asked.path) == ("7", "some words", "pass", "/journal")
    assert proxy.did == {"pass": 1}


@pytest.mark.parametrize(("fate", "there"), [("refuse", 0), ("cut", 0), ("drop", 1), ("kill", 1), ("blow", 1)])
def test_it_is_cut_before_within_or_after(fate: str, there: int, proxy: Proxy, server: ThreadingHTTPServer) -> None:
    killed: list[int] = []
    proxy.kill, proxy.fate = lambda: killed.append(len(kept(server))), lambda asked: fate
    with pytest.raises(CUT):
        post(proxy)
    assert len(kept(server)) == there
    assert fate != "kill" or killed == [1], "it had been kept by then"


@pytest.mark.parametrize(("fate", "status"), [("fail", 500), ("busy", 503)])
def test_an_error_of_the_server(fate: str, status: int, proxy: Proxy, server: ThreadingHTTPServer) -> None:
    proxy.fate = lambda asked: fate
    with pytest.raises(HTTPError) as told:
        post(proxy)
    assert told.value.code == status
    assert kept(server) == []


def test_a_strangers_page(proxy: Proxy, server: ThreadingHTTPServer) -> None:
    proxy.fate = lambda asked: "portal"
    assert b"guest network" in post(proxy)
    assert kept(server) == []


def test_the_line_is_for_everything_and_a_fate_for_what_logs(proxy: Proxy) -> None:
    proxy.fate = lambda asked: "fail"
    assert post(proxy, "/sign-in") == b"kept"
    proxy.switch("refuse")
    with pytest.raises(CUT):
        post(proxy, "/sign-in")
    proxy.calm()
    assert post(proxy) == b"kept"


def test_who_was_kept_waiting_is_let_go(proxy: Proxy) -> None:
    proxy.switch("stall")
    Timer(0.3, proxy.calm).start()
    with pytest.raises(CUT):
        post(proxy)


def test_another_worker(proxy: Proxy) -> None:
    url = f"http://127.0.0.1:{proxy.port}/service-worker.js"
    with urlopen(url) as before:
        assert before.read() == b'{"version": "abc"}'
    proxy.worker = 2
    with urlopen(url) as after:
        assert after.read() == b'{"version": "abc-2"}\n// 2'
