"""From where on the rules speak in one program: its own limits, where a manager set some, and ours elsewhere."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid5

from pydantic import BeforeValidator
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import NewForm, Posted, _, wrong
from app.models import people, rules
from app.models.rules import Limits
from app.owned import InProgram, Role
from app.query import Query
from app.record import Record

NO_NUMBER = _("Please write a number, like 8 or 2.5.")
NOT_WHOLE = _("Please write a whole number, from %(low)g to %(high)g.")
OUTSIDE = _("Please write a number from %(low)g to %(high)g.")
VA = _("The VA's guide to the BAM-IOP.")
OURS = _("Our own start. No study names one number.")


class Limit(InProgram, table=True):
    """One limit, set by somebody. Rows are only added; the newest of a name stands."""

    __tablename__ = "flag_limit"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"manager"})
    name: str = Field(max_length=20)
    value: float
    by: UUID
    at: datetime = Field(sa_type=Moment)


@dataclass(frozen=True)
class Told:
    """A limit in words: what it does, from what to what it may be set, and where what we start with comes from."""

    words: str
    low: float
    high: float
    source: str

    def refuses(self, value: float, whole: bool) -> str | None:
        if not self.low <= value <= self.high:
            return NOT_WHOLE if whole else OUTSIDE
        return NOT_WHOLE if whole and value != int(value) else None


# Doses come with medications: until then nothing asks for `dose_days`.
TOLD: Mapping[str, Told] = {
    "urge": Told(_("An urge is strong from this number on, of 10."), 1, 10, OURS),
    "bam_use": Told(_("BAM, Use: a closer look from so many points on."), 1, 12, VA),
    "bam_risk": Told(_("BAM, Risk: a closer look from so many points on."), 1, 24, VA),
    "bam_protective": Told(_("BAM, Protective: a closer look down from so many points."), 0, 24, VA),
    "phq_rise": Told(_("PHQ-9: a rise that matters, in points."), 1, 27, "Löwe et al. 2004, Med Care 42:1194"),
    "quiet_days": Told(_("Nothing shared for so many whole program days is silence."), 1, 30, OURS),
    "low_mood": Told(_("A day is very low up to this mean mood, of 5."), 1, 3, OURS),
    "low_mood_days": Told(_("So many very low days running are a reason to call."), 2, 14, OURS),
    "sleep_hours": Told(_("A night is short under so many hours."), 2, 9, OURS),
    "sleep_nights": Told(_("So many short nights of the last five are a reason to ask."), 1, 5, OURS),
    "off_course": Told(
        _("Off their own course: how far the last days are from the 28 before, in robust standard deviations."),
        1.5,
        5,
        _("Chosen on made people: 2 gave five times the false alarms, 3 found less."),
    ),
    "fewest": Told(_("So many days must be known before somebody has a course of their own."), 5, 28, OURS),
}


def _number(said: Any) -> float:
    try:
        value = float(str(said).strip().replace(",", "."))
    except ValueError:
        raise wrong(NO_NUMBER) from None
    if not math.isfinite(value):
        raise wrong(NO_NUMBER)
    return value


Number = Annotated[float, BeforeValidator(_number)]


class LimitsForm(NewForm):
    """All of them at once; only those that are another than now are kept."""

    urge: Number
    bam_use: Number
    bam_risk: Number
    bam_protective: Number
    phq_rise: Number
    quiet_days: Number
    low_mood: Number
    low_mood_days: Number
    sleep_hours: Number
    sleep_nights: Number
    off_course: Number
    fewest: Number


def current(record: Record) -> Limits:
    """What holds in this program now."""
    return Limits(**{name: _as(name, value) for name, value in SET.rows(record.session) if name in _KINDS})


SET = Query(select(Limit.name, Limit.value).order_by(col(Limit.at), col(Limit.id)))
_KINDS = {name: type(value) for name, value in vars(rules.DEFAULT).items()}


def _as(name: str, value: float) -> Any:
    return _KINDS[name](value)


def change(record: Record, form: Posted[LimitsForm]) -> Posted[LimitsForm]:
    """Set what is another than now. Sent twice it is set once."""
    if form.refused:
        return form
    asked, now = {name: getattr(form.values, name) for name in TOLD}, vars(current(record))
    for name, value in asked.items():
        _check(form, name, value)
    for name, value in asked.items() if not form.refused else ():
        if value != now[name]:
            row = Limit(id=uuid5(form.values.id, name), name=name, value=value, by=record.person_id, at=record.now)
            keep(record.session, row)
    return form


def _check(form: Posted[LimitsForm], name: str, value: float) -> None:
    told = TOLD[name]
    if said := told.refuses(value, _KINDS[name] is int):
        form.refuse(name, said, low=told.low, high=told.high)


def desk(record: Record) -> dict[str, Any]:
    """The page: each limit in words with what we start with, and who changed what, the latest first."""
    rows = record.session.exec(select(Limit).order_by(col(Limit.at).desc(), col(Limit.id)).limit(50)).all()
    return {
        "told": TOLD, "starts": vars(rules.DEFAULT), "changes": rows,
        "names": people.names(record, {row.by for row in rows}),
    }  # fmt: skip


def answers(record: Record) -> dict[str, str]:
    """What the form starts with."""
    now = vars(current(record))
    return {name: f"{now[name]:g}" for name in TOLD}
