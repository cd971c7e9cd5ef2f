"""A server that is told to end: what it was writing is kept and answered, and nobody new comes in."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from threading import Semaphore
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select

from app.access import House
from app.database import new_id
from app.models.entry import Entry
from bench import running
from tests.conftest import Browser, Clock, Stage

MANY = 8


@contextmanager
def served(house: House, said: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """This house, served by a process of its own."""
    port, settings = running.free_port(), house.settings
    there = {"database_url": settings.database_url.get_secret_value()} if settings.database_url else {}
    env = running.environment(data=settings.data, keys=settings.keys, port=port, clock="false", **there)
    command = [sys.executable, "-m", "app.cli", "serve"]
    with said.open("w+") as log, running.program(command, log, env=env, cwd=running.ROOT) as server:
        running.wait_for(f"http://127.0.0.1:{port}", server, log)
        yield server, port


@contextmanager
def nobody_writes(house: House) -> Iterator[None]:
    """Whoever writes an entry waits."""
    with house.database.session() as session:
        begun = session.connection()
        if house.settings.database_url:
            begun.execute(text("lock table entry in exclusive mode"))
        yield


def log_mood(port: int, secret: str, made: UUID, sent: Semaphore) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": f"sid={secret}", "Sec-Fetch-Site": "same-origin"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST", "/moods", urlencode({"id": str(made), "mood": "3"}), headers)
    sent.release()
    return connection.getresponse().status


def until_refused(port: int) -> bool:
    """Whether nobody new comes in, within twenty seconds."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket() as door:
            if door.connect_ex(("127.0.0.1", port)):
                return True
        time.sleep(0.05)
    return False


def test_what_is_being_written_is_kept_and_nobody_new_comes_in(
    house: House, stage: Stage, signed_in: Callable[[str], Browser], clock: Clock, tmp_path: Path
) -> None:
    clock.now = datetime.now(UTC)  # as it is in that process, or a sign-in would be over there one day
    secret, ids = signed_in("ana").cookies["__Host-sid"], [new_id() for _ in range(MANY)]
    with served(house, tmp_path / "log") as (server, port), ThreadPoolExecutor(MANY) as phones:
        with nobody_writes(house):
            sent = Semaphore(0)
            answers = [phones.submit(log_mood, port, secret, one, sent) for one in ids]
            assert all(sent.acquire(timeout=20) for _ in ids)
            time.sleep(1)  # the server takes them in
            os.kill(server.pid, signal.SIGTERM)
            assert until_refused(port)
            assert not any(answer.done() for answer in answers)
        assert [answer.result(20) for answer in answers] == [303] * MANY
        assert server.wait(20) == 0
    with stage.mine("ana") as record:
        assert set(ids) <= set(record.session.exec(select(Entry.id)))
