"""Bad input for every form of the application, found by reading its routes: no list of ours to forget one in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from urllib.parse import quote_plus

from fastapi.routing import APIRoute

from app import demo
from app.database import new_id
from app.forms import Form, Posted
from app.looks import LookForm
from app.models.accounts import SignInForm
from app.models.checkins import CheckInForm
from app.models.contacts import ContactForm
from app.models.entry import ActForm, VisibilityForm
from app.models.invites import AcceptForm, InviteForm
from app.models.journal import JournalForm, SearchForm
from app.models.me import LanguageForm
from app.models.moods import MoodForm
from app.models.practices import PracticeForm
from app.models.reviews import ReviewForm
from app.models.sharing import SharingForm
from app.models.skills import FavouriteForm, OwnSkillForm
from app.models.triggers import TriggerForm
from app.models.welcome import WelcomeForm
from app.routes import ROUTERS

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Way:
    """A route that takes a form, and the form it takes (None: it reads none)."""

    path: str
    form: type[Form] | None

    def __str__(self) -> str:
        return self.path


def ways() -> list[Way]:
    """Every route to which something can be posted."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return [Way(route.path, _form(route.endpoint)) for route in routes if "POST" in (route.methods or ())]


def forms() -> list[type[Form]]:
    return sorted({way.form for way in ways() if way.form}, key=lambda form: form.__name__)


def _form(endpoint: Callable[..., Any]) -> type[Form] | None:
    hints = get_type_hints(endpoint, include_extras=True).values()
    inside = [get_args(hint)[0] for hint in hints if get_origin(hint) is Annotated]
    return next((get_args(one)[0] for one in inside if get_origin(one) is Posted), None)


# --- good input, to be spoilt one field at a time

KEPT_WORDS = "a line that must not get lost"
# What a phone adds to a form that logs something.
PHONE = {"written_at": "2026-11-18T16:59:00.000Z", "sent_at": "2026-11-18T17:00:00.000Z", "zone": "America/Denver"}
# A form that is not here fails the tests.
GOOD: dict[type[Form], Callable[[], dict[str, str]]] = {
    AcceptForm: lambda: {"passphrase": "purple otter carries nine ladders"},
    ActForm: dict,
    CheckInForm: lambda: {
        "id": str(new_id()), "mood": "3", "urge": "4", "stress": "2", "energy": "3", "sleep_hours": "7", "used": "no",
        "halt": "tired", "words": KEPT_WORDS, "visibility": "shared", **PHONE,
    },
    ContactForm: lambda: {
        "id": str(new_id()), "name": KEPT_WORDS, "phone": "212-555-0142", "line": "my sister", "version": "1",
    },
    FavouriteForm: lambda: {"on": "true"},
    InviteForm: lambda: {
        "id": str(new_id()), "role": "supporter", "name": KEPT_WORDS, "coach": "", "starts": "", "language": "en",
        "sign_in_name": f"{new_id()}@footbridge.example",
    },
    JournalForm: lambda: {
        "id": str(new_id()), "words": KEPT_WORDS, "mood": "3", "tags": "work, Sam", "prompt": "",
        "visibility": "private", "wants_answer": "false", "day": "", "clock": "", **PHONE,
    },
    LanguageForm: lambda: {"language": "en"},
    LookForm: lambda: {"look": "plain"},
    MoodForm: lambda: {"id": str(new_id()), "mood": "3", **PHONE},
    OwnSkillForm: lambda: {
        "id": str(new_id()), "name": KEPT_WORDS, "steps": "Dial\nSay hello", "minutes": "10", "version": "1",
    },
    PracticeForm: lambda: {
        "id": str(new_id()), "skill": "box-breathing", "before": "7", "after": "3", "minutes": "4",
        "words": KEPT_WORDS, "visibility": "shared", **PHONE,
    },
    ReviewForm: lambda: {"id": str(new_id()), "words": KEPT_WORDS},
    SearchForm: lambda: {"term": KEPT_WORDS},
    SharingForm: lambda: {"kind": "journal", "open": "true"},
    SignInForm: lambda: {"name": demo.ADDRESS.format("ana"), "passphrase": demo.PASSPHRASE, "next": "", "held": ""},
    TriggerForm: lambda: {
        "id": str(new_id()), "name": KEPT_WORDS, "sort": "places", "risk": "7", "plan": "I call Sam.", "version": "1",
    },
    VisibilityForm: lambda: {"visibility": "shared"},
    WelcomeForm: dict,
}  # fmt: skip

