"""Measures: the questions of an instrument, kept answer by answer, scored when all of it is answered.

What is asked and what it means is in the instrument's file (app/content/instruments.py), what it comes to in
models/scores.py. A finished one is never changed: it is taken anew. Until then it is its writer's alone, but for an
answer that leads to help, when it was to be shared: docs/decisions/0028-measures.md.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, ClassVar, cast
from uuid import UUID

from pydantic import ConfigDict, model_validator
from pydantic import Field as PydanticField
from sqlalchemy import JSON, ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field, col, select

from app.content import instruments as content
from app.content.instruments import Instrument, Item
from app.forms import OVERTAKEN, SENTENCES, LogForm, Posted, Visibility, _, wrong
from app.models import causes, contacts, courses, entry, rhythm, rules, scores, sharing
from app.models.entry import Entry, Line, Writing
from app.models.rhythm import Due
from app.models.rules import Limits, Reason
from app.models.scores import Change, Result, Score
from app.owned import Owned, Readable
from app.query import Query, given
from app.record import NotYours, Record

# The questions are about the last days: what was begun is gone on with for so long, then it starts anew.
OPEN_HOURS = 48
ANSWER = "answer-"
# Those of which rules know more than their marks.
PHQ, BAM = "phq-9", "bam-iop"

NOT_ANSWERED = _("This one has no answer yet. Please choose the one that fits best.")
NEW_WORDING = _("These questions were changed meanwhile. Please look at your answers once more, then save again.")
ANOTHER = _("This was finished on another device meanwhile, and that is kept. Save once more to keep this one too.")


class Measure(Owned, table=True):
    """The part of an entry of its kind. `scores`: points by scale, empty until it is `done`.

    `answers` is JSON: the points of what was chosen, by item. `share`: what its writer chose before the first question.
    `version`: that of the instrument's wording.
    """

    read_as: ClassVar[Readable] = "part"
    sealed: ClassVar[tuple[str, ...]] = ("answers",)
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], ondelete="CASCADE", name="measure_entry"
        ),
        Index("measure_of", "program_id", "participant_id", "instrument"),
    )
    instrument: str = Field(max_length=60)
    version: str = Field(max_length=400)
    answers: bytes | None = Field(default=None, sa_type=LargeBinary)
    scores: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    share: bool = False
    done: bool = False

    def sheet(self, answers: str, language: str) -> "Sheet":
        """What is on it, from its answers unsealed."""
        found = instrument_of(self.instrument, language)
        # Words of another version may ask something else.
        same = found if found and found.version == self.version else None
        return Sheet(self.instrument, same, self.done, json.loads(answers or "{}"), self.scores)


class MeasureForm(LogForm):
    """What is answered so far: a field for each item, as "answer-9". `edition`: the version that the page asked."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[int, PydanticField(ge=0, le=100)]]
    edition: Annotated[str, PydanticField(max_length=400)] = ""
    visibility: Visibility = "shared"
    step: Annotated[int, PydanticField(ge=1, le=1000)] = 1
    done: bool = True

    @model_validator(mode="before")
    @classmethod
    def only_answers(cls, said: dict[str, Any]) -> dict[str, Any]:
        if any(name not in cls.model_fields and not name.startswith(ANSWER) for name in said):
            raise wrong(SENTENCES["extra_forbidden"])
        return said

    @property
    def answers(self) -> dict[str, int]:
        return {name.removeprefix(ANSWER): points for name, points in self.__pydantic_extra__.items()}


entry.PARTS["measure"] = Measure


# --- what is kept, in words


@dataclass(frozen=True)
class Sheet:
    """A measure as its reader is shown it. `instrument` None: it is not asked like that any more."""

    id: str
    instrument: Instrument | None
    done: bool
    answers: Mapping[str, int]
    points: Mapping[str, int]

    @property
    def scores(self) -> tuple[Score, ...]:
        """What was scored then, called as it is called now."""
        scales = self.instrument.scales if self.instrument and self.done else ()
        return tuple(scores.named(scale, self.points[scale.id]) for scale in scales if scale.id in self.points)

    @property
    def answered(self) -> list[tuple[Item, str]]:
        """Each question that was asked, with its answer."""
        items = scores.asked(self.instrument, self.answers) if self.instrument else ()
        return [(item, item.said(self.answers[item.id])) for item in items if item.id in self.answers]

    @property
    def alarms(self) -> list[tuple[Item, str]]:
        """The answers that lead to help."""
        return [
            (item, said) for item, said in self.answered
            if self.instrument and self.answers[item.id] in self.instrument.helping(item.id)
        ]  # fmt: skip


