"""What came after the sessions of the demo data: marks put right, homework, notes, a consent and a letter."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.models import assignments, consents, groups, homework, letters, marks, presence, roll, sessions
from app.models.assignments import StepForm
from app.models.consents import ConsentForm
from app.models.groups import NoteForm
from app.models.homework import TaskForm
from app.models.letters import LetterForm
from app.models.marks import MarkForm
from app.models.sessions import ProgramSession
from app.record import Record

LATELY, BEGAN = timedelta(weeks=3), timedelta(weeks=12)
# Nobody has heard of them since: the reason for a call that the caseload shows.
SILENT = "Hank Olsen"
# Who says nothing on coming and going; the others were seen there.
QUIET = (SILENT, "Marisol Vega", "Ben Ruiz")
TASKS = (
    ("Write down three calm moments, one line each.", 2),
    ("Ask one person for a small favor. It does not matter what they say.", 5),
)
NOTES = (
    ("Payday came up at once. They helped each other plan Friday evening, hour by hour.", "payday, the weekend"),
    ("Slow start. After the break they spoke of sleep, and of who they can call at night.", "sleep, asking for help"),
    ("Two were new. The others told how their first week had been, without being asked.", "trust, the weekend"),
)


def follow(house: House, cast: Any, people: Mapping[str, UUID], now: datetime) -> None:
    """What staff and participants did with the last weeks' sessions."""
    for name, person in people.items():
        program, office = (cast.meadow, cast.fay) if person == cast.eli else (cast.harbor, cast.pat)
        with opened(house, program, "keeper", office, person, at=now) as record:
            _put_right(record, name == SILENT)
    with opened(house, cast.harbor, "coach", cast.cora, at=now) as record:
        begun = _evenings(record)
        _note(record, begun)
    _give(house, cast, people, begun[0], now)
    with opened(house, cast.harbor, "keeper", cast.harbor, at=now) as record:
        groups.sum_up(record)
    _tell(house, cast, now)


def _put_right(record: Record, silent: bool) -> None:
    """Whom nobody marked was there. Of who is silent nobody has heard since the last two sessions."""
    calendar = sessions.calendar(record, record.today - BEGAN, record.today)
    turns = roll.turns(record, record.today - BEGAN, record.today)
    unknown = [turn for turn in turns if presence.missed(turn, record.now)]
    for turn in unknown[:-2] if silent else unknown:
        one = calendar.one(turn.id)
        assert one  # noqa: S101 - it was read from the same calendar
        then = _at(record, min(turn.ends_at + timedelta(hours=1), record.now), one.leader_id)
        marks.mark(then, one, MarkForm(id=new_id(), state="here"))


def _at(record: Record, then: datetime, by: UUID) -> Record:
    """The record as it was open earlier, to somebody."""
    return replace(record, reader=replace(record.reader, now=then, today=record.program.today(then), person_id=by))


def _evenings(record: Record) -> list[ProgramSession]:
    """The evening groups that are over, the latest first."""
    found = sessions.between(record, record.today - LATELY, record.today)
    return [one for one in reversed(found) if one.title == "Evening group" and one.happens and one.over(record.now)]


def _note(record: Record, begun: list[ProgramSession]) -> None:
    group = groups.find(record, begun[0].series_id)
    for one, (words, themes) in zip(begun, NOTES, strict=False):
        form = NoteForm(id=new_id(), session=one.id, words=words, themes=themes)
        groups.noted(_at(record, min(one.ends_at + timedelta(hours=1), record.now), record.person_id), group,
                     Posted(kept=form))  # fmt: skip


def _give(house: House, cast: Any, people: Mapping[str, UUID], one: ProgramSession, now: datetime) -> None:
    """To everybody who was expected in the last evening group; Ana has done the first."""
    made = [TaskForm(id=new_id(), words=words, due_on=(now + timedelta(days=days)).date()) for words, days in TASKS]
    for person in people.values():
        with opened(house, cast.harbor, "coach", cast.cora, person, at=now) as record:
            for form in made if sessions.roster(record, one) else ():
                homework.assigned(record, one, Posted(kept=form), partial(_alone, record))
    with opened(house, cast.harbor, "participant", cast.ana, cast.ana, at=now) as record:
        for item in assignments.mine(record)[:1]:
            assignments.step(record, item.id, Posted(kept=StepForm(step="done")))


def _alone(record: Record, _persons: Collection[UUID]) -> list[Record]:
    return [record]


def _tell(house: House, cast: Any, now: datetime) -> None:
    """Ana's boss wants to know where she was; Pat makes the letter."""
    then = now - timedelta(days=8)
    with opened(house, cast.harbor, "participant", cast.ana, cast.ana, at=then) as record:
        form = ConsentForm(
            id=new_id(), recipient="North River Foods", purpose="To show my boss where I was.", signature="Ana Keller",
            first_on=consents.began(record), expires_on=record.today + consents.USUAL,
        )  # fmt: skip
        paper = consents.sign(record, form, str)
    with opened(house, cast.harbor, "manager", cast.pat, cast.ana, at=then + timedelta(hours=1)) as record:
        letters.make(record, paper.id, Posted(kept=LetterForm(id=new_id())))
