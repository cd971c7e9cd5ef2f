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
from app.models.agenda import AwayForm
from app.models.arrivals import AttendanceForm
from app.models.asking import DayForm
from app.models.assignments import AskForm, StepForm
from app.models.calls import CallForm
from app.models.checkins import CheckInForm
from app.models.consents import ConsentForm
from app.models.contacts import ContactForm
from app.models.covers import CoverForm
from app.models.entry import ActForm, VisibilityForm
from app.models.feeds import FeedForm
from app.models.flags import ClearanceForm, FlagForm
from app.models.follow_ups import FollowUpForm
from app.models.groups import NoteForm
from app.models.homework import TaskForm
from app.models.invites import AcceptForm, InviteForm
from app.models.journal import JournalForm, SearchForm
from app.models.letters import LetterForm
from app.models.limits import LimitsForm
from app.models.marks import MarkForm, RollForm
from app.models.me import LanguageForm
from app.models.measures import MeasureForm
from app.models.moods import MoodForm
from app.models.notes import StaffNoteForm
from app.models.phases import LastDayForm, PhaseChangeForm, PhaseForm
from app.models.practices import PracticeForm
from app.models.readings import ReadingForm
from app.models.recovery import RecoveryForm
from app.models.reviews import AnswerForm, ReviewForm
from app.models.rhythm import RhythmForm
from app.models.rooms import RoomForm
from app.models.series import ChangeForm, EndForm, HolidayForm, SeatForm, SeriesForm
from app.models.setbacks import SetbackForm
from app.models.sharing import SharingForm
from app.models.skills import FavouriteForm, OwnSkillForm
from app.models.triggers import TriggerForm
from app.models.urges import UrgeForm
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
    AwayForm: lambda: {"id": str(new_id()), "reason": "work", "words": KEPT_WORDS},
    ChangeForm: lambda: {
        "id": str(new_id()), "takes_place": "true", "moved_on": "", "moved_at": "19:00", "place": "Room 9",
        "link": "https://meet.footbridge.example/a", "cover": "", "reason": KEPT_WORDS,
    },
    EndForm: lambda: {"id": str(new_id()), "starts_on": "2026-12-01"},
    FeedForm: lambda: {"id": str(new_id()), "title": "class", "with_place": "true"},
    HolidayForm: lambda: {"id": str(new_id()), "day": "2026-11-26", "name": KEPT_WORDS},
    PhaseForm: lambda: {"name": KEPT_WORDS, "weeks": "4", "sessions_a_week": "5"},
    PhaseChangeForm: lambda: {"id": str(new_id()), "number": "2", "since": "2026-11-23", "why": KEPT_WORDS},
    SeatForm: lambda: {"id": str(new_id()), "series": str(new_id()), "since": "2026-11-23"},
    SeriesForm: lambda: {
        "id": str(new_id()), "kind": "group", "title": KEPT_WORDS, "starts_on": "2026-11-23", "at": "18:00",
        "minutes": "90", "every": "1", "weekdays": "0", "last": "2027-11-23", "times": "9", "place": "Room 2",
        "link": "https://meet.footbridge.example/a", "facilitator": str(new_id()), "phases": "1",
        "on_holidays": "true", "seen": str(new_id()),
    },
    AttendanceForm: lambda: {
        "id": str(new_id()), "session": str(new_id()), "way": "arriving", "code": "1234", "mood": "3", "urge": "4",
        "bring_up": KEPT_WORDS, "takeaway": KEPT_WORDS, "homework_seen": "yes", "told": "false", "visibility": "shared",
        "version": "1", **PHONE,
    },
    CallForm: lambda: {"id": str(new_id())},
    ClearanceForm: lambda: {"words": KEPT_WORDS},
    FlagForm: lambda: {"id": str(new_id()), "entry_id": "", "level": "high", "words": KEPT_WORDS},
    LimitsForm: lambda: {
        "id": str(new_id()), "urge": "7", "bam_use": "1", "bam_risk": "11", "bam_protective": "12", "phq_rise": "5",
        "quiet_days": "3", "low_mood": "1.5", "low_mood_days": "3", "sleep_hours": "5", "sleep_nights": "3",
        "off_course": "2.5", "fewest": "10",
    },
    CheckInForm: lambda: {
        "id": str(new_id()), "mood": "3", "urge": "4", "stress": "2", "energy": "3", "sleep_hours": "7", "used": "no",
        "halt": "tired", "words": KEPT_WORDS, "visibility": "shared", **PHONE,
    },
    ConsentForm: lambda: {
        "id": str(new_id()), "recipient": KEPT_WORDS, "purpose": KEPT_WORDS, "first_on": "2026-11-01",
        "expires_on": "2026-12-01", "signature": KEPT_WORDS,
    },
    CoverForm: lambda: {
        "id": str(new_id()), "coach": "", "cover": str(new_id()), "first_on": "2026-12-01", "last_on": "2026-12-05",
    },
    LetterForm: lambda: {"id": str(new_id())},
    NoteForm: lambda: {"id": str(new_id()), "session": str(new_id()), "words": KEPT_WORDS, "themes": "trust, home"},
    AskForm: lambda: {"id": str(new_id()), "what": "skill:body-scan", "words": KEPT_WORDS, "due_on": "2026-12-01"},
    DayForm: lambda: {"due_on": "2026-12-01"},
    ReadingForm: lambda: {"id": str(new_id()), "reading": "sleep", **PHONE},
    StepForm: lambda: {"step": "done", "words": KEPT_WORDS},
    TaskForm: lambda: {
        "id": str(new_id()), "what": "", "words": KEPT_WORDS, "due_on": "2026-12-01", "persons": str(new_id()),
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
    LastDayForm: lambda: {"last_day": "2026-12-18"},
    LookForm: lambda: {"look": "plain"},
    MarkForm: lambda: {
        "id": str(new_id()), "state": "here", "mode": "room", "came": "18:05", "went": "19:00", "minutes": "55",
        "reason": KEPT_WORDS,
    },
    MeasureForm: lambda: {
        "id": str(new_id()), "edition": "PHQ-9 (1999)", "answer-1": "1", "answer-9": "0", "visibility": "shared",
        "step": "3", "done": "true", **PHONE,
    },
    MoodForm: lambda: {"id": str(new_id()), "mood": "3", **PHONE},
    OwnSkillForm: lambda: {
        "id": str(new_id()), "name": KEPT_WORDS, "steps": "Dial\nSay hello", "minutes": "10", "version": "1",
    },
    PracticeForm: lambda: {
        "id": str(new_id()), "skill": "box-breathing", "before": "7", "after": "3", "minutes": "4",
        "words": KEPT_WORDS, "visibility": "shared", **PHONE,
    },
    RecoveryForm: lambda: {"id": str(new_id()), "since": "2026-11-01", "called": "sober", "word": "used"},
    AnswerForm: lambda: {"words": KEPT_WORDS, "version": "0"},
    FollowUpForm: lambda: {"id": str(new_id()), "day": "2026-11-24", "words": KEPT_WORDS, "entry_id": ""},
    ReviewForm: lambda: {"id": str(new_id()), "words": KEPT_WORDS, "after": "0", "then": ""},
    RollForm: lambda: {"id": str(new_id())},
    RhythmForm: lambda: {"id": str(new_id()), "asked": "phq-9:weekly", "weekday": "0"},
    RoomForm: lambda: {"minutes": "30", "wall": "names"},
    SearchForm: lambda: {"term": KEPT_WORDS},
    SetbackForm: lambda: {
        "id": str(new_id()), "word": "used", "day": "2026-11-17", "triggers": "conflict", "words": KEPT_WORDS,
        "helped": "a walk", "small": "eat", "next_step": "shoes on", "told": "June", "visibility": "shared",
        "step": "6", "done": "true", "version": "1", **PHONE,
    },
    SharingForm: lambda: {"kind": "journal", "open": "true"},
    SignInForm: lambda: {"name": demo.ADDRESS.format("ana"), "passphrase": demo.PASSPHRASE, "next": "", "held": ""},
    StaffNoteForm: lambda: {"id": str(new_id()), "words": KEPT_WORDS, "version": "1"},
    TriggerForm: lambda: {
        "id": str(new_id()), "name": KEPT_WORDS, "sort": "places", "risk": "7", "plan": "I call Sam.", "version": "1",
    },
    UrgeForm: lambda: {
        "id": str(new_id()), "before": "7", "after": "3", "skill": "box-breathing", "triggers": "conflict",
        "words": KEPT_WORDS, "visibility": "shared", "rated_at": PHONE["written_at"], "again_at": PHONE["sent_at"],
        "step": "4", "done": "true", "version": "1", **PHONE,
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
    yield "more than there is", [*GOOD[form]().items(), *((name, foreign) for name in EXTRAS)]


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
