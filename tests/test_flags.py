"""Flags: raised with their cause, in words, once; cleared by a person with a note; and only of what is shared."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.models import entry, flags, rules, sharing
from app.models.flags import Clearance, Flag, Raised
from app.models.people import Coaching
from app.models.rules import Reason
from app.record import NotYours
from tests.acts import kept, said, statements
from tests.conftest import NOON, Clock, Stage

SignIn = Callable[[str], Any]
DAY = timedelta(days=1)


def open_of(stage: Stage, coach: str = "cora", name: str = "ana") -> list[Raised]:
    with stage.coached(coach) as record:
        return flags.open_flags(record).get(getattr(stage.cast, name), [])


def raised(stage: Stage, coach: str = "cora", name: str = "ana") -> list[str]:
    return [one.rule for one in open_of(stage, coach, name)]


def raise_one(stage: Stage, rule: str = "strong-urge", entry_id: UUID | None = None, name: str = "ana") -> UUID:
    """A flag of somebody's, as a rule raises it."""
    with stage.mine(name) as record:
        [row] = flags.keep(record, [Reason(rule, f"{rule}:{new_id()}", {"urge": 9})], entry_id)
        return row.id


# --- every rule of an entry, through the form that asks


@dataclass(frozen=True)
class Told:
    """What is sent to a form, over and over, and the flags that are open then."""

    path: str
    fields: dict[str, str]
    flags: list[str] = field(default_factory=list)
    days: int = 1


CHECK, PAGE, URGE, SETBACK, MOOD = "/check-ins", "/journal", "/urges", "/setbacks", "/moods"
OPEN = {"visibility": "shared"}
DONE = {"step": "6", "done": "true"}
URGED, SET = OPEN | DONE, OPEN | DONE | {"word": "used"}
TOLD: dict[str, Told] = {
    "a calm day": Told(CHECK, OPEN | {"urge": "7", "mood": "2", "used": "no", "sleep_hours": "6"}),
    "a strong urge": Told(CHECK, OPEN | {"urge": "8"}, ["strong-urge"]),
    "a strong urge, kept to oneself": Told(CHECK, {"urge": "10", "visibility": "private"}),
    "use": Told(CHECK, OPEN | {"used": "yes"}, ["return-to-use"]),
    "use, kept to oneself": Told(CHECK, {"used": "yes", "visibility": "private"}),
    "words": Told(CHECK, OPEN | {"words": "I want to kill myself"}, ["self-harm"]),
    "words that are no such words": Told(CHECK, OPEN | {"words": "My uncle died. Group was about death."}),
    "words that deny it": Told(PAGE, OPEN | {"words": "I would never kill myself."}),
    "words in Spanish": Told(PAGE, OPEN | {"words": "Ya no quiero vivir más."}, ["self-harm"]),
    "words, kept to oneself": Told(PAGE, {"words": "I want to kill myself", "visibility": "private"}),
    "words as a tag": Told(PAGE, OPEN | {"words": "A day.", "tags": "i want to die"}, ["self-harm"]),
    "an urge": Told(URGE, URGED | {"before": "7", "after": "3"}),
    "an urge that was strong": Told(URGE, URGED | {"before": "9", "after": "3"}, ["strong-urge"]),
    "an urge that grew": Told(URGE, URGED | {"before": "5", "after": "8"}, ["strong-urge"]),
    "an urge as soon as it is rated": Told(URGE, OPEN | {"before": "8", "step": "1", "done": "false"}, ["strong-urge"]),
    "a setback": Told(SETBACK, SET, ["return-to-use"]),
    "a setback, not yet told to anybody": Told(SETBACK, SET | {"step": "1", "done": "false"}),
    "a setback, kept to oneself": Told(SETBACK, SET | {"visibility": "private"}),
    "a setback's next step": Told(
        SETBACK,
        SET | {"next_step": "I will end my life"},
        ["self-harm", "return-to-use"],
    ),
    "two very low days": Told(MOOD, {"mood": "1"}, [], 2),
    "three very low days": Told(MOOD, {"mood": "1"}, ["low-mood"], 3),
    "three low days": Told(MOOD, {"mood": "2"}, [], 3),
    "two short nights": Told(CHECK, OPEN | {"sleep_hours": "4"}, [], 2),
    "three short nights": Told(CHECK, OPEN | {"sleep_hours": "4"}, ["short-sleep"], 3),
    "three short nights, kept to oneself": Told(CHECK, {"sleep_hours": "4", "visibility": "private"}, [], 3),
}  # fmt: skip


