"""The page before a session: what is told since the last one, that it is one page, and whose it is."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.access import opened
from app.content.skills import skills
from app.database import new_id
from app.forms import Posted
from app.lib import printing
from app.lib.pdf import Paper, Part, Small
from app.models import (
    arrivals,
    asking,
    assignments,
    checkins,
    entry,
    flags,
    notes,
    openings,
    practices,
    setbacks,
    summary,
)
from app.models.arrivals import AttendanceForm
from app.models.assignments import AskForm
from app.models.checkins import CheckInForm
from app.models.notes import StaffNoteForm
from app.models.practices import PracticeForm
from app.models.setbacks import SetbackForm
from tests.acts import kept, said
from tests.conftest import NOON, Browser, Clock, Stage
from tests.test_letters import EXACT, words_of
from tests.test_presence import group, mark

SignIn = Callable[[str], Browser]
DAY = timedelta(days=1)


def pages(written: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", written))


def made(stage: Stage, language: str = "en") -> summary.Summary:
    with stage.coached("cora", "ana") as record:
        return summary.made(record, language)


def lines(stage: Stage) -> dict[str, list[str]]:
    return {section.id: [one.replace("\xa0", " ") for one in section.lines] for section in made(stage).sections}


def check_in(stage: Stage, ago: int, **also: Any) -> UUID:
    with stage.mine("ana", NOON - ago * DAY) as record:
        return checkins.keep(record, CheckInForm(id=new_id(), **also)).id


def practise(stage: Stage, ago: int, skill: str, **also: Any) -> None:
    with stage.mine("ana", NOON - ago * DAY) as record:
        practices.keep(record, PracticeForm(id=new_id(), skill=skill, **also))


def ask(stage: Stage, words: str, days: int = 2) -> None:
    with stage.coached("cora", "ana") as record:
        assert asking.asked(record, Posted(kept=AskForm(id=new_id(), words=words, due_on=record.today + days * DAY)))


# --- what it tells


def test_it_begins_with_the_last_session_at_which_they_were(stage: Stage) -> None:
    assert made(stage).above[-1] == "Since Wednesday, November 11. The pictures are of the last 14 days."
    mark(stage, group(stage, 3 * DAY, title="Evening group"), stage.cast.ana, "here")
    mark(stage, group(stage, DAY), stage.cast.ana, "missing")
    said = "Since the last session, Evening group on Sunday, November 15. The pictures are of the last 14 days."
    assert made(stage).above[-1] == said
    kept(stage, "ana", "before it", at=NOON - 4 * DAY)
    assert lines(stage)["shared"] == ["Nothing in this time."]


def test_the_pictures_tell_of_two_weeks_at_least(stage: Stage) -> None:
    check_in(stage, 15, mood=1)
    assert made(stage).curves[0][2] == "Nothing shared."
    check_in(stage, 12, mood=4)
    assert made(stage).curves[0][2] == "4 each time; too few days to say."
    check_in(stage, 2, mood=2)
    assert made(stage).curves[0][2] == "Usually 3, from 2 to 4; too few days to say."


def test_a_session_long_ago_is_not_gone_back_to(stage: Stage, clock: Clock) -> None:
    mark(stage, group(stage, 2 * DAY), stage.cast.ana, "here")
    clock.go(days=40)
    assert made(stage).above[-1] == "Since Monday, November 30. The pictures are of the last 29 days."


def test_it_tells_what_they_shared_what_waits_and_what_helped(stage: Stage) -> None:
    kept(stage, "ana", "Can we talk about Friday?", at=NOON - DAY, wants_answer=True)
    check_in(stage, 1, mood=3)
    for before in (8, 6):
        practise(stage, 2, "slow-breathing", before=before, after=3)
    practise(stage, 1, "body-scan")
    with stage.mine("ana", NOON - DAY) as record:
        setbacks.grow(record, SetbackForm(id=new_id(), visibility="shared"))
    found = lines(stage)
    assert found["asked"] == ["Waits for an answer since Nov 17, 12:00 pm: Can we talk about Friday?"]
    assert found["shared"] == ["skill used 3, journal page 1, check-in 1, setback 1. 6 are not read yet."]
    assert found["setbacks"] == ["Told of a setback on Tuesday, November 17."]
    assert found["skills"] == ["Slow, even breathing, 2 times: from 7 to 3.", "A slow walk through the body, once."]


def test_it_tells_the_flags_with_what_to_do(stage: Stage) -> None:
    with stage.coached("cora", "ana") as record:
        flags.by_hand(record, new_id(), None, "high", "Her sister moved out.")
    assert lines(stage)["flags"] == ["high: Her sister moved out. Read the note, then decide together."]
    with stage.coached("cora", "ana") as record:
        [one] = flags.open_flags(record)[stage.cast.ana]
        flags.clear(record, one.id, "Called.")
    assert "flags" not in lines(stage)


def test_it_tells_of_sessions_and_of_what_is_to_do_between_them(stage: Stage) -> None:
    one = group(stage, 2 * DAY)
    mark(stage, one, stage.cast.ana, "here")
    ask(stage, "Write down three calm moments.")
    found = lines(stage)
    assert found["sessions"] == ["There at 1 of 1 session."]
    assert found["assignments"] == ["To do by Nov 20: Write down three calm moments."]
    with stage.mine("ana") as record:
        [item] = assignments.mine(record)
        assert assignments.step(record, item.id, Posted(kept=assignments.StepForm(step="done")))
    assert lines(stage)["assignments"] == ["Done: Write down three calm moments."]


def test_what_they_want_to_bring_up_is_in_their_words(stage: Stage) -> None:
    one = group(stage, timedelta(minutes=5))
    with stage.mine("ana") as record:
        form = AttendanceForm(id=new_id(), session=one.id, way="arriving", bring_up="The weekend, and my sister.")
        assert arrivals.attended(record, Posted(kept=form))
    assert lines(stage)["asked"] == ["To bring up: The weekend, and my sister."]


def test_only_what_is_shared_and_no_note_of_staff(signed_in: SignIn, stage: Stage) -> None:
    kept(stage, "ana", "mine alone", visibility="private", wants_answer=True, mood=1)
    practise(stage, 1, "body-scan", visibility="private")
    with stage.coached("cora", "ana") as record:
        notes.written(record, Posted(kept=StaffNoteForm(id=new_id(), words="for staff alone")))
    assert lines(stage)["shared"] == ["Nothing in this time."] and set(lines(stage)) == {"shared"}
    cora = signed_in("cora")
    shown = said(cora.look(f"/caseload/{stage.cast.ana}/summary"))
    assert "for staff alone" not in shown and "mine alone" not in shown
    assert "Staff notes are not on this page" in shown


def test_each_section_has_few_lines_and_says_what_is_left(stage: Stage) -> None:
    for number in range(9):
        ask(stage, f"Task {number}: " + "write it all down. " * 40)
    [section] = [one for one in made(stage).sections if one.id == "assignments"]
    assert (len(section.lines), section.more) == (summary.MOST, 5)
    assert all(len(line) <= summary.LETTERS for line in section.lines) and section.lines[0].endswith("…")


def test_every_kind_has_its_word() -> None:
    assert set(summary.KINDS) >= set(entry.KINDS) and set(summary.CURVES) == set(summary.SCALES)


# --- as a page and as a PDF


def full_month(stage: Stage) -> None:
    mark(stage, group(stage, 30 * DAY), stage.cast.ana, "here")
    names = [card.id for card in skills("en")][:12]
    for ago in range(27, 0, -1):
        check_in(stage, ago, mood=1 + ago % 5, urge=ago % 11, sleep_hours=ago % 10, words="A long day. " * 20)
        kept(stage, "ana", "So much to say. " * 60, at=NOON - ago * DAY, wants_answer=True)
        practise(stage, ago, names[ago % 12], before=9, after=1, words="It helped. " * 30)
        with stage.mine("ana", NOON - ago * DAY) as record:
            setbacks.grow(record, SetbackForm(id=new_id(), visibility="shared"))
    with stage.coached("cora", "ana") as record:
        for number in range(12):
            flags.by_hand(record, new_id(), None, "urgent", f"Number {number}. " + "This matters. " * 30)
    for number in range(12):
        ask(stage, f"Task {number}: " + "write it all down. " * 40)


def test_a_very_full_month_is_one_page_of_letter_and_of_a4(signed_in: SignIn, stage: Stage) -> None:
    full_month(stage)
    cora = signed_in("cora")
    for paper, size in (("", b"612 792"), ("?paper=a4", b"595.2756 841.8898"), ("?paper=%00napkin", b"612 792")):
        answer = cora.look(f"/caseload/{stage.cast.ana}/summary.pdf{paper}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert pages(answer.content) == 1 and size in answer.content
        text = words_of(answer.content)
        assert EXACT in text and "Ana Keller" in text
        assert "Between sessions" in text and "and 8 more" in text


def test_whatever_comes_it_is_set_smaller_and_never_runs_over() -> None:
    parts = [Part(f"Part {number}", ["many words " * 40] * 9) for number in range(20)]
    small = Small("Mood", [None, 3, None], 1, 5, "Usually 3.")
    for paper in Paper:
        written = printing.one_page("Ana", ["above"], [small] * 3, parts, EXACT, NOON, paper)
        assert pages(written) == 1 and EXACT in words_of(written)
    assert pages(printing.one_page("<b>Ana", [], [], [], EXACT, NOON)) == 1


def test_the_page_and_the_pdf_say_the_same(signed_in: SignIn, stage: Stage) -> None:
    check_in(stage, 1, mood=3, urge=2)
    ask(stage, "Call <b>one</b> friend & say hello.")
    cora = signed_in("cora")
    page = said(cora.look(f"/caseload/{stage.cast.ana}/summary"))
    text = words_of(cora.look(f"/caseload/{stage.cast.ana}/summary.pdf").content)
    for section in made(stage).sections:
        for line in (section.heading, *section.lines):
            assert line in page and " ".join(line.split()).replace("\xa0", " ") in text.replace("\xa0", " "), line
    assert EXACT in page


def test_l07_l08_it_says_the_law_is_for_nobodys_cache_and_is_written_down(signed_in: SignIn, stage: Stage) -> None:
    cora = signed_in("cora")
    for way in ("summary", "summary.pdf"):
        answer = cora.look(f"/caseload/{stage.cast.ana}/{way}")
        assert "no-store" in answer.headers["cache-control"]
        assert "ana" not in answer.headers.get("content-disposition", "").lower()
    with stage.mine("ana") as record:
        assert [(one.by, one.what) for one in openings.seen(record)] == [("Cora Diaz", "record")] * 2


@pytest.mark.parametrize("way", ["summary", "summary.pdf"])
def test_nobody_else_has_it(signed_in: SignIn, stage: Stage, way: str) -> None:
    for who in ("ana", "dov", "sam", "pat", "fay"):
        assert signed_in(who).look(f"/caseload/{stage.cast.ana}/{way}").status_code == 404, who


def test_what_no_font_of_ours_spells_is_to_be_printed(signed_in: SignIn, stage: Stage) -> None:
    cora = signed_in("cora")
    assert 'id="pdf"' in cora.look(f"/caseload/{stage.cast.ana}/summary").text
    ask(stage, "שלום")
    answer = cora.look(f"/caseload/{stage.cast.ana}/summary")
    assert 'id="pdf"' not in answer.text and "print this page" in said(answer)
    assert pages(cora.look(f"/caseload/{stage.cast.ana}/summary.pdf").content) == 1


def test_it_is_told_in_the_readers_language_and_from_a_first_day_on(stage: Stage, clock: Clock) -> None:
    assert made(stage).above[0].startswith("Week 5 of")
    with opened(stage.house, stage.cast.harbor, "coach", stage.cast.dov, stage.cast.ben) as record:
        assert summary.made(record, "en").name == "Ben Ruiz"
    assert made(stage, "es").above[-1] != made(stage).above[-1]
