"""The supervisor's view: how much waits for each coach, in numbers; and nothing that a manager may not see."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from app.access import Open, counted
from app.models import flags, load, sharing
from app.models.load import Load
from app.models.rules import Reason
from tests.acts import admit, kept, read, said, statements
from tests.conftest import NOON, Browser, Stage
from tests.test_covers import give

SignIn = Callable[[str], Browser]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def loads(stage: Stage) -> dict[UUID, Load]:
    """As a manager's request counts them."""
    with stage.managed("pat") as record:
        opened = Open(record.session, record.program, record.reader, record.keyring)
        found = counted(opened, load.counted)
        assert record.session.info["reader"] == record.reader
        return found


def flag(stage: Stage, who: str, rule: str, key: str) -> None:
    with stage.mine(who) as record:
        flags.keep(record, [Reason(rule, key, {"urge": 9})])


def test_each_coach_has_their_own_numbers(stage: Stage) -> None:
    assert loads(stage) == {stage.cast.cora: Load(people=1), stage.cast.dov: Load(people=1)}
    kept(stage, "ana", "one", at=NOON - 3 * HOUR)
    seen = kept(stage, "ana", "two", at=NOON - 4 * HOUR)
    read(stage, "cora", "ana", seen)
    kept(stage, "ana", "an answer, please", at=NOON - 5 * DAY, wants_answer=True)
    flag(stage, "ana", "call-me", "a")
    flag(stage, "ben", "strong-urge", "b")
    found = loads(stage)
    assert found[stage.cast.cora] == Load(1, LEVELS | {"urgent": 1}, 2, NOON - 5 * DAY, 1)
    assert found[stage.cast.dov] == Load(1, LEVELS | {"high": 1})


LEVELS = {"urgent": 0, "high": 0, "medium": 0, "low": 0}


def test_what_no_coach_may_read_is_not_counted(stage: Stage) -> None:
    kept(stage, "ana", "mine", visibility="private")
    kept(stage, "ana", "shared")
    with stage.mine("ana") as record:
        sharing.stop(record, "journal")
    assert loads(stage)[stage.cast.cora] == Load(people=1)


def test_a_cover_is_told_and_counted_once(signed_in: SignIn, stage: Stage) -> None:
    kept(stage, "ana", "one")
    give(signed_in("cora"), stage.cast.dov)
    found = loads(stage)
    assert (found[stage.cast.cora].unread, found[stage.cast.dov].people, found[stage.cast.dov].unread) == (1, 1, 0)
    told = said(signed_in("pat").look("/load"))
    assert "Cora Diaz Away until Friday, November 20. Dov Stein covers." in told
    assert "Dov Stein Covers for Cora Diaz until Friday, November 20" in told


def test_numbers_come_out_and_nothing_else(signed_in: SignIn, stage: Stage) -> None:
    kept(stage, "ana", "the secret of Ana", at=NOON - 5 * DAY, wants_answer=True)
    flag(stage, "ana", "call-me", "a")
    page = signed_in("pat").look("/load")
    told = said(page)
    assert "Cora Diaz People 1 Open flags urgent 1 Unread 1, the oldest for 5 days Promises past 1" in told
    assert told.index("Cora Diaz") < told.index("Dov Stein")
    assert not [word for word in ("Ana", "Keller", "secret", str(stage.cast.ana)) if word in page.text]


def test_only_managers_see_it(signed_in: SignIn, stage: Stage) -> None:
    assert {who: signed_in(who).look("/load").status_code for who in ("cora", "ana", "sam", "pat")} == {
        "cora": 404, "ana": 404, "sam": 404, "pat": 200,
    }  # fmt: skip
    told = said(signed_in("fay").look("/load"))
    assert "Cora" not in told


def test_the_questions_do_not_grow_with_the_coaches(signed_in: SignIn, stage: Stage) -> None:
    pat, found = signed_in("pat"), []
    for name in ("Noah New", "Nia New", "Nell New"):
        admit(stage, name, role="coach")
        kept(stage, "ana", name, wants_answer=True)
        with statements(stage) as sent:
            assert pat.look("/load").status_code == 200
        found.append(len(sent))
    assert found[0] == found[-1]
