"""What every request meets first: how big it is, whose page sent it, the headers of the answer, a line in the log."""

import asyncio
import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access import SAFE
from app.database import hurried, patience
from app.settings import LOOPBACK, Settings

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'; img-src 'self' data:"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: under that a browser says "Origin: null" of our own forms, and phones older than
    # Sec-Fetch-Site (iOS before 16.4) could send nothing. Other sites learn as little either way.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
YEAR = 365 * 24 * 3600
# How many are let in at a time. One process carries out one piece of Python at a time: twelve pages at once took it
# from each other all the while, and each cost three times as much (0034). Together fewer than the forty threads that
# routes run in: whoever holds a transaction always finds one to finish it in. Apart, so that neither a morning's
# sign-ins, nor files that take their time, nor a database that takes no writes keep others from their pages. Who
# watches holds a place for minutes, and has threads of its own (live.py). Who asks whether we are well waits behind
# nobody, or a busy evening would look like a death.
ROOMS = {"reading": 2, "making": 2, "writing": 4, "argon2": 8, "asking": 4, "watching": 40}
READ = {
    "asking": re.compile(r"/health|/healthz|/readyz"),
    "watching": re.compile(r"/room/[^/]+/changes"),
    "making": re.compile(r".+\.(pdf|csv|ics)"),
}
ARGON2 = re.compile(r"/sign-in|/invites/.+")
LENGTH = re.compile(r"[0-9]{1,18}")
REFUSED = {400, 401, 403, 404, 405, 413}
PORT = re.compile(r":[0-9]*$")
log = logging.getLogger("footbridge")
# Made here for each request and taken from nobody: what a stranger writes is in no line of the log.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class TooMuch(Exception):
    """More came than a form may hold."""


