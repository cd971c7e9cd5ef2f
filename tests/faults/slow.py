"""F09: the database is slow. Another process holds it for 2, 5 and 30 seconds while people write, read and look around.

In PostgreSQL it is also shut to readers, and works on and on at one statement. Whoever is told to come again does, with
the same id, as a phone's outbox.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from threading import Event, Lock
from typing import Any

from sqlalchemy import text

from app.database import Database, new_id
from app.models import entry
from bench.figures import Figure
from tests.faults.ground import Browser, Ground, grounds

HELD = (2.0, 5.0, 30.0)  # s
SHUT = 12.0  # s: longer than anybody's patience
LIMIT = 10.0  # s: F09 allows as much before an answer
PAUSE = 0.5  # s between two things that somebody does
HASTE = 1.0  # s: what waits comes again sooner than it is asked to, to be met by the lock more often
# Needs no database: what a phone's worker fetches to work without signal, without a cookie as it does.
SHELL = ("/offline/en/journal", "/service-worker.js", "/manifest.webmanifest")


def run(seed: int, many: int) -> Iterator[Figure]:
    """`many`: who write at once. There is no chance in it."""
    for at in grounds():
        found = Found()
        for seconds in HELD:
            _live(at, held(at), seconds, found, many)
        if at.name == "postgresql":
            _live(at, held(at, "access exclusive"), SHUT, found, many, reads=False)
            _live(at, _asleep(at), SHUT, found, many)
        yield from _told(at, found)


@dataclass
class Found:
    acked: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    count: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def asked(self, what: str, ask: Callable[[], Any]) -> Any:
        began = time.monotonic()
        answer = ask()
        with self.lock:
            self.took.setdefault(what, []).append(time.monotonic() - began)
            self.count[f"{what}_{answer.status_code}"] += 1
            self.count["500"] += answer.status_code >= 500 and answer.status_code != 503
            self.count["no_retry_after"] += answer.status_code == 503 and "Retry-After" not in answer.headers
        return answer


# --- who holds it


@contextmanager
def held(at: Ground, mode: str = "exclusive") -> Iterator[None]:
    """Another process writes and takes its time: to the file, or to the tables of what is sent here."""
    other = Database(at.house.settings, at.house.master.derive("database file"))
    with other.session() as session:
        if other.pen is None:
            session.connection().execute(text(f"lock table entry, sign_in in {mode} mode"))
        else:
            session.connection()
        yield
    other.engine.dispose()


@contextmanager
def _asleep(at: Ground) -> Iterator[None]:
    """Each entry takes half a minute to be kept, and waits for no lock meanwhile."""
    waits = "begin perform pg_sleep(30); return new; end"
    _do(at, f"create function dawdle() returns trigger language plpgsql as $$ {waits} $$")
    _do(at, "create trigger dawdle before insert on entry for each row execute function dawdle()")
    yield
    _do(at, "drop trigger dawdle on entry")


def _do(at: Ground, statement: str) -> None:
    with at.house.database.session() as session:
        session.connection().execute(text(statement))


# --- who lives with it


def _live(
    at: Ground, held: AbstractContextManager[None], seconds: float, found: Found, many: int, reads: bool = True
) -> None:
    over, people = Event(), [at.browser("ana") for _ in range(many + 1)]
    with ThreadPoolExecutor(many + 2) as pool, held:
        done = [pool.submit(_write, one, found, over) for one in people[:many]]
        done += [pool.submit(_look, Browser(at.url), "shell", SHELL, found, over)]
        done += [pool.submit(_look, people[-1], "read" if reads else "shut", ("/today", "/journal"), found, over)]
        time.sleep(seconds)
        over.set()
    assert all(one.result() is None for one in done)


def _write(here: Browser, found: Found, over: Event) -> None:
    """One thing after the other, each sent until it is kept."""
    while not over.is_set():
        form = {"id": str(new_id()), "mood": "3"}
        found.sent.add(form["id"])
        while (answer := _sent(here, form, found)).headers.get("Kept") != form["id"]:
            time.sleep(min(float(answer.headers.get("Retry-After", HASTE)), HASTE))
        found.acked.add(form["id"])
        time.sleep(PAUSE)


def _sent(here: Browser, form: dict[str, str], found: Found) -> Any:
    return found.asked("write", lambda: here.send_form("/moods", form))


def _look(here: Browser, what: str, pages: tuple[str, ...], found: Found, over: Event) -> None:
    while not over.is_set():
        for path in pages:
            found.asked(what, partial(here.get, path))
            time.sleep(PAUSE / 5)


# --- what came of it


def _told(at: Ground, found: Found) -> Iterator[Figure]:
    with at.mine("ana") as record:
        kept = [str(line.id) for line in entry.everything(record)]
    writes, count = len(found.took["write"]), found.count
    fails = {what: _others(count, what, (200,)) for what in ("read", "shell")}
    figures: dict[str, tuple[float, str, int]] = {
        "acked": (len(found.acked), "", writes), "503": (count["write_503"], "", writes),
        "lost": (len(found.acked - set(kept)), "", len(found.acked)),
        "doubled": (len(kept) - len(set(kept)) + len(set(kept) - found.sent), "", len(found.acked)),
        "500": (count["500"], "", writes), "no_retry_after": (count["no_retry_after"], "", writes),
        "too_late": (sum(one > LIMIT for those in found.took.values() for one in those), "", writes),
        "write_slowest": (round(max(found.took["write"]), 2), "s", writes),
        "write_p99": (_p99(found.took["write"]), "s", writes),
    }  # fmt: skip
    for what in ("read", "shell"):
        figures[f"{what}_failed"] = (fails[what], "", len(found.took[what]))
        figures[f"{what}_p99"] = (_p99(found.took[what]), "s", len(found.took[what]))
    for name, (value, unit, n) in figures.items():
        yield Figure(f"F09_{name}_{at.name}", value, unit, n)


def _others(count: Counter[str], what: str, fine: tuple[int, ...]) -> int:
    """How many answers were none of these."""
    return sum(times for name, times in count.items() if name.startswith(f"{what}_") and int(name[-3:]) not in fine)


def _p99(took: list[float]) -> float:
    return round(sorted(took)[ceil(len(took) * 0.99) - 1], 3)
