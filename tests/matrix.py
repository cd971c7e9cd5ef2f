"""Every route of the application × every person who has no business there: found by reading it, not from a list."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import product
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from uuid import UUID

from fastapi import FastAPI
from fastapi.params import Depends
from fastapi.routing import iter_route_contexts
from sqlalchemy import Table, or_, select
from sqlmodel import SQLModel
from starlette.datastructures import FormData
from starlette.testclient import TestClient

from app import demo, main
from app.access import House, opened
from app.database import new_id
from app.edge import Edge
from app.forms import Form, Posted, read_form
from app.models import (
    arrivals,
    asking,
    checkins,
    consents,
    contacts,
    entry,
    feeds,
    flags,
    follow_ups,
    groups,
    homework,
    invites,
    journal,
    measures,
    moods,
    notes,
    openings,
    practices,
    readings,
    recovery,
    reviews,
    sessions,
    setbacks,
    skills,
    triggers,
    urges,
)
from app.models.arrivals import AttendanceForm
from app.models.assignments import AskForm
from app.models.checkins import CheckInForm
from app.models.consents import ConsentForm
from app.models.contacts import ContactForm
from app.models.entry import Place
from app.models.feeds import FeedForm
from app.models.follow_ups import FollowUpForm
from app.models.groups import NoteForm
from app.models.homework import TaskForm
from app.models.invites import Plan
from app.models.journal import JournalForm
from app.models.measures import MeasureForm
from app.models.moods import MoodForm
from app.models.notes import StaffNoteForm
from app.models.practices import PracticeForm
from app.models.readings import ReadingForm
from app.models.recovery import RecoveryForm
from app.models.setbacks import SetbackForm
from app.models.skills import OwnSkillForm
from app.models.triggers import TriggerForm
from app.models.urges import UrgeForm
from app.record import Record
from tests import planned
from tests.meeting import held

# --- reading the application


@dataclass(frozen=True)
class Address:
    """One route as it is met from outside."""

    method: str
    path: str
    endpoint: Callable[..., Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names(self) -> list[str]:
        """What the path names."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def asked(self) -> list[str]:
        """What may follow a question mark."""
        return [name for name, hint in self._hints.items() if hint is str and name not in self.names]

    @property
    def door(self) -> str:
        """The function in `access.py` that opens what this route is handed; "" when none does."""
        for said in self._dependencies():
            if said.__qualname__.startswith("door."):
                cells = dict(zip(said.__code__.co_freevars, said.__closure__ or (), strict=True))
                return str(cells["opens"].cell_contents.__name__)
        return ""

    @property
    def form(self) -> type[Form] | None:
        inside = [get_args(hint)[0] for hint in self._hints.values() if get_origin(hint) is Annotated]
        return next((get_args(one)[0] for one in inside if get_origin(one) is Posted), None)

    @property
    def _hints(self) -> dict[str, Any]:
        hints = get_type_hints(self.endpoint, include_extras=True)
        return {name: hint for name, hint in hints.items() if name != "return"}

    def _dependencies(self) -> Iterator[Any]:
        for hint in self._hints.values():
            said = getattr(hint, "__metadata__", ())
            yield from (one.dependency for one in said if isinstance(one, Depends) and one.dependency)


def addresses(app: FastAPI) -> list[Address]:
    """Every route, those of included routers too: in `app.routes` each of these is one."""
    found = []
    for route in iter_route_contexts(app.routes):
        assert route.path and route.endpoint and route.methods, f"a route that this cannot read: {route}"
        found += [Address(method, route.path, route.endpoint) for method in sorted(route.methods)]
    return found


# --- what is sent

ANSWERS = (
    "a few words of ours",
    "1",
    "true",
    "no",
    "2026-11-17",
    "11:00",
    "tired",
    "box-breathing",
    "skill:box-breathing",
    "phq-9:weekly",
    "sleep",
    "rest",
    "https://a.example",
    "30",
)


def filled(form: type[Form], **given: Any) -> dict[str, str]:
    """A body that the form takes: for each field the first answer that it does not refuse."""
    fields = form.model_fields.items()
    return {
        name: str(given.get(name) or _answer(form, name, one.annotation)) for name, one in fields if name != "whose"
    }


