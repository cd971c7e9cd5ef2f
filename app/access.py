"""The doors: who may open which record. A route is handed an open record by one of them, never a bare session."""

import hashlib
import hmac
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlmodel import Session

from app.database import Busy, Database, hurried, new_id
from app.forms import Posted
from app.guard import Reader, open_to
from app.lib.passwords import hash_passphrase
from app.lib.vault import Master, name_hash
from app.models import accounts, attendance, feeds, invites, openings, people, reviews, sessions, welcome
from app.models import program as programs
from app.models.accounts import LASTS_OTHERS, NO_MATCH, Attempt, Passphrase, SignIn, SignInForm
from app.models.people import Person
from app.models.program import Program
from app.owned import Role
from app.record import Keyring, NotYours, Record
from app.settings import Settings

BROWSERS = (("Firefox", "Firefox"), ("Edg/", "Edge"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip
SAFE = frozenset({"GET", "HEAD"})
T = TypeVar("T")
log = logging.getLogger("footbridge")


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class House:
    """What one running Footbridge is made of."""

    settings: Settings
    database: Database
    master: Master
    clock: Callable[[], datetime] = utc_now
    closing: Event = field(default_factory=Event)

    def opaque(self, purpose: str, value: str) -> str:
        """A short keyed name for something, which tells nobody what it names."""
        return hmac.new(self.master.derive(purpose), value.encode(), hashlib.sha256).hexdigest()[:24]


class SignInNeeded(Exception):
    """Nobody is signed in here, or their sign-in has run out."""


class WelcomeFirst(Exception):
    """The participant has not yet been told who reads what they write."""


class NotAllowed(Exception):
    """Yours, but not in this way: 403."""


@dataclass
class Visitor:
    """Somebody who is signed in: the rows of the device and the person, and what they may do in their program."""

    sign_in: Any
    program: Program
    person: Any
    roles: frozenset[str]
    name: str
    token: str
    keyring: Keyring

    @property
    def role(self) -> str:
        return next(role for role in people.ROLES if role in self.roles)

    @property
    def language(self) -> str:
        return str(self.person.language)


@dataclass
class Open(Record):
    """A record that was opened for a request, with the request and the visitor it was opened for."""

    request: Any = None
    visitor: Any = None


@dataclass
class Outside:
    """Nobody is signed in, or it does not matter who is: no record is open."""

    request: Request
    house: House
    session: Session
    visitor: Visitor | None
    now: datetime


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


def as_reader(program: Program, person_id: UUID, role: Role, now: datetime, whose: UUID | None = None) -> Reader:
    return Reader(program.id, person_id, role, now, program.today(now), whose)


def visitor_of(session: Session, house: House, secret: str | None, now: datetime) -> Visitor | None:
    """Whom the secret in a cookie stands for."""
    sign_in = accounts.holder(session, secret, now)
    if sign_in is None:
        return None
    program = programs.one(session, sign_in.program_id)
    open_to(session, as_reader(program, sign_in.person_id, "participant", now, sign_in.person_id))
    person = people.PERSON.rows(session, id=sign_in.person_id)[0]
    roles = people.roles_of(session, person.id, program.today(now))
    if not roles:
        return None
    record = Record(session, program, session.info["reader"], Keyring.of(session, house.master, program))
    name = record.unseal(Person, "name", person.id, person.name, person.id) or people.ERASED
    return Visitor(sign_in, program, person, roles, name, house.opaque("whose", str(person.id)), record.keyring)


def _seen(house: House, visitor: Visitor, now: datetime) -> None:
    """Idle time counts from the last request; a minute's grain spares a write on every page."""
    if now - visitor.sign_in.seen_at > timedelta(minutes=1):
        # The answer is ready: a database that is busy does not keep it back for this.
        with suppress(Busy), hurried(1), house.database.session() as session:
            session.get_one(SignIn, visitor.sign_in.token_hash).seen_at = now


def _open(request: Request, session: Session, roles: frozenset[str], participant_id: UUID | None = None) -> Open:
    """The record of one participant, or of all theirs, opened to the visitor in the first of these roles."""
    house = house_of(request)
    now = house.clock()
    visitor = visitor_of(session, house, request.cookies.get(house.settings.cookie), now)
    if visitor is None:
        raise SignInNeeded
    request.state.visitor = visitor
    role: Any = next((role for role in people.ROLES if role in roles & visitor.roles), None)
    if role is None:
        raise NotYours("not for this role")
    mine = visitor.person.id if role == "participant" else participant_id
    reader = as_reader(visitor.program, visitor.person.id, role, now, mine)
    open_to(session, reader)
    return Open(session, visitor.program, reader, visitor.keyring, request, visitor)


def door(opens: Callable[[Request, Session], Any], writes: bool | None = None) -> Any:
    """A dependency that opens something for one request, in one transaction, committed before the answer leaves.

    `writes` None: a form may write, a page only reads.
    """

    def through(request: Request) -> Iterator[Any]:
        house = house_of(request)
        with house.database.session(request.method not in SAFE if writes is None else writes) as session:
            yield opens(request, session)
        if visitor := getattr(request.state, "visitor", None):
            _seen(house, visitor, house.clock())

    return Depends(through, scope="function")


def _named(request: Request, name: str) -> UUID:
    """What the path names; what is no id names nothing."""
    try:
        return UUID(request.path_params[name])
    except ValueError:
        raise NotYours(name) from None


def _entry(request: Request) -> UUID | None:
    return _named(request, "entry_id") if "entry_id" in request.path_params else None


def _mine(request: Request, session: Session) -> Open:
    record = _open(request, session, frozenset({"participant"}))
    if not welcome.told(record):
        raise WelcomeFirst
    return record


def _newcomer(request: Request, session: Session) -> Open:
    return _open(request, session, frozenset({"participant"}))


def _coached(request: Request, session: Session) -> Open:
    """Only who is on this coach's caseload today. That they looked is written down with the look."""
    record = _open(request, session, frozenset({"coach"}), _named(request, "person_id"))
    if record.person_id not in people.coaches_of(session, record.participant_id, record.today):
        raise NotYours("not on the caseload")
    if request.method in SAFE:
        openings.opened(record, _entry(request))
    return record


def _caseload(request: Request, session: Session) -> Open:
    return _open(request, session, frozenset({"coach"}))


def _glance(request: Request, session: Session) -> Open:
    """For a page that asks by itself: that is nobody's doing, and does not keep a sign-in from running out."""
    record = _caseload(request, session)
    request.state.visitor = None
    return record


def _office(request: Request, session: Session) -> Open:
    return _open(request, session, frozenset({"manager", "coach"}))


def _manager(request: Request, session: Session) -> Open:
    return _open(request, session, frozenset({"manager"}))


def _placing(request: Request, session: Session) -> Open:
    """What the office keeps of one participant: where they are in their stay, and on which rosters."""
    record = _open(request, session, frozenset({"manager", "coach"}), _named(request, "person_id"))
    if people.episode_of(session, record.participant_id) is None:
        raise NotYours("nobody's stay")
    return record


@dataclass
class InRoom(Open):
    """A session that is opened to whoever leads or covers it, or to a manager: of all in it, or of one person."""

    meeting: Any = None


def _room(request: Request, session: Session) -> InRoom:
    whose = _named(request, "person_id") if "person_id" in request.path_params else None
    record = _open(request, session, people.STAFF, whose)
    meeting = sessions.find(record, _named(request, "session_id"))
    if not sessions.leads(record, meeting):
        raise NotYours("not their session")
    if whose and whose not in sessions.roster(record, meeting) and not attendance.there(record, meeting.id):
        raise NotYours("not in this session")
    return InRoom(session, record.program, record.reader, record.keyring, request, record.visitor, meeting)


def once_more(room: InRoom, tell: Callable[[InRoom], str]) -> Callable[[], str | None]:
    """For a page that stays open: what there is to tell now, through the door again, in a transaction of its own.

    None: it is not open to them any more. "": the database is busy.
    """
    house = house_of(room.request)

    def look() -> str | None:
        try:
            with hurried(2), house.database.session(writes=False) as session:
                return tell(_room(room.request, session))
        except (SignInNeeded, NotYours):
            return None
        except Busy:
            return ""

    return look


def looked(room: InRoom, those: Mapping[UUID, UUID]) -> None:
    """Write down that this reader is shown entries (its id → whose it is), before the page leaves.

    By the keeper, as no reader writes in more than one record. Where the door only reads, in a short transaction of its
    own: a room is asked for each time that somebody comes.
    """
    looks, keeper = openings.looks(room.reader, those), replace(room.reader, role="keeper", participant_id=None)
    open_to(room.session, keeper)
    new = openings.unwritten(room, looks)
    if room.request.method not in SAFE:
        openings.write(room, new)
    elif new:
        with house_of(room.request).database.session() as session:
            open_to(session, keeper)
            openings.write(replace(room, session=session), new)
    open_to(room.session, room.reader)


def shown(record: Open, lines: Iterable[Any], shows: reviews.Shows = reviews.whole) -> None:
    """A participant is shown entries now: that they see who read them, and what was answered, is written down before
    the page leaves, and what it shows is what stood then. `shows`: how much of that the page shows.

    Where the door only reads, in a short transaction of its own, and only for what they have not seen yet.
    """
    fresh = [line for line in lines if reviews.unseen(line.reads, shows)]
    if not fresh:
        return
    ids = [line.id for line in fresh]
    if record.request.method not in SAFE:
        found = reviews.see(record, ids, shows)
    else:
        with house_of(record.request).database.session() as session:
            open_to(session, record.reader)
            found = reviews.see(replace(record, session=session), ids, shows)
    for line in fresh:
        line.reads = found[line.id]


def turned(record: Open, person_id: UUID, entry_id: UUID) -> Open:
    """Another participant's record, for a coach who goes on to an entry of theirs in the same request: as its own door
    opens it, and the look is written down as well."""
    reader = replace(record.reader, participant_id=person_id)
    open_to(record.session, reader)
    if record.person_id not in people.coaches_of(record.session, person_id, record.today):
        raise NotYours("not on the caseload")
    one = replace(record, reader=reader)
    openings.opened(one, entry_id)
    return one


def each(record: Open) -> Callable[[Collection[UUID]], Iterator[Record]]:
    """Opens what the office keeps of some participants, one after the other, in the one transaction of a request.

    Each is closed by the next; in the end the record is open as it was.
    """
    reader, master = record.reader, house_of(record.request).master

    def opening(persons: Collection[UUID]) -> Iterator[Record]:
        for person in persons:
            one = replace(reader, participant_id=person)
            yield Record.open(record.session, master, record.program, one)
        open_to(record.session, reader)

    return opening


def across(record: Open, ask: Callable[[Record], T]) -> T:
    """Asks something of all on a coach's caseload, also where one record of it is open."""
    return _as(record, replace(record.reader, participant_id=None), ask)


def counted(record: Open, ask: Callable[[Record], T]) -> T:
    """What the keeper counts for somebody who may not read it. Numbers come out of it, and no row."""
    return _as(record, replace(record.reader, role="keeper", participant_id=None), ask)


def _as(record: Open, reader: Reader, ask: Callable[[Record], T]) -> T:
    if reader == record.reader:
        return ask(record)
    open_to(record.session, reader)
    found = ask(replace(record, reader=reader))
    open_to(record.session, record.reader)
    return found


def _self(request: Request, session: Session) -> Open:
    return _open(request, session, frozenset(people.ROLES))


def _supporting(request: Request, session: Session) -> Open:
    return _open(request, session, frozenset({"supporter"}))


def _outside(request: Request, session: Session) -> Outside:
    house = house_of(request)
    now = house.clock()
    visitor = request.state.visitor = visitor_of(session, house, request.cookies.get(house.settings.cookie), now)
    session.info.pop("reader", None)
    return Outside(request, house, session, visitor, now)


@dataclass
class Invitation(Open):
    """The office of a program, opened by an invite of its own."""

    invite: Any = None
    plan: Any = None


def _invited(request: Request, session: Session) -> Invitation:
    """The office of the program that the invite in the path leads to, for as long as the invite holds."""
    house = house_of(request)
    now = house.clock()
    row = invites.of_token(session, request.path_params["token"], now)
    program = session.get_one(Program, row.program_id)
    record = Record.open(session, house.master, program, as_reader(program, row.made_by, "keeper", now))
    plan = invites.plan_of(record.keyring, row)
    if invites.taken(record, plan.sign_in_name, house.master):
        raise NotYours("they came in by another link")
    return Invitation(session, program, record.reader, record.keyring, request, None, row, plan)


@dataclass
class Subscription(Open):
    """One's own calendar, opened by the secret in its address. Nobody is signed in."""

    feed: Any = None


def _subscribed(request: Request, session: Session) -> Subscription:
    """The record of whose calendar the address in the path is, for as long as they are in the program."""
    house = house_of(request)
    feed, now = feeds.of_token(session, request.path_params["token"]), house.clock()
    program = session.get_one(Program, feed.program_id)
    reader = as_reader(program, feed.person_id, "participant", now, feed.person_id)
    record = Record.open(session, house.master, program, reader)
    if "participant" not in people.roles_of(session, feed.person_id, record.today):
        raise NotYours("they have left")
    return Subscription(session, program, reader, record.keyring, request, None, feed)


@contextmanager
def opened(house: House, program_id: UUID, reader_role: Role, person_id: UUID, participant_id: UUID | None = None,
           at: datetime | None = None, writes: bool = True) -> Iterator[Record]:  # fmt: skip
    """A record opened without a request: for what happens on a clock, and for the demo data."""
    with house.database.session(writes) as session:
        program = session.get_one(Program, program_id)
        reader = as_reader(program, person_id, reader_role, at or house.clock(), participant_id)
        yield Record.open(session, house.master, program, reader)


def enter(outside: Outside, who: Passphrase) -> Visitor | None:
    """Sign somebody in on this device, and out who was signed in on it. None: they have left the program."""
    program = outside.session.get_one(Program, who.program_id)
    open_to(outside.session, as_reader(program, who.person_id, "participant", outside.now, who.person_id))
    roles = people.roles_of(outside.session, who.person_id, program.today(outside.now))
    if not roles:
        return None
    if outside.visitor:
        outside.session.get_one(SignIn, outside.visitor.sign_in.token_hash).ended_at = outside.now
    device = device_words(outside.request.headers.get("user-agent", ""))
    secret = accounts.begin(outside.session, who, bool(roles & people.STAFF), device, outside.now)
    outside.request.state.secret = secret
    return visitor_of(outside.session, outside.house, secret, outside.now)


def sign_in(door: Outside, form: Posted[SignInForm]) -> Visitor | None:
    """Who signed in; None: the form says, in the same words whatever the reason, that it did not work.

    The door only reads: a morning's sign-ins at once do not keep those waiting who write.
    """
    names, client = invites.names_key(door.house.master), door.request.client
    address = door.house.opaque("address", client.host if client else "").encode()
    attempt = Attempt(id=new_id(), name_hash=name_hash(names, form.values.name), address_hash=address, at=door.now)
    found = accounts.told_apart(door.session, attempt, form.values.passphrase)
    with door.house.database.session() as session:
        who = accounts.counted(session, attempt, found)
        visitor = enter(replace(door, session=session), who) if who else None
    # Without a name: who it was is in the table of sign-ins, and who it was not is nobody's business.
    if visitor is None:
        log.warning("sign-in refused")
        form.refuse("passphrase", NO_MATCH)
    else:
        log.info("signed in")
    return visitor


def come_in(door: Invitation, passphrase: str) -> None:
    """Make the person whom an invite is for. The door only reads, as argon2 takes its time."""
    house, hashed = house_of(door.request), hash_passphrase(passphrase)
    with opened(house, door.program.id, "keeper", door.invite.made_by) as record:
        invites.accept(record, door.invite, hashed, house.master)


def remember(door: Outside, answer: Response) -> Response:
    """Give the browser its cookie."""
    settings, lasts = door.house.settings, int(LASTS_OTHERS.total_seconds())
    answer.set_cookie(
        settings.cookie, door.request.state.secret, max_age=lasts, path="/", secure=settings.https,
        httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


def sign_out(door: Outside, answer: Response) -> Response:
    """This device is signed out, on the server first."""
    if door.visitor:
        door.session.get_one(SignIn, door.visitor.sign_in.token_hash).ended_at = door.now
        log.info("signed out")
    answer.delete_cookie(door.house.settings.cookie, path="/", secure=door.house.settings.https, httponly=True)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def device_words(agent: str) -> str:
    """ "Chrome, Android": enough for somebody to know their own phone, too little to follow it."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "Browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (browser, system)))


MyRecord = Annotated[Open, door(_mine)]
Newcomer = Annotated[Open, door(_newcomer)]
CoachedRecord = Annotated[Open, door(_coached, writes=True)]
Caseload = Annotated[Open, door(_caseload)]
Turning = Annotated[Open, door(_caseload, writes=True)]
Glance = Annotated[Open, door(_glance)]
Office = Annotated[Open, door(_office)]
Manager = Annotated[Open, door(_manager)]
Placing = Annotated[Open, door(_placing)]
Room = Annotated[InRoom, door(_room)]
Subscribed = Annotated[Subscription, door(_subscribed)]
Self = Annotated[Open, door(_self)]
Supporting = Annotated[Open, door(_supporting)]
Invited = Annotated[Invitation, door(_invited, writes=False)]
SignedOut = Annotated[Outside, door(_outside)]
SigningIn = Annotated[Outside, door(_outside, writes=False)]
