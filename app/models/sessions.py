"""The calendar: series, the sessions that come of them, what differs from the plan, and who is expected.

A session has no row. Its id is that of its series with its planned day in the last 20 bits, so that from either the
other is known, on any machine, for as long as the series has been kept. A row exists only where something differs.
Days and times are those on the wall in the program's zone; moments are aware. Why so: docs/decisions/0021-calendar.md.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, ClassVar, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, or_
from sqlmodel import Field, col, select

from app.database import Moment
from app.forms import _
from app.lib.vault import place as place_of
from app.lib.vault import seal, unseal
from app.models import clocks, people, phases, recurrence
from app.models.phases import Stays
from app.models.schedule import local_day
from app.owned import InProgram, Owned, Readable, Role
from app.query import Query, given
from app.record import NotYours, Record, once

KINDS = {
    "group": _("Group"), "individual": _("Individual session"), "family": _("Family session"),
    "couples": _("Couples session"), "skills": _("Skills group"), "psychoeducation": _("Learning group"),
    "experiential": _("Creative and active group"), "mindfulness": _("Mindfulness"),
    "relapse-prevention": _("Relapse prevention"), "medication": _("Medication visit"),
    "vocational": _("Work and school"), "coaching": _("Coaching"),
}  # fmt: skip
# A session may be moved so far from its planned day: what is asked for a week has to be looked for as far around it.
FARTHEST = timedelta(days=60)
NEXT = timedelta(days=35)
# Twenty bits hold the days up to the year 2871. No session is before the first of these.
_DAY, FIRST = (1 << 20) - 1, date(2000, 1, 1)

Why = Literal["", "cancelled", "holiday"]


class Series(InProgram, table=True):
    """How a series goes from `starts_on` on, in place of how it went before. Rows are only added; the latest stands.

    `series_id` is the series, whichever row of it this is. `words`: title, place and link, JSON sealed under the
    program's key. `rule`: recurrence.py; "" is once. `phases`: numbers, with commas; who is in one of them is expected,
    beside those with a Seat. `ended`: from `starts_on` on there is none. `minutes`: how long.
    """

    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (
        CheckConstraint("minutes between 1 and 720", name="series_minutes"),
        Index("series_from", "program_id", "starts_on"),
    )
    series_id: UUID
    kind: str = Field(max_length=20)
    words: bytes = Field(sa_type=LargeBinary)
    starts_on: date
    at: time
    minutes: int
    rule: str = Field(default="", max_length=120)
    facilitator_id: UUID
    phases: str = Field(default="", max_length=60)
    on_holidays: bool = False
    ended: bool = False
    by: UUID
    made_at: datetime = Field(sa_type=Moment)


class Change(InProgram, table=True):
    """What differs from the plan in one session, whole: the latest stands, the others stay to be seen.

    `moved_on`, `moved_at`: the day and time it is at instead. `words`: another place, another link, and the reason,
    which everybody reads who is expected; JSON sealed under the program's key. `session_id` may repeat.
    """

    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (Index("change_days", "program_id", "day"),)
    session_id: UUID
    day: date
    cancelled: bool = False
    moved_on: date | None = None
    moved_at: time | None = None
    cover_id: UUID | None = None
    words: bytes = Field(sa_type=LargeBinary)
    by: UUID
    made_at: datetime = Field(sa_type=Moment)


class Holiday(InProgram, table=True):
    """A day on which the program does not meet, unless a series or a session says that it does."""

    kept_by: ClassVar[frozenset[Role]] = frozenset({"manager"})
    __table_args__ = (UniqueConstraint("program_id", "day"),)
    day: date
    name: str = Field(max_length=60)
    by: UUID
    made_at: datetime = Field(sa_type=Moment)


class Seat(Owned, table=True):
    """Somebody is on the roster of a series by hand, from a day up to and with a day."""

    read_as: ClassVar[Readable] = "office"
    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (Index("seat_of", "program_id", "participant_id"), Index("seat_in", "program_id", "series_id"))
    series_id: UUID
    since: date
    until: date | None = None
    by: UUID
    made_at: datetime = Field(sa_type=Moment)


class Away(Owned, table=True):
    """A participant said beforehand that they will not come to a session, and why. Taken back: `back_at`."""

    read_as: ClassVar[Readable] = "office"
    __table_args__ = (
        CheckConstraint("reason in ('work','ill','family','transport','other')", name="away_reason"),
        Index("away_from", "program_id", "session_id"),
    )
    session_id: UUID
    reason: str = Field(max_length=12)
    words: bytes | None = Field(default=None, sa_type=LargeBinary)
    said_at: datetime = Field(sa_type=Moment)
    back_at: datetime | None = Field(default=None, sa_type=Moment)


# --- a session and its id


@dataclass(frozen=True)
class ProgramSession:
    """One session as it stands: planned for `day` and `planned_at`, held from `starts_at` to `ends_at` (UTC).

    `why` it does not take place, "" when it does; `reason`: what people are told of that, or of another change.
    `phases`: the numbers of those who are expected by phase. `on`: the local day on which it is.
    """

    id: UUID
    series_id: UUID
    day: date
    on: date
    kind: str
    title: str
    place: str
    link: str
    planned_at: datetime
    starts_at: datetime
    ends_at: datetime
    facilitator_id: UUID
    cover_id: UUID | None
    phases: frozenset[int]
    why: Why = ""
    reason: str = ""
    changes: int = 0

    @property
    def happens(self) -> bool:
        return not self.why

    @property
    def moved(self) -> bool:
        return self.starts_at != self.planned_at

    @property
    def leader_id(self) -> UUID:
        """Who leads it: the cover, where there is one."""
        return self.cover_id or self.facilitator_id

    def over(self, now: datetime) -> bool:
        return self.ends_at <= now


def stem(made_id: UUID) -> UUID:
    """The id of a new series, from one that a page made: room is left at its end for a day."""
    return UUID(int=made_id.int & ~_DAY)


def session_id(series_id: UUID, day: date) -> UUID:
    return UUID(int=series_id.int | day.toordinal())


def parts(of: UUID) -> tuple[UUID, date]:
    """The series of a session and the day for which it was planned. Raises NotYours if it holds no day of ours."""
    if of.int & _DAY < FIRST.toordinal():
        raise NotYours("session")
    return stem(of), date.fromordinal(of.int & _DAY)


# --- words of the program


def sealed(record: Record, model: Any, row: UUID, **words: str) -> bytes:
    """Words that are the program's, not one participant's."""
    where = place_of(record.program.id, model.__tablename__, "words", row)
    return seal(record.keyring.program_key, json.dumps(words).encode(), where)


def opened(record: Record, model: Any, row: Any) -> dict[str, str]:
    """The words of a row of that table."""
    where = place_of(record.program.id, model.__tablename__, "words", row.id)
    words: dict[str, str] = json.loads(unseal(record.keyring.program_key, row.words, where))
    return words


# --- the calendar


class Term(NamedTuple):
    """A row of a series and the day from which another row holds in its place."""

    row: Series
    until: date

    def days(self, first: date, last: date) -> list[date]:
        if self.row.ended or self.row.starts_on >= self.until:
            return []
        return recurrence.days(self.row.rule, self.row.starts_on, first, min(last, self.until - timedelta(days=1)))


@dataclass
class Calendar:
    """What was read of a program's calendar, to be asked for days without another query."""

    record: Record
    terms: list[Term]
    changes: dict[UUID, list[Change]]
    holidays: dict[date, str]
    words: dict[UUID, dict[str, str]] = field(default_factory=dict)

    def between(self, first: date, last: date) -> list[ProgramSession]:
        """All sessions that are, or would be, on some local days, as they follow each other."""
        found = {
            session_id(term.row.series_id, day): self._told(term.row, day)
            for term in self.terms
            for day in term.days(first, last)
        }
        for of, rows in self.changes.items():
            moved_on = rows[-1].moved_on
            if moved_on and first <= moved_on <= last and of not in found and (one := self.one(of)):
                found[of] = one
        here = (one for one in found.values() if first <= one.on <= last)
        return sorted(here, key=lambda one: (one.starts_at, one.id))

    def one(self, of: UUID) -> ProgramSession | None:
        """A session by its id; None: no series has one on that day."""
        series_id, day = parts(of)
        row = self._row(series_id, day)
        return self._told(row, day) if row else None

    def _row(self, series_id: UUID, day: date) -> Series | None:
        those = (term.row for term in self.terms if term.row.series_id == series_id and term.days(day, day))
        return next(those, None)

    def _told(self, row: Series, day: date) -> ProgramSession:
        of = session_id(row.series_id, day)
        rows = self.changes.get(of, [])
        change = rows[-1] if rows else None
        said, differs = self._said(Series, row), self._said(Change, change) if change else {}
        planned_at = self._moment(day, row.at)
        starts_at = self._moment(change.moved_on or day, change.moved_at or row.at) if change else planned_at
        why, reason = self._why(row, day, change)
        return ProgramSession(
            id=of, series_id=row.series_id, day=day, on=local_day(starts_at, self.record.zone), kind=row.kind,
            title=said["title"], place=differs.get("place") or said["place"],
            link=differs.get("link") or said["link"], planned_at=planned_at, starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=row.minutes), facilitator_id=row.facilitator_id,
            cover_id=change.cover_id if change else None, phases=numbers(row.phases), why=why,
            reason=differs.get("reason") or reason, changes=len(rows),
        )  # fmt: skip

    def _why(self, row: Series, day: date, change: Change | None) -> tuple[Why, str]:
        if change:
            return "cancelled" if change.cancelled else "", ""
        off = "" if row.on_holidays else self.holidays.get(day, "")
        return "holiday" if off else "", off

    def _moment(self, day: date, at: time) -> datetime:
        return clocks.moment(day, at, ZoneInfo(self.record.zone))

    def _said(self, model: Any, row: Any) -> dict[str, str]:
        if row.id not in self.words:
            self.words[row.id] = opened(self.record, model, row)
        return self.words[row.id]