def _answer(form: type[Form], name: str, annotation: Any) -> str:
    offered = [str(one) for one in get_args(annotation) if isinstance(one, str)]
    for answer in (*offered, *ANSWERS, str(new_id())):
        if name not in read_form(form, FormData({name: answer})).errors:
            return answer
    raise AssertionError(f"no answer of ours fits {form.__name__}.{name}: please add one that does")


# --- whom it is about

CANARY = "canary"


@dataclass(frozen=True)
class Ana:
    """What is Ana's in the database. Each of her texts holds CANARY and says how it is kept."""

    person: UUID
    entries: dict[str, UUID]
    contact: UUID
    trigger: UUID
    skill: UUID
    recovery: UUID
    sign_in: UUID
    invite: UUID
    used_token: str
    place: str
    group: UUID
    feed: UUID
    series: UUID

    after: dict[str, UUID] = field(default_factory=dict)

    def values(self, name: str) -> list[str]:
        """What an address of hers may hold in a place of that name."""
        known = {
            "entry_id": list(self.entries.values()), "person_id": [self.person], "sign_in_id": [self.sign_in],
            "contact_id": [self.contact], "trigger_id": [self.trigger], "key": [self.skill],
            "invite_id": [self.invite], "token": [self.used_token], "language": ["en"], "month": ["2026-11"],
            "name": ["app.css"], "session_id": [self.group], "instrument": ["phq-9"],
            **{name: [one] for name, one in self.after.items()},
            "series_id": [self.series], "phase_id": [self.skill], "cover_id": [self.skill], "holiday_id": [self.skill],
        }  # fmt: skip
        return [str(value) for value in known[name]]

    @property
    def ids(self) -> set[str]:
        own = (self.person, self.sign_in, self.contact, self.trigger, self.skill, self.recovery, self.feed)
        return {str(one) for one in (*own, *self.entries.values())}


def settle(house: House, cast: demo.Cast) -> Ana:
    """Ana writes in every way that there is, Cora answers, and an invite for somebody waits."""
    with opened(house, cast.harbor, "participant", cast.ana, cast.ana) as record:
        entries = {
            "private": _page(record, "private"), "shared": _page(record, "shared"),
            "binned": _page(record, "shared", f"{CANARY} binned"), "checked": _check_in(record, "shared"),
            "unchecked": _check_in(record, "private"), "mood": moods.keep(record, MoodForm(id=new_id(), mood=2)).id,
        }  # fmt: skip
        place, contact = str(Place(record.now, entries["private"])), _contact(record)
        trigger, skill = _trigger(record), _skill(record)
        entries |= {visibility: _practice(record, skill, visibility) for visibility in ("practised", "unpractised")}
        entries |= {name: _setback(record, trigger, name) for name in ("setback told", "setback untold")}
        entries |= {name: _urge(record, trigger, skill, name) for name in ("urge told", "urge untold")}
        entries |= {name: _measure(record, name) for name in ("measured", "unmeasured")}
        counted = recovery.choose(record, Posted(kept=RecoveryForm(id=new_id())))
        assert counted
    group = held(house, cast.harbor, cast.cora, house.clock().replace(second=0, microsecond=0)).id
    # Pages that stay open end at once.
    house.closing.set()
    with opened(house, cast.harbor, "participant", cast.ana, cast.ana) as record:
        entries |= {name: _attend(record, group, name) for name in ("came", "left")}
    with opened(house, cast.harbor, "coach", cast.cora, cast.ana) as record:
        openings.opened(record, entries["binned"])
        for name in ("shared", "binned"):
            reviews.read(record, entry.find(record, entries[name]).id, review := new_id(), f"{CANARY} answer to {name}")
        day = FollowUpForm(id=new_id(), day=record.today, words=f"{CANARY} shared by coaches with coaches")
        assert not follow_ups.planned(record, Posted(kept=day)).refused
    with opened(house, cast.harbor, "participant", cast.ana, cast.ana) as record:
        entry.throw(record, entries["binned"])
    with opened(house, cast.harbor, "keeper", cast.pat) as record:
        invites.make(record, Plan("participant", f"Ana {CANARY}", "ana-canary", coach=cast.cora), new_id())
        [(invite, _plan)] = [one for one in invites.open_ones(record) if one[1].sign_in_name == "ana-canary"]
        used = invites.make(record, Plan("participant", f"Ana {CANARY}", "ana-used", coach=cast.cora), new_id())
        invites.use(record.session, invites.of_token(record.session, used, record.now), record.now)
    feed, series = _feed(house, cast), planned.begun(house, cast.harbor, cast.cora, cast.ana)
    signed_in = _signed_in_id(house, cast)
    return Ana(
        cast.ana, entries, contact, trigger, skill, counted.id, signed_in, invite.id, used, place, group, feed, series,
        _after(house, cast, group) | {"review_id": review, "follow_up_id": day.id},
    )  # fmt: skip


