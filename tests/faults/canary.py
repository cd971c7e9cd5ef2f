"""F21: a word that is nowhere else goes through every route and every error there is, and is then looked for.

Looked for in what the server says, in the addresses it sends to, in each file that a database has (its log, its
temporary files and what it is told of running statements among them), in a backup, and in what is inside a backup that
was opened, as text, as UTF-16, in hex and in base64.
"""

import re
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode

import httpx2 as httpx
import psycopg
import pyrage
from sqlalchemy import Connection, text

from app import backups, dumps, main
from app.database import new_id
from app.models.checkins import CheckInForm
from app.models.contacts import ContactForm
from app.models.journal import JournalForm
from app.models.triggers import TriggerForm
from bench import running
from bench.figures import Figure
from tests import backed, matrix
from tests.bad_input import GOOD, ways
from tests.conftest import DATABASES, admin, fresh_postgres
from tests.faults.ground import Browser, Ground, ground
from tests.faults.slow import held

WHO = ("ana", "cora", "pat", "nobody")
LATER = 60.0  # s: what one request may take
BROKEN = (
    ("journal", "/journal", JournalForm), ("entry", "/journal", JournalForm), ("check_in", "/check-ins", CheckInForm),
    ("contact", "/contacts", ContactForm), ("trigger", "/triggers", TriggerForm),
)  # fmt: skip
NOISY = ("log_statement = 'all'", "log_min_duration_statement = 0", "logging_collector = off", "log_lock_waits = on")
# Names that a program gave its phases and its days off; they are about nobody and are not sealed (docs/security.md).
OF_THE_PROGRAM = {"PhaseForm", "HolidayForm"}


def run(seed: int, many: int) -> Iterator[Figure]:
    """`many`: how many of the people go through every route."""
    for name in DATABASES:
        with ExitStack() as kept:
            server = kept.enter_context(running.postgres()) if name == "postgresql" else ""
            at = kept.enter_context(ground(name, url=fresh_postgres(server) if server else ""))
            yield from _sung(at, server, Random(seed), WHO[:many])


@dataclass
class Song:
    """`word`: what is looked for. `asked`: what PostgreSQL was seen to be working at."""

    at: Ground
    word: str
    written: int = 0
    here: Browser | None = None
    statuses: Counter[int] = field(default_factory=Counter)
    addresses: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def request(self, method: str, path: str, **also: Any) -> httpx.Response | None:
        """As a TestClient would make it, of whoever `here` is."""
        also["headers"] = dict(also.get("headers", {})) | {"Origin": self.at.url}
        self.written += self.word in str(also)
        with suppress(httpx.TransportError):
            answer = (self.here or Browser(self.at.url)).request(method, path, timeout=LATER, **also)
            self.statuses[answer.status_code] += 1
            self.addresses.append(answer.headers.get("location", ""))
            return answer
        return None


def _sung(at: Ground, server: str, chance: Random, who: tuple[str, ...]) -> Iterator[Figure]:
    song = Song(at, f"quillwort{chance.getrandbits(48):x}")
    with _listened(song, server):
        ana = _settled(song)
        for name in who:
            _everywhere(song, ana, name)
        _wrongly(song)
        _while_locked(song)
        _broken(song)
        _cut(song)
    backed_up, inside = _backed_up(at, server), _inside(at)
    places = [*_said(song), *_files(at.folder), *_files(_data_of(server)), ("inside a backup", inside)]
    found = _found(song, places)
    # What is open in a backup can be read there, so the word would be.
    read = any(str(one).encode() in inside for one in (at.cast.harbor, at.cast.harbor.hex))
    (at.folder / "control").write_text(f"plain {song.word}")
    control = _found(song, _files(at.folder))
    for place in sorted(found):
        sys.stderr.write(f"F21: found in {place}\n")
    for status in (200, 303, 404, 413, 422, 500, 503):
        yield Figure(f"F21_{status}s_{at.name}", song.statuses[status], "", sum(song.statuses.values()))
    yield Figure(f"F21_written_{at.name}", song.written, "", 1)
    yield Figure(f"F21_found_{at.name}", len(found), "", song.written)
    yield Figure(f"F21_control_not_found_{at.name}", len(control) == len(found) or not read, "", 1)
    yield Figure(f"F21_backup_broken_{at.name}", not backed_up, "", 1)


