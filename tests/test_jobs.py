"""Jobs: taken by one worker at a time, done once, whoever dies; and when each comes back."""

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Lock, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app import worker
from app.access import House
from app.database import new_id
from app.models import jobs
from app.models.jobs import LEASE, TRIES, Job
from app.models.limits import Limit
from app.models.program import Program
from app.record import Record
from tests.conftest import NOON, Clock, Stage


def enter(stage: Stage, what: str, many: int = 1) -> list[UUID]:
    """Jobs that are due, each about something of its own."""
    those = [jobs.of(stage.cast.harbor, what, NOON - timedelta(seconds=n), about=new_id()) for n in range(many)]
    with stage.house.database.session() as session:
        jobs.add(session, those)
        jobs.add(session, those)
    return [one.id for one in those]


def rows(stage: Stage, what: str) -> list[Job]:
    with stage.house.database.session(writes=False) as session:
        return list(session.exec(select(Job).where(Job.what == what)).all())


def mark(record: Record) -> None:
    """What a job of these tests does: a row, in the transaction of the job."""
    record.session.add(Limit(id=new_id(), name="done", value=1, by=record.person_id, at=record.now))
    record.session.flush()


def marks(stage: Stage) -> int:
    with stage.mine("ana") as record:
        return len(record.session.exec(select(Limit.id)).all())


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes back by itself."""
    monkeypatch.setattr(jobs, "TURNS", {})


class Killed(RuntimeError):
    """A worker dies in the middle of its work: its transaction is never committed."""


def test_f14_each_job_is_done_once_by_four_workers_of_whom_some_die(
    stage: Stage, clock: Clock, idle: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """200 jobs; every seventh time a worker dies after its work and before its end."""
    ids, turn, lock = enter(stage, "mark", 200), count(1), Lock()

    def work(record: Record) -> None:
        mark(record)
        with lock:
            dies = next(turn) % 7 == 0
        if dies:
            raise Killed

    monkeypatch.setitem(worker.WORK, "mark", work)
    killed = 0
    with caplog.at_level(logging.CRITICAL):
        while any(job.done_at is None for job in rows(stage, "mark")):
            threads = [Thread(target=worker.turn, args=(stage.house,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            killed += sum(job.done_at is None for job in rows(stage, "mark"))
            clock.now += LEASE
    assert {job.id for job in rows(stage, "mark")} == set(ids)
    assert marks(stage) == 200 and killed >= 20
    assert sum(job.tries for job in rows(stage, "mark")) == 200 + killed


def test_a_worker_that_lost_its_job_does_nothing(
    stage: Stage, clock: Clock, idle: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(stage, "mark")
    monkeypatch.setitem(worker.WORK, "mark", mark)
    slow = worker.take(stage.house)
    assert slow and worker.take(stage.house) is None
    clock.now += LEASE
    quick = worker.take(stage.house)
    assert quick and quick.id == slow.id
    assert not worker.do(stage.house, slow)
    assert worker.do(stage.house, quick) and not worker.do(stage.house, quick)
    assert marks(stage) == 1


def test_a_job_that_fails_keeps_no_other_waiting_and_is_left_after_ten_times(
    stage: Stage, clock: Clock, idle: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(record: Record) -> None:
        mark(record)
        raise ZeroDivisionError

    monkeypatch.setitem(worker.WORK, "mark", mark)
    monkeypatch.setitem(worker.WORK, "wrong", fails)
    enter(stage, "wrong")
    enter(stage, "mark", 3)
    with caplog.at_level(logging.ERROR):
        assert worker.turn(stage.house) == 3
        for _ in range(TRIES + 2):
            clock.now += LEASE
            worker.turn(stage.house)
    [wrong] = rows(stage, "wrong")
    assert (marks(stage), wrong.tries, wrong.done_at) == (3, TRIES, None)
    told: Any = caplog.records[0]
    assert told.facts == {"program": str(stage.cast.harbor), "job": "wrong", "tries": 1}
    assert len(caplog.records) == TRIES


def test_a_job_is_entered_in_the_transaction_of_its_cause(stage: Stage, idle: None) -> None:
    with pytest.raises(Killed), stage.mine("ana") as record:
        jobs.add(record.session, [jobs.of(record.program.id, "mail", record.now)])
        raise Killed
    assert rows(stage, "mail") == []
    with stage.mine("ana") as record:
        jobs.add(record.session, [jobs.of(record.program.id, "mail", record.now + timedelta(hours=1))])
    assert worker.take(stage.house) is None


def test_what_comes_back_is_entered_once_a_turn_and_what_was_missed_is_not_made_up_for(
    house: House, stage: Stage, clock: Clock
) -> None:
    for _ in range(2):
        worker.plan(house)
    assert len(rows(stage, "tidy")) == 2  # one in each program
    clock.go(hours=9)
    assert worker.turn(house) > 0
    assert sorted({job.due_at for job in rows(stage, "tidy")}) == [NOON, NOON + timedelta(hours=9)]
    clock.go(days=8)
    worker.turn(house)
    assert {job.due_at for job in rows(stage, "tidy")} == {NOON + timedelta(days=8, hours=9)}


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 18, 11, 59, tzinfo=UTC), datetime(2026, 11, 17, 12, tzinfo=UTC)),
        (datetime(2026, 11, 18, 12, 0, tzinfo=UTC), datetime(2026, 11, 18, 12, tzinfo=UTC)),
        # The clocks of New York go forward on March 14, 2027, and back on November 7: it stays seven o'clock there.
        (datetime(2027, 3, 14, 23, 0, tzinfo=UTC), datetime(2027, 3, 14, 11, tzinfo=UTC)),
        (datetime(2027, 11, 7, 23, 0, tzinfo=UTC), datetime(2027, 11, 7, 12, tzinfo=UTC)),
    ],
)
def test_the_morning_is_seven_on_the_clocks_of_the_program(now: datetime, due: datetime) -> None:
    program = Program(id=new_id(), name="Harbor", zone="America/New_York", key=b"")
    assert jobs.in_the_morning(now, program) == due


def test_jobs_name_nobody(stage: Stage) -> None:
    enter(stage, "mark", 3)
    columns = Counter(name for name in Job.model_fields)
    assert set(columns) == {"program_id", "id", "what", "due_at", "taken_until", "tries", "done_at"}
    assert str(stage.cast.ana) not in repr(rows(stage, "mark"))
