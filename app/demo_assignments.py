"""What the coach of the demo data asks for: a reading that was read, a skill, a measure, and a task."""

from datetime import datetime, timedelta
from typing import Any

from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.models import asking, assignments
from app.models.assignments import AskForm, StepForm

# What, a line, and so many days from when it was asked.
ASKED = (
    ("reading:sleep", "You said that the nights are short. This helped others.", 3),
    ("skill:ride-the-wave", "Once, on a calm day, so that you know it when you need it.", 4),
    ("measure:phq-9", "", 5),
    ("", "Ask June if she would come to the family evening.", 9),
)


def ask(house: House, cast: Any, now: datetime) -> None:
    """Two days ago Cora asked Ana; Ana has read, and seen the task."""
    then = now - timedelta(days=2)
    with opened(house, cast.harbor, "coach", cast.cora, cast.ana, at=then) as record:
        for what, words, days in ASKED:
            form = AskForm(id=new_id(), what=what, words=words, due_on=record.today + timedelta(days=days))
            asking.asked(record, Posted(kept=form))
    with opened(house, cast.harbor, "participant", cast.ana, cast.ana, at=now) as record:
        assignments.did(record, "reading", "sleep", then + timedelta(hours=3))
        for item in [one for one in assignments.open_of(record) if one.kind == "task" and not one.session_id]:
            assignments.step(record, item.id, Posted(kept=StepForm(step="seen")))