def _settled(song: Song) -> matrix.Ana:
    """Ana has written in every way that there is; what the matrix fills forms with is the word."""
    matrix.CANARY = song.word
    answers: Any = (f"{song.word} words", *(one for one in matrix.ANSWERS if "quillwort" not in one))
    matrix.ANSWERS = answers
    named = song.at.house.settings.model_copy(update={"public_url": matrix.ORIGIN})
    return matrix.settle(replace(song.at.house, settings=named), song.at.cast)


# --- every route, and every error


def _everywhere(song: Song, ana: matrix.Ana, name: str) -> None:
    song.here = song.at.browser(name) if name != "nobody" else Browser(song.at.url)
    every = matrix.tries(main.create_app(song.at.house), ana, song.at.cast, name)
    for one in matrix.once(every):
        if not (one.address.path.endswith(("/sign-out", "/changes")) or _of_the_program(one.address.form)):
            one.make(song)  # type: ignore[arg-type]


def _of_the_program(form: Any) -> bool:
    return form is not None and form.__name__ in OF_THE_PROGRAM


def _wrongly(song: Song) -> None:
    """Too long, not understood, at addresses and under headers that there are not."""
    # Not Ana, whose stay the office may have ended by now.
    song.here, word = song.at.browser("ben"), song.word
    for way in ways():
        if way.form and not _of_the_program(way.form):
            spoilt = dict.fromkeys(GOOD[way.form](), f"{word} {'x' * 600}") | {word: word}
            song.request("POST", re.sub(r"{\w+}", word, way.path), data=spoilt)
            song.request("POST", re.sub(r"{\w+}", word, way.path), data=spoilt, headers={"HX-Request": "true"})
    song.request("POST", "/journal", content=f"words={word}" * 60_000)
    song.request("POST", "/journal", content=f'{{"words": "{word}"}}', headers={"Content-Type": "application/json"})
    said = dict.fromkeys(("User-Agent", "Referer", "X-Forwarded-For", "Accept-Language", "X-Request-Id"), word)
    for path in ("/today", f"/{word}", f"/journal/{word}?before={word}", f"/sign-in?next=/{word}"):
        song.request("GET", path, headers=said)


def _page(song: Song) -> dict[str, str]:
    return {"id": str(new_id()), "words": f"{song.word} page", "visibility": "shared"}


def _while_locked(song: Song) -> None:
    """503, with and without a script."""
    with held(song.at):
        for headers in ({}, {"HX-Request": "true"}):
            song.request("POST", "/journal", data=_page(song), headers=headers)


def _broken(song: Song) -> None:
    """500: a table is not where it was, and a row is not as the database wants it."""
    for table, path, form in BROKEN:
        body = {name: value for name, value in GOOD[form]().items() if name != "version"}
        _do(song.at, f"alter table {table} rename to {table}_away")
        song.request("POST", path, data=body | dict.fromkeys({"words", "name", "plan"} & body.keys(), song.word))
        song.request("GET", path)
        _do(song.at, f"alter table {table}_away rename to {table}")


def _do(at: Ground, statement: str) -> None:
    with at.house.database.session() as session:
        session.connection().execute(text(statement))


def _cut(song: Song) -> None:
    """Half a form comes and no more; and the server is killed outright while forms come in."""
    body = urlencode(_page(song) | {"more": song.word * 99})
    with socket.create_connection(("localhost", song.at.port)) as line:
        head = f"POST /journal HTTP/1.1\r\nHost: localhost\r\nContent-Length: {2 * len(body)}\r\n\r\n"
        line.sendall((head + body).encode())
        time.sleep(0.2)
    over = Event()
    writer = Thread(target=_go_on, args=(song, over))
    writer.start()
    time.sleep(0.5)
    song.at.stop(signal.SIGKILL)
    over.set()
    writer.join()
    song.at.start()
    song.request("POST", "/journal", data=_page(song))


