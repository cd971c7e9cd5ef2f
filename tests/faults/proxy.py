"""A line between a browser and Footbridge that breaks as real lines do, when it is told to."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from urllib.parse import parse_qs

HOST = "127.0.0.1"
LOGS = ("/moods", "/check-ins", "/journal", "/practices", "/urges")
WORKER = "/service-worker.js"
PATIENCE = 60.0  # s
LATE = 1.2  # s: what slow is
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>Welcome to our guest network</h1>"
AWAY = b"HTTP/1.1 302 Found\r\nLocation: /sign-in\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
STRANGE = b"HTTP/1.1 451 Not here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Asked:
    """A request as it came. `fate` is what the line did to it, `answer` what the server said."""

    head: bytes
    body: bytes
    fate: str = ""
    answer: bytes = b""

    @property
    def method(self) -> str:
        return self.head.partition(b" ")[0].decode()

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode().partition("?")[0]

    @property
    def logs(self) -> bool:
        return self.method == "POST" and self.path in LOGS

    @property
    def id(self) -> str:
        return self.field("id")

    def field(self, name: str) -> str:
        return parse_qs(self.body.decode("utf-8", "replace")).get(name, [""])[0]

    def onward(self) -> bytes:
        """As it is handed on: one request to a connection, and a worker unzipped, so that it can be changed."""
        dropped = rb"(?im)^(connection|accept-encoding):.*\r\n" if self.path == WORKER else rb"(?im)^connection:.*\r\n"
        return re.sub(dropped, b"", self.head).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + self.body


@dataclass
class Proxy:
    """`line` is what happens to every request, `fate` chooses what happens to one that logs something.

    Either is one of pass, refuse (cut at once), cut (half of it arrives), drop (the answer is lost), kill (and the
    server with it), blow (the server is killed somewhere on the way), fail (500), busy (503), portal (a stranger's
    page), away (a stranger's redirect), stall (never an answer) or slow. `did` counts them; `posts` remembers what
    was logged.
    """

    behind: int
    kill: Callable[[], None] = lambda: None
    line: str = "pass"
    fate: Callable[[Asked], str] = lambda asked: "pass"
    worker: int = 0
    did: Counter[str] = field(default_factory=Counter)
    posts: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        self.loop = asyncio.new_event_loop()
        thread = Thread(target=self.loop.run_forever, daemon=True)
        thread.start()
        self.port: int = asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._end(), self.loop).result()
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()

    def switch(self, line: str) -> None:
        """From now on every request meets this; whoever was kept waiting without end is let go."""
        self.line = line
        self.loop.call_soon_threadsafe(self._let_go)

    def calm(self) -> None:
        self.fate = lambda asked: "pass"
        self.switch("pass")

    async def _listen(self) -> int:
        self.again = asyncio.Event()
        self.server = await asyncio.start_server(self._meet, HOST, 0, limit=2**20)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    async def _end(self) -> None:
        self.server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _let_go(self) -> None:
        self.again.set()
        self.again = asyncio.Event()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError):
            if self.line != "refuse":
                await self._answer(await _read(reader), writer)
        writer.transport.abort()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        asked.fate = self.fate(asked) if asked.logs and self.line == "pass" else self.line
        self.did[asked.fate] += asked.logs
        if asked.logs:
            self.posts.append(asked)
        if answer := await self._deed(asked.fate)(asked):
            writer.write(answer)
            await writer.drain()
            writer.close()
            await asyncio.wait_for(writer.wait_closed(), PATIENCE)

    def _deed(self, fate: str) -> Callable[[Asked], Awaitable[bytes]]:
        deed: Callable[[Asked], Awaitable[bytes]] = getattr(self, f"_{fate}")
        return deed

    # --- what can happen to a request: each answers what the browser gets, nothing if it is cut off

    async def _pass(self, asked: Asked) -> bytes:
        return self._changed(asked, await self._asked(asked))

    async def _refuse(self, asked: Asked) -> bytes:
        return b""

    async def _drop(self, asked: Asked) -> bytes:
        await self._asked(asked)
        return b""

    async def _kill(self, asked: Asked) -> bytes:
        await self._asked(asked, first=self.kill)
        return b""

    async def _blow(self, asked: Asked) -> bytes:
        self.loop.call_later((len(asked.body) + len(self.posts)) % 12 / 1000, self.kill)
        await self._asked(asked)
        return b""

    async def _cut(self, asked: Asked) -> bytes:
        _, onward = await asyncio.open_connection(HOST, self.behind)
        onward.write(asked.onward()[: len(asked.onward()) - len(asked.body) // 2])
        await onward.drain()
        onward.close()
        return b""

    async def _fail(self, asked: Asked) -> bytes:
        return BROKEN

    async def _busy(self, asked: Asked) -> bytes:
        return BUSY

    async def _portal(self, asked: Asked) -> bytes:
        return PORTAL

    async def _strange(self, asked: Asked) -> bytes:
        return STRANGE

    async def _away(self, asked: Asked) -> bytes:
        return AWAY

    async def _stall(self, asked: Asked) -> bytes:
        await asyncio.wait_for(self.again.wait(), PATIENCE)
        return b""

    async def _slow(self, asked: Asked) -> bytes:
        await asyncio.sleep(LATE)
        return await self._pass(asked)

    async def _asked(self, asked: Asked, first: Callable[[], None] | None = None) -> bytes:
        """The server's whole answer. `first` is done when its first byte comes: it has committed by then."""
        reader, onward = await asyncio.open_connection(HOST, self.behind)
        onward.write(asked.onward())
        await onward.drain()
        asked.answer = await asyncio.wait_for(reader.read(1), PATIENCE)
        if first and asked.answer:
            first()
        asked.answer += await asyncio.wait_for(reader.read(), PATIENCE)
        onward.close()
        return asked.answer

    def _changed(self, asked: Asked, answer: bytes) -> bytes:
        """Another worker than before, as after an update of Footbridge."""
        if asked.path != WORKER or not self.worker:
            return answer
        head, _, body = answer.partition(b"\r\n\r\n")
        body = re.sub(rb'("version": ")(\w+)"', rb'\g<1>\g<2>-%d"' % self.worker, body) + b"\n// %d" % self.worker
        return re.sub(rb"(?i)content-length: \d+", b"Content-Length: %d" % len(body), head) + b"\r\n\r\n" + body


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return Asked(head, await reader.readexactly(int(length[1])) if length else b"")