def _after(house: House, cast: demo.Cast, group: UUID) -> dict[str, UUID]:
    """What comes after a session: a consent of hers, a note of Cora's, homework; by what an address calls it."""
    said = {"words": f"{CANARY} homework", "due_on": "2026-12-01"}
    with opened(house, cast.harbor, "participant", cast.ana, cast.ana) as record:
        asked = filled(ConsentForm, **DAYS, recipient=f"{CANARY} consent", purpose=f"{CANARY} consent")
        consent = consents.sign(record, ConsentForm.model_validate(asked), str).id
        mark = ReadingForm(id=new_id(), reading="sleep")
        assert readings.marked(record, Posted(kept=mark))
    with opened(house, cast.harbor, "coach", cast.cora) as record:
        one = sessions.find(record, group)
        note = NoteForm(id=new_id(), session=group, words=f"{CANARY} note")
        assert groups.noted(record, groups.find(record, one.series_id), Posted(kept=note))
    with opened(house, cast.harbor, "coach", cast.cora, cast.ana) as record:
        flags.by_hand(record, flag := new_id(), None, "low", f"{CANARY} shared flag")
        task = TaskForm(id=new_id(), **said)
        assert homework.assigned(record, one, Posted(kept=task), lambda persons: [record])
        asked_for = AskForm(id=new_id(), **said | {"words": f"{CANARY} shared with her coach"})
        assert asking.asked(record, Posted(kept=asked_for))
        of_staff = StaffNoteForm(id=new_id(), words=f"{CANARY} shared by staff with staff")
        assert notes.written(record, Posted(kept=of_staff))
        after = {"consent_id": consent, "mark": mark.id, "assignment_id": asked_for.id, "task_id": task.id}
        return after | {"flag_id": flag, "note_id": of_staff.id}


# Days that a form takes on which several have to fit together.
DAYS = {"first_on": "2026-11-18", "expires_on": "2026-12-18"}


def _feed(house: House, cast: demo.Cast) -> UUID:
    with opened(house, cast.harbor, "participant", cast.ana, cast.ana) as record:
        feeds.make(record, form := FeedForm(id=new_id()))
    return form.id


def _page(record: Record, visibility: Any, words: str = "") -> UUID:
    said = words or f"{CANARY} {visibility}"
    form = JournalForm(id=new_id(), words=said, tags=said, visibility=visibility, wants_answer=True, mood=1)
    return journal.keep(record, form).id


def _contact(record: Record) -> UUID:
    form = ContactForm(id=new_id(), name=f"{CANARY} private", phone="212-555-0199", line=f"{CANARY} private")
    assert contacts.add(record, form)
    return form.id


def _trigger(record: Record) -> UUID:
    said = f"{CANARY} private"
    form = TriggerForm(id=new_id(), name=said, sort="places", risk=9, plan=said)
    assert triggers.add(record, form)
    return form.id


def _skill(record: Record) -> UUID:
    form = OwnSkillForm(id=new_id(), name=f"{CANARY} private", steps=f"{CANARY} private")
    assert skills.added(record, Posted(kept=form))
    return form.id


def _practice(record: Record, skill: UUID, said: str) -> UUID:
    """The skill is her own: its name is what nobody else may read, in what is kept to herself."""
    private = said == "unpractised"
    form = PracticeForm(
        id=new_id(), skill=str(skill) if private else "box-breathing", before=8, after=2,
        words=f"{CANARY} {'private' if private else 'shared'}", visibility="private" if private else "shared",
    )  # fmt: skip
    return practices.keep(record, form).id


