"""What the office's pages of the calendar show."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from app.forms import blank
from app.models import people, phases, program, sessions
from app.models import series as office
from app.models.agenda import REASONS
from app.models.sessions import KINDS, NEXT, ProgramSession, Series
from app.record import Record

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FAR = timedelta(days=3660)


def week(record: Record, said: str) -> dict[str, Any]:
    """All sessions of one week, from Monday, with who leads them, how many are expected, and what overlaps."""
    monday = _monday(record, said)
    found = sessions.between(record, monday, monday + WEEK - DAY)
    where = sessions.placed(record)
    return {
        "days": [(day, list(those)) for day, those in groupby(found, key=lambda one: one.on)],
        "expected": {one.id: len(where.at(one)) for one in found},
        "away": {of: len(those) for of, those in sessions.aways(record, [one.id for one in found]).items()},
        "names": sessions.leaders(record, found), "clashes": sessions.clashes(found), "kinds": KINDS,
        "monday": monday, "before": monday - WEEK, "after": monday + WEEK, "today": record.today,
        "manages": sessions.manages(record),
    }  # fmt: skip


def _monday(record: Record, said: str) -> date:
    """The Monday of a day in an address; of this week when that is no day near enough to plan for."""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = record.today
    day = day if abs(day - record.today) < FAR else record.today
    return day - timedelta(days=day.weekday())


def listed(record: Record) -> dict[str, Any]:
    """Every series that has not ended, by title, with its next session."""
    coming = sessions.between(record, record.today, record.today + NEXT)
    first: dict[UUID, ProgramSession] = {}
    for one in coming:
        first.setdefault(one.series_id, one)
    found = sorted(first.values(), key=lambda one: one.title.casefold())
    return {
        "found": found,
        "names": sessions.leaders(record, found),
        "kinds": KINDS,
        "manages": sessions.manages(record),
    }


def starts(record: Record) -> dict[str, Any]:
    """What the form of a new series starts with."""
    return {
        "kind": "group", "starts_on": record.today, "at": "18:00", "minutes": 90, "every": 1,
        "facilitator": record.person_id,
    }  # fmt: skip


def choices(record: Record) -> dict[str, Any]:
    """From what the form of a series lets somebody choose. A coach who manages nothing leads what they plan."""
    leaders = office.staff(record)
    if not sessions.manages(record):
        leaders = {record.person_id: leaders.get(record.person_id, "")}
    return {"leaders": leaders, "phases": program.phases(record.session), "kinds": KINDS}


def told(record: Record, series_id: UUID) -> dict[str, Any]:
    """The page of a series: how it goes, its next sessions, who is on its roster, and how it went before."""
    rows = office.history(record, series_id)
    row = office.latest(record, series_id)
    coming = sessions.between(record, record.today, record.today + NEXT)
    ours = [one for one in coming if one.series_id == series_id]
    where = sessions.placed(record)
    persons = where.at(ours[0]) if ours else []
    names = people.names(record, {*persons, *(each.facilitator_id for each in rows), *(each.by for each in rows)})
    overlaps = sessions.clashes(coming)
    return {
        "row": row, "said": sessions.opened(record, Series, row), "rows": rows, "ours": ours, "names": names,
        "persons": persons,
        "overlaps": [(one, clash) for one in ours for clash in overlaps.get(one.id, [])], "kinds": KINDS,
        "leaders": sessions.leaders(record, coming), "may": office.may(record, row.facilitator_id),
        "series_id": series_id, "today": record.today,
    }  # fmt: skip


def one(record: Record, of: UUID) -> dict[str, Any]:
    """The page of one session for the office: who is expected, who will be away, what was changed."""
    found = sessions.find(record, of)
    persons = sessions.roster(record, found)
    away = sessions.aways(record, [of]).get(of, {})
    differs = office.differs(record, of)
    covers = {each["row"].cover_id for each in differs} - {None}
    names = people.names(record, {*persons, *away, *covers, *(each["row"].by for each in differs)})
    return {
        "one": found, "names": names, "persons": persons, "away": away, "differing": differs,
        "words": {row.id: sessions.away_words(record, row) for row in away.values()},
        "leaders": sessions.leaders(record, [found]), "staff": office.staff(record), "kinds": KINDS,
        "may": sessions.leads(record, found), "reasons": REASONS,
    }  # fmt: skip


def shape(record: Record, changing: UUID | None = None) -> dict[str, Any]:
    """The program's phases and days off. `changing`: the phase whose form came back."""
    return {
        "phases": program.phases(record.session), "holidays": office.rests(record), "today": record.today,
        "changing": changing,
    }  # fmt: skip


def blanks(record: Record) -> dict[str, Any]:
    """The forms of one participant's page: of the phase, of the roster, and of the last day."""
    stay = people.episode_of(record.session, record.participant_id)
    leaving = blank(last_day=(stay and stay.ended_on) or "")
    return {"form": blank(since=record.today), "seating": blank(since=record.today), "leaving": leaving}


def person(record: Record) -> dict[str, Any]:
    """Where one participant stands, on which rosters they are, and what they are expected at."""
    whose = record.participant_id
    coming = sessions.between(record, record.today, record.today + NEXT)
    where = sessions.placed(record)
    titles = {one.series_id: one.title for one in coming}
    by_hand = [
        series_id for series_id, seats in where.seats.items() if any(seat.until is None for seat in seats)
    ]  # fmt: skip
    return {
        "person_id": whose, "name": record.name(whose), "crossing": where.stays.crossing(whose, record.today),
        "phases": where.stays.phases, "changes": phases.history(record), "titles": titles, "by_hand": by_hand,
        "expected": [one for one in coming if one.on < record.today + 2 * WEEK and whose in where.at(one)],
        "today": record.today,
    }  # fmt: skip
