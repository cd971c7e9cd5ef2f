"""One's own triggers and plans: kept once, nobody else's to see; and the map of when urges come."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import process_time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from starlette.datastructures import FormData

from app.access import opened
from app.content import trigger_kinds
from app.database import new_id
from app.forms import read_form
from app.lib.vault import Broken
from app.models import checkins, entry, hours, triggers, week
from app.models.checkins import CheckInForm
from app.models.hours import Felt, picture
from app.models.triggers import FIRST, OWN, Card, Trigger, TriggerForm
from app.record import NotYours, Record
from tests.acts import count, field, said, statements
from tests.conftest import NOON, Browser, Clock, Stage

SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true"}
PAYDAY = {"name": "Friday, payday", "sort": "times", "risk": "9", "plan": "I call Sam from the car."}


def add(here: Browser, page_id: str, headers: dict[str, str] | None = None, **also: str) -> Any:
    return here.post("/triggers", {"id": page_id, **PAYDAY, **also}, headers=headers or {})


def change(here: Browser, page_id: str, version: int, headers: dict[str, str] | None = None, **also: str) -> Any:
    form = {"id": page_id, "version": str(version), **PAYDAY, **also}
    return here.post(f"/triggers/{page_id}", form, headers=headers or {})


def remove(here: Browser, page_id: str, headers: dict[str, str] | None = None) -> Any:
    return here.post(f"/triggers/{page_id}/removal", headers=headers or {})


def known(stage: Stage, whose: str = "ana", **also: Any) -> Card:
    """A trigger on a participant's list already."""
    with stage.mine(whose) as record:
        card = triggers.add(record, TriggerForm(id=new_id(), **{**PAYDAY, **also}))
    assert card
    return card


def mine(stage: Stage, whose: str = "ana") -> list[Card]:
    with stage.mine(whose) as record:
        return triggers.mine(record)


def names(stage: Stage, whose: str = "ana") -> list[str]:
    return [card.name for card in mine(stage, whose)]


# --- on the list


def test_a_trigger_comes_on_the_list_with_its_plan(signed_in: SignIn, page_id) -> None:
    ana, payday = signed_in("ana"), page_id()
    answer = add(ana, payday)
    place = answer.status_code, answer.headers["Location"], answer.headers["Kept"]
    assert place == (303, f"/triggers#kept={payday}", payday)
    assert "Risk 9 of 10 Friday, payday I call Sam from the car." in said(ana.look("/triggers"))
    page = said(ana.look(f"/triggers/{payday}"))
    assert "Friday, payday I call Sam from the car." in page and "Remove it" in page


def test_an_empty_list_says_where_to_start(signed_in: SignIn) -> None:
    page = signed_in("ana").look("/triggers")
    told = said(page)
    assert "Nothing is on your list yet. Start with the one you know best." in told
    assert "Only you see this list." in told
    assert re.search(r'<details class="fold" id="kinds" open>', page.text)
    for kind in trigger_kinds("en"):
        assert f"{kind.name} {kind.hint}" in told and f'href="/triggers/new?kind={kind.id}"' in page.text


