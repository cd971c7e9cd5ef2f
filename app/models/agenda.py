"""A participant's own calendar: the week, the next session, and saying that one will be away."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from sqlmodel import col, select

from app.database import keep
from app.forms import NewForm, Posted, Text, _
from app.models import sessions
from app.models.sessions import KINDS, Away, ProgramSession
from app.record import Record

REASONS = {
    "work": _("Work or school"), "ill": _("I am not well"), "family": _("Family"), "transport": _("Getting there"),
    "other": _("Something else"),
}  # fmt: skip
BEGUN = _("This session has begun, so this comes too late for it. Please tell your coach what happened.")
WEEK = timedelta(days=7)


class AwayForm(NewForm):
    """Not coming to a session, and why. `words`: a line more, if somebody likes."""

    reason: Literal["work", "ill", "family", "transport", "other"]
    words: Text = ""


@dataclass(frozen=True)
class Visit:
    """A session as the person sees it who is expected: with whom, and whether they said that they will be away."""

    one: ProgramSession
    leader: str
    usually: str
    away: Away | None

    @property
    def kind(self) -> str:
        return KINDS[self.one.kind]


def visits(record: Record, those: list[ProgramSession]) -> list[Visit]:
    """Sessions with what belongs to them, in three queries however many they are."""
    names = sessions.leaders(record, those)
    away = sessions.aways(record, [one.id for one in those]) if those else {}
    return [
        Visit(
            one, names.get(one.leader_id, ""), names.get(one.facilitator_id, ""),
            away.get(one.id, {}).get(record.participant_id),
        )
        for one in those
    ]  # fmt: skip


def fortnight(record: Record) -> dict[str, Any]:
    """What is left of this week and all of the next, by day; weeks start on Monday."""
    monday = record.today - timedelta(days=record.today.weekday()) + WEEK
    found = visits(record, sessions.expected(record, record.today, monday + WEEK - timedelta(days=1)))
    return {
        "day": record.today,
        "this_week": _by_day(visit for visit in found if visit.one.on < monday),
        "next_week": _by_day(visit for visit in found if visit.one.on >= monday),
    }


def _by_day(found: Any) -> list[tuple[date, list[Visit]]]:
    return [(day, list(those)) for day, those in groupby(found, key=lambda visit: visit.one.on)]


def coming(record: Record) -> Visit | None:
    """The next session, for Today."""
    one = sessions.upcoming(record)
    return visits(record, [one])[0] if one else None


def find(record: Record, of: UUID) -> Visit:
    """One session at which this participant is expected. Raises NotYours."""
    return visits(record, [sessions.mine(record, of)])[0]


def told(record: Record, of: UUID) -> dict[str, Any]:
    """The page of one session."""
    visit = find(record, of)
    line = sessions.away_words(record, visit.away) if visit.away else ""
    begun = visit.one.starts_at <= record.now
    return {"visit": visit, "line": line, "begun": begun, "reasons": REASONS, "day": record.today}


def say_away(record: Record, of: UUID, form: Posted[AwayForm]) -> bool:
    """Carry out that somebody will be away; said again, the newest stands. False: it is refused, and says so itself."""
    one = sessions.mine(record, of)
    if not form.refused and one.starts_at <= record.now:
        form.refuse("", BEGUN)
    if form.refused:
        return False
    asked = form.values
    words = record.seal(Away, "words", asked.id, asked.words)
    row = Away(id=asked.id, session_id=one.id, reason=asked.reason, words=words, said_at=record.now)
    if keep(record.session, row):
        _end(record, one.id, but=asked.id)
    return True


def come_after_all(record: Record, of: UUID) -> None:
    """Take it back, before the session begins. Twice is once; once it has begun what was said stands."""
    one = sessions.mine(record, of)
    if record.now < one.starts_at:
        _end(record, one.id)


def _end(record: Record, of: UUID, but: UUID | None = None) -> None:
    said = select(Away).where(Away.session_id == of, col(Away.back_at).is_(None), col(Away.id) != but)
    for row in record.session.exec(said.with_for_update()):
        row.back_at = record.now
    record.session.flush()
