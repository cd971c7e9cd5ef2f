"""Signing in: passphrases, signed-in devices, and how often somebody has tried.

These tables are asked before anybody is signed in, so no door guards them; they hold no words of a
participant, only hashes and times.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from annotated_types import MinLen
from sqlalchemy import Index, LargeBinary, UniqueConstraint, delete, func
from sqlmodel import Field, Session, SQLModel, col, select

from app.database import Moment, keep, new_id
from app.forms import Form, Text, _
from app.lib.passwords import verify
from app.lib.vault import token, token_hash
from app.query import Query, given
from app.record import NotYours, Record


class Passphrase(SQLModel, table=True):
    """What somebody signs in with. The name (an e-mail, or one given by the program) is kept as a keyed hash."""

    __table_args__ = (UniqueConstraint("program_id", "name_hash"), Index("passphrase_name", "name_hash"))
    program_id: UUID = Field(primary_key=True, foreign_key="program.id")
    person_id: UUID = Field(primary_key=True)
    name_hash: bytes = Field(sa_type=LargeBinary)
    passphrase: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=Moment)


class SignIn(SQLModel, table=True):
    """A signed-in device. The token itself is only in the cookie; here is its SHA-256."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("sign_in_of", "program_id", "person_id"),)
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: UUID = Field(unique=True)
    program_id: UUID = Field(foreign_key="program.id")
    person_id: UUID
    device: str = Field(default="", max_length=60)
    made_at: datetime = Field(sa_type=Moment)
    seen_at: datetime = Field(sa_type=Moment)
    ends_at: datetime = Field(sa_type=Moment)
    idle_minutes: int
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class Attempt(SQLModel, table=True):
    """One refused sign-in, for slowing down whoever guesses. Both are keyed hashes; without them it is only a turn."""

    __table_args__ = (Index("attempt_name", "name_hash", "at"), Index("attempt_from", "address_hash", "at"))
    id: UUID = Field(primary_key=True)
    name_hash: bytes = Field(sa_type=LargeBinary)
    address_hash: bytes = Field(sa_type=LargeBinary)
    at: datetime = Field(sa_type=Moment)


# --- trying ---------------------------------------------------------------------------------------------

# Refused tries allowed in a quarter of an hour: by one address for one name, by one address, and for one
# name from everywhere. The last is high, so that a stranger cannot keep the owner of a name out.
TRIES_PAIR, TRIES_ADDRESS, TRIES_NAME = 5, 30, 200
TRIES_MINUTES = 15
NO_MATCH = _("That did not match. Please look at the name and the passphrase once more, or wait a quarter of an hour.")
# The fields of a form that was held whose words are shown, to be read again before they are sent.
LONG = frozenset({"words", "tags"})


class SignInForm(Form):
    """`next` is a path of ours to go on to; `held` is what somebody had typed when their sign-in ran out."""

    name: Annotated[Text, MinLen(1)]
    passphrase: Annotated[str, MinLen(1), Field(max_length=200)]
    next: str = ""
    held: Annotated[str, Field(max_length=400_000)] = ""


def throttled(session: Session, attempt: Attempt) -> bool:
    """Whether this name from this address has been tried too often lately."""
    since = attempt.at - timedelta(minutes=TRIES_MINUTES)
    name, address = Attempt.name_hash == attempt.name_hash, Attempt.address_hash == attempt.address_hash

    def tries(*where: Any) -> int:
        return session.exec(select(func.count()).select_from(Attempt).where(Attempt.at > since, *where)).one()

    return tries(name, address) >= TRIES_PAIR or tries(address) >= TRIES_ADDRESS or tries(name) >= TRIES_NAME


def forget_attempts(session: Session, now: datetime) -> None:
    session.exec(delete(Attempt).where(col(Attempt.at) < now - timedelta(days=1)))


def named(session: Session, name: bytes) -> Sequence[Passphrase]:
    """Who may be meant by a name: at most one person in each program."""
    return session.exec(
        select(Passphrase).where(Passphrase.name_hash == name).order_by(col(Passphrase.changed_at))
    ).all()


def told_apart(session: Session, attempt: Attempt, passphrase: str) -> Passphrase | None:
    """Who has this name and passphrase. It takes the same work whoever has that name, and if nobody has."""
    if throttled(session, attempt):
        return None
    found, those = None, named(session, attempt.name_hash)
    for who in [*those, *[None] * (_most(session) - len(those))]:
        if verify(who.passphrase if who else None, passphrase):
            found = found or who
    return found