def sheet(line: Line, language: str) -> Sheet:
    found: Sheet = line.part.sheet(line.said["answers"], language)
    return found


def instrument_of(id: str, language: str) -> Instrument | None:
    found = content.instrument(id, language)
    return found.naming() if found else None


def find(id: str, language: str) -> Instrument:
    """Raises NotYours: there is no such measure."""
    found = instrument_of(id, language)
    if found is None:
        raise NotYours("instrument")
    return found


# --- kept


def kept(record: Record, form: Posted[MeasureForm], instrument: Instrument) -> Line | None:
    """Carry a step out. None: it is refused, and says so itself; what it answered is kept all the same.

    What comes late, after it was finished elsewhere, changes nothing.
    """
    if _checked(form, instrument).refused:
        return None
    before = _before(record, form.values.id, instrument)
    if before and before.part.done:
        return _again(form, before)
    line = entry.settled(form, partial(_grow, instrument=instrument, before=before), record)
    if form.stale:
        return _behind(form)
    if line and form.values.done and not line.part.done:
        _ask_the_rest(form, line, instrument)
        return None
    return line


def _checked(form: Posted[MeasureForm], instrument: Instrument) -> Posted[MeasureForm]:
    """Refused too, if it answers other questions, or with something that is none of the choices."""
    known = {item.id: item.values for item in instrument.items}
    if not form.refused and form.values.edition != instrument.version:
        form.typed_fields["edition"] = [instrument.version]
        form.refuse("", NEW_WORDING)
    elif not form.refused:
        for id, points in form.values.answers.items():
            if points not in known.get(id, ()):
                form.refuse(f"{ANSWER}{id}" if id in known else "", SENTENCES["literal_error"])
    return form


def _before(record: Record, entry_id: UUID, instrument: Instrument) -> Line | None:
    """What is kept under a number already. Raises NotYours, when that is of another measure."""
    found = entry.lines(record, entry.COLUMNS.where(Entry.id == entry_id, Entry.kind == "measure"))
    if found and found[0].part.instrument != instrument.id:
        raise NotYours("measure")
    return next(iter(found), None)


def _behind(form: Posted[MeasureForm]) -> Line | None:
    """Another device has said more meanwhile. The next step of this one has all that it knows."""
    if not form.values.done:
        return cast(Line, form.stale)
    form.errors.clear()
    form.refuse("", OVERTAKEN)
    return None


def _again(form: Posted[MeasureForm], before: Line) -> Line | None:
    if form.values.done and not form.values.answers.items() <= _answers(before).items():
        form.refuse("id", ANOTHER)
        return None
    return before


def _answers(line: Line | None) -> dict[str, int]:
    said: dict[str, int] = json.loads(line.said["answers"] or "{}") if line else {}
    return said


def _grow(record: Record, form: MeasureForm, instrument: Instrument, before: Line | None) -> Line:
    """With every answer that any device has given, each as it was given last."""
    answers = _answers(before) | form.answers
    result = scores.score(instrument, answers) if form.done else None
    # The last word is never too late.
    step = max(form.step, before.version + 1) if form.done and before else form.step
    writing = Writing("measure", visibility=_visible(form, instrument, answers, bool(result)))
    return entry.grow(
        record, form.id, step, writing.about(entry.written(record, form)), instrument=instrument.id,
        version=instrument.version, answers=json.dumps(answers, sort_keys=True), share=form.visibility == "shared",
        scores={one.id: one.points for one in result.scores} if result else {}, done=bool(result),
    )  # fmt: skip


def _visible(form: MeasureForm, instrument: Instrument, answers: Mapping[str, int], done: bool) -> Visibility:
    """Nobody else's until it is finished; but an answer that leads to help is passed on as soon as it is given."""
    return form.visibility if done or scores.alarming(instrument, answers) else "private"


