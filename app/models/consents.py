"""Consent: what a participant lets the program tell somebody outside. The nine elements of 42 CFR 2.31, or none.

One consent is for one thing (days and minutes) and for one who is told, so that nothing can ride on it (2.31(d)). A
family member who is told is named like anybody else; what is shared inside the program is `models/sharing.py`.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field as PydanticField
from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import NewForm, Posted, Text, _
from app.models import people
from app.owned import Owned, Readable
from app.record import NotYours, Record

# A new wording is a new number; what was signed keeps the words that were signed.
VERSION = 1
USUAL, LONGEST = timedelta(days=90), timedelta(days=366)
WHAT = _("The days since %(first)s on which I was at sessions, and for how many minutes. Nothing else.")
REVOCATION = _(
    "I can take this consent back at any time, in the app under Letters, or by telling the program. What was told"
    " before then cannot be taken back."
)
SEALED = ("patient", "discloser", "what", "recipient", "purpose", "revocation", "signature", "text")
LINES = (
    (_("Whose records these are"), "patient"), (_("Who may tell"), "discloser"), (_("What may be told"), "what"),
    (_("To whom"), "recipient"), (_("What for"), "purpose"), (_("Taking it back"), "revocation"),
    (_("It ends on"), "expires_on"), (_("Signed by"), "signature"), (_("Signed on"), "signed"),
)  # fmt: skip
PAST = _("Please choose a day from today to a year from now.")
BEFORE = _("Please choose a day since your stay began, up to today.")


class Consent(Owned, table=True):
    """One consent as it was signed. No element can be missing: the database keeps no row without it.

    Signed by typing one's name while signed in, at `signed_at`, where clocks stood as in `signed_in`. `text` is the
    whole of what was on the page, `digest` its SHA-256, `version` its wording. It holds through `expires_on`.
    """

    read_as: ClassVar[Readable] = "office"
    __table_args__ = (Index("consent_of", "program_id", "participant_id", "signed_at"),)
    patient: bytes = Field(sa_type=LargeBinary)
    discloser: bytes = Field(sa_type=LargeBinary)
    what: bytes = Field(sa_type=LargeBinary)
    recipient: bytes = Field(sa_type=LargeBinary)
    purpose: bytes = Field(sa_type=LargeBinary)
    revocation: bytes = Field(sa_type=LargeBinary)
    signature: bytes = Field(sa_type=LargeBinary)
    text: bytes = Field(sa_type=LargeBinary)
    first_on: date
    expires_on: date
    signed_at: datetime = Field(sa_type=Moment)
    signed_in: str = Field(max_length=64)
    version: int
    digest: bytes = Field(sa_type=LargeBinary)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class ConsentForm(NewForm):
    """What only the participant can say: to whom, what for, since when, until when; and their name, as a signature."""

    recipient: Annotated[Text, PydanticField(min_length=1, max_length=120)]
    purpose: Annotated[Text, PydanticField(min_length=1, max_length=200)]
    first_on: date
    expires_on: date
    signature: Annotated[Text, PydanticField(min_length=2, max_length=80)]


@dataclass(frozen=True)
class Paper:
    """A consent, opened for its reader."""

    row: Consent
    said: Mapping[str, str]
    today: date

    @property
    def id(self) -> UUID:
        return self.row.id

    @property
    def holds(self) -> bool:
        return self.row.revoked_at is None and self.today <= self.row.expires_on

    @property
    def as_signed(self) -> bool:
        """Whether the text is the one that was signed, to the letter."""
        return hashlib.sha256(self.said["text"].encode()).digest() == self.row.digest


def signed(record: Record, form: Posted[ConsentForm], speak: Callable[[str], str]) -> Paper | None:
    """Carry a form out. None: it is refused, and says so itself. Sent twice it is signed once."""
    if not form.refused:
        _check(record, form)
    return None if form.refused else sign(record, form.values, speak)


def _check(record: Record, form: Posted[ConsentForm]) -> None:
    if not record.today <= form.values.expires_on <= record.today + LONGEST:
        form.refuse("expires_on", PAST)
    if not began(record) <= form.values.first_on <= record.today:
        form.refuse("first_on", BEFORE)


def sign(record: Record, form: ConsentForm, speak: Callable[[str], str]) -> Paper:
    elements = {
        "patient": record.name(record.participant_id), "discloser": record.program.name, "recipient": form.recipient,
        "what": speak(WHAT) % {"first": form.first_on.isoformat()}, "purpose": form.purpose,
        "revocation": speak(REVOCATION), "signature": form.signature,
    }  # fmt: skip
    dates = {"expires_on": form.expires_on.isoformat(), "signed": f"{record.today.isoformat()} ({record.zone})"}
    text = "\n".join(f"{speak(name)}: {(elements | dates)[key]}" for name, key in LINES)
    words = elements | {"text": text}
    sealed: dict[str, Any] = {name: record.seal(Consent, name, form.id, said) for name, said in words.items()}
    row = Consent(
        id=form.id, first_on=form.first_on, expires_on=form.expires_on, signed_at=record.now, signed_in=record.zone,
        version=VERSION, digest=hashlib.sha256(text.encode()).digest(), **sealed,
    )  # fmt: skip
    keep(record.session, row)
    return find(record, form.id)


def find(record: Record, consent_id: UUID) -> Paper:
    """A consent of the participant whose record is open. Raises NotYours."""
    row = record.session.exec(select(Consent).where(Consent.id == consent_id)).first()
    if row is None:
        raise NotYours("consent")
    return _opened(record, row)


def everything(record: Record) -> list[Paper]:
    """All consents of the participant whose record is open, the latest first."""
    rows = record.session.exec(select(Consent).order_by(col(Consent.signed_at).desc(), col(Consent.id)))
    return [_opened(record, row) for row in rows]


def _opened(record: Record, row: Consent) -> Paper:
    said = {
        name: record.unseal(Consent, name, row.id, getattr(row, name), row.participant_id) for name in SEALED
    }  # fmt: skip
    return Paper(row, said, record.today)


def revoke(record: Record, consent_id: UUID) -> Paper:
    """Take a consent back: from the next request on nothing is told on it. Twice is once."""
    paper = find(record, consent_id)
    paper.row.revoked_at = paper.row.revoked_at or record.now
    record.session.flush()
    return paper


def began(record: Record) -> date:
    stay = people.episode_of(record.session, record.participant_id)
    return min(stay.started_on, record.today) if stay else record.today


def answers(record: Record) -> dict[str, Any]:
    """What the form starts with."""
    return {"first_on": began(record), "expires_on": record.today + USUAL}
