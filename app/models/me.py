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
    devices = accounts.of_person(record.session, record.program.id, record.person_id, record.now)
    return {"form": blank(), "devices": devices} | (shared(record) if record.reader.role == "participant" else {})


def shared(record: Record) -> dict[str, Any]:
    """What is open to whom."""
    return {"kinds": sharing.states(record), "coaches": people.coach_names(record)}


def speak(record: Record, language: str) -> None:
    person = record.session.get_one(Person, (record.program.id, record.person_id))
    person.language = language
