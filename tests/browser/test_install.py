"""On the home screen: the hint at the right time, the choice of a look, and the browser's own verdict."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench.browsing import FLAGS, chromium, sign_in
from bench.screenshots import each_look
from tests.browser.conftest import PHONE
from tests.browser.test_axe import AXE, SMALL, TOO_WIDE, found_by_axe
from tests.browser.test_keyboard import press, tab_to

pytestmark = pytest.mark.browser
Phone = Callable[..., Page]
OwnPhone = Callable[[Path], AbstractContextManager[Page]]

# As the browser tells it that has a way to the home screen; and what it was asked.
OFFER = """() => dispatchEvent(Object.assign(new Event('beforeinstallprompt', {cancelable: true}),
  {prompt: () => { document.documentElement.dataset.asked = 'yes'; return Promise.resolve(); }}))"""
# An iPhone that opened this from its home screen; one on which nothing may be kept.
AT_HOME = "Object.defineProperty(navigator, 'standalone', {value: true})"
BARRED = """for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, {get: () => { throw new DOMException('barred', 'SecurityError'); }})"""


def visit(page: Page) -> Page:
    """Today, in a new browsing session on the same phone."""
    fresh = page.context.new_page()
    fresh.goto("/today")
    return fresh


def third_visit(page: Page) -> Page:
    visit(page)
    visit(page)
    return visit(page)


def hint(page: Page) -> Locator:
    return page.locator("#install-hint")


# --- the hint


def test_it_comes_with_the_third_visit_and_stays_while_it_is_not_answered(phone: Phone) -> None:
    first = phone("ana")
    for _ in range(3):
        first.goto("/today")  # one visit, however often Today is opened in it
        expect(hint(first)).to_be_hidden()
    expect(hint(visit(first))).to_be_hidden()
    third = visit(first)
    expect(hint(third)).to_be_visible()
    for words in ("Android", "iPhone", "Share"):
        expect(hint(third)).to_contain_text(words)
    third.reload()
    expect(hint(third)).to_be_visible()
    expect(hint(visit(first))).to_be_visible()
    assert third.evaluate("localStorage.visits") == "3", "it does not count on"


def test_not_now_is_for_good(phone: Phone) -> None:
    page = third_visit(phone("ana"))
    page.click("#install-never")
    expect(hint(page)).to_be_hidden()
    expect(page.locator("#main")).to_be_focused()
    page.reload()
    expect(hint(page)).to_be_hidden()
    expect(hint(third_visit(page))).to_be_hidden()


def test_not_on_an_iphone_that_opened_it_from_its_home_screen(phone: Phone) -> None:
    page = third_visit(phone("ana"))
    expect(hint(page)).to_be_visible()
    page.add_init_script(AT_HOME)
    page.reload()
    expect(hint(page)).to_be_hidden()


def test_not_in_a_window_of_its_own(chrome: Browser, url: str, tmp_path: Path) -> None:
    how: Any = PHONE | {"executable_path": chromium(), "args": [*FLAGS, f"--app={url}/sign-in"], "base_url": url}
    with chrome.browser_type.launch_persistent_context(tmp_path, **how) as context:
        sign_in(context, "ana")
        own = context.pages[0]
        own.evaluate("localStorage.visits = 3")
        own.goto("/today")
        expect(hint(own)).to_be_hidden()
        expect(hint(visit(own))).to_be_visible()  # beside it, in the same browser, as a page among others


def test_where_nothing_may_be_kept_nothing_is_said(phone: Phone) -> None:
    page = phone("ana")
    page.context.add_init_script(BARRED)
    expect(hint(third_visit(page))).to_be_hidden()


def test_it_leads_to_the_page_that_explains(phone: Phone) -> None:
    page = third_visit(phone("ana"))
    page.click("#install-how")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep it on your home screen")


# --- the browser's own way


@pytest.mark.parametrize("path", ["/today", "/install"])
def test_where_the_browser_has_a_way_there_is_a_button_for_it_once(phone: Phone, path: str) -> None:
    page = third_visit(phone("ana"))
    page.goto(path)
    button = page.get_by_role("button", name="Put it there now")
    expect(button).to_be_hidden()
    assert page.evaluate(OFFER) is False, "it would have asked by itself"
    button.click()
    expect(page.locator("html[data-asked]")).to_be_attached()
    expect(button).to_be_hidden()


def test_once_it_is_there_nobody_asks_again_and_nothing_is_cleared_away(phone: Phone) -> None:
    page = third_visit(phone("ana"))
    page.evaluate("""() => {
      navigator.storage.persist = () => { document.documentElement.dataset.persisted = 'yes'; };
      dispatchEvent(new Event('appinstalled'));
    }""")
    expect(hint(page)).to_be_hidden()
    expect(page.locator("html[data-persisted]")).to_be_attached()
    expect(hint(visit(page))).to_be_hidden()


@pytest.mark.parametrize("look", ["footbridge", "plain"])
def test_chromium_puts_it_on_a_home_screen(own_phone: OwnPhone, url: str, tmp_path: Path, look: str) -> None:
    with own_phone(tmp_path) as page:
        page.goto("/install")
        with page.expect_navigation():
            page.click(f"#look-{look}")
        asked: Any = page.context.new_cdp_session(page)
        read = asked.send("Page.getAppManifest")
        assert read["url"] == f"{url}/manifest.webmanifest?look={look}" and read["errors"] == []
        assert asked.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        assert asked.send("Page.getAppId")["appId"] == f"{url}/"
        asked.send("PWA.install", {"manifestId": f"{url}/", "installUrlOrBundleUrl": f"{url}/install"})


def test_a_window_of_its_own_has_the_colour_of_the_paper(phone: Phone) -> None:
    page = phone()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto("/install")
        told = page.locator(f"meta[name=theme-color][media*={scheme}]").get_attribute("content")
        paper = page.evaluate("""() => {
          const pen = document.createElement('canvas').getContext('2d');
          pen.fillStyle = getComputedStyle(document.body).backgroundColor;
          pen.fillRect(0, 0, 1, 1);
          return [...pen.getImageData(0, 0, 1, 1).data];
        }""")
        rounded = zip(bytes.fromhex(str(told)[1:]), paper, strict=False)
        assert all(abs(one - other) <= 1 for one, other in rounded), (told, paper)


# --- the choice


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_look_is_chosen_with_one_press_and_stays(phone: Phone, scripted: bool) -> None:
    page = phone("ana", java_script_enabled=scripted)
    page.goto("/install")
    expect(page.locator("#look-footbridge")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Daybook").click()
    expect(page).to_have_title(re.compile("· Daybook$"))
    expect(page).to_have_url(re.compile("/install$"))
    expect(page.locator("#look-plain")).to_have_attribute("aria-pressed", "true")
    page.goto("/today")
    expect(page).to_have_title("Today · Daybook")
    expect(hint(page)).to_be_hidden()


def test_its_pictures_are_shown(phone: Phone) -> None:
    page = phone()
    page.goto("/install")
    assert page.locator("#looks img").evaluate_all("all => all.map(one => one.naturalWidth)") == [192, 192]


# --- for everybody


def test_by_keyboard_alone(phone: Phone) -> None:
    page = third_visit(phone("ana", viewport={"width": 360, "height": 640}))
    press(page, "install-never")
    expect(hint(page)).to_be_hidden()
    page.goto("/install")
    press(page, "look-plain")
    expect(page).to_have_title(re.compile("· Daybook$"))
    tab_to(page, "back")


@pytest.mark.parametrize("who", ["", "ana", "cora"])
def test_everybody_can_use_the_page(phone: Phone, who: str) -> None:
    page = phone(who)
    page.goto("/install")
    page.evaluate(OFFER)
    fine(page)


def test_everybody_can_use_the_hint(phone: Phone) -> None:
    page = third_visit(phone("ana"))
    page.evaluate(OFFER)
    fine(page)


def fine(page: Page) -> None:
    expect(page.locator("[data-install]")).to_be_visible()
    page.evaluate(AXE)
    for width, scheme in each_look(page):
        assert {(width, scheme): found_by_axe(page)} == {(width, scheme): []}
        assert page.evaluate(SMALL) == []
        assert page.evaluate(TOO_WIDE) == []