def _ask_the_rest(form: Posted[MeasureForm], line: Line, instrument: Instrument) -> None:
    form.typed_fields["step"] = [str(line.version + 1)]
    for id in scores.missing(instrument, _answers(line)):
        form.refuse(f"{ANSWER}{id}", NOT_ANSWERED)


# --- asked


@dataclass(frozen=True)
class Taken:
    """One that was finished: its day where it was taken, what it came to, and each scale's change to the one before."""

    id: UUID
    day: date
    instrument: Instrument
    result: Result
    changes: Mapping[str, Change]
    line: Line
    sheet: Sheet


def results(record: Record, instrument: str | None = None, language: str = "en") -> list[Taken]:
    """Every one that was finished and that this reader may see, oldest first; of one instrument, or of all."""
    last: dict[str, Result] = {}
    found = []
    for line in _finished(record, instrument):
        if (one := _taken(line, language, last)) is not None:
            last[one.instrument.id] = one.result
            found.append(one)
    return found


def _finished(record: Record, instrument: str | None) -> list[Line]:
    those = entry.COLUMNS.join(Measure, col(Measure.id) == col(Entry.id)).where(
        Entry.participant_id == record.participant_id, col(Measure.done), col(Entry.binned_at).is_(None)
    )
    those = those.where(Measure.instrument == instrument) if instrument else those
    return entry.lines(record, those.order_by(col(Entry.happened_at), col(Entry.id)))


def _taken(line: Line, language: str, last: Mapping[str, Result]) -> Taken | None:
    """None: it is not asked like that any more."""
    shown = sheet(line, language)
    result = scores.score(shown.instrument, shown.answers) if shown.instrument else None
    if shown.instrument is None or result is None:
        return None
    changes = dict(_changes(shown.instrument, last.get(shown.id), result))
    return Taken(line.id, line.local_day, shown.instrument, result, changes, line, shown)


def _changes(instrument: Instrument, before: Result | None, after: Result) -> Iterator[tuple[str, Change]]:
    for scale in instrument.scales if before else ():
        then, now = before.points(scale.id) if before else None, after.points(scale.id)
        if then is not None and now is not None and (change := scores.change(scale, then, now)):
            yield scale.id, change


def taken_since(record: Record, instrument: str, day: date) -> bool:
    """Whether the participant has finished one on a day or after it."""
    return instrument in _taken_since(record, {instrument: day})


DONE_SINCE = Query(
    select(col(Measure.instrument), col(Entry.local_day)).join(Entry, col(Entry.id) == col(Measure.id)).where(
        Measure.participant_id == given("one", col(Measure.participant_id)), col(Measure.done),
        col(Entry.binned_at).is_(None), Entry.local_day >= given("first", col(Entry.local_day)),
    )
)  # fmt: skip


def _taken_since(record: Record, since: Mapping[str, date]) -> set[str]:
    first = min(since.values(), default=record.today)
    rows = DONE_SINCE.rows(record.session, one=record.participant_id, first=first)
    return {id for id, day in rows if id in since and day >= since[id]}


def due(record: Record) -> list[Due]:
    """What the program asks for today and the participant has not done yet; each once."""
    asked = rhythm.now_due(record)
    latest = {one.id: max(other.since for other in asked if other.id == one.id) for one in asked}
    done = _taken_since(record, latest) if latest else set()
    return list({one.id: one for one in reversed(asked) if one.id not in done}.values())[::-1]


UNFINISHED = Query(
    entry.COLUMNS.join(Measure, col(Measure.id) == col(Entry.id))
    .where(
        col(Measure.done).is_(False), Entry.kept_at > given("since", col(Entry.kept_at)),
        col(Entry.binned_at).is_(None),
    )
    .order_by(col(Entry.kept_at).desc(), col(Entry.id))
)  # fmt: skip


def unfinished(record: Record, instrument: str | None = None, language: str = "en") -> Line | None:
    """The latest that was left in the middle, while it can be gone on with."""
    since = record.now - timedelta(hours=OPEN_HOURS)
    found = [
        line for line in entry.lines(record, UNFINISHED, since=since) if instrument in (None, line.part.instrument)
    ]
    return next((line for line in found if sheet(line, language).instrument), None)


