"""The second wall: no statement reads or keeps a record that no door opened to this reader.

The third wall, row-level security, says the same again inside PostgreSQL (`migrations/versions/`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, event, exists, false, or_, text
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlalchemy.orm import Session as OrmSession
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
    if reader.role == "keeper":
        return True
    if not isinstance(row, Owned):
        return row.kept_by_oneself and row.id == reader.person_id
    return row.participant_id == reader.participant_id and may_keep(reader, type(row))


def may_keep(reader: Reader, model: Any) -> bool:
    """Whether a reader may change rows of a table at all."""
    if reader.role == "keeper":
        return True
    return issubclass(model, Owned) and reader.participant_id is not None and reader.role in model.kept_by
