"""The floor: what a page and a kept check-in cost when nothing is done beyond that. Our own pages are held against it.

Raw ASGI on uvicorn with uvloop and httptools, the standard library's sqlite3, one precompiled template. A sign-in is
looked up by the hash of its cookie, one indexed query finds the newest twenty entries of one person out of a million,
and a page of eleven kilobytes is made of them. What is written is one row, durable (WAL, FULL), in a transaction of its
own, and a fragment comes back. `python -m bench.floor FILE` serves it on FOOTBRIDGE_PORT.
"""

import hashlib
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import uvicorn
from jinja2 import Environment

SECRET = "the-floors-own-sign-in"
PEOPLE, EACH, PAGE = 1000, 1000, 20
WORDS = "Went for a walk after work, called Sam on the way home, and the evening was quiet. " * 4
TABLES = """
pragma journal_mode = wal;
create table sign_in (token_hash blob primary key, person integer, ends_at real);
create table entry (id text primary key, person integer, at real, kind text, mood integer, words text);
"""
NEWEST = "select id, at, kind, mood, words from entry where person = ? order by at desc, id desc limit ?"
HELD = "select person from sign_in where token_hash = ? and ends_at > ?"
KEEP = "insert into entry values (?, ?, ?, 'check-in', ?, ?) on conflict do nothing"
ENVIRONMENT = Environment(autoescape=True)
LIST = ENVIRONMENT.from_string(
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>Journal</title></head><body><main><ol>"
    '{% for id, at, kind, mood, words in rows %}<li id="line-{{ id }}">'
    '<h3><a href="/journal/{{ id }}">{{ kind }}</a></h3><time>{{ at }}</time>'
    '{% if mood %}<span class="mood-{{ mood }}">{{ mood }}</span>{% endif %}'
    "<p>{{ words }}</p></li>{% endfor %}</ol></main></body></html>"
)
KEPT = ENVIRONMENT.from_string('<section id="kept"><h2>{{ mood }}</h2><p>{{ words }}</p></section>')
PORT = int(os.environ.get("FOOTBRIDGE_PORT", "0"))
HTML = (b"content-type", b"text/html; charset=utf-8")


def make(folder: Path) -> Path:
    """A database with a million entries, of a thousand people in turn."""
    file = folder / "floor.db"
    with sqlite3.connect(file) as database:
        database.executescript(TABLES)
        database.execute("insert into sign_in values (?, 7, ?)", (_hash(SECRET), time.time() + 1e6))
        database.executemany("insert into entry values (?, ?, ?, ?, ?, ?)", _entries())
        database.execute("create index entry_timeline on entry (person, at, id)")
    database.close()
    return file


def _entries() -> Iterator[tuple[Any, ...]]:
    for number in range(EACH):
        for person in range(PEOPLE):
            yield f"{number:032x}-{person}", person, number * 3600.0, "journal", number % 5 + 1, WORDS


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


class Floor:
    """The whole application."""

    def __init__(self, file: Path) -> None:
        self.database = sqlite3.connect(file, isolation_level=None)
        self.database.execute("pragma synchronous = full")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            body = (await self._answer(scope, receive)).encode()
            await self._send(send, body)

    async def _answer(self, scope: Any, receive: Any) -> str:
        if scope["path"] == "/health":
            return "well"
        person = self._person(scope)
        if scope["method"] == "POST":
            return self._keep(person, await receive())
        return LIST.render(rows=self.database.execute(NEWEST, (person, PAGE)).fetchall())

    async def _send(self, send: Any, body: bytes) -> None:
        headers = [HTML, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _person(self, scope: Any) -> int:
        cookie = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode())
        found = self.database.execute(HELD, (_hash(cookie["floor"].value), time.time())).fetchone()
        return int(found[0])

    def _keep(self, person: int, message: Any) -> str:
        form = parse_qs(message["body"].decode())
        said = form["id"][0] or str(uuid4()), person, time.time(), int(form["mood"][0]), form["words"][0]
        # Outside of a transaction each statement is one, and on the disk when it returns.
        self.database.execute(KEEP, said)
        return KEPT.render(mood=said[3], words=said[4])


if __name__ == "__main__":
    uvicorn.run(
        Floor(Path(sys.argv[1])), port=PORT, loop="uvloop", http="httptools", log_level="warning",
        access_log=False, server_header=False,
    )  # fmt: skip
