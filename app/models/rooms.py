"""The room of a session: who is expected, who came and how, what counts; and what its screen shows."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlmodel import col, func, select

from app.forms import Form, blank
from app.lib.qr import qr_path
from app.models import attendance, codes, homework, people, sessions
from app.models.attendance import Attendance, Claim, Mark
from app.models.entry import Entry
from app.models.people import Coaching
from app.models.program import Program
from app.models.sessions import Away, ProgramSession
from app.record import Record

# Somebody who comes so much later is called late, until whoever leads the session says otherwise.
GRACE = timedelta(minutes=10)
# A room is live from so long before its session until so long after it.
AROUND = timedelta(hours=1)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
CAME = frozenset({"here", "late", "partial"})
STATES = ("here", "late", "partial", "away", "missing", "excused", "expected")


class RoomForm(Form):
    """How a program's rooms are set."""

    minutes: Annotated[int, Field(ge=5, le=120)]
    wall: Literal["names", "initials", "none"]


# --- one person


@dataclass(frozen=True)
class Said:
    """What somebody said on coming or on leaving, as far as this reader may see it."""

    id: UUID
    mood: int | None
    urge: int | None
    words: str
    homework_seen: bool | None


@dataclass(frozen=True)
class Marked:
    """One mark, with the name of who made it."""

    row: Mark
    by: str
    reason: str


@dataclass
class Present:
    """One person in the room, from what is known of them. `since`: what they shared since the last session."""

    person_id: UUID
    name: str
    state: str = "expected"
    came: Claim | None = None
    went: Claim | None = None
    arriving: Said | None = None
    leaving: Said | None = None
    away: Away | None = None
    away_words: str = ""
    marks: list[Marked] = field(default_factory=list)
    coached: bool = False
    since: int = 0

    @property
    def mark(self) -> Mark | None:
        """The mark that stands."""
        last = self.marks[-1].row if self.marks else None
        return last if last and last.state != "open" else None

    @property
    def version(self) -> str:
        """Changes with whatever is shown of them."""
        seen = (self.state, self.came, self.went, self.arriving, self.leaving, self.away, len(self.marks), self.since)
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


def state(one: Present, session: ProgramSession, closes: datetime, now: datetime) -> str:
    """Where somebody stands: by the mark, else by their claim, else by what they said before, else by the time."""
    if one.mark:
        return one.mark.state
    if one.came:
        return "late" if one.came.at > session.starts_at + GRACE else "here"
    if one.away:
        return "away"
    return "missing" if now > closes else "expected"


# --- all of them


def roster(record: Record, session: ProgramSession) -> list[Present]:
    """Everybody who is expected or was there, by name. Queries do not grow with the room."""
    away = sessions.aways(record, [session.id])[session.id]
    claims, said = attendance.claimed(record, session.id), attendance.said(record, session.id)
    marks = attendance.marked(record, session.id)
    there = {row.participant_id for row in (*claims, *marks)}
    expected = [*sessions.roster(record, session), *there]
    names = people.names(record, list(dict.fromkeys(expected)))
    found = {person: Present(person, name) for person, name in names.items()}
    _claim(found, claims)
    _tell(record, found, said)
    _mark(record, found, marks)
    _since(record, found, session)
    for person, row in away.items():
        if person in found:
            found[person].away, found[person].away_words = row, sessions.away_words(record, row)
    closes = session.starts_at + timedelta(minutes=record.program.check_in_minutes)
    for one in found.values():
        one.state = state(one, session, closes, record.now)
    return sorted(found.values(), key=lambda one: (one.name.casefold(), one.person_id))


def _claim(found: dict[UUID, Present], claims: Sequence[Claim]) -> None:
    for row in claims:
        if row.arriving:
            found[row.participant_id].came = row
        else:
            found[row.participant_id].went = row


def _tell(record: Record, found: dict[UUID, Present], said: Sequence[Attendance]) -> None:
    for row in said:
        if row.participant_id in found:
            told = _said(record, row)
            if row.arriving:
                found[row.participant_id].arriving = told
            else:
                found[row.participant_id].leaving = told


def _said(record: Record, row: Attendance) -> Said:
    column = "bring_up" if row.arriving else "takeaway"
    words = record.unseal(Attendance, column, row.id, getattr(row, column), row.participant_id)
    return Said(row.id, row.mood, row.urge, words, row.homework_seen)


def _mark(record: Record, found: dict[UUID, Present], marks: Sequence[Mark]) -> None:
    by = people.names(record, {row.by for row in marks})
    for row in marks:
        reason = record.unseal(Mark, "reason", row.id, row.reason, row.participant_id)
        found[row.participant_id].marks.append(Marked(row, by.get(row.by, ""), reason))


