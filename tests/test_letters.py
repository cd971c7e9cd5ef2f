"""Consents and the letters made on them: nine elements or none, days and minutes only, and never after it has ended."""

import re
import zlib
from base64 import a85decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.lib import pdf, printing
from app.models import consents, letters
from app.models.consents import Consent, ConsentForm
from app.models.letters import Letter
from app.models.roll import NOTICE
from tests.acts import count, field, said
from tests.conftest import NOON, Browser, Clock, Stage
from tests.test_presence import group, mark

SignIn = Callable[[str], Browser]
EXACT = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."


def form(page_id: Callable[[], str], **also: str) -> dict[str, str]:
    return {
        "id": page_id(), "recipient": "North River Foods", "purpose": "To show my boss where I was.",
        "first_on": "2026-10-21", "expires_on": "2027-02-01", "signature": "Ana Keller",
    } | also  # fmt: skip


def consent(stage: Stage, **also: Any) -> UUID:
    """Ana signs."""
    with stage.mine("ana") as record:
        asked = ConsentForm.model_validate(form(lambda: str(new_id())) | also)
        return consents.sign(record, asked, str).id


def words_of(letter: bytes) -> str:
    """The text in a PDF of ours, as it is drawn: enough of a reader for what the library writes."""
    assert letter.startswith(b"%PDF-1.")
    streams = re.findall(rb"stream\r?\n(.*?)endstream", letter, re.DOTALL)
    drawn = b"".join(zlib.decompress(a85decode(one.strip().removesuffix(b"~>"))) for one in streams)
    parts = re.findall(rb"\((.*?)(?<!\\)\) Tj|(T\*|ET)", drawn, re.DOTALL)
    text = b"".join(part or b" " for part, _end in parts)
    plain = re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), text)
    return " ".join(re.sub(rb"\\(.)", rb"\1", plain).decode("cp1252").split())


# --- L01: nine elements


