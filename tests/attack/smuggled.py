"""A request hidden in another: what a proxy in front and the server behind it might read in two ways.

Each is sent as raw bytes to the server as it is shipped. It is refused, or it is one request; never is what was hidden
in it answered as a request of its own.
"""

import re
import socket
from collections.abc import Iterator

from bench.figures import Figure
from tests.faults.ground import ground

HIDDEN = b"GET /install HTTP/1.1\r\nHost: localhost\r\n\r\n"
SIZE = b"%d" % len(HIDDEN)
CHUNKED, END = b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"
LONG = b"Content-Length: " + SIZE + b"\r\n"
# What stands between the first two lines of a form and what is hidden in it.
FORMS = {
    "a length and chunks": b"Content-Length: 999\r\n" + CHUNKED + b"\r\n" + END,
    "chunks and a length": CHUNKED + b"Content-Length: 4\r\n\r\n" + END,
    "two encodings": CHUNKED + b"Transfer-Encoding: identity\r\n\r\n" + END,
    "an unknown encoding": b"Transfer-Encoding: xchunked\r\n\r\n" + END,
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n" + END,
    "a tab before the encoding": b"Transfer-Encoding:\tchunked, identity\r\n\r\n" + END,
    "two lengths": b"Content-Length: 0\r\n" + LONG + b"\r\n",
    "two lengths in a line": b"Content-Length: 0, " + SIZE + b"\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "a folded line": b"X: a\r\n " + LONG + b"\r\n",
    "a bare return": b"X: a\rTransfer-Encoding: chunked\r\n\r\n",
    "an extension with a bare newline": CHUNKED + b"\r\n0;a=\n\r\n\r\n",
    "a chunk of more than there is": CHUNKED + b"\r\nfffffffffffffffff\r\n",
    "a chunk of less than nothing": CHUNKED + b"\r\n-1\r\n\r\n",
    "a NUL in a header": b"X: a\0b\r\n\r\n",
    "two hosts": b"Host: evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}
ANSWER = re.compile(rb"HTTP/1\.1 (\d+)")


def probes() -> Iterator[tuple[str, bytes]]:
    """(what it is, its bytes)."""
    start = b"POST /look HTTP/1.1\r\nHost: localhost\r\n"
    for name, said in FORMS.items():
        yield name, start + said + HIDDEN
    yield "bare newlines", b"GET /install HTTP/1.1\nHost: localhost\nX: y\n\n" + HIDDEN
    yield "a page with a body", b"GET /install HTTP/1.1\r\nHost: localhost\r\n" + LONG + b"\r\n" + HIDDEN


def answers(port: int, said: bytes) -> list[int]:
    """The status of each answer to some bytes, until the server closes or says no more."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(said)
        try:
            while more := line.recv(65536):
                got += more
        except (TimeoutError, ConnectionResetError):
            pass
    return [int(status) for status in ANSWER.findall(got)]


def tried(port: int) -> dict[str, list[int]]:
    return {name: answers(port, said) for name, said in probes()}


def run(_seed: int, _many: int) -> Iterator[Figure]:
    """Each probe once; beside them two requests in a row, which are two: the probes do reach a reader."""
    with ground("sqlite") as made:
        found = tried(made.port)
        two = answers(made.port, HIDDEN.replace(b"localhost", b"localhost:%d" % made.port) * 2)
    twice = [name for name, statuses in found.items() if len(statuses) > 1]
    yield Figure("smuggling_refused_probes", sum(400 in each for each in found.values()), "probes", len(found))
    yield Figure("smuggling_answered_twice_let_in", len(twice), "probes", len(found))
    yield Figure("smuggling_control_not_found", int(two != [200, 200]), "probes", 1)