def _since(record: Record, found: dict[UUID, Present], session: ProgramSession) -> None:
    """What those on the reader's caseload shared since the last session: how much, with the way to read it."""
    mine = select(Coaching.participant_id).where(Coaching.coach_id == record.person_id)
    for person in record.session.exec(mine.where(people.on(record.today, Coaching))):
        if person in found:
            found[person].coached = True
    counted = (
        select(Entry.participant_id, func.count())
        .where(Entry.kept_at > _last(record, session), Entry.kind != "attendance", col(Entry.binned_at).is_(None))
        .group_by(col(Entry.participant_id))
    )
    for person, count in record.session.execute(counted):
        if person in found:
            found[person].since = count


def _last(record: Record, session: ProgramSession) -> datetime:
    """When the session of this series before this one ended; a week ago, when there was none in a month."""
    those = sessions.between(record, session.day - timedelta(days=28), session.day)
    ended = [
        one.ends_at
        for one in those
        if one.series_id == session.series_id and one.happens and one.ends_at < session.starts_at
    ]
    return max(ended, default=session.starts_at - WEEK)


# --- its pages


def shown(record: Record, session: ProgramSession, address: str) -> dict[str, Any]:
    """The page of a room: the roster with what people said, the code, and whether it is live now."""
    present = roster(record, session)
    counts = {name: sum(one.state == name for one in present) for name in STATES}
    return {
        "session": session, "present": present, "counts": counts, "form": blank(), "leader": _leader(record, session),
        "version": version(record, session), "given": homework.by_person(record, session),
        **door(record, session, address),
    }  # fmt: skip


def seen(present: Collection[Present]) -> dict[UUID, UUID]:
    """The entries that are shown on a room's page, with whose each is: each such look is written down."""
    return {said.id: one.person_id for one in present for said in (one.arriving, one.leaving) if said}


def person(record: Record, session: ProgramSession) -> dict[str, Any]:
    """One person of the roster: the participant whose record is open."""
    [one] = [one for one in roster(record, session) if one.person_id == record.participant_id]
    return {"session": session, "one": one, "form": blank(), "given": homework.by_person(record, session)}


def _leader(record: Record, session: ProgramSession) -> str:
    return sessions.leaders(record, [session]).get(session.leader_id, "")


def door(record: Record, session: ProgramSession, address: str) -> dict[str, Any]:
    """What lets people in: the digits that hold now, and the same as a picture with the address of the check-in.

    The digits stand behind a #, so that no server and no log ever gets them from there.
    """
    digits = codes.code(record.keyring.program_key, session.id, record.now)
    width, path = qr_path(f"{address}/attendances/{session.id}/arrival#{digits}")
    return {"digits": digits, "qr": {"width": width, "path": path}, "live": live(record, session)}


def live(record: Record, session: ProgramSession) -> bool:
    return session.happens and session.starts_at - AROUND <= record.now <= session.ends_at + AROUND


def screen(record: Record, session: ProgramSession, address: str) -> dict[str, Any]:
    """What the wall shows: the code, and who has come, as the program chose to name them."""
    came = [one.name for one in roster(record, session) if one.state in CAME]
    names = [_on_wall(name, record.program.wall) for name in came if record.program.wall != "none"]
    shown = {"session": session, "names": names, "count": len(came), "version": version(record, session)}
    return shown | door(record, session, address)


def _on_wall(name: str, wall: str) -> str:
    words = name.split() or [""]
    return words[0] if wall == "names" else "".join(f"{word[0]}." for word in words if word)


def version(record: Record, session: ProgramSession) -> str:
    """Changes with whatever the pages of a room show, and with the code. Four queries."""
    rows = (
        *attendance.claimed(record, session.id), *attendance.said(record, session.id),
        *attendance.marked(record, session.id), *sessions.aways(record, [session.id])[session.id].values(),
    )  # fmt: skip
    seen = sorted(repr(row) for row in rows), session, codes.slot(record.now), record.program.wall
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


def today(record: Record) -> dict[str, Any]:
    """The rooms that this reader may open today or, around midnight, now; and how rooms are set."""
    manages = sessions.manages(record)
    found = sessions.between(record, record.today - DAY, record.today + DAY)
    near = [one for one in found if one.on == record.today or live(record, one)]
    those = [one for one in near if manages or record.person_id in (one.facilitator_id, one.cover_id)]
    program = record.program
    form = blank(minutes=program.check_in_minutes, wall=program.wall)
    return {"those": those, "leaders": sessions.leaders(record, those), "manages": manages, "form": form}


def adjust(record: Record, form: RoomForm) -> None:
    """Set how long before and after its start people check in to a session, and what the screen shows of them."""
    program = record.session.get_one(Program, record.program.id)
    program.check_in_minutes, program.wall = form.minutes, form.wall
    record.session.flush()
