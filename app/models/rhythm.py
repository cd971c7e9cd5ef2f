"""When a program asks for which measures: on coming, once a week, before leaving. Rows are added; the newest stands."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, get_args
from uuid import UUID

from pydantic import AfterValidator
from pydantic import Field as PydanticField
from sqlalchemy import CheckConstraint
from sqlmodel import Field, col, select

from app.content.instruments import Instrument, Use, instrument, instruments
from app.database import Moment, keep
from app.forms import NewForm, Posted, _, wrong
from app.models import people, phases
from app.owned import InProgram, Role
from app.query import Query
from app.record import Record

USES: tuple[Use, ...] = get_args(Use)
# How long something is asked for, in days: from the first on, from each week's day on, and up to the last.
COMING, WEEKLY, LEAVING = 14, 5, 7
# More questions a week than that, and fewer people answer (clinical.md).
WEEKLY_QUESTIONS = 22
SECONDS_EACH = 12

NOT_OURS = _("Please choose among the measures on this page.")


class Rhythm(InProgram, table=True):
    """All of what is asked, as somebody chose it at a moment: `asked` is "phq-9:weekly,gad-7:intake".

    `weekday` (0 is Monday) is when a week's measures are due.
    """

    kept_by: ClassVar[frozenset[Role]] = frozenset({"manager"})
    __table_args__ = (CheckConstraint("weekday between 0 and 6", name="rhythm_weekday"),)
    asked: str = Field(default="", max_length=2000)
    weekday: int = 0
    by: UUID
    at: datetime = Field(sa_type=Moment)


def choices() -> list[tuple[str, Use]]:
    """Whatever may be asked: each instrument, at each time that it is meant for."""
    return [(one.id, use) for one in instruments("en") for use in USES if use in one.use]


def _known(asked: list[str]) -> list[str]:
    if not set(asked) <= {f"{id}:{use}" for id, use in choices()}:
        raise wrong(NOT_OURS)
    return sorted(set(asked))


class RhythmForm(NewForm):
    """What is asked and when: "phq-9:weekly" for each, and the day of the week."""

    asked: Annotated[list[str], PydanticField(default_factory=list, max_length=60), AfterValidator(_known)]
    weekday: Annotated[int, PydanticField(ge=0, le=6)] = 0


@dataclass(frozen=True)
class Due:
    """A measure that is asked for, since when and until when. `taken` of it since then ends it."""

    id: str
    use: Use
    since: date
    until: date

    def said(self, language: str) -> Instrument:
        found = instrument(self.id, language)
        assert found  # noqa: S101 - only what there is becomes due
        return found

    @property
    def minutes(self) -> int:
        return minutes(self.said("en"))


def minutes(one: Instrument) -> int:
    """About how long it takes, in whole minutes, at 12 seconds a question."""
    return max(round(len(one.items) * SECONDS_EACH / 60), 1)


NEWEST = Query(select(Rhythm).order_by(col(Rhythm.at).desc(), col(Rhythm.id).desc()).limit(1))


def newest(record: Record) -> Any:
    """What was chosen last, if anything was: a row to read."""
    return NEWEST.first(record.session)


def asked(record: Record) -> frozenset[str]:
    """What the program asks now, as "phq-9:weekly"; nothing until somebody has chosen."""
    row = newest(record)
    return frozenset(row.asked.split(",")) if row and row.asked else frozenset()


def choose(record: Record, form: Posted[RhythmForm]) -> bool:
    """Keep a choice. Sent twice it is kept once. False: refused, and the form says so itself."""
    if form.refused:
        return False
    said = form.values
    row = Rhythm(
        id=said.id, asked=",".join(said.asked), weekday=said.weekday, by=record.person_id, at=record.now
    )  # fmt: skip
    keep(record.session, row)
    return True


def desk(record: Record, language: str) -> dict[str, Any]:
    """What lies beside the manager's form: the instruments, who chose last and when, and how many questions a week."""
    row, now = newest(record), asked(record)
    weekly = [one for one in instruments(language) if f"{one.id}:weekly" in now]
    return {
        "instruments": instruments(language), "minutes": minutes, "most": WEEKLY_QUESTIONS,
        "questions": sum(len(one.items) for one in weekly), "chosen_at": row.at if row else None,
        "chosen_by": people.names(record, {row.by}).get(row.by, "") if row else "",
    }  # fmt: skip


def answers(record: Record) -> dict[str, Any]:
    row = newest(record)
    return {"asked": sorted(asked(record)), "weekday": row.weekday if row else 0}


def now_due(record: Record) -> list[Due]:
    """What the program asks the participant for today, whether they have taken it or not, in the order of its time."""
    row, stays = newest(record), phases.stays(record)
    stay = stays.stay(record.participant_id, record.today)
    if row is None or stay is None:
        return []
    crossing, now, known = stays.crossing(record.participant_id, record.today), row.asked.split(","), choices()
    planned = stay.started_on + timedelta(weeks=crossing.weeks) if crossing else None
    spans = _spans(record.today, row.weekday, stay.started_on, stay.ended_on or planned)
    return [Due(id, use, *spans[use]) for use in spans for id, at in known if at == use and f"{id}:{use}" in now]


def _spans(today: date, weekday: int, first: date, last: date | None) -> dict[Use, tuple[date, date]]:
    """Each time that it is now, with its first and its last day. Pure."""
    week = today - timedelta(days=(today.weekday() - weekday) % 7)
    spans: dict[Use, tuple[date, date]] = {"intake": (first, first + timedelta(days=COMING - 1))}
    if week > first:
        spans["weekly"] = (week, week + timedelta(days=WEEKLY - 1))
    if last:
        spans["discharge"] = (last - timedelta(days=LEAVING - 1), last)
    return {use: span for use, span in spans.items() if span[0] <= today <= span[1]}
