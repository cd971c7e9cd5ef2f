"""A group comes in: many people check in within ten seconds, to one session, over HTTP, while its room is open.

`python -m bench.burst` prints the figures; bench/figures.py asks for them too. One server process, then three on the
same database, each person sent to the next of them in turn. Everybody has the code of the room and sends it twice at
once, as two phones would; the room's stream is read beside it, and asked for the roster whenever it says so.
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any, NamedTuple
from uuid import UUID

import httpx2 as httpx
from sqlmodel import func, select

from app import demo, main, migrate
from app.access import House, opened
from app.database import new_id
from app.lib.passwords import hash_passphrase
from app.lib.vault import Master, name_hash
from app.models import codes, invites
from app.models.attendance import Attendance, Claim
from app.models.invites import Plan
from app.models.sessions import ProgramSession
from app.settings import Settings
from bench.running import ROOT, environment, free_port, program, wait_for
from tests.meeting import held

PEOPLE, SECONDS, PROCESSES = 50, 10.0, (1, 3)
OURS = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}


class Came(NamedTuple):
    """One check-in: who, its status, when its answer was there, and how long that took (s)."""

    person: UUID
    status: int
    at: float
    took: float


class Found(NamedTuple):
    kept: int
    doubled: int
    lag: float
    p99: float


def figures() -> Iterator[tuple[str, float, str, int]]:
    """(name, value, unit, n) with one web process and with three."""
    for processes in PROCESSES:
        found, of = measured(processes), f"_{processes}_web"
        yield f"checkin_burst_kept{of}", found.kept, "people", PEOPLE
        yield f"checkin_burst_doubled{of}", found.doubled, "people", PEOPLE
        yield f"checkin_burst_p99_ms{of}", round(found.p99 * 1000), "ms", PEOPLE
        yield f"roster_lag_seconds{of}", round(found.lag, 2), "s", PEOPLE


def measured(processes: int) -> Found:
    with tempfile.TemporaryDirectory(prefix="footbridge-burst-") as folder, ExitStack() as running:
        data = Path(folder) / "data"
        house = _house(data)
        cast = demo.make_cast(house, house.clock())
        people = _people(house, cast)
        group = held(house, cast.harbor, cast.dov, house.clock().replace(second=0, microsecond=0))
        urls = [running.enter_context(_serving(data)) for _ in range(processes)]
        came, seen = asyncio.run(_burst(urls, house, cast, people, group))
        return _counted(house, cast, group, came, seen)


def _house(data: Path) -> House:
    data.mkdir(mode=0o700)
    settings = Settings(data=data)
    Master.create(settings.key_file)
    house = main.build(settings)
    migrate.upgrade(house.database)
    return house


def _people(house: House, cast: demo.Cast) -> dict[str, UUID]:
    """Fifty participants, by the name with which they sign in."""
    hashed, key, found = hash_passphrase(demo.PASSPHRASE), invites.names_key(house.master), {}
    for number in range(PEOPLE):
        name = f"p{number}@footbridge.example"
        plan = Plan("participant", f"Person {number:02}", name, coach=cast.cora)
        with opened(house, cast.harbor, "keeper", cast.harbor) as record:
            found[name] = invites.admit(record, plan, hashed, name_hash(key, name))
        with opened(house, cast.harbor, "participant", found[name], found[name]) as record:
            demo.welcome.acknowledge(record)
    return found


@contextmanager
def _serving(data: Path) -> Iterator[str]:
    port = free_port()
    with (data.parent / f"said-{port}").open("w+") as said:
        chosen = environment(port=port, data=data)
        with program((sys.executable, "-m", "app", "serve"), said, cwd=ROOT, env=chosen) as server:
            wait_for(f"http://localhost:{port}", server, said)
            yield f"http://localhost:{port}"


async def _burst(
    urls: Sequence[str], house: House, cast: demo.Cast, people: dict[str, UUID], group: ProgramSession
) -> tuple[list[Came], dict[UUID, float]]:
    with opened(house, cast.harbor, "coach", cast.dov) as record:
        code = codes.code(record.keyring.program_key, group.id, datetime.now(UTC))
    async with httpx.AsyncClient(
        timeout=30, limits=httpx.Limits(max_connections=None, max_keepalive_connections=0)
    ) as web:
        cookies = [await _signed_in(web, urls[0], name) for name in people]
        room = await _signed_in(web, urls[-1], demo.ADDRESS.format("dov"))
        seen: dict[UUID, float] = {}
        watching = asyncio.create_task(_watch(web, urls[-1], room, group, set(people.values()), seen))
        await asyncio.sleep(1)
        chance = Random(7)
        comes = [
            _come(web, urls[number % len(urls)], cookies[number], person, group, code, chance.uniform(0, SECONDS))
            for number, person in enumerate(people.values())
        ]
        came = [one for both in await asyncio.gather(*comes) for one in both]
        await asyncio.wait_for(watching, 30)
        return came, seen


async def _signed_in(web: httpx.AsyncClient, url: str, name: str) -> dict[str, str]:
    form = {"name": name, "passphrase": demo.PASSPHRASE}
    answer = await web.post(f"{url}/sign-in", data=form, headers=OURS | {"Origin": url})
    assert answer.status_code == 303, answer.text
    cookie = answer.headers["set-cookie"].split(";")[0]
    web.cookies.clear()
    return {"Cookie": cookie}


async def _come(
    web: httpx.AsyncClient,
    url: str,
    cookie: dict[str, str],
    person: UUID,
    group: ProgramSession,
    code: str,
    after: float,
) -> list[Came]:
    """Two phones, at once."""
    await asyncio.sleep(after)
    form = {"session": str(group.id), "way": "arriving", "code": code, "mood": "3", "bring_up": "Here.",
            "visibility": "shared"}  # fmt: skip

    async def send() -> Came:
        began = time.monotonic()
        headers = OURS | cookie | {"Origin": url}
        answer = await web.post(f"{url}/attendances", data=form | {"id": str(new_id())}, headers=headers)
        now = time.monotonic()
        return Came(person, answer.status_code, now, now - began)

    return list(await asyncio.gather(send(), send()))


async def _watch(
    web: httpx.AsyncClient,
    url: str,
    cookie: dict[str, str],
    group: ProgramSession,
    people: set[UUID],
    seen: dict[UUID, float],
) -> None:
    """As the script of the room does: listen, and ask for the roster when it changed."""
    while people - seen.keys():
        async with web.stream("GET", f"{url}/room/{group.id}/changes", headers=cookie) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: ") and not await _look(web, url, cookie, group, people, seen):
                    return


async def _look(
    web: httpx.AsyncClient,
    url: str,
    cookie: dict[str, str],
    group: ProgramSession,
    people: set[UUID],
    seen: dict[UUID, float],
) -> set[UUID]:
    page = (await web.get(f"{url}/room/{group.id}", headers=cookie)).text
    here = {UUID(one) for one in re.findall(r'class="present (?:here|late)" id="person-([0-9a-f-]{36})"', page)}
    now = time.monotonic()
    for person in here & people:
        seen.setdefault(person, now)
    return people - seen.keys()


def _counted(house: House, cast: demo.Cast, group: ProgramSession, came: list[Came], seen: dict[UUID, float]) -> Found:
    """What the database holds of it, and how late the roster showed it after the first answer to each."""
    with opened(house, cast.harbor, "keeper", cast.pat) as record:

        def rows(model: Any) -> dict[UUID, int]:
            asked = select(model.participant_id, func.count()).where(model.session_id == group.id)
            return dict(record.session.execute(asked.group_by(model.participant_id)).all())

        claims, entries = rows(Claim), rows(Attendance)
    answered: dict[UUID, float] = {}
    for one in came:
        if one.status == 200:
            answered[one.person] = min(one.at, answered.get(one.person, one.at))
    doubled = sum(count > 1 for those in (claims, entries) for count in those.values())
    lag = max(seen[person] - at for person, at in answered.items())
    kept = len(claims.keys() & entries.keys() & answered.keys())
    return Found(kept, doubled, lag, quantiles([one.took for one in came], n=100)[98])


if __name__ == "__main__":
    for name, value, unit, n in figures():
        print(f"{name} = {value:.10g} {unit} (n = {n})", flush=True)