class Edge:
    """One pure ASGI middleware around the whole app, also around its page for what broke.

    `refuse` makes the page for what is turned away here.
    """

    def __init__(self, app: ASGIApp, settings: Settings, refuse: Callable[[Scope, int], ASGIApp]) -> None:
        self.app, self.settings, self.refuse = app, settings, refuse
        self.rooms = {name: asyncio.Semaphore(places) for name, places in ROOMS.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id.set(secrets.token_hex(8))
        sent = _Answer(send, https=self.settings.https)
        started = time.perf_counter()
        try:
            await self._answer(scope, receive, sent)
        finally:
            _tell(scope, sent.status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        trouble, body = self._trouble(scope), b""
        try:
            body = body if trouble else await _whole(receive, self.settings.form_bytes)
        except TooMuch:
            trouble = 413
        room = _room(scope)
        async with _handed_over(send, at_once=room == "watching") as hand:
            with hurried():
                async with _inside(self.rooms[room]) as full:
                    refused = trouble or (503 if full else None)
                    app = self.refuse(scope, refused) if refused else self.app
                    await app(scope, _again(body, receive), hand)

    def _trouble(self, scope: Scope) -> int | None:
        """The status with which a request is turned away before anybody looks at it."""
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        # Of two hosts a proxy in front may have believed the other one.
        if not LENGTH.fullmatch(length) or len(headers.getlist("host")) > 1:
            return 400
        if int(length) > self.settings.form_bytes:
            return 413
        if scope["method"] not in SAFE and not self._ours(headers):
            return 403
        return None

    def _ours(self, headers: Headers) -> bool:
        """Whether a page of ours sent it. No token is needed, so a form that waited for days still goes through."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        # "null" is what a browser says that was told to name no origin: it speaks neither for us nor for another.
        if origin not in (None, "null", self._origin(headers)):
            return False
        if site is not None:
            return site == "same-origin" or (site == "none" and origin != "null")
        return origin == self._origin(headers) or (origin is None and not self._has_cookie(headers))

    def _has_cookie(self, headers: Headers) -> bool:
        return any(self.settings.cookie in one for one in headers.getlist("cookie"))

    def _origin(self, headers: Headers) -> str:
        if self.settings.https:
            # As a browser writes it: without a path, and without the port that goes without saying.
            return f"https://{urlsplit(self.settings.public_url).netloc.lower().removesuffix(':443')}"
        # Any name can be made to lead to this machine (DNS rebinding): only one that is known is ours.
        host = headers.get("host", "")
        ours = self.settings.i_know or PORT.sub("", host).strip("[]") in {*LOOPBACK, self.settings.hostname}
        return f"http://{host}" if ours else self.settings.public_url


def _room(scope: Scope) -> str:
    if scope["method"] in SAFE:
        return next((name for name, like in READ.items() if like.fullmatch(scope["path"])), "reading")
    return "argon2" if ARGON2.fullmatch(scope["path"]) else "writing"


@asynccontextmanager
async def _inside(room: asyncio.Semaphore) -> AsyncIterator[bool]:
    """A place in a room; True when none came free in time."""
    try:
        async with asyncio.timeout(patience()):
            await room.acquire()
    except TimeoutError:
        yield True
        return
    try:
        yield False
    finally:
        room.release()


@asynccontextmanager
async def _handed_over(send: Send, at_once: bool) -> AsyncIterator[Send]:
    """Keeps an answer until its place in a room is free again: whoever reads slowly, or not at all, holds none."""
    kept: list[Message] = []

    async def keep(message: Message) -> None:
        kept.append(message)

    try:
        yield send if at_once else keep
    finally:
        for message in kept:
            await send(message)


async def _whole(receive: Receive, most: int) -> bytes:
    """The body, before a transaction is begun for it: whoever sends slowly keeps nobody waiting.

    Raises TooMuch, whatever length was announced, and for a body that broke off: half a form is not looked at.
    """
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most or message["type"] == "http.disconnect":
            raise TooMuch
        more = message.get("more_body", False)
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Hands on the body that was read, and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def read() -> Message:
        return waiting.pop() if waiting else await receive()

    return read


class _Answer:
    """Sends the answer on, with the headers that every answer has."""

    def __init__(self, send: Send, https: bool) -> None:
        self.send, self.https, self.status = send, https, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=message["headers"])
            for name, value in HEADERS.items():
                headers[name] = value
            # Fingerprinted files alone may be kept; every page is somebody's.
            headers.setdefault("Cache-Control", "no-store")
            headers.add_vary_header("HX-Request")
            headers["Request-Id"] = request_id.get()
            if self.https:
                headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
            message["headers"] = headers.raw
        await self.send(message)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    facts = _facts(scope, status, seconds)
    log.info("request", extra={"facts": facts})
    # An address that there is not is a slip, and a file that there is not any more is asked for by an old page. What is
    # not theirs, or came no way of ours, may be somebody at the doors.
    if status in REFUSED and (status != 404 or facts["route"] not in ("", "/static/{name}")):
        known = scope.get("state", {}).get("visitor") is not None
        log.warning("refused", extra={"facts": facts | {"signed_in": known}})


def _facts(scope: Scope, status: int, seconds: float) -> dict[str, Any]:
    """The route, never the address: an address may hold an invite."""
    route = getattr(scope.get("route"), "path", "")
    return {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}


class JsonLines(logging.Formatter):
    """A line of JSON for each record. What was written by a person is in none of them."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"at": datetime.fromtimestamp(record.created, UTC).isoformat(), "level": record.levelname}
        line |= {"request": said} if (said := request_id.get()) else {}
        line |= {"what": record.getMessage(), **getattr(record, "facts", {})}
        if record.exc_info:
            line["trace"] = _trace(record.exc_info[1])
        return json.dumps(line)


def _trace(wrong: BaseException | None) -> str:
    """Where it broke and as what, back to the first cause. Not its message: a database's holds what was to be kept."""
    lines: list[str] = []
    while wrong:
        lines += [*traceback.format_tb(wrong.__traceback__), f"{type(wrong).__name__}\n"]
        wrong = wrong.__cause__ or wrong.__context__
    return "".join(lines)


def log_to_stderr() -> None:
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(JsonLines())
    logging.basicConfig(handlers=[told], level=logging.INFO, force=True)
    for noisy in ("uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
