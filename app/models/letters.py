"""Attendance letters: days and minutes, for one who was named in a consent, for as long as that holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import NewForm, Posted, _
from app.lib import pdf
from app.models import consents, people, presence, roll
from app.models.consents import Paper
from app.models.roll import NOTICE
from app.owned import Owned, Readable, Role
from app.record import Record

ENDED = _("This consent has ended, so no letter is made on it. The participant can sign a new one.")
TITLE = _("Attendance letter")
ABOVE = (
    _("To: %(recipient)s"),
    _("Purpose: %(purpose)s"),
    _("%(name)s was at sessions of %(program)s on these days, %(first)s to %(last)s."),
)
BELOW = (
    _("%(count)s days and %(minutes)s minutes in all, as the program has recorded them."),
    _("Made with the written consent of %(name)s to tell %(recipient)s these days and minutes and nothing else. It was"
      " signed on %(signed)s, ends on %(expires)s, and can be taken back at any time."),
)  # fmt: skip


class Letter(Owned, table=True):
    """Somebody of the staff made a letter on a consent: who, when. What was in it is what the consent says."""

    read_as: ClassVar[Readable] = "office"
    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (Index("letter_on", "program_id", "consent_id"),)
    consent_id: UUID
    by: UUID
    at: datetime = Field(sa_type=Moment)


class LetterForm(NewForm):
    """One button: make it."""


@dataclass(frozen=True)
class Sheet:
    """What stands in a letter: whose it is, for whom, and the days with their minutes."""

    paper: Paper
    days: list[tuple[date, int]]
    last: date

    @property
    def minutes(self) -> int:
        return sum(minutes for _day, minutes in self.days)


def sheet(record: Record, paper: Paper) -> Sheet:
    """The letter as of now. Only what the program has marked counts; kinds and names of sessions stay out of it."""
    turns = roll.turns(record, paper.row.first_on, record.today)
    return Sheet(paper, presence.days(turns), record.today)


def shown(record: Record, consent_id: UUID) -> dict[str, Any]:
    """The page of one consent, with the letter while it holds."""
    paper = consents.find(record, consent_id)
    made = sheet(record, paper) if paper.holds else None
    return {"paper": paper, "letter": made, "made": makings(record), "notice": NOTICE,
            "in_pdf": pdf.can_write(paper.said["patient"], paper.said["recipient"], paper.said["purpose"])}  # fmt: skip


def written(record: Record, made: Sheet, speak: Callable[[str], str], day: Callable[[date], str]) -> bytes:
    """The letter as a PDF; `day` says a day in the reader's language."""
    # Imported when somebody asks for one.
    from app.lib import printing

    said = made.paper.said
    facts = {"name": said["patient"], "program": said["discloser"], "first": day(made.paper.row.first_on),
             "last": day(made.last), "recipient": said["recipient"], "purpose": said["purpose"],
             "count": len(made.days), "minutes": made.minutes, "signed": day(made.paper.row.signed_at),
             "expires": day(made.paper.row.expires_on)}  # fmt: skip
    return printing.sheet(
        heading=speak(TITLE),
        above=[f"{said['discloser']}, {day(made.last)}", *(speak(one) % facts for one in ABOVE)],
        columns=(speak(_("Day")), speak(_("Minutes"))),
        rows=[(day(one), str(minutes)) for one, minutes in made.days],
        below=[speak(one) % facts for one in BELOW],
        notice=NOTICE,
        made_at=record.now,
    )


def make(record: Record, consent_id: UUID, form: Posted[LetterForm]) -> Sheet | None:
    """Staff make a letter: written down, once however often it is sent. None: refused, and the form says why."""
    paper = consents.find(record, consent_id)
    if not form.refused and not paper.holds:
        form.refuse("", ENDED)
    if form.refused:
        return None
    keep(record.session, Letter(id=form.values.id, consent_id=paper.id, by=record.person_id, at=record.now))
    return sheet(record, paper)


def makings(record: Record) -> dict[UUID, list[tuple[str, datetime]]]:
    """By consent, which letters staff made on it: who and when, oldest first."""
    rows = record.session.exec(select(Letter).order_by(col(Letter.at), col(Letter.id))).all()
    names = people.names(record, {row.by for row in rows})
    found: dict[UUID, list[tuple[str, datetime]]] = {}
    for row in rows:
        found.setdefault(row.consent_id, []).append((names.get(row.by, ""), row.at))
    return found


def desk(record: Record) -> dict[str, Any]:
    """One participant's attendance as the office sees it, with the consents on which letters may be made."""
    return roll.of_one(record) | {
        "name": record.name(record.participant_id), "person_id": record.participant_id,
        "papers": consents.everything(record), "made": makings(record),
    }  # fmt: skip
