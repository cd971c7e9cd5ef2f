"""Queries that are compiled once tell each reader what a statement made for them would tell, and nothing else."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, col, select

import app
from app.database import new_id
from app.forms import Posted
from app.models import entry, measures, moods, phases, setbacks, urges
from app.models.entry import Entry
from app.models.measures import MeasureForm
from app.models.moods import MoodForm
from app.models.phases import PhaseChangeForm
from app.models.setbacks import SetbackForm
from app.models.urges import UrgeForm
from app.owned import Unopened
from app.query import Query, given
from app.record import Record
from tests import matrix
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
                (f"{found.name}.{name}", each) for name, each in vars(module).items() if isinstance(each, Query)
            )
    yield from ((f"the numbers of {kind}", entry._of_kind(kind)) for kind in entry.PARTS)


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


def test_a_gap_is_not_forgotten(stage: Stage) -> None:
    with stage.mine("ana") as record, pytest.raises(TypeError, match="no value for"):
        MOODS.rows(record.session)


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


# Only the clock, a form, or a page that is reached by no link asks these with an answer; they are asked all the same,
# and each has tests where it belongs.
WITHOUT = {
    "app.models.covers.OF_ONE", "app.models.flags.CLEARANCES", "app.models.flags.OPEN", "app.models.limits.SET",
    "app.models.lists.NEW_ENTRIES", "app.models.lists.NEW_FLAGS", "app.models.sessions.ONE_CHANGES",
}  # fmt: skip


def half_done(record: Record) -> None:
    """What a page goes on with."""
    one = measures.find("phq-9", "en")
    form = MeasureForm.model_validate({"id": new_id(), "edition": one.version, "answer-1": 1, "done": False})
    assert measures.kept(record, Posted(kept=form), one)
    urges.grow(record, UrgeForm(id=new_id(), before=8, done=False))
    setbacks.grow(record, SetbackForm(id=new_id(), done=False))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Whatever a page asks by a query is asked of the ORM as well, through the guard. Which of them found something."""
    found: set[str] = set()
    names, rows = {query: name for name, query in QUERIES.items()}, Query.rows

    def both(query: Query, session: Session, /, **values: Any) -> list[Any]:
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
    matrix.settle(month.house, month.cast)
    with month.mine("ana") as record:
        half_done(record)
    with month.coached("cora", "ana") as record:
        phases.change(record, PhaseChangeForm(id=new_id(), number=2, since=record.today, why="Ready for it."))
    for who in ("ana", "ben", "cora", "pat"):
        assert len([*pages(signed_in(who))]) > 20
    earlier = unescape(re.findall(r'href="(/journal\?before=[^"]*)', signed_in("ana").look("/journal").text)[0])
    assert [signed_in("ana").look(path).status_code for path in (earlier, "/triggers/map")] == [200, 200]
    assert QUERIES.keys() - compared <= WITHOUT
