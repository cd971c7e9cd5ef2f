"""What the browser needs and no person reads: assets, and the health of the server."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from app.access import SignedOut
from app.record import NotYours

router = APIRouter()
FOREVER = "public, max-age=31536000, immutable"


@router.get("/static/{name}")
async def asset(request: Request, name: str) -> Response:
    found = request.app.state.files.get(name)
    if found is None:
        raise NotYours("asset")
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.zipped, media_type=found.kind, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.body, media_type=found.kind, headers=headers)


@router.get("/health")
def health(door: SignedOut) -> PlainTextResponse:
    """Answers when the server and its database do."""
    return PlainTextResponse("ok")
