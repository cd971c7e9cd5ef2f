"""A setback: kept with each step in whatever order they come, private until its end, and told only by choice."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.content import trigger_kinds
from app.database import new_id
from app.models import contacts, entry, queue, recovery, setbacks, sharing, triggers
from app.models.contacts import ContactForm
from app.models.entry import Line
from app.models.setbacks import Setback, SetbackForm
from app.models.triggers import TriggerForm
from app.record import Record
from tests.acts import count, field, kept, said
from tests.conftest import NOON, Browser, Clock, Stage

SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true"}
# What the page says, one step after the other: each with all that is known by then.
FIRST = {"word": "used", "day": "2026-11-17", "visibility": "private"}
SECOND = FIRST | {"triggers": ["conflict", "lonely"], "words": "A long evening.", "helped": "Walking home."}
THIRD = SECOND | {"small": ["eat", "rest"], "next_step": "Put on my shoes."}
LAST = THIRD | {"told": "June", "visibility": "shared"}
STEPS = [
    one | {"step": str(step), "done": "true" if one is LAST else "false"}
    for step, one in enumerate((FIRST, SECOND, THIRD, LAST), 1)
]


def form(**given: Any) -> SetbackForm:
    return SetbackForm.model_validate({"id": str(new_id()), **LAST} | given)


def log(stage: Stage, who: str = "ana", **given: Any) -> UUID:
    with stage.mine(who) as record:
        return setbacks.grow(record, form(**given)).id


def line_of(stage: Stage, entry_id: Any, who: str = "ana") -> Line:
    with stage.mine(who) as record:
        return setbacks.find(record, UUID(str(entry_id)))


def say(ana: Browser, number: str, said: dict[str, Any], **also: Any) -> Any:
    return ana.post("/setbacks", {"id": number, **said, **also}, headers=HTMX)


def told(line: Line) -> tuple[Any, ...]:
    part = line.part
    return part.word, part.triggers, part.small, part.done, line.said, line.words, line.visibility, line.local_day


def own_trigger(record: Record, name: str = "The bar on 5th") -> str:
    made = TriggerForm(id=new_id(), name=name, sort="places", risk=9, plan="I walk home.")
    assert triggers.add(record, made)
    return str(made.id)


# --- kept, step by step


def test_it_is_kept_with_all_that_was_said(stage: Stage) -> None:
    line = line_of(stage, log(stage))
    assert (line.part.word, line.part.small, line.part.done) == ("used", "eat,rest", True)
    assert line.said == {
        "set_off": "A conflict\nLonely", "helped": "Walking home.", "told": "June", "next_step": "Put on my shoes.",
    }  # fmt: skip
    assert (line.words, line.local_day, line.visibility) == ("A long evening.", date(2026, 11, 17), "shared")


def test_the_words_are_sealed(stage: Stage) -> None:
    key = log(stage)
    with stage.mine("ana") as record:
        row = record.session.exec(select(Setback).where(Setback.id == key)).one()
        assert not any(
            word in column
            for column in (row.helped, row.told, row.next_step, row.set_off)
            for word in (b"home", b"June", b"shoes", b"Lonely")
            if column
        )


def test_every_step_is_kept_as_soon_as_it_is_said(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(new_id())
    for step in STEPS:
        answer = say(ana, number, step)
        assert (answer.status_code, answer.headers["Kept"]) == (200, number)
        line = line_of(stage, number)
        assert (line.words, line.part.done) == (step.get("words", ""), step is STEPS[-1])
    assert told(line_of(stage, number)) == told(line_of(stage, log(stage)))


def test_in_whatever_order_and_however_often_they_come_they_end_in_one(stage: Stage) -> None:
    """What waited on a phone comes late, and twice."""
    expected = told(line_of(stage, log(stage)))
    ways = [list(way) for way in permutations(STEPS)] + [Random(seed).choices(STEPS, k=9) + STEPS for seed in range(10)]
    with stage.mine("ana") as record:
        for way in ways:
            number = new_id()
            for step in way:
                setbacks.grow(record, SetbackForm.model_validate({"id": number, **step}))
            assert told(setbacks.find(record, number)) == expected
    assert count(stage, "ana", Setback) == 1 + len(ways)


def test_until_the_last_step_nobody_else_reads_it(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(new_id())
    say(ana, number, STEPS[0] | {"visibility": "shared"})
    assert line_of(stage, number).visibility == "private"
    say(ana, number, STEPS[2] | {"visibility": "shared"})
    with stage.coached("cora") as record:
        assert queue.waiting(record) == []
    say(ana, number, STEPS[3])
    with stage.coached("cora") as record:
        assert [str(line.id) for line in queue.waiting(record)] == [number]


def test_only_me_is_what_it_starts_with(signed_in: SignIn) -> None:
    new = signed_in("ana").look("/setbacks/new")
    assert 'value="private" checked' in new.text
    assert 'value="shared" checked' not in new.text
    text = said(new)
    for sentence in (
        "It can be a reason for Cora Diaz to get in touch with you on a program day.", "Nobody watches at night",
        "Cora Diaz reads it by 5:00 pm on Thursday.", "Nobody else sees anything of this before you press Save.",
    ):  # fmt: skip
        assert sentence in text


def test_a_kind_that_is_not_shared_is_said_to_be_ones_own(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ana") as record:
        sharing.stop(record, "setback")
    text = said(signed_in("ana").look("/setbacks/new"))
    assert "Only you will see this. What you share with your coach is set in Me." in text
    assert "get in touch with you" not in text


# --- its day


@pytest.mark.parametrize(
    ("day", "found"), [("", date(2026, 11, 18)), ("2026-11-18", date(2026, 11, 18)), ("2026-10-01", date(2026, 10, 1))]
)
def test_it_is_of_the_day_that_is_said(stage: Stage, day: str, found: date) -> None:
    assert line_of(stage, log(stage, day=day)).local_day == found


def test_the_day_can_be_put_right_in_a_later_step(stage: Stage) -> None:
    number = new_id()
    with stage.mine("ana") as record:
        for step, day in ((1, "2026-11-18"), (2, "2026-11-16"), (3, "2026-11-17"), (4, "2026-11-17")):
            line = setbacks.grow(record, form(id=number, step=step, day=day))
            assert line.local_day == date.fromisoformat(day)


def test_today_is_today_where_the_phone_is(stage: Stage, clock: Clock) -> None:
    """Half past midnight in New York is still the evening before in Honolulu."""
    clock.now = datetime.fromisoformat("2026-11-19T05:30:00+00:00")
    at = {"written_at": "2026-11-19T05:29:00Z", "sent_at": "2026-11-19T05:30:00Z"}
    with stage.mine("ana") as record:
        line = setbacks.grow(record, form(day="2026-11-19", zone="Pacific/Honolulu", **at))
        assert (line.local_day, line.happened_at) == (date(2026, 11, 18), clock.now - timedelta(minutes=1))


def test_left_before_midnight_and_ended_after_it_stays_where_it_was(stage: Stage, clock: Clock) -> None:
    number = str(new_id())
    clock.now = datetime.fromisoformat("2026-11-19T04:50:00+00:00")
    with stage.mine("ana") as record:
        began = setbacks.grow(record, form(id=number, step=1, done=False, day="2026-11-18"))
    clock.go(minutes=20)
    with stage.mine("ana") as record:
        line = setbacks.grow(record, form(id=number, step=2, day="2026-11-18"))
    assert (line.local_day, line.happened_at) == (date(2026, 11, 18), began.happened_at)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-11-19", "still ahead"),
        ("2026-12-24", "still ahead"),
        ("9999-12-31", "still ahead"),
        ("0001-01-01", "more than ten years ago"),
        ("1999-12-31", "more than ten years ago"),
        ("yesterday", "like 2026-11-22"),
    ],
)
def test_a_day_that_cannot_be_is_refused_kindly(signed_in: SignIn, stage: Stage, day: str, sentence: str) -> None:
    answer = say(signed_in("ana"), str(new_id()), STEPS[3], day=day)
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert "A long evening." in answer.text
    assert count(stage, "ana", Setback) == 0


# --- on two devices


def test_finished_on_two_devices_no_word_is_lost(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(new_id())
    say(ana, number, STEPS[0])
    other = LAST | {"words": "On the tablet.", "version": "1"}
    assert ana.post(f"/setbacks/{number}", {"id": number, **other}).status_code == 303
    # A step that was still on its way changes nothing, and its phone may forget it.
    assert say(ana, number, STEPS[1]).headers["Kept"] == number
    assert line_of(stage, number).words == "On the tablet."
    answer = say(ana, number, STEPS[3])
    assert answer.status_code == 422
    assert "Save once more to keep this too." in said(answer)
    assert "A long evening." in answer.text
    assert say(ana, field(answer, "id"), STEPS[3]).status_code == 200
    assert line_of(stage, number).words == "On the tablet."
    assert line_of(stage, field(answer, "id")).words == "A long evening."
    # Twice of one day is one day.
    with stage.mine("ana") as record:
        found = recovery.days(record)
        assert found and found.after == 1


def test_two_changes_meet_with_both_texts(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(log(stage))
    change = LAST | {"id": number, "version": "1"}
    assert ana.post(f"/setbacks/{number}", change | {"words": "One."}).status_code == 303
    assert ana.post(f"/setbacks/{number}", change | {"words": "One."}).status_code == 303
    answer = ana.post(f"/setbacks/{number}", change | {"words": "Two."})
    assert answer.status_code == 422
    assert "One." in answer.text
    assert "Two." in answer.text
    again = ana.post(f"/setbacks/{number}", change | {"words": "Two.", "version": field(answer, "version")})
    assert again.status_code == 303
    assert line_of(stage, number).words == "Two."


def test_it_goes_on_where_it_was_left(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(new_id())
    assert "Go on where you were" not in said(ana.look("/today"))
    say(ana, number, STEPS[1])
    assert f"/setbacks/{number}/edit" in ana.look("/today").text
    page = ana.look(f"/setbacks/{number}/edit")
    for words in ("A long evening.", "Walking home.", 'id="trigger-conflict" name="triggers" value="conflict" checked'):
        assert words in page.text
    assert (field(page, "day"), field(page, "at"), field(page, "version")) == ("2026-11-17", "3", "2")
    assert "as far as you came" in said(ana.look(f"/setbacks/{number}"))
    ana.post(f"/setbacks/{number}", THIRD | {"id": number, "version": "2"})
    assert line_of(stage, number).part.done
    assert "Go on where you were" not in said(ana.look("/today"))


def test_without_a_script_it_can_be_left_too(signed_in: SignIn, stage: Stage) -> None:
    ana, number = signed_in("ana"), str(new_id())
    page = ana.look("/setbacks/new")
    assert 'name="done" value="false"' in page.text
    answer = ana.post("/setbacks", SECOND | {"id": number, "done": "false"})
    assert answer.headers["Location"] == f"/setbacks/{number}#kept={number}"
    assert not line_of(stage, number).part.done


def test_after_a_week_today_does_not_ask_any_more(stage: Stage, clock: Clock) -> None:
    log(stage, done=False)
    clock.go(days=6)
    with stage.mine("ana") as record:
        assert setbacks.unfinished(record)
    clock.go(days=2)
    with stage.mine("ana") as record:
        assert setbacks.unfinished(record) is None


def test_what_is_in_the_bin_is_not_offered(stage: Stage) -> None:
    key = log(stage, done=False)
    with stage.mine("ana") as record:
        entry.throw(record, key)
        assert setbacks.unfinished(record) is None


# --- what set it off


def test_a_trigger_that_is_renamed_or_removed_keeps_its_name_there(stage: Stage) -> None:
    with stage.mine("ana") as record:
        key = own_trigger(record)
        line = setbacks.grow(record, form(triggers=[key]))
        change = TriggerForm(id=UUID(key), name="Elsewhere", sort="places", risk=1, version=1)
        assert triggers.amended(record, UUID(key), _posted(change))
        triggers.remove(record, UUID(key))
        again = form(id=line.id, triggers=[key], version=1, words="More.")
        assert setbacks.amend(record, again).said["set_off"] == "The bar on 5th"


def _posted(form: TriggerForm) -> Any:
    from app.forms import Posted

    return Posted(kept=form)


def test_somebody_elses_trigger_is_refused_and_nothing_of_it_is_shown(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ben") as record:
        foreign = own_trigger(record, "Ben's corner")
    answer = say(signed_in("ana"), str(new_id()), LAST | {"triggers": [foreign]})
    assert answer.status_code == 422
    assert "Please choose again. Your words are still here." in said(answer)
    assert "corner" not in answer.text
    assert count(stage, "ana", Setback) == 0


@pytest.mark.parametrize("many", [["nonsense"], [kind.id for kind in trigger_kinds("en")] + [str(new_id())]])
def test_triggers_that_are_none_or_too_many_are_refused(signed_in: SignIn, stage: Stage, many: list[str]) -> None:
    answer = say(signed_in("ana"), str(new_id()), LAST | {"triggers": many})
    assert answer.status_code == 422
    assert "A long evening." in answer.text
    assert count(stage, "ana", Setback) == 0


@pytest.mark.parametrize("name", ["words", "helped", "next_step", "told"])
def test_huge_text_is_refused_and_not_lost(signed_in: SignIn, stage: Stage, name: str) -> None:
    huge = "w" * 20_001
    answer = say(signed_in("ana"), str(new_id()), LAST, **{name: huge})
    assert answer.status_code == 422
    assert huge in answer.text
    assert "Your words are still here." in said(answer)
    assert count(stage, "ana", Setback) == 0


@pytest.mark.parametrize(("name", "value"), [("word", "failed"), ("small", "drink"), ("step", "0"), ("step", "1001")])
def test_an_answer_that_is_none_is_refused(signed_in: SignIn, name: str, value: str) -> None:
    answer = say(signed_in("ana"), str(new_id()), LAST, **{name: value})
    assert answer.status_code == 422
    assert "Please choose one of the answers." in said(answer)


def test_nothing_has_to_be_said(signed_in: SignIn, stage: Stage) -> None:
    number = str(new_id())
    assert say(signed_in("ana"), number, {}).status_code == 200
    assert told(line_of(stage, number))[:4] == ("setback", "", "", True)


# --- whose it is


def test_nobody_elses_can_be_opened_or_changed(signed_in: SignIn, stage: Stage) -> None:
    number = str(log(stage))
    other = kept(stage, "ben", "a page")
    ben = signed_in("ben")
    for path in (f"/setbacks/{number}", f"/setbacks/{number}/edit", f"/setbacks/{other}", f"/setbacks/{other}/edit"):
        assert ben.look(path).status_code == 404
    assert ben.post(f"/setbacks/{number}", LAST | {"id": number, "version": "1"}).status_code == 404
    assert say(ben, number, STEPS[3]).status_code == 404
    assert line_of(stage, number).said["told"] == "June"


def test_what_is_shared_is_read_by_the_coach_and_nothing_else(signed_in: SignIn, stage: Stage) -> None:
    shared, own = log(stage), log(stage, visibility="private", words="Mine alone.")
    cora = signed_in("cora")
    sheet = said(cora.look(f"/caseload/{stage.cast.ana}/entries/{shared}"))
    for words in (
        "I used", "A conflict", "Lonely", "What helped: Walking home.", "Next step: Drink water and eat something",
        "Next step: Put on my shoes.", "A long evening.",
    ):  # fmt: skip
        assert words in sheet
    assert cora.look(f"/caseload/{stage.cast.ana}/entries/{own}").status_code == 404
    assert "Mine alone." not in cora.look(f"/caseload/{stage.cast.ana}").text


# --- what is shown


def test_the_page_leads_through_all_of_it(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ana") as record:
        contacts.add(record, ContactForm(id=new_id(), name="June", phone="212-555-0142"))
    page = signed_in("ana").look("/setbacks/new")
    titles = [page.text.index(f'id="part-{n}"') for n in range(1, 7)]
    assert titles == sorted(titles)
    text = said(page)
    for words in (
        "days in recovery They are yours. Nothing takes them away.", "can take much less than before",
        "do not use alone", "naloxone", "Call 911", "Call 988", "What set it off?", "What was going on?",
        "What helped, even a little?", "One small next step", "Your program meets next on Thursday, November 19",
        "Whom would you like to tell?", "June",
    ):  # fmt: skip
        assert words in text
    assert "tel:2125550142" in page.text


def test_what_saves_a_life_comes_before_the_look_back(signed_in: SignIn) -> None:
    text = signed_in("ana").look("/setbacks/new").text
    assert text.index("tel:911") < text.index('name="word"')
    assert text.index("tel:988") < text.index('name="triggers"')


def test_the_end_is_calm_and_shows_both_counts(signed_in: SignIn, stage: Stage) -> None:
    ana = signed_in("ana")
    answer = say(ana, str(new_id()), STEPS[3])
    with stage.mine("ana") as record:
        found = recovery.days(record)
    assert found
    text = said(answer)
    assert f"{found.all} days in recovery" in text
    assert "1 day since your last setback" in text
    assert "get in touch" in text
    assert "!" not in text
    today = say(ana, str(new_id()), STEPS[3] | {"day": "2026-11-18", "visibility": "private"})
    assert "Today is where you are." in said(today)
    assert "get in touch" not in said(today)


def test_the_next_session_is_said_as_far_as_it_is_known(stage: Stage, clock: Clock) -> None:
    clock.now = NOON + timedelta(days=2)  # Friday
    with stage.mine("ana") as record:
        found = setbacks.next_session(record)
        assert (found["next_session"], found["next_day"]) == (None, date(2026, 11, 23))


def test_a_check_in_that_says_used_leads_here(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    for used, there in (("yes", True), ("no", False)):
        answer = ana.post("/check-ins", {"id": str(new_id()), "used": used}, headers=HTMX)
        assert ('href="/setbacks/new"' in answer.text) is there
    assert 'href="/setbacks/new"' in ana.look("/log").text


def test_in_spanish_too(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    ana.post("/me/language", {"language": "es"})
    assert ana.look("/setbacks/new").status_code == 200
    assert say(ana, str(new_id()), STEPS[3]).status_code == 200
