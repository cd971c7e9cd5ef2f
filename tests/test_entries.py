"""What holds for every entry, of whatever kind: its place in time, the bin, who may see it, page after page."""

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from itertools import permutations
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.database import new_id
from app.models import entry, moods
from app.models.checkins import CheckIn
from app.models.clocks import When
from app.models.entry import Entry, Place, Stale, Writing
from app.models.journal import Journal
from app.models.people import Person
from app.models.reviews import Review
from app.record import NotYours
from app.worker import turn
from tests.acts import count, field, kept, read, said
from tests.conftest import NOON, Browser, Clock, Stage

ID = "01a2027f-b6bb-736e-a084-0a0389a77d8b"
SignIn = Callable[[str], Browser]
KINDS = {"mood": {"mood": 4}, "check-in": {"words": "a check-in"}, "journal": {"words": "a page"}}


@pytest.fixture
def three(stage: Stage) -> dict[str, UUID]:
    """One entry of each kind, shared by Ana."""
    return {kind: kept(stage, "ana", kind=kind, **what) for kind, what in KINDS.items()}


def ids(stage: Stage, name: str = "ana") -> list[UUID]:
    with stage.mine(name) as record:
        return [line.id for line in entry.everything(record)]


# --- the bin


def test_what_is_thrown_away_can_be_taken_back(signed_in: SignIn, stage: Stage, three: dict[str, UUID]) -> None:
    ana = signed_in("ana")
    for one in three.values():
        assert ana.post(f"/entries/{one}/deletion").headers["Location"] == "/journal/bin"
    assert ids(stage) == []
    told = said(ana.look("/journal/bin"))
    assert "a page" in told and "a check-in" in told and "Nobody else sees it." in told
    for one in three.values():
        assert ana.post(f"/entries/{one}/restoration").status_code == 303
    assert set(ids(stage)) == set(three.values())
    assert "The bin is empty." in said(ana.look("/journal/bin"))


def test_twice_is_once(signed_in: SignIn, stage: Stage, clock: Clock, three: dict[str, UUID]) -> None:
    ana, one = signed_in("ana"), three["journal"]
    ana.post(f"/entries/{one}/deletion")
    clock.go(days=3)
    assert ana.post(f"/entries/{one}/deletion").status_code == 303
    with stage.mine("ana") as record:
        assert entry.find(record, one).binned_at == NOON
    assert ana.post(f"/entries/{one}/restoration").status_code == 303
    assert ana.post(f"/entries/{one}/restoration").status_code == 303


def test_in_the_bin_nobody_else_sees_it(signed_in: SignIn, stage: Stage, three: dict[str, UUID], page_id) -> None:
    ana, cora, ana_id = signed_in("ana"), signed_in("cora"), stage.cast.ana
    for kind, one in three.items():
        address = f"/caseload/{ana_id}/entries/{one}"
        assert cora.look(address).status_code == 200, kind
        ana.post(f"/entries/{one}/deletion")
        assert cora.look(address).status_code == 404, kind
        assert cora.post(f"{address}/reviews", {"id": page_id()}).status_code == 404, kind
    for page in ("/caseload", f"/caseload/{ana_id}", "/review"):
        assert not [words for words in ("a page", "a check-in") if words in cora.look(page).text]


def test_in_the_bin_its_writer_finds_it_in_the_bin_only(signed_in: SignIn, three: dict[str, UUID]) -> None:
    ana = signed_in("ana")
    for one in three.values():
        ana.post(f"/entries/{one}/deletion")
    for page in ("/journal", "/journal/months", "/today"):
        assert not [one for one in three.values() if str(one) in ana.look(page).text], page
    assert "a page" not in ana.post("/journal/search", {"term": "page"}).text.replace('value="page"', "")


@pytest.mark.parametrize(("days", "gone"), [(29, 0), (30, 0), (30.01, 3), (400, 3)])
def test_after_thirty_days_it_is_destroyed_with_all_that_was_said_of_it(
    days: float, gone: int, stage: Stage, clock: Clock, three: dict[str, UUID]
) -> None:
    kept(stage, "ana", "still wanted")
    for one in three.values():
        read(stage, "cora", "ana", one, "seen")
        with stage.mine("ana") as record:
            entry.throw(record, one)
    clock.go(days=days)
    turn(stage.house)
    assert count(stage, "ana", Entry) == 4 - gone
    assert count(stage, "ana", CheckIn) == (0 if gone else 1) and count(stage, "ana", Journal) == (1 if gone else 2)
    assert count(stage, "ana", Review) == 3 - gone


