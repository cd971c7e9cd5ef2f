"""The journal: written, changed, backdated, found again; nothing that was typed is lost or overwritten unseen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.content import prompts
from app.models import entry, journal, sharing
from app.models.entry import Entry, Line
from app.models.journal import Journal
from app.models.sharing import SharingForm
from app.record import NotYours
from tests.acts import count, field, kept, said
from tests.conftest import NOON, Browser, Clock, Stage

SignIn = Callable[[str], Browser]
PRIVATE, SHARED = {"visibility": "private"}, {"visibility": "shared"}


def write(here: Browser, page_id: str, words: str = "a page", **also: str) -> Any:
    return here.post("/journal", {"id": page_id, "words": words, **also})


def change(here: Browser, page_id: str, version: int, words: str, **also: str) -> Any:
    return here.post(f"/journal/{page_id}", {"id": page_id, "version": str(version), "words": words, **also})


def find(stage: Stage, page_id: str | UUID) -> Line:
    with stage.mine("ana") as record:
        return journal.find(record, UUID(str(page_id)))


# --- writing


def test_what_was_written_is_kept_as_it_was_typed(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page, words = signed_in("ana"), page_id(), "  First line.\r\n\r\n<b>not bold</b> & {{7*7}} 🌊  "
    asked = prompts("en")[0]
    answer = write(ana, page, words, mood="4", tags=" work, #Sam,, work ", prompt=asked.id, **SHARED)
    assert (answer.status_code, answer.headers["Location"], answer.headers["Kept"]) == (
        303,
        f"/journal/{page}#kept={page}",
        page,
    )
    line = find(stage, page)
    assert line.words == words.replace("\r\n", "\n") and line.part.prompt == asked.id
    assert (line.mood, line.tags, line.visibility, line.happened_at) == (4, ["work", "Sam"], "shared", NOON)
    shown = ana.look(f"/journal/{page}")
    assert "&lt;b&gt;not bold&lt;/b&gt; &amp; {{7*7}} 🌊" in shown.text and asked.text in said(shown)


def test_it_is_private_unless_somebody_says_otherwise(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, "mine", wants_answer="true")
    assert (find(stage, page).visibility, find(stage, page).wants_answer) == ("private", False)
    with stage.coached("cora", "ana") as record, pytest.raises(NotYours):
        journal.find(record, UUID(page))


def test_an_answer_is_asked_for_only_of_what_is_shared(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana = signed_in("ana")
    for visibility, asks, wants in (("shared", "true", True), ("shared", "false", False), ("private", "true", False)):
        page = page_id()
        write(ana, page, visibility=visibility, wants_answer=asks)
        assert find(stage, page).wants_answer is wants
        ana.post(f"/entries/{page}/visibility", PRIVATE)
        ana.post(f"/entries/{page}/visibility", SHARED)
        assert find(stage, page).wants_answer is False


def test_the_page_of_a_kept_entry_says_who_can_see_it(signed_in: SignIn, page_id) -> None:
    ana, mine, ours = signed_in("ana"), page_id(), page_id()
    write(ana, mine, "just me", **PRIVATE)
    write(ana, ours, "for both", **SHARED)
    assert "Only you" in said(ana.look(f"/journal/{mine}"))
    assert "Cora Diaz" in said(ana.look(f"/journal/{ours}"))


def test_htmx_is_told_when_it_was_kept_and_who_can_see_it(signed_in: SignIn, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    answer = ana.post("/journal", {"id": page, "words": "a page", **SHARED}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and answer.headers["Kept"] == page and "<html" not in answer.text
    assert "Saved 12:00 pm. Only you and Cora Diaz can see this." in said(answer)


def test_it_is_saved_by_the_clocks_of_where_somebody_is(signed_in: SignIn, page_id) -> None:
    form = {"id": page_id(), "words": "on a trip", "zone": "America/Denver", **SHARED}
    assert "Saved 10:00 am." in said(signed_in("ana").post("/journal", form, headers={"HX-Request": "true"}))


def test_a_question_that_nobody_knows_keeps_nobody_from_writing(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    assert ana.look("/journal/new?prompt=" + "q" * 300).status_code == 200
    assert write(ana, page, prompt="q" * 300).status_code == 303
    assert find(stage, page).part.prompt == ""


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", ()),
        (" , ,", ()),
        ("work,  Sam , work", ("work", "Sam")),
        ("#one, ##two", ("one", "two")),
        (", ".join("abcdefgh"), tuple("abcdefgh")),
        ("niño, الليل, 🌊", ("niño", "الليل", "🌊")),
    ],
    ids=ascii,
)
def test_tags_are_split_at_commas(text: str, tags: tuple[str, ...]) -> None:
    assert journal.split_tags(text) == tags


@pytest.mark.parametrize(
    ("tags", "said_of_it"),
    [
        (", ".join("abcdefghi"), "Up to eight tags fit."),
        ("short, " + "x" * 41, "A tag can have up to 40 letters."),
        (", ".join("abcdefgh") + ", a, #b,, ", None),
        ("x" * 40 + ", " + "#" + "y" * 40, None),
    ],
)
def test_no_tag_is_dropped_behind_anybodys_back(
    tags: str, said_of_it: str | None, signed_in: SignIn, stage: Stage, page_id
) -> None:
    assert (journal.TAGS_MAX, journal.TAG_LENGTH) == (8, 40), "as the sentences say"
    ana, page = signed_in("ana"), page_id()
    answer = write(ana, page, "some words", tags=tags)
    if said_of_it:
        assert answer.status_code == 422 and said_of_it in said(answer) and "some words" in answer.text
        assert field(answer, "tags") == tags and "Kept" not in answer.headers
        assert write(ana, page, "some words", tags="one").status_code == 303
        assert change(ana, page, 1, "other words", tags=tags).status_code == 422
        assert find(stage, page).tags == ["one"]
    else:
        assert find(stage, page).tags == list(journal.split_tags(tags))


# --- kept once


def test_sent_twice_it_is_kept_once(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    answers = [write(ana, page, "once", tags="a, b", mood="3", **SHARED) for _ in range(3)]
    assert {(one.status_code, one.headers["Kept"], one.headers["Location"]) for one in answers} == {
        (303, page, f"/journal/{page}#kept={page}")
    }
    assert count(stage, "ana", Entry) == count(stage, "ana", Journal) == 1 and find(stage, page).version == 1


def test_other_words_under_the_same_number_are_shown_beside_the_first(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, "the first words", **PRIVATE)
    answer = write(ana, page, "the other words", **PRIVATE)
    assert answer.status_code == 422 and "Kept" not in answer.headers
    assert "the first words" in said(answer) and "the other words" in answer.text
    assert find(stage, page).words == "the first words"
    second = change(ana, field(answer, "id"), int(field(answer, "version")), "the other words")
    assert second.status_code == 303 and find(stage, page).words == "the other words"
    assert count(stage, "ana", Entry) == 1


def test_the_number_of_somebody_else_is_not_there(signed_in: SignIn, stage: Stage) -> None:
    bens, ana = kept(stage, "ben", "of Ben"), signed_in("ana")
    for typed, answer in (
        ("of Ana", write(ana, str(bens), "of Ana")),
        ("of Ben", write(ana, str(bens), "of Ben")),
        ("of Ana", change(ana, str(bens), 1, "of Ana")),
    ):
        assert answer.status_code == 404 and "Kept" not in answer.headers
        # What she typed herself is given back to her.
        assert "of Ben" not in answer.text.replace(typed, "", 1)
    with stage.mine("ben") as record:
        assert entry.find(record, bens).words == "of Ben"


def test_f05_many_at_once_are_one(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(lambda _: write(ana, page, "once", mood="2"), range(50)))
    assert {(answer.status_code, answer.headers.get("Kept")) for answer in answers} == {(303, page)}
    assert count(stage, "ana", Entry) == count(stage, "ana", Journal) == 1


# --- changing


def test_a_page_is_changed(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, "first", mood="2", tags="one", **PRIVATE)
    clock.go(hours=2)
    form = ana.look(f"/journal/{page}/edit")
    assert (field(form, "version"), field(form, "day"), field(form, "clock")) == ("1", "2026-11-18", "12:00")
    assert change(ana, page, 1, "second", mood="5", tags="two", **SHARED).status_code == 303
    line = find(stage, page)
    assert (line.words, line.mood, line.tags, line.visibility, line.version) == ("second", 5, ["two"], "shared", 2)
    assert (line.happened_at, line.kept_at, line.edited_at) == (NOON, NOON, clock.now)


def test_f06_two_devices_never_overwrite_unseen(signed_in: SignIn, stage: Stage, page_id) -> None:
    phone, page = signed_in("ana"), page_id()
    laptop = signed_in("ana")
    write(phone, page, "at first")
    assert change(phone, page, 1, "from the phone").status_code == 303
    answer = change(laptop, page, 1, "from the laptop")
    assert answer.status_code == 422 and "Kept" not in answer.headers
    assert (
        "from the phone" in said(answer) and "from the laptop" in answer.text and "Both texts are here" in said(answer)
    )
    assert find(stage, page).words == "from the phone"
    assert change(laptop, page, int(field(answer, "version")), "from the laptop").status_code == 303
    assert (find(stage, page).words, find(stage, page).version) == ("from the laptop", 3)


def test_f06_of_many_at_once_one_wins_and_the_others_are_shown_it(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, "at first")
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda number: change(ana, page, 1, f"words {number}"), range(8)))
    assert sorted(answer.status_code for answer in answers) == [303] + [422] * 7
    assert find(stage, page).version == 2


def test_a_change_sent_twice_changes_once(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, "first")
    answers = [change(ana, page, 1, "second", tags="t") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303] and find(stage, page).version == 2
    assert change(ana, page, 1, "second", tags="u").status_code == 422


def test_a_version_that_never_was_is_stale(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, "first")
    for version in ("0", "-1", "2", "9" * 25):
        answer = ana.post(f"/journal/{page}", {"id": page, "version": version, "words": "second"})
        assert answer.status_code == 422 and "second" in answer.text and field(answer, "version") == "1", version
    assert find(stage, page).words == "first"


def test_without_a_version_nothing_is_overwritten(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, "first")
    assert ana.post(f"/journal/{page}", {"id": page, "words": "second"}).status_code == 422
    assert find(stage, page).words == "first"


def test_a_change_leaves_a_page_where_it_stands_in_its_minute(signed_in: SignIn, stage: Stage, page_id) -> None:
    first, second = (
        kept(stage, "ana", word, at=NOON.replace(second=at)) for word, at in (("first", 20), ("second", 40))
    )
    ana = signed_in("ana")
    change(ana, str(second), 1, "changed", day="2026-11-18", clock="12:00", **SHARED)
    with stage.mine("ana") as record:
        assert [line.id for line in entry.timeline(record)[0]] == [second, first]


def test_other_kinds_are_not_changed_here(signed_in: SignIn, stage: Stage) -> None:
    mood, ana = kept(stage, "ana", kind="mood", mood=3), signed_in("ana")
    assert [ana.look(f"/journal/{mood}{more}").status_code for more in ("", "/edit")] == [404, 404]
    assert change(ana, str(mood), 1, "words").status_code == 404


# --- about another day (it is Wednesday noon in New York)


EARLIER = [
    ("", "", "2026-11-18T17:00", "2026-11-18"),
    ("2026-11-18", "", "2026-11-18T17:00", "2026-11-18"),
    ("", "08:15", "2026-11-18T13:15", "2026-11-18"),
    ("2026-11-17", "", "2026-11-17T17:00", "2026-11-17"),
    ("2026-11-17", "23:59", "2026-11-18T04:59", "2026-11-17"),
    ("2026-11-17", "00:00", "2026-11-17T05:00", "2026-11-17"),
    ("2026-07-04", "21:30", "2026-07-05T01:30", "2026-07-04"),
    ("2026-11-01", "01:30", "2026-11-01T05:30", "2026-11-01"),  # comes twice: the first
    ("2026-11-01", "23:30", "2026-11-02T04:30", "2026-11-01"),  # a day of 25 hours
    ("2026-03-08", "02:30", "2026-03-08T07:30", "2026-03-08"),  # never comes: an hour later
    ("2026-03-08", "23:30", "2026-03-09T03:30", "2026-03-08"),  # a day of 23 hours
    ("2016-11-20", "", "2016-11-20T17:00", "2016-11-20"),
    ("2026-11-18", "12:05", "2026-11-18T17:05", "2026-11-18"),  # a phone that is five minutes ahead
]
NOT_BEHIND_US = [
    ("2026-11-19", ""), ("2026-11-18", "12:06"), ("", "23:00"), ("2026-11-19", "00:00"), ("9999-12-31", "23:59"),
    ("2016-11-01", ""), ("0001-01-01", "00:00"), ("0001-01-01", ""),
]  # fmt: skip


def test_f07_f08_a_page_may_be_about_an_earlier_day(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana = signed_in("ana")
    for day, time, happened, local in EARLIER:
        page = page_id()
        assert write(ana, page, day=day, clock=time).status_code == 303, (day, time)
        line = find(stage, page)
        assert (f"{line.happened_at:%Y-%m-%dT%H:%M}", str(line.local_day)) == (happened, local)
        assert line.kept_at == NOON


def test_a_day_that_is_not_behind_us_is_refused_kindly(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana = signed_in("ana")
    for day, time in NOT_BEHIND_US:
        answer = write(ana, page_id(), "typed already", day=day, clock=time)
        assert answer.status_code == 422 and "typed already" in answer.text, (day, time)
        assert "That is not a day behind us." in said(answer)
    assert count(stage, "ana", Entry) == 0


def test_this_morning_before_noon_is_not_ahead(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    clock.go(hours=-4)
    page = page_id()
    assert write(signed_in("ana"), page, day="2026-11-18").status_code == 303
    assert find(stage, page).happened_at == clock.now


def test_a_page_can_be_moved_to_another_day(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, "about yesterday")
    assert change(ana, page, 1, "about yesterday", day="2026-11-17", clock="20:00").status_code == 303
    assert find(stage, page).local_day == date(2026, 11, 17)
    assert change(ana, page, 2, "about yesterday", day="2026-11-20", clock="20:00").status_code == 422
    assert find(stage, page).local_day == date(2026, 11, 17)


# --- where the writer is, and what their phone says

DENVER = {"zone": "America/Denver"}


def shown(page: Any) -> tuple[str, str]:
    return field(page, "day"), field(page, "clock")


def test_f08_a_day_and_a_time_are_read_where_the_writer_is(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana = signed_in("ana")
    for day, time, happened, local in (
        ("", "08:15", "2026-11-18T15:15", "2026-11-18"),
        ("2026-11-17", "23:59", "2026-11-18T06:59", "2026-11-17"),
        ("2026-11-17", "", "2026-11-17T19:00", "2026-11-17"),
        ("2026-03-08", "02:30", "2026-03-08T09:30", "2026-03-08"),  # never comes: an hour later
        ("2026-11-01", "01:30", "2026-11-01T07:30", "2026-11-01"),  # comes twice: the first
    ):
        page = page_id()
        assert write(ana, page, day=day, clock=time, **DENVER).status_code == 303
        line = find(stage, page)
        assert (f"{line.happened_at:%Y-%m-%dT%H:%M}", str(line.local_day)) == (happened, local)
        assert shown(ana.look(f"/journal/{page}/edit"))[0] == local


def test_f08_a_page_is_changed_by_the_clocks_of_where_it_was_written(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, here, there = signed_in("ana"), page_id(), page_id()
    write(ana, here, **DENVER)
    write(ana, there, zone="Asia/Tokyo")
    for page, day, time in ((here, "2026-11-18", "10:00"), (there, "2026-11-19", "02:00")):
        before = find(stage, page)
        assert shown(ana.look(f"/journal/{page}/edit")) == (day, time)
        assert change(ana, page, 1, "changed", day=day, clock=time).status_code == 303
        assert find(stage, page).happened_at == before.happened_at
        assert change(ana, page, 2, "moved", day=day, clock="00:30").status_code == 303
        line = find(stage, page)
        assert line.happened_at < before.happened_at and line.offset_minutes == before.offset_minutes
        assert (str(line.local_day), f"{line.local_at:%H:%M}") == (day, "00:30")


def test_f08_a_page_that_moves_over_the_change_of_clocks_is_where_the_writer_says(
    signed_in: SignIn, stage: Stage, page_id
) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, **DENVER)
    for version, zone, happened in ((1, DENVER, "2026-07-05T03:30"), (2, {}, "2026-07-05T03:30")):
        change(ana, page, version, f"words {version}", day="2026-07-04", clock="21:30", **zone)
        assert f"{find(stage, page).happened_at:%Y-%m-%dT%H:%M}" == happened


def test_a_page_moves_to_today(signed_in: SignIn, stage: Stage, page_id, clock: Clock) -> None:
    clock.go(hours=-3)  # nine in the morning: noon of today would not be behind us
    ana, page = signed_in("ana"), page_id()
    write(ana, page, day="2026-11-17", clock="20:00")
    assert change(ana, page, 1, "today", day="2026-11-18", clock="").status_code == 303
    assert (find(stage, page).happened_at, find(stage, page).local_day) == (clock.now, date(2026, 11, 18))


def said_by(phone: datetime, **more: str) -> dict[str, str]:
    return {"written_at": phone.isoformat(), "sent_at": phone.isoformat(), **more}


@pytest.mark.parametrize(
    ("off", "day", "time", "happened", "clock_off"),
    [
        (2, "", "", "2026-11-18T17:00", 172_800),
        (-2, "", "", "2026-11-18T17:00", -172_800),
        (2, "", "08:15", "2026-11-18T13:15", 172_800),
        (-2, "", "08:15", "2026-11-18T13:15", -172_800),
        (2, "2026-11-20", "08:15", "2026-11-18T13:15", 172_800),  # today, by that phone
        (2, "2026-11-20", "", "2026-11-18T17:00", 172_800),
        (2, "2026-11-19", "20:00", "2026-11-18T01:00", 172_800),  # yesterday, by that phone
        (2, "2026-11-17", "20:00", "2026-11-18T01:00", 0),  # yesterday, by every other clock
        (-2, "2026-11-15", "20:00", "2026-11-16T01:00", 0),
    ],
)
def test_f07_a_clock_two_days_off_refuses_no_page(
    off: int, day: str, time: str, happened: str, clock_off: int, signed_in: SignIn, stage: Stage, page_id, clock: Clock
) -> None:
    ana, page = signed_in("ana"), page_id()
    form = {"day": day, "clock": time}
    assert write(ana, page, **form, **said_by(NOON + timedelta(days=off))).status_code == 303
    line = find(stage, page)
    assert (f"{line.happened_at:%Y-%m-%dT%H:%M}", line.clock_off, line.kept_at) == (happened, clock_off, NOON)
    for ahead in (timedelta(seconds=7), timedelta(days=3)):
        clock.go(seconds=ahead.total_seconds())
        written = {"written_at": (NOON + timedelta(days=off)).isoformat()}
        sent = {"sent_at": (clock.now + timedelta(days=off, milliseconds=-700)).isoformat()}
        again = write(ana, page, **form, **written, **sent)
        assert (again.status_code, again.headers["Kept"]) == (303, page)
    assert find(stage, page) == line and count(stage, "ana", Entry) == 1


@pytest.mark.parametrize("zone", ["", "America/Denver"])
def test_f05_a_page_sent_again_another_day_is_the_same_page(
    zone: str, signed_in: SignIn, stage: Stage, page_id, clock: Clock
) -> None:
    """Also what says no more than a time, or a day, or an hour that does not exist; the phone says nothing."""
    ana = signed_in("ana")
    forms = [
        {"id": page_id(), "words": f"page {number}", "day": day, "clock": time, "zone": zone}
        for number, (day, time) in enumerate(
            [
                ("", ""), ("", "08:15"), ("2026-11-18", ""), ("2026-11-18", "08:15"), ("2026-11-17", ""),
                ("2026-03-08", "02:30"), ("2026-11-01", "01:30"),
            ]
        )
    ]  # fmt: skip
    for _ in range(3):
        assert {ana.post("/journal", form).status_code for form in forms} == {303}
        clock.go(days=1, hours=7)
    assert count(stage, "ana", Entry) == len(forms)
    for form in forms[1:]:
        answer = ana.post("/journal", form | {"day": "2026-11-16", "clock": "07:00"})
        assert answer.status_code == 422 and "Kept" not in answer.headers, form


# --- days


def test_a_month_says_its_moods_in_words_too(signed_in: SignIn, stage: Stage) -> None:
    for mood, day in ((1, 2), (2, 2), (5, 3)):
        kept(stage, "ana", kind="mood", mood=mood, at=datetime(2026, 11, day, 20, tzinfo=UTC))
    kept(stage, "ana", "no mood", at=datetime(2026, 11, 4, 20, tzinfo=UTC))
    kept(stage, "ana", "October", at=datetime(2026, 11, 1, 3, tzinfo=UTC))
    page = signed_in("ana").look("/journal/months/2026-11")
    told = said(page)
    assert 'class="mood-2" ' in page.text or 'class="mood-2">' in page.text
    assert "Monday, November 2 · Low" in told and "Tuesday, November 3 · Great" in told
    assert "Wednesday, November 4" in told and "November 1 " not in told.split("Day by day")[1]


def test_a_month_that_is_none_is_this_one(stage: Stage) -> None:
    months = {month: month for month in ("2026-11", "2026-02", "2000-01", "2100-12")}
    months |= dict.fromkeys(("", "2026-13", "1999-12", "x", "0000-00", "9999-12", "2026-1", "2026-11-01"), "2026-11")
    with stage.mine("ana") as record:
        for month, meant in months.items():
            found = journal.calendar(record, month)
            assert f"{found['first']:%Y-%m}" == meant, month
            assert found["before"] < found["first"] < found["after"]


def test_every_month_can_be_looked_at(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    for month in ("", "/2026-11", "/2000-01", "/2100-12", "/nonsense", "/%00", "/9999-99"):
        assert ana.look(f"/journal/months{month}").status_code == 200


# --- searching

TEXTS = ["Café with Sam", "a walk 🌊", 'quote " star * paren ( colon : percent % underscore _', "a.c", "STRASSE"]
FOUND = {
    "cafe": [0], "CAFÉ": [0], "cafe\u0301": [0], "sam": [0], "afé wi": [0], " sam ": [0], "🌊": [1], "tagged": [1],
    '"': [2], "*": [2], "(": [2], ":": [2], "%": [2], "_": [2], '"*(:%_': [], "a.c": [3], ".": [3], "straße": [4],
    ".*": [], "a|b": [], "[a-z]+": [], "^a": [], "(?i)a": [], "OR": [2], "NOT walk": [], "nothing": [], "\\": [],
    "'; drop table entry; --": [], "{{7*7}}": [], "\u0301": [],
}  # fmt: skip


def test_v1_2_9_a_term_is_looked_for_as_it_is_typed(signed_in: SignIn, stage: Stage) -> None:
    for number, text in enumerate(TEXTS):
        kept(stage, "ana", text, visibility="private", tags=("tagged",) if number == 1 else ())
    kept(stage, "ben", " ".join(TEXTS))
    ana = signed_in("ana")
    for term, found in FOUND.items():
        page = ana.post("/journal/search", {"term": term})
        assert page.status_code == 200, term
        with stage.mine("ana") as record:
            assert sorted(TEXTS.index(line.words) for line in journal.search(record, term.strip())) == found, term
        assert len([text for text in TEXTS if text.split()[-1] in said(page)]) >= len(found), term
    told = said(ana.post("/journal/search", {"term": "zebra"}))
    assert "Nothing of yours holds these words." in told


def test_check_ins_are_found_and_the_newest_comes_first(stage: Stage, clock: Clock) -> None:
    for kind in ("journal", "check-in"):
        kept(stage, "ana", f"a word in a {kind}", kind)
        clock.go(hours=1)
    with stage.mine("ana") as record:
        assert [line.kind for line in journal.search(record, "WORD")] == ["check-in", "journal"]


def test_v14_2_1_a_term_is_in_no_address(signed_in: SignIn, stage: Stage) -> None:
    kept(stage, "ana", "a word of mine")
    ana = signed_in("ana")
    asked = ana.look("/journal/search?term=word")
    assert "a word of mine" not in asked.text and 'value="word"' not in asked.text
    found = ana.post("/journal/search", {"term": "word"})
    assert "a word of mine" in found.text and found.status_code == 200 and found.url.query == b""
    assert 'method="post" action="/journal/search"' in found.text


def test_a_term_of_nothing_is_asked_for_again(signed_in: SignIn) -> None:
    for term in ("", "  ", "\0", "t" * 501):
        assert signed_in("ana").post("/journal/search", {"term": term}).status_code == 422


# --- whoever else can read it


def test_a_kind_that_is_closed_is_said_to_be_private(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, page = signed_in("ana"), page_id()
    write(ana, page, "for Cora", **SHARED)
    with stage.mine("ana") as record:
        sharing.turn(record, SharingForm(kind="journal", open=False))
    assert "Cora Diaz" not in said(ana.look(f"/journal/{page}"))
    assert "Only you will see this." in said(ana.look("/journal/new"))
