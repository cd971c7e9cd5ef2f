"""How Footbridge looks on a phone: under its own name, or under one that tells nobody anything."""

import json
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from fastapi import Request, Response

from app import assets
from app.forms import Form, _
from app.words import translations

COOKIE = "look"
YEAR = 365 * 24 * 3600
# The paper of tokens.css, by day and by night.
DAY, NIGHT = "#faf6ef", "#0e161b"
NAMES = {"footbridge": "Footbridge", "plain": _("Daybook")}
ICONS = (("192", "192x192", "any"), ("512", "512x512", "any"), ("maskable", "512x512", "maskable"))


class LookForm(Form):
    look: Literal["footbridge", "plain"]


class Shortcut(NamedTuple):
    """What the icon offers when it is held down. `plain`: what it is called where nobody should learn anything."""

    path: str
    picture: str
    words: str
    plain: str


# Android shows the first four.
SHORTCUTS = (
    Shortcut("/now", "to-wave", _("An urge is here"), _("A hard moment")),
    Shortcut("/moods/new", "to-mood", _("How I feel"), _("How I feel")),
    Shortcut("/journal/new", "to-journal", _("Write a page"), _("Write a page")),
    Shortcut("/help", "to-help", _("Help now"), _("Help")),
)


@dataclass(frozen=True)
class Look:
    """One look: its key, and its name in the reader's language."""

    key: str
    name: str

    @property
    def favicon(self) -> str:
        return "plain.svg" if self.key == "plain" else "favicon.svg"


def look_of(request: Request, language: str) -> Look:
    """The look that was chosen in this browser."""
    return look(request.cookies.get(COOKIE, ""), language)


def look(key: str, language: str) -> Look:
    """A look by its key; Footbridge's own for a key that there is not."""
    key = key if key in NAMES else "footbridge"
    return Look(key, translations(language).gettext(NAMES[key]))


def choices(language: str) -> list[Look]:
    return [look(key, language) for key in NAMES]


def wear(answer: Response, key: str, https: bool) -> Response:
    """Tell the browser to remember a look, whoever is signed in."""
    answer.set_cookie(COOKIE, key, max_age=YEAR, path="/", secure=https, httponly=True, samesite="lax")
    return answer


def manifest(worn: Look, language: str) -> str:
    """What a phone reads before it puts an icon on the home screen (W3C Web Application Manifest, May 2026).

    Whatever the look, it is one app by its `id`. It has no description and no categories: both would tell.
    """
    colours = {"theme_color": DAY, "background_color": DAY}
    told = {
        "id": "/", "start_url": "/", "scope": "/", "name": worn.name, "short_name": worn.name,
        "lang": language, "dir": "ltr", "display": "standalone", **colours,
        "color_scheme_dark": dict.fromkeys(colours, NIGHT),
        "icons": [_icon(f"{worn.key}-{name}", sizes, purpose) for name, sizes, purpose in ICONS],
        "shortcuts": [_shortcut(one, worn, language) for one in SHORTCUTS],
    }  # fmt: skip
    return json.dumps(told)


def _shortcut(one: Shortcut, worn: Look, language: str) -> dict[str, Any]:
    words = one.plain if worn.key == "plain" else one.words
    return {
        "name": translations(language).gettext(words), "url": one.path,
        "icons": [_icon(one.picture, "96x96", "any")],
    }  # fmt: skip


def _icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    return {"src": assets.load()[0][f"{name}.png"], "sizes": sizes, "type": "image/png", "purpose": purpose}
