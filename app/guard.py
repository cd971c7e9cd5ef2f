"""The second wall: no statement reads or keeps a record that no door opened to this reader.

The third wall, row-level security, says the same again inside PostgreSQL (`migrations/versions/`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, event, exists, false, or_, text, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, SQLModel

from app.owned import InProgram, Owned, Role, Unopened
from app.statements import touched


@dataclass(frozen=True)
class Reader:
    """To whom a session is open: one person, as what, for one participant or (None) for all theirs."""

    program_id: UUID
    person_id: UUID
    role: Role
    now: datetime
    today: date
    participant_id: UUID | None = None


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
    if reader.role == "keeper":
        return here
    if not issubclass(model, Owned):
        return here if not model.read_by or reader.role in model.read_by else false()
    if reader.participant_id is not None:
        here = and_(here, model.participant_id == reader.participant_id)
    if reader.role == "participant":
        return and_(here, model.participant_id == reader.person_id) if model.read_as != "staff" else false()
    if model.read_as in ("care", "staff"):
        return and_(here, _on_caseload(reader, model)) if reader.role == "coach" else false()
    if model.read_as == "asked":
        return and_(here, _asked(reader, model)) if reader.role in ("manager", "coach") else false()
    if model.read_as == "office":
        return here if reader.role in ("manager", "coach") else false()
    if model.read_as == "room" and reader.role in ("coach", "manager"):
        mine = _on_caseload(reader, model) if reader.role == "coach" else false()
        return and_(here, or_(mine, _leads(reader, model)), _Shared(model.program_id, model.id, _shared(reader, model)))
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


def _asked(reader: Reader, model: Any) -> ColumnElement[bool]:
    """What was asked in a session is for all staff, what a coach asked of one person for those who coach them."""
    asked = SQLModel.metadata.tables["homework"].alias()
    theirs = _on_caseload(reader, asked.c) if reader.role == "coach" else false()
    key = getattr(model, "homework_id", model.id)
    here = and_(asked.c.program_id == model.program_id, asked.c.id == key)
    return exists().where(here, or_(asked.c.session_id.is_not(None), theirs)).correlate_except(asked)


class _Shared(FunctionElement[bool]):
    """Whether an entry (program, id) is shared, by an expression that looks at it.

    Who leads a session may see of an entry only the part that is for them. In PostgreSQL the wall hides the entry from
    the expression too; there a function answers instead (migration 0011).
    """

    name, type, inherit_cache = "footbridge_shared", Boolean(), True


@compiles(_Shared)
def _by_looking(shared: _Shared, compiler: Any, **also: Any) -> str:
    said: str = compiler.process([*shared.clauses][2], **also)
    return said


@compiles(_Shared, "postgresql")
def _by_asking(shared: _Shared, compiler: Any, **also: Any) -> str:
    program, entry = (compiler.process(clause, **also) for clause in [*shared.clauses][:2])
    return f"footbridge_shared({program}, {entry})"


def _leads(reader: Reader, model: Any) -> ColumnElement[bool]:
    """Whether this reader leads the session that a row is about: by its series as it was that day, or as the cover."""
    series, change = (SQLModel.metadata.tables[name] for name in ("series", "change"))
    by_series = _stands(series, lambda row: (row.series_id == model.series_id, row.starts_on <= model.day), model)
    by_change = _stands(change, lambda row: (row.session_id == model.session_id,), model)
    return or_(by_series("facilitator_id", reader.person_id), by_change("cover_id", reader.person_id))


def _stands(table: Any, about: Callable[[Any], tuple[Any, ...]], model: Any) -> Callable[[str, UUID], Any]:
    """Asks for a column of the row about a session that was made last: the earlier ones do not hold any more."""
    one, later = table.alias(), table.alias()
    here = one.c.program_id == model.program_id, later.c.program_id == model.program_id
    after = tuple_(later.c.made_at, later.c.id) > tuple_(one.c.made_at, one.c.id)
    last = ~exists().where(here[1], *about(later.c), after).correlate_except(later)
    return lambda name, person: (
        exists().where(here[0], *about(one.c), one.c[name] == person, last).correlate_except(one)
    )


def _shared(reader: Reader, model: Any) -> ColumnElement[bool]:
    if model.read_as == "list":
        return and_(model.removed_at.is_(None), _shares(reader, model, model.__tablename__))
    if model.read_as == "spine":
        return _shared_spine(reader, model)
    entry = SQLModel.metadata.tables["entry"].alias().c
    key = model.entry_id if model.read_as == "about" else model.id
    return exists().where(entry.program_id == model.program_id, entry.id == key, _shared_spine(reader, entry))


def _shared_spine(reader: Reader, entry: Any) -> ColumnElement[bool]:
    """Not in the bin, marked as shared by its writer, and its kind shared with this reader now."""
    return and_(entry.binned_at.is_(None), entry.visibility == "shared", _shares(reader, entry, entry.kind))


def _shares(reader: Reader, row: Any, kind: Any) -> ColumnElement[bool]:
    """Whether the participant whose row it is shares a kind with this reader now."""
    sharing = SQLModel.metadata.tables["sharing"].alias().c
    team = sharing.reader_id.is_(None) if reader.role in ("coach", "manager") else sharing.reader_id == reader.person_id
    return exists().where(
        sharing.program_id == row.program_id,
        sharing.participant_id == row.participant_id,
        sharing.kind == kind,
        team,
        sharing.since <= reader.now,
        or_(sharing.ended_at.is_(None), sharing.ended_at > reader.now),
    )


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
    walls = state.session.info.setdefault("walls", {})
    state.statement = state.statement.options(*(_wall(walls, reader, model) for model in models))


def _wall(walls: dict[Any, Any], reader: Reader, model: Any) -> Any:
    """The criterion of a table as an option. Made once for a reader in a session: a page asks thirty times."""
    if (reader, model) not in walls:
        walls[reader, model] = with_loader_criteria(model, criterion(reader, model), include_aliases=True)
    return walls[reader, model]


# --- queries that are compiled once (query.py): the same walls, with gaps for what only one reader has

_GAPS = ("program_id", "person_id", "now", "today", "participant_id")


def kind_of(reader: Reader | None) -> Any:
    """Readers of one kind meet walls of one shape."""
    return reader and (reader.role, reader.participant_id is not None)


def walled(statement: Any, reader: Reader | None) -> Any:
    """A statement with the walls that a reader of this kind meets. Raises Unopened."""
    models = touched(statement)
    if models and reader is None:
        raise Unopened("no door opened this session")
    return statement.options(*(_shape(kind_of(reader), model) for model in models))


def gaps(reader: Reader | None) -> dict[str, Any]:
    """What fills the gaps of those walls for this reader."""
    return {f"reader_{name}": getattr(reader, name) for name in _GAPS} if reader else {}


@cache
def _shape(kind: tuple[Role, bool], model: Any) -> Any:
    gap: dict[str, Any] = {name: bindparam(f"reader_{name}") for name in _GAPS}
    anybody = Reader(role=kind[0], **gap if kind[1] else gap | {"participant_id": None})
    return with_loader_criteria(model, criterion(anybody, model), include_aliases=True)


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
    if reader.role == "keeper":
        return True
    if not isinstance(row, Owned):
        return may_keep(reader, type(row)) or (row.kept_by_oneself and row.id == reader.person_id)
    return row.participant_id == reader.participant_id and may_keep(reader, type(row))


def may_keep(reader: Reader, model: Any) -> bool:
    """Whether a reader may change rows of a table at all."""
    if reader.role == "keeper":
        return True
    # No door opens somebody else's record to a participant; if one ever did, they would write nothing in it.
    oneself = reader.role != "participant" or reader.participant_id == reader.person_id
    one = not issubclass(model, Owned) or (reader.participant_id is not None and oneself)
    return one and reader.role in model.kept_by
