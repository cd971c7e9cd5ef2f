"""Three web processes on one PostgreSQL behind a balancer, two workers apart; web processes are killed while all write.

The balancer is as plain as can be: each connection goes to the next process that answers. Who was cut off sends the
same form with the same id again, as a phone's outbox does; a tenth of the forms is sent by two phones at once. In the
end what lies in the database is held against what was acknowledged.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from uuid import UUID

import httpx2 as httpx
from sqlmodel import select

from app import demo, main, migrate
from app.access import House, opened, utc_now
from app.database import new_id
from app.lib.passwords import hash_passphrase
from app.lib.vault import Master, name_hash
from app.models import invites, jobs
from app.models.entry import Entry
from app.models.invites import Plan
from app.models.jobs import Job
from app.models.program import Program
from app.settings import Settings
from bench.figures import Figure
from bench.running import ROOT, environment, free_port, postgres, program, wait_for
from tests.conftest import fresh_postgres

WEB, WORKERS, PEOPLE, PATIENCE = 3, 2, 24, 240  # processes, processes, people, seconds
OURS = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
GUESSES = 5  # wrong tries that a name has, from one address


def run(seed: int, many: int) -> Iterator[Figure]:
    """`many`: moods that are to be acknowledged."""
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-balanced-")))
        house = _house(folder, fresh_postgres(kept.enter_context(postgres())))
        kept.callback(house.database.engine.dispose)
        cast = demo.make_cast(house, utc_now())
        people = _people(house, cast)
        webs = [kept.enter_context(_web(house)) for _ in range(WEB)]
        for number in range(WORKERS):
            kept.enter_context(_worker(house, folder / f"worker-{number}"))
        found = Found(Random(seed), many)
        asyncio.run(_write(webs, list(people), found))
        yield from _told(house, cast, people, found)
        yield Figure("balanced_jobs_left", _jobs_left(house), "jobs", 1)


def _house(folder: Path, url: str) -> House:
    (folder / "data").mkdir(mode=0o700)
    settings = Settings(data=folder / "data", database_url=url)
    Master.create(settings.key_file)
    house = main.build(settings)
    migrate.upgrade(house.database)
    return house


def _people(house: House, cast: demo.Cast) -> dict[str, UUID]:
    """Participants, by the name with which they sign in."""
    hashed, key, found = hash_passphrase(demo.PASSPHRASE), invites.names_key(house.master), {}
    for number in range(PEOPLE):
        name = f"p{number}@footbridge.example"
        plan = Plan("participant", f"Person {number:02}", name, coach=cast.cora)
        with opened(house, cast.harbor, "keeper", cast.harbor) as record:
            found[name] = invites.admit(record, plan, hashed, name_hash(key, name))
        with opened(house, cast.harbor, "participant", found[name], found[name]) as record:
            demo.welcome.acknowledge(record)
    return found


# --- processes


def _of(house: House, **also: object) -> dict[str, str]:
    url = house.settings.database_url
    return environment(data=house.settings.data, database_url=url.get_secret_value() if url else "", **also)


class Web:
    """One `footbridge serve`, without the clock."""

    def __init__(self, house: House) -> None:
        self.port = free_port()
        self.env = _of(house, port=self.port, clock=False)
        self.said = (house.settings.data / f"web-{self.port}").open("w+")

    def start(self) -> None:
        self.process = subprocess.Popen(
            (sys.executable, "-m", "app", "serve"), stdout=self.said, stderr=subprocess.STDOUT, text=True,
            start_new_session=True, cwd=ROOT, env=self.env,
        )  # fmt: skip
        wait_for(f"http://localhost:{self.port}", self.process, self.said)

    def stop(self, how: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait(20)


@contextmanager
def _web(house: House) -> Iterator[Web]:
    web = Web(house)
    web.start()
    try:
        yield web
    finally:
        web.stop(signal.SIGTERM)
        web.said.seek(0)
        sys.stderr.writelines(line for line in web.said if '"trace"' in line and '"ERROR"' in line)
        web.said.close()


@contextmanager
def _worker(house: House, said: Path) -> Iterator[None]:
    with (
        said.open("w+") as words,
        program((sys.executable, "-m", "app", "worker"), words, cwd=ROOT, env=_of(house)),
    ):
        yield


@contextmanager
def _killing(webs: list[Web], found: "Found") -> Iterator[None]:
    """One after the other is killed outright and comes back; the others go on meanwhile."""
    over, chance = threading.Event(), Random(found.chance.random())

    def kill() -> None:
        while not over.wait(chance.uniform(0.3, 1.0)):
            web = chance.choice(webs)
            web.stop(signal.SIGKILL)
            found.count["kills"] += 1
            web.start()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        over.set()
        killer.join(90)


# --- the balancer


@asynccontextmanager
async def balancer(ports: list[int]) -> AsyncIterator[str]:
    """Passes each connection on to the next process that takes it."""
    turns = cycle(range(len(ports)))

    async def passes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(turns)
        for port in ports[first:] + ports[:first]:
            with suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_pour(reader, back), _pour(there, writer))
                return
        writer.close()

    server = await asyncio.start_server(passes, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _pour(of: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await of.read(65536):
            to.write(data)
            await to.drain()
    to.close()


# --- everybody writes


@dataclass
class Found:
    """What came of it: the ids that were acknowledged, by who wrote them, and how often what happened."""

    chance: Random
    many: int
    acked: dict[str, set[UUID]] = field(default_factory=dict)
    sent: set[UUID] = field(default_factory=set)
    count: Counter[str] = field(default_factory=Counter)


async def _write(webs: list[Web], names: list[str], found: Found) -> None:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    ports = [web.port for web in webs]
    async with balancer(ports) as url, httpx.AsyncClient(base_url=url, timeout=15, limits=limits) as net:
        hands = [Hand(net, name, found) for name in names]
        assert set(await asyncio.gather(*(hand.sign_in() for hand in hands))) == {303}
        with _killing(webs, found):
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(hand.write() for hand in hands))
        await _guess(Hand(net, names[0], found))
        await _leave(hands[1], ports)


class Hand:
    """One person's browser. Whoever is cut off, or told to come back, does the same again."""

    def __init__(self, net: httpx.AsyncClient, name: str, found: Found) -> None:
        self.net, self.name, self.found, self.cookie = net, name, found, ""

    async def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        headers = OURS | {"Origin": str(self.net.base_url).rstrip("/"), "Cookie": self.cookie}
        while True:
            try:
                answer = await self.net.request(method, path, data=form, headers=headers)
            except httpx.TransportError:
                self.found.count["cut"] += 1
            else:
                self.found.count[str(answer.status_code)] += 1
                if answer.status_code < 500:
                    return answer
            await asyncio.sleep(self.found.chance.uniform(0.02, 0.2))

    async def sign_in(self, passphrase: str = demo.PASSPHRASE) -> int:
        answer = await self.ask("POST", "/sign-in", {"name": self.name, "passphrase": passphrase})
        self.cookie = answer.headers.get("set-cookie", "").split(";")[0]
        self.net.cookies.clear()
        return answer.status_code

    async def write(self) -> None:
        mine = self.found.acked.setdefault(self.name, set())
        while sum(map(len, self.found.acked.values())) < self.found.many:
            one, phones = new_id(), 2 if self.found.chance.random() < 0.1 else 1
            form = {"id": str(one), "mood": str(self.found.chance.randint(1, 5))}
            self.found.sent.add(one)
            answers = await asyncio.gather(*(self.ask("POST", "/moods", form) for _ in range(phones)))
            if all(answer.headers.get("Kept") == str(one) for answer in answers):
                mine.add(one)
            if self.found.chance.random() < 0.1:
                self.found.count["unread"] += (await self.ask("GET", "/today")).status_code != 200


