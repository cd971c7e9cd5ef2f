"""What the browser needs and no person reads: assets, the service worker, and the health of the server."""

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from app import migrate, offline
from app.access import SignedOut, house_of
from app.pages import language_of, nobodys, page
from app.record import NotYours
from app.router import Router
from app.words import LANGUAGES

router = Router()
FOREVER = "public, max-age=31536000, immutable"

offline.enter("waiting", "/waiting", "offline/waiting.html")
offline.enter("offline", "/offline", "offline/show.html")


@router.get("/static/{name}")
async def asset(request: Request, name: str) -> Response:
    found = request.app.state.files.get(name)
    if found is None:
        raise NotYours("asset")
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.zipped, media_type=found.kind, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.body, media_type=found.kind, headers=headers)


@router.get("/service-worker.js")
def worker(request: Request) -> Response:
    wanted = request.app.state.house.settings.worker
    return Response(offline.worker(wanted), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/offline/{language}/{name}")
def show(door: SignedOut, language: str, name: str) -> Response:
    if language not in LANGUAGES or name not in offline.PAGES:
        raise NotYours("no such page")
    made = door.request.app.state.shells
    if door.request.cookies:
        return nobodys(door, language, offline.PAGES[name])
    # A worker asks for all of them at once, without a cookie: each is made once.
    if (language, name) not in made:
        made[language, name] = bytes(nobodys(door, language, offline.PAGES[name]).body)
    return HTMLResponse(made[language, name])


@router.get("/waiting")
def index(door: SignedOut) -> Response:
    """What waits on this phone, which the phone alone knows."""
    if door.visitor:
        return page(door, "offline/waiting.html")
    return nobodys(door, language_of(door.request, None), offline.PAGES["waiting"])


@router.get("/healthz")
async def well(request: Request) -> PlainTextResponse:
    """Answers when this process does, whatever becomes of the database: otherwise it is to be started again."""
    return PlainTextResponse("ok")


@router.get("/readyz")
@router.get("/health")
def ready(request: Request) -> PlainTextResponse:
    """Answers when requests should come here: the database answers, is at this version, and we are not about to end."""
    migrate.ready(house_of(request))
    return PlainTextResponse("ok")