def test_a_kind_starts_a_trigger_of_that_kind(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    page = ana.look("/triggers/new?kind=lonely")
    assert field(page, "name") == "Lonely"
    assert re.search(r'<input[^>]*id="sort-lonely"[^>]* checked', page.text)
    for nothing in ("", "?kind=", "?kind=no-such", "?kind=%3Cscript%3E", "?kind=people&kind=x"):
        page = ana.look(f"/triggers/new{nothing}")
        assert (page.status_code, field(page, "name")) == (200, "") and " checked" not in page.text


@pytest.mark.parametrize("sort", [*OWN, *(kind.id for kind in trigger_kinds("en"))])
def test_every_kind_can_be_chosen_and_is_kept(signed_in: SignIn, stage: Stage, page_id, sort: str) -> None:
    ana = signed_in("ana")
    assert f'id="sort-{sort}"' in ana.look("/triggers/new").text
    assert add(ana, page_id(), sort=sort).status_code == 303
    assert [card.sort for card in mine(stage)] == [sort]
    with stage.mine("ana") as record:
        row = record.session.connection().execute(text('select "group", kind from trigger')).one()
    kind = next((kind for kind in trigger_kinds("en") if kind.id == sort), None)
    assert tuple(row) == ((kind.group, sort) if kind else (sort, None))


def test_the_riskiest_comes_first_then_the_older(stage: Stage, clock: Clock) -> None:
    for name, risk in (("B", 5), ("C", 5), ("A", 10), ("D", 0)):
        known(stage, name=name, risk=risk)
        clock.go(days=1)
    assert names(stage) == ["A", "B", "C", "D"]


def test_without_a_plan_the_list_offers_to_make_one(signed_in: SignIn, stage: Stage) -> None:
    card = known(stage, plan="")
    page = signed_in("ana").look("/triggers")
    assert "No plan yet. Make one" in said(page) and f'href="/triggers/{card.id}/edit"' in page.text


def test_htmx_is_answered_with_the_list(signed_in: SignIn, page_id) -> None:
    ana, payday = signed_in("ana"), page_id()
    answer = add(ana, payday, HTMX)
    assert answer.status_code == 200 and answer.headers["Kept"] == payday and "<html" not in answer.text
    assert 'id="desk" hx-swap-oob="true"' in answer.text and f'id="trigger-{payday}"' in answer.text
    assert "Friday, payday is on your list." in said(answer)


def test_f05_sent_twice_it_is_on_it_once(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, payday = signed_in("ana"), page_id()
    answers = {(one.status_code, one.headers["Kept"]) for one in (add(ana, payday), add(ana, payday))}
    assert answers == {(303, payday)} and count(stage, "ana", Trigger) == 1


def test_f05_twenty_at_once_are_one(signed_in: SignIn, stage: Stage, page_id) -> None:
    payday = page_id()
    with signed_in("ana") as ana, ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda _: add(ana, payday), range(20)))
    assert {(answer.status_code, answer.headers.get("Kept")) for answer in answers} == {(303, payday)}
    assert count(stage, "ana", Trigger) == 1


OTHER = [{"name": "Monday"}, {"risk": "3"}, {"plan": ""}, {"sort": "places"}]


@pytest.mark.parametrize("other", OTHER, ids=str)
def test_another_under_a_kept_number_is_asked_for_again(
    signed_in: SignIn, stage: Stage, page_id, other: dict[str, str]
) -> None:
    ana, payday = signed_in("ana"), page_id()
    add(ana, payday)
    answer = add(ana, payday, **other)
    assert answer.status_code == 422 and "Kept" not in answer.headers
    assert "Send it once more to add this one too." in said(answer)
    assert add(ana, field(answer, "id"), **other).status_code == 303
    assert count(stage, "ana", Trigger) == 2


# --- what is typed


def answered(**also: str) -> Any:
    return read_form(TriggerForm, FormData({"id": str(new_id()), **PAYDAY, **also}))


REFUSED = {
    "name": ["", "   ", "\x00", "n" * 81, "n" * 100_000],
    "plan": ["p" * 501, "p" * 20_000],
    "risk": ["", "-1", "11", "3.5", "x", "NaN", "9" * 5000, "١١"],
    "sort": ["", "x", "inside", "halt", "PEOPLE", "hungry,angry", "<script>"],
}


@pytest.mark.parametrize(("name", "typed"), [(name, typed) for name, those in REFUSED.items() for typed in those])
def test_what_does_not_fit_is_refused_kindly(name: str, typed: str) -> None:
    form = answered(**{name: typed})
    assert list(form.errors) == [name]
    assert re.match("Please (fill this in|choose one)|That is too long: (80|500) characters", form.error(name) or "")


def test_what_is_refused_is_given_back(signed_in: SignIn, stage: Stage, page_id) -> None:
    answer = add(signed_in("ana"), page_id(), name="Monday", risk="12", plan="I stay in.")
    assert answer.status_code == 422 and 'aria-describedby="risk-error' in answer.text
    assert field(answer, "name") == "Monday" and "I stay in.</textarea>" in answer.text
    assert re.search(r'id="sort-times"[^>]* checked', answer.text)
    assert count(stage, "ana", Trigger) == 0


