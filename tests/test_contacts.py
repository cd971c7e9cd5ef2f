"""One's own people to call or text: on the list once, dialed as they are read, and nobody else's to see."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from starlette.datastructures import FormData

from app import demo
from app.access import opened
from app.database import new_id
from app.forms import read_form
from app.lib.vault import Broken
from app.models import contacts
from app.models.contacts import MOST, Card, Contact, ContactForm
from app.record import NotYours
from tests.acts import count, field, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true"}
SAM = {"name": "Sam", "phone": "212-555-0142", "line": "my sister, any time"}
JUNE = {"name": "June", "phone": "(212) 555-0168", "line": "my sponsor"}


def add(here: Browser, page_id: str, headers: dict[str, str] | None = None, **also: str) -> Any:
    return here.post("/contacts", {"id": page_id, **SAM, **also}, headers=headers or {})


def change(here: Browser, page_id: str, version: int, headers: dict[str, str] | None = None, **also: str) -> Any:
    form = {"id": page_id, "version": str(version), **SAM, **also}
    return here.post(f"/contacts/{page_id}", form, headers=headers or {})


def remove(here: Browser, page_id: str, headers: dict[str, str] | None = None) -> Any:
    return here.post(f"/contacts/{page_id}/removal", headers=headers or {})


def known(stage: Stage, whose: str = "ana", **also: str) -> Card:
    """Somebody on a participant's list already."""
    with stage.mine(whose) as record:
        card = contacts.add(record, ContactForm(id=new_id(), **{**SAM, **also}))
    assert card
    return card


def mine(stage: Stage, whose: str = "ana") -> list[Card]:
    with stage.mine(whose) as record:
        return contacts.mine(record)


def names(stage: Stage, whose: str = "ana") -> list[str]:
    return [card.name for card in mine(stage, whose)]


# --- on the list


def test_somebody_comes_on_the_list_and_can_be_called_and_texted(signed_in: SignIn, page_id) -> None:
    ana, sam = signed_in("ana"), page_id()
    answer = add(ana, sam)
    place = answer.status_code, answer.headers["Location"], answer.headers["Kept"]
    assert place == (303, f"/contacts#kept={sam}", sam)
    page = ana.look("/contacts")
    assert "Sam my sister, any time Call 212\u2011555\u20110142 Text 212\u2011555\u20110142" in said(page)
    assert 'href="tel:2125550142"' in page.text and 'href="sms:2125550142"' in page.text


def test_an_empty_list_says_so_kindly_and_what_nobody_is_told(signed_in: SignIn) -> None:
    told = said(signed_in("ana").look("/contacts"))
    assert "Nobody is on your list yet." in told and "Only you see this list, and nobody on it is told." in told
    assert "Change or remove" not in told


def test_they_stand_in_the_order_in_which_they_came(stage: Stage, clock: Clock) -> None:
    for name in ("Zoe", "Abe", "Mia"):
        known(stage, name=name)
        clock.go(days=1)
    assert names(stage) == ["Zoe", "Abe", "Mia"]


def test_htmx_is_answered_with_the_list_and_a_form_for_the_next_one(signed_in: SignIn, page_id) -> None:
    ana, sam = signed_in("ana"), page_id()
    answer = add(ana, sam, HTMX)
    assert answer.status_code == 200 and answer.headers["Kept"] == sam and "<html" not in answer.text
    assert 'id="desk" hx-swap-oob="true"' in answer.text and f'id="contact-{sam}"' in answer.text
    assert "Sam is on your list." in said(answer)
    assert field(answer, "id") != sam and (field(answer, "name"), field(answer, "phone")) == ("", "")


def test_f05_sent_twice_they_are_on_it_once(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana, sam = signed_in("ana"), page_id()
    answers = {(one.status_code, one.headers["Kept"]) for one in (add(ana, sam), add(ana, sam))}
    assert answers == {(303, sam)} and count(stage, "ana", Contact) == 1


def test_f05_fifty_at_once_are_one(signed_in: SignIn, stage: Stage, page_id) -> None:
    sam = page_id()
    with signed_in("ana") as ana, ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: add(ana, sam), range(50)))
    assert {(answer.status_code, answer.headers.get("Kept")) for answer in answers} == {(303, sam)}
    assert count(stage, "ana", Contact) == 1


