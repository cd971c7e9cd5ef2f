"""Persons, what they may do (memberships), their stays (episodes) and who coaches whom, with dates."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, Session, col, select

from app.owned import InProgram, Owned, Readable, Role
from app.query import Query, given

if TYPE_CHECKING:
    from app.record import Record

ROLES = ("participant", "coach", "supporter", "manager")
STAFF = frozenset({"coach", "manager"})
# How somebody is called whose key, and so whose name, was destroyed.
ERASED = "—"
OFFICE: frozenset[Role] = frozenset({"manager", "coach", "keeper"})


class Person(InProgram, table=True):
    """A human with a sign-in. The name is sealed under the person's own key."""

    kept_by_oneself: ClassVar[bool] = True
    name: bytes = Field(sa_type=LargeBinary)
    language: str = Field(default="", max_length=2)
    zone: str = Field(default="", max_length=64)


class PersonKey(InProgram, table=True):
    """The key of one person's words, wrapped by the program's key. Destroying the row erases the person."""

    __tablename__ = "person_key"
    key: bytes = Field(sa_type=LargeBinary)


class Membership(InProgram, table=True):
    """What a person may do in the program."""

    __table_args__ = (
        UniqueConstraint("program_id", "person_id", "role"),
        CheckConstraint("role in ('participant','coach','supporter','manager')", name="membership_role"),
        ForeignKeyConstraint(["program_id", "person_id"], ["person.program_id", "person.id"]),
    )
    person_id: UUID
    role: str = Field(max_length=12)
    since: date
    until: date | None = None


class Episode(Owned, table=True):
    """A participant's stay in the program. `ended_by`: who wrote down its last day."""

    read_as: ClassVar[Readable] = "office"
    kept_by: ClassVar[frozenset[Role]] = OFFICE
    __table_args__ = (Index("episode_of", "program_id", "participant_id"),)
    started_on: date
    ended_on: date | None = None
    ended_by: UUID | None = None


class Coaching(Owned, table=True):
    """A participant is on a coach's caseload, from a day to a day. `cover_id`: for as long as another coach is away."""

    read_as: ClassVar[Readable] = "office"
    kept_by: ClassVar[frozenset[Role]] = OFFICE
    __table_args__ = (
        Index("coaching_by", "program_id", "coach_id", "participant_id"),
        Index("coaching_of", "program_id", "participant_id"),
    )
    coach_id: UUID
    since: date
    until: date | None = None
    cover_id: UUID | None = None


_DAY = given("day", col(Coaching.since))
PERSON = Query(select(Person).where(Person.id == given("id", col(Person.id))))


def on(day: Any, model: Any) -> Any:
    """The row holds on that day: it has begun, and has not ended before."""
    return (model.since <= day) & (model.until.is_(None) | (model.until >= day))


COACHES_OF = Query(
    select(Coaching.coach_id)
    .where(Coaching.participant_id == given("one", col(Coaching.participant_id)), on(_DAY, Coaching))
    .order_by(col(Coaching.since), col(Coaching.id))
)


def coaches_of(session: Session, participant_id: UUID, day: date) -> Sequence[UUID]:
    """The coaches whose caseload a participant is on that day, longest first."""
    return [row.coach_id for row in COACHES_OF.rows(session, one=participant_id, day=day)]


CASELOAD = Query(
    select(Coaching)
    .where(Coaching.coach_id == given("coach", col(Coaching.coach_id)), on(_DAY, Coaching))
    .order_by(col(Coaching.cover_id).is_not(None), col(Coaching.since), col(Coaching.id))
)


def caseload(record: "Record") -> "dict[UUID, Coaching]":
    """Who is on this coach's caseload today, longest first: one's own, before those of somebody who is away. Rows to
    read."""
    found: dict[UUID, Coaching] = {}
    for row in CASELOAD.rows(record.session, coach=record.person_id, day=record.today):
        found.setdefault(row.participant_id, row)
    return found


EPISODES_OF = Query(
    select(Episode)
    .where(Episode.participant_id == given("one", col(Episode.participant_id)))
    .order_by(col(Episode.started_on).desc())
)


def episode_of(session: Session, participant_id: UUID) -> Any:
    """The latest stay of a participant, if there is any: a row to read."""
    return EPISODES_OF.first(session, one=participant_id)


def over(session: Session, participant_id: UUID, day: date) -> date | None:
    """The last day of somebody's stay, when that is before a day."""
    stay = episode_of(session, participant_id)
    return stay.ended_on if stay and stay.ended_on and stay.ended_on < day else None


def with_role(session: Session, role: str, day: date) -> Sequence[UUID]:
    """The persons who hold a role on that day."""
    those = select(Membership.person_id).where(Membership.role == role, on(day, Membership))
    return session.exec(those.order_by(col(Membership.since), col(Membership.id))).all()


ROLES_OF = Query(
    select(Membership.role).where(Membership.person_id == given("one", col(Membership.person_id)), on(_DAY, Membership))
)


def roles_of(session: Session, person_id: UUID, day: date) -> frozenset[str]:
    return frozenset(row.role for row in ROLES_OF.rows(session, one=person_id, day=day))


NAMES = Query(select(Person.id, Person.name).where(col(Person.id).in_(given("ids", col(Person.id), many=True))))


def names(record: "Record", persons: Collection[UUID]) -> dict[UUID, str]:
    """The names of many persons, in their order, with two queries however many they are and none for nobody."""
    if not persons:
        return {}
    sealed = {row.id: row.name for row in NAMES.rows(record.session, ids=persons)}
    record.keyring.fetch(persons)
    return {one: record.unseal(Person, "name", one, sealed[one], one) or ERASED for one in persons if one in sealed}


def coaches(record: "Record") -> dict[UUID, str]:
    """The coaches of the program today, by name."""
    return names(record, with_role(record.session, "coach", record.today))


def coach_names(record: "Record") -> list[str]:
    """Who coaches this participant today."""
    return list(names(record, coaches_of(record.session, record.participant_id, record.today)).values())
