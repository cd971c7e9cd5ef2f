"""The page of a caseload: what of the list is asked for, and what has come since it was opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func
from sqlmodel import col, select

from app.forms import blank
from app.lib.chart import sparkline, trend_words
from app.models import caseload, covers, people
from app.models.caseload import ORDER, THOSE, TO_READ, UNREAD, Case
from app.models.covers import Stead
from app.models.entry import Entry
from app.models.flags import Clearance, Flag
from app.models.people import Coaching
from app.query import Query, given
from app.record import Record


@dataclass(frozen=True)
class Asked:
    """What an address asks of the list: a reason, a phase, a session of today. What is none of these asks nothing."""

    why: str = ""
    phase: str = ""
    session: str = ""

    def fits(self, case: Case) -> bool:
        return (
            self.why in ("", case.why)
            and self.phase in ("", str(case.phase or ""))
            and (not self.session or self.session in {str(one.id) for one in case.turns})
        )


def desk(record: Record, asked: Asked | None = None) -> dict[str, Any]:
    """The caseload page: those who need their coach, those who are fine, as far as they are asked for."""
    found = caseload.cases(record)
    asked = asked or Asked()
    choices = _choices(found, asked)
    known = {name: said for name, said in vars(asked).items() if said in {key for key, _ in choices[name]}}
    asked = Asked(**known)
    shown = [case for case in found if asked.fits(case)]
    unread = [case.oldest_unread for case in found if case.oldest_unread]
    return {
        "cases": [case for case in shown if case.why != "fine"],
        "fine": [case for case in shown if case.why == "fine"],
        "needing": sum(case.why != "fine" for case in found), "everybody": len(found), "shown": len(shown),
        "asked": asked, "choices": choices, "filtered": bool(known), "day": record.today,
        "unread": sum(case.unread for case in found), "oldest_unread": min(unread, default=None),
        "waiting": any(case.waiting_since for case in found), "covered": _covered(record),
        "form": blank(**known), "sparkline": sparkline, "trend": trend_words,
    }  # fmt: skip


def _choices(found: Sequence[Case], asked: Asked) -> dict[str, list[tuple[str, Any]]]:
    """What can be asked for: the reasons, phases and sessions of today that somebody here has; and the reason that is
    asked for, which nobody may have by now."""
    turns = {one.id: one for case in found for one in case.turns}
    return {
        "why": [
            (reason, reason) for reason in ORDER if reason == asked.why or any(case.why == reason for case in found)
        ],
        "phase": [(str(phase), phase) for phase in sorted({case.phase for case in found if case.phase})],
        "session": [(str(one.id), one) for one in sorted(turns.values(), key=lambda one: one.starts_at)],
    }


def _covered(record: Record) -> list[Stead]:
    """Who has this coach's own people today, while they are away."""
    return covers.told(record, [row for row in covers.of_today(record) if row.coach_id == record.person_id])


NEW_FLAGS = Query(
    select(func.count(col(Flag.id)))
    .where(col(Flag.participant_id).in_(given("those", col(Flag.participant_id), many=True)))
    .where(col(Flag.raised_at) > given("since", col(Flag.raised_at)))
)
NEW_ENTRIES = Query(
    select(func.count(col(Entry.id))).where(
        THOSE, col(Entry.kind).in_(TO_READ), col(Entry.kept_at) > given("since", col(Entry.kept_at))
    )
)


def news(record: Record, since: str) -> dict[str, Any]:
    """How many flags and entries to read have come since a moment (ISO, as the page said it)."""
    began = _moment(since, record.now)
    asked = {"those": list(people.caseload(record)), "since": began}
    new = sum(one.rows(record.session, **asked)[0][0] for one in (NEW_FLAGS, NEW_ENTRIES))
    return {"new": new, "since": began.isoformat()}


def _moment(said: str, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return now
    return max(at, now - UNREAD) if at.tzinfo else now


_MINE = select(Coaching.participant_id).where(
    Coaching.coach_id == given("coach", col(Coaching.coach_id)), people.on(given("day", col(Coaching.since)), Coaching)
)
_CLEARED = exists().where(col(Clearance.program_id) == Flag.program_id, col(Clearance.id) == Flag.id)
ALARMS = Query(
    select(col(Flag.level), func.count(col(Flag.id)))
    .where(col(Flag.participant_id).in_(_MINE), ~_CLEARED)
    .group_by(col(Flag.level))
)


def alarms(record: Record) -> dict[str, int]:
    """How many flags are open on this coach's caseload, by level."""
    return {row[0]: row[1] for row in ALARMS.rows(record.session, coach=record.person_id, day=record.today)}
