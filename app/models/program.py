"""A treatment program (the tenant), its hours, and the phases a stay goes through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from app.models import schedule
from app.owned import InProgram


class Program(SQLModel, table=True):
    """`program_days` are weekdays 0 (Monday) … 6; `promise_hour` is local to `zone`."""

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=80)
    zone: str = Field(max_length=64)
    promise_hour: time = time(17)
    program_days: str = Field(default="01234", max_length=7)
    crisis_name: str = Field(default="", max_length=80)
    crisis_phone: str = Field(default="", max_length=20)
    key: bytes = Field(sa_type=LargeBinary)

    @property
    def crisis_line(self) -> "OwnLine | None":
        return OwnLine(self.crisis_name or self.name, self.crisis_phone) if self.crisis_phone else None

    def weekdays(self) -> frozenset[int]:
        return frozenset(int(day) for day in self.program_days)

    def answer_by(self, sent: datetime) -> datetime:
        """The moment (UTC) by which the program promises that what was sent is read."""
        return schedule.answer_by(sent, self.zone, self.promise_hour, self.weekdays(), frozenset())

    def today(self, now: datetime) -> date:
        return schedule.local_day(now, self.zone)


@dataclass(frozen=True)
class OwnLine:
    """The program's own number for hard hours."""

    name: str
    phone: str


class Phase(InProgram, table=True):
    """One phase of a stay, in order of `number`: so many weeks of so many sessions."""

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


def crossing(phases: Sequence[Phase], started_on: date, today: date) -> Crossing:
    """Where somebody who started on a day stands today. Pure: `phases` in order."""
    week = schedule.week_of(started_on, today)
    starts, first = [], 0
    for phase in phases:
        starts.append(started_on + timedelta(weeks=first))
        first += phase.weeks
    at = sum(start <= today for start in starts)
    days = max((today - started_on).days, 0)
    upcoming: Any = phases[at] if at < len(phases) else None
    return Crossing(
        days=days,
        week=min(week, max(first, 1)),
        weeks=max(first, 1),
        part=(days % 7 + 1) / 7,
        phase=phases[at - 1] if at else None,
        next_phase=upcoming,
        next_on=starts[at] if upcoming else None,
    )


def phases(session: Session) -> Sequence[Phase]:
    return session.exec(select(Phase).order_by(col(Phase.number))).all()


def program_ids(session: Session) -> Sequence[UUID]:
    return session.exec(select(Program.id)).all()
