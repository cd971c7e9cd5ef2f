"""Checking in to a session and out of it: the form, the time for it, the code, and that twice is once."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from pydantic import AfterValidator, BeforeValidator
from sqlalchemy import delete, func
from sqlmodel import col, select

from app.database import keep
from app.forms import LogForm, Mood, Posted, Ten, Text, Visibility, Words, _, blank
from app.models import assignments, clocks, codes, entry, sessions, sharing
from app.models.attendance import Attendance, Claim, Guess
from app.models.clocks import When
from app.models.entry import Line, Stale, Writing
from app.models.people import Person
from app.models.sessions import ProgramSession
from app.query import Query, given
from app.record import NotYours, Record

# Somebody who was there may still say so for this long; then the facilitator is asked.
TOLD = timedelta(days=7)
# So many wrong codes in ten minutes, of one person, and for one session from everybody: then only without the code.
LATELY, TRIES, TRIES_IN_ALL = timedelta(minutes=10), 5, 60


# What the page shows when it is nobody's.
UNKNOWN: dict[str, Any] = {
    "session": None, "way": "", "line": None, "choices": (), "led": None, "tells": False, "when": "open",
    "readers": None,
}  # fmt: skip
SAID = {"yes": True, "no": False, "": None}


def _named(said: Any) -> UUID | None:
    """The session that a page named; what is no id names none, and is told in the same words."""
    try:
        return UUID(str(said))
    except ValueError:
        return None


def _digits(said: str) -> str:
    return re.sub(r"[\s.-]", "", said)


class AttendanceForm(LogForm):
    """On arriving, or on leaving. `code`: the digits in the room; without, a tap counts while it is the time for it.

    `told`: "I was there", said without either, for whoever leads the session to confirm.
    """

    session: Annotated[UUID | None, BeforeValidator(_named)] = None
    way: Literal["arriving", "leaving"] = "arriving"
    code: Annotated[Text, AfterValidator(_digits)] = ""
    mood: Mood = None
    urge: Ten = None
    bring_up: Annotated[Words, AfterValidator(str.strip)] = ""
    takeaway: Annotated[Words, AfterValidator(str.strip)] = ""
    homework_seen: Literal["", "yes", "no"] = ""
    told: bool = False
    visibility: Visibility = "shared"
    version: int | None = None

    @property
    def arriving(self) -> bool:
        return self.way == "arriving"

    def writing(self) -> Writing:
        return Writing("attendance", mood=self.mood, visibility=self.visibility)

    def numbers(self) -> dict[str, Any]:
        """What this way asks; what the other one would ask is not kept."""
        came = {"bring_up": self.bring_up, "takeaway": "", "homework_seen": None}
        went = {"bring_up": "", "takeaway": self.takeaway, "homework_seen": SAID[self.homework_seen]}
        return {"mood": self.mood, "urge": self.urge} | (came if self.arriving else went)


# --- what somebody says

NOT_ON = _("This session is not on your list. Please ask the person who leads it.")
CALLED_OFF = _("This session does not take place. Nobody counts it as missed.")
EARLY = _("It is not time yet. Check-in opens %(minutes)s minutes before the session starts.")
TOO_SOON = _("It has not started yet. You can check out once it has.")
OVER = _("The time to check in is over. You can still tell the person who leads it that you were there.")
LONG_AGO = _("This session was more than a week ago. Please tell the person who led it.")
NO_MATCH = _("That code did not match. It changes every few minutes: please look once more, or go on without it.")
FOUR = _("Please type the four digits that are shown in the room, or go on without them.")
ENOUGH = _("That was tried too often just now. Please go on without the code.")


def attended(record: Record, form: Posted[AttendanceForm]) -> Line | None:
    """Carry a form out: twice, or from two phones, is once. None: it is refused, or overtaken, and says so itself."""
    if form.refused:
        return None
    try:
        return _again(record, form.values) or _attended(record, form)
    except Stale as stale:
        form.overtaken(stale.line)
        return None


def _again(record: Record, said: AttendanceForm) -> Line | None:
    """What is kept under this id already, changed by somebody who saw it, or only sent again. None: it is new."""
    mine = record.session.exec(select(Attendance.id).where(Attendance.id == said.id)).first()
    if mine is None:
        return None
    if said.version is None:
        return entry.write(record, said.id, said.writing(), **said.numbers())
    return entry.amend(record, said.id, said.version, said.writing(), **said.numbers())


def _attended(record: Record, form: Posted[AttendanceForm]) -> Line | None:
    when = entry.written(record, form.values)
    session = _session(record, form)
    proof = _proof(record, form, session, when) if session else None
    return _kept(record, form.values, session, proof, when) if session and proof else None


def _session(record: Record, form: Posted[AttendanceForm]) -> ProgramSession | None:
    """The session that is meant, if it is on this participant's list and takes place."""
    found = _meant(record, form.values.session)
    if found is None or not found.happens:
        form.refuse("session", CALLED_OFF if found else NOT_ON)
        return None
    return found


