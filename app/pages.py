"""The three ways a route answers: a whole page, what changed, or the same form refused kindly."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from app import assets
from app.access import Open, Outside, Visitor, across
from app.database import new_id
from app.flat import Flat
from app.forms import Posted, blank
from app.looks import look_of
from app.models import covers, lists
from app.offline import Page
from app.words import TOLD, Clock, best_language, translations

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment(language: str, development: bool = False) -> Flat:
    """The templates in one language. In development they are read again when they change."""
    made = Flat(
        translations(language).gettext, loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, auto_reload=development,
    )  # fmt: skip
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["_"] = made.globals["gettext"]
    made.globals |= {"asset": assets.load()[0].__getitem__, "new_id": new_id, "language": language}
    made.filters |= {name: _teller(name) for name in TOLD}
    return made


def _teller(name: str) -> Callable[[Context, Any], str]:
    @pass_context
    def told(context: Context, value: Any) -> str:
        said: str = getattr(context["times"], name)(value)
        return said

    return told


def page(door: Open | Outside, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page, for nobody's cache."""
    asks = _asks(door) if isinstance(door, Open) else {}
    return whole(door.request, template, status, visitor=door.visitor, now=door.now, **asks | context)


def _asks(door: Open) -> dict[str, Callable[[], Any]]:
    """What only some templates ask for: a coach's open flags, and who reads instead of a participant's coach."""
    return {"alarms": partial(across, door, lists.alarms), "steads": partial(covers.of_one, door)}


def whole(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page made where no door is: for what went wrong before or behind one. Needs `visitor` and `now`.

    `speaks` is the language of somebody who is expected, and not signed in yet.
    """
    visitor, now = context.pop("visitor"), context.pop("now")
    language = language_of(request, visitor, context.pop("speaks", ""))
    program = visitor.program if visitor else None
    context = {"here": request.url.path, "offline": False} | context
    context |= {
        "status": status, "worker": request.app.state.house.settings.worker,
        "reader": visitor, "program": program, "now": now, "look": look_of(request, language),
        "times": Clock(language, program.zone if program else "UTC", now),
    }  # fmt: skip
    for posted in [value for value in context.values() if isinstance(value, Posted)]:
        posted.speak = translations(language).gettext
        posted.whose = visitor.token if visitor else ""
    context.setdefault("form", None)
    made = environment(language, request.app.state.house.settings.development)
    return HTMLResponse(made.get_template(template).render(context), status)


def nobodys(door: Outside, language: str, kept: Page) -> HTMLResponse:
    """A page for a phone to keep for when there is no signal: the same for whoever asks."""
    form = blank(**kept.defaults)
    form.made_id = None  # each time it is opened is a new one: the page makes the id
    return whole(
        door.request, kept.template, visitor=None, now=door.now, speaks=language,
        offline=True, here=kept.address, form=form, **kept.facts(language),
    )  # fmt: skip


def language_of(request: Request, visitor: Visitor | None, speaks: str = "") -> str:
    return best_language(request.headers.get("accept-language", ""), visitor.language if visitor else speaks)


def changed(door: Open, template: str, to: str, kept: UUID | None = None, **context: Any) -> Response:
    """What changed, for htmx; without it, the way to the page that shows it."""
    if wants_fragment(door.request):
        answer: Response = page(door, template, **context)
    else:
        # In the address, for a page whose script holds a draft and did not see the header.
        answer = away(f"{to}#kept={kept}" if kept else to)
    if kept:
        # The server's word that an entry is kept: nothing else lets a phone forget it.
        answer.headers["Kept"] = str(kept)
    return answer


def refused(door: Open | Outside, template: str, status: int = 422, **context: Any) -> HTMLResponse:
    """The same form with what was typed, and a kind sentence for what is wrong."""
    return page(door, template, status, **context)


def away(to: str) -> RedirectResponse:
    """On to another page."""
    return RedirectResponse(to, 303)


def wants_fragment(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"
