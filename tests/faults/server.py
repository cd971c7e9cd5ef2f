"""A real Footbridge with demo data that is killed outright and started again, and what its database holds after it."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread
from uuid import UUID

from sqlmodel import select

from app import main
from app.access import House, opened
from app.demo import ADDRESS
from app.lib.vault import name_hash
from app.models import entry, invites
from app.models.accounts import Passphrase
from app.models.entry import Line
from app.settings import Settings
from bench.running import ROOT, environment, free_port, wait_for
from tests.faults.proxy import Proxy

CAST = ("ana", "ben", "luis", "eli")


class Server:
    """One Footbridge on data of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.deaths = folder, free_port(), 0
        self.said = (folder / "said").open("a+")
        self.build = ROOT  # where the code that is run lies
        self.turn = Lock()

    def start(self, **settings: object) -> None:
        chosen = environment(port=self.port, data=self.folder / "data", **settings)
        self.process = subprocess.Popen(
            (sys.executable, "-m", "app", "run"), stdout=self.said, stderr=subprocess.STDOUT, text=True,
            start_new_session=True, cwd=self.build, env=chosen,
        )  # fmt: skip
        wait_for(f"http://localhost:{self.port}", self.process, self.said)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait(20)

    def kill(self) -> None:
        """Killed at once, and back in about a second. Whoever asks for it meanwhile asks for nothing more."""
        if self.turn.acquire(blocking=False):
            os.killpg(self.process.pid, signal.SIGKILL)
            self.deaths += 1
            Thread(target=self._back).start()

    def _back(self) -> None:
        try:
            self.process.wait(20)
            self.start()
        finally:
            self.turn.release()

    def settled(self) -> None:
        """Comes back when the server is up."""
        with self.turn:
            assert self.process.poll() is None, "the server did not come back"

    def traces(self) -> list[str]:
        """What broke inside."""
        self.said.seek(0)
        return [line for line in self.said if '"trace"' in line]

    def kept(self, since: datetime) -> "Kept":
        """What was kept since then, in whose record: names of the cast, or the id of whoever else is in a program."""
        house = main.build(Settings(data=self.folder / "data", port=self.port))
        records = {who: _lines(house, *where, since) for who, where in _everybody(house).items()}
        house.database.engine.dispose()
        return records


Kept = dict[str, list[Line]]


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[Server]:
    folder.mkdir(exist_ok=True)
    server = Server(folder)
    server.start(**settings)
    try:
        yield server
    finally:
        server.settled()
        server.stop()
        sys.stderr.writelines(server.traces())
        server.said.close()


@dataclass
class Stand:
    """A Footbridge behind a line that breaks: what a proof stands on. `began` is when it did (UTC)."""

    folder: Path
    server: Server
    proxy: Proxy
    began: datetime

    @property
    def url(self) -> str:
        return self.proxy.url

    def calm(self) -> None:
        """The line holds, and the server is there."""
        self.proxy.calm()
        self.server.settled()

    def kept(self) -> Kept:
        return self.server.kept(self.began)


@contextmanager
def stand(**settings: object) -> Iterator[Stand]:
    with tempfile.TemporaryDirectory(prefix="footbridge-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with serving(folder / "server", **settings) as server, Proxy(server.port, server.kill).running() as proxy:
            yield Stand(folder, server, proxy, datetime.now().astimezone())


def _everybody(house: House) -> dict[str, tuple[UUID, UUID]]:
    """(program, person) of everybody who can sign in, in any program."""
    key = invites.names_key(house.master)
    named = {name_hash(key, ADDRESS.format(name)): name for name in CAST}
    with house.database.session(writes=False) as session:
        rows = session.exec(select(Passphrase)).all()
        return {named.get(row.name_hash, str(row.person_id)): (row.program_id, row.person_id) for row in rows}


def _lines(house: House, program: UUID, person: UUID, since: datetime) -> list[Line]:
    with opened(house, program, "participant", person, person) as record:
        every = [*entry.everything(record), *entry.binned(record)]
    return [line for line in every if line.kept_at >= since]