def _meant(record: Record, session_id: UUID | None) -> ProgramSession | None:
    try:
        return sessions.mine(record, session_id) if session_id else None
    except NotYours:
        return None


def _proof(record: Record, form: Posted[AttendanceForm], session: ProgramSession, when: When) -> str | None:
    """What speaks for it, as of when it was said; None: it is refused."""
    opens, closes = window(record, session, form.values.arriving)
    if when.at < opens:
        early = EARLY if form.values.arriving else TOO_SOON
        form.refuse("session", early, minutes=record.program.check_in_minutes)
    elif form.values.told:
        return _in_words(record, form, session)
    elif when.at > closes:
        form.refuse("session", OVER)
    elif form.values.code:
        return "code" if _holds(record, form, session.id, when.at) else None
    else:
        # What waited on the phone was tapped then, but nothing shows where.
        return "tap" if record.now - when.at < clocks.WAY else "none"
    return None


def _in_words(record: Record, form: Posted[AttendanceForm], session: ProgramSession) -> str | None:
    if record.now - session.ends_at <= TOLD:
        return "none"
    form.refuse("session", LONG_AGO)
    return None


def window(record: Record, session: ProgramSession, arriving: bool) -> tuple[datetime, datetime]:
    """From when to when somebody checks in to a session, or out of it."""
    around = timedelta(minutes=record.program.check_in_minutes)
    if arriving:
        return session.starts_at - around, session.starts_at + around
    return session.starts_at, session.ends_at + around


def _kept(record: Record, said: AttendanceForm, session: ProgramSession, proof: str, when: When) -> Line:
    claim = Claim(
        id=said.id, session_id=session.id, arriving=said.arriving, proof=proof, at=when.at, kept_at=record.now
    )  # fmt: skip
    if said.homework_seen == "yes" and not said.arriving:
        assignments.saw(record)
    if keep(record.session, claim):
        of = {"session_id": session.id, "series_id": session.series_id, "day": session.day, "arriving": said.arriving}
        return entry.write(record, said.id, said.writing().about(when), title=session.title, **of, **said.numbers())
    first = claimed(record, session.id, said.arriving)
    if first is None:
        raise NotYours("claim")
    first.proof = proof if proof == "code" else first.proof
    return _once(record, first, said)


def _once(record: Record, first: Claim, said: AttendanceForm) -> Line:
    """It was said before, on another phone. Stale: in other words, and whoever says them has not seen the first."""
    line = entry.find(record, first.id, "attendance")
    if line.binned_at:
        line = entry.restore(record, line.id)
    seen = line.version - 1 if said.version is None else said.version
    return entry.amend(record, line.id, seen, said.writing(), **said.numbers())


def claimed(record: Record, session_id: UUID, arriving: bool) -> Claim | None:
    """What the participant whose record is open has claimed of a session."""
    mine = select(Claim).where(Claim.session_id == session_id, Claim.arriving == arriving)
    return record.session.exec(mine).first()


# --- codes


def _holds(record: Record, form: Posted[AttendanceForm], session_id: UUID, at: datetime) -> bool:
    """Whether the digits were those in the room when they were typed. Wrong ones are counted, each of a form once."""
    said = form.values.code
    if not re.fullmatch(r"[0-9]{4}", said):
        form.refuse("code", FOUR)
        return False
    # One at a time: as many at once would each find that not too many were tried.
    record.session.exec(select(Person).where(Person.id == record.person_id).with_for_update())
    if _too_often(record, session_id):
        form.refuse("code", ENOUGH)
        return False
    if codes.holds(record.keyring.program_key, session_id, said, at):
        return True
    form.refuse("code", NO_MATCH)
    keep(record.session, Guess(id=uuid5(form.values.id, said), session_id=session_id, who=_who(record), at=record.now))
    return False


def _too_often(record: Record, session_id: UUID) -> bool:
    record.session.execute(delete(Guess).where(col(Guess.at) < record.now - timedelta(days=1)))

    def tries(*where: Any) -> int:
        those = select(func.count()).select_from(Guess).where(Guess.at > record.now - LATELY, *where)
        return record.session.exec(those).one()

    return tries(Guess.who == _who(record)) >= TRIES or tries(Guess.session_id == session_id) >= TRIES_IN_ALL


def _who(record: Record) -> bytes:
    return codes.name(record.keyring.program_key, record.person_id)


# --- what the pages show