# --- whose, and which


@pytest.mark.parametrize("act", ["visibility", "deletion", "restoration"])
def test_what_is_not_there_is_not_there(act: str, signed_in: SignIn, stage: Stage, page_id) -> None:
    bens = kept(stage, "ben", "of Ben")
    ana = signed_in("ana")
    for one in (bens, page_id(), "no-id", stage.cast.ana, "%00", "1" * 40):
        answer = ana.post(f"/entries/{one}/{act}", {"visibility": "private"} if act == "visibility" else {})
        assert answer.status_code == 404 and "of Ben" not in answer.text
    with stage.mine("ben") as record:
        line = entry.find(record, bens)
        assert (line.visibility, line.binned_at, line.version) == ("shared", None, 1)


def test_every_kind_has_a_page(signed_in: SignIn, three: dict[str, UUID]) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    for kind, one in three.items():
        assert ana.look(f"/entries/{one}").status_code == 200, kind
        assert ben.look(f"/entries/{one}").status_code == 404, kind


# --- kept once (the forms of each kind are in the tests of that kind)


def test_the_same_twice_is_the_same_and_something_else_is_stale(stage: Stage) -> None:
    one, writing = new_id(), Writing("journal", "words", ("tag",), 3, "shared", wants_answer=True)
    with stage.mine("ana") as record:
        first = entry.write(record, one, writing, prompt="p")
        assert entry.write(record, one, writing, prompt="p") == first
        for other in (
            {"words": "others"},
            {"tags": ()},
            {"mood": 4},
            {"visibility": "private"},
            {"wants_answer": False},
        ):
            with pytest.raises(Stale) as stale:
                entry.write(record, one, Writing(**vars(writing) | other), prompt="p")
            assert stale.value.line == first
        with pytest.raises(Stale):
            entry.write(record, one, writing, prompt="q")
        with pytest.raises(NotYours):
            entry.write(record, one, Writing("mood", mood=3))


def test_a_slow_queue_does_not_undo_what_was_changed_since(stage: Stage) -> None:
    one, writing = new_id(), Writing("journal", "first")
    with stage.mine("ana") as record:
        entry.write(record, one, writing)
        changed = entry.amend(record, one, 1, Writing("journal", "second"))
        assert entry.write(record, one, writing) == changed


def test_the_id_of_somebody_else_is_nobodys(stage: Stage) -> None:
    bens = kept(stage, "ben", "of Ben")
    with stage.mine("ana") as record:
        for writing in (Writing("journal", "of Ben", visibility="shared"), Writing("mood", mood=1)):
            with pytest.raises(NotYours):
                entry.write(record, bens, writing)
        with pytest.raises(NotYours):
            entry.amend(record, bens, 1, Writing("journal", "mine now"))


def test_v8_4_1_one_id_in_two_programs_is_two_entries(stage: Stage) -> None:
    one = new_id()
    for name in ("ana", "eli"):
        with stage.mine(name) as record:
            entry.write(record, one, Writing("journal", f"of {name}"))
    for name in ("ana", "eli"):
        with stage.mine(name) as record:
            assert entry.find(record, one).words == f"of {name}"


# --- a change of who sees it


def test_who_sees_it_can_be_changed(signed_in: SignIn, stage: Stage, three: dict[str, UUID]) -> None:
    ana = signed_in("ana")
    for kind, one in three.items():
        for visibility in ("private", "private", "shared"):
            assert ana.post(f"/entries/{one}/visibility", {"visibility": visibility}).status_code == 303
            with stage.mine("ana") as record:
                assert entry.find(record, one).visibility == visibility, kind


def test_f06_a_page_open_elsewhere_does_not_share_again_what_was_taken_back(signed_in: SignIn, stage: Stage) -> None:
    one, phone, laptop = kept(stage, "ana", "a page"), signed_in("ana"), signed_in("ana")
    page = laptop.look(f"/journal/{one}/edit")
    form = {name: field(page, name) for name in ("id", "version")} | {"words": "a better page", "visibility": "shared"}
    phone.post(f"/entries/{one}/visibility", {"visibility": "private"})
    answer = laptop.post(f"/journal/{one}", form)
    assert answer.status_code == 422 and "a better page" in answer.text
    with stage.coached("cora", "ana") as record, pytest.raises(NotYours):
        entry.find(record, one)


