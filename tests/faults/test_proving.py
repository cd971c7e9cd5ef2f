"""How `make faults` tells what it found; and its cheap proofs, a short run of each."""

from collections.abc import Iterator
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete

from app.database import new_id
from app.models import moods, practices
from app.models.moods import MoodForm
from app.models.practices import Practice, PracticeForm
from bench.figures import Figure
from tests.conftest import Stage
from tests.faults import NotHere, __main__, killed, older, upgrade
from tests.faults.__main__ import PROOFS, Proof, has_to_be_nothing, prove
from tests.faults.pouring import Pour, judged
from tests.faults.power import PIECE, Deed, Disk
from tests.faults.writing import SKILL


def proof(value: float, wrong: Exception | None = None) -> Proof:
    def run(seed: int, many: int) -> Iterator[Figure]:
        yield Figure("F00_lost_sqlite", value, "", many)
        if wrong:
            raise wrong

    return Proof(run, 5, ("F00",))


@pytest.mark.parametrize(
    ("one", "well", "said"),
    [
        (proof(0), True, "F00_lost_sqlite = 0 (n = 5)"),
        (proof(1), False, "F00_lost_sqlite = 1 (n = 5)"),
        (proof(0, NotHere("no disk")), True, "one (F00) is not shown on this machine: no disk"),
        (proof(0, ValueError("oh")), False, "one_broke = 1 proofs (n = 1)"),
    ],
)
def test_what_has_to_be_nothing_decides(
    one: Proof, well: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "PROOFS", {"one": one, "other": proof(9)})
    assert prove("one", 7, None) is well
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "one_seed = 7 (n = 1)" and said in told and told[-1].startswith("all_took = ")


def test_a_name_that_is_no_proof_proves_nothing() -> None:
    assert not prove("nothing of the kind", 7, None)


def test_a_row_of_the_requirements_chooses_its_proof() -> None:
    assert [name for name, one in PROOFS.items() if __main__._asked("F01", name, one)] == ["killed"]


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        ("F01_lost", True), ("F14_doubled_postgresql", True), ("F02_500", True), ("urge_loops_steps_lost", True),
        ("F01_acked", False), ("F02_503", False), ("F12_new_sqlite", False), ("offline_sign_out_steps", False),
    ],
)  # fmt: skip
def test_a_name_says_whether_it_has_to_be_nothing(name: str, is_so: bool) -> None:
    assert has_to_be_nothing(name) is is_so


@pytest.fixture
def pour(stage: Stage) -> Pour:
    """A mood and a skill of Ana's that were kept, and said to be."""
    at: Any = SimpleNamespace(mine=stage.mine)
    made, mood, skill = Pour(at, 7), new_id(), new_id()
    with stage.mine("ana") as record:
        moods.keep(record, MoodForm(id=mood, mood=4))
        practices.keep(record, PracticeForm(id=skill, skill=SKILL, before=3, words="I sat down"))
    made.acked = {
        str(mood): ("ana", ("/moods", "", 4, "")), str(skill): ("ana", ("/practices", "I sat down", 3, "")),
    }  # fmt: skip
    return made


def test_what_is_there_as_it_was_sent_is_well(pour: Pour) -> None:
    assert judged(pour) == {"lost": 0, "doubled": 0, "half": 0}


def test_what_is_not_there_or_is_other_words_is_lost(pour: Pour) -> None:
    for one, (who, (path, words, number, tag)) in list(pour.acked.items()):
        pour.acked[one] = who, (path, words + "x", number, tag)
    pour.acked[str(new_id())] = "ana", ("/moods", "", 4, "")
    assert judged(pour)["lost"] == 3


def test_what_nobody_sent_is_doubled(pour: Pour) -> None:
    pour.acked.popitem()
    assert judged(pour)["doubled"] == 1


def test_what_has_lost_a_row_is_half(pour: Pour, stage: Stage) -> None:
    with stage.mine("ana") as record:
        record.session.execute(delete(Practice))
    assert judged(pour)["half"] == 1


# --- what a disk has when the power comes back


def given(disk: Disk, *deeds: Deed) -> set[bytes]:
    """What may be found of the file then, in fifty tries."""
    for deed in deeds:
        disk.does(deed)
    return {disk.cut(Random(one)).get("file", b"") for one in range(50)}


WRITE, SYNC, SYNCED = Deed("write", "1", "file", 0, b"new" * PIECE), Deed("sync", "1", "file"), Deed("synced", "1")


def test_f03_what_was_waited_for_is_there() -> None:
    assert given(Disk({"file": bytearray()}), WRITE, SYNC, SYNCED) == {WRITE.data}


def test_f03_what_was_not_waited_for_may_be_there_in_part() -> None:
    for deeds in ((WRITE,), (WRITE, SYNC), (SYNC, WRITE, SYNCED)):
        found = given(Disk({"file": bytearray()}), *deeds)
        assert {b"", WRITE.data} < found, deeds


def test_f03_a_disk_that_lies_may_have_nothing_of_it() -> None:
    assert b"" in given(Disk({"file": bytearray()}, honest=False), WRITE, SYNC, SYNCED)


def test_f03_a_file_is_cut_to_its_size() -> None:
    assert given(Disk({"file": bytearray(b"old")}), Deed("size", "1", "file", 1), SYNC, SYNCED) == {b"o"}


# --- what an upgrade does to rows


@pytest.mark.parametrize(
    ("after", "lost", "changed"),
    [
        ({"words": b"w", "new": 1}, 0, 0), ({"words": b"x"}, 0, 1), ({"new": 1}, 0, 1), (None, 1, 0),
    ],
)  # fmt: skip
def test_f13_a_row_that_is_gone_or_is_other_is_seen(after: Any, lost: int, changed: int) -> None:
    found = older.compared({"entry": {(1,): {"words": b"w"}}}, {"entry": {(1,): after} if after else {}})
    assert (found["rows"], found["lost"], found["changed"]) == (1, lost, changed)


# --- a short run


def test_f01_killed_once_nothing_is_lost() -> None:
    found = {one.name: one.value for one in killed.run(7, 60)}
    assert (found["F01_kills"], found["F01_acked"] >= 60) == (1, True)
    assert not any(value for name, value in found.items() if has_to_be_nothing(name))


def test_f12_a_migration_killed_is_old_or_new() -> None:
    found = {one.name: one.value for one in upgrade.run(7, 2)}
    assert found["F12_kills_sqlite"] == found["F12_kills_postgresql"] == 2
    assert not any(value for name, value in found.items() if has_to_be_nothing(name))
