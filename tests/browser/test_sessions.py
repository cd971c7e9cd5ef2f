"""A session, in a browser: saying that one will be away, with signal and without, and taking it back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.browsing import sign_in
from bench.screenshots import TO_COME
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


def say_away(page: Page, words: str) -> None:
    page.goto("/sessions")
    page.click(TO_COME)
    page.click("#cannot summary")
    page.locator("label[for=reason-transport]").click()
    page.fill("#words", words)
    page.click("#tell")


def come(page: Page, words: str) -> None:
    expect(page.locator("#away")).to_contain_text("You will be away")
    expect(page.locator("#away")).to_contain_text(f"Getting there: {words}")
    page.click("#come")
    expect(page.locator("#cannot summary")).to_be_visible()


@pytest.mark.parametrize("scripted", [True, False], ids=["by htmx", "without JavaScript"])
def test_away_and_back(phone: Callable[..., Page], scripted: bool) -> None:
    page = phone("ben", java_script_enabled=scripted)
    say_away(page, "No bus that late")
    come(page, "No bus that late")


def test_without_signal_nothing_typed_is_lost(chrome: Browser, url: str) -> None:
    with chrome.new_context(base_url=url, **PHONE) as context:
        sign_in(context, "ben")
        page = context.new_page()
        page.route("**/away", lambda route: route.abort())
        say_away(page, "No bus at all")
        expect(page.locator("#away-form .notice")).to_contain_text("Could not send just now.")
        expect(page.locator("#words")).to_have_value("No bus at all")
        page.unroute("**/away")
        page.click("#tell")
        come(page, "No bus at all")
