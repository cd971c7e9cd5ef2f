"""One's own calendar for a phone to read: at a secret address, saying when, and nothing that tells what for."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid5

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, select

from app.database import Moment, keep
from app.forms import NewForm, _
from app.lib import ics
from app.lib.vault import token, token_hash
from app.models import sessions
from app.models.people import Person
from app.models.sessions import ProgramSession
from app.record import NotYours, Record

# What a session is called where others may look. None of them says anything.
TITLES = {"appointment": _("Appointment"), "class": _("Class"), "meeting": _("Meeting")}
Speak = Callable[[str], str]
BACK, AHEAD = timedelta(days=14), timedelta(days=120)


class Feed(SQLModel, table=True):
    """A secret address of a participant's calendar. The secret is only in the address; here is its SHA-256."""

    __table_args__ = (
        CheckConstraint("title in ('appointment','class','meeting')", name="feed_title"),
        Index("feed_of", "program_id", "person_id"),
    )
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: UUID = Field(unique=True)
    program_id: UUID = Field(foreign_key="program.id")
    person_id: UUID
    title: str = Field(max_length=12)
    with_place: bool = False
    made_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class FeedForm(NewForm):
    """How sessions are called in the phone's own calendar, and whether it says where."""

    title: Literal["appointment", "class", "meeting"] = "appointment"
    with_place: bool = False


def make(record: Record, form: FeedForm) -> str:
    """A new secret for the address, kept nowhere else; the one before ends. Raises NotYours for a used number."""
    secret = token()
    row = Feed(
        token_hash=token_hash(secret), id=form.id, program_id=record.program.id, person_id=record.person_id,
        title=form.title, with_place=form.with_place, made_at=record.now,
    )  # fmt: skip
    if not keep(record.session, row):
        return _again(record, form, secret)
    _end(record, but=form.id)
    return secret


def _again(record: Record, form: FeedForm, secret: str) -> str:
    """Sent twice: the second address takes the place of the first, as nobody can be told the first again."""
    row = mine(record)
    if row is None or row.id != form.id:
        raise NotYours("feed")
    row.token_hash, row.title, row.with_place = token_hash(secret), form.title, form.with_place
    record.session.flush()
    return secret


def end(record: Record) -> None:
    """From now on the address leads nowhere. Twice is once."""
    _end(record)


def _end(record: Record, but: UUID | None = None) -> None:
    for row in _holding(record):
        if row.id != but:
            row.ended_at = record.now
    record.session.flush()


def mine(record: Record) -> Feed | None:
    """The address that holds, of the participant whose record is open."""
    return next(iter(_holding(record)), None)


def _holding(record: Record) -> Sequence[Feed]:
    """Made in the same moment there may be two, until the next is made or they end."""
    those = select(Feed).where(Feed.program_id == record.program.id, Feed.person_id == record.participant_id)
    return record.session.exec(those.where(col(Feed.ended_at).is_(None)).order_by(col(Feed.made_at).desc())).all()


def of_token(session: Session, secret: str) -> Feed:
    """Whose calendar an address leads to. Ended or never made: there is none."""
    row = session.get(Feed, token_hash(secret))
    if row is None or row.ended_at:
        raise NotYours("feed")
    return row


def shown(record: Record) -> dict[str, Any]:
    """The page: whether there is an address, since when, and how sessions can be called."""
    return {"feed": mine(record), "titles": TITLES}


def starts(record: Record) -> dict[str, Any]:
    """What the form starts with: as it is now."""
    row = mine(record)
    return {"title": row.title if row else "appointment", "with_place": "true" if row and row.with_place else ""}


def language(record: Record) -> str:
    """The language of the person whose calendar it is, where they chose one."""
    person = record.session.get(Person, (record.program.id, record.person_id))
    return person.language if person else ""


def calendar(record: Record, feed: Feed, speak: Speak) -> bytes:
    """The calendar as a phone reads it: two weeks back, four months ahead."""
    found = sessions.expected(record, record.today - BACK, record.today + AHEAD)
    return written(record, found, speak(TITLES[feed.title]), feed.with_place)


def written(record: Record, found: list[ProgramSession], title: str, with_place: bool = False) -> bytes:
    """Sessions as calendar events, called as somebody chose."""
    return ics.calendar([_event(record, one, title, with_place) for one in found], record.now)


def _event(record: Record, one: ProgramSession, title: str, with_place: bool) -> ics.Event:
    place = (one.place or one.link) if with_place else ""
    # Two calendars that somebody lays side by side must not tell that two people are in the same room.
    number = uuid5(record.participant_id, str(one.id))
    return ics.Event(number, one.starts_at, one.ends_at, title, place, one.changes, called_off=not one.happens)
