"""The second wall: no statement reads or keeps a record that no door opened to this reader.

The third wall, row-level security, says the same again inside PostgreSQL (`migrations/versions/`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Table, and_, event, exists, false, or_, text
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.sql import visitors
from sqlmodel import Field, Session, SQLModel

Role = Literal["participant", "coach", "supporter", "manager", "keeper"]
Readable = Literal["spine", "part", "about", "office", "own"]


class Unopened(RuntimeError):
    """A statement touched a record, and no door had opened it to this reader."""


class InProgram(SQLModel):
    """A row of one program. The program leads the key, so that tables can be spread by program."""

    program_id: UUID = Field(default=None, primary_key=True, foreign_key="program.id")
    id: UUID = Field(default=None, primary_key=True)


class Owned(InProgram):
    """A row about one participant.

    `read_as` says what others may read: the "spine", its numbers ("part", same id) and what was said
    of it ("about", by `entry_id`) as far as it is shared; "office" by staff; "own" by nobody else.
    `kept_by` says who may write it.
    """

    participant_id: UUID = Field(default=None, nullable=False)
    read_as: ClassVar[Readable] = "own"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"participant"})


@dataclass(frozen=True)
class Reader:
    """To whom a session is open: one person, as what, for one participant or (None) for all theirs."""

    program_id: UUID
    person_id: UUID
    role: Role
    now: datetime
    today: date
    participant_id: UUID | None = None


@cache
def guarded() -> dict[Table, Any]:
    """Every table of a program with its class, read from the models, so that a new one cannot be forgotten."""
    return {model.__table__: model for model in _below(InProgram) if hasattr(model, "__table__")}


def _below(model: type) -> Iterator[Any]:
    child: Any
    for child in model.__subclasses__():
        yield child
        yield from _below(child)


def open_to(session: Session, reader: Reader) -> None:
    """Open the session to a reader, for the guard and, on PostgreSQL, for row-level security too."""
    session.info["reader"] = reader
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(_SETTINGS, _settings(reader))


# Local to the transaction (`true`): a setting that outlived it would leak through the connection pool.
_SETTINGS = text(
    "select set_config('footbridge.program', :program, true), set_config('footbridge.person', :person, true),"
    " set_config('footbridge.role', :role, true), set_config('footbridge.participant', :participant, true),"
    " set_config('footbridge.now', :now, true), set_config('footbridge.today', :today, true)"
)


def _settings(reader: Reader) -> dict[str, str]:
    return {
        "program": str(reader.program_id),
        "person": str(reader.person_id),
        "role": reader.role,
        "participant": str(reader.participant_id or ""),
        "now": reader.now.isoformat(),
        "today": reader.today.isoformat(),
    }


def criterion(reader: Reader, model: Any) -> ColumnElement[bool]:
    """The wall around one table, as a WHERE clause."""
    here: ColumnElement[bool] = model.program_id == reader.program_id
    if not issubclass(model, Owned) or reader.role == "keeper":
        return here
    if reader.participant_id is not None:
        here = and_(here, model.participant_id == reader.participant_id)
    if reader.role == "participant":
        return and_(here, model.participant_id == reader.person_id)
    if model.read_as == "office":
        return here if reader.role in ("manager", "coach") else false()
    if model.read_as == "own" or reader.role == "manager":
        return false()
    if reader.role == "coach":
        here = and_(here, _on_caseload(reader, model))
    return and_(here, _shared(reader, model))


def _on_caseload(reader: Reader, model: Any) -> ColumnElement[bool]:
    coaching, today = SQLModel.metadata.tables["coaching"].alias().c, reader.today
    return exists().where(
        coaching.program_id == reader.program_id,
        coaching.participant_id == model.participant_id,
        coaching.coach_id == reader.person_id,
        coaching.since <= today,
        or_(coaching.until.is_(None), coaching.until >= today),
    )


def _shared(reader: Reader, model: Any) -> ColumnElement[bool]:
    if model.read_as == "spine":
        return _shared_spine(reader, model)
    entry = SQLModel.metadata.tables["entry"].alias().c
    key = model.entry_id if model.read_as == "about" else model.id
    return exists().where(entry.program_id == model.program_id, entry.id == key, _shared_spine(reader, entry))


def _shared_spine(reader: Reader, entry: Any) -> ColumnElement[bool]:
    """Not in the bin, marked as shared by its writer, and its kind shared with this reader now."""
    sharing = SQLModel.metadata.tables["sharing"].alias().c
    team = sharing.reader_id.is_(None) if reader.role == "coach" else sharing.reader_id == reader.person_id
    return and_(
        entry.binned_at.is_(None),
        entry.visibility == "shared",
        exists().where(
            sharing.program_id == entry.program_id,
            sharing.participant_id == entry.participant_id,
            sharing.kind == entry.kind,
            team,
            sharing.since <= reader.now,
            or_(sharing.ended_at.is_(None), sharing.ended_at > reader.now),
        ),
    )


_touched: "WeakKeyDictionary[Any, frozenset[Any]]" = WeakKeyDictionary()


def touched(statement: Any) -> frozenset[Any]:
    """The guarded models in a statement, subqueries included. Prebuilt statements are walked once."""
    if statement not in _touched:
        _touched[statement] = frozenset(_walk(statement))
    return _touched[statement]


def _walk(statement: Any) -> set[Any]:
    """The models that a statement names. A table named past its model is refused: the guard could not filter it."""
    models: set[Any] = set()
    tables: set[Any] = set()
    for element in visitors.iterate(statement):
        entity = element._annotations.get("parententity")
        if entity is not None:
            models.add(entity.class_)
        elif isinstance(element, Table) and element in guarded():
            tables.add(guarded()[element])
    if past := tables - models:
        raise Unopened(f"{past} is read past its model, where the guard cannot see it")
    return {model for model in models if issubclass(model, InProgram)}


@event.listens_for(Session, "do_orm_execute")
def _guard_statement(state: ORMExecuteState) -> None:
    models = touched(state.statement)
    if not models:
        return
    reader: Reader | None = state.session.info.get("reader")
    if reader is None:
        raise Unopened("no door opened this session")
    if state.is_insert:
        raise Unopened("rows are added by session.add or database.keep, which stamp the owner")
    state.statement = state.statement.options(
        *(with_loader_criteria(model, criterion(reader, model), include_aliases=True) for model in models)
    )


@event.listens_for(Session, "before_flush")
def _guard_rows(session: OrmSession, _context: UOWTransaction, _instances: Any) -> None:
    for row in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(row, InProgram):
            stamp(session, row)


def stamp(session: OrmSession, row: InProgram) -> None:
    """Set the owner of a new row; refuse the row of anybody to whom this session is not open."""
    reader: Reader | None = session.info.get("reader")
    if reader is None:
        raise Unopened("no door opened this session")
    row.program_id = row.program_id or reader.program_id
    mine = row.program_id == reader.program_id
    if isinstance(row, Owned):
        row.participant_id = row.participant_id or reader.participant_id  # type: ignore[assignment]
        mine = mine and (
            reader.role == "keeper" or (row.participant_id == reader.participant_id and reader.role in row.kept_by)
        )
    if not mine:
        raise Unopened(f"a row of {type(row).__name__} is not this reader's to keep")