# --- where it stands in time


@pytest.mark.parametrize(
    ("at", "day", "offset"),
    [
        (datetime(2026, 11, 19, 4, 59, tzinfo=UTC), "2026-11-18", -300),
        (datetime(2026, 11, 19, 5, 0, tzinfo=UTC), "2026-11-19", -300),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "2026-11-01", -240),  # 01:30, the first time
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "2026-11-01", -300),  # 01:30, the second time
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), "2026-03-08", -300),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), "2026-03-08", -240),
    ],
    ids=str,
)
def test_f08_its_day_is_the_local_one(at: datetime, day: str, offset: int, stage: Stage) -> None:
    one = kept(stage, "ana", "words", at=at)
    with stage.mine("ana") as record:
        row = record.session.get(Entry, (stage.cast.harbor, one))
        assert row and (str(row.local_day), row.offset_minutes, row.happened_at) == (day, offset, at)


def test_f08_half_past_one_twice_is_kept_apart(stage: Stage) -> None:
    first, second = (kept(stage, "ana", "w", at=datetime(2026, 11, 1, hour, 30, tzinfo=UTC)) for hour in (5, 6))
    with stage.mine("ana") as record:
        assert [line.id for line in entry.timeline(record)[0]] == [second, first]


# --- when it was written, as the phone says

DAYS = timedelta(days=1)
LOGS = {
    "/moods": {"mood": "4"},
    "/check-ins": {"words": "a check-in", "visibility": "shared"},
    "/journal": {"words": "a page", "visibility": "shared"},
}


def log(here: Browser, path: str, one: str, **said: object) -> Any:
    """A log form, kept under an id, with what a phone says of the time."""
    machine = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}
    return here.post(path, {"id": one, **LOGS[path], **machine})


@pytest.mark.parametrize("path", LOGS)
@pytest.mark.parametrize("off", [2, -2])
def test_f07_a_phone_two_days_off_loses_nothing_and_is_shown_as_written(
    path: str, off: int, signed_in: SignIn, stage: Stage, clock: Clock, page_id
) -> None:
    """Written at half past nine in the morning, without signal until noon."""
    ana, one, written = signed_in("ana"), page_id(), NOON - timedelta(hours=2, minutes=30)
    phone = {"written_at": written + off * DAYS, "sent_at": NOON + off * DAYS, "zone": "America/New_York"}
    answer = log(ana, path, one, **phone)
    assert (answer.status_code, answer.headers["Kept"]) == (303, one)
    with stage.mine("ana") as record:
        line = entry.find(record, UUID(one))
    assert (line.happened_at, line.kept_at, line.clock_off) == (written, NOON, off * 86_400)
    assert (str(line.local_day), line.offset_minutes) == ("2026-11-18", -300)
    says = f"phone said Nov {18 + off}, 9:30 am"
    told = [said(ana.look(place)) for place in ("/journal", f"/entries/{one}")]
    assert all(f"Your {says}" in page and "9:30 am" in page.replace(says, "") for page in told)
    page = said(signed_in("cora").look(f"/caseload/{stage.cast.ana}/entries/{one}"))
    assert f"the {says}" in page and "9:30 am" in page.replace(says, "") and "came in" not in page


