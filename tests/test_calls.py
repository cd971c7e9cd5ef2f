"""“I need someone to call me”: first on the list at once, once, and it says exactly what happens."""

from collections.abc import Callable
from typing import Any

from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.models import flags
from app.models.people import Coaching
from tests.acts import field, said
from tests.conftest import Clock, Stage
from tests.test_flags import open_of, raised

SignIn = Callable[[str], Any]


def test_one_tap_on_the_help_page_is_first_on_the_list(stage: Stage, signed_in: SignIn) -> None:
    ana = signed_in("ana")
    page = ana.look("/help")
    assert "Nobody watches at night." in said(page) and "This needs signal." in said(page)
    sent = {"id": field(page, "id"), "whose": field(page, "whose")}
    for _ in range(2):
        assert ana.post("/calls", sent).headers["location"] == "/calls"
    [flag] = open_of(stage)
    assert (flag.rule, flag.level, flag.reason.reason()) == ("call-me", "urgent", "Asked for a call.")
    told = said(ana.look("/calls"))
    assert (
        "Sent 12:00 pm. Cora Diaz sees it first on the list. What comes in now is read by 5:00 pm on Thursday" in told
    )
    assert "Nobody watches at night or when the program is closed. 988 does." in told
    assert "988 At any hour, free, in private" in told


def test_before_it_is_sent_it_says_who_sees_it(signed_in: SignIn) -> None:
    told = said(signed_in("ana").look("/calls"))
    assert "Cora Diaz sees it first on the list, and calls you. What comes in now is read by 5:00 pm" in told


def test_whoever_waits_and_taps_again_has_asked_once_and_later_once_more(
    stage: Stage, signed_in: SignIn, clock: Clock
) -> None:
    ana = signed_in("ana")
    for minutes in (0, 5, 20):
        clock.go(minutes=minutes)
        ana.post("/calls", {"id": str(new_id())})
    assert raised(stage) == ["call-me", "call-me"]


def test_it_is_told_when_somebody_has_seen_to_it_and_can_be_asked_again(
    stage: Stage, signed_in: SignIn, clock: Clock
) -> None:
    ana = signed_in("ana")
    ana.post("/calls", {"id": str(new_id())})
    clock.go(minutes=3)
    with stage.coached("cora", "ana") as record:
        flags.clear(record, flags.history(record)[0].id, "Called her.")
    page = ana.look("/calls")
    assert "Cora Diaz has seen to it" in said(page) and "answered 12:03 pm" in said(page)
    assert "Called her." not in page.text
    assert ana.post("/calls", {"id": field(page, "id")}).status_code == 303
    assert raised(stage) == ["call-me"]
    clock.go(days=4)
    assert "You asked for a call" not in said(ana.look("/calls"))


def test_without_a_coach_it_says_so_and_where_to_call(stage: Stage, signed_in: SignIn) -> None:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        for row in record.session.exec(select(Coaching).where(Coaching.participant_id == stage.cast.ana)):
            record.session.delete(row)
    ana = signed_in("ana")
    assert ana.post("/calls", {"id": str(new_id())}).status_code == 303
    told = said(ana.look("/calls"))
    assert "You have no coach here right now" in told and "sees it first" not in told and "988" in told


def test_the_button_is_for_participants_and_where_an_urge_stays_strong(signed_in: SignIn, browser: Any) -> None:
    for page in (browser().look("/help"), signed_in("cora").look("/help")):
        assert page.status_code == 200 and "someone to call me" not in said(page)
    form = {"id": str(new_id()), "before": "9", "after": "9", "step": "4", "done": "true", "visibility": "private"}
    after = signed_in("ana").post("/urges", form, headers={"HX-Request": "true"})
    assert 'id="to-call"' in after.text


def test_a_call_without_its_number_is_asked_once_more(stage: Stage, signed_in: SignIn) -> None:
    refused = signed_in("ana").post("/calls", {"id": "1"})
    assert refused.status_code == 422 and "This form had lost its number." in said(refused)
    assert raised(stage) == []