@pytest.mark.parametrize("other", [{"name": "Sue"}, {"phone": "212-555-0143"}, {"line": ""}], ids=str)
def test_somebody_else_under_a_kept_number_is_asked_for_again(
    signed_in: SignIn, stage: Stage, page_id, other: dict[str, str]
) -> None:
    ana, sam = signed_in("ana"), page_id()
    add(ana, sam)
    answer = add(ana, sam, **other)
    assert answer.status_code == 422 and "Kept" not in answer.headers
    assert "Send it once more to add this person too." in said(answer)
    assert names(stage) == ["Sam"] and mine(stage)[0].phone == SAM["phone"]
    assert add(ana, field(answer, "id"), **other).status_code == 303
    assert count(stage, "ana", Contact) == 2


def test_the_ninth_has_no_room_and_nothing_typed_is_lost(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana = signed_in("ana")
    ids = [page_id() for _ in range(MOST)]
    for number, one in enumerate(ids):
        assert add(ana, one, name=f"Friend {number}").status_code == 303
    page = ana.look("/contacts")
    assert "Your list is full." in said(page) and 'name="phone"' not in page.text
    ninth = add(ana, page_id(), **JUNE)
    assert ninth.status_code == 422 and f"Your list holds {MOST} people" in said(ninth)
    assert (field(ninth, "name"), field(ninth, "phone")) == (JUNE["name"], JUNE["phone"])
    # What was kept may still be sent again, and there is room as soon as somebody is off it.
    assert add(ana, ids[-1], name=f"Friend {MOST - 1}").status_code == 303
    remove(ana, ids[0])
    assert add(ana, field(ninth, "id"), **JUNE).status_code == 303
    assert names(stage) == [f"Friend {number}" for number in range(1, MOST)] + ["June"]


# --- what is typed


def answered(**also: str) -> Any:
    return read_form(ContactForm, FormData({"id": str(new_id()), **SAM, **also}))


DIALED = {
    "212-555-0142": "2125550142", "(212) 555.0142": "2125550142", "+1 212 555 0142": "+12125550142",
    "(+44) 20 7946 0958": "+442079460958", "911": "911", "988": "988", "741741": "741741", "123": "123",
    "123456789012345": "123456789012345", "  212  555 0142 ": "2125550142",
    # As address books and other people's pages have them.
    "\u202a+1 (212) 555\u20110142\u202c": "+12125550142", "212\u00a0555\u20130142": "2125550142",
    "２１２５５５０１４２": "2125550142", "212\u200b5550142": "2125550142", "\u2060911": "911",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "dialed"), DIALED.items(), ids=ascii)
def test_a_number_is_dialed_as_it_is_read(typed: str, dialed: str) -> None:
    form = answered(phone=typed)
    assert form.errors == {}
    card = Card(form.values.id, "Sam", form.values.phone, "", 1)
    assert (card.call_href, card.text_href) == (f"tel:{dialed}", f"sms:{dialed}")
    assert re.sub("[^0-9+]", "", card.phone) == dialed and card.phone.isascii()


def test_a_number_is_shown_as_it_was_typed() -> None:
    for typed in ("(212) 555.0142", "+1 212 555 0142", "212-555-0142"):
        assert answered(phone=typed).values.phone == typed


NO_NUMBERS = [
    "", "  ", "12", "1-2", "1234567890123456", "()-. ", "call me", "212-555-O142", "212-555-0142 x12", "1+2125550142",
    "++12125550142", "12125550142+", "javascript:alert(1)", "tel:911", "sms:911", "data:text/html,911",
    "https://evil.example/911", "//evil.example/911", "911;phone-context=evil.example", "911;isub=1",
    "911,,,1234", "911p1234", "911w1234", "*67 911", "*#06#", "#31#911", "**21*911#", "911?body=hello", "911&body=hi",
    "911%2C1", "911/912", "911\n912x", '911" onclick="alert(1)', "<script>911</script>", "'911'", "911\\", "٩١١٩١١",
    "9️⃣1️⃣1️⃣", "☎ 911", "½½½", "9" * 41, "1" + " " * 40 + "11", "9" * 100_000, "\u202e\u2067\u2069",
]  # fmt: skip


@pytest.mark.parametrize("typed", NO_NUMBERS, ids=lambda typed: ascii(typed)[:30])
def test_what_would_dial_something_else_is_refused(typed: str) -> None:
    form = answered(phone=typed)
    assert list(form.errors) == ["phone"]
    assert re.search("3 to 15 digits|40 characters fit", form.error("phone") or "")