async def _guess(hand: Hand) -> None:
    """Wrong tries at whichever process count in all of them."""
    for _ in range(GUESSES):
        await hand.sign_in("not the passphrase")
    hand.found.count["guessed"] = await hand.sign_in() == 303


async def _leave(hand: Hand, ports: list[int]) -> None:
    """Signed out at one process, signed out at all."""
    await hand.ask("POST", "/sign-out")
    for port in ports:
        answer = await hand.net.get(f"http://127.0.0.1:{port}/today", headers={"Cookie": hand.cookie})
        hand.found.count["still_in"] += answer.status_code == 200


# --- what came of it


def _told(house: House, cast: demo.Cast, people: dict[str, UUID], found: Found) -> Iterator[Figure]:
    lost = doubled = 0
    for name, person in people.items():
        with opened(house, cast.harbor, "participant", person, person) as record:
            kept = record.session.exec(select(Entry.id)).all()
        lost += len(found.acked[name] - set(kept))
        doubled += len(kept) - len(found.sent & set(kept))
    acked = sum(map(len, found.acked.values()))
    yield Figure("balanced_acked", acked, "", acked)
    yield Figure("balanced_lost", lost, "", acked)
    yield Figure("balanced_doubled", doubled, "", acked)
    for name in ("kills", "cut", "503", "500", "unread"):
        yield Figure(f"balanced_{name}", found.count[name], "", acked)
    for name, n in (("guessed", 1), ("still_in", WEB)):
        yield Figure(f"balanced_{name}", found.count[name], "", n)


def _jobs_left(house: House) -> int:
    """What was due when we came, and was done by nobody."""
    until = time.monotonic() + 60
    while left := _due(house):
        if time.monotonic() > until:
            break
        time.sleep(0.5)
    return left


def _due(house: House) -> int:
    with house.database.session(writes=False) as session:
        due = jobs.turns(session.exec(select(Program)).all(), utc_now() - timedelta(minutes=2))
        done = set(session.exec(select(Job.id).where(Job.done_at != None)).all())  # noqa: E711
        return sum(one.id not in done for one in due)


if __name__ == "__main__":
    for each in run(int(os.environ.get("SEED") or 7), int(os.environ.get("N") or 600)):
        print(each, flush=True)
