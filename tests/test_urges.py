"""An urge: kept with each of its steps, in whatever order they come; read by those with whom it is shared; and the
tools that its page offers, the best for this person first."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.database import new_id
from app.forms import Posted
from app.models import contacts, entry, practices, queue, sharing, skills, tools, triggers, urges
from app.models.contacts import ContactForm
from app.models.entry import Line
from app.models.practices import PracticeForm
from app.models.skills import OwnSkillForm
from app.models.triggers import TriggerForm
from app.models.urges import Urge, UrgeForm
from app.record import Record
from tests.acts import count, field, kept, said, statements
from tests.conftest import NOON, Browser, Clock, Stage

SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true"}
TWELVE = {"rated_at": "2026-11-18T16:40:00Z", "again_at": "2026-11-18T16:52:00Z"}
# What the page says, one step after the other: each with all that is known by then.
FIRST = {"before": "7", "visibility": "shared", "rated_at": TWELVE["rated_at"]}
SECOND = FIRST | {"skill": "cold-water"}
THIRD = SECOND | {"after": "3"} | TWELVE
LAST = THIRD | {"triggers": ["conflict", "lonely"], "words": "In the car."}
STEPS = [
    one | {"step": str(step), "done": "true" if one is LAST else "false"}
    for step, one in enumerate((FIRST, SECOND, THIRD, LAST), 1)
]


def form(**given: Any) -> UrgeForm:
    return UrgeForm.model_validate({"id": str(new_id()), **LAST} | given)


def log(stage: Stage, who: str = "ana", **given: Any) -> UUID:
    with stage.mine(who) as record:
        return urges.grow(record, form(**given)).id


def line_of(stage: Stage, entry_id: Any, who: str = "ana") -> Line:
    with stage.mine(who) as record:
        return urges.find(record, UUID(str(entry_id)))


def say(ana: Browser, number: str, step: dict[str, Any], **also: Any) -> Any:
    return ana.post("/urges", {"id": number, **step, **also}, headers=HTMX)


def own_trigger(record: Record, name: str = "The bar on 5th", sort: str = "places", risk: int = 9) -> str:
    made = TriggerForm(id=new_id(), name=name, sort=sort, risk=risk, plan="I walk home.")
    assert triggers.add(record, made)
    return str(made.id)


def own_skill(record: Record, name: str = "Call June") -> str:
    card = skills.added(record, Posted(kept=OwnSkillForm(id=new_id(), name=name, steps="Dial\nSay hello")))
    assert card
    return card.key


def told(line: Line) -> tuple[Any, ...]:
    part = line.part
    numbers = part.before, part.after, part.skill, part.minutes, part.triggers, part.done
    return *numbers, line.said, line.words, line.visibility, line.happened_at


# --- kept, step by step


def test_each_step_is_kept_with_all_that_is_known_by_then(signed_in: SignIn, stage: Stage, page_id: Any) -> None:
    ana, number = signed_in("ana"), page_id()
    wanted = [(7, None, "", None, False), (7, None, "cold-water", None, False), (7, 3, "cold-water", 12, False)]
    for step, now in zip(STEPS, [*wanted, (7, 3, "cold-water", 12, True)], strict=True):
        answer = say(ana, number, step)
        assert (answer.status_code, answer.headers["Kept"]) == (200, number)
        part = line_of(stage, number).part
        assert (part.before, part.after, part.skill, part.minutes, part.done) == now
    line = line_of(stage, number)
    assert (line.kind, line.words, line.visibility) == ("urge", "In the car.", "shared")
    assert line.said == {"name": "Cold water on your face", "set_off": "A conflict\nLonely"}
    assert count(stage, "ana", Urge) == 1


def test_steps_in_any_order_and_again_end_in_the_same_entry(stage: Stage) -> None:
    """Every order of the steps, and many with repeats: what counts is the last one that was said."""
    chance = Random("steps")
    orders = [list(order) for size in (1, 2, 3, 4) for order in permutations(STEPS, size)]
    orders += [chance.choices(STEPS, k=7) for _ in range(60)]
    with stage.mine("ana") as record:
        for order in orders:
            number = str(new_id())
            for step in order:
                urges.grow(record, UrgeForm.model_validate({"id": number, **step}))
            last = max(order, key=lambda step: int(step["step"]))
            alone = urges.grow(record, UrgeForm.model_validate({"id": str(new_id()), **last}))
            assert told(urges.find(record, UUID(number))) == told(alone)


def test_it_happened_when_it_was_rated_first(stage: Stage, clock: Clock) -> None:
    number = str(new_id())
    log(stage, id=number, **STEPS[0])
    clock.go(minutes=25)
    log(stage, id=number, **STEPS[3])
    assert line_of(stage, number).happened_at == NOON


def test_what_was_done_and_what_set_it_off_is_sealed(stage: Stage) -> None:
    log(stage)
    with stage.mine("ana") as record:
        [row] = record.session.exec(select(Urge)).all()
    assert row.name and b"Cold" not in row.name and row.set_off and b"conflict" not in row.set_off


def test_the_rating_alone_is_enough(signed_in: SignIn, stage: Stage, page_id: Any) -> None:
    ana, number = signed_in("ana"), page_id()
    assert ana.post("/urges", {"id": number, "before": "0"}).headers["location"] == f"/urges/{number}#kept={number}"
    part = line_of(stage, number).part
    assert (part.before, part.after, part.skill, part.triggers, part.done) == (0, None, "", "", True)


def test_without_a_script_one_form_says_it_all(signed_in: SignIn, page_id: Any) -> None:
    ana, number = signed_in("ana"), page_id()
    answer = ana.post("/urges", {"id": number, **LAST})
    shown = said(ana.get(answer.headers["location"]))
    assert "Urge from 7 to 3 of 10" in shown and "It went down." in shown and "12 minutes" in shown
    assert "Only you and Cora Diaz can see this." in shown and "It is read by" in shown and "A conflict" in shown
    assert "I used." in shown


def test_in_spanish_things_have_the_names_that_were_read(stage: Stage) -> None:
    with stage.mine("ana") as record:
        line = urges.grow(record, form(triggers=["conflict"]), "es")
    assert line.said == {"name": "Agua fría en la cara", "set_off": "Un conflicto"}


def test_a_practice_of_its_own_is_not_made(stage: Stage) -> None:
    log(stage)
    with stage.mine("ana") as record:
        assert [line.kind for line in entry.everything(record)] == ["urge"]


@pytest.mark.parametrize("column", ["before", "after", "minutes"])
def test_the_database_too_keeps_only_what_can_be(stage: Stage, column: str) -> None:
    number = log(stage)
    with stage.mine("ana") as record:
        row = record.session.exec(select(Urge).where(Urge.id == number)).one()
        setattr(row, column, 601)
        with pytest.raises(IntegrityError):
            record.session.flush()
        record.session.rollback()


# --- the clock


@pytest.mark.parametrize(
    ("rated", "again", "minutes"),
    [
        ("16:40:00Z", "16:52:00Z", 12),
        ("16:40:00Z", "16:40:10Z", 0),
        ("16:40:00Z", "16:39:00Z", None),  # the clock was set back
        ("02:00:00Z", "12:00:00Z", 600),
        ("02:00:00Z", "12:01:00Z", None),  # the page lay open
        ("", "16:52:00Z", None),
        ("nonsense", "16:52:00Z", None),
        ("16:40:00", "16:52:00", None),
    ],
)
def test_minutes_are_those_between_the_ratings(rated: str, again: str, minutes: int | None) -> None:
    made = form(rated_at=f"2026-11-18T{rated}", again_at=f"2026-11-18T{again}")
    assert made.minutes == minutes


def test_without_a_second_rating_there_are_no_minutes() -> None:
    assert form(after="").minutes is None


def test_a_timer_that_was_left_costs_nothing(stage: Stage) -> None:
    number = log(stage, rated_at="2026-11-16T01:00:00Z", again_at="2026-11-18T16:00:00Z")
    assert told(line_of(stage, number))[:4] == (7, 3, "cold-water", None)


# --- refused


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("before", ""),
        ("before", "11"),
        ("after", "-1"),
        ("skill", "no-such-skill"),
        ("triggers", "no-such-kind"),
        ("step", "0"),
        ("step", "x"),
        ("done", "perhaps"),
        ("visibility", "everybody"),
    ],
)
def test_what_cannot_be_is_refused_with_the_words_kept(
    signed_in: SignIn, stage: Stage, page_id: Any, name: str, value: str
) -> None:
    answer = signed_in("ana").post("/urges", {"id": page_id(), **LAST, name: value})
    assert answer.status_code == 422 and 'class="error"' in answer.text and "In the car." in answer.text
    assert count(stage, "ana", Urge) == 0


def test_without_a_rating_it_says_so_kindly(signed_in: SignIn, page_id: Any) -> None:
    body = {name: value for name, value in LAST.items() if name != "before"}
    answer = signed_in("ana").post("/urges", {"id": page_id(), **body})
    assert answer.status_code == 422 and "A guess is fine." in said(answer)


@pytest.mark.parametrize("what", ["skill", "triggers"])
@pytest.mark.parametrize("whose", ["ben", "nobody"])
def test_what_is_not_theirs_is_refused_and_not_named(
    signed_in: SignIn, stage: Stage, page_id: Any, what: str, whose: str
) -> None:
    make = own_skill if what == "skill" else own_trigger
    with stage.mine("ben") as record:
        key = make(record) if whose == "ben" else str(new_id())
    answer = signed_in("ana").post("/urges", {"id": page_id(), **LAST, what: key})
    assert answer.status_code == 422 and "not on your list any more" in said(answer) and "In the car." in answer.text
    assert "Call June" not in answer.text and "The bar on 5th" not in answer.text
    assert count(stage, "ana", Urge) == 0


def test_more_than_twelve_triggers_are_too_many_and_twelve_are_not(
    signed_in: SignIn, stage: Stage, page_id: Any
) -> None:
    with stage.mine("ana") as record:
        keys = [own_trigger(record, f"Place {n}") for n in range(13)]
    ana = signed_in("ana")
    answer = ana.post("/urges", {"id": page_id(), **LAST, "triggers": keys})
    assert answer.status_code == 422 and "up to 12" in said(answer)
    number = page_id()
    assert ana.post("/urges", {"id": number, **LAST, "triggers": [*keys[:12], keys[0]]}).status_code == 303
    assert line_of(stage, number).said["set_off"].split("\n") == [f"Place {n}" for n in range(12)]


def test_somebody_elses_urge_is_nobody_elses(signed_in: SignIn, stage: Stage) -> None:
    number = str(log(stage))
    ben = signed_in("ben")
    his = LAST | {"words": "On the bus."}
    for answer in (
        ben.get(f"/urges/{number}"), ben.get(f"/urges/{number}/edit"), say(ben, number, STEPS[0]),
        ben.post(f"/urges/{number}", {"id": number, "version": "1", **his}),
    ):  # fmt: skip
        assert answer.status_code == 404 and "In the car." not in answer.text


def test_an_entry_of_another_kind_is_no_urge(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(kept(stage, "ana", "A page."))
    assert ana.get(f"/urges/{number}").status_code == 404
    assert say(ana, number, STEPS[0]).status_code == 404


# --- history


def test_history_keeps_the_names_of_what_was_changed_or_removed(signed_in: SignIn, stage: Stage, page_id: Any) -> None:
    ana, number = signed_in("ana"), page_id()
    with stage.mine("ana") as record:
        trigger, skill = own_trigger(record), own_skill(record)
    assert say(ana, number, STEPS[2], skill=skill, triggers=[trigger]).status_code == 200
    with stage.mine("ana") as record:
        renamed = TriggerForm(id=UUID(trigger), name="Another name", sort="places", risk=1, version=1)
        assert triggers.amended(record, UUID(trigger), Posted(kept=renamed))
        triggers.remove(record, UUID(trigger))
        skills.remove(record, skill)
    # Again, and a step further: what was named stays named so.
    for step in (STEPS[2], STEPS[3]):
        assert say(ana, number, step, skill=skill, triggers=[trigger]).status_code == 200
        assert line_of(stage, number).said == {"name": "Call June", "set_off": "The bar on 5th"}
    page = ana.get(f"/urges/{number}/edit")
    assert "Call June" in said(page) and "The bar on 5th" in said(page) and "Another name" not in page.text
    body = {"id": number, "version": field(page, "version"), **LAST, "skill": skill, "triggers": [trigger]}
    assert ana.post(f"/urges/{number}", body | {"after": "2"}).status_code == 303
    assert line_of(stage, number).said == {"name": "Call June", "set_off": "The bar on 5th"}


def test_what_was_written_without_signal_may_come_after_the_removal(stage: Stage) -> None:
    with stage.mine("ana") as record:
        trigger, skill = own_trigger(record), own_skill(record)
        triggers.remove(record, UUID(trigger))
        skills.remove(record, skill)
        form_ = Posted(kept=form(skill=skill, triggers=[trigger]))
        line = urges.kept(record, form_, "en")
    assert line and line.said == {"name": "Call June", "set_off": "The bar on 5th"}


# --- two devices


def test_finished_on_two_devices_nothing_is_lost(signed_in: SignIn, stage: Stage, page_id: Any) -> None:
    phone, laptop, number = signed_in("ana"), signed_in("ana"), page_id()
    say(phone, number, STEPS[0])
    page = laptop.get(f"/urges/{number}/edit")
    there = {"id": number, "version": field(page, "version"), **LAST, "words": "At the desk."}
    assert laptop.post(f"/urges/{number}", there).status_code == 303
    # A step in between, said late by the phone, is behind what is finished.
    late = say(phone, number, STEPS[1])
    assert (late.status_code, late.headers["Kept"]) == (200, number)
    # But a last one is somebody's words.
    answer = say(phone, number, STEPS[3] | {"step": "2"})
    assert answer.status_code == 422 and "changed on another device" in said(answer) and "In the car." in answer.text
    fresh = field(answer, "id")
    assert fresh != number and f'data-instead="{number}"' in answer.text
    assert say(phone, fresh, STEPS[3]).status_code == 200
    assert {line_of(stage, one).words for one in (number, fresh)} == {"At the desk.", "In the car."}


def test_changed_on_two_devices_both_texts_are_shown(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(log(stage))
    body = {"id": number, "version": field(ana.get(f"/urges/{number}/edit"), "version"), **LAST}
    assert ana.post(f"/urges/{number}", body | {"words": "One."}).status_code == 303
    answer = ana.post(f"/urges/{number}", body | {"words": "Two.", "after": "5"})
    assert answer.status_code == 422 and "One." in answer.text and "Two." in answer.text
    assert f'action="/urges/{number}"' in answer.text
    again = body | {"words": "Two.", "version": field(answer, "version")}
    assert ana.post(f"/urges/{number}", again).status_code == 303
    assert line_of(stage, number).words == "Two."


def test_changed_and_sent_twice_it_is_changed_once(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(log(stage))
    body = {"id": number, "version": "1", **LAST, "after": "2"}
    assert [ana.post(f"/urges/{number}", body).status_code for _ in range(2)] == [303, 303]
    line = line_of(stage, number)
    assert (line.version, line.part.after, line.happened_at) == (2, 2, NOON)


def test_opened_again_the_form_has_all_that_was_said(signed_in: SignIn, stage: Stage) -> None:
    number = log(stage, triggers=["conflict"])
    page = signed_in("ana").get(f"/urges/{number}/edit")
    for ticked in ("before-7", "after-3", "skill-cold-water", "trigger-conflict", "visibility-shared"):
        assert f'id="{ticked}"' in page.text
        [tag] = [part for part in page.text.split("<input") if f'id="{ticked}"' in part]
        assert " checked" in tag.split(">")[0], ticked
    assert "In the car." in page.text
    minutes = {name: field(page, name) for name in ("rated_at", "again_at")}
    assert form(**minutes).minutes == 12


# --- left in the middle


def test_today_leads_back_to_what_was_left_in_the_middle(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    ana = signed_in("ana")
    assert "Go on where you were" not in said(ana.get("/today"))
    number = log(stage, **STEPS[1])
    today = ana.get("/today")
    assert "Urge 7 at 12:00 pm" in said(today) and f'href="/urges/{number}/edit"' in today.text
    clock.go(hours=12)
    assert "Go on where you were" not in said(ana.get("/today"))


@pytest.mark.parametrize("over", ["finished", "in the bin"])
def test_what_is_over_is_not_offered_again(signed_in: SignIn, stage: Stage, over: str) -> None:
    number = log(stage, **STEPS[0])
    with stage.mine("ana") as record:
        assert urges.unfinished(record)
        entry.throw(record, number) if over == "in the bin" else urges.grow(record, form(id=str(number), **STEPS[3]))
        assert urges.unfinished(record) is None


# --- who reads it


def test_her_coach_reads_it_with_its_names(signed_in: SignIn, stage: Stage) -> None:
    number = log(stage)
    cora = signed_in("cora")
    for path in (f"/caseload/{stage.cast.ana}", f"/caseload/{stage.cast.ana}/entries/{number}", "/review"):
        shown = said(cora.get(path))
        assert "Urge from 7 to 3 of 10" in shown and "Cold water" in shown and "A conflict" in shown, path
    with stage.coached("cora") as record:
        assert number in {line.id for line in queue.waiting(record)}


@pytest.mark.parametrize("closed", ["the entry", "the kind"])
def test_what_is_not_shared_has_no_numbers_and_no_names_for_her_coach(stage: Stage, closed: str) -> None:
    log(stage, visibility="private" if closed == "the entry" else "shared")
    with stage.mine("ana") as record:
        if closed == "the kind":
            sharing.stop(record, "urge")
    with stage.coached("cora", "ana") as record:
        assert record.session.exec(select(Urge)).all() == [] and entry.everything(record) == []
        assert urges.tried(record) == []


def test_taken_back_at_the_end_it_is_closed_again(signed_in: SignIn, stage: Stage, page_id: Any) -> None:
    ana, number = signed_in("ana"), page_id()
    say(ana, number, STEPS[0])
    say(ana, number, STEPS[3], visibility="private")
    with stage.coached("cora", "ana") as record:
        assert entry.everything(record) == []


def test_who_reads_it_is_said_before_the_first_tap(signed_in: SignIn, stage: Stage) -> None:
    ana = signed_in("ana")
    shown = said(ana.get("/urges/new"))
    assert "Cora Diaz can read this." in shown and "At 8 or more, Cora Diaz may get in touch" in shown
    assert "Nobody watches at night" in shown
    with stage.mine("ana") as record:
        sharing.stop(record, "urge")
    shown = said(ana.get("/urges/new"))
    assert "Only you will see this." in shown and "may get in touch" not in shown


# --- still strong


@pytest.mark.parametrize(("before", "after", "people"), [(9, 8, True), (9, 7, False), (8, "", True), (7, "", False)])
def test_while_it_is_strong_people_come_first(
    signed_in: SignIn, stage: Stage, before: int, after: Any, people: bool
) -> None:
    with stage.mine("ana") as record:
        assert contacts.add(record, ContactForm(id=new_id(), name="Sam", phone="212-555-0143"))
    number = log(stage, before=before, after=after)
    page = signed_in("ana").get(f"/urges/{number}")
    assert ("You do not have to carry it alone" in page.text) == people == ('href="tel:988"' in page.text)
    if people:
        assert page.text.index('href="tel:2125550143"') < page.text.index('href="tel:988"') < page.text.index("logged")


def test_people_are_on_the_page_itself_too(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ana") as record:
        assert contacts.add(record, ContactForm(id=new_id(), name="Sam", phone="212-555-0143"))
    page = signed_in("ana").get("/urges/new")
    assert page.text.count('href="tel:2125550143"') == 2 and "I would rather call somebody" in said(page)


# --- the tools, the best first


def offered(stage: Stage, *about: str) -> list[str]:
    with stage.mine("ana") as record:
        return [tool.card.key for tool in tools.offered(record, "en", about)]


def test_without_a_log_favourites_come_first_then_what_is_good_to_start_with(stage: Stage) -> None:
    with stage.mine("ana") as record:
        own = own_skill(record)
        skills.favour(record, "three-songs", True)
        skills.favour(record, "muscle-relaxation", True)
    found = offered(stage)
    assert found[:6] == ["muscle-relaxation", *skills.FIRST, own]
    assert "three-songs" in found and len(found) == len(set(found)) == len(list(skills.every("en"))) + 1


def test_what_has_worked_best_comes_first_with_its_reason(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    for _ in range(9):
        log(stage, skill="push-the-wall", before=8, after=2)
        log(stage, skill="cold-water", before=7, after=5)
        clock.go(hours=20)
    clock.now = NOON
    assert offered(stage)[:2] == ["push-the-wall", "cold-water"]
    page = signed_in("ana").get("/urges/new")
    assert "9 times, usually from 8 to 2. That is clear by now." in said(page)
    assert page.text.index('id="begin-push-the-wall"') < page.text.index('id="begin-cold-water"')


def test_a_trigger_that_is_named_has_an_order_of_its_own(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ana") as record:
        bar = own_trigger(record)
    for _ in range(12):
        log(stage, skill="push-the-wall", before=8, after=1, triggers=["lonely"])
        log(stage, skill="cold-water", before=8, after=4, triggers=["lonely"])
        log(stage, skill="push-the-wall", before=8, after=8, triggers=[bar, "conflict"])
        log(stage, skill="cold-water", before=8, after=2, triggers=["conflict", bar])
    assert offered(stage)[0] == "push-the-wall"
    assert offered(stage, bar)[0] == "cold-water" and offered(stage, "lonely")[0] == "push-the-wall"
    page = signed_in("ana").get(f"/urges/new?trigger={bar}")
    assert page.text.index('id="begin-cold-water"') < page.text.index('id="begin-push-the-wall"')
    [chip] = [part for part in page.text.split("<input") if f'id="trigger-{bar}"' in part]
    assert " checked" in chip.split(">")[0]


def test_of_one_or_two_logs_nothing_is_said(signed_in: SignIn, stage: Stage) -> None:
    for _ in range(2):
        log(stage, before=9, after=0)
    assert "times, usually" not in said(signed_in("ana").get("/urges/new"))


def test_an_urge_counts_once_however_many_triggers_it_had(stage: Stage) -> None:
    with stage.mine("ana") as record:
        bar = own_trigger(record)
        urges.grow(record, form(triggers=["conflict", "lonely", bar]))
        urges.grow(record, form(triggers=[], after=""))
        urges.grow(record, form(triggers=[], skill=""))
        assert [one.trigger for one in urges.tried(record)] == ["conflict"]
        assert [one.trigger for one in urges.tried(record, ["lonely"])] == ["lonely"]
        assert [one.trigger for one in urges.tried(record, [bar, "places"])] == [bar]
        assert [one.trigger for one in urges.tried(record, ["anger"])] == ["conflict"]


def test_practices_and_urges_count_together(stage: Stage, clock: Clock) -> None:
    for _ in range(5):
        log(stage, skill="cold-water", before=8, after=3)
        with stage.mine("ana") as record:
            made = PracticeForm(id=new_id(), skill="cold-water", before=8, after=3)
            practices.keep(record, made)
        clock.go(hours=30)
    with stage.mine("ana") as record:
        [(card, helped)] = practices.helped(record, "en")
    assert (card.key, helped.n) == ("cold-water", 10)


def test_a_skill_without_a_guided_screen_is_its_steps(stage: Stage) -> None:
    with stage.mine("ana") as record:
        own = own_skill(record)
        found = {tool.card.key: tool.screen for tool in tools.offered(record, "en")}
    steps = [{"say": "Dial", "seconds": None}, {"say": "Say hello", "seconds": None}]
    assert found[own] == {"kind": "steps", "moments": steps}
    assert all(screen["kind"] in ("pace", "steps", "wave", "questions") for screen in found.values())


def test_the_phone_keeps_the_best_tools_and_every_one_of_ones_own(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ana") as record:
        for name in ("Call June", "Call Mai", "Feed the hens"):
            own_skill(record, name)
    page = signed_in("ana").get("/urges/new").text
    kept = re.findall(r'data-part="name">(.*?)<', page[page.index('data-own="tools"') :])
    assert len(kept) == 7 and {"Call June", "Call Mai", "Feed the hens"} < set(kept)


@pytest.mark.parametrize("asked", ["nothing", "\u202e<script>", "x" * 5000, "6f1c3a52-2a0f-4c27-8d3a-0d8f5f5f5f5f"])
def test_a_trigger_that_is_none_changes_nothing(signed_in: SignIn, asked: str) -> None:
    page = signed_in("ana").get("/urges/new", params={"trigger": asked})
    assert page.status_code == 200
    assert page.text.index('id="begin-slow-breathing"') < page.text.index('id="begin-cold-water"')


def test_five_hundred_triggers_are_no_burden(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ana") as record:
        keys = [own_trigger(record, f"Place {n}", risk=n % 11) for n in range(500)]
    ana = signed_in("ana")
    with statements(stage) as sent:
        page = ana.get(f"/urges/new?trigger={keys[0]}")
    assert page.text.count("Place ") == triggers.FIRST + 1 and f'id="trigger-{keys[0]}"' in page.text
    assert len(sent) < 40


def test_of_the_database_the_page_asks_the_same_however_much_there_is(signed_in: SignIn, stage: Stage) -> None:
    ana = signed_in("ana")
    with statements(stage) as few:
        ana.get("/urges/new")
    for _ in range(30):
        log(stage)
    with statements(stage) as many:
        ana.get("/urges/new")
    assert len(many) <= len(few) + 1


# --- where it starts


def test_it_is_one_tap_away(signed_in: SignIn, stage: Stage) -> None:
    ana = signed_in("ana")
    with stage.mine("ana") as record:
        trigger = own_trigger(record)
    for path, link in [("/today", "/urges/new"), ("/log", "/urges/new")]:
        assert f'href="{link}"' in ana.get(path).text, path
    assert f'href="/urges/new?trigger={trigger}"' in ana.get(f"/triggers/{trigger}").text
    assert '"/now"' in ana.get("/manifest.webmanifest").text and "How strong" in said(ana.get("/now"))


def test_the_walls_of_the_database_hold_for_the_numbers_too(stage: Stage, database: str) -> None:
    """Past the guard, as the role that the application has: on PostgreSQL the rows themselves are closed."""
    number = log(stage, visibility="private")
    with stage.coached("cora", "ana") as record:
        found = record.session.connection().execute(text("select count(*) from urge")).scalar()
    assert found == (0 if database == "postgresql" else 1)
    assert line_of(stage, number).happened_at <= NOON + timedelta()
