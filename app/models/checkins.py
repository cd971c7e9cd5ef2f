"""The daily check-in: six questions, one tap each, and a free line."""

from typing import Any, ClassVar

from pydantic import Field, field_validator, model_validator
from sqlalchemy import CheckConstraint, ForeignKeyConstraint

from app.forms import Five, LogForm, Mood, Ten, Text, Visibility, _, wrong
from app.models import entry, sharing
from app.models.entry import Line, Writing
from app.owned import Owned, Readable
from app.record import Record

HALT = ("hungry", "angry", "lonely", "tired")
NUMBERS = ("urge", "stress", "energy", "sleep_hours", "used", *HALT)


class CheckIn(Owned, table=True):
    """The numbers of a check-in. Urge 0–10; stress and energy 1–5; sleep in hours; `used` None: not said."""

    __tablename__ = "check_in"
    read_as: ClassVar[Readable] = "part"
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], ondelete="CASCADE", name="check_in_entry"
        ),
        CheckConstraint("urge between 0 and 10", name="check_in_urge"),
        CheckConstraint("stress between 1 and 5", name="check_in_stress"),
        CheckConstraint("energy between 1 and 5", name="check_in_energy"),
        CheckConstraint("sleep_hours between 0 and 24", name="check_in_sleep"),
    )
    urge: int | None = None
    stress: int | None = None
    energy: int | None = None
    sleep_hours: int | None = None
    used: bool | None = None
    hungry: bool = False
    angry: bool = False
    lonely: bool = False
    tired: bool = False


class CheckInForm(LogForm):
    """What the check-in page asks. Every question may be left out, but not all of them."""

    mood: Mood = None
    urge: Ten = None
    stress: Five = None
    energy: Five = None
    sleep_hours: Ten = None
    used: str = ""
    halt: list[str] = Field(default_factory=list)
    words: Text = ""
    visibility: Visibility = "shared"
    version: int | None = None

    @field_validator("used")
    @classmethod
    def _used(cls, said: str) -> str:
        if said not in ("", "yes", "no"):
            raise wrong(_("Please choose one of the answers."))
        return said

    @field_validator("halt")
    @classmethod
    def _halt(cls, said: list[str]) -> list[str]:
        if not set(said) <= set(HALT):
            raise wrong(_("Please choose one of the answers."))
        return said

    @model_validator(mode="after")
    def _something(self) -> "CheckInForm":
        answers = (self.mood, self.urge, self.stress, self.energy, self.sleep_hours)
        if all(answer is None for answer in answers) and not (self.used or self.halt or self.words):
            raise wrong(_("Nothing is chosen yet. One answer is enough."))
        return self

    def numbers(self) -> dict[str, Any]:
        scales = {name: getattr(self, name) for name in ("urge", "stress", "energy", "sleep_hours")}
        used = {"yes": True, "no": False}.get(self.used)
        return scales | {"used": used} | {name: name in self.halt for name in HALT}

    def writing(self) -> Writing:
        return Writing("check-in", words=self.words, mood=self.mood, visibility=self.visibility)


entry.PARTS["check-in"] = CheckIn


def keep(record: Record, form: CheckInForm) -> Line:
    return entry.write(record, form.id, form.writing().about(entry.written(record, form)), **form.numbers())


def amend(record: Record, form: CheckInForm) -> Line:
    return entry.amend(record, form.id, form.version or 0, form.writing(), **form.numbers())


def todays(record: Record) -> Line | None:
    """Today's check-in, the latest if there are two."""
    return entry.todays(record, "check-in")


def readers(record: Record) -> dict[str, Any]:
    """Who reads check-ins, and by when the program promises that it is done."""
    return {"readers": sharing.seen_by(record, "check-in"), "answer_by": record.program.answer_by(record.now)}


def answers(line: Line) -> dict[str, Any]:
    """What a check-in's form starts with when it is opened again."""
    numbers = {name: getattr(line.part, name) for name in ("urge", "stress", "energy", "sleep_hours")}
    used = {True: "yes", False: "no", None: ""}[line.part.used]
    halt = [name for name in HALT if getattr(line.part, name)]
    return numbers | {
        "id": line.id, "version": line.version, "mood": line.mood, "words": line.words,
        "visibility": line.visibility, "used": used, "halt": halt,
    }  # fmt: skip
