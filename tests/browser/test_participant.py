"""One participant's page, in a browser: by keyboard, without JavaScript, and the page before a session on paper."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bench.screenshots import ANA

pytestmark = pytest.mark.browser

# Every section that there may be, each with as many lines as it may have. Of five of them lines may be long.
FULL = """() => {
  const lines = words => `${`<li>${words}</li>`.repeat(4)}<li>and 8 more</li>`;
  const part = words => `<section><h2>A part</h2><ul>${lines(words)}</ul></section>`;
  const long = part('many words '.repeat(12)), short = part('many words '.repeat(5));
  document.querySelector('#summary .sections').innerHTML = long.repeat(5) + short.repeat(3);
}"""


def open_ana(page: Page) -> None:
    page.goto("/caseload")
    page.click(ANA)
    expect(page.locator("h1")).to_have_text("Ana Keller")


def test_everything_on_it_goes_without_javascript(phone: Callable[..., Page]) -> None:
    page = phone("cora", java_script_enabled=False)
    open_ana(page)
    page.click("#weeks-12")
    expect(page.locator("#weeks-12")).to_have_attribute("aria-current", "true")
    page.click("#days summary")
    expect(page.locator("#days tbody th").first).to_be_visible()
    page.click("#filter summary")
    page.select_option("#kind", "journal")
    page.select_option("#only", "asks")
    page.fill("#last", "2030-01-01")
    page.click("#show-these")
    expect(page).to_have_url(re.compile(r"kind=journal&only=asks&first=&last=2030-01-01&weeks=12"))
    expect(page.locator("#shared .level")).to_have_text("asks for an answer")
    page.click("#all")
    expect(page).to_have_url(re.compile(r"\?weeks=12$"))
    page.click("#to-notes")
    page.fill("#words", "Asked about the family session.")
    page.click("#send")
    note = page.locator("#notes li", has_text="Asked about the family session.")
    note.locator("[id^=change-]").click()
    page.fill("#words", "Asked about the family session: yes, with her coach there.")
    page.click("#send")
    note.locator("summary").click()
    expect(note).to_contain_text("yes, with her coach there.")
    expect(note.locator("details .words")).to_have_text("Asked about the family session.")


def test_by_keyboard_and_on_one_sheet_of_paper(phone: Callable[..., Page]) -> None:
    page = phone("cora")
    open_ana(page)
    page.focus("#filter summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#kind")).to_be_focused()
    page.focus("#to-summary")
    page.keyboard.press("Enter")
    expect(page.locator("#summary")).to_contain_text("42 CFR part 2 prohibits")
    page.evaluate(FULL)
    for paper in ("Letter", "A4"):
        assert page.pdf(format=paper).count(b"/Type /Page\n") == 1, paper
    page.keyboard.press("k")
    expect(page.locator("#standing")).to_be_visible()
