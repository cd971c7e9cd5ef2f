"""The office's side of the calendar: series that begin, change and end, sessions that differ, days off, rosters."""

from datetime import date, time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from sqlmodel import col, select

from app.database import keep
from app.forms import Id, NewForm, Posted, Text, _, empty_is_none, wrong
from app.models import people, program, recurrence, sessions
from app.models.phases import AHEAD, BACK, FAR
from app.models.sessions import NEXT, Change, Holiday, ProgramSession, Seat, Series, sealed
from app.record import NotYours, Record

OVERTAKEN = _("Somebody changed this series meanwhile. Please look at it once more, and send again to keep yours.")
NO_LINK = _("Please write a link that starts with https://, so that nobody can listen in.")
ENDS_FIRST = _("The series would end before it starts. Please look at the two days once more.")
NEVER = _("No session would ever come of this. Please look at the weekdays and the last day once more.")

A_YEAR = timedelta(days=366)

Line = Annotated[Text, Field(max_length=80)]
Day = Annotated[date | None, BeforeValidator(empty_is_none)]
Clock = Annotated[time | None, BeforeValidator(empty_is_none)]
Someone = Annotated[UUID | None, BeforeValidator(empty_is_none)]
Times = Annotated[Annotated[int, Field(ge=1, le=400)] | None, BeforeValidator(empty_is_none)]


def _https(link: str) -> str:
    if link and (urlsplit(link).scheme != "https" or not urlsplit(link).hostname or len(link.split()) > 1):
        raise wrong(NO_LINK)
    return link


Link = Annotated[Text, AfterValidator(_https)]


class SeriesForm(NewForm):
    """How a series goes, from `starts_on` on. `every`: every so many weeks, 0 is once. `seen`: the row it changes.

    It ends after `last`, or after so many `times`, whichever comes first; without both it goes on.
    """

    kind: Literal[
        "group", "individual", "family", "couples", "skills", "psychoeducation", "experiential", "mindfulness",
        "relapse-prevention", "medication", "vocational", "coaching",
    ]  # fmt: skip
    title: Annotated[Line, Field(min_length=1)]
    starts_on: date
    at: time
    minutes: Annotated[int, Field(ge=1, le=720)]
    every: Annotated[int, Field(ge=0, le=8)] = 1
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(default_factory=list)
    last: Day = None
    times: Times = None
    place: Line = ""
    link: Link = ""
    facilitator: UUID
    phases: list[Annotated[int, Field(ge=1, le=99)]] = Field(default_factory=list)
    on_holidays: bool = False
    seen: Annotated[Id | None, BeforeValidator(empty_is_none)] = None

    @model_validator(mode="after")
    def _ends_later(self) -> "SeriesForm":
        if self.last and self.last < self.starts_on:
            raise wrong(ENDS_FIRST)
        return self

    def rule(self) -> str:
        """The weekdays that were ticked, or that of the first day; `times` become the day of the last."""
        if not self.every:
            return ""
        days = self.weekdays or [self.starts_on.weekday()]
        last = self.last
        if self.times:
            counted = recurrence.last_of(recurrence.weekly(days, self.every), self.starts_on, self.times)
            last = min(last or counted, counted)
        return recurrence.weekly(days, self.every, last)


class EndForm(NewForm):
    """From this day on there is none."""

    starts_on: date


class ChangeForm(NewForm):
    """What is different in one session. Empty is as planned."""

    takes_place: bool = True
    moved_on: Day = None
    moved_at: Clock = None
    place: Line = ""
    link: Link = ""
    cover: Someone = None
    reason: Annotated[Text, Field(min_length=1, max_length=200)]


class HolidayForm(NewForm):
    day: date
    name: Annotated[Text, Field(min_length=1, max_length=60)]


class SeatForm(NewForm):
    """Somebody comes on the roster of a series, from a day on."""

    series: UUID
    since: date


# --- who may


def may(record: Record, facilitator_id: UUID) -> bool:
    """Managers change every series; who leads one changes that one."""
    return record.person_id == facilitator_id or sessions.manages(record)


def staff(record: Record) -> dict[UUID, str]:
    """Who can lead a session, by name."""
    those = [*people.with_role(record.session, "coach", record.today)]
    those += people.with_role(record.session, "manager", record.today)
    return people.names(record, list(dict.fromkeys(those)))


# --- a series


def latest(record: Record, series_id: UUID) -> Series:
    """The row that was made last. Raises NotYours when there is no such series."""
    row = next(iter(history(record, series_id)), None)
    if row is None:
        raise NotYours("series")
    return row