def test_f07_a_phone_that_is_right_is_not_spoken_of(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, one = signed_in("ana"), page_id()
    late = NOON - timedelta(minutes=4)
    log(ana, "/journal", one, written_at=late - timedelta(hours=1), sent_at=late)
    for page in (ana.look("/journal"), signed_in("cora").look(f"/caseload/{stage.cast.ana}/entries/{one}")):
        assert "phone said" not in said(page) and "10:56 am" in said(page)


def test_f07_the_order_is_by_the_true_time(signed_in: SignIn, stage: Stage, page_id) -> None:
    """Five entries of three phones: one is right, one two days ahead, one two days behind."""
    ana, written = signed_in("ana"), []
    for hours, off in ((5, 0), (4, 2), (3, -2), (2, 2), (1, 0)):
        written.append(UUID(page_id()))
        at = NOON - timedelta(hours=hours)
        log(ana, "/journal", str(written[-1]), written_at=at + off * DAYS, sent_at=NOON + off * DAYS)
    with stage.mine("ana") as record:
        assert [line.id for line in entry.timeline(record)[0]] == written[::-1]
    found = said(signed_in("cora").look(f"/caseload/{stage.cast.ana}"))
    assert [found.index(f"{hour}:00 am") for hour in (11, 10, 9, 8, 7)] == sorted(
        found.index(f"{hour}:00 am") for hour in (11, 10, 9, 8, 7)
    )


NOT_TIMES = [
    "", "now", "0", "1700000000", "2026-11-18T12:00:00", "2026-11-18", "12:00", "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z",
    "2026-11-18T12:00:00+99:99", "2026-02-30T12:00:00Z", "9" * 20_000, "2026-11-18T12:00:00Z\0", "\ud800", "NaN",
    "-271821-04-20T00:00:00.000Z", "+275760-09-13T00:00:00.000Z", "Invalid Date", "null", "{{7*7}}",
]  # fmt: skip
NOT_ZONES = [
    "America/Nowhere", "America", "america/new_york", "../../etc/passwd", "/etc/localtime", "UTC\0", "Z" * 20_000,
    "EST5EDT,M3.2.0,M11.1.0", "null", "undefined", ".", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("path", LOGS)
def test_f07_no_entry_is_refused_for_what_a_machine_says(path: str, signed_in: SignIn, stage: Stage, page_id) -> None:
    ana = signed_in("ana")
    tries = [{name: said} for name in ("written_at", "sent_at") for said in NOT_TIMES]
    tries += [{"written_at": said, "sent_at": other} for said, other in zip(NOT_TIMES, NOT_TIMES[::-1], strict=True)]
    tries += [{"zone": zone} for zone in NOT_ZONES]
    for words in tries:
        one = page_id()
        answer = log(ana, path, one, **{name: word.encode("utf-8", "surrogatepass") for name, word in words.items()})
        assert (answer.status_code, answer.headers.get("Kept")) == (303, one), words
        with stage.mine("ana") as record:
            line = entry.find(record, UUID(one))
            assert (line.happened_at, line.local_day.day, line.offset_minutes) == (NOON, 18, -300), words


def test_f07_several_times_for_one_are_none(signed_in: SignIn, stage: Stage, page_id) -> None:
    one, twice = page_id(), [(NOON - DAYS).isoformat()] * 2
    answer = signed_in("ana").post("/moods", {"id": one, "mood": "3", "written_at": twice, "zone": ["UTC", "UTC"]})
    assert answer.status_code == 303
    with stage.mine("ana") as record:
        assert entry.find(record, UUID(one)).happened_at == NOON


def test_f08_the_clocks_of_where_the_writer_was_are_shown(signed_in: SignIn, stage: Stage, page_id) -> None:
    """Half past eleven at night in Denver; the program is two hours on, in another day."""
    ana, cora, one = signed_in("ana"), signed_in("cora"), page_id()
    night = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
    log(ana, "/journal", one, written_at=night, sent_at=NOON, zone="America/Denver")
    for here, page in ((ana, f"/journal/{one}"), (ana, "/journal"), (cora, f"/caseload/{stage.cast.ana}"),
                       (cora, f"/caseload/{stage.cast.ana}/entries/{one}")):  # fmt: skip
        told = said(here.look(page))
        assert "11:30 pm" in told and "1:30 am" not in told, page
    assert "Tuesday, November 17" in said(ana.look(f"/journal/{one}"))
    assert "came in 12:00 pm" in said(cora.look(f"/caseload/{stage.cast.ana}/entries/{one}"))
    ana.post(f"/entries/{one}/deletion")
    assert "Nov 17, 11:30 pm" in said(ana.look("/journal/bin"))


def test_f08_what_came_in_at_once_came_in_on_its_day(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    clock.now = datetime(2026, 11, 19, 6, 30, tzinfo=UTC)
    one = page_id()
    log(signed_in("ana"), "/journal", one, written_at=clock.now, sent_at=clock.now, zone="America/Denver")
    assert "came in" not in said(signed_in("cora").look(f"/caseload/{stage.cast.ana}/entries/{one}"))


def test_f08_half_past_one_twice_is_written_down_twice(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, ids = signed_in("ana"), [page_id(), page_id()]
    for one, hour in zip(ids, (5, 6), strict=True):
        at = datetime(2026, 11, 1, hour, 30, tzinfo=UTC)
        log(ana, "/journal", one, written_at=at, sent_at=NOON, zone="America/New_York")
    with stage.mine("ana") as record:
        lines = [entry.find(record, UUID(one)) for one in ids]
        assert [str(line.id) for line in entry.timeline(record)[0]] == ids[::-1]
    assert [(f"{line.local_at:%d %H:%M}", line.offset_minutes) for line in lines] == [
        ("01 01:30", -240),
        ("01 01:30", -300),
    ]
    assert said(ana.look("/journal")).count("1:30 am") == 2


def test_f08_without_a_word_of_the_phone_it_is_the_persons_zone_or_else_the_programs(
    signed_in: SignIn, stage: Stage, page_id
) -> None:
    ana, ids = signed_in("ana"), [page_id(), page_id(), page_id()]
    log(ana, "/moods", ids[0])
    with stage.mine("ana") as record:
        record.session.get_one(Person, (stage.cast.harbor, stage.cast.ana)).zone = "Asia/Tokyo"
    log(ana, "/moods", ids[1])
    log(ana, "/moods", ids[2], zone="America/Denver")
    with stage.mine("ana") as record:
        assert [entry.find(record, UUID(one)).offset_minutes for one in ids] == [-300, 540, -420]


# --- sent again and again


def storm(number: int, one: str, chance: random.Random) -> tuple[str, dict[str, str]]:
    """One of three log forms, as a queue sends it: the words stay, the clocks have gone on."""
    written = NOON - timedelta(minutes=7 * number) + 2 * DAYS
    sent = NOON + 2 * DAYS + timedelta(seconds=chance.uniform(-280, 90_000))
    path = list(LOGS)[number % 3]
    clocks = {"written_at": written.isoformat(), "sent_at": sent.isoformat(), "zone": "America/Denver"}
    return path, {"id": one, **LOGS[path], **clocks}


def test_f05_a_hundred_posts_of_ten_entries_are_ten(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    chance, ids = random.Random(5), [page_id() for _ in range(10)]
    posts = [storm(number, one, chance) for _ in range(10) for number, one in enumerate(ids)]
    chance.shuffle(posts)
    # Entered, the browser has one event loop for all its requests, as a server has.
    with signed_in("ana") as ana, ThreadPoolExecutor(12) as crowd:

        def send(post: tuple[str, dict[str, str]]) -> tuple[str, int, str | None]:
            clock.go(milliseconds=chance.randrange(900))
            answer = ana.post(*post, headers={"HX-Request": "true"})
            return post[1]["id"], answer.status_code, answer.headers.get("Kept")

        answers = list(crowd.map(send, posts))
    assert len(answers) == 100 and all(answer == (answer[0], 200, answer[0]) for answer in answers)
    assert count(stage, "ana", Entry) == 10
    with stage.mine("ana") as record:
        assert {str(line.id) for line in entry.everything(record)} == set(ids)
        assert {line.version for line in entry.everything(record)} == {1}


# --- page after page


def walk(here: Browser, path: str, meanwhile: Callable[[], object] = lambda: None) -> list[str]:
    """Every entry that one meets by going on to "Earlier" until there is none."""
    met: list[str] = []
    while path:
        page = here.look(path)
        assert page.status_code == 200
        met += re.findall(r'id="line-([0-9a-f-]{36})"', page.text)
        earlier = re.search(r'href="([^"]*)" id="earlier"|id="earlier"[^>]*href="([^"]*)"', page.text)
        path = unescape(earlier[1] or earlier[2]) if earlier else ""
        meanwhile()
    return met


def test_fifty_of_the_same_moment_are_each_met_once(signed_in: SignIn, stage: Stage) -> None:
    same = [str(kept(stage, "ana", f"page {number}", at=NOON)) for number in range(50)]
    assert walk(signed_in("ana"), "/journal") == sorted(same, reverse=True)
    assert sorted(walk(signed_in("cora"), f"/caseload/{stage.cast.ana}")) == sorted(same)


def test_what_is_written_meanwhile_moves_no_page(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    before = [str(kept(stage, "ana", f"page {number}", at=NOON)) for number in range(50)]
    ana = signed_in("ana")

    def meanwhile() -> None:
        clock.go(minutes=1)
        kept(stage, "ana", "newer")
        kept(stage, "ana", "of the same moment", at=NOON)

    met = walk(ana, "/journal", meanwhile)
    assert len(met) == len(set(met)) and set(before) <= set(met)


@pytest.mark.parametrize(
    "place",
    [
        "~", "x", "2026-11-18", "2026-11-18T00:00:00~", f"2026-11-18T00:00:00~{ID}", f"~{ID}", "%00",
        f"0001-01-01T00:00:00+14:00~{ID}", f"9999-12-31T23:59:59-14:00~{ID}", "'; drop table entry; --",
        f"2026-11-18T17:00:00+00:00~{'f' * 400}", "🏳️‍🌈",
    ],
)  # fmt: skip
def test_a_place_that_is_none_is_the_newest(place: str) -> None:
    assert Place.read(place) is None


def test_a_place_reads_as_it_is_written() -> None:
    place = Place(datetime(2026, 11, 18, 12, 0, 0, 1, tzinfo=UTC), new_id())
    assert Place.read(str(place)) == place
    assert Place.read(None) is None


def test_v2_2_1_no_link_breaks_a_list(signed_in: SignIn, stage: Stage) -> None:
    kept(stage, "ana", "a page")
    ana, cora = signed_in("ana"), signed_in("cora")
    for place in (f"0001-01-01T00:00:00+14:00~{ID}", "x", "%00%ff", "~~~"):
        assert "a page" in ana.look(f"/journal?before={place}").text
        assert "a page" in cora.look(f"/caseload/{stage.cast.ana}?before={place}").text


def test_a_page_is_twenty_and_says_whether_there_is_more(stage: Stage) -> None:
    for number in range(21):
        kept(stage, "ana", f"page {number}", at=NOON + timedelta(seconds=number))
    with stage.mine("ana") as record:
        first, more = entry.timeline(record)
        assert len(first) == 20 and more == Place(first[-1].happened_at, first[-1].id)
        second, more = entry.timeline(record, before=more)
        assert [line.words for line in second] == ["page 0"] and more is None
        assert moods.todays(record) is None


def test_todays_is_found_behind_a_page_of_another_place_where_it_was_yesterday(stage: Stage) -> None:
    with stage.mine("ana") as record:
        here = When(NOON - timedelta(hours=1), ZoneInfo(record.zone))
        line = entry.write(record, new_id(), Writing("mood", mood=4, when=here))
        there = When(NOON - timedelta(minutes=1), timezone(timedelta(hours=7)))
        for _ in range(21):
            entry.write(record, new_id(), Writing("mood", mood=2, when=there))
        found = moods.todays(record)
    assert found is not None and found.id == line.id


# --- said in steps


STEPS = {
    1: Writing("journal", "It"),
    2: Writing("journal", "It began"),
    3: Writing("journal", "It began at noon", mood=3),
}


@pytest.mark.parametrize("order", [*permutations((1, 2, 3)), (1, 1, 2, 3, 2, 3), (3, 3), (2, 1, 2)])
def test_steps_in_any_order_end_where_the_last_one_was(order: tuple[int, ...], stage: Stage) -> None:
    entry_id = new_id()
    for minute, step in enumerate(order):
        with stage.mine("ana", NOON + timedelta(minutes=minute)) as record:
            entry.grow(record, entry_id, step, STEPS[step])
    with stage.mine("ana") as record:
        line, last = entry.find(record, entry_id), STEPS[max(order)]
        assert (line.words, line.mood, line.version, line.edited_at) == (last.words, last.mood, max(order), None)
        assert line.happened_at == NOON, "it happened when it was first said"


def test_a_step_after_a_change_elsewhere_is_stale_and_the_same_words_are_not(stage: Stage) -> None:
    entry_id = new_id()
    with stage.mine("ana") as record:
        entry.grow(record, entry_id, 1, STEPS[1])
        entry.amend(record, entry_id, 1, STEPS[3])
        assert entry.grow(record, entry_id, 2, STEPS[3]).words == STEPS[3].words
        with pytest.raises(Stale):
            entry.grow(record, entry_id, 2, STEPS[2])
        assert entry.find(record, entry_id).words == STEPS[3].words


def test_other_words_under_the_same_step_are_stale(stage: Stage) -> None:
    entry_id = new_id()
    with stage.mine("ana") as record:
        entry.grow(record, entry_id, 2, STEPS[2])
        with pytest.raises(Stale):
            entry.grow(record, entry_id, 2, STEPS[3])
