"""The first crossing, as new people make it: invited, told who reads, logged, written, read, answered, seen."""

import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from app.demo import ADDRESS, PASSPHRASE
from bench.running import running
from tests.conftest import fresh_postgres

pytestmark = pytest.mark.browser
CHOSEN = "candle harbor seven oaks"
COACH, PERSON = "Nia Okafor", "Lia Brandt"
PRIVATE = "The heron page is for nobody else."
SHARED = "I walked past the corner store tonight and kept walking."
ANSWER = "You kept walking. What helped?"
SAVED = re.compile(rf"Saved \d+:\d\d\s[ap]m\. Only you and {COACH} can see this\.")


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    """A Footbridge on one of the databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("url")
        return
    with running(database_url=fresh_postgres(request.getfixturevalue("postgres"))) as address:
        yield address


@pytest.mark.parametrize(
    ("place", "scripted"),
    [("sqlite", True), ("sqlite", False), ("postgresql", True)],
    ids=["sqlite", "sqlite without JavaScript", "postgresql"],
    indirect=["place"],
)
def test_from_the_invite_to_the_answer(phone: Callable[..., Page], place: str, scripted: bool) -> None:
    pat, nia, lia = (phone(at=place, java_script_enabled=scripted) for _ in range(3))
    sign_in(pat, ADDRESS.format("pat"), PASSPHRASE)
    come_in(nia, invite(pat, "Coach", COACH))
    come_in(lia, invite(nia, "Participant", PERSON))

    be_welcomed(lia)
    tap_a_mood_and_take_it_back(lia, scripted)
    check_in_twice(lia)
    private = write(lia, PRIVATE, shared=False)
    shared = write(lia, SHARED, shared=True)

    person = find_on_caseload(nia)
    (review_by_keys if scripted else review)(nia)
    has_no_trace(nia, person, private)
    sees_the_answer(lia, shared)
    sees_who_looked(lia, shared)


def invite(staff: Page, role: str, name: str) -> str:
    """By the form, as a manager or a coach does it; gives the link."""
    staff.get_by_role("link", name="People", exact=True).click()
    staff.get_by_role("link", name="Invite somebody").click()
    staff.get_by_role("radio", name=role, exact=True).check()
    staff.get_by_label("Name", exact=True).fill(name)
    staff.get_by_label("Name to sign in with").fill(f"{name.split()[0]}-{uuid4().hex[:8]}")
    staff.get_by_role("button", name="Make the link").click()
    expect(staff.get_by_role("img", name="The link as a QR code")).to_be_visible()
    return staff.locator("#address").inner_text()


def come_in(page: Page, link: str) -> None:
    """Open the link, choose a passphrase that is too easy, then a good one, and sign in with it. It works once."""
    page.goto(link)
    name = page.get_by_label("You sign in with this name").input_value()
    for easy in ("kettle", "passwordpassword"):
        page.get_by_label("Choose a passphrase").fill(easy)
        page.get_by_role("button", name="Come in").click()
        expect(page.get_by_label("Choose a passphrase")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Choose a passphrase")).to_have_value("")
    page.get_by_label("Choose a passphrase").fill(CHOSEN)
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, name, CHOSEN)
    again = page.request.get(link)
    assert again.status == 404


def sign_in(page: Page, name: str, passphrase: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Your name to sign in").fill(name)
    page.get_by_label("Passphrase").fill(passphrase)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def be_welcomed(lia: Page) -> None:
    """Nothing opens before she was told who reads, and that nobody watches at night."""
    lia.goto("/journal")
    expect(lia).to_have_url(re.compile("/welcome$"))
    for told in (COACH, "at night", "mandated reporters", "988"):
        expect(lia.get_by_role("main")).to_contain_text(told)
    lia.get_by_role("button", name="I have read this").click()
    expect(lia).to_have_url(re.compile("/today$"))


def tap_a_mood_and_take_it_back(lia: Page, scripted: bool) -> None:
    row = lia.locator("#moods")
    row.get_by_role("button", name="Good", exact=True).click()
    expect(row.locator(".saved")).to_have_text(SAVED)
    row.get_by_role("button", name="Take it back").click()
    expect(lia.get_by_role("main")).to_contain_text("30 days")
    lia.goto("/today")
    expect(row).to_contain_text("One tap saves it.")
    row.get_by_role("button", name="Low", exact=True).click()
    expect(row.locator(".saved")).to_have_text(SAVED)
    expect(row.get_by_role("button", name="Low", exact=True)).to_have_attribute("aria-pressed", "true")
    assert "/today" in lia.url, "a tap leads nowhere else"


def check_in_twice(lia: Page) -> None:
    """Each answer is one tap; the check-in of a day can be changed, and stays one."""
    lia.get_by_role("link", name="Check in", exact=True).click()
    for question, answer in (("Urge to use", "6"), ("Stress", "4"), ("Hours of sleep last night", "7")):
        lia.get_by_role("radiogroup", name=question).get_by_role("radio", name=answer).check()
    lia.get_by_role("checkbox", name="Lonely").check()
    lia.get_by_role("radiogroup", name="Did you use today?").get_by_role("radio", name="No", exact=True).check()
    lia.get_by_label("Anything else? One line is enough.").fill("A long day")
    lia.get_by_role("button", name="Save my check-in").click()
    expect(lia.locator("#check-in")).to_contain_text("Urge 6 of 10")

    lia.get_by_role("link", name="Change", exact=True).click()
    expect(lia.get_by_label("Anything else? One line is enough.")).to_have_value("A long day")
    lia.get_by_role("radiogroup", name="Urge to use").get_by_role("radio", name="3").check()
    lia.get_by_role("button", name="Save my changes").click()
    for kept in ("Urge 3 of 10", "Stress 4 of 5", "7 hours of sleep", "Lonely", "Did not use"):
        expect(lia.locator("#check-in")).to_contain_text(kept)


def write(lia: Page, words: str, shared: bool) -> str:
    """A page of the journal; gives its id."""
    lia.goto("/journal")
    lia.get_by_role("link", name="Write").first.click()
    lia.get_by_label("What is on your mind?").fill(words)
    if shared:
        lia.get_by_role("radio", name=f"Me and {COACH}").check()
        lia.get_by_role("checkbox", name="I would like an answer").check()
    lia.get_by_role("button", name="Save this page").click()
    entry = lia.locator("article.entry")
    expect(entry).to_contain_text(words)
    expect(entry).to_contain_text(f"You and {COACH}" if shared else "Only you")
    return str(entry.get_attribute("id")).removeprefix("entry-")


def find_on_caseload(nia: Page) -> str:
    """Gives the participant's id."""
    nia.goto("/caseload")
    row = nia.get_by_role("listitem").filter(has_text=PERSON)
    expect(row).to_contain_text("Waiting for your answer")
    expect(row.get_by_role("img")).to_have_accessible_name(re.compile("Mood over 14 days"))
    return str(row.get_attribute("id")).removeprefix("case-")