WORDS = [
    "n" * 80, "Zoë’s café ☕", "👩‍👩‍👧‍👦", "שלום", "مرحبا", "\u202eevil", "<script>alert(1)</script>", "{{7*7}}",
    '"><img src=x onerror=alert(1)>', "%s %(name)s", "' or 1=1; drop table trigger; --", "javascript:alert(1)",
]  # fmt: skip


def test_a_name_and_a_plan_come_back_as_they_were_written(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana = signed_in("ana")
    for words in WORDS:
        made = page_id()
        answer = add(ana, made, HTMX, name=words, plan=words)
        [card] = mine(stage)
        assert (answer.status_code, card.name, card.plan) == (200, words, words)
        paths = ("/triggers", f"/triggers/{made}", f"/triggers/{made}/edit", "/today")
        for page in (answer, *map(ana.look, paths)):
            assert page.status_code == 200
            assert "<script>alert" not in page.text and "<img src=x" not in page.text
        assert '<h2 dir="auto">' in answer.text and '<p class="words" dir="auto">' in answer.text
        remove(ana, made)


def test_a_name_is_one_line_and_a_plan_may_have_several() -> None:
    form = answered(name=" Friday\r\n\tnight ", plan="One.\r\nTwo.\n")
    assert (form.values.name, form.values.plan) == ("Friday night", "One.\nTwo.")


# --- changed, removed, and what was logged with it


def test_a_trigger_is_changed(signed_in: SignIn, stage: Stage) -> None:
    ana, card = signed_in("ana"), known(stage)
    page = ana.look(f"/triggers/{card.id}/edit")
    assert [field(page, name) for name in ("name", "version")] == ["Friday, payday", "1"]
    assert re.search(r'id="risk-9"[^>]* checked', page.text) and "I call Sam from the car.</textarea>" in page.text
    answer = change(ana, str(card.id), 1, name="Payday", risk="4", plan="", sort="hungry")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/triggers#kept={card.id}")
    assert mine(stage) == [Card(card.id, "Payday", "", "hungry", 4, 2)]


def test_a_change_sent_twice_is_one(signed_in: SignIn, stage: Stage) -> None:
    ana, card = signed_in("ana"), known(stage)
    assert {change(ana, str(card.id), 1, name="Payday").status_code for _ in range(3)} == {303}
    assert [(one.name, one.version) for one in mine(stage)] == [("Payday", 2)]


def test_f06_a_change_from_two_devices_shows_both_and_loses_neither(signed_in: SignIn, stage: Stage) -> None:
    ana, card = signed_in("ana"), known(stage)
    change(ana, str(card.id), 1, plan="I take the bus.")
    answer = change(ana, str(card.id), 1, plan="I walk.", risk="2")
    assert answer.status_code == 422 and "Kept" not in answer.headers
    assert "This was changed on another device meanwhile." in said(answer)
    assert "Kept now Risk 9 of 10 Friday, payday I take the bus." in said(answer)
    assert "I walk.</textarea>" in answer.text and field(answer, "version") == "2"
    assert mine(stage)[0].plan == "I take the bus."
    assert change(ana, str(card.id), 2, plan="I walk.", risk="2").status_code == 303
    assert (mine(stage)[0].plan, mine(stage)[0].risk) == ("I walk.", 2)


@pytest.mark.parametrize("version", ["", "0", "-1", "x", str(2**31), str(2**80), "9" * 5000])
def test_trap_8_a_version_beyond_the_edge_changes_nothing(signed_in: SignIn, stage: Stage, version: str) -> None:
    card = known(stage)
    form = {"id": str(card.id), "version": version, **PAYDAY, "name": "Monday"}
    assert signed_in("ana").post(f"/triggers/{card.id}", form).status_code == 422
    assert names(stage) == ["Friday, payday"]


def test_what_is_removed_is_off_the_list_and_its_plan_is_gone(signed_in: SignIn, stage: Stage) -> None:
    ana, card = signed_in("ana"), known(stage)
    known(stage, name="Monday", risk=1)
    answer = remove(ana, str(card.id))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/triggers")
    assert names(stage) == ["Monday"]
    for path in (f"/triggers/{card.id}", f"/triggers/{card.id}/edit"):
        assert ana.look(path).status_code == 404
    assert change(ana, str(card.id), 1).status_code == 404
    with stage.mine("ana") as record:
        left = record.session.connection().execute(text("select plan from trigger where removed_at is not null"))
        assert left.all() == [(None,)]


def test_removing_twice_is_removing_once(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    ana, card = signed_in("ana"), known(stage)
    first = remove(ana, str(card.id), HTMX)
    clock.go(hours=1)
    again = remove(ana, str(card.id), HTMX)
    assert first.status_code == again.status_code == 200 and "Removed from your list." in said(again)
    with stage.mine("ana") as record:
        row = record.session.get(Trigger, (stage.cast.harbor, card.id))
        assert row and (row.removed_at, row.version) == (NOON, 2)


def test_sent_again_after_it_was_removed_it_stays_removed(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, payday = signed_in("ana"), page_id()
    add(ana, payday)
    remove(ana, payday)
    assert add(ana, payday).status_code == 303 and names(stage) == []
    assert add(ana, payday, name="Monday").status_code == 422


def test_a_removed_trigger_keeps_its_name_for_what_was_logged(stage: Stage) -> None:
    card, bens = known(stage), known(stage, "ben")
    with stage.mine("ana") as record:
        triggers.remove(record, card.id)
        assert triggers.named(record, [card.id, bens.id, new_id()]) == {card.id: "Friday, payday"}
        assert triggers.named(record, []) == {}
        assert triggers.used(record, card.id) == "Friday, payday"
        for foreign in (bens.id, new_id()):
            with pytest.raises(NotYours):
                triggers.used(record, foreign)


def test_what_is_kept_with_a_use_stays_when_the_name_changes(signed_in: SignIn, stage: Stage) -> None:
    card = known(stage)
    with stage.mine("ana") as record:
        before = triggers.used(record, card.id)
    change(signed_in("ana"), str(card.id), 1, name="Payday")
    with stage.mine("ana") as record:
        assert (before, triggers.used(record, card.id)) == ("Friday, payday", "Payday")


HISTORY = {
    "renamed": lambda ana, card: change(ana, card, 1, name="Payday", sort="people"),
    "removed": remove,
}


@pytest.mark.parametrize("how", HISTORY)
def test_history_keeps_the_name_that_a_trigger_had(signed_in: SignIn, stage: Stage, page_id, how: str) -> None:
    ana, cora, card, logged = signed_in("ana"), signed_in("cora"), str(known(stage).id), page_id()
    kept = ana.post("/urges", {"id": logged, "before": "8", "triggers": card, "visibility": "shared"})
    assert kept.status_code == 303
    HISTORY[how](ana, card)
    for here, path in ((ana, f"/entries/{logged}"), (cora, f"/caseload/{stage.cast.ana}/entries/{logged}")):
        assert "Friday, payday" in said(page := here.look(path)) and "Payday" not in said(page)
    now = {"renamed": "Payday 1", "removed": "Friday, payday 1"}[how]
    assert now in said(ana.look("/triggers/map"))


# --- nobody else


def test_v8_2_2_somebody_elses_are_not_there(signed_in: SignIn, stage: Stage) -> None:
    card, bens, ana = known(stage), known(stage, "ben", name="Night bus"), signed_in("ana")
    for path in (f"/triggers/{bens.id}", f"/triggers/{bens.id}/edit"):
        assert ana.look(path).status_code == 404
    for asked in (add(ana, str(bens.id)), change(ana, str(bens.id), 1), change(ana, str(bens.id), 9)):
        assert asked.status_code == 404 and "Night bus" not in asked.text
    theirs, nobodys = (remove(ana, str(one), HTMX) for one in (bens.id, new_id()))
    assert theirs.text == nobodys.text and "Night bus" not in theirs.text
    assert (mine(stage), mine(stage, "ben")) == ([card], [bens])


def test_what_is_no_id_names_nothing(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    for name in ("x", "%00", "9" * 40, str(UUID(int=0))):
        assert ana.look(f"/triggers/{name}").status_code == 404
        assert change(ana, name, 1).status_code == 404


@pytest.mark.parametrize("who", ["cora", "dov", "sam", "pat", "fay"])
def test_no_coach_manager_or_supporter_ever_sees_them(signed_in: SignIn, stage: Stage, who: str) -> None:
    card = known(stage, name="Samphire", plan="quillwort")
    here = signed_in(who)
    for path in ("/triggers", "/triggers/new", "/triggers/map", f"/triggers/{card.id}"):
        assert here.look(path).status_code == 404
    for path in ("/caseload", f"/caseload/{stage.cast.ana}", "/people", "/supporting", "/me", "/help"):
        page = here.look(path).text
        assert "Samphire" not in page and "quillwort" not in page and "/triggers" not in page


@pytest.mark.parametrize(("who", "role"), [("cora", "coach"), ("pat", "manager"), ("sam", "supporter")])
def test_with_her_record_open_they_are_still_not_there(stage: Stage, who: str, role: Any) -> None:
    card = known(stage)
    with opened(stage.house, stage.cast.harbor, role, getattr(stage.cast, who), stage.cast.ana) as record:
        assert triggers.mine(record) == [] and triggers.named(record, [card.id]) == {}
        with pytest.raises(NotYours):
            triggers.find(record, card.id)


def test_they_are_sealed_where_they_lie(stage: Stage) -> None:
    known(stage, name="Samphire", plan="quillwort")
    with stage.mine("ana") as record:
        [row] = record.session.connection().execute(text("select * from trigger")).all()
    kept = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert b"Samphire" not in kept and b"quillwort" not in kept


def test_v11_3_3_a_value_that_is_moved_does_not_open(stage: Stage) -> None:
    known(stage)
    with stage.mine("ana") as record:
        record.session.connection().execute(text("update trigger set plan = name"))
    with pytest.raises(Broken), stage.mine("ana") as record:
        triggers.mine(record)


# --- five hundred


def test_five_hundred_are_one_pass_and_quick(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with stage.mine("ana") as record:
        for number in range(500):
            assert triggers.add(record, TriggerForm(id=new_id(), **{**PAYDAY, "name": f"No. {number}"}))
    words: list[str] = []
    unseal = Record.unseal
    with stage.mine("ana") as record, monkeypatch.context() as patch:
        patch.setattr(Record, "unseal", lambda here, *what: words.append(what[1]) or unseal(here, *what))
        with statements(stage) as sent:
            assert len(triggers.mine(record)) == 500
        assert len(words) == 1000 and len([one for one in sent if re.search('FROM "?trigger', one)]) == 1
        words.clear()
        assert len(triggers.mine(record, FIRST)) == FIRST
        assert len(words) == 2 * FIRST

    def seconds() -> float:
        with stage.mine("ana") as record:
            triggers.mine(record, 1)
            start = process_time()
            triggers.mine(record)
            return process_time() - start

    assert min(seconds() for _ in range(5)) <= 0.05


def test_five_hundred_ask_no_more_of_the_database(signed_in: SignIn, stage: Stage) -> None:
    ana, found = signed_in("ana"), []
    ana.look("/triggers")
    for more in (1, 499):
        with stage.mine("ana") as record:
            for number in range(more):
                triggers.add(record, TriggerForm(id=new_id(), **{**PAYDAY, "name": f"No. {number}"}))
        with statements(stage) as sent:
            pages = [ana.look(path) for path in ("/triggers", "/triggers/new", "/triggers/map", "/today")]
        assert {page.status_code for page in pages} == {200} and max(len(page.content) for page in pages) < 200_000
        found.append(len(sent))
    assert found[0] == found[1]


def test_of_many_the_riskiest_have_their_plans_and_the_others_are_folded(signed_in: SignIn, stage: Stage) -> None:
    for number in range(FIRST + 3):
        known(stage, name=f"No. {number:02}", risk=5)
    ana = signed_in("ana")
    page = ana.look("/triggers")
    assert page.text.count('class="card trigger"') == FIRST
    assert "3 more 5 of 10 No. 20 5 of 10 No. 21 5 of 10 No. 22" in said(page)
    assert len(parts(page)) == len(parts(ana.look("/today"))) == FIRST


# --- on the phone


def parts(page: Any) -> list[list[str]]:
    """What own.js reads of a page: for each trigger its parts."""
    place = re.search(r'<template data-own="triggers">(.*?)</template>', page.text, re.DOTALL)
    assert place
    return [
        re.findall(r"data-part=\"\w+\">([^<]*)<", item) for item in re.findall(r"<li>.*?</li>", place[1], re.DOTALL)
    ]


def test_a_phone_can_take_the_plans_from_today_and_from_the_list(signed_in: SignIn, stage: Stage) -> None:
    known(stage)
    known(stage, name="Lonely nights", risk=3, plan="", sort="lonely")
    ana = signed_in("ana")
    expected = [
        ["Friday, payday", "I call Sam from the car.", "Risk 9 of 10"],
        ["Lonely nights", "No plan yet.", "Risk 3 of 10"],
    ]
    assert parts(ana.look("/today")) == parts(ana.look("/triggers")) == expected
    assert "Lonely nights" not in said(ana.look("/today"))


def test_an_empty_list_empties_the_phone_too(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    assert parts(ana.look("/today")) == parts(ana.look("/triggers")) == []


def test_without_signal_there_is_a_place_for_them(browser: Callable[[], Browser]) -> None:
    page = browser().look("/offline/en/triggers")
    assert page.status_code == 200 and 'data-owned="triggers"' in page.text and "<form" not in page.text
    assert "No plans are kept on this phone yet." in said(page)


def test_me_leads_there(signed_in: SignIn) -> None:
    assert 'href="/triggers"' in signed_in("ana").look("/me").text


# --- when urges come: the picture

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 16)


def urge(day: int, hour: int, rating: int, *also: str) -> Felt:
    return Felt(MONDAY + timedelta(days=day, hours=hour, minutes=17), rating, frozenset(also))


def test_a_dot_is_where_the_hour_and_the_weekday_meet() -> None:
    [dot] = picture([urge(0, 0, 5)]).dots
    assert (dot.x, dot.y) == (hours.LEFT + hours.COLUMN // 2, hours.TOP + hours.ROW // 2)
    [last] = picture([urge(6, 23, 5)]).dots
    assert (last.x - dot.x, last.y - dot.y) == (6 * hours.COLUMN, 23 * hours.ROW)
    assert last.x + last.size < hours.WIDTH and last.y + last.size < hours.HEIGHT


@pytest.mark.parametrize(("n", "size"), [(1, 4.2), (2, 5.8), (3, 5.8), (4, 7.6), (40, 7.6)])
def test_more_urges_are_a_larger_dot(n: int, size: float) -> None:
    assert [dot.size for dot in picture([urge(4, 20, 5)] * n).dots] == [size]


@pytest.mark.parametrize(
    ("ratings", "strength"),
    [([1], "mild"), ([3], "mild"), ([4], "medium"), ([6], "medium"), ([7], "strong"), ([10], "strong"),
     ([3, 4], "medium"), ([6, 7], "strong"), ([1, 10], "medium")],
)  # fmt: skip
def test_stronger_urges_are_a_fuller_dot(ratings: list[int], strength: str) -> None:
    assert [dot.strength for dot in picture([urge(4, 20, one) for one in ratings]).dots] == [strength]


def test_no_two_dots_touch() -> None:
    everywhere = [urge(day, hour, 9) for day in range(7) for hour in range(24) for _ in range(4)]
    dots = picture(everywhere).dots
    assert len(dots) == len({(dot.x, dot.y) for dot in dots}) == 7 * 24
    assert max(dot.size for dot in dots) * 2 < min(hours.COLUMN, hours.ROW)


def test_a_rating_of_nothing_is_no_urge() -> None:
    empty = picture([urge(0, 9, 0, "tired")])
    assert (empty.dots, empty.rows, empty.most, empty.total) == ([], [], [], 0)
    assert hours.by_trigger([urge(0, 9, 0, "tired")]) == {}


def test_the_table_says_the_same_as_the_dots() -> None:
    found = picture([urge(4, 20, 8), urge(4, 20, 5), urge(1, 7, 2)])
    assert [[(one.n, one.strength) for one in row] for row in found.rows] == [
        [(0, 0), (1, 2), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)],
        [(0, 0), (0, 0), (0, 0), (0, 0), (2, 7), (0, 0), (0, 0)],
    ]
    assert [row[0].at.hour for row in found.rows] == [7, 20]
    assert len(found.dots) == sum(1 for row in found.rows for one in row if one.n)


def test_the_hours_with_most_and_strongest_are_named_from_five_urges_on() -> None:
    few = [urge(4, 20, 8)] * 4
    assert picture(few).most == []
    # 3 × 9 is more than 4 × 5; what happened once is not named, however strong.
    found = picture([urge(4, 20, 9)] * 3 + [urge(5, 21, 5)] * 4 + [urge(0, 8, 10)]).most
    assert [(one.at.weekday(), one.at.hour, one.n, one.strength) for one in found] == [(4, 20, 3, 9), (5, 21, 4, 5)]
    assert picture([urge(day, 8, 9) for day in range(7)]).most == []
    many = picture([urge(day, 8, 9 - day) for day in range(5) for _ in range(2)]).most
    assert [one.at.weekday() for one in many] == [0, 1, 2]


def test_a_trigger_has_a_map_of_its_own() -> None:
    logged = [urge(4, 20, 8, "tired", "angry"), urge(5, 21, 5, "angry"), urge(0, 8, 3)]
    assert [picture(logged, those).total for those in ([], ["angry"], ["tired"], ["angry", "tired"], ["hungry"])] == [
        3, 2, 1, 2, 0,
    ]  # fmt: skip
    assert list(hours.by_trigger(logged).items()) == [("angry", 2), ("tired", 1)]


# --- when urges come: the page


def check_in(stage: Stage, urge: int | None, at: datetime, *halt: str, whose: str = "ana") -> None:
    with stage.mine(whose, at) as record:
        checkins.keep(record, CheckInForm(id=new_id(), mood=3, urge=urge, halt=list(halt)))


def fridays(stage: Stage, n: int) -> None:
    """Twenty past five in New York on so many Fridays before NOON; the clocks there changed on November 1."""
    for number in range(n):
        check_in(stage, 8, datetime(2026, 11, 13, 17, 20, tzinfo=NEW_YORK) - timedelta(weeks=number), "tired")


def test_check_ins_make_the_map_in_words_a_picture_and_a_table(signed_in: SignIn, stage: Stage) -> None:
    fridays(stage, 5)
    check_in(stage, None, NOON)
    check_in(stage, 0, NOON)
    page = signed_in("ana").look("/triggers/map")
    told = said(page)
    assert "5 urges in the last 12 weeks." in told
    assert "Most and strongest: Friday, 5 pm to 6 pm: 5 urges, about 8 of 10" in told
    assert page.text.count('class="dot strong"') == 2  # with the one that explains it
    assert re.search(
        r'<svg class="map"[^>]* role="img" aria-labelledby="map-title" aria-describedby="map-said">', page.text
    )
    assert '<title id="map-title">When urges came: weekdays across, hours down</title>' in page.text
    assert re.search(r'<th scope="row">5\u00a0pm</th>(<td></td>){4}<td>5 <small>\(8\)</small></td>', page.text)


def test_by_trigger(signed_in: SignIn, stage: Stage) -> None:
    fridays(stage, 2)
    check_in(stage, 4, NOON, "angry", "tired")
    ana = signed_in("ana")
    assert "All Tired 3 Angry 1" in said(ana.look("/triggers/map"))
    page = ana.look("/triggers/map?by=angry")
    assert "1 urge in the last 12 weeks." in said(page)
    assert re.search(r'id="by-angry" aria-current="true"', page.text)
    for by in ("no-such", "hungry", str(new_id()), "%3Cscript%3E", "x" * 3000):
        page = ana.look(f"/triggers/map?by={by}")
        assert "3 urges in the last 12 weeks." in said(page) and 'id="by-all" aria-current="true"' in page.text


def test_own_triggers_are_on_the_map_by_their_names(
    signed_in: SignIn, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As entries will name them, also those that were removed since."""
    gone, payday = known(stage, name="The old bar"), known(stage)
    with stage.mine("ana") as record:
        triggers.remove(record, gone.id)
    logged = [urge(4, 17, 8, str(gone.id)), urge(4, 17, 8, str(payday.id), "tired"), urge(4, 18, 8, str(payday.id))]
    monkeypatch.setattr(week, "felt", lambda _: logged)
    ana = signed_in("ana")
    assert "Friday, payday 2" in said(ana.look("/triggers/map")) and "The old bar 1" in said(ana.look("/triggers/map"))
    assert "2 urges in the last 12 weeks." in said(ana.look(f"/triggers/map?by={payday.id}"))
    assert "When urges came with it 2 urges" in said(ana.look(f"/triggers/{payday.id}"))


def test_a_triggers_page_has_the_map_of_its_kind(signed_in: SignIn, stage: Stage) -> None:
    fridays(stage, 2)
    short, payday = known(stage, name="Short nights", sort="tired"), known(stage)
    ana = signed_in("ana")
    page = said(ana.look(f"/triggers/{short.id}"))
    assert "When urges came with it 2 urges in the last 12 weeks." in page
    assert "Tired: Too little sleep, or too much for too long." in page
    assert "When urges came" not in said(ana.look(f"/triggers/{payday.id}"))


def test_nothing_logged_is_said_and_not_drawn(signed_in: SignIn, stage: Stage) -> None:
    check_in(stage, 8, NOON - timedelta(weeks=13))
    check_in(stage, 8, NOON, whose="ben")
    page = signed_in("ana").look("/triggers/map")
    assert "No urges here in the last 12 weeks." in said(page)
    assert '<svg class="map"' not in page.text and "<table" not in page.text


def test_the_hour_is_that_of_where_it_happened(stage: Stage) -> None:
    with stage.mine("ana") as record:
        form = CheckInForm(
            id=new_id(), urge=6, written_at="2026-11-18T16:59:00Z", sent_at="2026-11-18T17:00:00Z", zone="Asia/Tokyo"
        )
        checkins.keep(record, form)
        [felt] = week.felt(record)
    assert (felt.at.weekday(), felt.at.hour, felt.rating) == (3, 1, 6)


def test_a_checkin_in_the_bin_is_not_on_the_map(stage: Stage) -> None:
    with stage.mine("ana") as record:
        line = checkins.keep(record, CheckInForm(id=new_id(), urge=6))
        assert len(week.felt(record)) == 1
        entry.throw(record, line.id)
        assert week.felt(record) == []


def test_the_axis_is_drawn_where_the_dots_are(signed_in: SignIn, stage: Stage) -> None:
    """The template repeats the numbers of models/hours.py: an hour's word stands beside its row."""
    fridays(stage, 1)
    page = signed_in("ana").look("/triggers/map").text
    assert f'viewBox="0 0 {hours.WIDTH} {hours.HEIGHT}"' in page
    [(x, y)] = re.findall(r'<g class="dot strong"><circle cx="(\d+)" cy="(\d+)" r="4.2"/>', page)
    [friday] = re.findall(r'<text x="(\d+)"[^>]*>Fr<', page)
    [three] = re.findall(r'<text[^>]* y="(\d+)"[^>]*>3\u00a0pm<', page)
    assert friday == x and 0 <= int(three) - (int(y) - 2 * hours.ROW) <= 6


# --- in the demo


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_demo_has_five_with_plans_and_one(month: Stage) -> None:
    assert len(mine(month)) == 5 and len(mine(month, "ben")) == 1
    assert all(card.plan for card in mine(month) + mine(month, "ben"))
    with month.mine("ana") as record:
        assert hours.picture(week.felt(record)).most
