"""F14: workers are killed outright, again and again, in the middle of their jobs. Each job is done once.

Four processes on one database, a file and then a PostgreSQL server. What a job does is a row in its own transaction, so
rows and jobs that are done must be as many as jobs were entered.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from sqlmodel import func, select

from app import demo, main, migrate, worker
from app.access import House, opened, utc_now
from app.database import new_id
from app.lib.vault import Master
from app.models import jobs
from app.models.jobs import Job
from app.models.limits import Limit
from app.record import Record
from app.settings import Settings
from bench import running
from bench.figures import Figure
from tests.conftest import fresh_postgres

WORKERS, KILLS, PATIENCE = 4, 20, 300  # processes, deaths, seconds
# Long enough for a job, short enough to wait for after each death.
LEASE = timedelta(seconds=2)


def run(seed: int, many: int) -> Iterator[Figure]:
    for name in ("sqlite", "postgresql"):
        with ExitStack() as kept:
            folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
            url = fresh_postgres(kept.enter_context(running.postgres())) if name == "postgresql" else ""
            house = _house(folder, url)
            yield from _broken(house, name, random.Random(seed), many, _environment(folder, url))
            house.database.engine.dispose()


def _house(folder: Path, url: str) -> House:
    (folder / "data").mkdir(mode=0o700)
    (folder / "keys").mkdir(mode=0o700)
    Master.create(folder / "keys" / "master.key")
    house = main.build(Settings(data=folder / "data", keys=folder / "keys", database_url=url or None))
    migrate.upgrade(house.database)
    return house


def _environment(folder: Path, url: str) -> dict[str, str]:
    chosen = {"FOOTBRIDGE_DATA": str(folder / "data"), "FOOTBRIDGE_KEYS": str(folder / "keys")}
    return os.environ | chosen | ({"FOOTBRIDGE_DATABASE_URL": url} if url else {})


def _broken(house: House, name: str, chance: random.Random, many: int, env: dict[str, str]) -> Iterator[Figure]:
    harbor = demo.make_cast(house, utc_now()).harbor
    with house.database.session() as session:
        jobs.add(session, [jobs.of(harbor, "mark", utc_now(), about=new_id()) for _ in range(many)])
    began, deaths, processes = time.monotonic(), 0, [_start(env) for _ in range(WORKERS)]
    try:
        while _left(house) and time.monotonic() - began < PATIENCE:
            time.sleep(chance.uniform(0.5, 1.5))
            if deaths == KILLS:
                continue
            which = chance.randrange(WORKERS)
            processes[which].send_signal(signal.SIGKILL)
            processes[which].wait(10)
            processes[which], deaths = _start(env), deaths + 1
    finally:
        for process in processes:
            process.kill()
            process.wait(10)
    left = _left(house)
    with opened(house, harbor, "keeper", harbor) as record:
        done = record.session.exec(select(func.count()).select_from(Limit)).one()
    yield Figure(f"F14_kills_{name}", deaths, "", many)
    yield Figure(f"F14_took_{name}", round(time.monotonic() - began, 1), "s", many)
    yield Figure(f"F14_lost_{name}", left + max(many - left - done, 0), "", many)
    yield Figure(f"F14_doubled_{name}", max(done - (many - left), 0), "", many)


def _left(house: House) -> int:
    with house.database.session(writes=False) as session:
        waiting = select(func.count()).select_from(Job).where(Job.what == "mark", Job.done_at == None)  # noqa: E711
        return session.exec(waiting).one()


# --- a worker of its own


def _start(env: dict[str, str]) -> "subprocess.Popen[bytes]":
    said = subprocess.DEVNULL
    return subprocess.Popen((sys.executable, "-m", "tests.faults.jobs"), cwd=running.ROOT, env=env, stderr=said)


def _mark(record: Record) -> None:
    """What a job does here; it takes a moment, in which its worker may die."""
    record.session.add(Limit(id=new_id(), name="done", value=1, by=record.person_id, at=record.now))
    record.session.flush()
    time.sleep(random.uniform(0, 0.02))


if __name__ == "__main__":
    jobs.LEASE, jobs.TURNS, worker.EVERY_SECONDS = LEASE, {}, 0.1
    worker.WORK["mark"] = _mark
    worker.run(main.build(Settings()), threading.Event())
