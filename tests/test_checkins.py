"""The daily check-in: each question one tap, amended as the day goes, never overwritten unseen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from starlette.datastructures import FormData

from app.forms import read_form
from app.models import checkins, entry
from app.models.checkins import CheckIn, CheckInForm
from app.models.entry import Entry, Line
from tests.acts import count, field, kept, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]


def check_in(here: Browser, page_id: str, **answers: str | list[str]):
    return here.post("/check-ins", {"id": page_id, **answers})


def change(here: Browser, page_id: str, version: int, **answers: str | list[str]):
    return here.post(f"/check-ins/{page_id}", {"id": page_id, "version": str(version), **answers})


def find(stage: Stage, page_id: str) -> Line:
    with stage.mine("ana") as record:
        return entry.find(record, UUID(page_id), "check-in")


def test_what_was_tapped_is_kept(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, day = signed_in("ana"), page_id()
    answer = check_in(
        ana, day, mood="2", urge="7", stress="5", energy="1", sleep_hours="4", used="no", halt=["tired", "lonely"],
        words="Argued at home.", visibility="shared",
    )  # fmt: skip
    assert (answer.status_code, answer.headers["Location"], answer.headers["Kept"]) == (303, f"/today#kept={day}", day)
    line = find(stage, day)
    numbers = {name: getattr(line.part, name) for name in checkins.NUMBERS}
    assert (line.mood, line.words, line.visibility, line.version) == (2, "Argued at home.", "shared", 1)
    assert numbers == {
        "urge": 7, "stress": 5, "energy": 1, "sleep_hours": 4, "used": False,
        "hungry": False, "angry": False, "lonely": True, "tired": True,
    }  # fmt: skip
    assert "Urge 7 of 10" in said(ana.look("/today"))


@pytest.mark.parametrize(
    "answer",
    [
        {"mood": "1"}, {"urge": "0"}, {"stress": "5"}, {"energy": "1"}, {"sleep_hours": "0"}, {"used": "yes"},
        {"halt": "hungry"}, {"words": "only this"},
    ],
    ids=str,
)  # fmt: skip
def test_one_answer_is_enough(answer: dict[str, str], page_id) -> None:
    assert not read_form(CheckInForm, FormData({"id": page_id(), **answer})).refused


def test_nothing_at_all_is_asked_again(signed_in: SignIn, stage: Stage, page_id) -> None:
    answer = check_in(signed_in("ana"), page_id(), visibility="shared")
    assert answer.status_code == 422 and "One answer is enough." in said(answer)
    assert count(stage, "ana", Entry) == 0


def test_a_question_that_was_skipped_stays_open(signed_in: SignIn, stage: Stage, page_id) -> None:
    day = page_id()
    answers = {"mood": "", "urge": "", "stress": "", "energy": "", "sleep_hours": "", "used": "", "words": "hm"}
    assert check_in(signed_in("ana"), day, **answers).status_code == 303
    line = find(stage, day)
    assert (line.mood, line.part.urge, line.part.used) == (None, None, None)


def test_it_is_amended_on_the_same_day(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    ana, day = signed_in("ana"), page_id()
    check_in(ana, day, mood="2", urge="3", words="so far", visibility="shared")
    clock.go(hours=5)
    page = ana.look("/check-in")
    assert (field(page, "id"), field(page, "version")) == (day, "1") and "so far" in page.text
    assert change(ana, day, 1, mood="4", urge="8", words="the evening too", visibility="private").status_code == 303
    line = find(stage, day)
    assert (line.mood, line.part.urge, line.words, line.version) == (4, 8, "the evening too", 2)
    assert line.visibility == "private" and line.edited_at == clock.now
    assert line.happened_at == line.kept_at == clock.now.replace(hour=17)
    assert count(stage, "ana", CheckIn) == 1


def test_f06_a_stale_check_in_shows_both_and_the_second_send_wins(signed_in: SignIn, stage: Stage, page_id) -> None:
    phone, day = signed_in("ana"), page_id()
    laptop = signed_in("ana")
    check_in(phone, day, urge="3", words="first")
    assert change(phone, day, 1, urge="5", words="from the phone").status_code == 303
    answer = change(laptop, day, 1, urge="9", words="from the laptop")
    assert answer.status_code == 422 and "Kept" not in answer.headers
    told = said(answer)
    assert "from the phone" in told and "Urge 5 of 10" in told and "from the laptop" in answer.text
    assert find(stage, day).words == "from the phone"
    again = change(laptop, day, int(field(answer, "version")), urge="9", words="from the laptop")
    assert again.status_code == 303 and (find(stage, day).words, find(stage, day).part.urge) == ("from the laptop", 9)


def test_numbers_alone_are_no_less_than_words(signed_in: SignIn, stage: Stage, page_id) -> None:
    phone, day = signed_in("ana"), page_id()
    check_in(phone, day, urge="3")
    change(phone, day, 1, urge="5")
    answer = change(phone, day, 1, urge="9")
    assert answer.status_code == 422 and find(stage, day).part.urge == 5


def test_sent_twice_it_is_kept_once_and_changed_once(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, day = signed_in("ana"), page_id()
    made = [check_in(ana, day, urge="3", halt=["tired"]) for _ in range(2)]
    changed = [change(ana, day, 1, urge="4") for _ in range(2)]
    late = check_in(ana, day, urge="3", halt=["tired"])  # a queue that was slow
    assert {(one.status_code, one.headers["Kept"]) for one in (*made, *changed, late)} == {(303, day)}
    assert find(stage, day).version == 2 and find(stage, day).part.urge == 4
    assert count(stage, "ana", Entry) == count(stage, "ana", CheckIn) == 1


@pytest.mark.parametrize(
    "other", [{"urge": "8"}, {"halt": "angry"}, {"used": "yes"}, {"visibility": "private"}], ids=str
)
def test_other_answers_under_the_same_number_are_shown_beside_the_first(
    other: dict[str, str], signed_in: SignIn, stage: Stage, page_id
) -> None:
    ana, day = signed_in("ana"), page_id()
    first = {"urge": "3", "words": "same words", "visibility": "shared"}
    check_in(ana, day, **first)
    answer = check_in(ana, day, **first | other)
    assert answer.status_code == 422 and "Urge 3 of 10" in said(answer)
    assert change(ana, day, int(field(answer, "version")), **first | other).status_code == 303
    assert find(stage, day).version == 2


def test_the_next_day_starts_anew(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    ana, first, second = signed_in("ana"), page_id(), page_id()
    check_in(ana, first, urge="3")
    clock.go(days=1)
    page = ana.look("/check-in")
    assert field(page, "id") != first and 'name="version"' not in page.text
    check_in(ana, second, urge="4")
    assert [find(stage, one).local_day.day for one in (first, second)] == [18, 19]


def test_a_page_left_open_over_night_still_changes_its_own_day(
    signed_in: SignIn, stage: Stage, clock: Clock, page_id
) -> None:
    ana, day = signed_in("ana"), page_id()
    check_in(ana, day, urge="3")
    clock.go(hours=20)
    assert change(ana, day, 1, urge="6").status_code == 303
    line = find(stage, day)
    assert (line.local_day.day, line.part.urge) == (18, 6) and line.edited_at == clock.now


def test_f08_late_in_denver_it_is_still_todays(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    clock.now = datetime(2026, 11, 19, 6, 30, tzinfo=UTC)  # half past eleven there; the program has gone on to Thursday
    ana, day = signed_in("ana"), page_id()
    check_in(ana, day, urge="3", zone="America/Denver")
    page = ana.look("/check-in")
    assert field(page, "id") == day and "You checked in at 11:30 pm." in said(page)
    assert 'href="/check-in"' in ana.look(f"/entries/{day}").text and "Change it" in said(ana.look(f"/entries/{day}"))
    assert "Today" in said(ana.look("/journal")).split("Check-in")[0]
    clock.go(minutes=10)
    assert change(ana, day, 1, urge="8").status_code == 303
    line = find(stage, day)
    assert (line.local_day.day, line.offset_minutes, line.happened_at.minute, line.part.urge) == (18, -420, 30, 8)
    clock.go(minutes=20)
    assert field(ana.look("/check-in"), "id") != day and "Change it" not in said(ana.look(f"/entries/{day}"))


def test_f07_a_change_leaves_it_when_and_where_it_was(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    """On a phone two days ahead, in Tokyo; changed from a laptop that says other things."""
    ana, day = signed_in("ana"), page_id()
    wrong = (clock.now + timedelta(days=2)).isoformat()
    check_in(ana, day, urge="3", written_at=wrong, sent_at=wrong, zone="Asia/Tokyo")
    before = find(stage, day)
    clock.go(hours=2)
    change(ana, day, 1, urge="4", written_at=clock.now.isoformat(), zone="America/Denver")
    line = find(stage, day)
    assert (before.offset_minutes, before.clock_off, line.version) == (540, 172_800, 2)
    for name in ("happened_at", "local_day", "offset_minutes", "clock_off", "kept_at"):
        assert getattr(line, name) == getattr(before, name), name


def test_the_number_of_another_person_or_kind_is_not_there(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, mood, page = signed_in("ana"), kept(stage, "ana", kind="mood", mood=3), kept(stage, "ana", "a page of hers")
    bens = kept(stage, "ben", "of Ben", "check-in")
    for taken in (mood, page, bens):
        for answer in (check_in(ana, str(taken), urge="1"), change(ana, str(taken), 1, urge="1")):
            assert answer.status_code == 404 and "Kept" not in answer.headers
            assert "of Ben" not in answer.text and "of hers" not in answer.text
    assert change(ana, page_id(), 1, urge="1").status_code == 404
    with stage.mine("ben") as record:
        assert entry.find(record, bens).words == "of Ben"


def test_f05_many_at_once_are_one(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, day = signed_in("ana"), page_id()
    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(lambda _: check_in(ana, day, urge="3", words="once"), range(50)))
    assert {(answer.status_code, answer.headers.get("Kept")) for answer in answers} == {(303, day)}
    assert count(stage, "ana", Entry) == count(stage, "ana", CheckIn) == 1


def test_before_it_is_sent_it_says_who_reads_it_and_by_when(signed_in: SignIn) -> None:
    told = said(signed_in("ana").look("/check-in"))
    assert "Cora Diaz reads it by 5:00 pm on Thursday." in told
    assert "Nobody watches at night" in told


def test_htmx_is_told_what_was_kept(signed_in: SignIn, page_id) -> None:
    form = {"id": page_id(), "urge": "3", "visibility": "private"}
    answer = signed_in("ana").post("/check-ins", form, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "<html" not in answer.text and 'id="desk" hx-swap-oob' in answer.text
    assert "Only you can see this." in said(answer)
