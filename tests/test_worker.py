"""What happens on a clock: bins are emptied, silence and missed sessions found, whatever is wrong in one program."""

import logging
import signal
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from app import cli, worker
from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.lib.vault import new_key
from app.models import agenda, entry, flags, people, sharing
from app.models.agenda import AwayForm
from app.models.entry import Entry
from app.models.program import Program
from app.settings import Settings
from tests.acts import count, kept
from tests.conftest import NOON, Clock, Stage
from tests.meeting import held
from tests.test_flags import open_of, raised

DAY = timedelta(days=1)


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
    worker.turn(stage.house)
    assert [count(stage, name, Entry) for name in ("ana", "ben", "eli")] == [2, 2, 2]
    assert worker.turn(stage.house) == 0


def test_what_is_wrong_in_one_program_keeps_no_other_from_being_tidied(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("ana", "eli"):
        throw(stage, name, 31)
    with stage.house.database.session() as session:
        session.get_one(Program, stage.cast.harbor).key = new_key()
    with caplog.at_level(logging.ERROR):
        worker.turn(stage.house)
    assert count(stage, "eli", Entry) == 0
    told: list[Any] = [record for record in caplog.records if hasattr(record, "facts")]
    assert {one.facts["program"] for one in told} == {str(stage.cast.harbor)}
    assert {one.facts["job"] for one in told} == {"tidy", "missed", "morning"}


def test_the_clock_goes_on_whatever_happens(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    went, again = [], threading.Event()
    wrong = [OperationalError("BEGIN", {}, Exception("locked")), KeyError("a bug")]

    def stumble(_house: House, _stop: threading.Event) -> int:
        went.append(1)
        if len(went) > len(wrong):
            again.set()
            return 0
        raise wrong[len(went) - 1]

    monkeypatch.setattr(worker, "turn", stumble)
    monkeypatch.setattr(worker, "EVERY_SECONDS", 0.01)
    with caplog.at_level(logging.ERROR), worker.beside(house):
        assert again.wait(10)
    assert [record.message for record in caplog.records] == ["the clock stumbled, and goes on"] * 2


def test_it_runs_at_start_and_stops_with_the_server(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(worker, "turn", lambda _house, _stop: done.set() or 0)
    with worker.beside(house):
        assert done.wait(10)
    assert "clock" not in {thread.name for thread in threading.enumerate()}


def test_it_does_not_run_beside_a_server_that_was_told_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.settings = house.settings.model_copy(update={"clock": False})
    monkeypatch.setattr(worker, "turn", lambda _house, _stop: pytest.fail("it went"))
    with worker.beside(house):
        assert "clock" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_is_a_command_of_its_own_that_ends_when_it_is_told_to(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[House] = []

    def turn(house: House, _stop: threading.Event) -> int:
        done.append(house)
        signal.raise_signal(signal.SIGTERM)
        return 0

    before = {which: signal.getsignal(which) for which in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(worker, "turn", turn)
    try:
        cli.work(settings)
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
    assert len(done) == 1


def test_a_house_without_programs_has_nothing_to_do(house: House) -> None:
    assert worker.turn(house) == 0


# --- silence


def test_silence_is_found_on_the_third_whole_program_day(stage: Stage, clock: Clock) -> None:
    """Noon of Wednesday, November 18. Thursday, Friday and Monday are whole; it is told on Tuesday morning."""
    kept(stage, "ana", "a page")
    clock.go(days=5)
    worker.turn(stage.house)
    assert "quiet" not in raised(stage)
    clock.go(days=1)
    worker.turn(stage.house)
    [flag] = [one for one in open_of(stage) if one.rule == "quiet"]
    assert flag.reason.reason() == "Nothing logged for 3 program days."


def test_silence_is_of_what_is_shared_and_is_raised_once(stage: Stage, clock: Clock) -> None:
    with stage.mine("ana") as record:
        sharing.stop(record, "mood")
    kept(stage, "ana", "a page")
    for n in range(1, 7):
        kept(stage, "ana", "for me", visibility="private", at=NOON + n * DAY)
        kept(stage, "ana", kind="mood", mood=4, at=NOON + n * DAY)
    clock.go(days=6)
    worker.turn(stage.house)
    assert raised(stage) == ["quiet"]
    with stage.coached("cora", "ana") as record:
        flags.clear(record, flags.history(record)[0].id, "She is well.")
    clock.go(days=1)
    worker.turn(stage.house)
    assert raised(stage) == []


def test_whose_stay_has_not_begun_or_is_over_is_not_silent(stage: Stage, clock: Clock) -> None:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        for row in record.session.exec(select(people.Episode)):
            row.started_on, row.ended_on = record.today - 9 * DAY, record.today + DAY
    clock.go(days=6)
    worker.turn(stage.house)
    assert raised(stage) == [] and raised(stage, "dov", "ben") == []


# --- a session that was missed


def test_a_missed_session_is_found_after_it_and_not_when_word_came(stage: Stage, clock: Clock) -> None:
    one = held(stage.house, stage.cast.harbor, stage.cast.cora, NOON)
    with stage.mine("ben", NOON - DAY) as record:
        assert agenda.say_away(record, one.id, Posted(kept=AwayForm(id=new_id(), reason="work")))
    worker.turn(stage.house)
    assert raised(stage) == []
    clock.go(hours=4)
    worker.turn(stage.house)
    assert raised(stage) == ["missed-session"] and raised(stage, "dov", "ben") == []
    [flag] = open_of(stage)
    assert flag.reason.said()["day"] == str(one.on) and flag.entry_id is None
    clock.go(hours=1)
    worker.turn(stage.house)
    assert len(raised(stage)) == 1