@lru_cache(maxsize=256)
def numbers(text: str) -> frozenset[int]:
    return frozenset(int(one) for one in text.split(",") if one)


_FIRST, _LAST = given("first", col(Change.day)), given("last", col(Change.day))
SERIES = select(Series).where(Series.starts_on <= _LAST).order_by(col(Series.made_at), col(Series.id))
CHANGES = select(Change).where(Change.day >= _FIRST, Change.day <= _LAST).order_by(col(Change.made_at), col(Change.id))
ALL_SERIES, ALL_CHANGES = Query(SERIES), Query(CHANGES)
ONE_SERIES = Query(SERIES.where(Series.series_id == given("series", col(Series.series_id))))
ONE_CHANGES = Query(CHANGES.where(Change.session_id == given("session", col(Change.session_id))))
SOME_SERIES = Query(
    SERIES.where(
        or_(
            col(Series.series_id).in_(given("those", col(Series.series_id), many=True)),
            col(Series.series_id).in_(select(Series.series_id).where(Series.phases != "")),
        )
    )
)


def calendar(
    record: Record, first: date, last: date, of: UUID | None = None, of_series: Collection[UUID] | None = None
) -> Calendar:
    """The calendar of some days, in three queries however full it is. `of`: of one session alone; `of_series`: of
    these and of those that are for a phase."""
    session, days = record.session, {"first": first - FARTHEST, "last": last + FARTHEST}
    changes: dict[UUID, list[Any]] = defaultdict(list)
    for change in ONE_CHANGES.rows(session, session=of, **days) if of else ALL_CHANGES.rows(session, **days):
        changes[change.session_id].append(change)
    if of:
        rows = ONE_SERIES.rows(session, series=stem(of), last=days["last"])
    elif of_series is not None:
        rows = SOME_SERIES.rows(session, those=of_series, last=days["last"])
    else:
        rows = ALL_SERIES.rows(session, last=days["last"])
    return Calendar(record, terms(rows), changes, holidays(record, **days))


