"""Who covers for a coach who is away: from a day to a day, with the coach's own doors and walls.

What opens a record is a row of Coaching, for whoever covers as for anybody: each names the cover that it comes from,
and ends by itself. Nobody covers for somebody who counts on them in turn.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BeforeValidator
from sqlalchemy import Index, or_
from sqlmodel import Field, col, select

from app import database
from app.database import Moment, new_id
from app.forms import NewForm, Posted, _, empty_is_none
from app.models import people, sessions
from app.models.people import Coaching
from app.owned import InProgram, Role
from app.query import Query
from app.query import given as gap
from app.record import NotYours, Record, once

LONGEST = timedelta(days=92)
AHEAD = timedelta(days=366)
Opens = Callable[[Collection[UUID]], Iterable[Record]]

CHOOSE = _("Please choose one of the answers.")
ONESELF = _("Nobody can cover for themselves. Please choose somebody else.")
NOT_HERE = _("%(who)s does not coach here on all of these days. Please choose somebody else.")
BACKWARD = _("The last day is before the first. Please look at both.")
PAST = _("These days are over. Please choose a first day from today on.")
FAR = _("Please choose days within the next year, three months of them at most.")
COVERED = _("Somebody covers for %(who)s on some of these days already. End that first, or choose other days.")
AWAY_TOO = _("%(who)s is away on some of these days as well. Please choose somebody else.")
COUNTED_ON = _("%(who)s covers for somebody on some of these days. Find another cover there first.")
KEPT = _("This page has kept a cover already, as it stands below. Send it once more to keep another one.")


class Cover(InProgram, table=True):
    """`cover_id` has the people of `coach_id` from a day up to and with a day. Who ends it early is written down."""

    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (Index("cover_until", "program_id", "last_on"),)
    coach_id: UUID
    cover_id: UUID
    first_on: date
    last_on: date
    by: UUID
    made_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_by: UUID | None = None

    def says(self, form: "CoverForm", coach: UUID) -> bool:
        said = (coach, form.cover, form.first_on, form.last_on)
        return (self.coach_id, self.cover_id, self.first_on, self.last_on) == said


class CoverForm(NewForm):
    """Who is away, who covers, from which day to which. Without `coach` it is whoever sends it."""

    coach: Annotated[UUID | None, BeforeValidator(empty_is_none)] = None
    cover: UUID
    first_on: date
    last_on: date


@dataclass(frozen=True)
class Stead:
    """A cover in words: by name who is away, who is there instead, and the last day. `mine`: this reader may end it."""

    id: UUID
    coach: str
    cover: str
    first_on: date
    last_on: date
    mine: bool = False


# --- what stands


STANDING = Query(
    select(Cover)
    .where(
        Cover.first_on <= gap("last", col(Cover.first_on)), Cover.last_on >= gap("first", col(Cover.last_on)),
        col(Cover.ended_at).is_(None),
    )
    .order_by(col(Cover.first_on), col(Cover.id))
)  # fmt: skip


def standing(record: Record, first: date, last: date) -> Sequence[Cover]:
    """The covers that hold on some of these days, as they begin: rows to read."""
    return STANDING.rows(record.session, first=first, last=last)


@once
def of_today(record: Record) -> Sequence[Cover]:
    return standing(record, record.today, record.today)


def today(record: Record) -> dict[UUID, Stead]:
    """The covers of today, by id."""
    return {one.id: one for one in told(record, of_today(record))}


def told(record: Record, rows: Collection[Cover]) -> list[Stead]:
    names = people.names(record, {person for row in rows for person in (row.coach_id, row.cover_id)})
    manages = bool(rows) and sessions.manages(record)
    return [
        Stead(row.id, names.get(row.coach_id, ""), names.get(row.cover_id, ""), row.first_on, row.last_on,
              manages or row.coach_id == record.person_id)
        for row in rows
    ]  # fmt: skip


_MINE = select(Coaching.cover_id).where(
    Coaching.participant_id == gap("one", col(Coaching.participant_id)),
    people.on(gap("day", col(Coaching.since)), Coaching),
)
OF_ONE = Query(
    select(Cover).where(col(Cover.id).in_(_MINE), col(Cover.ended_at).is_(None)).order_by(col(Cover.last_on))
)


def of_one(record: Record) -> list[Stead]:
    """Who reads today instead of whom, for the participant whose record is open."""
    return told(record, OF_ONE.rows(record.session, one=record.participant_id, day=record.today))


def desk(record: Record) -> dict[str, Any]:
    """The page: who covers for whom, now and later, and whom one may choose."""
    manages = sessions.manages(record)
    return {
        "covers": told(record, standing(record, record.today, record.today + AHEAD + LONGEST)),
        "coaches": people.coaches(record), "manages": manages, "day": record.today, "me": record.person_id,
    }  # fmt: skip


# --- begun and ended


def begun(record: Record, form: Posted[CoverForm], opens: Opens) -> bool:
    """Keep a cover, and give whoever covers the people. Sent twice it is once. False: the form says why not."""
    if form.refused:
        return False
    coach = form.values.coach or record.person_id
    kept = record.session.get(Cover, (record.program.id, form.values.id))
    if kept:
        return kept.says(form.values, coach) or not form.refuse("id", KEPT)
    if _checked(record, form, coach).refused:
        return False
    made = form.values
    row = Cover(
        id=made.id, coach_id=coach, cover_id=made.cover, first_on=made.first_on, last_on=made.last_on,
        by=record.person_id, made_at=record.now,
    )  # fmt: skip
    if database.keep(record.session, row):
        _lend(row, _coached(record, row), opens)
    return True


def _checked(record: Record, form: Posted[CoverForm], coach: UUID) -> Posted[CoverForm]:
    made, known = form.values, people.coaches(record)
    if coach not in known or not (coach == record.person_id or sessions.manages(record)):
        return form.refuse("coach", CHOOSE)
    if made.cover not in known:
        return form.refuse("cover", CHOOSE)
    if made.cover == coach:
        return form.refuse("cover", ONESELF)
    if said := _wrong_days(record, made):
        return form.refuse(*said)
    if _leaves(record, made.cover, made.last_on):
        return form.refuse("cover", NOT_HERE, who=known[made.cover])
    return _fits(record, form, coach, known)


def _wrong_days(record: Record, made: CoverForm) -> tuple[str, str] | None:
    if made.last_on < made.first_on:
        return "last_on", BACKWARD
    if made.first_on < record.today:
        return "first_on", PAST
    far = made.first_on - record.today > AHEAD or made.last_on - made.first_on > LONGEST
    return ("last_on", FAR) if far else None


def _leaves(record: Record, cover: UUID, last: date) -> bool:
    """Whether somebody does not coach in the program any more on a day."""
    return "coach" not in people.roles_of(record.session, cover, last)


def _fits(record: Record, form: Posted[CoverForm], coach: UUID, known: dict[UUID, str]) -> Posted[CoverForm]:
    """Nobody is covered twice, and no cover hangs on another."""
    made = form.values
    others = standing(record, made.first_on, made.last_on)
    if any(other.coach_id == coach for other in others):
        return form.refuse("first_on", COVERED, who=known[coach])
    if any(other.coach_id == made.cover for other in others):
        return form.refuse("cover", AWAY_TOO, who=known[made.cover])
    if any(other.cover_id == coach for other in others):
        return form.refuse("first_on", COUNTED_ON, who=known[coach])
    return form


def _coached(record: Record, row: Cover) -> Sequence[Coaching]:
    """What is lent: who is on the caseload of a coach on some of the days, not by a cover."""
    days = Coaching.since <= row.last_on, or_(col(Coaching.until).is_(None), col(Coaching.until) >= row.first_on)
    mine = select(Coaching).where(Coaching.coach_id == row.coach_id, col(Coaching.cover_id).is_(None), *days)
    return record.session.exec(mine).all()


def _lend(row: Cover, those: Sequence[Coaching], opens: Opens) -> None:
    by_person = {one.participant_id: one for one in those}
    for record, one in zip(opens(list(by_person)), by_person.values(), strict=True):
        record.session.add(_lent(row, one))
        record.session.flush()


def _lent(row: Cover, one: Coaching) -> Coaching:
    """One participant, for as long as both the cover and the coaching hold."""
    return Coaching(
        id=new_id(), participant_id=one.participant_id, coach_id=row.cover_id, since=max(one.since, row.first_on),
        until=min(one.until or row.last_on, row.last_on), cover_id=row.id,
    )  # fmt: skip


def given(record: Record, one: Coaching) -> None:
    """Somebody is put on a coach's caseload: whoever covers for the coach has them too. Needs a record that may."""
    record.session.add(one)
    for row in standing(record, one.since, one.until or date.max):
        if row.coach_id == one.coach_id:
            record.session.add(_lent(row, one))
    record.session.flush()


def ended(record: Record, cover_id: UUID, opens: Opens) -> None:
    """End a cover now: from the next request on nobody reads by it. Raises NotYours; twice is once."""
    row = record.session.get(Cover, (record.program.id, cover_id))
    if row is None or not (row.coach_id == record.person_id or sessions.manages(record)):
        raise NotYours("cover")
    if row.ended_at:
        return
    row.ended_at, row.ended_by = record.now, record.person_id
    yesterday, lent = record.today - timedelta(days=1), select(Coaching).where(Coaching.cover_id == row.id)
    by_person = {one.participant_id: one for one in record.session.exec(lent).all()}
    for opened, one in zip(opens(list(by_person)), by_person.values(), strict=True):
        one.until = min(one.until or yesterday, yesterday)
        opened.session.flush()
