"""Which guarded tables a statement names, and whether the guard's conditions would reach each of them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnClause, Select, Table, TableClause, TextClause
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import FromClauseAlias
from sqlalchemy.sql.util import extract_first_column_annotation

from app.owned import Unopened, guarded

# By the key that SQLAlchemy itself keeps compiled statements by: the same key, the same tables in the same places.
_touched: dict[Any, frozenset[Any]] = {}
_MANY = 5000
_BLOCKS = (Select, UpdateBase)


def touched(statement: Any) -> frozenset[Any]:
    """The guarded models in a statement, subqueries included. Statements of one shape are walked once."""
    shape = statement._generate_cache_key()
    if shape is None:
        return frozenset(_walk(statement))
    found = _touched.get(shape.key)
    if found is None:
        found = frozenset(_walk(statement))
        if len(_touched) > _MANY:
            _touched.clear()
        _touched[shape.key] = found
    return found


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