def terms(rows: Iterable[Series]) -> list[Term]:
    """Each row of some series, in the order in which they were made, and until when it holds."""
    by_series: dict[UUID, list[Series]] = defaultdict(list)
    for row in rows:
        by_series[row.series_id].append(row)
    return [
        Term(row, min((later.starts_on for later in those[at + 1 :]), default=date.max))
        for those in by_series.values()
        for at, row in enumerate(those)
    ]


HOLIDAYS = Query(
    select(col(Holiday.day), col(Holiday.name))
    .where(Holiday.day >= _FIRST, Holiday.day <= _LAST)
    .order_by(col(Holiday.day))
)


def holidays(record: Record, first: date, last: date) -> dict[date, str]:
    """The program's days off, by day."""
    return {row.day: row.name for row in HOLIDAYS.rows(record.session, first=first, last=last)}


def between(record: Record, first: date, last: date) -> list[ProgramSession]:
    """Every session of the program on some local days, called off or not."""
    return calendar(record, first, last).between(first, last)


def find(record: Record, of: UUID) -> ProgramSession:
    """A session of the program by its id, whoever is expected. Raises NotYours."""
    _, day = parts(of)
    one = calendar(record, day, day, of).one(of)
    if one is None:
        raise NotYours("session")
    return one


# --- who is expected


@dataclass
class Placed:
    """Who is expected where: by phase, or by hand. Of the people whom this reader may see."""

    stays: Stays
    seats: dict[UUID, list[Seat]]
    days: dict[date, dict[UUID, int]] = field(default_factory=dict)

    def at(self, one: ProgramSession) -> list[UUID]:
        """Who is expected at a session: who is in the program on its planned day, and in its phase or on its roster."""
        if one.day not in self.days:
            self.days[one.day] = self.stays.on(one.day)
        by_hand = {seat.participant_id for seat in self.seats[one.series_id] if _holds(seat, one.day)}
        return [person for person, phase in self.days[one.day].items() if phase in one.phases or person in by_hand]


