"""From where on a rule speaks in one program: rows that are only added, by a manager, of numbers that can be."""

from collections.abc import Callable
from typing import Any

from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.models import flags, limits, rules
from app.models.limits import Limit, LimitsForm
from tests.acts import said
from tests.conftest import Clock, Stage
from tests.test_flags import open_of, raised

SignIn = Callable[[str], Any]
START = {name: f"{vars(rules.DEFAULT)[name]:g}" for name in limits.TOLD}


def form(**others: str) -> dict[str, str]:
    return {"id": str(new_id())} | START | others


def rows(stage: Stage) -> list[tuple[str, float]]:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        return [(row.name, row.value) for row in record.session.exec(select(Limit).order_by(Limit.at, Limit.id))]


def test_every_limit_but_that_of_doses_is_on_the_page_with_its_start_and_its_source(signed_in: SignIn) -> None:
    assert {*limits.TOLD, "dose_days"} == set(vars(rules.DEFAULT))
    assert {*limits.TOLD} | {"id", "whose"} == set(LimitsForm.model_fields)
    page = said(signed_in("pat").look("/limits"))
    for told in limits.TOLD.values():
        assert told.words in page and told.source in page
        assert told.low <= told.high
    assert page.count("We start with") == len(limits.TOLD)
    for name, told in limits.TOLD.items():
        assert told.refuses(vars(rules.DEFAULT)[name], whole=False) is None, name


def test_a_limit_holds_from_then_on_and_open_flags_stay_as_they_are(stage: Stage, signed_in: SignIn) -> None:
    ana, pat = signed_in("ana"), signed_in("pat")
    ana.post("/check-ins", {"id": str(new_id()), "urge": "8", "visibility": "shared"})
    sent = form(urge="10", low_mood="2", low_mood_days="2")
    for _ in range(2):
        assert pat.post("/limits", sent).status_code == 303
    assert sorted(rows(stage)) == [("low_mood", 2), ("low_mood_days", 2), ("urge", 10)]
    [flag] = open_of(stage)
    assert flag.reason.reason() == "An urge of 8 out of 10."
    with stage.coached("cora", "ana") as record:
        flags.clear(record, flag.id, "We spoke.")
    ana.post("/check-ins", {"id": str(new_id()), "urge": "9", "visibility": "shared"})
    assert raised(stage) == []
    ana.post("/check-ins", {"id": str(new_id()), "urge": "10", "visibility": "shared"})
    assert raised(stage) == ["strong-urge"]
    with stage.mine("eli") as record:
        assert flags.limits(record) == rules.DEFAULT
    assert "Pat" in said(pat.look("/limits"))


def test_only_what_is_another_number_is_kept(stage: Stage, signed_in: SignIn, clock: Clock) -> None:
    pat = signed_in("pat")
    for others in ({}, {"urge": "7"}, {"urge": "7"}, {"urge": "8"}):
        clock.go(minutes=1)
        assert pat.post("/limits", form(**others)).status_code == 303
    assert rows(stage) == [("urge", 7), ("urge", 8)]
    with stage.mine("ana") as record:
        assert flags.limits(record).urge == 8 and isinstance(flags.limits(record).urge, int)


def test_what_is_no_such_number_is_refused_with_all_that_was_typed(stage: Stage, signed_in: SignIn) -> None:
    pat = signed_in("pat")
    bad = {
        "eleven": "Please write a number", "": "Please write a number", "NaN": "Please write a number",
        "11": "Please write a whole number, from 1 to 10.", "0": "from 1 to 10.", "7.5": "Please write a whole number",
        "1e999": "Please write a number",
    }  # fmt: skip
    for typed, sentence in bad.items():
        refused = pat.post("/limits", form(urge=typed, quiet_days="4"))
        assert refused.status_code == 422 and sentence in said(refused), typed
        assert f'value="{typed}"' in refused.text and 'value="4"' in refused.text
    assert "Please write a number from 1 to 3." in said(pat.post("/limits", form(low_mood="3.5")))
    assert rows(stage) == []
    assert pat.post("/limits", form(off_course="2,25")).status_code == 303
    assert rows(stage) == [("off_course", 2.25)]


def test_only_a_manager_sets_them(signed_in: SignIn) -> None:
    for who in ("ana", "cora", "sam"):
        browser = signed_in(who)
        assert (browser.look("/limits").status_code, browser.post("/limits", form()).status_code) == (404, 404)