def history(record: Record, series_id: UUID) -> list[Series]:
    """Every row of a series, the latest first."""
    those = select(Series).where(Series.series_id == series_id)
    return list(record.session.exec(those.order_by(col(Series.made_at).desc(), col(Series.id).desc())))


def checked(record: Record, form: Posted[SeriesForm], series_id: UUID | None = None) -> Posted[SeriesForm]:
    """What only the program knows: who leads, which phases there are, and whether somebody was faster."""
    if form.refused:
        return form
    asked = form.values
    if asked.facilitator not in staff(record) or not may(record, asked.facilitator):
        form.refuse("facilitator", _("Please choose one of the answers."))
    if not {phase.number for phase in program.phases(record.session)} >= set(asked.phases):
        form.refuse("phases", _("Please choose one of the answers."))
    if not record.today - BACK <= asked.starts_on <= record.today + AHEAD:
        form.refuse("starts_on", FAR)
    elif not recurrence.days(asked.rule(), asked.starts_on, asked.starts_on, asked.starts_on + AHEAD):
        form.refuse("last", NEVER)
    if series_id and not form.refused:
        _not_overtaken(record, form, series_id)
    return form


def _not_overtaken(record: Record, form: Posted[SeriesForm], series_id: UUID) -> None:
    row = latest(record, series_id)
    if row.id not in (form.values.seen, form.values.id):
        form.typed_fields["seen"] = [str(row.id)]
        form.refuse("", OVERTAKEN)


def begin(record: Record, form: SeriesForm) -> UUID:
    """A new series; answers its id. Sent twice it is once."""
    series_id = sessions.stem(form.id)
    if history(record, series_id) and not _kept(record, form.id, series_id):
        raise NotYours("another series has that number")
    return _add(record, form, series_id)


def amend(record: Record, series_id: UUID, form: SeriesForm) -> UUID:
    """From `starts_on` on the series goes differently; what was before stays as it was."""
    changeable(record, series_id)
    return _add(record, form, series_id)


def changeable(record: Record, series_id: UUID) -> Series:
    """The latest row of a series that this reader may change."""
    row = latest(record, series_id)
    if not may(record, row.facilitator_id):
        raise NotYours("series")
    return row


def _add(record: Record, form: SeriesForm, series_id: UUID) -> UUID:
    words = sealed(record, Series, form.id, title=form.title, place=form.place, link=form.link)
    row = Series(
        id=form.id, series_id=series_id, kind=form.kind, words=words, starts_on=form.starts_on, at=form.at,
        minutes=form.minutes, rule=form.rule(), facilitator_id=form.facilitator,
        phases=",".join(map(str, sorted(set(form.phases)))), on_holidays=form.on_holidays, by=record.person_id,
        made_at=record.now,
    )  # fmt: skip
    if not keep(record.session, row) and not _kept(record, form.id, series_id):
        raise NotYours("series")
    return series_id


def _kept(record: Record, row_id: UUID, series_id: UUID) -> bool:
    row = record.session.get(Series, (record.program.id, row_id))
    return row is not None and row.series_id == series_id


def ended(record: Record, series_id: UUID, form: Posted[EndForm]) -> Posted[EndForm]:
    """From a day on there is none. Sent twice it is once. Refused, the form says so itself."""
    row = changeable(record, series_id)
    if not form.refused and not record.today - BACK <= form.values.starts_on <= record.today + AHEAD:
        form.refuse("starts_on", FAR)
    if not form.refused:
        _end(record, row, form.values)
    return form


def _end(record: Record, row: Series, form: EndForm) -> None:
    words = sealed(record, Series, form.id, **sessions.opened(record, Series, row))
    changes = {
        "id": form.id, "words": words, "starts_on": form.starts_on, "ended": True, "by": record.person_id,
        "made_at": record.now,
    }  # fmt: skip
    keep(record.session, Series(**row.model_dump() | changes))


def answers(record: Record, row: Series) -> dict[str, Any]:
    """What the form starts with when a series is changed: as it goes now, from its next session on."""
    calendar = sessions.calendar(record, record.today, record.today + NEXT)
    coming = (one for one in calendar.between(record.today, record.today + NEXT) if one.series_id == row.series_id)
    first = min((one.day for one in coming if one.day >= record.today), default=max(record.today, row.starts_on))
    return {
        "kind": row.kind, "starts_on": first, "at": f"{row.at:%H:%M}", "minutes": row.minutes,
        "every": recurrence.every(row.rule), "weekdays": recurrence.weekdays(row.rule),
        "last": recurrence.last_day(row.rule), "facilitator": row.facilitator_id,
        "phases": sorted(sessions.numbers(row.phases)), "on_holidays": "true" if row.on_holidays else "",
        "seen": row.id, **sessions.opened(record, Series, row),
    }  # fmt: skip