def _most(session: Session) -> int:
    """How many programs know the name that most of them know; two at least, as one more must not be noticed."""
    programs = func.count(col(Passphrase.program_id))
    known = select(programs).group_by(col(Passphrase.name_hash)).order_by(programs.desc()).limit(1)
    return max(2, session.exec(known).first() or 0)


def counted(session: Session, attempt: Attempt, found: Passphrase | None) -> Passphrase | None:
    """Who was told apart, once it is our turn to write: meanwhile others may have tried too often."""
    _turn(session, attempt)
    if throttled(session, attempt):
        return None
    if found is None:
        session.add(attempt)
    return found


def _turn(session: Session, attempt: Attempt) -> None:
    """Wait until nobody else counts tries of this name, or from this address, and then keep them waiting.

    On PostgreSQL two at a time would both find room for the last try. What is locked is a row for each of the two.
    """
    turns = sorted(UUID(bytes=sha256(one).digest()[:16]) for one in (attempt.name_hash, attempt.address_hash))
    for turn in turns:
        keep(session, Attempt(id=turn, name_hash=b"", address_hash=b"", at=attempt.at))
    session.exec(select(Attempt.id).where(col(Attempt.id).in_(turns)).order_by(col(Attempt.id)).with_for_update()).all()


def local(path: str) -> str:
    """A path of this site, or nothing: a link must not lead somebody who has just signed in elsewhere."""
    return path if re.fullmatch(r"/(?!/)[A-Za-z0-9_/~.:+-]*", path) else ""


def held(text: str, token: str) -> dict[str, Any] | None:
    """What had been typed when a sign-in ran out, given back to its writer and to nobody else."""
    try:
        kept = json.loads(text)
        action, fields = (
            local(str(kept["action"])),
            [(str(name), str(value)) for name, value in kept["fields"]],
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not action or dict(fields).get("whose", token) != token:
        return None
    return {"action": action, "fields": [(name, value, name in LONG) for name, value in fields]}


# --- signed-in devices ----------------------------------------------------------------------------------

LASTS_STAFF, LASTS_OTHERS = timedelta(hours=12), timedelta(days=30)
IDLE_STAFF, IDLE_OTHERS = 15, 30 * 24 * 60


def begin(session: Session, who: Passphrase, staff: bool, device: str, now: datetime) -> str:
    """A new signed-in device; answers the token for its cookie, which is kept nowhere else."""
    secret = token()
    session.add(
        SignIn(
            token_hash=token_hash(secret), id=new_id(), program_id=who.program_id, person_id=who.person_id,
            device=device[:60], made_at=now, seen_at=now, ends_at=now + (LASTS_STAFF if staff else LASTS_OTHERS),
            idle_minutes=IDLE_STAFF if staff else IDLE_OTHERS,
        )
    )  # fmt: skip
    return secret


HELD = Query(select(SignIn).where(SignIn.token_hash == given("token_hash", col(SignIn.token_hash))))


def holder(session: Session, secret: str | None, now: datetime) -> Any:
    """The sign-in that a cookie stands for, if it still holds: a row to read."""
    row = HELD.first(session, token_hash=token_hash(secret)) if secret else None
    return row if row and _holds(row, now) else None


def _holds(row: Any, now: datetime) -> bool:
    idle = row.seen_at + timedelta(minutes=row.idle_minutes)
    return bool(row.ended_at is None and now < row.ends_at and now < idle)


def of_person(session: Session, program_id: UUID, person_id: UUID, now: datetime) -> list[SignIn]:
    """The devices on which a person is signed in now, the latest first."""
    theirs = select(SignIn).where(SignIn.program_id == program_id, SignIn.person_id == person_id)
    rows = session.exec(theirs.order_by(col(SignIn.seen_at).desc())).all()
    return [row for row in rows if _holds(row, now)]


def end(record: Record, sign_in_id: UUID) -> None:
    """Sign one of one's own devices out. Twice is once."""
    mine = select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == record.person_id)
    row = record.session.exec(mine.where(SignIn.program_id == record.program.id)).first()
    if row is None:
        raise NotYours("sign-in")
    row.ended_at = row.ended_at or record.now
