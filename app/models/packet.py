"""What a participant takes along when they go: their people, their plans, what helps, and whom to call."""

from typing import Any

from app.content import crisis_lines
from app.models import contacts, people, phases, practices, triggers
from app.record import Record


def shown(record: Record, language: str) -> dict[str, Any]:
    """The page to take home, from what the participant has kept."""
    return {
        "over": people.over(record.session, record.participant_id, record.today),
        "contacts": contacts.mine(record), "triggers": triggers.mine(record),
        "helped": practices.helped(record, language), "lines": crisis_lines(language),
        "crossing": phases.stays(record).crossing(record.participant_id, record.today),
        "coaches": people.coach_names(record),
    }  # fmt: skip