# --- one session


def changed(record: Record, one: ProgramSession, form: Posted[ChangeForm]) -> bool:
    """Carry out what is different in one session. False: it is refused, and says so itself."""
    if not form.refused:
        _fits(record, one, form)
    if form.refused:
        return False
    asked = form.values
    words = sealed(record, Change, asked.id, place=asked.place, link=asked.link, reason=asked.reason)
    row = Change(
        id=asked.id, session_id=one.id, day=one.day, cancelled=not asked.takes_place, moved_on=asked.moved_on,
        moved_at=asked.moved_at, cover_id=asked.cover, words=words, by=record.person_id, made_at=record.now,
    )  # fmt: skip
    keep(record.session, row)
    return True


def _fits(record: Record, one: ProgramSession, form: Posted[ChangeForm]) -> None:
    asked = form.values
    if asked.moved_on and abs(asked.moved_on - one.day) > sessions.FARTHEST:
        form.refuse("moved_on", _("Please choose a day at most sixty days from the planned one."))
    if asked.cover and asked.cover not in staff(record):
        form.refuse("cover", _("Please choose one of the answers."))


def runnable(record: Record, of: UUID) -> ProgramSession:
    """A session that this reader may change: who leads or covers it, and managers."""
    one = sessions.find(record, of)
    if not sessions.leads(record, one):
        raise NotYours("session")
    return one


def differs(record: Record, of: UUID) -> list[dict[str, Any]]:
    """What was changed in a session, the latest first."""
    ours = select(Change).where(Change.session_id == of)
    rows = record.session.exec(ours.order_by(col(Change.made_at).desc(), col(Change.id).desc()))
    return [{"row": row, **sessions.opened(record, Change, row)} for row in rows]


def as_it_stands(record: Record, of: UUID) -> dict[str, Any]:
    """What the form of one session starts with."""
    stands = next(iter(differs(record, of)), None)
    if stands is None:
        return {"takes_place": "true"}
    row = stands.pop("row")
    return stands | {
        "takes_place": "false" if row.cancelled else "true", "moved_on": row.moved_on, "cover": row.cover_id,
        "moved_at": f"{row.moved_at:%H:%M}" if row.moved_at else "", "reason": "",
    }  # fmt: skip


# --- days off, and seats


def rest(record: Record, form: HolidayForm) -> None:
    """A day off. Said twice, the first stands."""
    row = Holiday(id=form.id, day=form.day, name=form.name, by=record.person_id, made_at=record.now)
    keep(record.session, row)
    _promise(record)


def work(record: Record, holiday_id: UUID) -> None:
    """The day is no holiday after all. Twice is once."""
    row = record.session.get(Holiday, (record.program.id, holiday_id))
    if row is not None:
        record.session.delete(row)
        record.session.flush()
    _promise(record)


def _promise(record: Record) -> None:
    """The program's promises pass over its days off: those since long before anything that still waits."""
    rows = record.session.exec(select(Holiday).where(Holiday.day >= record.today - A_YEAR))
    ours = record.session.get_one(program.Program, record.program.id)
    ours.days_off = ",".join(sorted(row.day.isoformat() for row in rows))


def rests(record: Record) -> list[Holiday]:
    """The days off from today on."""
    those = select(Holiday).where(Holiday.day >= record.today - timedelta(days=1))
    return list(record.session.exec(those.order_by(col(Holiday.day))))


def seatable(record: Record, form: Posted[SeatForm]) -> Posted[SeatForm]:
    """It is a series that this reader changes, and a day that somebody can mean."""
    if form.refused:
        return form
    row = next(iter(history(record, form.values.series)), None)
    if row is None or not may(record, row.facilitator_id):
        form.refuse("series", _("Please choose one of the answers."))
    if not record.today - BACK <= form.values.since <= record.today + AHEAD:
        form.refuse("since", FAR)
    return form


def seat(record: Record, form: SeatForm) -> None:
    """The participant whose record is open comes on a roster. Twice is once."""
    if not any(row.until is None for row in seats(record, form.series)):
        keep(record.session, Seat(
            id=form.id, series_id=form.series, since=form.since, by=record.person_id, made_at=record.now
        ))  # fmt: skip


def unseat(record: Record, series_id: UUID) -> None:
    """Off a roster from today on. Twice is once."""
    changeable(record, series_id)
    for row in seats(record, series_id):
        row.until = min(row.until or date.max, record.today - timedelta(days=1))
    record.session.flush()


def seats(record: Record, series_id: UUID) -> list[Seat]:
    """The seats in a series, of the people whom this reader may see."""
    return list(record.session.exec(select(Seat).where(Seat.series_id == series_id)))
