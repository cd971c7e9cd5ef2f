"""The phases of a stay, and who is in which on a day: by the dates of the stay, unless somebody decided otherwise."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import Form, NewForm, Posted, Text, _, empty_is_none
from app.models import people
from app.models.people import Episode
from app.models.program import Crossing, Phase, crossing, phase_on, phases
from app.owned import Owned, Readable, Role
from app.query import Query, given
from app.record import NotYours, Record, once

BACK, AHEAD = timedelta(days=31), timedelta(days=730)
NOT_THEIRS = _("Only their coach or a manager can change the phase of this person.")
FAR = _("Please choose a day from a month ago to two years from now.")


class PhaseChange(Owned, table=True):
    """Who put somebody into which phase (its number), from which day on, and why. The latest of a day stands."""

    __tablename__ = "phase_change"
    read_as: ClassVar[Readable] = "office"
    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (
        CheckConstraint("number > 0", name="phase_change_number"),
        Index("phase_change_of", "program_id", "participant_id", "since"),
    )
    number: int
    since: date
    why: bytes | None = Field(default=None, sa_type=LargeBinary)
    by: UUID
    made_at: datetime = Field(sa_type=Moment)


_LATEST = (col(PhaseChange.made_at).desc(), col(PhaseChange.id).desc())


class PhaseForm(Form):
    """How long a phase is, and how full."""

    name: Annotated[Text, PydanticField(min_length=1, max_length=60)]
    weeks: Annotated[int, PydanticField(ge=1, le=104)]
    sessions_a_week: Annotated[int, PydanticField(ge=0, le=40)]


class PhaseChangeForm(NewForm):
    """Somebody goes on to a phase, or back to one, from a day on."""

    number: Annotated[int, PydanticField(ge=1, le=99)]
    since: date
    why: Annotated[Text, PydanticField(min_length=1)]


class LastDayForm(Form):
    """The last day of a stay; empty: it goes on."""

    last_day: Annotated[date | None, BeforeValidator(empty_is_none)] = None


@dataclass
class Stays:
    """All stays that a reader may see, with the changes of phase in them: two queries and the program's phases."""

    phases: Sequence[Phase]
    episodes: dict[UUID, list[Episode]] = field(default_factory=lambda: defaultdict(list))
    changes: dict[UUID, list[PhaseChange]] = field(default_factory=lambda: defaultdict(list))

    def on(self, day: date) -> dict[UUID, int]:
        """Who is in the program on a day, and in which phase (its number)."""
        numbers = {person: self.number(person, day) for person in self.episodes}
        return {person: number for person, number in numbers.items() if number is not None}

    def number(self, person: UUID, day: date) -> int | None:
        stay = self.stay(person, day)
        if stay is None:
            return None
        phase = phase_on(self.phases, stay.started_on, day, self.of(person, stay))
        return phase.number if phase else 0

    def stay(self, person: UUID, day: date) -> Episode | None:
        those = (one for one in self.episodes[person] if one.started_on <= day and not _ended(one, day))
        return max(those, key=lambda one: one.started_on, default=None)

    def latest(self, person: UUID) -> Episode | None:
        return max(self.episodes[person], key=lambda one: one.started_on, default=None)

    def of(self, person: UUID, stay: Episode) -> list[PhaseChange]:
        """The changes of one stay; those of an earlier one are over."""
        return [change for change in self.changes[person] if change.since >= stay.started_on]

    def crossing(self, person: UUID, today: date) -> Crossing | None:
        """Where somebody's latest stay stands, also before it starts and after it ended."""
        stay = self.latest(person)
        return crossing(self.phases, stay.started_on, today, self.of(person, stay)) if stay else None


def _ended(stay: Episode, day: date) -> bool:
    return stay.ended_on is not None and stay.ended_on < day


def _of(rows: Any, person: Any) -> Query:
    return Query(rows.where(col(person).in_(given("those", person, many=True))))