def _holds(seat: Seat, day: date) -> bool:
    return seat.since <= day and (seat.until is None or seat.until >= day)


_SEATS = select(Seat).order_by(col(Seat.made_at), col(Seat.id))
SEATS = Query(_SEATS)
SEATS_OF = Query(_SEATS.where(col(Seat.participant_id).in_(given("those", col(Seat.participant_id), many=True))))


@once
def placed(record: Record, those: tuple[UUID, ...] | None = None) -> Placed:
    """Who is where, in four queries however many they are; or only where those people are, a tuple of them."""
    seats: dict[UUID, list[Seat]] = defaultdict(list)
    rows = SEATS.rows(record.session) if those is None else SEATS_OF.rows(record.session, those=those)
    for seat in rows:
        seats[seat.series_id].append(seat)
    return Placed(phases.stays(record, those), seats)


def ahead(record: Record, those: Collection[UUID], last: date) -> list[tuple[ProgramSession, list[UUID]]]:
    """The sessions from today on that take place for some people, in order, and who of them is expected at each.

    What a large program plans for others is not read.
    """
    where = placed(record, tuple(those))
    calendar_ = calendar(record, record.today, last, of_series=where.seats)
    found = ((one, where.at(one)) for one in calendar_.between(record.today, last) if one.happens)
    return [(one, expected) for one, expected in found if expected]


def roster(record: Record, one: ProgramSession) -> list[UUID]:
    """Who is expected at a session, of the people whom this reader may see: for staff, of all."""
    return placed(record).at(one)


def expected(record: Record, first: date, last: date) -> list[ProgramSession]:
    """The sessions on some local days at which the participant whose record is open is expected, called off or not."""
    where = placed(record)
    calendar_ = calendar(record, first, last, of_series=[*where.seats])
    return [one for one in calendar_.between(first, last) if record.participant_id in where.at(one)]


def mine(record: Record, of: UUID) -> ProgramSession:
    """A session at which this participant is expected. Raises NotYours."""
    one = find(record, of)
    if record.participant_id not in roster(record, one):
        raise NotYours("session")
    return one


@once
def soon(record: Record) -> list[ProgramSession]:
    """From yesterday on, five weeks of sessions at which this participant is expected, called off or not."""
    return expected(record, record.today - timedelta(days=1), record.today + NEXT)


def upcoming(record: Record) -> ProgramSession | None:
    """The next session of this participant that takes place and is not over, within five weeks."""
    return next((one for one in soon(record) if one.happens and not one.over(record.now)), None)


def leads(record: Record, one: ProgramSession) -> bool:
    """Whether this reader runs the session: who leads or covers it, and managers."""
    return record.person_id in (one.facilitator_id, one.cover_id) or manages(record)


def manages(record: Record) -> bool:
    """Whether this reader is a manager, also where a door opened to them as a coach."""
    return "manager" in people.roles_of(record.session, record.person_id, record.today)


def leaders(record: Record, those: Collection[ProgramSession]) -> dict[UUID, str]:
    """The names of those who lead some sessions, or were to lead them."""
    return people.names(record, {person for one in those for person in (one.facilitator_id, one.leader_id)})


# --- who said that they will be away


AWAYS = Query(
    select(Away)
    .where(col(Away.session_id).in_(given("those", col(Away.session_id), many=True)), col(Away.back_at).is_(None))
    .order_by(col(Away.said_at), col(Away.id))
)


def aways(record: Record, those: Collection[UUID]) -> dict[UUID, dict[UUID, Away]]:
    """Who said beforehand that they will not come, as it stands: session id → person → row."""
    found: dict[UUID, dict[UUID, Any]] = defaultdict(dict)
    for row in AWAYS.rows(record.session, those=those):
        found[row.session_id][row.participant_id] = row
    return found


def away_words(record: Record, row: Any) -> str:
    """The line that somebody wrote beside the reason."""
    return record.unseal(Away, "words", row.id, row.words, row.participant_id)


# --- what is at the same time


class Clash(NamedTuple):
    """Another session at the same time, with the same person leading it or in the same place."""

    other: ProgramSession
    person: bool
    room: bool


def clashes(those: Sequence[ProgramSession]) -> dict[UUID, list[Clash]]:
    """By session, what overlaps it. `those` follow each other; what is called off is in nobody's way."""
    found: dict[UUID, list[Clash]] = defaultdict(list)
    held = [each for each in those if each.happens]
    for at, one in enumerate(held):
        for other in held[at + 1 :]:
            if other.starts_at >= one.ends_at:
                break
            person = one.leader_id == other.leader_id
            room = bool(one.place) and one.place.casefold() == other.place.casefold()
            if person or room:
                found[one.id].append(Clash(other, person, room))
                found[other.id].append(Clash(one, person, room))
    return found