# --- bad values; each for every field

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
VALUES: dict[str, list[str]] = {
    "missing": [],
    "empty": [""],
    "spaces": ["  \t "],
    "a line too long": ["x" * 501],
    "words too long": ["w" * 20_001],
    "another type": ['{"$ne": null}'],
    "out of range": ["11"],
    "negative": ["-1"],
    "a fraction": ["3.5"],
    "no number": ["NaN"],
    "too many digits": ["9" * 4400],
    "NUL": ["a\0b"],
    "emoji": ["🏳️‍🌈🚶🏽‍♀️"],
    "right to left": ["\u202e\u2067שלום\u2069\u202c"],
    "script": [SCRIPT],
    "template": ["{{7*7}}{% raw %}${7*7}%(name)s%s"],
    "CR and LF": ["a\r\nSet-Cookie: sid=1;\r\n\r\n<p>b"],
    "twice": ["1", "2"],
    "twice the same": ["shared", "shared"],
    "an id that no page of ours makes": ["6f1c3a52-2a0f-4c27-8d3a-0d8f5f5f5f5f"],
    "the first day of all": ["0001-01-01"],
    "the last day of all": ["9999-12-31"],
    "a time elsewhere": ["23:59:59.999999+14:00"],
    "before all time": ["0001-01-01T00:00:00+14:00"],
    "after all time": ["9999-12-31T23:59:59-14:00"],
    "a time of nowhere": ["2026-11-18T12:00:00"],
    "half a zone": ["America"],
    "half a character": ["\ud800"],
    "SQL": ["' or 1=1; drop table entry; --"],
    "a path": ["../../etc/passwd"],
}
EXTRAS = ("participant_id", "person_id", "program_id", "role", "reader_id", "kept_at", "made_by", "__class__", "")


def spoilt(form: type[Form], foreign: str) -> Iterator[tuple[str, Fields]]:
    """Every way to spoil a good form: (what is wrong, fields). `foreign`: an id that is somebody else's."""
    for name in form.model_fields:
        for label, values in {**VALUES, "somebody else's": [foreign]}.items():
            good = [(known, value) for known, value in GOOD[form]().items() if known != name]
            yield f"{name}: {label}", good + [(name, value) for value in values]
    for name in EXTRAS:
        yield f"one more: {name}", [*GOOD[form]().items(), (name, foreign)]


# --- bad bodies; each for every route

URLENCODED = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"


def _part(name: str, text: bytes, more: bytes = b"") -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + more + b"\r\n\r\n" + text + b"\r\n"


def encoded(fields: Fields) -> bytes:
    return "&".join(
        f"{quote_plus(name)}={quote_plus(value, errors='surrogatepass')}" for name, value in fields
    ).encode()


def bodies() -> dict[str, tuple[str, bytes]]:
    """What is wrong with a body: its content type, and the body."""
    file = _part(
        "words", b"%PDF-1.7 <script>alert(1)</script>", b'; filename="../../a.html"\r\nContent-Type: text/html'
    )
    end = b"--b--\r\n"
    return {
        "nothing": ("", b""),
        "nothing in a form": (URLENCODED, b""),
        "nothing in parts": (PARTS, b""),
        "JSON": ("application/json", b'{"words": "a", "mood": 3, "participant_id": "b"}'),
        "broken JSON": ("application/json", b"{"),
        "plain text": ("text/plain", b"words=a&mood=3"),
        "XML": ("text/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        "no bytes of UTF-8": (URLENCODED, b"words=%ff%fe&mood=%80"),
        "half of a pair": (URLENCODED, b"words=%ed%a0%80&name=%ed%b0%80"),
        "overlong": (URLENCODED, b"words=%c0%af..%c0%af&term=%c0%80"),
        "half a per cent": (URLENCODED, b"words=%&mood=%z&name=%2"),
        "raw bytes": (URLENCODED, b"words=\xff\xfe\x00&\x80=\x81"),
        "UTF-16": (URLENCODED + "; charset=utf-16", "words=a&mood=3".encode("utf-16")),
        "no names": (URLENCODED, b"=&=a&&&=b"),
        "very many fields": (URLENCODED, b"&".join(b"f%d=1" % number for number in range(3000))),
        "very many of one": (URLENCODED, b"&".join([b"halt=tired"] * 3000)),
        "a long name": (URLENCODED, b"n" * 50_000 + b"=1"),
        "a file": (PARTS, file + end),
        "an empty file": (PARTS, _part("words", b"", b'; filename=""') + end),
        "very many parts": (PARTS, _part("words", b"a") * 200 + end),
        "parts without a boundary": ("multipart/form-data", _part("words", b"a") + end),
        "parts cut short": (PARTS, _part("words", b"a")[:-9]),
        "parts of no form": (PARTS, b"--b\r\n\r\n\r\n" + end),
        "parts with half a character": (PARTS + "; charset=unicode_escape", _part("words", rb"a\ud800b") + end),
        "parts in no such alphabet": (PARTS + "; charset=klingon", _part("words", b"\xff") + end),
        "parts in a strange alphabet": (PARTS + "; charset=idna", _part("words", b"a." * 80 + b"\xff") + end),
        "a part with a long name": (PARTS, _part("n" * 9000, b"a") + end),
    }
