"""F04: the disk is full, again and again. What was kept is there and can be read; what was not is said not to be.

SQLite's folder, and a tablespace of PostgreSQL, lie in a small memory disk that is filled to the brim beside what
people write. When there is room again the same server goes on, and what was refused is kept under its id.
"""

import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any

import psycopg
from sqlmodel import func, select

from app.database import new_id
from app.models import entry
from app.models.openings import Opening
from bench import running
from bench.figures import Figure
from tests.conftest import DATABASES, admin, fresh_postgres, name_of
from tests.faults import NotHere
from tests.faults.ground import Browser, Ground, ground

SIZE, REFUSALS, WRITERS = 64, 12, 4  # megabytes; how many are refused before it is enough; who write at once
MORE = 400  # posts of one writer, after which a disk should have been full
READ = ("/today", "/journal", "/help", "/", "/contacts", "/skills", "/offline/en/journal")


def run(seed: int, rounds: int) -> Iterator[Figure]:
    """`rounds`: how often the disk fills up, on each database."""
    if not _may_mount():
        raise NotHere("a memory disk cannot be mounted (not root, or not allowed to)")
    for name in DATABASES:
        with ExitStack() as kept:
            disk = kept.enter_context(_disk())
            yield from _filled(kept.enter_context(_on(name, disk)), disk, Random(seed), rounds)


@contextmanager
def _disk() -> Iterator[Path]:
    """A memory disk of its own."""
    with tempfile.TemporaryDirectory(prefix="footbridge-full-") as name:
        # Otherwise a database server that is another user does not get there.
        Path(name).chmod(0o755)
        disk = Path(name) / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "footbridge", disk], check=True)
        try:
            yield disk
        finally:
            subprocess.run(["umount", "-l", disk], check=True)


def _may_mount() -> bool:
    try:
        with _disk():
            return True
    except (subprocess.CalledProcessError, FileNotFoundError):
        return False


@contextmanager
def _on(name: str, disk: Path) -> Iterator[Ground]:
    if name == "sqlite":
        with ground(name, data=disk / "data") as made:
            yield made
        return
    with running.postgres() as server:
        with psycopg.connect(server) as connection:
            row: Any = connection.execute("show data_directory").fetchone()
        os.chown(disk, Path(row[0]).stat().st_uid, Path(row[0]).stat().st_gid)
        url, room = fresh_postgres(server), f"room_{new_id().hex[-8:]}"
        admin(
            server,
            f"create tablespace {room} location '{disk}'",
            f"alter database {name_of(url)} set tablespace {room}",
        )
        with ground(name, url=url) as made:
            yield made
        admin(server, f"drop database {name_of(url)} with (force)", f"drop tablespace {room}")


@dataclass
class Found:
    acked: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def took(self, answer: Any, form: dict[str, str]) -> None:
        with self.lock:
            self.count[str(answer.status_code)] += 1
            if answer.headers.get("Kept") == form["id"]:
                self.acked[form["id"]] = form["words"]
                self.refused.pop(form["id"], None)
            else:
                self.refused[form["id"]] = form["words"]
                self.count["unsaid"] += answer.status_code == 507 and not _is_calm(answer, form)


def _is_calm(answer: Any, form: dict[str, str]) -> bool:
    """It says what is and when to come again, and gives back what was typed."""
    return form["words"][:40] in answer.text and int(answer.headers["Retry-After"]) > 0


def _filled(at: Ground, disk: Path, chance: Random, rounds: int) -> Iterator[Figure]:
    found, people = Found(), [at.browser("ana") for _ in range(WRITERS)]
    cora = at.browser("cora")
    for _ in range(rounds):
        _fill(disk, chance.uniform(0.3, 2.0))
        with ThreadPoolExecutor(WRITERS) as pool:
            [*pool.map(lambda one: _write(one, found), people)]
        _read(at, people[0], cora, found)
        (disk / "ballast").unlink()
        for one, words in list(found.refused.items()):
            _send(people[0], {"id": one, "words": words}, found)
        found.count["recovered"] += not found.refused
    yield from _told(at, found, rounds)


def _fill(disk: Path, left: float) -> None:
    """All but so many megabytes of it."""
    room = os.statvfs(disk)
    with (disk / "ballast").open("wb") as ballast:
        ballast.write(b"\0" * max(room.f_bavail * room.f_frsize - int(left * 2**20), 0))


def _write(here: Browser, found: Found) -> None:
    for _ in range(MORE):
        if len(found.refused) >= REFUSALS:
            return
        _send(here, {"id": str(new_id()), "words": f"page {os.urandom(3000).hex()}", "visibility": "shared"}, found)


def _send(here: Browser, form: dict[str, str], found: Found) -> None:
    found.took(here.send_form("/journal", form), form)


def _read(at: Ground, ana: Browser, cora: Browser, found: Found) -> None:
    """While nothing can be written all can be read, but by who has to be written down as a reader."""
    for path in (*READ, f"/journal/{list(found.acked)[-1]}"):
        found.count["read"] += 1
        found.count["read_failed"] += ana.get(path, follow_redirects=True).status_code != 200
    before, page = _openings(at), f"/caseload/{at.cast.ana}/entries/{list(found.acked)[-1]}"
    answer = cora.get(page)
    found.count["coach_closed"] += answer.status_code == 507
    found.count["seen_unwritten"] += answer.status_code == 200 and _openings(at) == before
    found.count["500"] += answer.status_code == 500


def _openings(at: Ground) -> int:
    with at.mine("ana") as record:
        return record.session.exec(select(func.count()).select_from(Opening)).one()


def _told(at: Ground, found: Found, rounds: int) -> Iterator[Figure]:
    with at.mine("ana") as record:
        kept = [(str(line.id), line.words) for line in entry.everything(record)]
    acked, count = len(found.acked), found.count
    values = {
        "acked": acked, "lost": len(found.acked.items() - set(kept)), "doubled": len(kept) - len(set(kept)),
        "507": count["507"], "500": count["500"], "unsaid": count["unsaid"], "reads": count["read"],
        "read_failed": count["read_failed"], "seen_unwritten": count["seen_unwritten"],
        "coach_closed": count["coach_closed"], "recovered": count["recovered"],
        "unrecovered": rounds - count["recovered"],
    }  # fmt: skip
    for name, value in values.items():
        yield Figure(f"F04_{name}_{at.name}", value, "", acked if name in ("lost", "doubled") else rounds)
