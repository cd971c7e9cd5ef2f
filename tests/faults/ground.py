"""What a proof over HTTP stands on: a real server on one of the databases, the cast in it, and browsers of theirs."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2 as httpx
from pydantic import SecretStr

from app import demo, main, migrate
from app.access import House, opened, utc_now
from app.lib.passwords import hash_passphrase
from app.lib.vault import Master
from app.models import accounts, people
from app.models.accounts import Passphrase
from app.models.invites import Plan
from app.record import Record
from app.settings import Settings
from bench import running
from bench.running import ROOT, environment, free_port, wait_for
from tests.conftest import DATABASES, MEADOW, fresh_postgres

HERE = "http://localhost"
WAITS = 40.0  # s: far longer than anybody is kept waiting


@dataclass
class Ground:
    """`house` reads what the server has kept; `said` is what the server wrote to stderr; `others` joined the cast."""

    name: str
    folder: Path
    house: House
    cast: demo.Cast
    port: int = field(default_factory=free_port)
    others: dict[str, UUID] = field(default_factory=dict)
    under: tuple[str, ...] = ()  # what starts the server, if it is to be watched

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def said(self) -> Path:
        return self.folder / "said"

    def environment(self) -> dict[str, str]:
        """What a command of ours is told, to be about this house."""
        mine, url = self.house.settings, self.house.settings.database_url
        where = {"database_url": url.get_secret_value()} if url else {}
        return environment(port=self.port, data=mine.data, keys=mine.keys, clock=False, **where)

    def start(self) -> None:
        with self.said.open("a+") as said:
            command = (*self.under, sys.executable, "-m", "app", "serve")
            self.process = subprocess.Popen(
                command, stdout=said, stderr=subprocess.STDOUT, text=True,
                start_new_session=True, cwd=ROOT, env=self.environment(),
            )  # fmt: skip
            wait_for(self.url, self.process, said)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait(20)

    def program(self, who: str) -> UUID:
        return self.cast.meadow if who in MEADOW else self.cast.harbor

    def person(self, who: str) -> UUID:
        found: UUID = self.others.get(who) or getattr(self.cast, who)
        return found

    def crowd(self, many: int) -> tuple[str, ...]:
        """So many more participants of the first program, by name."""
        hashed, coach = hash_passphrase(demo.PASSPHRASE), self.cast.cora
        for name in (f"other{number}" for number in range(many)):
            plan = Plan("participant", name.title(), demo.address(name), coach=coach)
            self.others[name] = demo.admit(self.house, self.cast.harbor, plan, hashed, utc_now() - timedelta(days=1))
        return tuple(self.others)

    @contextmanager
    def mine(self, who: str) -> Iterator[Record]:
        person = self.person(who)
        with opened(self.house, self.program(who), "participant", person, person) as record:
            yield record

    @contextmanager
    def coached(self, coach: str, who: str | None = None) -> Iterator[Record]:
        whose = self.person(who) if who else None
        with opened(self.house, self.program(coach), "coach", self.person(coach), whose) as record:
            yield record

    def browser(self, who: str) -> "Browser":
        """Somebody's, signed in without the form: what takes a guesser time would take each proof as long."""
        made, person = Browser(self.url), self.person(who)
        with opened(self.house, self.program(who), "keeper", person) as record:
            row = record.session.get_one(Passphrase, (record.program.id, person))
            staff = bool(people.roles_of(record.session, person, record.today) & people.STAFF)
            secret = accounts.begin(record.session, row, staff, "Chrome on Linux", record.now)
        made.headers["Cookie"] = f"{self.house.settings.cookie}={secret}"
        return made


class Browser(httpx.Client):
    """What it posts comes from a page of ours, as a browser says it."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=url, timeout=WAITS, headers={"Sec-Fetch-Site": "same-origin", "Origin": url})

    def send_form(self, path: str, form: Any, htmx: bool = False) -> httpx.Response:
        return self.post(path, data=form, headers={"HX-Request": "true"} if htmx else {})


@contextmanager
def ground(name: str, data: Path | None = None, url: str = "") -> Iterator[Ground]:
    """A server on that database; `data` and `url`: where its data are to lie."""
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-ground-")))
        if name == "postgresql" and not url:
            url = fresh_postgres(kept.enter_context(running.postgres()))
        data = data or folder / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        settings = Settings(
            data=data, keys=folder / "keys", database_url=SecretStr(url) if url else None, public_url=HERE
        )
        Master.create(settings.key_file)
        house = main.build(settings)
        kept.callback(house.database.engine.dispose)
        migrate.upgrade(house.database)
        made = Ground(name, folder, house, demo.make_cast(house, utc_now()))
        made.start()
        kept.callback(made.stop)
        yield made


def grounds() -> Iterator[Ground]:
    """One after the other, on each database."""
    for name in DATABASES:
        with ground(name) as made:
            yield made