def _setback(record: Record, trigger: UUID, said: str) -> UUID:
    private = said == "setback untold"
    words = f"{CANARY} {'private' if private else 'shared'}"
    form = SetbackForm(
        id=new_id(), words=words, helped=words, next_step=words, told=words,
        triggers=[str(trigger)] if private else ["conflict"], visibility="private" if private else "shared",
    )  # fmt: skip
    return setbacks.grow(record, form).id


def _urge(record: Record, trigger: UUID, skill: UUID, said: str) -> UUID:
    """As a practice: the names of her own skill and trigger are in what is kept to herself."""
    private = said == "urge untold"
    form = UrgeForm(
        id=new_id(), before=9, after=8, skill=str(skill) if private else "box-breathing",
        triggers=[str(trigger)] if private else ["conflict"], words=f"{CANARY} {'private' if private else 'shared'}",
        visibility="private" if private else "shared",
    )  # fmt: skip
    return urges.grow(record, form).id


def _measure(record: Record, said: str) -> UUID:
    one, shared = measures.find("phq-9", "en"), said == "measured"
    answers = {f"answer-{item.id}": 1 for item in one.items}
    form = MeasureForm.model_validate(
        {"id": new_id(), "edition": one.version, "visibility": "shared" if shared else "private", **answers}
    )
    line = measures.kept(record, Posted(kept=form), one)
    assert line
    return line.id


def _attend(record: Record, group: UUID, said: str) -> UUID:
    """Coming she shares how she is, leaving she keeps it to herself."""
    words = f"{CANARY} {'shared' if said == 'came' else 'private'}"
    form = AttendanceForm(
        id=new_id(), session=group, way="arriving" if said == "came" else "leaving", bring_up=words, takeaway=words,
        visibility="shared" if said == "came" else "private",
    )  # fmt: skip
    line = arrivals.attended(record, Posted(kept=form))
    assert line
    return line.id


def _check_in(record: Record, visibility: Any) -> UUID:
    return checkins.keep(
        record, CheckInForm(id=new_id(), urge=7, words=f"{CANARY} {visibility}", visibility=visibility)
    ).id


def _signed_in_id(house: House, cast: demo.Cast) -> UUID:
    browser(main.serve(house), "ana")
    table = SQLModel.metadata.tables["sign_in"]
    with house.database.engine.connect() as connection:
        found: UUID = connection.scalars(select(table.c.id).where(table.c.person_id == cast.ana)).first()
    return found


def fingerprints(house: House, cast: demo.Cast) -> dict[str, str]:
    """A hash of every row of Ana's, by table. Read past the guard."""
    with opened(house, cast.harbor, "keeper", cast.pat) as record:
        found = {}
        for table in SQLModel.metadata.sorted_tables:
            about = [table.c[name] == cast.ana for name in _naming(table)]
            rows = record.session.connection().execute(select(table).where(or_(*about))) if about else []
            found[table.name] = sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
    return found


def _naming(table: Table) -> list[str]:
    """The columns in which a table names the person whom a row is about."""
    if table.name in ("person", "person_key"):
        return ["id"]
    return [name for name in ("participant_id", "person_id") if name in table.c]


# --- who tries

ORIGIN = "https://testserver"
OURS = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
NOBODY = "nobody"
OTHERS = (NOBODY, "ben", "dov", "sam", "pat", "eli", "fay")
COACH = "cora"
# Whose name staff of the same program may read (on the people page, and in the lists to choose from).
STAFF = frozenset({"pat", "dov", COACH})
SIGNED_IN = frozenset({"_mine", "_newcomer", "_coached", "_caseload", "_office", "_self", "_supporting", "_room"})
SIGNED_IN |= {"_manager", "_placing", "_glance"}
# The names in an address that stand for something of hers.
HERS = frozenset(
    {
        "entry_id",
        "contact_id",
        "trigger_id",
        "key",
        "person_id",
        "sign_in_id",
        "invite_id",
        "token",
        "series_id",
        "consent_id",
        "assignment_id",
        "task_id",
        "note_id",
        "flag_id",
        "review_id",
        "follow_up_id",
    }
)
# What whoever coaches her keeps of her.
CARE = {"flag", "clearance", "note", "revision", "answering", "follow_up"}
# What staff keep of her after a session.
AFTER = {who: {"letter", "homework", "assignment_change"} for who in ("pat", COACH)} | {"dov": {"letter"}}
# Who is not on one's own list is off it: every id that is not is answered as the second of two taps, with that list.
# What asks for a call is kept under no id of its page: it is one's own call, whatever number it brings.
NOTHING_TO_DO = frozenset({"POST /contacts/{contact_id}/removal", "POST /triggers/{trigger_id}/removal"})
NOTHING_TO_DO |= {"POST /calls"}