def _go_on(song: Song, over: Event) -> None:
    while not over.is_set():
        song.request("POST", "/journal", data=_page(song))


# --- where it is looked for


@contextmanager
def _listened(song: Song, server: str) -> Iterator[None]:
    """PostgreSQL tells its log of every statement, and is asked all the time what it is at."""
    if not server:
        yield
        return
    admin(server, *(f"alter system set {one}" for one in NOISY), "select pg_reload_conf()")
    over = Event()
    listener = Thread(target=_listen, args=(song, server, over))
    listener.start()
    try:
        yield
    finally:
        over.set()
        listener.join()


def _listen(song: Song, server: str, over: Event) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        while not over.wait(0.02):
            song.asked |= {str(row[0]) for row in connection.execute("select query from pg_stat_activity")}


def _backed_up(at: Ground, server: str) -> bool:
    """Whether `footbridge backup` made one, beside everything else in the folder."""
    mine = backed.backed(at.house, at.folder / "backups", server).settings
    where = {"FOOTBRIDGE_BACKUPS": str(mine.backups)}
    if mine.backup_url:
        where["FOOTBRIDGE_BACKUP_URL"] = mine.backup_url.get_secret_value()
    command = (sys.executable, "-m", "app", "backup")
    made = subprocess.run(command, cwd=running.ROOT, env=at.environment() | where, capture_output=True)
    return made.returncode == 0


def _inside(at: Ground) -> bytes:
    """The backup taken out of its seal, and of the encryption of SQLite's file: every value that is in it."""
    mine = at.house.settings
    identity = pyrage.x25519.Identity.from_str(backups.identity_file(mine).read_text().strip())
    with TemporaryDirectory() as folder:
        words = Path(folder) / "footbridge.db"
        pyrage.decrypt_file(str(backups.known(mine)[-1].path), str(words), [identity])
        if mine.database_url:
            return subprocess.run(("pg_restore", "--file=-", words), capture_output=True, check=True).stdout
        with dumps.at(at.house, Path(folder)).engine.connect() as connection:
            return b"\n".join(_values(connection))


def _values(connection: Connection) -> Iterator[bytes]:
    for name in connection.scalars(text("select name from sqlite_master where type = 'table'")).all():
        for row in connection.execute(text(f'select * from "{name}"')):  # noqa: S608 - a name of ours
            yield from (one if isinstance(one, bytes) else str(one).encode() for one in row)


def _data_of(server: str) -> Path | None:
    if not server:
        return None
    with psycopg.connect(server) as connection:
        row: Any = connection.execute("show data_directory").fetchone()
    return Path(row[0])


def _said(song: Song) -> Iterator[tuple[str, bytes]]:
    yield "addresses", "\n".join(song.addresses).encode()
    yield "pg_stat_activity", "\n".join(song.asked).encode()


def _files(folder: Path | None) -> Iterator[tuple[str, bytes]]:
    """Everything below a folder; what goes away meanwhile was looked at by nobody."""
    for path in folder.rglob("*") if folder else ():
        with suppress(FileNotFoundError):
            if path.is_file():
                yield str(path.relative_to(folder or path)), path.read_bytes()


def _found(song: Song, places: Iterable[tuple[str, bytes]]) -> list[str]:
    spelt = _spelt(song.word)
    return [place for place, body in places if any(one in body for one in spelt)]


def _spelt(word: str) -> list[bytes]:
    """As text, as UTF-16, in hex, and in base64 wherever it may begin in it."""
    plain = word.encode()
    # What stands before it and behind it takes part in the first and the last letters.
    base64 = [b64encode(b"." * shift + plain)[4:-4] for shift in range(3)]
    return [plain, word.encode("utf-16-le"), plain.hex().encode(), *base64]
