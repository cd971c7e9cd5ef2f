"""What the demo data has of review: days to follow up, one of them due and one done."""

from datetime import datetime, timedelta
from uuid import UUID

from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.models import follow_ups
from app.models.follow_ups import FollowUpForm

# How many days ago it was set, for how many days later, and what to ask.
DAYS = (
    (9, 4, "Ask how the call with her brother went."),
    (2, 3, "She wanted to try the evening walk for three days. Ask how it was."),
)


def plan(house: House, program: UUID, coach: UUID, person: UUID, now: datetime) -> None:
    """A coach's days to look again at one participant: what has passed by now is done."""
    for ago, later, words in DAYS:
        then = now - timedelta(days=ago)
        with opened(house, program, "coach", coach, person, at=then) as record:
            form = FollowUpForm(id=new_id(), day=record.today + timedelta(days=later), words=words)
            follow_ups.planned(record, Posted(kept=form))
        if later < ago:
            with opened(house, program, "coach", coach, person, at=then + timedelta(days=later)) as record:
                follow_ups.finish(record, form.id)
