"""Me: one's own settings, devices, and what one shares."""

from typing import Any, Literal

from app.forms import Form, blank
from app.models import accounts, people, sharing
from app.models.people import Person
from app.record import Record


class LanguageForm(Form):
    language: Literal["en", "es"]


def facts(record: Record) -> dict[str, Any]:
    """The page about oneself; only a participant has something to share."""
    mine = record.reader.role == "participant"
    return {
        "form": blank(),
        "devices": accounts.of_person(record.session, record.program.id, record.person_id, record.now),
        "kinds": sharing.states(record) if mine else [],
        "coaches": people.coach_names(record) if mine else [],
    }


def speak(record: Record, language: str) -> None:
    person = record.session.get_one(Person, (record.program.id, record.person_id))
    person.language = language