def entry_of(record: Record, instrument: str, entry_id: UUID) -> Line:
    """Raises NotYours also when it is of another instrument than the address says."""
    line = entry.find(record, entry_id, "measure")
    if line.part.instrument != instrument:
        raise NotYours("measure")
    return line


def begun(record: Record, instrument: Instrument, entry_id: UUID) -> Line:
    """One to go on with. Raises NotYours when it is finished, or its questions are not asked like that any more."""
    line = _before(record, entry_id, instrument)
    if line is None or line.part.done or line.part.version != instrument.version:
        raise NotYours("measure")
    return line


# --- shown


def first() -> dict[str, Any]:
    """What the form starts with: it is asked for by the program, so it is meant for the coach, unless one says no."""
    return {"visibility": "shared", "step": 1, "at": 1}


def going_on(line: Line, instrument: Instrument) -> dict[str, Any]:
    """What the form starts with when one is gone on with: at the first question that has no answer."""
    answers = _answers(line)
    left = scores.missing(instrument, answers)
    at = 2 + [item.id for item in instrument.items].index(left[0]) if left else 2 + len(instrument.items)
    said = {f"{ANSWER}{id}": points for id, points in answers.items()}
    return said | {
        "id": line.id, "visibility": "shared" if line.part.share else "private", "step": line.version + 1, "at": at,
    }  # fmt: skip


def desk(record: Record, instrument: Instrument, line: Line | None = None) -> dict[str, Any]:
    """What lies beside the form. `line`: the one that is gone on with."""
    return {
        "instrument": instrument, "minutes": rhythm.minutes(instrument), "line": line,
        "left": None if line else unfinished(record, instrument.id),
        "readers": sharing.seen_by(record, "measure"), "answer_by": record.program.answer_by(record.now),
        "contacts": contacts.mine(record),
    }  # fmt: skip


def told(record: Record, line: Line, language: str) -> dict[str, Any]:
    """What was kept, what it comes to, who reads it, and what is asked for besides."""
    mine = [one for one in results(record, line.part.instrument, language) if one.id == line.id]
    return {
        "line": line, "sheet": sheet(line, language), "taken": next(iter(mine), None),
        "next": next(iter(due(record)), None), "contacts": contacts.mine(record), **sharing.promise(record),
    }  # fmt: skip


def today(record: Record) -> dict[str, Any]:
    """What is asked for, and what was left in the middle."""
    return {"due": due(record), "left": unfinished(record)}


def everything(record: Record, language: str) -> dict[str, Any]:
    """One's own page of them all: what is asked for, and the latest of each."""
    latest = {one.instrument.id: one for one in results(record, language=language)}
    return {"instruments": content.instruments(language), "latest": latest, **today(record)}


def over_time(record: Record, instrument: Instrument, language: str) -> dict[str, Any]:
    """One's own results of an instrument: as courses, and one by one."""
    taken = results(record, instrument.id, language)
    return {"taken": taken, "courses": courses.of(taken)}


def of_person(record: Record, language: str) -> dict[str, Any]:
    """What a coach sees of one participant's measures: as far as they share them."""
    taken = results(record, language=language)
    latest = {one.instrument.id: one for one in taken}
    person = record.participant_id
    return {
        "person_id": person, "name": record.name(person), "courses": courses.of(taken),
        "latest": sorted(latest.values(), key=lambda one: one.day, reverse=True),
    }  # fmt: skip


# --- what is a reason for a coach to look


def _causes(record: Record, line: Line, limits: Limits) -> Iterator[Reason | None]:
    """An answer that leads to help, as soon as it is shared; what the scores say, when there are some."""
    shown = sheet(line, "en")
    for item, said in shown.alarms:
        yield rules.safety_answer(str(line.id), shown.answers[item.id], said)
    if shown.done and shown.id == BAM:
        yield from rules.bam(str(line.id), **shown.points, limits=limits)
    if shown.done and shown.id == PHQ:
        yield rules.phq_rise(str(line.id), _shared_before(record, line), shown.points["total"], limits)


def _shared_before(record: Record, line: Line) -> int | None:
    """The total of the one before, as far as it is shared."""
    those = [one for one in results(record, line.part.instrument) if one.line.visibility == "shared"]
    earlier = [one for one in those if one.line.happened_at < line.happened_at]
    return earlier[-1].result.points() if earlier else None


causes.CAUSES["measure"] = _causes