_EPISODES = select(Episode).order_by(col(Episode.started_on))
_CHANGES = select(PhaseChange).order_by(col(PhaseChange.since), col(PhaseChange.made_at), col(PhaseChange.id))
EPISODES, EPISODES_OF = Query(_EPISODES), _of(_EPISODES, Episode.participant_id)
CHANGES, CHANGES_OF = Query(_CHANGES), _of(_CHANGES, PhaseChange.participant_id)


@once
def stays(record: Record, those: tuple[UUID, ...] | None = None) -> Stays:
    """The stays that this reader may see: a participant's own, one person's, or everybody's; or only those people's."""
    found, session = Stays(phases(record.session)), record.session
    for episode in EPISODES.rows(session) if those is None else EPISODES_OF.rows(session, those=those):
        found.episodes[episode.participant_id].append(episode)
    for change in CHANGES.rows(session) if those is None else CHANGES_OF.rows(session, those=those):
        found.changes[change.participant_id].append(change)
    return found


def over(record: Record) -> date | None:
    """The last day of the stay of whose record is open, when that is before today."""
    stay = stays(record).latest(record.participant_id)
    return stay.ended_on if stay and _ended(stay, record.today) else None


def change(record: Record, form: PhaseChangeForm) -> None:
    """Put the participant whose record is open into a phase from a day on. Sent twice it is once."""
    why = record.seal(PhaseChange, "why", form.id, form.why)
    row = PhaseChange(
        id=form.id, number=form.number, since=form.since, why=why, by=record.person_id, made_at=record.now
    )  # fmt: skip
    keep(record.session, row)


def checked(record: Record, form: Posted[PhaseChangeForm]) -> Posted[PhaseChangeForm]:
    """Their coach or a manager asks, it is a phase of the program, and a day that somebody can mean."""
    if form.refused:
        return form
    if not may(record):
        form.refuse("", NOT_THEIRS)
    if form.values.number not in {phase.number for phase in phases(record.session)}:
        form.refuse("number", _("Please choose one of the answers."))
    if not record.today - BACK <= form.values.since <= record.today + AHEAD:
        form.refuse("since", FAR)
    return form


def ended(record: Record, form: Posted[LastDayForm]) -> Posted[LastDayForm]:
    """The stay of this participant ends with a day, or goes on. Refused, the form says so itself."""
    if not form.refused and not may(record):
        form.refuse("", NOT_THEIRS)
    last, stay = (
        None if form.refused else form.values.last_day,
        people.episode_of(record.session, record.participant_id),
    )
    if last and stay and not max(stay.started_on, record.today - BACK) <= last <= record.today + AHEAD:
        form.refuse("last_day", FAR)
    if stay and not form.refused:
        row = record.session.get_one(Episode, (record.program.id, stay.id))
        row.ended_on, row.ended_by = last, record.person_id if last else None
        record.session.flush()
    return form


def may(record: Record) -> bool:
    """Managers decide of everybody's phase, coaches of that of the people they coach."""
    coaches = people.coaches_of(record.session, record.participant_id, record.today)
    roles = people.roles_of(record.session, record.person_id, record.today)
    return record.person_id in coaches or "manager" in roles


def history(record: Record) -> list[dict[str, Any]]:
    """What was decided of the phase of the participant whose record is open, the latest first."""
    rows = record.session.exec(select(PhaseChange).order_by(*_LATEST)).all()
    names = people.names(record, {row.by for row in rows})
    return [
        {"row": row, "by": names.get(row.by, ""),
         "why": record.unseal(PhaseChange, "why", row.id, row.why, row.participant_id)}
        for row in rows
    ]  # fmt: skip


def find(record: Record, phase_id: UUID) -> Phase:
    phase = record.session.get(Phase, (record.program.id, phase_id))
    if phase is None:
        raise NotYours("phase")
    return phase


def size(record: Record, phase_id: UUID, form: PhaseForm) -> None:
    """Change how long a phase of the program is, and how many sessions a week it holds."""
    find(record, phase_id).sqlmodel_update(form.model_dump(exclude={"whose"}))
    record.session.flush()
