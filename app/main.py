"""The application: settings, the edge, the routes, and how what went wrong is told."""

import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Scope

from app import assets, live, worker
from app.access import House, NotAllowed, SignInNeeded, WelcomeFirst, utc_now
from app.database import Busy, Database, Full
from app.edge import Edge, TooMuch, request_id
from app.forms import blank, sent, tidy
from app.lib.vault import Master
from app.pages import away, wants_fragment, whole
from app.record import NotYours
from app.routes import ROUTERS, patterns
from app.settings import Settings

log = logging.getLogger("footbridge")


def build(settings: Settings, clock: Callable[[], datetime] = utc_now) -> House:
    """The house, from its key and its settings. Raises vault.KeyTrouble when there is no key to open it with."""
    master = Master.read(settings.key_file)
    return House(settings, Database(settings, master.derive("database file")), master, clock)


def create_app(house: House) -> FastAPI:
    # An agent on the host could switch tracing on, and traces carry addresses.
    silent: Any = {"tracing": False, "metrics": False, "logs": False}
    # A slash too many is redirected to whatever host the request names: an address of somebody else's.
    app = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, telemetry=silent, lifespan=_running, redirect_slashes=False
    )
    app.state.house, app.state.files, app.state.shells = house, assets.load()[1], {}
    for router in ROUTERS:
        app.include_router(router)
    if house.settings.development:
        app.include_router(patterns.router)
    for wrong, told in TROUBLE.items():
        app.add_exception_handler(wrong, told)
    app.add_middleware(GZipMiddleware, minimum_size=600)
    return app


def serve(house: House) -> Edge:
    """What a server runs: the application inside its edge."""
    app = create_app(house)

    def refuse(scope: Scope, status: int) -> ASGIApp:
        return _sorry(status)(Request({**scope, "app": app}), TooMuch())

    return Edge(app, house.settings, refuse)


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    house = app.state.house
    with worker.beside(house), live.until_told(house):
        yield


# After how many seconds it is worth asking again: a database is busy for moments, a disk is full until somebody comes.
AGAIN = {503: "5", 507: "60"}


def _sorry(status: int, **context: Any) -> Callable[[Request, Exception], Response]:
    def told(request: Request, _wrong: Exception) -> Response:
        visitor = getattr(request.state, "visitor", None)
        now = request.app.state.house.clock()
        context.setdefault("words", "")
        answer = whole(request, "error.html", status, visitor=visitor, now=now, number=request_id.get(), **context)
        if status in AGAIN:
            answer.headers["Retry-After"] = AGAIN[status]
        return answer

    return told


async def _typed(request: Request) -> str:
    """What somebody who is signed in had just typed: whatever became of it is theirs all the same, to copy."""
    visitor, typed = getattr(request.state, "visitor", None), FormData()
    with suppress(HTTPException):
        typed = await sent(request) if request.method == "POST" and visitor else typed
    words = typed.get("words") if visitor and typed.get("whose") in (None, "", visitor.token) else None
    return str(tidy(words)) if isinstance(words, str) else ""


async def _not_yours(request: Request, wrong: Exception) -> Response:
    return _sorry(404, words=await _typed(request))(request, wrong)


async def _busy(request: Request, wrong: Exception) -> Response:
    log.warning("the database is busy or away", exc_info=wrong)
    return _sorry(503, words=await _typed(request))(request, wrong)


async def _full(request: Request, wrong: Exception) -> Response:
    log.error("there is no room left: nothing more can be kept", exc_info=wrong)
    return _sorry(507, words=await _typed(request))(request, wrong)


def _http(request: Request, wrong: Exception) -> Response:
    return _sorry(getattr(wrong, "status_code", 500))(request, wrong)


async def _sign_in(request: Request, _wrong: Exception) -> Response:
    """On to sign in; what had been typed goes along and comes back afterwards."""
    if request.method in ("GET", "HEAD"):
        return away(f"/sign-in?next={request.url.path}")
    if wants_fragment(request):
        return Response(status_code=401, headers={"Sign-In": "needed"})
    try:
        data = await sent(request)
    except HTTPException as unreadable:
        return _http(request, unreadable)
    held = json.dumps(
        {"action": request.url.path, "fields": [[name, str(value)] for name, value in data.multi_items()]}
    )
    now = request.app.state.house.clock()
    return whole(request, "accounts/sign_in.html", 401, visitor=None, now=now, form=blank(held=held))


TROUBLE: dict[Any, Any] = {
    HTTPException: _http,
    RequestValidationError: _sorry(404),
    NotYours: _not_yours,
    NotAllowed: _sorry(403),
    Busy: _busy,
    Full: _full,
    SignInNeeded: _sign_in,
    WelcomeFirst: lambda request, wrong: away("/welcome"),
    Exception: _sorry(500),
}
