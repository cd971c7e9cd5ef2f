"""Checking in to a session and out of it: the code, the time for it, twice is once, and who reads what was said."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from app.access import opened
from app.models import arrivals, codes
from app.models.attendance import Attendance, Claim
from app.models.people import Episode
from app.models.sessions import ProgramSession
from tests.acts import field, kept, said
from tests.conftest import NOON, Browser, Clock, Stage
from tests.meeting import change, held


@pytest.fixture
def group(stage: Stage) -> ProgramSession:
    """An evening group that Dov leads, from ten minutes after noon on."""
    return held(stage.house, stage.cast.harbor, stage.cast.dov, NOON + timedelta(minutes=10))


def code_of(stage: Stage, group: ProgramSession, at: datetime = NOON) -> str:
    with stage.coached("dov") as record:
        return codes.code(record.keyring.program_key, group.id, at)


def wrong_code(stage: Stage, group: ProgramSession) -> str:
    right = {code_of(stage, group, NOON - timedelta(minutes=5 * n)) for n in range(3)}
    return next(f"{n:04}" for n in range(10_000) if f"{n:04}" not in right)


def form(group: ProgramSession, page_id: Callable[[], str], **also: str) -> dict[str, str]:
    return {"id": page_id(), "session": str(group.id), "way": "arriving", "visibility": "shared"} | also


def rows(stage: Stage, name: str, model: Any) -> list[Any]:
    with stage.mine(name) as record:
        return list(record.session.exec(select(model)))


def admitted(stage: Stage, name: str) -> None:
    """Somebody's stay began long before."""
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        for stay in record.session.exec(select(Episode).where(Episode.participant_id == getattr(stage.cast, name))):
            stay.started_on = date(2026, 10, 1)