def test_l01_signed_on_her_phone_it_holds_all_nine_elements(
    stage: Stage, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    ana = signed_in("ana")
    page = ana.look("/letters/new")
    assert (field(page, "first_on"), field(page, "expires_on")) == ("2026-10-18", "2027-02-16")
    answer = ana.post("/letters", form(page_id))
    assert answer.status_code == 303
    with stage.mine("ana") as record:
        [paper] = consents.everything(record)
    lines = dict(line.split(": ", 1) for line in paper.said["text"].splitlines())
    assert lines == {
        "Whose records these are": "Ana Keller", "Who may tell": "Harbor IOP",
        "What may be told": consents.WHAT % {"first": "2026-10-21"},
        "To whom": "North River Foods", "What for": "To show my boss where I was.",
        "Taking it back": consents.REVOCATION, "It ends on": "2027-02-01", "Signed by": "Ana Keller",
        "Signed on": "2026-11-18 (America/New_York)",
    }  # fmt: skip
    assert len(lines) == 9
    assert (paper.row.version, paper.row.signed_in, paper.row.signed_at) == (1, "America/New_York", NOON)
    shown = ana.look(answer.headers["location"])
    assert "To whom: North River Foods" in said(shown)


ELEMENTS = [
    "patient",
    "discloser",
    "what",
    "recipient",
    "purpose",
    "revocation",
    "expires_on",
    "signature",
    "signed_at",
]


@pytest.mark.parametrize("element", ELEMENTS)
def test_l01_without_one_of_them_there_is_no_consent(stage: Stage, element: str) -> None:
    made = consent(stage)
    with pytest.raises(DBAPIError), stage.mine("ana") as record:
        record.session.execute(update(Consent).where(Consent.id == made).values({element: None}))
    with stage.mine("ana") as record:
        assert consents.find(record, made).holds


@pytest.mark.parametrize("element", ["recipient", "purpose", "first_on", "expires_on", "signature"])
@pytest.mark.parametrize("way", ["missing", "empty", "spaces"])
def test_l01_what_only_she_can_say_has_to_be_said(
    stage: Stage, signed_in: SignIn, page_id: Callable[[], str], element: str, way: str
) -> None:
    sent = form(page_id) | {element: {"missing": "", "empty": "", "spaces": "  "}[way]}
    if way == "missing":
        del sent[element]
    answer = signed_in("ana").post("/letters", sent)
    assert answer.status_code == 422
    if element != "recipient":
        assert "North River Foods" in answer.text
    assert count(stage, "ana", Consent) == 0


@pytest.mark.parametrize(
    ("name", "day"),
    [("expires_on", "2026-11-17"), ("expires_on", "2027-11-20"), ("expires_on", "9999-12-31"),
     ("first_on", "2026-11-19"), ("first_on", "2026-10-17"), ("first_on", "0001-01-01")],
)  # fmt: skip
def test_its_days_are_days_that_can_be_meant(
    signed_in: SignIn, page_id: Callable[[], str], stage: Stage, name: str, day: str
) -> None:
    answer = signed_in("ana").post("/letters", form(page_id, **{name: day}))
    assert answer.status_code == 422 and "Please choose a day" in said(answer)


def test_l03_what_was_signed_can_be_shown_again_to_the_letter(stage: Stage, clock: Clock) -> None:
    made = consent(stage)
    with stage.mine("ana") as record:
        before = consents.find(record, made)
    clock.go(days=5 * 365)
    with stage.mine("ana") as record:
        after = consents.find(record, made)
    assert after.said["text"] == before.said["text"] and after.as_signed and after.row.digest == before.row.digest
    changed = consents.Paper(after.row, after.said | {"text": after.said["text"] + " "}, after.today)
    assert not changed.as_signed


def test_signed_twice_is_signed_once_and_nobody_signs_for_another(
    stage: Stage, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    sent = form(page_id)
    answers = [signed_in("ana").post("/letters", sent).headers["location"] for _again in range(2)]
    assert answers[0] == answers[1] and count(stage, "ana", Consent) == 1
    assert signed_in("ben").post("/letters", sent | {"first_on": "2026-11-17"}).status_code == 404
    for who in ("cora", "pat", "sam", "eli"):
        assert signed_in(who).look(answers[0]).status_code == 404
        assert signed_in(who).post(f"{answers[0]}/revocation").status_code == 404


# --- the letter


def test_l07_it_holds_days_and_minutes_the_law_and_the_scope_and_nothing_else(
    stage: Stage, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    assert NOTICE == EXACT
    there, two = group(stage, timedelta(days=6)), group(stage, timedelta(days=2))
    mark(stage, there, stage.cast.ana, "here")
    mark(stage, two, stage.cast.ana, "partial", minutes=35)
    mark(stage, group(stage, timedelta(days=4)), stage.cast.ana, "missing")
    ana = signed_in("ana")
    at = ana.post("/letters", form(page_id)).headers["location"]
    answer = ana.look(f"{at}/letter.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert "attachment" in answer.headers["content-disposition"] and answer.headers["cache-control"] == "no-store"
    for words in (words_of(answer.content), said(ana.look(at))):
        assert EXACT in words
        assert "November 12, 2026 90" in words and "November 16, 2026 35" in words
        assert (
            "2 days and 125 minutes in all" in words
            and "Harbor IOP" in words
            and "To: North River Foods Purpose: To show my boss" in words
        )
        assert (
            "written consent of Ana Keller to tell North River Foods these days and minutes and nothing else" in words
        )
        assert "November 14" not in words
        for secret in ("Evening group", "Group", "Room 2", "Dov", "missing", "partial"):
            assert secret not in words, secret


def test_it_starts_with_the_day_that_she_chose(stage: Stage, signed_in: SignIn, page_id: Callable[[], str]) -> None:
    mark(stage, group(stage, timedelta(days=6)), stage.cast.ana, "here")
    at = signed_in("ana").post("/letters", form(page_id, first_on="2026-11-13")).headers["location"]
    assert "No day is recorded in this time." in said(signed_in("ana").look(at))
    assert "0 days and 0 minutes" in words_of(signed_in("ana").look(f"{at}/letter.pdf").content)


def make(browser: Browser, stage: Stage, consent_id: UUID, page_id: Callable[[], str], **also: str) -> Any:
    return browser.post(f"/people/{stage.cast.ana}/letters/{consent_id}", {"id": page_id()} | also)


def test_staff_make_it_while_it_holds_and_each_time_is_written_down_for_her(
    stage: Stage, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    mark(stage, group(stage, timedelta(days=6)), stage.cast.ana, "here")
    made, sent = consent(stage), page_id()
    pat = signed_in("pat")
    assert "Make the letter" in said(pat.look(f"/people/{stage.cast.ana}/attendance"))
    for _again in range(2):
        answer = make(pat, stage, made, page_id, id=sent)
        assert answer.status_code == 200 and "November 12, 2026 90" in words_of(answer.content)
    make(signed_in("cora"), stage, made, page_id)
    with stage.mine("ana") as record:
        rows = record.session.exec(select(Letter)).all()
    assert sorted((row.by, row.consent_id) for row in rows) == sorted([(stage.cast.pat, made), (stage.cast.cora, made)])
    shown = said(signed_in("ana").look(f"/letters/{made}"))
    assert "Pat Moreno made a letter, 12:00" in shown and "Cora Diaz made a letter, 12:00" in shown
    for who in ("ana", "ben", "sam", "eli", "fay"):
        assert make(signed_in(who), stage, made, page_id).status_code == 404, who


@pytest.mark.parametrize("end", ["taken back", "over"])
def test_l05_l06_once_it_has_ended_nobody_makes_a_letter_on_it(
    stage: Stage, signed_in: SignIn, page_id: Callable[[], str], clock: Clock, end: str
) -> None:
    made = consent(stage, expires_on="2026-11-20")
    if end == "taken back":
        for _again in range(2):
            assert signed_in("ana").post(f"/letters/{made}/revocation").status_code == 303
    else:
        # Through the last minute of its last day in New York, and not a minute longer.
        clock.now = NOON.replace(day=21, hour=4, minute=59)
        assert make(signed_in("pat"), stage, made, page_id).status_code == 200
        clock.go(minutes=1)
    answer = make(signed_in("pat"), stage, made, page_id)
    assert answer.status_code == 422 and "This consent has ended" in said(answer)
    assert "Make the letter" not in said(answer)
    with stage.mine("ana") as record:
        assert len(record.session.exec(select(Letter)).all()) == (end == "over")
    ana = signed_in("ana")
    assert "This consent has ended." in said(ana.look(f"/letters/{made}"))
    assert ana.look(f"/letters/{made}/letter.pdf").status_code == 404
    # What was signed stays to be read.
    assert "To whom: North River Foods" in said(ana.look(f"/letters/{made}"))


def test_of_another_persons_consent_no_letter_is_made(stage: Stage, signed_in: SignIn, page_id: Any) -> None:
    made = consent(stage)
    assert signed_in("pat").post(f"/people/{stage.cast.ben}/letters/{made}", {"id": page_id()}).status_code == 404
    assert signed_in("pat").post(f"/people/{stage.cast.ana}/letters/{new_id()}", {"id": page_id()}).status_code == 404


def test_a_letter_is_no_row_of_a_participants(stage: Stage) -> None:
    made = consent(stage)
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat, stage.cast.ana) as record:
        assert letters.shown(record, made)["paper"].holds


# --- the sheet itself


def test_what_somebody_typed_is_never_markup(stage: Stage) -> None:
    typed = "<b>A</b> & <img src='/etc/passwd'/> </para> %s (1) \\"
    written = printing.sheet("H", [typed], ("Day", "Minutes"), [("x", "1")], [], "foot", NOON)
    assert typed in words_of(written)


def test_a_long_letter_has_the_sentence_on_every_page() -> None:
    rows = [(f"day {number}", str(number)) for number in range(200)]
    written = printing.sheet("H", ["a"], ("Day", "Minutes"), rows, ["b"], EXACT, NOON)
    pages = len(re.findall(rb"/Type /Page\b", written))
    assert pages > 3
    assert words_of(written).count(EXACT) == pages == words_of(written).count("Day Minutes")


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("Zoë Peña", "Zoë Peña"), ("Ștefan Dvořák", "Stefan Dvorák"), ("Nguyễn", "Nguyen"), ("“Ana” – O’Neil",) * 2],
)  # fmt: skip
def test_names_are_spelled_as_far_as_the_letters_go(name: str, spelled: str) -> None:
    assert pdf.can_write(name)
    assert spelled in words_of(printing.sheet("H", [name], ("a", "b"), [("x", "1")], [], "foot", NOON))


def test_whose_letters_it_lacks_prints_the_page_instead(signed_in: SignIn, page_id: Callable[[], str]) -> None:
    assert not pdf.can_write("Ana", "Мария")
    ana = signed_in("ana")
    at = ana.post("/letters", form(page_id, recipient="Мария 🌉")).headers["location"]
    shown = ana.look(at)
    assert "print this page" in said(shown) and "letter.pdf" not in shown.text and "To: Мария 🌉" in said(shown)
    assert ana.look(f"{at}/letter.pdf").status_code == 200
