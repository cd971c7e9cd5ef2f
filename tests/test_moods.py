"""Mood: one tap keeps it, says when and who sees it, and it can be taken back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from app.models import entry, moods, sharing
from app.models.entry import Entry
from app.models.sharing import SharingForm
from tests.acts import count, field, kept, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true"}


def tap(here: Browser, mood: int, page_id: str, **also: str):
    return here.post("/moods", {"id": page_id, "mood": str(mood)}, headers=also)


def test_a_tap_is_kept_and_says_when_and_who_can_see_it(signed_in: SignIn, page_id) -> None:
    ana, mood = signed_in("ana"), page_id()
    answer = tap(ana, 4, mood)
    assert (answer.status_code, answer.headers["Location"], answer.headers["Kept"]) == (
        303,
        f"/today#kept={mood}",
        mood,
    )
    today = ana.look("/today")
    assert "Saved 12:00 pm. Only you and Cora Diaz can see this." in said(today)
    assert 'value="4" aria-pressed="true"' in today.text


def test_without_sharing_only_its_writer_sees_it(signed_in: SignIn, stage: Stage, page_id) -> None:
    with stage.mine("ana") as record:
        sharing.turn(record, SharingForm(kind="mood", open=False))
    ana = signed_in("ana")
    tap(ana, 2, page_id())
    assert "Only you can see this." in ana.look("/today").text


def test_htmx_is_answered_with_the_row_and_a_number_for_the_next_tap(signed_in: SignIn, page_id) -> None:
    ana, mood = signed_in("ana"), page_id()
    answer = tap(ana, 5, mood, **HTMX)
    assert answer.status_code == 200 and answer.headers["Kept"] == mood
    assert 'id="moods" hx-swap-oob="true"' in answer.text and "<html" not in answer.text
    assert field(answer, "id") != mood


def test_it_can_be_taken_back_and_that_too(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, mood = signed_in("ana"), page_id()
    tap(ana, 1, mood)
    answer = ana.post(f"/entries/{mood}/deletion", headers=HTMX)
    assert f'id="undo-{mood}"' in answer.text and "In the bin for 30 days" in answer.text
    assert "Saved" not in said(ana.look("/today"))
    with stage.coached("cora", "ana") as record:
        assert entry.timeline(record)[0] == []
    ana.post(f"/entries/{mood}/restoration", headers=HTMX)
    assert "Saved 12:00" in ana.look("/today").text


def test_several_a_day_are_kept_and_the_last_is_shown(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    ana = signed_in("ana")
    for mood in (1, 5, 3):
        tap(ana, mood, page_id())
        clock.go(hours=1)
    assert 'value="3" aria-pressed="true"' in ana.look("/today").text
    with stage.mine("ana") as record:
        assert [line.mood for line in entry.timeline(record, ("mood",))[0]] == [3, 5, 1]


def test_tomorrow_asks_anew(signed_in: SignIn, clock: Clock, page_id) -> None:
    ana = signed_in("ana")
    tap(ana, 4, page_id())
    clock.go(hours=12)  # midnight in New York
    assert "Saved" not in said(ana.look("/moods/new"))


@pytest.mark.parametrize(
    ("zone", "tapped", "looked", "shown"),
    [
        ("America/Denver", "2026-11-19T06:30", "2026-11-19T06:45", "11:30 pm"),  # in New York it is the next day
        ("America/Denver", "2026-11-19T06:30", "2026-11-19T07:00", ""),
        ("America/Denver", "2026-11-19T07:05", "2026-11-19T07:06", "12:05 am"),
        ("Asia/Tokyo", "2026-11-18T16:00", "2026-11-18T17:00", "1:00 am"),  # in New York it is the day before
        ("Pacific/Kiritimati", "2026-11-19T03:30", "2026-11-19T04:30", "5:30 pm"),
        ("", "2026-11-01T04:30", "2026-11-02T04:59", "12:30 am"),  # a day of 25 hours
        ("", "2026-11-01T04:30", "2026-11-02T05:00", ""),
        ("", "2027-03-14T05:30", "2027-03-15T03:59", "12:30 am"),  # a day of 23 hours
        ("", "2027-03-14T05:30", "2027-03-15T04:00", ""),
        # Of a place that is not the program's, the offset is all that is known: on these two days it is an hour out.
        ("America/Denver", "2026-11-01T06:30", "2026-11-02T05:59", "12:30 am"),
        ("America/Denver", "2026-11-01T06:30", "2026-11-02T06:00", ""),
    ],
)
def test_f08_today_is_the_day_where_it_was_tapped(
    zone: str, tapped: str, looked: str, shown: str, signed_in: SignIn, clock: Clock, page_id
) -> None:
    clock.now = datetime.fromisoformat(tapped).replace(tzinfo=UTC)
    signed_in("ana").post("/moods", {"id": page_id(), "mood": "4", "zone": zone})
    clock.now = datetime.fromisoformat(looked).replace(tzinfo=UTC)
    told = said(signed_in("ana").look("/moods/new"))
    assert f"Saved {shown}." in told.replace("\N{NO-BREAK SPACE}", " ") if shown else "Saved" not in told


def test_a_tap_sent_twice_is_kept_once(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, mood = signed_in("ana"), page_id()
    first, again = tap(ana, 4, mood), tap(ana, 4, mood)
    assert (first.status_code, first.headers["Kept"]) == (again.status_code, again.headers["Kept"]) == (303, mood)
    assert count(stage, "ana", Entry) == 1


def test_another_mood_under_a_kept_number_is_asked_for_again(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, mood = signed_in("ana"), page_id()
    tap(ana, 4, mood)
    answer = tap(ana, 1, mood)
    assert answer.status_code == 422 and "Kept" not in answer.headers
    assert "kept a mood already" in answer.text and 'value="4" aria-pressed="true"' in answer.text
    assert tap(ana, 1, field(answer, "id")).status_code == 303
    with stage.mine("ana") as record:
        assert sorted(line.mood for line in entry.timeline(record)[0]) == [1, 4]


def test_the_number_of_another_kind_or_person_is_not_there(signed_in: SignIn, stage: Stage) -> None:
    page, bens = kept(stage, "ana", "a page"), kept(stage, "ben", kind="mood", mood=5)
    ana = signed_in("ana")
    for taken in (page, bens):
        answer = tap(ana, 2, str(taken))
        assert answer.status_code == 404 and "Kept" not in answer.headers and "a page" not in answer.text
    with stage.mine("ben") as record:
        assert entry.find(record, bens).mood == 5


def test_f05_fifty_at_once_are_one(signed_in: SignIn, stage: Stage, page_id) -> None:
    mood = page_id()
    # Entered, the browser has one event loop for all its requests, as a server has.
    with signed_in("ana") as ana, ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: tap(ana, 3, mood), range(50)))
    assert {(answer.status_code, answer.headers.get("Kept")) for answer in answers} == {(303, mood)}
    assert count(stage, "ana", Entry) == 1


def test_a_mood_needs_no_words_and_takes_none(signed_in: SignIn, stage: Stage, page_id) -> None:
    answer = signed_in("ana").post("/moods", {"id": page_id(), "mood": "3", "words": "and some"})
    assert answer.status_code == 422 and count(stage, "ana", Entry) == 0


NOV = [date(2026, 11, day) for day in range(1, 19)]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({}, [None, None, None]),
        ({NOV[17]: 3.0}, [None, None, 3.0]),
        ({NOV[15]: 1.0, NOV[16]: 2.5, NOV[17]: 5.0}, [1.0, 2.5, 5.0]),
        ({NOV[14]: 1.0}, [None, None, None]),
    ],
)
def test_the_line_of_days_has_a_gap_where_nothing_was_said(days, expected) -> None:
    assert moods.run(days, NOV[17], 3) == expected


def test_a_day_is_the_mean_of_its_moods(stage: Stage, clock: Clock) -> None:
    for mood in (1, 4, 5):
        kept(stage, "ana", kind="mood", mood=mood)
        clock.go(hours=1)
    kept(stage, "ana", "no mood")
    with stage.mine("ana") as record:
        assert moods.by_day(entry.timeline(record)[0]) == {NOV[17]: pytest.approx(10 / 3)}
