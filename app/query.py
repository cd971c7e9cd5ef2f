"""Queries that pages ask each time: built once, walled and compiled once for each kind of reader.

A statement that is made for one request costs the ORM ten times what the database does with it (decision 0039). These
are ordinary statements of columns, with named gaps; the guard's walls are compiled into them, with gaps of their own
that only the reader of the session fills.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import BindParameter, Dialect, bindparam
from sqlmodel import Session

from app.guard import gaps, kind_of, walled

Turn = Callable[[Any], Any] | None


def given(name: str, like: Any, many: bool = False) -> BindParameter[Any]:
    """A gap in a query, for a value of the type of that column; `many`: for a collection of them, with `in_`."""
    return bindparam(name, type_=like.type, expanding=many)


class Query:
    """A SELECT of one model or of columns, asked by name. Its rows are named tuples: nobody changes them."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self.row: Any = namedtuple("Row", statement.selected_columns.keys(), rename=True)  # type: ignore[misc]
        self._made: dict[Any, _Made] = {}

    def rows(self, session: Session, **values: Any) -> list[Any]:
        """What the reader to whom this session is open may see of it. Raises Unopened without one."""
        connection, reader = session.connection(), session.info.get("reader")
        made = self._made_for(connection.dialect, reader)
        session.flush()  # as the ORM does it before it asks
        found = connection.exec_driver_sql(*made.said(values | gaps(reader)))
        return [self.row._make(made.read(row)) for row in found.cursor.fetchall()]

    def first(self, session: Session, **values: Any) -> Any:
        """The first of them, or None."""
        return next(iter(self.rows(session, **values)), None)

    def _made_for(self, dialect: Dialect, reader: Any) -> "_Made":
        kind = dialect.name, kind_of(reader)
        if kind not in self._made:
            self._made[kind] = _Made(walled(self.statement, reader), dialect)
        return self._made[kind]


class _Made:
    """A query as one kind of reader asks it of one kind of database: its SQL, and what turns values and rows over."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        self.compiled = statement.compile(dialect=dialect)
        self.fixed = self.compiled.params
        self.binds = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for bind, name in self.compiled.bind_names.items()
        }
        self.columns = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.selected_columns
        ]

    def said(self, values: Mapping[str, Any]) -> tuple[str, Any]:
        """The SQL and its parameters, as the driver takes them."""
        compiled, asked = self.compiled, self.fixed | values
        if not compiled.post_compile_params:
            return compiled.string, self._turned(compiled.positiontup, self.binds, asked)
        state = compiled.construct_expanded_state(asked)  # each of many values has its own place in the SQL
        return state.statement, self._turned(state.positiontup, self.binds | state.processors, state.parameters)

    def _turned(self, places: Iterable[str] | None, turns: Mapping[str, Turn], asked: Mapping[str, Any]) -> Any:
        turned = {name: turn(value) if (turn := turns.get(name)) else value for name, value in asked.items()}
        return turned if places is None else tuple(turned[name] for name in places)

    def read(self, row: tuple[Any, ...]) -> list[Any]:
        return [
            turn(value) if turn and value is not None else value for turn, value in zip(self.columns, row, strict=True)
        ]
