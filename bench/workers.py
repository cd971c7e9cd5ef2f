"""Three web processes beside one, on the same database: how many pages they answer in a second.

`python -m bench.workers` prints the figures; bench/figures.py asks for them too. One server with FOOTBRIDGE_PROCESSES=1
and one with 3 stand on the same data, and are asked in turn (A B A B …), so that whatever else the machine does meets
both. Ana's Today, signed in, over as many connections as there are; each asks twenty times and is then made anew, as
what listens together shares out connections and not requests.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psycopg

from app import demo, main, migrate
from app.access import House, opened
from app.lib.vault import Master
from app.models import accounts
from app.models.accounts import Passphrase
from app.settings import Settings
from bench.running import ROOT, environment, free_port, postgres, program, wait_for
from tests.conftest import fresh_postgres

PROCESSES, TIMES, SECONDS, CONNECTIONS, EACH = (1, 3), 5, 2.0, 24, 20


class Rate(NamedTuple):
    """Pages in a second; and the processor's time for each, of web processes and database together (ms)."""

    pages: float
    cpu: float


def figures() -> Iterator[tuple[str, float, str, int]]:
    """(name, value, unit, n) for both databases."""
    for name in ("sqlite", "postgresql"):
        rates = measured(name)
        ratios = [three.pages / one.pages for one, three in zip(*rates.values(), strict=True)]
        yield f"workers_3_vs_1_{name}", round(median(ratios), 2), "", TIMES
        for processes, found in rates.items():
            yield f"workers_{processes}_reads_{name}", round(median(one.pages for one in found)), "per second", TIMES
        yield f"workers_cpu_{name}", round(median(one.cpu for one in rates[1]), 1), "ms per page", TIMES


def measured(database: str) -> dict[int, list[Rate]]:
    """Each time, by the number of processes."""
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-workers-")))
        url = fresh_postgres(open_.enter_context(postgres())) if database == "postgresql" else ""
        house = empty_house(folder / "data", url)
        cookie = lived_in(house)
        house.database.engine.dispose()
        servers = {processes: open_.enter_context(_serving(house, processes)) for processes in PROCESSES}
        rates: dict[int, list[Rate]] = {processes: [] for processes in PROCESSES}
        for turn in range(TIMES + 1):
            for processes, (port, pid) in servers.items():
                rate = asyncio.run(_rate(port, cookie, [pid, *_postmaster(url)]))
                # The first turn only warms up.
                rates[processes] += [rate] if turn else []
        return rates


def _postmaster(url: str) -> list[int]:
    """The process above all of a PostgreSQL server, where it is on this machine."""
    if not url:
        return []
    with psycopg.connect(url) as connection:
        own = connection.info.backend_pid
        return [int(Path(f"/proc/{own}/stat").read_text().rpartition(")")[2].split()[1])]


def processor(pid: int) -> float:
    """Seconds of the processor's time of a process and of all below it, also of those that have ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return 0
    return sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK") + sum(processor(int(one)) for one in below)


def empty_house(data: Path, url: str) -> House:
    data.mkdir(mode=0o700)
    settings = Settings(data=data, database_url=url or None)
    Master.create(settings.key_file)
    house = main.build(settings)
    migrate.upgrade(house.database)
    return house


def lived_in(house: House) -> str:
    """Ana's month; answers the cookie with which she is signed in."""
    cast, now = demo.make_cast(house, house.clock()), house.clock()
    demo.live(house, cast.harbor, cast.ana, demo.ANA, now)
    with opened(house, cast.harbor, "keeper", cast.harbor) as record:
        who = record.session.get_one(Passphrase, (cast.harbor, cast.ana))
        return f"{house.settings.cookie}={accounts.begin(record.session, who, False, 'bench', record.now)}"


@contextmanager
def _serving(house: House, processes: int) -> Iterator[tuple[int, int]]:
    """Gives its port, and the process above it."""
    port, url, data = free_port(), house.settings.database_url, house.settings.data
    chosen = environment(port=port, data=data, processes=processes, clock=False)
    chosen |= {"FOOTBRIDGE_DATABASE_URL": url.get_secret_value()} if url else {}
    serve = (sys.executable, "-m", "app", "serve")
    with (
        (data.parent / f"said-{port}").open("w+") as said,
        program(serve, said, cwd=ROOT, env=chosen) as server,
    ):
        wait_for(f"http://localhost:{port}", server, said)
        yield port, server.pid


async def _rate(port: int, cookie: str, pids: list[int]) -> Rate:
    began, before = time.monotonic(), sum(map(processor, pids))
    answered = sum(await asyncio.gather(*(_ask(port, cookie, began + SECONDS) for _ in range(CONNECTIONS))))
    # Until the last answer was there: on a machine that is busy that is longer than was asked for.
    return Rate(answered / (time.monotonic() - began), 1000 * (sum(map(processor, pids)) - before) / answered)


async def _ask(port: int, cookie: str, until: float) -> int:
    """How many pages one after the other had come by then. By hand: a client must cost less than what it measures."""
    asked, answered = f"GET /today HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\n\r\n".encode(), 0
    while time.monotonic() < until:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(EACH):
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            answered += 1
            if time.monotonic() >= until:
                break
        writer.close()
    return answered


if __name__ == "__main__":
    for name, value, unit, n in figures():
        print(f"{name} = {value:.10g} {unit}".rstrip() + f" (n = {n})", flush=True)