def browser(app: Edge, name: str, breaks: bool = False) -> TestClient:
    """Somebody's browser. `breaks`: an error of the server's is raised, beside being answered."""
    made = TestClient(app, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=breaks)
    if name != NOBODY:
        form = {"name": demo.ADDRESS.format(name), "passphrase": demo.PASSPHRASE}
        assert made.post("/sign-in", data=form, headers=OURS).status_code == 303
    return made


@dataclass(frozen=True)
class Try:
    """One request that somebody makes about Ana."""

    who: str
    address: Address
    named: dict[str, str]
    asked: dict[str, str] = field(default_factory=dict)
    body: dict[str, str] | None = None
    htmx: bool = False

    def __str__(self) -> str:
        return f"{self.who}: {self.address} {self.named} {self.asked} {self.body} htmx={self.htmx}"

    @property
    def sent(self) -> str:
        return f"{self.named} {self.asked} {self.body}"

    def make(self, client: TestClient) -> Any:
        headers = OURS | ({"HX-Request": "true"} if self.htmx else {})
        path = self.address.path.format(**self.named)
        return client.request(self.address.method, path, params=self.asked, data=self.body, headers=headers)

    def is_theirs(self, ana: Ana) -> bool:
        """Whether this person may do just that, so that there is nothing to refuse."""
        if self.who in STAFF and set(self.address.names) & HERS == {"invite_id"}:
            return True
        # Who is expected where is the office's, and not what anybody wrote.
        if self.who in STAFF and (self.address.door == "_placing" or self.address.path.startswith("/schedule/")):
            return True
        leads = self.address.door == "_room" or self.address.path.startswith("/groups/")
        if leads and self.who in ("pat", COACH):
            return True
        told = ("shared", "checked", "mood", "practised", "setback told", "urge told", "came", "measured")
        shown = {str(ana.entries[name]) for name in told} | {None}
        again = self.address.path.endswith("/answering")
        coached = self.who == COACH and (self.address.door == "_coached" or again)
        return coached and self.named.get("entry_id") in shown

    def refusals(self, ana: Ana) -> set[int]:
        """The statuses that give nothing away: where something of Ana's is named, there is no such thing."""
        if self.who == NOBODY and self.address.door in SIGNED_IN:
            return {303, 401}
        of_hers = bool(set(self.address.names) & HERS) or (self.body or {}).get("id") in ana.ids
        return {404} if of_hers and str(self.address) not in NOTHING_TO_DO else {200, 303, 404, 422}


def tries(app: FastAPI, ana: Ana, cast: demo.Cast, who: str) -> Iterator[Try]:
    """Everything that somebody can send about Ana. Signing out comes last."""
    for address in sorted(addresses(app), key=lambda one: one.path == "/sign-out"):
        for values in product(*map(ana.values, address.names)):
            named = dict(zip(address.names, values, strict=True))
            if address.form is None:
                yield Try(who, address, named)
                if address.asked:
                    yield Try(who, address, named, asked=dict.fromkeys(address.asked, ana.place))
            else:
                for body in _bodies(address, ana, cast, who):
                    yield from (Try(who, address, named, body=body, htmx=htmx) for htmx in (False, True))


def once(those: Iterable[Try]) -> list[Try]:
    """Of these the last to each address by itself, and the last by htmx."""
    return list({(str(one.address), one.htmx): one for one in those}.values())


