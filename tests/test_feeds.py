"""One's own calendar: one file, and a feed at a secret address. Read back by another library than wrote it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from ical.calendar_stream import IcsCalendarStream
from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.forms import Posted
from app.lib import ics
from app.lib.vault import token
from app.models import feeds, series, sessions
from app.models.feeds import Feed, FeedForm
from app.models.people import Membership
from app.models.series import ChangeForm
from tests.conftest import NOON, Browser, Clock, Stage
from tests.planned import begun, weekly

DAY = timedelta(days=1)


def events(answer: Any) -> list[Any]:
    """The events of a calendar file, as an independent library reads it; it raises for what is no RFC 5545."""
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return list(IcsCalendarStream.calendar_from_ics(answer.text).events)


def plan(stage: Stage, *names: str, **also: Any) -> UUID:
    persons = [getattr(stage.cast, name) for name in names]
    return begun(stage.house, stage.cast.harbor, stage.cast.cora, *persons, **also)


def subscribe(browser: Browser, **also: str) -> str:
    """Make an address; answers its path."""
    answer = browser.post("/feeds", {"id": str(new_id()), "title": "appointment"} | also)
    assert answer.status_code == 200
    return "/feeds/" + re.findall(r"https://testserver/feeds/([\w-]+\.ics)", answer.text)[0]


def differ(stage: Stage, of: UUID, **also: Any) -> None:
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat) as record:
        asked = ChangeForm(id=new_id(), **{"reason": "Cora is ill."} | also)
        assert series.changed(record, sessions.find(record, of), Posted(kept=asked))


def test_one_session_as_a_file_says_when_and_nothing_else(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    _, of = weekly(stage.house, stage.cast.harbor, stage.cast.cora, stage.cast.ana, title="Relapse prevention")
    answer = signed_in("ana").look(f"/sessions/{of}/calendar.ics")
    [event] = events(answer)
    assert (event.summary, event.location, event.description) == ("Appointment", None, None)
    assert event.dtstart == datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
    assert event.dtend - event.dtstart == timedelta(minutes=90)
    for word in ("Relapse", "Footbridge", "footbridge", "Harbor", "Cora", "Ana", "Room", str(of), str(stage.cast.ana)):
        assert word not in answer.text
    assert "attachment" in answer.headers["content-disposition"]


def test_the_feed_holds_what_somebody_is_expected_at(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    plan(stage, "ana", weekdays=[2], starts_on="2026-10-07")
    plan(stage, "ben", weekdays=[3])
    ana, browser = signed_in("ana"), signed_in("sam")
    found = events(browser.look(subscribe(ana)))
    days = {event.dtstart.date() for event in found}
    assert min(days) == date(2026, 11, 4) and max(days) == date(2027, 3, 17)
    assert {event.dtstart.weekday() for event in found} == {2}
    assert len({event.uid for event in found}) == len(found) == 20


def test_nobody_has_to_be_signed_in_and_nobody_keeps_it(
    stage: Stage, signed_in: Callable[[str], Browser], browser: Callable[[], Browser]
) -> None:
    plan(stage, "ana")
    answer = browser().look(subscribe(signed_in("ana")))
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


def test_the_place_is_there_only_for_whoever_wants_it(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    plan(stage, "ana", title="Family morning")
    ana = signed_in("ana")
    [bare, *_] = events(ana.look(subscribe(ana)))
    [told, *_] = events(ana.look(subscribe(ana, title="class", with_place="true")))
    assert (bare.summary, bare.location) == ("Appointment", None)
    assert (told.summary, told.location) == ("Class", "Room 2")


def test_it_speaks_the_language_of_its_person(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    plan(stage, "ana")
    ana = signed_in("ana")
    path = subscribe(ana)
    ana.post("/me/language", {"language": "es"})
    [event, *_] = events(ana.look(path, headers={"Accept-Language": "en"}))
    assert event.summary  # the word itself is the catalogue's (tests/test_translations.py)


def test_what_changes_is_told_under_the_same_number(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    _, of = weekly(stage.house, stage.cast.harbor, stage.cast.cora, stage.cast.ana)
    ana = signed_in("ana")
    path = subscribe(ana)
    before = next(event for event in events(ana.look(path)) if event.dtstart.date() == date(2026, 11, 19))
    differ(stage, of, moved_on=date(2026, 11, 20), moved_at="09:00")
    [moved] = [event for event in events(ana.look(path)) if event.uid == before.uid]
    assert moved.dtstart == datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    assert (moved.sequence, moved.status.value) == (1, "CONFIRMED")
    differ(stage, of, takes_place=False)
    [off] = [event for event in events(ana.look(path)) if event.uid == before.uid]
    assert (off.sequence, off.status.value) == (2, "CANCELLED")


def test_two_calendars_laid_side_by_side_tell_nothing(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    plan(stage, "ana", "ben")
    numbers = []
    for name in ("ana", "ben"):
        browser = signed_in(name)
        numbers.append({event.uid for event in events(browser.look(subscribe(browser)))})
    assert numbers[0] and not numbers[0] & numbers[1]


def test_a_new_address_ends_the_old_one(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    ana = signed_in("ana")
    old, new = subscribe(ana), subscribe(ana)
    assert (ana.look(old).status_code, ana.look(new).status_code) == (404, 200)
    for _ in range(2):
        assert ana.post("/feeds/removal", {}).status_code == 303
    assert ana.look(new).status_code == 404
    assert "Your calendar is on" not in ana.look("/feeds").text


def test_sent_twice_there_is_one_address(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    ana, one = signed_in("ana"), str(new_id())
    first, second = subscribe(ana, id=one), subscribe(ana, id=one)
    assert (ana.look(first).status_code, ana.look(second).status_code) == (404, 200)
    with stage.mine("ana") as record:
        assert len(record.session.exec(select(Feed).where(Feed.person_id == stage.cast.ana)).all()) == 1
    assert signed_in("ben").post("/feeds", {"id": one, "title": "class"}).status_code == 404
    assert ana.look(second).status_code == 200


def test_an_unknown_address_and_an_ended_one_are_the_same_to_whoever_asks(
    stage: Stage, signed_in: Callable[[str], Browser], browser: Callable[[], Browser]
) -> None:
    ana = signed_in("ana")
    old = subscribe(ana)
    subscribe(ana)
    nobody = browser()
    paths = (old, f"/feeds/{token()}.ics", "/feeds/x.ics")
    answers = [nobody.look(path) for path in paths]
    assert [answer.status_code for answer in answers] == [404] * 3
    # The page says which address was asked for, and nothing else of it.
    assert len({answer.text.replace(path, "") for answer, path in zip(answers, paths, strict=True)}) == 1


def test_the_secret_is_kept_nowhere(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    secret = subscribe(signed_in("ana")).removeprefix("/feeds/").removesuffix(".ics")
    assert len(secret) >= 43  # 256 bits
    with stage.mine("ana") as record:
        row = feeds.mine(record)
        assert row and secret.encode() not in bytes(row.token_hash) and len(row.token_hash) == 32
        assert all(secret not in str(value) for value in row.model_dump().values())


def test_who_has_left_the_program_has_no_calendar(
    stage: Stage, signed_in: Callable[[str], Browser], clock: Clock
) -> None:
    ana = signed_in("ana")
    path = subscribe(ana)
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        rows = record.session.exec(select(Membership).where(Membership.person_id == stage.cast.ana))
        for row in rows:
            row.until = NOON.date()
    assert ana.look(path).status_code == 200
    clock.go(days=1)
    assert ana.look(path).status_code == 404


@pytest.mark.parametrize("who", ["cora", "pat", "sam"])
def test_a_calendar_is_a_participants(signed_in: Callable[[str], Browser], who: str) -> None:
    browser = signed_in(who)
    assert browser.look("/feeds").status_code == 404
    assert browser.post("/feeds", {"id": str(new_id()), "title": "class"}).status_code == 404


def test_a_title_that_tells_something_is_refused(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    answer = signed_in("ana").post("/feeds", {"id": str(new_id()), "title": "Rehab"})
    assert answer.status_code == 422 and "Please choose one of the answers." in answer.text
    assert FeedForm(id=new_id()).title == "appointment"


# --- the file itself


@pytest.mark.parametrize(
    "words",
    [
        "Room 2; the left door, please\\now",
        "línea\nnueva",
        "x" * 300,
        "🏳️‍🌈" * 40,
        "BEGIN:VEVENT\r\nEND:VCALENDAR",
        "שלום",
    ],
)
def test_whatever_somebody_wrote_stays_text(words: str) -> None:
    event = ics.Event(new_id(), NOON, NOON + timedelta(hours=1), "Appointment", words)
    written = ics.calendar([event, event], NOON)
    for line in written.split(b"\r\n"):
        assert len(line) <= 75 and b"\n" not in line
    read = IcsCalendarStream.calendar_from_ics(written.decode())
    assert [one.location for one in read.events] == [words.replace("\r\n", "\n")] * 2


def test_an_empty_calendar_is_one_too() -> None:
    assert IcsCalendarStream.calendar_from_ics(ics.calendar([], NOON).decode()).events == []
