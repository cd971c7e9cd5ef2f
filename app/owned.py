"""Whose a row is: the two bases of every table that holds something of a program or of a participant."""

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict
from sqlalchemy import Table
from sqlmodel import Field, SQLModel

Role = Literal["participant", "coach", "supporter", "manager", "keeper"]
Readable = Literal["spine", "part", "room", "about", "list", "care", "staff", "asked", "office", "own"]


class Unopened(RuntimeError):
    """A statement touched a record, and no door had opened it to this reader."""


class InProgram(SQLModel):
    """A row of one program. The program leads the key, so that tables can be spread by program.

    Written by what runs without a person (an invite, a clock), and by whom `kept_by` names; `kept_by_oneself`: also by
    the person with that id. `read_by`: nobody else reads it (empty: the whole program does).
    """

    # Rows are made by models and never parsed: nobody needs the parsers of fifty tables.
    model_config = ConfigDict(defer_build=True)  # type: ignore[assignment]
    kept_by: ClassVar[frozenset[Role]] = frozenset()
    read_by: ClassVar[frozenset[Role]] = frozenset()
    kept_by_oneself: ClassVar[bool] = False
    program_id: UUID = Field(default=None, primary_key=True, foreign_key="program.id")
    id: UUID = Field(default=None, primary_key=True)


class Owned(InProgram):
    """A row about one participant.

    `read_as` says what others may read: the "spine", its numbers ("part", same id) and what was said
    of it ("about", by `entry_id`) as far as it is shared; a part that is also for who leads the session which it is
    about ("room"); a "list", while one is shared that is called as its table, without what was removed from it
    (`removed_at`); "care" by the coaches on whose caseload they are, whatever is shared; "staff" by those and not by
    the participant; "office" by all staff; "asked" by all staff if it came from a session (`session_id`, of the row or
    of that in `homework_id`), else as "care"; "own" by nobody else.
    `kept_by` says who may write it.
    """

    participant_id: UUID = Field(default=None, nullable=False)
    read_as: ClassVar[Readable] = "own"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"participant"})


@cache
def guarded() -> dict[Table, Any]:
    """Every table of a program with its class, read from the models, so that a new one cannot be forgotten."""
    return {model.__table__: model for model in _below(InProgram) if hasattr(model, "__table__")}


def _below(model: type) -> Iterator[Any]:
    child: Any
    for child in model.__subclasses__():
        yield child
        yield from _below(child)
