"""One participant's page for their coach: the head, the filter, the curves, and only what is shared."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.access import opened
from app.database import new_id
from app.forms import Posted
from app.models import checkins, curves, notes, participant, roll, setbacks, sharing, urges
from app.models.checkins import CheckInForm
from app.models.notes import StaffNoteForm
from app.models.participant import Asked
from app.models.setbacks import SetbackForm
from app.models.urges import UrgeForm
from tests.acts import kept, read, said, statements
from tests.conftest import NOON, Browser, Clock, Stage
from tests.test_measures import body as measure
from tests.test_presence import group, mark

SignIn = Callable[[str], Browser]
DAY, TODAY = timedelta(days=1), date(2026, 11, 18)
NOTHING = dict.fromkeys(("kind", "first", "last", "only", "weeks", "before"), "")


def asked(**said: str) -> Asked:
    return Asked.read(**NOTHING | said)


def page(cora: Browser, stage: Stage, query: str = "") -> Any:
    answer = cora.look(f"/caseload/{stage.cast.ana}{query}")
    assert answer.status_code == 200
    return answer


def check_in(stage: Stage, ago: int, **also: Any) -> UUID:
    with stage.mine("ana", NOON - ago * DAY) as record:
        return checkins.keep(record, CheckInForm(id=new_id(), **also)).id


# --- what an address asks


@pytest.mark.parametrize(
    ("said", "meant", "odd"),
    [
        ({}, {}, False),
        ({"kind": "journal", "only": "words", "weeks": "12"}, {"kind": "journal", "only": "words", "weeks": 12}, False),
        ({"first": "2026-11-01", "last": "2026-11-09"}, {"first": date(2026, 11, 1), "last": date(2026, 11, 9)}, False),
        ({"first": "2026-11-09", "last": "2026-11-01"}, {"first": date(2026, 11, 1), "last": date(2026, 11, 9)}, False),
        ({"first": " "}, {}, False),
        ({"first": "yesterday"}, {}, True), ({"last": "2026-02-30"}, {}, True), ({"first": "0001-01-01"}, {}, True),
        ({"last": "9999-12-31"}, {}, True), ({"kind": "secret"}, {}, True), ({"only": "private"}, {}, True),
        ({"weeks": "5000"}, {}, True), ({"weeks": "-4"}, {}, True), ({"before": "x~y"}, {}, True),
        ({"kind": "x" * 5000}, {}, True), ({"kind": "\x00"}, {}, True), ({"first": "٢٠٢٦-١١-٠١"}, {}, True),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_left_out_and_said(said: dict[str, str], meant: dict[str, Any], odd: bool) -> None:
    found = asked(**said)
    assert found == Asked(**meant, odd=odd)


def test_the_address_keeps_what_is_asked() -> None:
    found = asked(kind="urge", first="2026-11-01", weeks="8")
    assert found.query() == "?kind=urge&first=2026-11-01&weeks=8"
    assert found.query(weeks=4) == "?kind=urge&first=2026-11-01"
    assert found.query(plain=True) == "?weeks=8"


# --- the timeline


def shown(answer: Any) -> set[str]:
    return set(re.findall(r'id="line-([0-9a-f-]{36})"', answer.text))


def test_the_filter_shows_only_what_is_asked_for(signed_in: SignIn, stage: Stage) -> None:
    words = kept(stage, "ana", "a page with words", at=NOON - 3 * DAY)
    wordless = check_in(stage, 2, urge=3)
    waits = kept(stage, "ana", "can we talk?", at=NOON - DAY, wants_answer=True)
    done = kept(stage, "ana", "thank you", at=NOON - DAY, wants_answer=True)
    read(stage, "cora", "ana", done, "Any time.")
    cora = signed_in("cora")
    everything = {str(one) for one in (words, wordless, waits, done)}
    ways = {
        "": everything, "?kind=journal": everything - {str(wordless)}, "?kind=check-in": {str(wordless)},
        "?only=words": everything - {str(wordless)}, "?only=asks": {str(waits)}, "?kind=urge": set(),
        "?first=2026-11-17": {str(waits), str(done)}, "?last=2026-11-15": {str(words)},
        "?first=2026-11-16&last=2026-11-16": {str(wordless)}, "?first=nonsense": everything,
        "?kind=journal&only=words&last=2026-11-16": {str(words)},
    }  # fmt: skip
    assert {query: shown(page(cora, stage, query)) for query in ways} == ways


def test_a_filter_that_finds_nothing_says_so_and_one_that_is_odd_too(signed_in: SignIn, stage: Stage) -> None:
    cora = signed_in("cora")
    assert "Nothing is shared yet." in said(page(cora, stage))
    found = page(cora, stage, "?kind=urge")
    assert "Nothing here is like that." in said(found) and 'id="everything"' in found.text
    odd = page(cora, stage, "?first=%00%3Cscript%3E&kind=%F0%9F%9A%B6")
    assert "could not be read and was left out" in said(odd) and "<script>" not in odd.text


def test_pages_of_a_filter_go_on_with_it(signed_in: SignIn, stage: Stage) -> None:
    made = [str(kept(stage, "ana", f"page {number}", at=NOON - number * DAY)) for number in range(1, 24)]
    check_in(stage, 5, urge=1)
    cora, query, seen = signed_in("cora"), "?kind=journal", []
    for _page in range(2):
        answer = page(cora, stage, query)
        seen += re.findall(r'id="line-([0-9a-f-]{36})"', answer.text)
        more = re.search(r'href="/caseload/[^"?]*(\?[^"]*)" id="earlier"', answer.text)
        query = more[1].replace("&amp;", "&") if more else ""
    assert seen == made and not query
    assert 'id="newest"' in answer.text and 'id="standing"' not in answer.text


def test_what_is_private_is_not_there_whatever_is_asked(signed_in: SignIn, stage: Stage) -> None:
    kept(stage, "ana", "mine alone", visibility="private", wants_answer=True)
    cora = signed_in("cora")
    for query in ("", "?only=asks", "?only=words", "?kind=journal", "?weeks=12"):
        assert "mine alone" not in page(cora, stage, query).text


# --- the head


def test_the_head_says_where_they_stand(signed_in: SignIn, stage: Stage) -> None:
    kept(stage, "ana", "hello", at=NOON - DAY)
    told = said(page(signed_in("cora"), stage)).replace("\xa0", " ")
    assert "Week 5 of" in told and "Coach Cora Diaz" in told
    assert "Last shared Nov 17, 12:00 pm" in told and "Last at a session not yet" in told
    assert "Nothing is open." in told and "No note yet." in told


def test_it_says_when_they_were_last_at_a_session_and_which_is_next(signed_in: SignIn, stage: Stage) -> None:
    one = group(stage, 2 * DAY)
    mark(stage, one, stage.cast.ana, "here")
    told = said(page(signed_in("cora"), stage)).replace("\xa0", " ")
    assert "Last at a session Monday, November 16" in told


def test_the_notes_of_staff_are_on_it(signed_in: SignIn, stage: Stage) -> None:
    with stage.coached("cora", "ana") as record:
        notes.written(record, Posted(kept=StaffNoteForm(id=new_id(), words="Call her sister only if asked.")))
    assert "staff only Cora Diaz, 12:00 pm Call her sister only if asked." in said(
        page(signed_in("cora"), stage)
    ).replace("\xa0", " ")


# --- the curves


def days(stage: Stage, weeks: int = 4) -> curves.Days:
    with stage.coached("cora", "ana") as record:
        there = {turn.on for turn in roll.of_one(record)["turns"] if turn.there}
        return curves.days(record, TODAY - timedelta(weeks=weeks) + DAY, TODAY, there)


def test_a_day_is_its_mean_mood_its_strongest_urge_and_its_sleep(stage: Stage) -> None:
    check_in(stage, 1, mood=2, urge=3, sleep_hours=6)
    kept(stage, "ana", "later", mood=5, at=NOON - DAY)
    with stage.mine("ana", NOON - DAY) as record:
        urges.grow(record, UrgeForm(id=new_id(), before=8, after=2))
    mood, urge, sleep = days(stage).curves
    assert (mood.values[-2], urge.values[-2], sleep.values[-2]) == (3.5, 8.0, 6.0)
    assert [one.known for one in (mood, urge, sleep)] == [[3.5], [8.0], [6.0]]


def test_a_day_without_anything_is_a_gap_and_no_row(stage: Stage) -> None:
    check_in(stage, 20, mood=4)
    found = days(stage)
    assert found.curves[0].values.count(None) == 27 and len(found.curves[0].values) == 28
    assert [row[0] for row in found.rows] == [TODAY - 20 * DAY]


def test_only_what_is_shared_is_drawn(signed_in: SignIn, stage: Stage) -> None:
    check_in(stage, 1, mood=1, urge=9, sleep_hours=2, visibility="private")
    with stage.mine("ana", NOON - DAY) as record:
        setbacks.grow(record, SetbackForm(id=new_id(), visibility="private"))
    found = days(stage)
    assert (found.rows, found.pictures, found.setbacks) == ([], [], frozenset())
    assert "No mood, urge, sleep or measure is shared in these weeks." in said(page(signed_in("cora"), stage))
    check_in(stage, 1, mood=2, urge=4)
    assert [curve.what for curve, _ in days(stage).pictures] == ["mood", "urge"]
    with stage.mine("ana") as record:
        sharing.stop(record, "check-in")
    assert days(stage).pictures == []


def test_sessions_and_setbacks_are_marked_on_their_days(stage: Stage) -> None:
    mark(stage, group(stage, 2 * DAY), stage.cast.ana, "here")
    check_in(stage, 3, mood=4)
    with stage.mine("ana", NOON - 3 * DAY) as record:
        setbacks.grow(record, SetbackForm(id=new_id(), visibility="shared"))
    found = days(stage)
    assert (found.sessions, found.setbacks) == ({TODAY - 2 * DAY}, {TODAY - 3 * DAY})
    [(_mood, picture)] = found.pictures
    assert ([one.day for one in picture.sessions], [one.day for one in picture.setbacks]) == ([25], [24])
    assert [(row[0], row[2], row[3]) for row in found.rows] == [
        (TODAY - 2 * DAY, True, False), (TODAY - 3 * DAY, False, True),
    ]  # fmt: skip


def test_a_measure_is_drawn_each_time_it_was_taken_with_its_band_and_what_changed(
    signed_in: SignIn, stage: Stage, clock: Clock
) -> None:
    ana = signed_in("ana")
    for points in (3, 1):
        assert ana.post("/measures/phq-9", measure(points=points)).status_code == 303
        clock.go(days=7)
    ana.post("/measures/gad-7", measure("gad-7", visibility="private"))
    with stage.coached("cora", "ana") as record:
        last = TODAY + 14 * DAY
        [(course, picture)] = curves.days(record, last - 27 * DAY, last).measured
    assert (course.what, course.points, course.top, course.known) == ("phq-9-total", 9, 27, [27.0, 9.0])
    assert len(picture.dots) == 2 and picture.path.count("L") == 1
    told = said(page(signed_in("cora"), stage))
    assert "Taken 2 times in these weeks. 9, mild, on Nov 25. That is better than the time before" in told
    shown = said(signed_in("cora").look(f"/caseload/{stage.cast.ana}/summary"))
    assert "PHQ-9: 9 of 27, mild, on Nov 25; -18 since the time before, a change for the better." in shown


@pytest.mark.parametrize("weeks", curves.WEEKS)
def test_the_page_shows_so_many_weeks(signed_in: SignIn, stage: Stage, weeks: int) -> None:
    for ago in range(weeks * 7 + 3):
        check_in(stage, ago, mood=1 + ago % 5)
    answer = page(signed_in("cora"), stage, f"?weeks={weeks}")
    assert re.findall(r'id="weeks-(\d+)"[^>]*aria-current', answer.text) == [str(weeks)]
    assert "Logged every day. Usually 3, from 1 to 5." in said(answer)
    [table] = re.findall(r'<details class="fold" id="days">.*?</details>', answer.text, re.DOTALL)
    assert table.count('scope="row"') == weeks * 7


def test_the_picture_is_told_in_words_and_in_a_table_too(signed_in: SignIn, stage: Stage) -> None:
    for ago, mood in enumerate((5, 5, 4, 4, 4, 2, 1, 2, 2, 1)):
        check_in(stage, ago, mood=mood)
    answer = page(signed_in("cora"), stage)
    assert "Logged on 10 of 28 days. Usually 3, from 1 to 5. Lately: going up." in said(answer)
    assert 'aria-labelledby="said-mood"' in answer.text and "style=" not in answer.text
    assert "Nov 18 5 – – – –" in said(answer)


def test_the_questions_to_the_database_do_not_grow_with_the_months(signed_in: SignIn, stage: Stage) -> None:
    cora, found = signed_in("cora"), []
    # The first look of all begins the chain of looks.
    page(cora, stage)
    for first, last in ((0, 3), (3, 60)):
        for ago in range(first, last):
            check_in(stage, ago, mood=3, urge=2, sleep_hours=7, words="words")
        with statements(stage) as sent:
            page(cora, stage, "?weeks=12")
        found.append(len(sent))
    assert found[0] == found[1]


def test_somebody_elses_page_is_not_there_with_a_filter_either(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    for who in ("dov", "pat", "sam", "ana", "fay"):
        answer = signed_in(who).look(f"/caseload/{stage.cast.ana}?kind=journal&weeks=12")
        assert answer.status_code == 404, who
    with opened(stage.house, stage.cast.harbor, "coach", stage.cast.dov, stage.cast.ana) as record:
        assert participant.timeline(record, asked())["lines"] == []
