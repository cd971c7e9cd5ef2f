"""The roll: who was at which sessions, by the calendar, the marks, what people claim and whom they told beforehand."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from app.forms import _
from app.models import people, phases, presence, sessions
from app.models.attendance import Claim, Mark
from app.models.presence import Turn
from app.models.sessions import KINDS, ProgramSession
from app.record import Record

# How far back a session that was missed with no word is a reason to call.
LATELY = timedelta(days=7)
# Fewer people than this are not shown: whoever knows who was there would know of each of them.
FEWEST = 5
SPAN, LONGEST = timedelta(days=90), timedelta(days=366)
UNDER = _("under %(fewest)s")
NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."


@dataclass(frozen=True)
class Missed:
    """The latest session that somebody missed with no word, and how many there were lately."""

    turn: Turn
    times: int


@dataclass
class Said:
    """What is known of who was at some sessions: session id → person → row."""

    marks: dict[UUID, dict[UUID, Mark]]
    claims: dict[UUID, dict[UUID, Claim]]
    aways: dict[UUID, dict[UUID, Any]]

    def turn(self, one: ProgramSession, person: UUID, expected: bool = True) -> Turn:
        """What is known of one person at one session."""
        made = Turn(
            id=one.id, on=one.on, starts_at=one.starts_at, ends_at=one.ends_at, title=one.title,
            expected=expected and one.happens, claimed=person in self.claims[one.id], away=person in self.aways[one.id],
        )  # fmt: skip
        mark = self.marks[one.id].get(person)
        return replace(made, **{name: getattr(mark, name) for name in MARKED}) if mark else made

    def of(self, person: UUID) -> set[UUID]:
        """The sessions of which there is a mark of somebody."""
        return {session for session, those in self.marks.items() if person in those}


MARKED = ("state", "mode", "minutes", "in_at", "out_at")


def said(record: Record, those: Iterable[ProgramSession]) -> Said:
    """What was marked, claimed and told beforehand of some sessions, in three queries however many they are."""
    ids = [one.id for one in those]
    return Said(_latest(record, Mark, ids), _latest(record, Claim, ids), defaultdict(dict, sessions.aways(record, ids)))


def _latest(record: Record, model: Any, ids: Collection[UUID]) -> dict[UUID, dict[UUID, Any]]:
    found: dict[UUID, dict[UUID, Any]] = defaultdict(dict)
    asked = select(model).where(model.session_id.in_(ids)).order_by(model.at, model.id)
    for row in record.session.exec(asked):
        found[row.session_id][row.participant_id] = row
    return found


# --- one person's


def turns(record: Record, first: date, last: date) -> list[Turn]:
    """The sessions on some local days at which the person whose record is open was expected, or was; oldest first."""
    those, where = sessions.between(record, first, last), sessions.placed(record)
    known, me = said(record, those), record.participant_id
    marked = known.of(me)
    found = [(one, me in where.at(one)) for one in those]
    return [
        known.turn(one, me, expected) for one, expected in found if one.id in marked or (expected and one.happens)
    ]  # fmt: skip


def of_one(record: Record) -> dict[str, Any]:
    """One person's attendance since their stay began, and this week's sessions that are still ahead."""
    stay = people.episode_of(record.session, record.participant_id)
    first = stay.started_on if stay else record.today
    found = turns(record, first, max(record.today, presence.monday(record.today) + timedelta(days=6)))
    over = [turn for turn in found if turn.there or presence.standing(turn, record.now) != "ahead"]
    return {
        "since": first, "turns": list(reversed(found)), "tally": presence.tally(over, record.now),
        "weeks": presence.weeks(over, planned(record), record.now), "standing": presence.standing,
        "minutes_of": presence.minutes, "by_day": dict(presence.days(found)),
    }  # fmt: skip


def planned(record: Record) -> Callable[[date], int | None]:
    """How many sessions a week belong to the phase in which this person is on a day."""
    stays = phases.stays(record)
    sizes = {phase.number: phase.sessions_a_week for phase in stays.phases}

    def tell(day: date) -> int | None:
        number = stays.number(record.participant_id, day)
        return None if number is None else sizes.get(number)

    return tell


# --- many people's


def missed(record: Record, those: Collection[UUID]) -> dict[UUID, Missed]:
    """Who of these missed a session with no word in the last week. Queries grow neither with them nor with sessions."""
    found = [one for one in sessions.between(record, record.today - LATELY, record.today) if one.happens]
    over = [one for one in found if record.now - one.ends_at > presence.SETTLED]
    if not over or not those:
        return {}
    where, known = sessions.placed(record), said(record, over)
    rooms = [(one, {*where.at(one), *known.marks[one.id]}) for one in over]
    by_person = {
        person: presence.last_missed([known.turn(one, person) for one, there in rooms if person in there], record.now)
        for person in those
    }  # fmt: skip
    return {person: Missed(turns[-1], len(turns)) for person, turns in by_person.items() if turns}


def counted(record: Record, first: date, last: date) -> list[tuple[date, str, int]]:
    """On each day with sessions, for each kind of them: how many different people were there. No names."""
    those = [one for one in sessions.between(record, first, last) if one.happens and one.ends_at <= record.now]
    known = said(record, those)
    there: dict[tuple[date, str], set[UUID]] = {(one.on, one.kind): set() for one in those}
    for one in those:
        there[one.on, one.kind] |= {who for who, mark in known.marks[one.id].items() if mark.state in presence.THERE}
    return [(day, kind, len(who)) for (day, kind), who in sorted(there.items())]


def span(record: Record, first: str, last: str) -> tuple[date, date]:
    """The days that are asked for; what cannot be meant is the last 90 days, and more than a year is a year."""
    ends = _day(last) or record.today
    starts = _day(first) or ends - min(SPAN, ends - date.min)
    return max(min(starts, ends), ends - min(LONGEST, ends - date.min)), ends


def _day(said: str) -> date | None:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    return day if sessions.FIRST <= day <= date(2200, 1, 1) else None


def table(record: Record, days: tuple[date, date], speak: Callable[[str], str]) -> str:
    """`counted` as CSV. One number a row and no sums: nothing can be reckoned out of the difference of two."""
    under = speak(UNDER) % {"fewest": FEWEST}
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow([speak(_("day")), speak(_("kind of session")), speak(_("people who were there"))])
    for day, kind, count in counted(record, *days):
        rows.writerow(map(cell, (day.isoformat(), speak(KINDS[kind]), str(count) if count >= FEWEST else under)))
    rows.writerow([])
    rows.writerow([speak(_("Fewer than %(fewest)s people are not counted here.")) % {"fewest": FEWEST}])
    rows.writerow([NOTICE])
    return written.getvalue()


def cell(words: str) -> str:
    """What a spreadsheet shows and does not carry out: a formula begins with one of these."""
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")) else words
