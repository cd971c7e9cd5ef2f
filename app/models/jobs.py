"""What is to be done, for which program, from when on: taken by one worker at a time, and done once.

A worker takes a job for a while (`LEASE`). The work and its being done are one transaction: of a worker that dies
nothing stays, and another takes the job when the while is over. Jobs hold no words and name nobody, so they stand
outside the walls: what is due is asked for all programs at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import Index, delete, func, or_
from sqlmodel import Field, Session, SQLModel, col, select

from app.database import Moment, keep
from app.models.program import Program

LEASE = timedelta(minutes=5)
# A job that failed so often fails for a reason that does not pass: it stays, for somebody to look at.
TRIES = 10
# What takes longer than that.
LEASES = {"backup": timedelta(hours=1)}
KEPT = timedelta(days=7)
MORNING = time(7)


class Job(SQLModel, table=True):
    """`taken_until`: till then a worker is at it, or it waits after a failure. `done_at` None: still to be done."""

    __table_args__ = (Index("job_due", "done_at", "due_at"),)
    program_id: UUID = Field(primary_key=True, foreign_key="program.id")
    id: UUID = Field(primary_key=True)
    what: str = Field(max_length=12)
    due_at: datetime = Field(sa_type=Moment)
    taken_until: datetime | None = Field(default=None, sa_type=Moment)
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    done_at: datetime | None = Field(default=None, sa_type=Moment)


# --- what comes back


def on_the_hour(now: datetime, _program: Program) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def in_the_morning(now: datetime, program: Program) -> datetime:
    """The latest 7:00 on the clocks of the program; an hour that is skipped is an hour later."""
    zone, days = ZoneInfo(program.zone), (program.today(now), program.today(now) - timedelta(days=1))
    return next(at for day in days if (at := datetime.combine(day, MORNING, zone).astimezone(UTC)) <= now)


# The latest turn of each that has come. Those between, while nobody was at work, are not made up for.
TURNS: Mapping[str, Callable[[datetime, Program], datetime]] = {
    "tidy": on_the_hour, "missed": on_the_hour, "morning": in_the_morning,
}  # fmt: skip


def of(program_id: UUID, what: str, due_at: datetime, about: UUID | None = None) -> Job:
    """A job. Its id is made of what it is, so that asked for twice it is one."""
    named = f"{what} {due_at.astimezone(UTC).isoformat()} {about or ''}"
    return Job(program_id=program_id, id=uuid5(program_id, named), what=what, due_at=due_at)


def turns(programs: Iterable[Program], now: datetime) -> list[Job]:
    """What comes back and has come, in every program."""
    return [of(program.id, what, turn(now, program)) for program in programs for what, turn in TURNS.items()]


def daily(session: Session, what: str, hour: int, now: datetime) -> list[Job]:
    """What is done for the whole house at an hour (UTC): entered in the name of one of its programs, so once."""
    first = session.exec(select(Program.id).order_by(col(Program.id)).limit(1)).all()
    today = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return [of(program, what, today if today <= now else today - timedelta(days=1)) for program in first]


def unplanned(session: Session, now: datetime, more: Iterable[Job] = ()) -> list[Job]:
    those = [*turns(session.exec(select(Program)).all(), now), *more]
    known = set(session.exec(select(Job.id).where(col(Job.id).in_([one.id for one in those]))))
    return [one for one in those if one.id not in known]


def add(session: Session, those: Iterable[Job]) -> None:
    """In the transaction of what makes them necessary."""
    for one in those:
        keep(session, one)


# --- taken, and done


def _due(now: datetime) -> Any:
    free = or_(col(Job.taken_until).is_(None), col(Job.taken_until) <= now)
    return col(Job.done_at).is_(None), Job.due_at <= now, free, Job.tries < TRIES


def waiting(session: Session, now: datetime) -> bool:
    """Whether there is something to do. It only reads, as it is asked often, and mostly there is nothing."""
    return session.exec(select(Job.id).where(*_due(now)).limit(1)).first() is not None


def take(session: Session, now: datetime) -> Job | None:
    """The one that has waited longest and that nobody is at."""
    due = select(Job).where(*_due(now)).order_by(col(Job.due_at), col(Job.id)).limit(1)
    # PostgreSQL passes over what another worker holds; in SQLite one writes at a time.
    job = session.exec(due.with_for_update(skip_locked=True)).first()
    if job:
        job.taken_until, job.tries = now + LEASES.get(job.what, LEASE), job.tries + 1
    return job


def held(session: Session, job: Job) -> Job | None:
    """The job, locked until this transaction ends; None: it is done, or somebody else's by now."""
    mine = select(Job).where(Job.program_id == job.program_id, Job.id == job.id, col(Job.done_at).is_(None))
    return session.exec(mine.where(Job.taken_until == job.taken_until).with_for_update()).first()


# --- how it goes


def newest(session: Session) -> datetime | None:
    """When the last job was done."""
    done = select(Job.done_at).where(col(Job.done_at).is_not(None)).order_by(col(Job.done_at).desc()).limit(1)
    return session.exec(done).first()


def late(session: Session, since: datetime) -> int:
    """How many jobs were due before that moment and are not done, nor given up."""
    waiting = col(Job.done_at).is_(None), Job.due_at < since, Job.tries < TRIES
    return session.exec(select(func.count()).select_from(Job).where(*waiting)).one()


def given_up(session: Session) -> Sequence[tuple[str, int]]:
    """What was tried in vain, and how often."""
    left = col(Job.done_at).is_(None), Job.tries >= TRIES
    return session.exec(select(Job.what, func.count()).where(*left).group_by(col(Job.what))).all()


def forget(session: Session, program_id: UUID, now: datetime) -> None:
    """What was done a week ago."""
    session.execute(delete(Job).where(col(Job.program_id) == program_id, col(Job.done_at) < now - KEPT))