def _bodies(address: Address, ana: Ana, cast: demo.Cast, who: str) -> Iterator[dict[str, str]]:
    """As a page of theirs would send it; and where the form brings an id, with the ids of what is Ana's."""
    assert address.form is not None
    yield filled(address.form, coach=cast.cora)
    if "id" in address.form.model_fields and not address.names:
        for one in _ids(address, ana, who):
            yield filled(address.form, id=one, coach=cast.cora, session=ana.group, **DAYS)


def _ids(address: Address, ana: Ana, who: str) -> Iterable[UUID]:
    if address.door != "_mine":
        return [ana.invite]
    # In another program the id of an entry is free, and says nothing about this one (tests/test_guard.py).
    own: dict[Any, UUID] = {
        ContactForm: ana.contact, TriggerForm: ana.trigger, OwnSkillForm: ana.skill, RecoveryForm: ana.recovery,
        FeedForm: ana.feed, ConsentForm: ana.after.get("consent_id", ana.person),
        ReadingForm: ana.after.get("mark", ana.person),
    }  # fmt: skip
    here = [own[address.form]] if address.form in own else ana.entries.values()
    return [] if who in ("eli", "fay") else here


@dataclass
class MatrixResult:
    """How many requests were made, and what came out that should not have."""

    requests: int = 0
    leaks: list[str] = field(default_factory=list)

    def judge(self, one: Try, answer: Any, ana: Ana) -> None:
        self.requests += 1
        said = f"{answer.text}\n{answer.headers}"
        shown = {word for word in _secrets(one, ana) if word not in one.sent and re.search(word, said)}
        if shown:
            self.leaks.append(f"{one} was shown {sorted(shown)}")
        # The house is about to end (`settle`), and says so to whoever asks whether it is ready.
        ending = one.address.path in ("/readyz", "/health") and answer.status_code == 503
        fine = answer.status_code < 500 if one.is_theirs(ana) else answer.status_code in one.refusals(ana)
        if not (fine or ending) or (
            one.who == NOBODY and one.address.door in SIGNED_IN and not _sent_to_sign_in(answer)
        ):
            self.leaks.append(f"{one} was answered {answer.status_code}")


def _sent_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 401 or answer.headers["location"].startswith("/sign-in?next=/")


def _secrets(one: Try, ana: Ana) -> Iterator[str]:
    """What must not stand in the answer. An id that was sent may come back in the form that it was sent with."""
    if one.who == COACH:
        hidden = [
            ana.entries[name]
            for name in ("private", "binned", "unchecked", "setback untold", "urge untold", "left", "unmeasured")
        ]
        hidden += [ana.contact, ana.trigger]
        yield from (f"{CANARY} private", f"{CANARY} binned", f"{CANARY} answer to binned", *map(str, hidden))
        return
    if one.who not in STAFF:
        yield from (CANARY, r"\bAna\b", str(ana.person), str(ana.invite))
    yield from (f"{CANARY} {way}" for way in ("private", "shared", "binned", "answer"))
    if one.who == "dov":
        yield from (f"{CANARY} {way}" for way in ("homework", "note"))
    yield from map(str, (ana.sign_in, ana.contact, ana.trigger, *ana.entries.values()))


def try_everybody(house: House, cast: demo.Cast, people: Sequence[str] = (*OTHERS, COACH)) -> MatrixResult:
    """Every route × every person who has no business there, and her coach, who may see what is shared."""
    ana, app, result = settle(house, cast), main.serve(house), MatrixResult()
    clients = {who: browser(app, who) for who in people}
    for who, client in clients.items():
        before = fingerprints(house, cast)
        for one in tries(app.app, ana, cast, who):  # type: ignore[arg-type]
            result.judge(one, one.make(client), ana)
        after = fingerprints(house, cast)
        theirs = {COACH: {"review", "opening", "mark", *CARE}, "pat": {"mark"}}.get(who, set()) | AFTER.get(who, set())
        # The office places people: in a phase, on a roster, until a last day.
        theirs |= {"episode", "phase_change", "seat"} if who in STAFF else set()
        changed = {name for name in before if before[name] != after[name]} - theirs
        if changed:
            result.leaks.append(f"{who} changed rows of Ana's: {sorted(changed)}")
    return result