def test_every_rule_of_an_entry_through_its_form(stage: Stage, signed_in: SignIn, clock: Clock) -> None:
    """One after the other of what may be said, each with a clean slate."""
    ana, wrong = signed_in("ana"), {}
    for name, one in TOLD.items():
        for n in range(one.days):
            clock.go(days=min(n, 1))
            answer = ana.post(one.path, one.fields | {"id": str(new_id())})
            assert answer.status_code == 303, name
        if (found := raised(stage)) != one.flags:
            wrong[name] = found
        _clean(stage)
    assert wrong == {}


def _clean(stage: Stage) -> None:
    """What was said and raised is gone."""
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        for model in (Clearance, Flag, entry.Entry):
            for row in record.session.exec(select(model)).all():
                record.session.delete(row)
            record.session.flush()


def test_off_their_own_course(stage: Stage, clock: Clock) -> None:
    for n in range(14):
        kept(stage, "ana", kind="mood", at=clock.now - (18 - n) * DAY, mood=4 + n % 2)
    for n in range(4):
        kept(stage, "ana", kind="mood", at=clock.now - (3 - n) * DAY, mood=2)
    [flag] = open_of(stage)
    assert (flag.rule, flag.level) == ("mood-off-course", "medium")
    assert flag.reason.reason() == "Mood is lower than in their own last four weeks: 2.0, usually 4.0."


def test_the_reason_says_what_it_was_and_what_to_do(stage: Stage, signed_in: SignIn) -> None:
    signed_in("ana").post("/check-ins", {"id": str(new_id()), "urge": "9", "used": "yes", **OPEN})
    page = said(signed_in("cora").look(f"/caseload/{stage.cast.ana}/flags"))
    assert "Told of a return to use." in page and "An urge of 9 out of 10." in page
    assert "Ask how it is now, and what has helped before." in page
    assert page.index("return to use") < page.index("An urge of 9")


# --- once


def test_sent_twice_and_amended_it_is_raised_once(stage: Stage, signed_in: SignIn) -> None:
    ana, form = signed_in("ana"), {"id": str(new_id()), "urge": "9", **OPEN}
    for _ in range(2):
        assert ana.post("/check-ins", form).status_code == 303
    assert ana.post(f"/check-ins/{form['id']}", form | {"urge": "10", "version": "1"}).status_code == 303
    [flag] = open_of(stage)
    assert flag.reason.reason() == "An urge of 9 out of 10."


