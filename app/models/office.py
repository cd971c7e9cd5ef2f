"""The office of a program: who is in it and who is expected. People and dates, no entries."""

from typing import Any

from sqlmodel import select

from app.models import invites, people
from app.models.people import ROLES, Coaching
from app.record import Record


def everybody(record: Record) -> dict[str, Any]:
    """The persons by role, who coaches whom, and the invites that wait."""
    day, session = record.today, record.session
    roles = {role: people.names(record, people.with_role(session, role, day)) for role in ROLES}
    coached = session.exec(select(Coaching).where(people.on(day, Coaching))).all()
    return {
        "roles": roles,
        "coach_of": {row.participant_id: roles["coach"].get(row.coach_id, "") for row in coached},
        "invites": invites.open_ones(record),
    }
