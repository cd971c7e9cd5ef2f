"""Queries that are compiled once tell each reader what a statement made for them would tell, and nothing else."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlmodel import Session, col, select

import app
from app.database import new_id
from app.models import moods
from app.models.entry import Entry
from app.models.moods import MoodForm
from app.owned import Unopened
from app.query import Query, given
from tests.conftest import Browser, Stage
from tests.test_erasure import pages
from tests.test_guard import READS, REFUSED, Lives, lives

__all__ = ["lives"]
MOODS = Query(select(Entry.mood).where(col(Entry.mood) > given("least", col(Entry.mood))))


def queries() -> Iterator[tuple[str, Query]]:
    """Every query of the product, by its name."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if found.name != "app.__main__":
            module = importlib.import_module(found.name)
            yield from (
                (f"{found.name}.{name}", value) for name, value in vars(module).items() if isinstance(value, Query)
            )


QUERIES = dict(queries())


def test_v8_2_2_every_shape_tells_the_coach_the_same(stage: Stage, lives: Lives) -> None:
    with stage.coached("cora", "ana") as record:
        for shape, statement in READS.items():
            asked = sorted(map(tuple, record.session.execute(statement)), key=str)
            assert (shape, sorted(map(tuple, Query(statement).rows(record.session)), key=str)) == (shape, asked)


@pytest.mark.parametrize("shape", [shape for shape in REFUSED if "changed" not in shape and "destroyed" not in shape])
def test_what_the_guard_cannot_filter_is_refused(stage: Stage, lives: Lives, shape: str) -> None:
    with stage.mine("ana") as record, pytest.raises((Unopened, AttributeError)):
        Query(REFUSED[shape]).rows(record.session)


def test_each_reader_is_told_their_own(stage: Stage, lives: Lives) -> None:
    told = []
    for _ in range(2):
        for whose in (stage.mine("ana"), stage.coached("cora", "ana"), stage.coached("dov"), stage.mine("eli")):
            with whose as record:
                told.append({mood for (mood,) in MOODS.rows(record.session, least=0)})
    assert told == [{1, 2, 4, 5}, {2}, {3}, {3}] * 2


def test_nothing_is_read_unopened(stage: Stage) -> None:
    with stage.house.database.session() as session, pytest.raises(Unopened):
        MOODS.rows(session, least=0)


def test_what_was_just_kept_is_there(stage: Stage) -> None:
    with stage.mine("ana") as record:
        moods.keep(record, MoodForm(id=new_id(), mood=4))
        row = record.session.exec(select(Entry)).one()
        row.mood = 5  # not yet said to the database
        assert [mood for (mood,) in MOODS.rows(record.session, least=0)] == [5]


# --- those of the product

FIRST = {
    "ana": ("/today", "/journal", "/skills"),
    "ben": ("/today",),
    "cora": ("/caseload", "/review"),
    "pat": ("/people",),
}
MANY = 60  # pages for each


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Whatever a page asks by a query is asked of the ORM as well, through the guard. Which of them found something."""
    found: set[str] = set()
    names, rows = {query: name for name, query in QUERIES.items()}, Query.rows

    def both(query: Query, session: Session, **values: Any) -> list[Any]:
        told = rows(query, session, **values)
        columns = [*query.statement.selected_columns]
        statement = query.statement.with_only_columns(*columns, maintain_column_froms=True)
        assert told == [tuple(row) for row in session.execute(statement, values)], names[query]
        found.update([names[query]] * bool(told))
        return told

    monkeypatch.setattr(Query, "rows", both)
    return found


def test_v8_2_2_pages_are_told_what_the_orm_tells(
    month: Stage, signed_in: Callable[[str], Browser], compared: set[str]
) -> None:
    for who in ("ana", "ben", "cora", "pat"):
        assert len([*pages(signed_in(who))]) > 20
    assert sorted(QUERIES.keys() - compared) == []