def shown(record: Record, session_id: UUID, way: str) -> dict[str, Any]:
    """The page of one session: its form, empty or as it was filled in."""
    session = sessions.mine(record, session_id)
    line = _line(record, session, way == "arriving")
    form = blank(**answers(line)) if line else blank(way=way, session=session_id, visibility="shared")
    return {"form": form, **desk(record, session, way, line)}


def choice(record: Record) -> dict[str, Any]:
    """The page on which one of the sessions near is chosen."""
    found = desk(record)
    opens = next((one.id for one in found["choices"] if _time(record, one, True) == "open"), None)
    return found | {"form": blank(way="arriving", session=opens, visibility="shared")}


def once_more(record: Record, form: Posted[AttendanceForm]) -> dict[str, Any]:
    """The same page for a form that was refused: of the session it names, if that is one of theirs."""
    session, way = _meant(record, _named(form.typed("session"))), form.typed("way")
    return {"form": form, **desk(record, session, way, form.stale), "tells": tells(form)}


def tells(form: Posted[AttendanceForm]) -> bool:
    """Whether it is offered to go on in words alone."""
    return "code" in form.errors or form.errors.get("session", ("",))[0] == OVER


def desk(
    record: Record, session: ProgramSession | None = None, way: str = "arriving", line: Line | None = None
) -> dict[str, Any]:
    choices = [] if session else near(record)
    led = sessions.leaders(record, [session] if session else choices)
    return {
        "session": session, "way": way, "line": line, "choices": choices, "led": led, "tells": False,
        "when": _time(record, session, way == "arriving") if session else "open",
        "readers": sharing.seen_by(record, "attendance"),
        "homework": assignments.open_of(record) if way == "leaving" else [],
    }  # fmt: skip


def near(record: Record) -> list[ProgramSession]:
    """The sessions of yesterday, today and tomorrow at which this participant is expected."""
    day = timedelta(days=1)
    return [one for one in sessions.expected(record, record.today - day, record.today + day) if one.happens]


def _time(record: Record, session: ProgramSession, arriving: bool) -> str:
    if not session.happens:
        return "off"
    opens, closes = window(record, session, arriving)
    return "early" if record.now < opens else "over" if record.now > closes else "open"


def _line(record: Record, session: ProgramSession, arriving: bool) -> Line | None:
    """What was said already; none once it is thrown away."""
    claim = claimed(record, session.id, arriving)
    kept = record.session.exec(select(Attendance.id).where(Attendance.id == claim.id)).first() if claim else None
    line = entry.find(record, kept) if kept else None
    return line if line and line.binned_at is None else None


def answers(line: Line) -> dict[str, Any]:
    """What the form starts with when it is opened again."""
    seen = {True: "yes", False: "no", None: ""}[line.part.homework_seen]
    return {
        "id": line.id, "version": line.version, "session": line.part.session_id, "mood": line.mood,
        "way": "arriving" if line.part.arriving else "leaving", "urge": line.part.urge, "homework_seen": seen,
        "bring_up": line.said["bring_up"], "takeaway": line.said["takeaway"], "visibility": line.visibility,
    }  # fmt: skip


@dataclass(frozen=True)
class Door:
    """A session that one can check in to now, or out of. `came`: what was claimed already."""

    session: ProgramSession
    way: Literal["arriving", "leaving"]
    came: Claim | None = None


CLAIMS = Query(select(Claim).where(col(Claim.session_id).in_(given("those", col(Claim.session_id), many=True))))


def today(record: Record) -> dict[str, Any]:
    """For Today: where one can check in or out now; and the sessions that the phone keeps for without signal."""
    week = record.today + timedelta(days=7)
    those = [one for one in sessions.soon(record) if one.happens and one.on <= week]
    rows = CLAIMS.rows(record.session, those=[one.id for one in those]) if those else []
    claims = {(row.session_id, row.arriving): row for row in rows}
    doors = [door for one in those if (door := _door(record, one, claims))]
    kept = [(one, window(record, one, True)[0], window(record, one, False)[1]) for one in those]
    return {"doors": doors, "own_sessions": kept}


def _door(record: Record, one: ProgramSession, claims: dict[tuple[UUID, bool], Claim]) -> Door | None:
    came, went = (claims.get((one.id, arriving)) for arriving in (True, False))
    if came is None:
        return Door(one, "arriving") if _time(record, one, True) == "open" else None
    return Door(one, "leaving", came) if went is None and record.now <= window(record, one, False)[1] else None


def told(record: Record, line: Line) -> dict[str, Any]:
    """What was kept, who reads it, and what speaks for it."""
    claim = claimed(record, line.part.session_id, line.part.arriving)
    led = sessions.leaders(record, [sessions.find(record, line.part.session_id)])
    return {"line": line, "claim": claim, "led": led, **sharing.promise(record)}
