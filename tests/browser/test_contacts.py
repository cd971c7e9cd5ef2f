"""One's own people: added, changed and removed with scripts and without, and dialed by large buttons."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sealed
from tests.browser.test_axe import AXE, SMALL, TOO_WIDE, found_by_axe

pytestmark = pytest.mark.browser
LONG = {"name": "Wilhelmina" * 8, "phone": "+123456789012345", "line": "unbreakable" * 10}


def fill(page: Page, **typed: str) -> None:
    for name, words in typed.items():
        page.fill(f"#{name}", words)
    page.click("#send")


def cards(page: Page) -> Locator:
    return page.locator("[data-own=contacts] li")


def unfold(page: Page, press: str) -> None:
    page.click("#change summary")
    page.get_by_role("group").locator(press).first.click()


def empty(page: Page) -> None:
    """Whoever tests left there."""
    page.goto("/contacts")
    for _ in range(cards(page).count()):
        left = cards(page).count()
        unfold(page, "[id^=remove-]")
        expect(cards(page)).to_have_count(left - 1)


@pytest.mark.parametrize("scripted", [True, False], ids=["by htmx", "without JavaScript"])
def test_added_changed_and_removed(phone: Callable[..., Page], scripted: bool) -> None:
    page = phone("ben", java_script_enabled=scripted)
    empty(page)
    expect(page.get_by_role("main")).to_contain_text("Nobody is on your list yet.")
    fill(page, name="Rosa", phone="212-555-0142", line="my aunt")
    expect(cards(page)).to_have_count(1)
    expect(cards(page)).to_contain_text("my aunt")
    expect(page.get_by_role("link", name="Call 212\u2011555\u20110142")).to_have_attribute("href", "tel:2125550142")
    expect(page.locator("#name")).to_have_value("")

    fill(page, name="Jo", phone="call me")
    expect(page.locator("#phone")).to_be_focused() if scripted else None
    expect(page.locator("#phone")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#name")).to_have_value("Jo")
    fill(page, phone="(212) 555-0168")
    expect(cards(page)).to_have_count(2)

    unfold(page, "[id^=edit-]")
    expect(page.locator("#name")).to_have_value("Rosa")
    fill(page, phone="988")
    expect(cards(page).first.get_by_role("link", name="Text 988")).to_have_attribute("href", "sms:988")

    unfold(page, "[id^=remove-]")
    expect(cards(page)).to_have_count(1)
    expect(cards(page)).to_contain_text("Jo")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your people")
    if scripted:
        expect(page.locator("#said")).to_have_text("Removed from your list.")
        assert page.evaluate("document.activeElement !== document.body")
    empty(page)


def test_on_it_twice_is_not_what_a_double_tap_does(phone: Callable[..., Page]) -> None:
    page = phone("ben")
    empty(page)
    for name, words in {"name": "Rosa", "phone": "212-555-0142"}.items():
        page.fill(f"#{name}", words)
    page.dblclick("#send")
    expect(cards(page)).to_have_count(1)
    page.reload()
    expect(cards(page)).to_have_count(1)
    empty(page)


def test_everybody_can_use_it_however_long_the_words_are(phone: Callable[..., Page]) -> None:
    page = phone("ben", viewport={"width": 320, "height": 640})
    empty(page)
    fill(page, **LONG)
    expect(cards(page)).to_have_count(1)
    fill(page, name="Jo", phone="1.2.3.4.5.6.7.8.9.0.1.2.3.4.5", line="")
    expect(cards(page)).to_have_count(2)
    page.click("#change summary")
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert (found_by_axe(page), page.evaluate(SMALL), page.evaluate(TOO_WIDE)) == ([], [], [])
    sizes = [box for link in cards(page).get_by_role("link").all() if (box := link.bounding_box())]
    assert len(sizes) == 4 and min(box["height"] for box in sizes) >= 56
    empty(page)


def kept(page: Page) -> Any:
    """What lies open on the phone's shelf under the name of one's people."""
    return page.evaluate(
        """async () => {
          const [found] = await shelf.under(['own', 'contacts']);
          return [found && JSON.parse(await shelf.words(found)), JSON.stringify({...found, sealed: null, iv: null})];
        }"""
    )


def test_the_phone_has_the_latest_after_a_visit_and_after_a_change(phone: Callable[..., Page]) -> None:
    page = phone("ben")
    empty(page)
    fill(page, name="Rosa", phone="212-555-0142", line="my aunt")
    expect(cards(page)).to_have_count(1)
    for path in ("", "/today"):
        if path:
            page.goto(path)
        sealed(page)
        people, outside = kept(page)
        assert [one["words"] for one in people] == [["Rosa", "my aunt"]]
        assert [href for _, href in people[0]["links"]] == ["tel:2125550142", "sms:2125550142"]
        assert not re.search("Rosa|aunt|2125550142", outside)
    page.goto("/help")
    own = page.locator("#own-contacts")
    expect(own.get_by_role("link", name="Call 212\u2011555\u20110142")).to_have_attribute("href", "tel:2125550142")
    expect(own).to_contain_text("Rosa")
    empty(page)
    sealed(page)
    assert kept(page)[0] == []
    page.goto("/help")
    expect(page.locator("#own")).to_be_hidden()