def test_what_is_refused_is_given_back_and_is_no_link(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana = signed_in("ana")
    for typed in NO_NUMBERS:
        answer = add(ana, page_id(), phone=typed)
        assert answer.status_code == 422, typed
        assert 'aria-invalid="true" aria-describedby="phone-error' in answer.text
        assert (field(answer, "phone"), field(answer, "name")) == (typed, "Sam")
        assert not re.search(r'href="(tel|sms|javascript|data):', answer.text)
    assert count(stage, "ana", Contact) == 0


def test_a_nul_in_a_number_is_left_out(signed_in: SignIn, stage: Stage, page_id) -> None:
    assert add(signed_in("ana"), page_id(), phone="212\x00-555-0142", name="S\x00am").status_code == 303
    assert (names(stage), mine(stage)[0].phone) == (["Sam"], "212-555-0142")


REFUSED = {
    "name": ["", "   ", "\x00", "n" * 81, "n" * 100_000],
    "line": ["l" * 121, "l" * 100_000],
}


@pytest.mark.parametrize(("name", "typed"), [(name, typed) for name, those in REFUSED.items() for typed in those])
def test_too_little_and_too_much_is_refused_kindly(name: str, typed: str) -> None:
    form = answered(**{name: typed})
    assert form.refused and list(form.errors) == [name]
    assert re.match("Please fill this in|That is too long: (80|120) characters fit", form.error(name) or "")


WORDS = [
    "n" * 80, "Zoë O’Neil-Núñez", "👩‍👩‍👧‍👦 Mom", "שלום", "مرحبا", "\u202eevil", "<script>alert(1)</script>", "{{7*7}}",
    '"><img src=x onerror=alert(1)>', "%s %(name)s", "' or 1=1; drop table contact; --", "javascript:alert(1)",
]  # fmt: skip


def test_a_name_and_a_line_come_back_as_they_were_written(signed_in: SignIn, stage: Stage, page_id) -> None:
    ana = signed_in("ana")
    for words in WORDS:
        sam = page_id()
        answer = add(ana, sam, HTMX, name=words, line=words)
        [card] = mine(stage)
        assert (answer.status_code, card.name, card.line) == (200, words, words)
        for page in (answer, ana.look("/contacts"), ana.look(f"/contacts/{sam}/edit"), ana.look("/today")):
            assert "<script>alert" not in page.text and "<img src=x" not in page.text
        # Letters that run the other way stay within the name.
        assert 'data-part="name" dir="auto"' in answer.text and 'data-part="line" dir="auto"' in answer.text
        remove(ana, sam)


def test_a_name_is_one_line() -> None:
    assert answered(name=" Sam\r\n\tKeller ").values.name == "Sam Keller"


# --- changed, removed


def test_somebody_is_changed(signed_in: SignIn, stage: Stage) -> None:
    ana, sam = signed_in("ana"), known(stage)
    page = ana.look(f"/contacts/{sam.id}/edit")
    assert [field(page, name) for name in ("name", "phone", "line", "version")] == [*SAM.values(), "1"]
    answer = change(ana, str(sam.id), 1, name="Samantha", phone="988", line="")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/contacts#kept={sam.id}")
    assert mine(stage) == [Card(sam.id, "Samantha", "988", "", 2)]


def test_htmx_is_answered_with_the_list_after_a_change(signed_in: SignIn, stage: Stage) -> None:
    sam = known(stage)
    answer = change(signed_in("ana"), str(sam.id), 1, HTMX, name="Samantha")
    assert answer.status_code == 200 and 'id="desk" hx-swap-oob="true"' in answer.text
    assert "Saved: Samantha." in said(answer) and 'action="/contacts"' in answer.text


def test_a_change_sent_twice_is_one(signed_in: SignIn, stage: Stage) -> None:
    ana, sam = signed_in("ana"), known(stage)
    assert {change(ana, str(sam.id), 1, name="Sue").status_code for _ in range(3)} == {303}
    assert [(card.name, card.version) for card in mine(stage)] == [("Sue", 2)]


def test_f06_a_change_from_two_devices_shows_both_and_loses_neither(signed_in: SignIn, stage: Stage) -> None:
    ana, sam = signed_in("ana"), known(stage)
    change(ana, str(sam.id), 1, phone="212-555-0100")
    answer = change(ana, str(sam.id), 1, name="Sue", phone="212-555-0111")
    assert answer.status_code == 422 and "Kept" not in answer.headers
    assert "This was changed on another device meanwhile." in said(answer)
    assert "Kept now Sam my sister, any time Call 212\u2011555\u20110100" in said(answer)
    assert (field(answer, "name"), field(answer, "phone"), field(answer, "version")) == ("Sue", "212-555-0111", "2")
    assert names(stage) == ["Sam"]
    assert change(ana, str(sam.id), 2, name="Sue", phone="212-555-0111").status_code == 303
    assert names(stage) == ["Sue"]


@pytest.mark.parametrize("version", ["", "0", "-1", "x", str(2**31), str(2**80), "9" * 5000])
def test_trap_8_a_version_beyond_the_edge_changes_nothing(signed_in: SignIn, stage: Stage, version: str) -> None:
    sam = known(stage)
    form = {"id": str(sam.id), "version": version, **SAM, "name": "Sue"}
    assert signed_in("ana").post(f"/contacts/{sam.id}", form).status_code == 422
    assert names(stage) == ["Sam"]


def test_a_change_that_is_refused_is_the_same_form(signed_in: SignIn, stage: Stage) -> None:
    sam = known(stage)
    answer = change(signed_in("ana"), str(sam.id), 1, name="Sue", phone="none")
    assert answer.status_code == 422 and f'action="/contacts/{sam.id}"' in answer.text
    assert (field(answer, "name"), field(answer, "phone"), field(answer, "version")) == ("Sue", "none", "1")
    assert names(stage) == ["Sam"]


def test_who_is_removed_is_gone_for_good(signed_in: SignIn, stage: Stage) -> None:
    ana, sam = signed_in("ana"), known(stage)
    known(stage, **JUNE)
    answer = remove(ana, str(sam.id))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/contacts")
    assert names(stage) == ["June"] and count(stage, "ana", Contact) == 1
    assert ana.look(f"/contacts/{sam.id}/edit").status_code == 404
    assert change(ana, str(sam.id), 1).status_code == 404


def test_removing_twice_is_removing_once(signed_in: SignIn, stage: Stage) -> None:
    ana, sam = signed_in("ana"), known(stage)
    known(stage, **JUNE)
    first, again = (remove(ana, str(sam.id), HTMX) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert "Removed from your list." in said(again) and "June" in said(again) and "Kept" not in again.headers
    assert names(stage) == ["June"]


# --- nobody else


def test_v8_2_2_somebody_elses_people_are_not_there(signed_in: SignIn, stage: Stage) -> None:
    sam, bens = known(stage), known(stage, "ben", **JUNE)
    ana = signed_in("ana")
    assert ana.look(f"/contacts/{bens.id}/edit").status_code == 404
    for asked in (add(ana, str(bens.id), **JUNE), change(ana, str(bens.id), 1, **JUNE), change(ana, str(bens.id), 9)):
        assert asked.status_code == 404 and "June" not in asked.text
    assert (mine(stage), mine(stage, "ben")) == ([sam], [bens])


def test_removing_somebody_elses_tells_and_does_as_much_as_removing_nobody(signed_in: SignIn, stage: Stage) -> None:
    known(stage)
    bens, ana = known(stage, "ben", **JUNE), signed_in("ana")
    for headers in ({}, HTMX):
        theirs, nobodys = (remove(ana, str(one), headers) for one in (bens.id, new_id()))
        assert theirs.status_code == nobodys.status_code == (200 if headers else 303)
        # But for the number that the next form is given.
        told = [answer.text.replace(field(answer, "id"), "") if headers else "" for answer in (theirs, nobodys)]
        assert told[0] == told[1] and "June" not in told[0]
    assert mine(stage, "ben") == [bens] and names(stage) == ["Sam"]


def test_what_is_no_id_names_nobody(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    for name in ("x", "%00", "9" * 40, "new", str(UUID(int=0))):
        assert ana.look(f"/contacts/{name}/edit").status_code == 404
        assert change(ana, name, 1).status_code == 404
    assert {remove(ana, name).status_code for name in ("x", "%00", "9" * 40)} == {404}


@pytest.mark.parametrize("who", ["cora", "dov", "sam", "pat", "fay"])
def test_no_coach_manager_or_supporter_ever_sees_them(signed_in: SignIn, stage: Stage, who: str) -> None:
    sam = known(stage, name="Samphire", line="quillwort")
    here = signed_in(who)
    for path in ("/contacts", f"/contacts/{sam.id}/edit"):
        assert here.look(path).status_code == 404
    assert {answer.status_code for answer in (add(here, str(new_id())), remove(here, str(sam.id)))} == {404}
    for path in ("/caseload", f"/caseload/{stage.cast.ana}", "/people", "/supporting", "/me", "/help"):
        page = here.look(path).text
        assert "Samphire" not in page and "quillwort" not in page and "/contacts" not in page


@pytest.mark.parametrize(("who", "role"), [("cora", "coach"), ("pat", "manager"), ("sam", "supporter")])
def test_with_her_record_open_they_are_still_not_there(stage: Stage, who: str, role: Any) -> None:
    sam = known(stage)
    with opened(stage.house, stage.cast.harbor, role, getattr(stage.cast, who), stage.cast.ana) as record:
        assert contacts.mine(record) == []
        with pytest.raises(NotYours):
            contacts.find(record, sam.id)


def test_who_is_not_signed_in_is_led_to_sign_in(browser: Callable[[], Browser], cast: demo.Cast) -> None:
    assert browser().look("/contacts").headers["Location"] == "/sign-in?next=/contacts"
    assert add(browser(), str(new_id()), HTMX).status_code == 401


def test_a_page_of_somebody_else_on_this_phone_adds_nobody(signed_in: SignIn, stage: Stage, page_id) -> None:
    whose = field(signed_in("ben").look("/contacts"), "whose")
    assert add(signed_in("ana"), page_id(), whose=whose).status_code == 404
    assert (names(stage), names(stage, "ben")) == ([], [])


def test_they_are_sealed_where_they_lie(stage: Stage) -> None:
    card = known(stage, name="Samphire", phone="212-555-0142", line="quillwort")
    with stage.mine("ana") as record:
        [row] = record.session.connection().execute(text("select * from contact")).all()
    kept = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert [word for word in (b"Samphire", b"212-555-0142", b"2125550142", b"quillwort") if word in kept] == []
    assert mine(stage) == [card]


def test_v11_3_3_a_value_that_is_moved_does_not_open(stage: Stage) -> None:
    known(stage)
    with stage.mine("ana") as record:
        record.session.connection().execute(text("update contact set line = phone"))
    with pytest.raises(Broken), stage.mine("ana") as record:
        contacts.mine(record)


# --- where they are found


def parts(page: Any, key: str) -> list[Any]:
    """What own.js reads of a page: for each person the parts and the links."""
    place = re.search(rf'<(\w+)[^>]* data-own="{key}"[^>]*>(.*?)</\1>', page.text, re.DOTALL)
    assert place, key
    items = re.findall(r"<li\b.*?</li>", place[2], re.DOTALL)
    return [
        (re.findall(r'data-part="\w+"[^>]*>([^<]*)<', item), re.findall(r'<a\b[^>]*href="([^"]*)"', item))
        for item in items
    ]


def test_a_phone_can_take_them_from_today_and_from_the_list(signed_in: SignIn, stage: Stage) -> None:
    known(stage)
    known(stage, name="June", phone="+1 212 555 0168", line="")
    ana = signed_in("ana")
    expected = [
        (["Sam", "my sister, any time"], ["tel:2125550142", "sms:2125550142"]),
        (["June"], ["tel:+12125550168", "sms:+12125550168"]),
    ]
    assert parts(ana.look("/today"), "contacts") == parts(ana.look("/contacts"), "contacts") == expected
    line = (["Harbor evening line", "Your program's own line"], ["tel:+1-555-010-0100"])
    assert parts(ana.look("/today"), "program") == [line]
    assert "June" not in said(ana.look("/today"))


def test_an_empty_list_empties_the_phone_too(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    assert parts(ana.look("/today"), "contacts") == parts(ana.look("/contacts"), "contacts") == []


def test_help_has_their_place_and_a_participant_the_way_to_it(
    signed_in: SignIn, browser: Callable[[], Browser]
) -> None:
    for here, way in ((signed_in("ana"), True), (signed_in("cora"), False), (browser(), False)):
        page = here.look("/help").text
        assert page.index('id="call-911"') < page.index('data-owned="contacts"') < page.index('id="call-988"')
        assert ('href="/contacts"' in page) is way
    assert 'href="/contacts"' in signed_in("ana").look("/me").text


def test_the_programs_own_line_is_there_once(signed_in: SignIn, browser: Callable[[], Browser]) -> None:
    """By the program where one is known, else from the phone."""
    for here, known_program in ((signed_in("ana"), True), (browser(), False)):
        page = here.look("/help").text
        assert ('id="call-program"' in page, 'data-owned="program"' in page) == (known_program, not known_program)


def test_in_spanish(signed_in: SignIn, stage: Stage) -> None:
    known(stage)
    ana = signed_in("ana")
    ana.post("/me/language", {"language": "es"})
    for path in ("/contacts", f"/contacts/{mine(stage)[0].id}/edit"):
        page = ana.look(path)
        assert page.status_code == 200 and '<html lang="es"' in page.text
    assert "Llama" in said(ana.look("/contacts")) and "Call 212" not in ana.look("/contacts").text
    refused = add(ana, str(new_id()), name="")
    assert "Please fill this in." not in refused.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_demo_has_two(month: Stage) -> None:
    assert names(month) == ["Sam", "June"] and names(month, "ben") == []
    assert all(re.search(r"555-01\d\d$", card.phone) for card in mine(month))
