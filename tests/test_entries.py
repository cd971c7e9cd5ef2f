"""What holds for every entry, of whatever kind: its place in time, the bin, who may see it, page after page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID

import pytest

from app.database import new_id
from app.models import entry, moods
from app.models.checkins import CheckIn
from app.models.entry import Entry, Place, Stale, Writing
from app.models.journal import Journal
from app.models.reviews import Review
from app.record import NotYours
from app.worker import tidy
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
    assert tidy(stage.house) == gone
    assert tidy(stage.house) == 0
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
