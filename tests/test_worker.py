"""What happens on a clock: bins are emptied, program by program, whatever is wrong in one of them."""

import logging
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app import worker
from app.access import House
from app.database import new_id
from app.lib.vault import new_key
from app.models import entry, program
from app.models.entry import Entry
from app.models.program import Program
from tests.acts import count, kept
from tests.conftest import NOON, Stage


def throw(stage: Stage, name: str, days_ago: int) -> None:
    then = NOON - timedelta(days=days_ago)
    one = kept(stage, name, "thrown away", at=then)
    with stage.mine(name, then) as record:
        entry.throw(record, one)


def test_every_program_is_tidied(stage: Stage) -> None:
    for name in ("ana", "ben", "eli"):
        throw(stage, name, 31)
        throw(stage, name, 29)
        kept(stage, name, "still wanted", at=NOON - timedelta(days=31))
    assert worker.tidy(stage.house) == 3
    assert [count(stage, name, Entry) for name in ("ana", "ben", "eli")] == [2, 2, 2]


def test_what_is_wrong_in_one_program_keeps_no_other_from_being_tidied(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("ana", "eli"):
        throw(stage, name, 31)
    with stage.house.database.session() as session:
        session.get_one(Program, stage.cast.harbor).key = new_key()
    with caplog.at_level(logging.ERROR):
        assert worker.tidy(stage.house) == 1
    assert count(stage, "eli", Entry) == 0
    assert [record.facts for record in caplog.records] == [{"program": str(stage.cast.harbor)}]


def test_the_clock_goes_on_when_the_database_is_busy(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    went, twice = [], threading.Event()

    def busy(_house: House) -> int:
        went.append(1)
        if len(went) > 1:
            twice.set()
        raise OperationalError("BEGIN", {}, Exception("locked"))

    monkeypatch.setattr(worker, "tidy", busy)
    monkeypatch.setattr(worker, "EVERY_SECONDS", 0.01)
    with worker.beside(house):
        assert twice.wait(10)


def test_it_runs_at_start_and_stops_with_the_server(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(worker, "tidy", lambda _house: done.set() or 0)
    with worker.beside(house):
        assert done.wait(10)
    assert "clock" not in {thread.name for thread in threading.enumerate()}


def test_a_house_without_programs_has_nothing_to_tidy(house: House) -> None:
    assert worker.tidy(house) == 0


def test_a_keeper_of_one_program_reaches_no_other(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    throw(stage, "ana", 31)
    throw(stage, "eli", 31)
    only: Any = [stage.cast.meadow]
    monkeypatch.setattr(program, "program_ids", lambda _session: only)
    assert worker.tidy(stage.house) == 1
    assert count(stage, "ana", Entry) == 1 and count(stage, "eli", Entry) == 0
    assert new_id()
