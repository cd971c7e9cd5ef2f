"""A treatment program (the tenant), its hours, and the phases a stay goes through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from app.models import schedule
from app.owned import InProgram, Role
from app.query import Query, given


class Program(SQLModel, table=True):
    """`program_days` are weekdays 0 (Monday) … 6; `promise_hour` is local to `zone`.

    People check in from `check_in_minutes` before a session on, until as long after its start. `wall`: what the screen
    in the room shows of them, "names", "initials" or "none"."""

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=80)
    zone: str = Field(max_length=64)
    promise_hour: time = time(17)
    program_days: str = Field(default="01234", max_length=7)
    crisis_name: str = Field(default="", max_length=80)
    crisis_phone: str = Field(default="", max_length=20)
    check_in_minutes: int = Field(default=30, sa_column_kwargs={"server_default": "30"})
    wall: str = Field(default="names", max_length=8, sa_column_kwargs={"server_default": "names"})
    key: bytes = Field(sa_type=LargeBinary)
    days_off: str | None = None

    @property
    def crisis_line(self) -> "OwnLine | None":
        return OwnLine(self.crisis_name or self.name, self.crisis_phone) if self.crisis_phone else None

    def weekdays(self) -> frozenset[int]:
        return frozenset(int(day) for day in self.program_days)

    def holidays(self) -> frozenset[date]:
        return frozenset(date.fromisoformat(day) for day in (self.days_off or "").split(",") if day)

    def answer_by(self, sent: datetime) -> datetime:
        """The moment (UTC) by which the program promises that what was sent is read."""
        return schedule.answer_by(sent, self.zone, self.promise_hour, self.weekdays(), self.holidays())

    def today(self, now: datetime) -> date:
        return schedule.local_day(now, self.zone)


@dataclass(frozen=True)
class OwnLine:
    """The program's own number for hard hours."""

    name: str
    phone: str


class Phase(InProgram, table=True):
    """One phase of a stay, in order of `number`: so many weeks of so many sessions."""

    kept_by: ClassVar[frozenset[Role]] = frozenset({"manager"})
    __table_args__ = (
        UniqueConstraint("program_id", "number"),
        CheckConstraint("weeks > 0 and sessions_a_week >= 0", name="phase_sizes"),
    )
    number: int
    name: str = Field(max_length=60)
    weeks: int
    sessions_a_week: int


@dataclass(frozen=True)
class Crossing:
    """Where a stay stands: week and weeks, the share (0–1) of this week gone, the phase, and the next one."""

    days: int
    week: int
    weeks: int
    part: float
    phase: Phase | None
    next_phase: Phase | None
    next_on: date | None


def crossing(phases: Sequence[Phase], started_on: date, today: date, changes: Sequence[Any] = ()) -> Crossing:
    """Where somebody who started on a day stands today. Pure: `phases` in order; `changes` as in `steps`."""
    found, ends = steps(phases, started_on, changes)
    at = sum(starts <= today for starts, _ in found)
    days = max((today - started_on).days, 0)
    weeks = max(-((started_on - ends).days // 7), 1)
    upcoming: Any = found[at] if at < len(found) else (None, None)
    return Crossing(
        days=days,
        week=min(schedule.week_of(started_on, today), weeks),
        weeks=weeks,
        part=(days % 7 + 1) / 7,
        phase=found[at - 1][1] if at else None,
        next_phase=upcoming[1],
        next_on=upcoming[0],
    )


def steps(
    phases: Sequence[Phase], started_on: date, changes: Sequence[Any] = ()
) -> tuple[list[tuple[date, Phase]], date]:
    """On which day each phase of a stay starts, in order, and on which the last one ends.

    By the dates of the stay; a change (`since`, `number`; in order of what stands) holds from its day on, and the
    phases after it follow from there.
    """
    found, ends = _run(phases, started_on)
    for change in changes:
        more, ends = _run([phase for phase in phases if phase.number >= change.number], change.since)
        found = [step for step in found if step[0] < change.since] + more
    return found, ends


def _run(phases: Sequence[Phase], first: date) -> tuple[list[tuple[date, Phase]], date]:
    found = []
    for phase in phases:
        found.append((first, phase))
        first += timedelta(weeks=phase.weeks)
    return found, first


def phase_on(phases: Sequence[Phase], started_on: date, day: date, changes: Sequence[Any] = ()) -> Phase | None:
    """The phase of a stay on a day; after the last has ended still the last, as nobody said otherwise."""
    begun = [phase for starts, phase in steps(phases, started_on, changes)[0] if starts <= day]
    return begun[-1] if begun else None


PHASES = Query(select(Phase).order_by(col(Phase.number)))


def phases(session: Session) -> Sequence[Phase]:
    """The phases of a stay, in order: rows to read."""
    return PHASES.rows(session)


ONE = Query(select(Program).where(Program.id == given("id", col(Program.id))))


def one(session: Session, program_id: UUID) -> Program:
    """A program as it is now: a row to read."""
    found: Program = ONE.rows(session, id=program_id)[0]
    return found


def program_ids(session: Session) -> Sequence[UUID]:
    return session.exec(select(Program.id)).all()
