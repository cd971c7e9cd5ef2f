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

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Select,
    Table,
    TableClause,
    TextClause,
    and_,
    event,
    exists,
    false,
    or_,
    text,
)
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import FromClauseAlias
from sqlalchemy.sql.util import extract_first_column_annotation
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
_BLOCKS = (Select, UpdateBase)


def touched(statement: Any) -> frozenset[Any]:
    """The guarded models in a statement, subqueries included. Prebuilt statements are walked once."""
    if statement not in _touched:
        _touched[statement] = frozenset(_walk(statement))
    return _touched[statement]


def _walk(statement: Any) -> set[Any]:
    """Raises Unopened where `with_loader_criteria` would leave a guarded table unfiltered (tests/test_guard.py)."""
    models: set[Any] = set()
    for element in visitors.iterate(statement):
        if _unreadable(element) or (isinstance(element, UpdateBase) and element is not statement):
            raise Unopened("a statement holds SQL that the guard cannot read")
        if isinstance(element, _BLOCKS) or element is statement:
            models |= _filtered(element)
    return models


def _unreadable(element: Any) -> bool:
    if isinstance(element, TableClause):
        return not isinstance(element, Table)
    return isinstance(element, TextClause) or (getattr(element, "is_literal", False) and element.name != "*")


def _filtered(block: Any) -> set[Any]:
    """The guarded models in one SELECT, UPDATE or DELETE: each of its guarded tables must be seen to be filtered."""
    seen = {entity for entity in _seen(block) if entity is not None}
    tables = {table: model for each in _surface(*block.get_children()) for table, model in _tables(each)}
    if past := tables.keys() - {entity.selectable for entity in seen}:
        raise Unopened(f"{[tables[table].__name__ for table in past]}: named where the guard cannot filter it")
    return set(tables.values())


def _seen(block: Any) -> Iterator[Any]:
    """The entities to which SQLAlchemy adds the criteria of one block."""
    if isinstance(block, UpdateBase):
        yield _entity(block.table)
    if isinstance(block, Select) and block._propagate_attrs.get("compile_state_plugin") == "orm":
        joined = [_entity(join[0]) for join in block._setup_joins]
        if any(entity is not None and entity.is_aliased_class for entity in joined):
            # The criteria of a join are not adapted: they would filter the table, and leave its alias open.
            raise Unopened("join the model itself, not an alias of it")
        yield from joined
        yield from map(_entity, [*block._from_obj, *_surface(*block._where_criteria)])
        for column in block._raw_columns:
            yield _entity(column) or extract_first_column_annotation(column, "parententity")  # type: ignore[no-untyped-call]


def _entity(element: Any) -> Any:
    return element._annotations.get("parententity")


def _surface(*elements: Any) -> Iterator[Any]:
    """What stands in a block itself, not in the blocks inside it. An alias stands for its table."""
    for element in elements:
        yield element
        aliased = isinstance(element, FromClauseAlias) and _table(element) is not None
        if not aliased and not isinstance(element, _BLOCKS):
            yield from _surface(*element.get_children())


def _tables(element: Any) -> Iterator[tuple[Any, Any]]:
    """The guarded table, or the alias of one, that an element is or belongs to, with its model."""
    place = element.table if isinstance(element, ColumnClause) else element
    if (table := _table(place)) in guarded():
        yield place, guarded()[table]


def _table(place: Any) -> Any:
    within = place.element if isinstance(place, FromClauseAlias) else place
    return within if isinstance(within, Table) else None


@event.listens_for(Session, "do_orm_execute")
def _guard_statement(state: ORMExecuteState) -> None:
    models = touched(state.statement)
    if not models:
        return
    reader: Reader | None = state.session.info.get("reader")
    if reader is None:
        raise Unopened("no door opened this session")
    if not state.is_select:
        _guard_change(state, reader)
    state.statement = state.statement.options(
        *(with_loader_criteria(model, criterion(reader, model), include_aliases=True) for model in models)
    )


def _guard_change(state: ORMExecuteState, reader: Reader) -> None:
    """An UPDATE or DELETE reaches what its reader may read; whether they may change it is asked here."""
    if state.is_insert or isinstance(state.parameters, list):
        raise Unopened("rows are added by session.add or database.keep, which stamp the owner")
    mapper = state.bind_mapper
    if mapper is None or not may_keep(reader, mapper.class_):
        raise Unopened("rows that are not this reader's to change")


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
    if isinstance(row, Owned):
        row.participant_id = row.participant_id or reader.participant_id  # type: ignore[assignment]
    if not _mine(reader, row):
        raise Unopened(f"a row of {type(row).__name__} is not this reader's to keep")


def _mine(reader: Reader, row: InProgram) -> bool:
    if row.program_id != reader.program_id:
        return False
    if not isinstance(row, Owned) or reader.role == "keeper":
        return True
    return row.participant_id == reader.participant_id and may_keep(reader, type(row))


def may_keep(reader: Reader, model: Any) -> bool:
    """Whether a reader may change rows of a table at all."""
    if not issubclass(model, Owned) or reader.role == "keeper":
        return True
    return reader.participant_id is not None and reader.role in model.kept_by