def test_with_the_code_in_the_room_somebody_is_in(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana = signed_in("ana")
    page = ana.look(f"/attendances/{group.id}/arrival")
    assert page.status_code == 200
    assert "Evening group" in said(page) and "Dov Stein leads this session and reads it" in said(page)
    sent = form(group, page_id, code=code_of(stage, group), mood="2", urge="7", bring_up="The weekend.")
    answer = ana.post("/attendances", sent)
    assert answer.status_code == 303, said(answer)
    [claim] = rows(stage, "ana", Claim)
    assert (claim.proof, claim.arriving, claim.session_id, claim.at) == ("code", True, group.id, NOON)
    shown = ana.look(answer.headers["location"].partition("#")[0])
    assert "The weekend." in said(shown) and "Came in" in said(shown)
    assert "You and Cora Diaz and the session's leader" in said(shown)
    assert "The weekend." in said(ana.look("/journal"))


def test_what_is_said_is_for_whoever_leads_and_for_the_coach(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana = signed_in("ana")
    ana.post("/attendances", form(group, page_id, bring_up="My sister."))
    assert "My sister." in said(signed_in("dov").look(f"/room/{group.id}"))
    assert "My sister." in said(signed_in("cora").look(f"/caseload/{stage.cast.ana}"))
    [line] = rows(stage, "ana", Attendance)
    ana.post(f"/entries/{line.id}/visibility", {"visibility": "private"})
    assert "My sister." not in said(signed_in("dov").look(f"/room/{group.id}"))
    assert "My sister." not in said(signed_in("cora").look(f"/caseload/{stage.cast.ana}"))
    # That she is there is the program's to know, whatever she keeps to herself.
    assert "1 here" in said(signed_in("dov").look(f"/room/{group.id}"))


def test_where_sharing_is_off_it_is_said_that_nobody_reads_it(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana = signed_in("ana")
    ana.post("/sharings", {"kind": "attendance", "open": "false"})
    assert "Only you will see how you are" in said(ana.look(f"/attendances/{group.id}/arrival"))
    answer = ana.post("/attendances", form(group, page_id, bring_up="My sister.", mood="1"))
    assert "Only you" in said(ana.look(answer.headers["location"].partition("#")[0]))
    room = said(signed_in("dov").look(f"/room/{group.id}"))
    assert "My sister." not in room and "Very low" not in room


# --- the code


def test_the_code_of_the_slot_before_still_counts_and_older_ones_do_not(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    ana, first = signed_in("ana"), code_of(stage, group)
    clock.go(minutes=9)
    assert ana.post("/attendances", form(group, page_id, code=first)).status_code == 303
    ben = signed_in("ben")
    clock.go(minutes=2)
    answer = ben.post("/attendances", form(group, page_id, code=first, bring_up="The bus."))
    assert answer.status_code == 422
    assert "did not match" in said(answer) and "The bus." in answer.text
    assert "Go on without the code" in said(answer)
    assert rows(stage, "ben", Claim) == []


def test_without_the_code_it_is_a_claim_that_the_leader_confirms(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana = signed_in("ana")
    sent = form(group, page_id, code=wrong_code(stage, group))
    assert ana.post("/attendances", sent).status_code == 422
    answer = ana.post("/attendances", sent | {"told": "true"}, headers={"HX-Request": "true"})
    assert answer.headers["Kept"] == sent["id"]
    assert "Dov Stein confirms that you were there" in said(answer)
    assert [claim.proof for claim in rows(stage, "ana", Claim)] == ["none"]
    assert "in their own words" in said(signed_in("dov").look(f"/room/{group.id}"))


def test_five_wrong_codes_and_only_words_are_left_for_ten_minutes(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    ana, wrong, asked = signed_in("ana"), wrong_code(stage, group), page_id()
    for _ in range(7):  # the same form again is no other guess
        assert "did not match" in said(ana.post("/attendances", form(group, page_id, code=wrong) | {"id": asked}))
    for _ in range(4):
        assert "did not match" in said(ana.post("/attendances", form(group, page_id, code=wrong)))
    right = form(group, page_id, code=code_of(stage, group))
    refused = ana.post("/attendances", right)
    assert refused.status_code == 422 and "tried too often" in said(refused)
    assert "Go on without the code" in said(refused)
    # Only who tried too often.
    assert signed_in("ben").post("/attendances", form(group, page_id, code=right["code"])).status_code == 303
    clock.go(minutes=11)
    right["code"] = code_of(stage, group, clock.now)
    assert ana.post("/attendances", right).status_code == 303


def test_a_session_is_not_guessed_by_many(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(arrivals, "TRIES_IN_ALL", 6)
    wrong = wrong_code(stage, group)
    for who in ("ana", "ben"):
        there = signed_in(who)
        for _ in range(3):
            there.post("/attendances", form(group, page_id, code=wrong))
    answer = signed_in("ana").post("/attendances", form(group, page_id, code=code_of(stage, group)))
    assert "tried too often" in said(answer)
    other = held(stage.house, stage.cast.harbor, stage.cast.cora, NOON)
    assert signed_in("ana").post("/attendances", form(other, page_id, code=code_of(stage, other))).status_code == 303


@pytest.mark.parametrize("code", ["12", "12345", "abcd", "１２３４", "\u0661\u0662\u0663\u0664", "-123", "12.4"])
def test_what_are_no_four_digits_is_told_and_not_counted(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], code: str
) -> None:
    ana = signed_in("ana")
    for _ in range(6):
        answer = ana.post("/attendances", form(group, page_id, code=code))
        assert answer.status_code == 422 and "four digits" in said(answer)
    spaced = " ".join(code_of(stage, group))
    assert ana.post("/attendances", form(group, page_id, code=spaced)).status_code == 303


def test_a_code_is_of_its_session_alone(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    other = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON)
    code = code_of(stage, other)
    if code not in (code_of(stage, group), code_of(stage, group, NOON - timedelta(minutes=5))):
        assert signed_in("ana").post("/attendances", form(group, page_id, code=code)).status_code == 422


# --- what waited on the phone


def written(at: datetime, sent: datetime) -> dict[str, str]:
    return {"written_at": at.isoformat(), "sent_at": sent.isoformat(), "zone": "America/New_York"}


def test_a_code_typed_without_signal_counts_when_it_comes_in_days_later(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    code, asked = code_of(stage, group), page_id
    clock.go(days=2)
    ana, sent = signed_in("ana"), written(NOON, clock.now)
    assert ana.post("/attendances", form(group, asked, code=code, **sent)).status_code == 303
    [claim] = rows(stage, "ana", Claim)
    assert (claim.proof, claim.at, claim.kept_at) == ("code", NOON, clock.now)
    wrong = form(group, asked, code=wrong_code(stage, group), bring_up="Kept.", **sent)
    answer = signed_in("ben").post("/attendances", wrong)
    assert answer.status_code == 422 and "Kept." in answer.text and "Evening group" in said(answer)
    tapped = form(group, asked, **sent)
    assert signed_in("ben").post("/attendances", tapped).status_code == 303
    # Nothing shows where a tap was made that waited.
    assert [row.proof for row in rows(stage, "ben", Claim)] == ["none"]


def test_a_phone_whose_clock_is_wrong_is_put_right(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    ahead, code = timedelta(days=3), code_of(stage, group)
    clock.go(hours=5)
    sent = written(NOON + ahead, clock.now + ahead)
    assert signed_in("ana").post("/attendances", form(group, page_id, code=code, **sent)).status_code == 303
    assert [(row.proof, row.at) for row in rows(stage, "ana", Claim)] == [("code", NOON)]


# --- the time for it


@pytest.mark.parametrize(("minutes", "status"), [(-21, 422), (-19, 303), (39, 303), (41, 422)])
def test_half_an_hour_before_and_after_the_start(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock,
    minutes: int, status: int,
) -> None:  # fmt: skip
    clock.go(minutes=minutes)
    assert signed_in("ana").post("/attendances", form(group, page_id)).status_code == status


def test_the_program_says_how_long(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    pat = signed_in("pat")
    assert pat.post("/room", {"minutes": "5", "wall": "initials"}).status_code == 303
    refused = signed_in("ana").post("/attendances", form(group, page_id, bring_up="Early."))
    assert refused.status_code == 422 and "5 minutes before" in said(refused) and "Early." in refused.text
    clock.go(minutes=6)
    assert signed_in("ana").post("/attendances", form(group, page_id)).status_code == 303
    for who in ("cora", "dov", "ana"):
        assert signed_in(who).post("/room", {"minutes": "60", "wall": "none"}).status_code == 404
    assert pat.post("/room", {"minutes": "4000", "wall": "names"}).status_code == 422


def test_too_late_it_is_offered_to_tell_the_leader(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    clock.go(hours=3)
    ana, sent = signed_in("ana"), form(group, page_id, code="1234", bring_up="I was there.")
    assert "I was there" in said(ana.look(f"/attendances/{group.id}/arrival"))
    refused = ana.post("/attendances", sent)
    assert refused.status_code == 422 and "tell the person who leads it" in said(refused)
    assert 'id="told"' in refused.text and "I was there." in refused.text
    assert ana.post("/attendances", sent | {"told": "true"}).status_code == 303
    assert [row.proof for row in rows(stage, "ana", Claim)] == ["none"]
    clock.go(days=8)
    again = signed_in("ben").post("/attendances", form(group, page_id, told="true"))
    assert again.status_code == 422 and "more than a week ago" in said(again)


def test_out_once_it_has_started_until_half_an_hour_after_its_end(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    ana, out = signed_in("ana"), {"way": "leaving", "takeaway": "Three breaths.", "homework_seen": "yes"}
    assert "not started yet" in said(ana.post("/attendances", form(group, page_id, **out)))
    clock.go(minutes=99)
    assert "Three breaths" not in said(ana.look(f"/attendances/{group.id}/departure"))
    assert ana.post("/attendances", form(group, page_id, **out)).status_code == 303
    [line] = rows(stage, "ana", Attendance)
    assert (line.arriving, line.homework_seen, line.bring_up) == (False, True, None)
    page = said(ana.look(f"/attendances/{group.id}/departure"))
    assert "You checked out at" in page
    clock.go(minutes=32)
    assert signed_in("ben").post("/attendances", form(group, page_id, **out)).status_code == 422


# --- for which session


def test_a_session_that_is_not_on_their_list_is_told_kindly_and_nothing_is_lost(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    nobodys = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON, phases="")
    elsewhere = held(stage.house, stage.cast.meadow, stage.cast.fay, NOON)
    ana = signed_in("ana")
    for session in (str(nobodys.id), str(elsewhere.id), page_id(), "", "x", "0" * 32, "f" * 32):
        sent = form(group, page_id, bring_up="Not lost.") | {"session": session}
        answer = ana.post("/attendances", sent)
        assert answer.status_code == 422 and "not on your list" in said(answer), session
        assert "Not lost." in answer.text
    assert rows(stage, "ana", Claim) == []
    for session in (nobodys, elsewhere):
        assert ana.look(f"/attendances/{session.id}/arrival").status_code == 404


def test_a_session_that_was_called_off_counts_for_nobody(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana = signed_in("ana")
    change(stage, group, cancelled=True)
    answer = ana.post("/attendances", form(group, page_id, code=code_of(stage, group), bring_up="Oh."))
    assert answer.status_code == 422 and "does not take place" in said(answer) and "Oh." in answer.text
    page = ana.look(f"/attendances/{group.id}/arrival")
    assert "does not take place" in said(page) and re.search(r'id="attendance"[^>]* hidden', page.text)
    assert rows(stage, "ana", Claim) == []


def test_a_session_that_was_moved_is_checked_in_to_when_it_is(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    later = (NOON + timedelta(hours=4)).astimezone(ZoneInfo("America/New_York"))
    change(stage, group, moved_on=later.date(), moved_at=later.time().replace(tzinfo=None))
    assert signed_in("ana").post("/attendances", form(group, page_id)).status_code == 422
    clock.go(hours=4)
    assert signed_in("ana").post("/attendances", form(group, page_id)).status_code == 303


def test_new_years_eve_in_the_middle_of_a_session(
    stage: Stage, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    clock.now = datetime(2027, 1, 1, 4, 50, tzinfo=UTC)  # 11:50 pm on 31 December in New York
    night = held(stage.house, stage.cast.harbor, stage.cast.dov, clock.now)
    for who, minutes in (("ana", 0), ("ben", 20)):
        clock.go(minutes=minutes)
        sent = form(night, page_id, code=code_of(stage, night, clock.now))
        assert signed_in(who).post("/attendances", sent).status_code == 303
    clock.go(minutes=65)
    assert signed_in("ana").post("/attendances", form(night, page_id, way="leaving")).status_code == 303


@pytest.mark.parametrize("first", [datetime(2026, 11, 1, 5, 40, tzinfo=UTC), datetime(2026, 11, 1, 6, 40, tzinfo=UTC)])
def test_the_hour_that_comes_twice_is_not_taken_for_the_other(
    stage: Stage, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock, first: datetime
) -> None:
    """1:30 am on the day when clocks go back is the first one (0021): an hour later the time for it is over."""
    clock.now = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    night = held(stage.house, stage.cast.harbor, stage.cast.dov, clock.now)
    assert night.starts_at == clock.now
    admitted(stage, "ana")
    clock.now = first
    status = signed_in("ana").post("/attendances", form(night, page_id)).status_code
    assert status == (303 if first.hour == 5 else 422)


# --- twice is once


def test_sent_twice_it_is_one(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    ana, sent = signed_in("ana"), form(group, page_id, code=code_of(stage, group), mood="4", bring_up="Once.")
    for _ in range(3):
        answer = ana.post("/attendances", sent, headers={"HX-Request": "true"})
        assert answer.headers["Kept"] == sent["id"]
        clock.go(hours=2)  # also when the time for it is over
    assert len(rows(stage, "ana", Claim)) == len(rows(stage, "ana", Attendance)) == 1


def test_from_two_phones_it_is_one_and_both_are_told_that_it_is_kept(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    phones, said_so = [signed_in("ana"), signed_in("ana")], {"mood": "4", "bring_up": "Once."}
    for phone, more in zip(phones, ({}, {"code": code_of(stage, group)}), strict=True):
        sent = form(group, page_id, **said_so, **more)
        assert phone.post("/attendances", sent, headers={"HX-Request": "true"}).headers["Kept"] == sent["id"]
    # The one who had the code speaks for both.
    assert [row.proof for row in rows(stage, "ana", Claim)] == ["code"]
    assert len(rows(stage, "ana", Attendance)) == 1


def test_other_words_from_a_second_phone_are_shown_beside_the_first(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana, other = signed_in("ana"), signed_in("ana")
    ana.post("/attendances", form(group, page_id, bring_up="The first."))
    sent = form(group, page_id, bring_up="The second.")
    answer = other.post("/attendances", sent)
    assert answer.status_code == 422 and "The first." in answer.text and "The second." in answer.text
    again = sent | {"version": field(answer, "version"), "id": field(answer, "id")}
    kept = other.post("/attendances", again, headers={"HX-Request": "true"})
    assert kept.headers["Kept"] == sent["id"] and "The second." in said(kept)
    assert len(rows(stage, "ana", Claim)) == len(rows(stage, "ana", Attendance)) == 1


def test_at_once_from_many_phones_it_is_one(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana, code = signed_in("ana"), code_of(stage, group)
    bodies = [form(group, page_id, code=code, mood="4") for _ in range(12)]
    with ThreadPoolExecutor(12) as at_once:
        answers = list(at_once.map(lambda body: ana.post("/attendances", body).status_code, bodies))
    assert answers == [303] * 12
    assert len(rows(stage, "ana", Claim)) == len(rows(stage, "ana", Attendance)) == 1


def test_thrown_away_and_said_again_it_is_back(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana = signed_in("ana")
    ana.post("/attendances", form(group, page_id, mood="4"))
    [line] = rows(stage, "ana", Attendance)
    ana.post(f"/entries/{line.id}/deletion", {})
    assert "You checked in at" not in said(ana.look(f"/attendances/{group.id}/arrival"))
    ana.post("/attendances", form(group, page_id, mood="4"))
    assert "You checked in at" in said(ana.look(f"/attendances/{group.id}/arrival"))


def test_an_id_of_somebody_else_keeps_nothing(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    sent = form(group, page_id)
    signed_in("ana").post("/attendances", sent)
    ben = signed_in("ben")
    assert ben.post("/attendances", sent).status_code == 404
    journal = kept(stage, "ana", "of Ana")
    assert ben.post("/attendances", sent | {"id": str(journal)}).status_code == 404
    assert rows(stage, "ben", Claim) == rows(stage, "ben", Attendance) == []


# --- its pages


def test_it_is_changed_on_its_page(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana = signed_in("ana")
    ana.post("/attendances", form(group, page_id, mood="4", bring_up="A line."))
    page = ana.look(f"/attendances/{group.id}/arrival")
    assert "A line." in page.text and "data-log" not in page.text
    sent = form(group, page_id, mood="5") | {"id": field(page, "id"), "version": field(page, "version")}
    assert ana.post("/attendances", sent).status_code == 303
    assert [(row.mood, row.bring_up) for row in rows(stage, "ana", Attendance)] == [(5, None)]


def test_today_has_the_door_while_it_is_the_time_for_it(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str], clock: Clock
) -> None:
    ana, arrive, leave = signed_in("ana"), f"arrive-{group.id}", f"leave-{group.id}"
    assert arrive in ana.look("/today").text
    ana.post("/attendances", form(group, page_id))
    page = ana.look("/today").text
    assert arrive not in page and leave not in page and f"door-{group.id}" in page
    clock.go(minutes=30)
    assert leave in ana.look("/today").text
    clock.go(hours=3)
    assert f"door-{group.id}" not in ana.look("/today").text


def test_the_phone_is_given_the_sessions_of_the_week_to_keep(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser]
) -> None:
    page = signed_in("ana").look("/today").text
    [kept_there] = re.findall(r'<template data-own="sessions">(.*?)</template>', page, re.S)
    assert str(group.id) in kept_there and (NOON - timedelta(minutes=20)).isoformat() in kept_there
    other = signed_in("ana").look("/attendances")
    assert "Evening group" in said(other)


def test_on_its_own_page_one_of_several_is_chosen(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    held(stage.house, stage.cast.harbor, stage.cast.cora, NOON, words={"title": "Morning circle"})
    ana = signed_in("ana")
    page = said(ana.look("/attendances"))
    assert "Morning circle" in page and "Evening group" in page
    assert ana.post("/attendances", {"id": page_id(), "session": str(group.id), "way": "arriving"}).status_code == 303


def test_its_words_are_found_again(
    stage: Stage, group: ProgramSession, signed_in: Callable[[str], Browser], page_id: Callable[[], str]
) -> None:
    ana = signed_in("ana")
    ana.post("/attendances", form(group, page_id, bring_up="Peppermint tea."))
    assert "Peppermint tea." in said(ana.post("/journal/search", {"term": "peppermint"}))
