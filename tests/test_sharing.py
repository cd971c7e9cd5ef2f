"""What a participant lets whom see: by kind and by entry, from one request to the next."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.models import caseload, entry, queue, sharing, triggers, welcome
from app.models.entry import KINDS
from app.models.people import Coaching
from app.models.sharing import LISTS, Sharing, SharingForm
from app.models.triggers import Trigger, TriggerForm
from app.record import NotYours
from tests.acts import admit, count, kept, said
from tests.conftest import NOON, Browser, Clock, Stage

SignIn = Callable[[str], Browser]
WORDS = {
    "mood": "",
    "check-in": "a check-in of Ana",
    "journal": "a page of Ana",
    "practice": "a skill of Ana",
    "urge": "an urge of Ana",
    "setback": "a setback of Ana",
    "attendance": "a session of Ana",
    "measure": "a measure of Ana",
}
# A mood on its own is in the line of days, and who was there is on the roster.
SEEN_ELSEWHERE = {"mood", "attendance"}


@pytest.fixture
def three(stage: Stage) -> dict[str, UUID]:
    """One entry of each kind, shared by Ana."""
    return {kind: kept(stage, "ana", WORDS[kind], kind, mood=2) for kind in KINDS}


def turn(here: Browser, kind: str, is_open: bool, **also: Any) -> Any:
    return here.post("/sharings", {"kind": kind, "open": str(is_open).lower()}, **also)


def what_cora_sees(stage: Stage) -> set[str]:
    """The kinds of Ana's entries that reach her coach, by whatever way."""
    with stage.coached("cora", "ana") as record:
        kinds = {line.kind for line in entry.timeline(record)[0]}
        assert kinds == {line.kind for line in entry.everything(record)}
        assert kinds == {line.kind for line in entry.between(record, record.today, record.today)}
    with stage.coached("cora") as record:
        case = next(case for case in caseload.cases(record) if case.person_id == stage.cast.ana)
        assert {line.kind for line in queue.waiting(record)} == kinds - SEEN_ELSEWHERE
        assert case.unread == len(kinds - SEEN_ELSEWHERE)
        assert (case.last_shared is None) == (not kinds)
        assert (case.moods[-1] is None) == (not kinds)
    return kinds


@pytest.mark.parametrize("kind", KINDS)
def test_l05_closing_a_kind_hides_it_at_once_and_opening_shows_it(
    kind: str, signed_in: SignIn, stage: Stage, three: dict[str, UUID], page_id
) -> None:
    ana, cora = signed_in("ana"), signed_in("cora")
    assert what_cora_sees(stage) == set(KINDS)
    assert turn(ana, kind, False).headers["Location"] == "/me"
    assert what_cora_sees(stage) == set(KINDS) - {kind}
    address = f"/caseload/{stage.cast.ana}/entries/{three[kind]}"
    assert cora.look(address).status_code == cora.post(f"{address}/reviews", {"id": page_id()}).status_code == 404
    for page in ("/caseload", f"/caseload/{stage.cast.ana}"):
        assert str(three[kind]) not in (told := cora.look(page).text) and (WORDS[kind] or "no words") not in told
    turn(ana, kind, True)
    assert what_cora_sees(stage) == set(KINDS)


def test_with_everything_closed_there_is_nothing(signed_in: SignIn, stage: Stage, three: dict[str, UUID]) -> None:
    ana, cora = signed_in("ana"), signed_in("cora")
    for kind in KINDS:
        turn(ana, kind, False)
    assert what_cora_sees(stage) == set()
    assert "All read" in said(cora.look("/review"))
    assert "nothing yet" in said(cora.look("/caseload"))


def test_private_stays_private_whatever_is_open(stage: Stage, three: dict[str, UUID]) -> None:
    private = [kept(stage, "ana", "mine", kind, visibility="private", mood=1) for kind in KINDS]
    assert what_cora_sees(stage) == set(KINDS)
    with stage.coached("cora", "ana") as record:
        assert {line.id for line in entry.everything(record)} == set(three.values())
        for one in private:
            with pytest.raises(NotYours):
                entry.find(record, one)


