"""How many pages and check-ins a second, held against the floor and against anybody else's page.

Each server is one process on a processor of its own, who asks is on another; they are asked in turn (A B A B …), so
that whatever else the machine does meets both. A rate alone says nothing here: what counts is the ratio.
`python -m bench.rates` prints the figures; with PEER=http://…/page that page is asked beside our Today, the same way.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

import uvloop

from app.database import new_id
from bench import floor
from bench.running import ROOT, environment, free_port, program, wait_for
from bench.workers import empty_house, lived_in, processor

TURNS, SECONDS, READERS, WRITERS = 5, 2.0, 16, 32
PATIENCE = 30.0  # seconds for the last answers of a turn
PEER = os.environ.get("PEER", "")
HEADERS = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\nHX-Request: true\r\n"
CHECK_IN = {"mood": "4", "urge": "2", "stress": "3", "energy": "3", "visibility": "shared", "words": "A quiet evening."}
READS = ("today", "journal")
COUNTED = ("read_vs_floor", "read_ms_cpu", "floor_ms_cpu")
READ = [f"{page}_{what}" for page in READS for what in COUNTED]
WRITTEN = ["checkin_write_vs_floor", "checkin_write_p99_over_p50", "checkin_floor_p99_over_p50"]
BESIDE = ["today_read_vs_peer", "today_p99_over_p50", "peer_p99_over_p50"] if PEER else []
NAMED = [*READ, *WRITTEN]
Found = tuple[str, float, str, int]


@dataclass
class Asked:
    """One server, what it is asked for, and what came of it in each turn. `pid` 0: it is somebody else's."""

    port: int
    ask: Callable[[], bytes]
    pid: int = 0
    host: str = "127.0.0.1"
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # ms of the processor for an answer
    spread: list[float] = field(default_factory=list)  # p99 over p50 of the waiting
    statuses: Counter[str] = field(default_factory=Counter)

    def ratio(self, other: "Asked") -> float:
        """The median of how many times as many answers this one gave in a turn."""
        return median(mine / theirs for mine, theirs in zip(self.rates, other.rates, strict=True))


def reads(path: str, host: str, cookie: str = "") -> Callable[[], bytes]:
    said = f"Cookie: {cookie}\r\n" if cookie else ""
    asked = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{said}\r\n".encode()
    return lambda: asked


def writes(path: str, host: str, cookie: str) -> Callable[[], bytes]:
    """A check-in, with an id of its own each time."""
    said, head = urlencode(CHECK_IN), f"POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n{HEADERS}"

    def ask() -> bytes:
        body = f"id={new_id()}&{said}"
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    return ask


# --- asking


def compare(those: list[Asked], connections: int) -> None:
    """Ask each in turn; the first turn only warms up."""
    for turn in range(TURNS + 1):
        for one in those:
            before, began = processor(one.pid) if one.pid else 0, time.monotonic()
            waits = uvloop.run(_load(one, connections))
            took, worked = time.monotonic() - began, (processor(one.pid) if one.pid else 0) - before
            if turn:
                one.rates.append(len(waits) / took)
                one.cpu.append(1000 * worked / len(waits))
                one.spread.append(_spread(waits))


def _spread(waits: list[float]) -> float:
    shares = quantiles(waits, n=100)
    return shares[98] / shares[49]


async def _load(one: Asked, connections: int) -> list[float]:
    """Raises TimeoutError when an answer does not come at all."""
    until = time.monotonic() + SECONDS
    async with asyncio.timeout(SECONDS + PATIENCE):
        found = await asyncio.gather(*(_ask(one, until) for _ in range(connections)))
    return [wait for waits in found for wait in waits]


async def _ask(one: Asked, until: float) -> list[float]:
    """How long each answer took, on one connection as long as it is kept. By hand: a client must cost less than what it
    measures."""
    waits: list[float] = []
    kept = False
    while (began := time.monotonic()) < until:
        if not kept:
            reader, writer = await asyncio.open_connection(one.host, one.port)
        writer.write(one.ask())
        status, kept = await _answered(reader)
        one.statuses[status] += 1
        waits.append(time.monotonic() - began)
        if not kept:
            writer.close()
    writer.close()
    return waits


