"""Notes that staff of the demo data kept for each other about Ana."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.models import notes
from app.models.notes import StaffNoteForm
from app.record import Record

# How many days ago, and what it said; a second text is what it was changed to a day later.
NOTES = (
    (16, "Works Fridays until four, so evenings only. Payday is the second Friday.", ""),
    (5, "Sister Sam may be called. Not at work.", "Sister Sam may be called, after six. Never at work."),
)


def jot(house: House, cast: Any, now: datetime) -> None:
    """What Cora wrote down, and what she put right."""
    with opened(house, cast.harbor, "coach", cast.cora, cast.ana, at=now) as record:
        for ago, words, later in NOTES:
            made = StaffNoteForm(id=new_id(), words=words)
            notes.written(_at(record, now - timedelta(days=ago)), Posted(kept=made))
            if later:
                _change(_at(record, now - timedelta(days=ago - 1)), made.id, later)


def _change(record: Record, note_id: UUID, words: str) -> None:
    notes.amended(record, note_id, Posted(kept=StaffNoteForm(id=new_id(), words=words, version=1)))


def _at(record: Record, then: datetime) -> Record:
    return replace(record, reader=replace(record.reader, now=then, today=record.program.today(then)))