def review(nia: Page) -> None:
    """Everything that waits, one after the other, by its buttons."""
    nia.locator("#next").click()
    for _ in range(2):
        with nia.expect_navigation():
            if asked(nia):
                nia.get_by_label(f"Answer {PERSON}").fill(ANSWER)
                nia.get_by_role("button", name="Send answer").click()
            else:
                nia.get_by_role("button", name="Mark as read").click()
    expect(nia.get_by_role("heading", level=1)).to_have_text("All read")


def review_by_keys(nia: Page) -> None:
    """The same without touching anything but keys."""
    nia.keyboard.press("n")
    for _ in range(2):
        asks, address = asked(nia), nia.locator("#sheet").get_attribute("data-address") or ""
        if asks:
            nia.keyboard.press("r")
            nia.keyboard.type(ANSWER)
            nia.keyboard.press("Tab")
            nia.keyboard.press("Enter")
        else:
            nia.keyboard.press("m")
        expect(nia.locator("#sheet")).not_to_have_attribute("data-address", address)
    expect(nia.get_by_role("heading", level=1)).to_have_text("All read")


def asked(nia: Page) -> bool:
    """Whether this is the entry that asks for an answer."""
    expect(nia.get_by_role("heading", level=1)).to_have_text(re.compile(f"^{PERSON}: (Journal page|Check-in), "))
    return nia.get_by_role("article").get_by_text(SHARED).count() > 0


def has_no_trace(nia: Page, person: str, private: str) -> None:
    for path in ("/caseload", f"/caseload/{person}", "/review", "/people"):
        nia.goto(path)
        assert "heron" not in nia.content() and private not in nia.content()
    for path in (f"/caseload/{person}/entries/{private}", f"/entries/{private}", f"/journal/{private}"):
        answer = nia.goto(path)
        assert answer and answer.status == 404 and "heron" not in nia.content()


def sees_the_answer(lia: Page, shared: str) -> None:
    lia.goto("/today")
    expect(lia.get_by_role("main")).to_contain_text(ANSWER)
    lia.get_by_role("link", name=f"{COACH} read your entry at").click()
    expect(lia).to_have_url(re.compile(f"/journal/{shared}$"))
    expect(lia.get_by_role("main")).to_contain_text(re.compile(rf"Read at \d+:\d\d\s[ap]m by {COACH}"))
    expect(lia.get_by_role("main")).to_contain_text(ANSWER)


def sees_who_looked(lia: Page, shared: str) -> None:
    lia.goto("/me")
    lia.locator("#to-openings").click()
    main = lia.get_by_role("main")
    expect(main).to_contain_text(f"{COACH}, coach")
    expect(main).to_contain_text("opened your page")
    expect(main.locator(f"a[href='/entries/{shared}']").first).to_be_visible()