def test_every_change_is_kept(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    ana = signed_in("ana")
    for is_open in (False, False, True, True):
        turn(ana, "mood", is_open)
        clock.go(hours=1)
    with stage.mine("ana") as record:
        those = select(Sharing.since, Sharing.ended_at).where(Sharing.kind == "mood").order_by(Sharing.since)
        (_, ended), (since, still) = record.session.exec(those).all()
    assert (ended, since, still) == (NOON, NOON + timedelta(hours=2), None)
    assert count(stage, "ana", Sharing) == len(KINDS) + 1


def test_me_says_who_sees_what(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    assert said(ana.look("/me")).count("You and Cora Diaz") == len(KINDS)
    answer = turn(ana, "journal", False, headers={"HX-Request": "true"})
    assert 'id="sharing" hx-swap-oob="true"' in answer.text and "<html" not in answer.text
    assert said(answer).count("You and Cora Diaz") == len(KINDS) - 1 and "Only you" in said(answer)


def test_it_is_the_participants_to_change(signed_in: SignIn, stage: Stage) -> None:
    for who in ("cora", "pat", "sam"):
        assert turn(signed_in(who), "mood", False).status_code == 404
    turn(signed_in("ben"), "mood", False)
    with stage.mine("ana") as record:
        assert sharing.kinds_open(record) == frozenset(KINDS)


# --- who coaches whom


def coach(stage: Stage, coach: str, **dates: Any) -> None:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        who, whom = getattr(stage.cast, coach), stage.cast.ana
        record.session.add(Coaching(id=new_id(), participant_id=whom, coach_id=who, since=record.today, **dates))


def part(stage: Stage, coach: str) -> None:
    """From today on they are not Ana's coach."""
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        theirs = select(Coaching).where(Coaching.coach_id == getattr(stage.cast, coach))
        for row in record.session.exec(theirs):
            row.until = record.today - timedelta(days=1)


def test_l05_a_coach_who_has_gone_sees_nothing_at_once(
    signed_in: SignIn, stage: Stage, three: dict[str, UUID], page_id
) -> None:
    cora, ana = signed_in("cora"), stage.cast.ana
    assert cora.look(f"/caseload/{ana}").status_code == 200
    part(stage, "cora")
    entries = [f"/caseload/{ana}/entries/{one}" for one in three.values()]
    assert {cora.look(path).status_code for path in (f"/caseload/{ana}", *entries)} == {404}
    assert {cora.post(f"{path}/reviews", {"id": page_id()}).status_code for path in entries} == {404}
    assert "Ana" not in cora.look("/caseload").text
    assert "All read" in said(cora.look("/review"))
    with stage.mine("ana") as record:
        assert sharing.seen_by(record, "journal") == []


def test_a_covering_coach_sees_what_the_other_does(signed_in: SignIn, stage: Stage, three: dict[str, UUID]) -> None:
    dov, ana = signed_in("dov"), stage.cast.ana
    assert dov.look(f"/caseload/{ana}").status_code == 404
    coach(stage, "dov", until=NOON.date())
    assert "a page of Ana" in dov.look(f"/caseload/{ana}/entries/{three['journal']}").text
    assert "Cora Diaz" in said(signed_in("ana").look("/me")) and "Dov Stein" in said(signed_in("ana").look("/me"))


def test_cover_ends_with_its_last_day(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    coach(stage, "dov", until=NOON.date())
    clock.go(hours=11, minutes=59)
    assert signed_in("dov").look(f"/caseload/{stage.cast.ana}").status_code == 200
    clock.go(minutes=1)  # midnight in New York
    assert signed_in("dov").look(f"/caseload/{stage.cast.ana}").status_code == 404


def test_a_supporter_sees_nothing_that_nobody_shared_with_them(
    signed_in: SignIn, stage: Stage, three: dict[str, UUID]
) -> None:
    sam = signed_in("sam")
    assert "Nothing has been shared with you yet" in said(sam.look("/supporting"))
    for path in ("/caseload", f"/caseload/{stage.cast.ana}", "/journal", "/people", f"/entries/{three['mood']}"):
        assert sam.look(path).status_code == 404


def test_twice_open_is_open_once(stage: Stage) -> None:
    with stage.mine("ana") as record:
        for _ in range(2):
            sharing.turn(record, SharingForm(kind="mood", open=True))
        assert len(sharing.with_team(record)) == len(KINDS)
        assert dict(sharing.states(record)) == dict.fromkeys(KINDS, True) | dict.fromkeys(LISTS, False)


# --- a list of one's own, which starts closed


@pytest.fixture
def payday(stage: Stage) -> UUID:
    """A trigger of Ana's, with its plan."""
    form = TriggerForm(id=new_id(), name="Samphire", sort="times", risk=9, plan="quillwort")
    with stage.mine("ana") as record:
        triggers.add(record, form)
    return form.id


def shown_to_cora(stage: Stage, cora: Browser) -> bool:
    """Whether Ana's triggers reach her coach: by her page, and by any question that is asked."""
    page = cora.look(f"/caseload/{stage.cast.ana}").text
    with stage.coached("cora", "ana") as record:
        listed = [card.name for card in triggers.mine(record)]
        keyed = triggers.called(record, [str(card) for card in record.session.exec(select(Trigger.id))], "en")
    assert ("Samphire" in page) == ("quillwort" in page) == bool(listed) == bool(keyed)
    return bool(listed)


def test_triggers_are_shared_by_choice_and_closed_again_at_once(signed_in: SignIn, stage: Stage, payday: UUID) -> None:
    ana, cora = signed_in("ana"), signed_in("cora")
    assert not shown_to_cora(stage, cora)
    turn(ana, "trigger", True)
    assert shown_to_cora(stage, cora)
    told = said(cora.look(f"/caseload/{stage.cast.ana}"))
    assert "Triggers and plans Samphire Risk 9 of 10 quillwort" in told
    turn(ana, "trigger", False)
    assert not shown_to_cora(stage, cora)


def test_before_they_are_shared_nothing_says_that_there_are_any(signed_in: SignIn, stage: Stage, payday: UUID) -> None:
    cora = signed_in("cora")
    for path in ("/caseload", f"/caseload/{stage.cast.ana}", "/review"):
        assert "rigger" not in said(cora.look(path))
    turn(signed_in("ana"), "trigger", True)
    assert "rigger" not in said(cora.look("/caseload")) and "Samphire" not in cora.look("/review").text


def test_what_is_removed_is_gone_for_the_coach_too(signed_in: SignIn, stage: Stage, payday: UUID) -> None:
    ana, cora = signed_in("ana"), signed_in("cora")
    turn(ana, "trigger", True)
    ana.post(f"/triggers/{payday}/removal")
    assert not shown_to_cora(stage, cora)
    with stage.mine("ana") as record:
        assert triggers.used(record, payday) == "Samphire"


def test_only_who_coaches_ana_sees_hers(signed_in: SignIn, stage: Stage, payday: UUID) -> None:
    turn(signed_in("ana"), "trigger", True)
    for who, role in (("dov", "coach"), ("pat", "manager"), ("sam", "supporter"), ("ben", "participant")):
        person = getattr(stage.cast, who)
        for whose in (stage.cast.ana, None):
            with opened(stage.house, stage.cast.harbor, role, person, whose) as record:
                assert triggers.mine(record) == [] and triggers.named(record, [payday]) == {}
    part(stage, "cora")
    with stage.coached("cora", "ana") as record:
        assert triggers.mine(record) == []


def test_the_list_says_who_sees_it(signed_in: SignIn, payday: UUID) -> None:
    ana, pages = signed_in("ana"), ("/triggers", "/triggers/new", f"/triggers/{payday}/edit")
    assert all("Only you see this list." in said(ana.look(path)) for path in pages)
    assert "My triggers and plans Only you" in said(ana.look("/me"))
    turn(ana, "trigger", True)
    told = "You and Cora Diaz see this list. Nobody watches it at night."
    assert all(told in said(ana.look(path)) for path in pages)
    assert "My triggers and plans You and Cora Diaz" in said(ana.look("/me"))


def test_who_comes_new_shares_no_list(stage: Stage) -> None:
    newt = admit(stage, "Newt")
    with opened(stage.house, stage.cast.harbor, "participant", newt, newt) as record:
        welcome.acknowledge(record)
        assert sharing.kinds_open(record) == frozenset(KINDS)


def test_that_the_coach_looked_at_the_list_is_written_down(signed_in: SignIn, stage: Stage, payday: UUID) -> None:
    ana = signed_in("ana")
    turn(ana, "trigger", True)
    assert shown_to_cora(stage, signed_in("cora"))
    assert "Cora Diaz" in said(ana.look("/me/openings"))
