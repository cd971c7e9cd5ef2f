"""Being there, as it is kept: what somebody says on coming and going, their claim, and the mark that counts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, col, select

from app.database import Moment
from app.models import entry, people
from app.owned import InProgram, Owned, Readable, Role
from app.record import Record


class Attendance(Owned, table=True):
    """What somebody said on coming to a session, or on leaving it: the part of an entry of that kind.

    `day` is the session's planned one, by which its leader is known. Mood 1–5, urge 0–10; None: not said. `bring_up`
    is said on arriving, `takeaway` and `homework_seen` on leaving. `title` is what the session was called then.
    Besides the coach, whoever leads that session reads it, and of the spine nothing.
    """

    read_as: ClassVar[Readable] = "room"
    sealed: ClassVar[tuple[str, ...]] = ("title", "bring_up", "takeaway")
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], ondelete="CASCADE", name="attendance_entry"
        ),
        CheckConstraint("mood between 1 and 5", name="attendance_mood"),
        CheckConstraint("urge between 0 and 10", name="attendance_urge"),
        Index("attendance_in", "program_id", "session_id"),
    )
    session_id: UUID
    series_id: UUID
    day: date
    arriving: bool
    mood: int | None = None
    urge: int | None = None
    homework_seen: bool | None = None
    title: bytes | None = Field(default=None, sa_type=LargeBinary)
    bring_up: bytes | None = Field(default=None, sa_type=LargeBinary)
    takeaway: bytes | None = Field(default=None, sa_type=LargeBinary)


class Claim(Owned, table=True):
    """Somebody says that they came to a session, or left it: once each, with the id of the entry that said so.

    `at` is when they said it (by a clock put right), `kept_at` when it came in. `proof`: "code" (they saw the room's
    digits), "tap" (it came in at once, within the time), "none" (their word alone). It says nothing of how they are,
    and stays when the entry goes: the office reads it, and only a `Mark` counts.
    """

    read_as: ClassVar[Readable] = "office"
    __table_args__ = (
        UniqueConstraint("program_id", "participant_id", "session_id", "arriving", name="claim_once"),
        CheckConstraint("proof in ('code','tap','none')", name="claim_proof"),
        Index("claim_in", "program_id", "session_id"),
    )
    session_id: UUID
    arriving: bool
    proof: str = Field(max_length=4)
    at: datetime = Field(sa_type=Moment)
    kept_at: datetime = Field(sa_type=Moment)


class Mark(Owned, table=True):
    """What the program holds of somebody's presence at a session. Rows are only added; the newest stands.

    `state` "open": what stood before is taken back, nothing is known. `minutes` is how long they were there, None: not
    said; `in_at` and `out_at` are moments. `by` made it.
    """

    read_as: ClassVar[Readable] = "office"
    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (
        CheckConstraint("state in ('here','late','partial','away','missing','excused','open')", name="mark_state"),
        CheckConstraint("mode in ('room','telehealth')", name="mark_mode"),
        CheckConstraint("minutes between 0 and 1440", name="mark_minutes"),
        Index("mark_in", "program_id", "session_id"),
        Index("mark_of", "program_id", "participant_id", "at"),
    )
    session_id: UUID
    state: str = Field(max_length=8)
    mode: str = Field(default="room", max_length=10)
    in_at: datetime | None = Field(default=None, sa_type=Moment)
    out_at: datetime | None = Field(default=None, sa_type=Moment)
    minutes: int | None = None
    reason: bytes | None = Field(default=None, sa_type=LargeBinary)
    at: datetime = Field(sa_type=Moment)
    by: UUID


class Guess(InProgram, table=True):
    """A code that was wrong: for which session, when, and by whom (a keyed name). Counted, and gone after a day."""

    kept_by: ClassVar[frozenset[Role]] = frozenset({"participant"})
    __table_args__ = (Index("guess_by", "program_id", "who", "at"), Index("guess_in", "program_id", "session_id", "at"))
    session_id: UUID
    who: bytes = Field(sa_type=LargeBinary)
    at: datetime = Field(sa_type=Moment)


entry.PARTS["attendance"] = Attendance


def claimed(record: Record, session_id: UUID) -> Sequence[Claim]:
    """What was claimed of a session, by those whom this reader may see, as it was said."""
    those = select(Claim).where(Claim.session_id == session_id)
    return record.session.exec(those.order_by(col(Claim.at), col(Claim.id))).all()


def there(record: Record, session_id: UUID) -> bool:
    """Whether anything is kept of the participant whose record is open in a session, expected there or not."""
    return bool(claimed(record, session_id) or marked(record, session_id))


def said(record: Record, session_id: UUID) -> Sequence[Attendance]:
    """What was said on coming to a session and on leaving it, as far as this reader may see it."""
    those = select(Attendance).where(Attendance.session_id == session_id)
    return record.session.exec(those.order_by(col(Attendance.id))).all()


def marked(record: Record, session_id: UUID) -> Sequence[Mark]:
    """Every mark of a session, of those whom this reader may see; the last of somebody stands."""
    those = select(Mark).where(Mark.session_id == session_id)
    return record.session.exec(those.order_by(col(Mark.at), col(Mark.id))).all()