def test_two_same_posts_at_once_raise_one(stage: Stage, signed_in: SignIn) -> None:
    browsers, form = [signed_in("ana") for _ in range(4)], {"id": str(new_id()), "urge": "9", "used": "yes", **OPEN}
    ready, answers = Barrier(len(browsers)), []

    def send(browser: Any) -> None:
        ready.wait(10)
        answers.append(browser.post("/check-ins", form).status_code)

    threads = [Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [303] * len(browsers)
    assert raised(stage) == ["return-to-use", "strong-urge"]


def test_while_one_is_open_another_cause_raises_no_second_but_what_is_urgent(stage: Stage, signed_in: SignIn) -> None:
    ana = signed_in("ana")
    for words in ("I want to die", "I want to kill myself"):
        ana.post("/check-ins", {"id": str(new_id()), "urge": "9", "words": words, **OPEN})
    assert raised(stage) == ["self-harm", "self-harm", "strong-urge"]


def test_cleared_it_does_not_come_back_for_the_same_cause_but_for_another(stage: Stage, signed_in: SignIn) -> None:
    ana, form = signed_in("ana"), {"id": str(new_id()), "urge": "9", **OPEN}
    ana.post("/check-ins", form)
    with stage.coached("cora", "ana") as record:
        flags.clear(record, flags.history(record)[0].id, "We spoke.")
    ana.post(f"/check-ins/{form['id']}", form | {"words": "still here", "version": "1"})
    assert raised(stage) == []
    ana.post("/check-ins", form | {"id": str(new_id())})
    assert raised(stage) == ["strong-urge"]


# --- only what is shared, while it is


def test_what_is_shared_later_raises_then(stage: Stage, signed_in: SignIn) -> None:
    ana, form = signed_in("ana"), {"id": str(new_id()), "words": "I want to kill myself", "visibility": "private"}
    ana.post("/journal", form)
    assert raised(stage) == []
    assert ana.post(f"/entries/{form['id']}/visibility", OPEN).status_code == 303
    assert raised(stage) == ["self-harm"]


def test_a_kind_that_is_closed_raises_nothing_until_it_is_opened(stage: Stage, signed_in: SignIn) -> None:
    ana = signed_in("ana")
    ana.post("/sharings", {"kind": "check-in", "open": "false"})
    ana.post("/check-ins", {"id": str(new_id()), "urge": "9", **OPEN})
    kept(stage, "ana", "I want to die", "check-in", NOON - 20 * DAY)
    assert raised(stage) == []
    ana.post("/sharings", {"kind": "check-in", "open": "true"})
    # What is three weeks old is no news: it stands in the timeline.
    assert raised(stage) == ["strong-urge"]


def test_days_that_are_not_shared_do_not_count(stage: Stage, clock: Clock) -> None:
    for n, visibility in enumerate(("shared", "private", "shared")):
        kept(stage, "ana", at=NOON - (2 - n) * DAY, mood=1, visibility=visibility)
    assert raised(stage) == []


TAKEN_BACK: dict[str, Callable[[Any, str], Any]] = {
    "unshared": lambda ana, one: ana.post(f"/entries/{one}/visibility", {"visibility": "private"}),
    "thrown away": lambda ana, one: ana.post(f"/entries/{one}/deletion", {}),
    "its kind closed": lambda ana, one: ana.post("/sharings", {"kind": "check-in", "open": "false"}),
}


@pytest.mark.parametrize("way", TAKEN_BACK)
def test_of_what_is_taken_back_an_open_flag_tells_nothing_any_more(stage: Stage, signed_in: SignIn, way: str) -> None:
    ana, cora, one = signed_in("ana"), signed_in("cora"), str(new_id())
    ana.post("/check-ins", {"id": one, "urge": "9", **OPEN})
    assert "An urge of 9" in said(cora.look(f"/caseload/{stage.cast.ana}/flags"))
    assert TAKEN_BACK[way](ana, one).status_code == 303
    page = cora.look(f"/caseload/{stage.cast.ana}/flags")
    assert "What this was about is not shared any more." in said(page)
    assert "An urge" not in said(page) and "has helped" not in said(page) and one not in page.text
    [flag] = open_of(stage)
    assert (flag.level, flag.withdrawn, flag.rule) == ("high", True, rules.WITHDRAWN)
    cleared = cora.post(f"/caseload/{stage.cast.ana}/flags/{flag.id}/clearance", {"words": "We spoke."})
    assert cleared.status_code == 303


def test_a_flag_outlives_the_entry_that_raised_it(stage: Stage, signed_in: SignIn, clock: Clock) -> None:
    one = str(new_id())
    signed_in("ana").post("/check-ins", {"id": one, "urge": "9", **OPEN})
    with stage.mine("ana") as record:
        entry.throw(record, UUID(one))
    clock.go(days=31)
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        assert entry.empty_bin(record) == 1
    assert [one.withdrawn for one in open_of(stage)] == [True]


# --- cleared, by a person, with a note


def test_clearing_asks_for_a_note_and_keeps_the_history(stage: Stage, signed_in: SignIn, clock: Clock) -> None:
    flag, cora = raise_one(stage), signed_in("cora")
    address = f"/caseload/{stage.cast.ana}/flags/{flag}/clearance"
    assert cora.look(address).status_code == 200
    for words in ("", "  \n "):
        refused = cora.post(address, {"words": words})
        assert refused.status_code == 422 and "Please write a few words." in said(refused)
    assert raised(stage) == ["strong-urge"]
    clock.go(minutes=5)
    for _ in range(2):
        assert cora.post(address, {"words": "Called. She is <b>safe</b> with Sam."}).status_code == 303
    assert raised(stage) == []
    page = cora.look(f"/caseload/{stage.cast.ana}/flags")
    assert "She is &lt;b&gt;safe" in page.text and "Cleared by Cora Diaz, 12:05" in said(page)
    with stage.coached("cora", "ana") as record:
        [past] = flags.history(record)
        assert past.clearance and past.clearance.at == NOON + timedelta(minutes=5)


def test_of_two_coaches_the_second_is_told_and_loses_no_word(stage: Stage, signed_in: SignIn) -> None:
    flag = raise_one(stage)
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        both = {"participant_id": stage.cast.ana, "coach_id": stage.cast.dov}
        record.session.add(Coaching(id=new_id(), since=record.today, **both))
    with stage.coached("dov", "ana") as record:
        flags.clear(record, flag, "Dov called.")
    address = f"/caseload/{stage.cast.ana}/flags/{flag}/clearance"
    refused = signed_in("cora").post(address, {"words": "Cora called too."})
    assert refused.status_code == 422
    assert "has cleared this meanwhile" in said(refused)
    assert "Cora called too." in refused.text and "Dov called." in refused.text


def test_a_coach_raises_one_by_hand(stage: Stage, signed_in: SignIn) -> None:
    one = kept(stage, "ana", "a page")
    cora, note = signed_in("cora"), {"level": "high", "words": "Sounds flat."}
    form = note | {"id": str(new_id()), "entry_id": str(one)}
    address = f"/caseload/{stage.cast.ana}/flags"
    assert cora.post(address, form | {"words": " "}).status_code == 422
    for _ in range(2):
        assert cora.post(address, form).status_code == 303
    [flag] = open_of(stage)
    assert (flag.level, flag.by, flag.words, flag.entry_id) == ("high", "Cora Diaz", "Sounds flat.", one)
    assert "Sounds flat." in said(cora.look(address))


def test_an_entry_that_is_taken_back_meanwhile_costs_no_word(stage: Stage, signed_in: SignIn) -> None:
    one, address = kept(stage, "ana", "a page"), f"/caseload/{stage.cast.ana}/flags"
    with stage.mine("ana") as record:
        entry.share(record, one, "private")
    cora, form = signed_in("cora"), {"id": str(new_id()), "entry_id": str(one), "level": "low", "words": "Sounds flat."}
    refused = cora.post(address, form)
    assert refused.status_code == 422
    assert "is not shared any more" in said(refused) and "Sounds flat." in refused.text and str(one) not in refused.text
    assert cora.post(address, form | {"entry_id": ""}).status_code == 303


# --- who sees them


def test_who_reads_a_flag(stage: Stage) -> None:
    flag = raise_one(stage)
    readers = {("cora", "coach"): 1, ("dov", "coach"): 0, ("pat", "manager"): 0, ("sam", "supporter"): 0,
               ("ana", "participant"): 1, ("pat", "keeper"): 1}  # fmt: skip
    for (who, role), count in readers.items():
        with opened(stage.house, stage.cast.harbor, role, getattr(stage.cast, who), stage.cast.ana) as record:  # type: ignore[arg-type]
            assert len(record.session.exec(select(Flag.id)).all()) == count, who
    with stage.mine("ben") as record, pytest.raises(NotYours):
        flags.find(record, flag)
    with stage.coached("fay") as record:
        assert flags.open_flags(record) == {}


def test_the_order_is_by_level_then_the_oldest_and_the_queries_do_not_grow(stage: Stage, clock: Clock) -> None:
    for rule in ("quiet", "strong-urge", "call-me"):
        raise_one(stage, rule)
    with stage.coached("cora") as record, statements(stage) as few:
        flags.open_flags(record)
    clock.go(hours=1)
    for rule in ("return-to-use", "call-me", "short-sleep"):
        raise_one(stage, rule)
    found = [one.rule for one in open_of(stage)]
    assert found == ["call-me", "call-me", "strong-urge", "return-to-use", "quiet", "short-sleep"]
    with stage.coached("cora") as record, statements(stage) as more:
        assert flags.open_flags(record, [stage.cast.ben]) == {}
        few_then = len(more)
        assert len(flags.open_flags(record, [stage.cast.ana])[stage.cast.ana]) == 6
    assert len(more) - few_then == len(few)


# --- what the participant is told


def test_before_it_is_sent_it_is_said_that_some_answers_come_up_first(stage: Stage, signed_in: SignIn) -> None:
    ana, sentence = signed_in("ana"), "Some answers come up first on your coach's list"
    for path in ("/check-in", "/journal/new", "/urges/new", "/setbacks/new"):
        assert sentence in said(ana.look(path)), path
    assert "Many low days may bring a call." in said(ana.look("/today"))
    with stage.mine("ana") as record:
        for kind in entry.KINDS:
            sharing.stop(record, kind)
    for path in ("/check-in", "/journal/new", "/urges/new", "/setbacks/new"):
        assert sentence not in said(ana.look(path)), path
    assert "may bring a call" not in said(ana.look("/today"))


def test_afterwards_only_who_was_put_first_is_told_so(stage: Stage, signed_in: SignIn) -> None:
    ana, first = signed_in("ana"), "This is first on the list of Cora Diaz now."
    fragment = {"headers": {"HX-Request": "true"}}
    assert first not in said(ana.post("/check-ins", {"id": str(new_id()), "urge": "3", **OPEN}, **fragment))
    private = {"id": str(new_id()), "words": "I want to kill myself", "visibility": "private"}
    told = said(ana.post("/journal", private, **fragment))
    assert first not in told and "988 answers at any hour" in told and "alert" not in told
    one = str(new_id())
    assert first in said(ana.post("/check-ins", {"id": one, "urge": "9", **OPEN}, **fragment))
    assert first in said(ana.look(f"/entries/{one}"))
    with stage.coached("cora", "ana") as record:
        flags.clear(record, flags.history(record)[0].id, "We spoke.")
    assert first not in said(ana.look(f"/entries/{one}"))


def test_help_comes_gently_in_every_form_that_takes_words(signed_in: SignIn) -> None:
    ana, words = signed_in("ana"), "No sé, no quiero vivir más"
    forms: dict[str, dict[str, str]] = {
        "/check-ins": {}, "/journal": {}, "/practices": {"skill": "box-breathing"},
        "/urges": {"before": "5", **DONE}, "/setbacks": {"word": "used", **DONE},
    }  # fmt: skip
    for path, fields in forms.items():
        form = {"id": str(new_id()), "words": words, "visibility": "private", **fields}
        kept_now = ana.post(path, form, headers={"HX-Request": "true"})
        assert kept_now.status_code == 200 and 'id="near-988"' in kept_now.text, path
