"""The caseload in a browser: by keyboard, on a small phone, and as somebody else writes meanwhile."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LAPTOP = {"viewport": {"width": 1280, "height": 800}}


def test_down_the_list_and_into_it_without_a_mouse(phone: Callable[..., Page]) -> None:
    page = phone("cora", **LAPTOP)
    page.goto("/caseload")
    names = page.locator("#waiting .name a")
    for key, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        expect(names.nth(at)).to_be_focused()
    whose = names.nth(0).inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(re.compile(re.escape(whose)))


def test_what_is_new_is_said_in_a_line_and_moves_nothing(phone: Callable[..., Page]) -> None:
    page = phone("cora", viewport={"width": 360, "height": 640})
    page.clock.install()
    page.goto("/caseload")
    first = page.locator("#waiting .name a").first
    first.focus()
    ana = phone("ana")
    ana.goto("/journal/new")
    ana.fill("#words", "The evening was long, and it went by.")
    ana.check("#visibility-shared", force=True)
    ana.click("#send")
    expect(ana.locator("article.entry")).to_contain_text("You and Cora Diaz")
    with page.expect_response(re.compile("/caseload/news")):
        page.clock.fast_forward(61_000)
    expect(page.locator("#news")).to_contain_text("new since you opened this page")
    expect(first).to_be_focused()
    page.click("#show-new")
    expect(page.locator("#news")).not_to_contain_text("new since")


def test_the_filter_stays_in_the_address(phone: Callable[..., Page]) -> None:
    page = phone("cora", viewport={"width": 360, "height": 640}, java_script_enabled=False)
    page.goto("/caseload")
    page.locator("#filter summary").click()
    page.select_option("#why", index=1)
    page.click("#pick")
    expect(page).to_have_url(re.compile(r"\?why=\w+"))
    expect(page.locator("#filter summary")).to_contain_text("Showing")
    page.click("#all")
    expect(page.locator("#filter summary")).to_have_text("Show only some")