async def _answered(reader: asyncio.StreamReader) -> tuple[str, bool]:
    """The status of an answer, once all of it has come; and whether more may be asked on this connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    kept = head.startswith(b"http/1.1") and b"connection: close" not in head
    if b"transfer-encoding: chunked" in head:
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")
    elif b"content-length:" in head or kept:
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length or 0))
    else:
        await reader.read()
    return head[9:12].decode(), kept


# --- the servers


@contextmanager
def servers() -> Iterator[tuple[Callable[[str], Asked], Callable[[str], Asked]]]:
    """Ours and the floor; each is a function of what it is asked for: a page's path, or `POST` and a path."""
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-rates-")))
        house = empty_house(folder / "data", "")
        cookie = lived_in(house)
        house.database.engine.dispose()
        file = floor.make(folder)
        everywhere = os.sched_getaffinity(0)
        open_.callback(os.sched_setaffinity, 0, everywhere)
        asking, answering = min(everywhere), max(everywhere)
        serve = ("app", "serve")
        ours = open_.enter_context(_served(folder, answering, serve, data=folder / "data", clock=False))
        thin = open_.enter_context(_served(folder, answering, ("bench.floor", str(file)), data=folder))
        os.sched_setaffinity(0, {asking})
        yield partial(_asked, *ours, cookie), partial(_asked, *thin, f"floor={floor.SECRET}")


@contextmanager
def _served(folder: Path, core: int, words: tuple[str, ...], **settings: object) -> Iterator[tuple[int, int]]:
    """A server on one processor; gives its port and its process."""
    port = free_port()
    chosen, alone = environment(port=port, **settings), partial(os.sched_setaffinity, 0, {core})
    with (
        (folder / f"said-{port}").open("w+") as said,
        program((sys.executable, "-m", *words), said, cwd=ROOT, env=chosen, preexec_fn=alone) as server,
    ):
        wait_for(f"http://127.0.0.1:{port}", server, said)
        yield port, server.pid


def _asked(port: int, pid: int, cookie: str, what: str) -> Asked:
    method, _, path = what.rpartition(" ")
    ask = writes if method else reads
    return Asked(port, ask(path, f"localhost:{port}", cookie), pid)


# --- the figures


def figures(wanted: Callable[[Sequence[str]], bool] = lambda names: True) -> Iterator[Found]:
    """(name, value, unit, n)."""
    with servers() as (ours, thin):
        for page in READS:
            if wanted([f"{page}_{what}" for what in COUNTED]) and not PEER:
                yield from _read(page, ours(f"/{page}"), thin(f"/{page}"))
        if wanted(WRITTEN) and not PEER:
            yield from _written(ours("POST /check-ins"), thin("POST /check-ins"))
        if PEER:
            yield from _beside(ours("/today"), _peer(PEER))


def _read(page: str, mine: Asked, thin: Asked) -> Iterator[Found]:
    compare([mine, thin], READERS)
    _all_well(mine, thin)
    yield f"{page}_read_vs_floor", round(mine.ratio(thin), 3), "", TURNS
    yield f"{page}_read_ms_cpu", round(median(mine.cpu), 2), "ms", TURNS
    yield f"{page}_floor_ms_cpu", round(median(thin.cpu), 2), "ms", TURNS


def _written(mine: Asked, thin: Asked) -> Iterator[Found]:
    compare([mine, thin], WRITERS)
    _all_well(mine, thin)
    yield "checkin_write_vs_floor", round(mine.ratio(thin), 3), "", TURNS
    yield "checkin_write_p99_over_p50", round(median(mine.spread), 2), "", TURNS
    yield "checkin_floor_p99_over_p50", round(median(thin.spread), 2), "", TURNS


def _all_well(*those: Asked) -> None:
    for one in those:
        if set(one.statuses) != {"200"}:
            raise AssertionError(f"not every answer was a good one: {one.statuses}")


def _peer(url: str) -> Asked:
    where = urlsplit(url)
    path = (where.path or "/") + (f"?{where.query}" if where.query else "")
    return Asked(where.port or 80, reads(path, where.netloc), host=where.hostname or "127.0.0.1")


def _beside(mine: Asked, peer: Asked) -> Iterator[Found]:
    compare([mine, peer], READERS)
    yield "today_read_vs_peer", round(mine.ratio(peer), 3), "", TURNS
    yield "today_p99_over_p50", round(median(mine.spread), 2), "", TURNS
    yield "peer_p99_over_p50", round(median(peer.spread), 2), "", TURNS
    for name, one in (("today", mine), ("peer", peer)):
        for status, times in sorted(one.statuses.items()):
            yield f"{name}_answers_{status}", times, "answers", TURNS


if __name__ == "__main__":
    for name, value, unit, n in figures():
        print(f"{name} = {value:.10g} {unit}".rstrip() + f" (n = {n})", flush=True)
