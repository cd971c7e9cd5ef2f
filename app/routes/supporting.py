"""What a supporter sees: so far, that nothing has been shared with them."""

from fastapi import Response

from app.access import Supporting
from app.pages import page
from app.router import Router

router = Router()


@router.get("/supporting")
def index(record: Supporting) -> Response:
    return page(record, "supporting/index.html")
