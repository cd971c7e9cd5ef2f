"""Queries that pages ask each time: built once, walled and compiled once for each kind of reader.

A statement that is made for one request costs the ORM ten times what the database does with it (decision 0039). These
are ordinary statements of columns, with named gaps; the guard's walls are compiled into them, with gaps of their own
that only the reader of the session fills.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any

from sqlalchemy import BindParameter, Dialect, bindparam
from sqlmodel import Session, SQLModel

from app.guard import gaps, kind_of, walled

Turn = Callable[[Any], Any] | None


def given(name: str, like: Any, many: bool = False) -> BindParameter[Any]:
    """A gap in a query, for a value of the type of that column; `many`: for a collection of them, with `in_`."""
    return bindparam(name, type_=like.type, expanding=many)


class Query:
    """A SELECT of one model or of columns, asked by name. Its rows are named tuples: nobody changes them. Those of a
    model have what it says of itself."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self.columns = statement.selected_columns.keys()
        row: Any = namedtuple("Row", self.columns, rename=True)  # type: ignore[misc]
        self.row: Any = type("Row", (row,), {"__slots__": (), **_methods(statement)})
        self._made: dict[Any, _Made] = {}

    def rows(self, session: Session, /, **values: Any) -> list[Any]:
        """What the reader to whom this session is open may see of it. Raises Unopened without one."""
        connection, reader = session.connection(), session.info.get("reader")
        made = self._made_for(connection.dialect, reader)
        session.flush()  # as the ORM does it before it asks
        found = connection.exec_driver_sql(*made.said(values | gaps(reader)))
        turns = made.turns(found.cursor.description)
        return [self.row._make(_turned(turns, row)) for row in found.cursor.fetchall()]

    def first(self, session: Session, /, **values: Any) -> Any:
        """The first of them, or None."""
        return next(iter(self.rows(session, **values)), None)

    def _made_for(self, dialect: Dialect, reader: Any) -> "_Made":
        kind = dialect.name, kind_of(reader)
        if kind not in self._made:
            self._made[kind] = _Made(walled(self.statement, reader), dialect)
        return self._made[kind]


def _methods(statement: Any) -> dict[str, Any]:
    """The methods and properties of the model that a statement selects, if it selects one."""
    those: Any = getattr(statement, "column_descriptions", ())
    one = those[0]["type"] if len(those) == 1 else None
    said = vars(one).items() if isinstance(one, type) and issubclass(one, SQLModel) else ()
    return {name: each for name, each in said if isinstance(each, FunctionType | property) and name[0] != "_"}


class _Made:
    """A query as one kind of reader asks it of one kind of database: its SQL, and what turns values and rows over."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        self.compiled = statement.compile(dialect=dialect)
        self.fixed = self.compiled.params
        self.open = {name for bind, name in self.compiled.bind_names.items() if bind.required}
        self.binds = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for bind, name in self.compiled.bind_names.items()
        }
        self.dialect, self.types = dialect, [column.type for column in statement.selected_columns]
        self.columns: list[Turn] = []

    def said(self, values: Mapping[str, Any]) -> tuple[str, Any]:
        """The SQL and its parameters, as the driver takes them."""
        # A gap without a value would be NULL, which nothing is equal to.
        if forgotten := self.open - values.keys():
            raise TypeError(f"no value for {sorted(forgotten)}")
        compiled, asked = self.compiled, self.fixed | values
        if not compiled.post_compile_params:
            return compiled.string, self._filled(compiled.positiontup, self.binds, asked)
        state = compiled.construct_expanded_state(asked)  # each of many values has its own place in the SQL
        return state.statement, self._filled(state.positiontup, self.binds | state.processors, state.parameters)

    def _filled(self, places: Iterable[str] | None, turns: Mapping[str, Turn], asked: Mapping[str, Any]) -> Any:
        turned = {name: turn(value) if (turn := turns.get(name)) else value for name, value in asked.items()}
        return turned if places is None else tuple(turned[name] for name in places)

    def turns(self, described: Any) -> list[Turn]:
        """What makes values of each column; PostgreSQL says with the first answer which of its types they have."""
        if not self.columns:
            self.columns = [
                kind.dialect_impl(self.dialect).result_processor(self.dialect, column[1])
                for kind, column in zip(self.types, described, strict=True)
            ]
        return self.columns


def _turned(turns: list[Turn], row: tuple[Any, ...]) -> list[Any]:
    return [turn(value) if turn and value is not None else value for turn, value in zip(turns, row, strict=True)]
