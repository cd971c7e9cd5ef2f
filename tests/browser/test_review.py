"""Review as a coach does it: by keyboard, by thumb, and while somebody changes their mind."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from app.database import new_id

pytestmark = pytest.mark.browser

OURS = {"Sec-Fetch-Site": "same-origin"}


def wrote(ana: Page, words: str) -> str:
    """Ana keeps a page for her coach; its id."""
    number = str(new_id())
    form: dict[str, str | float | bool] = {"id": number, "words": words, "visibility": "shared"}
    answer = ana.context.request.post("/journal", form=form, headers=OURS, max_redirects=0)
    assert answer.status == 303
    return number


def of_ana(cora: Page) -> str:
    cora.goto("/caseload")
    return cora.get_by_role("link", name="Ana Keller", exact=True).first.get_attribute("href") or ""


def test_by_keyboard_alone_without_leaving_the_page(phone: Callable[..., Page]) -> None:
    ana, cora = phone("ana"), phone("cora", viewport={"width": 1280, "height": 800})
    at = f"{of_ana(cora)}/entries/{wrote(ana, 'Read by keyboard.')}"
    cora.goto(at)
    cora.evaluate("window.stays = true")
    sheet = cora.locator("#sheet")

    cora.keyboard.press("?")
    expect(cora.locator("#keys")).to_have_attribute("open", "")
    cora.keyboard.press("r")
    cora.keyboard.type("jkmrfdu? are letters")
    expect(cora.locator("#words")).to_have_value("jkmrfdu? are letters")
    cora.keyboard.press("Escape")
    for key, field in (("f", "#flag-words"), ("d", "#plan-day")):
        cora.keyboard.press(key)
        expect(cora.locator(field)).to_be_focused()
        cora.keyboard.press("Escape")
    cora.fill("#words", "")

    cora.keyboard.press("Escape")
    cora.keyboard.press("m")
    expect(sheet).not_to_have_attribute("data-address", at)
    expect(cora).not_to_have_url(re.compile(at))
    expect(cora.locator("h1")).to_have_text(sheet.get_attribute("data-title") or "-")
    there = sheet.get_attribute("data-address") or ""
    cora.keyboard.press("j")
    expect(sheet).not_to_have_attribute("data-address", there)
    # Read by mistake: taken back, it waits again.
    cora.keyboard.press("u")
    expect(sheet).to_have_attribute("data-address", at)
    expect(cora.locator("#mark-read")).to_be_visible()
    cora.keyboard.press("r")
    cora.keyboard.type("An answer.")
    cora.keyboard.press("Tab")
    cora.keyboard.press("Enter")
    expect(sheet).not_to_have_attribute("data-address", at)
    assert cora.evaluate("window.stays"), "the page was never left"
    ana.goto("/today")
    expect(ana.locator("#from-coach")).to_contain_text("An answer.")
    cora.goto(at)
    expect(cora.locator("#reads")).to_contain_text("Ana Keller saw this")


def test_by_thumb_while_another_answers_and_it_is_taken_back(phone: Callable[..., Page]) -> None:
    ana, cora = phone("ana"), phone("cora", viewport={"width": 360, "height": 640}, has_touch=True)
    number = wrote(ana, "For Cora, for now.")
    at = f"{of_ana(cora)}/entries/{number}"
    cora.goto(at)
    for button in ("#to-answer", "#mark-read", "#next"):
        box = cora.locator(button).bounding_box()
        assert box and box["height"] >= 44 and box["y"] + box["height"] <= 640, f"{button} is out of a thumb's reach"
    assert cora.evaluate("document.documentElement.scrollWidth") <= 360

    def rae(route: Route) -> None:
        told = f'<div id="beside" data-from="{at}/answering"><p class="notice">Rae is answering this.</p></div>'
        route.fulfill(body=told, content_type="text/html")

    cora.route("**/answering", rae)
    cora.fill("#words", "typed for a long time")
    expect(cora.locator("#beside")).to_contain_text("Rae is answering this.")
    cora.unroute("**/answering")

    answer = ana.context.request.post(
        f"/entries/{number}/visibility", form={"visibility": "private"}, headers=OURS, max_redirects=0
    )
    assert answer.status == 303
    cora.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(cora.locator("#gone")).to_be_visible()
    expect(cora.get_by_text("For Cora, for now.")).to_have_count(0)
    expect(cora.locator("#words")).to_have_value("typed for a long time")
    cora.tap("#send")
    expect(cora.locator("main .notice:visible").last).to_contain_text("What you typed is still here")
    expect(cora.locator("#words")).to_have_value("typed for a long time")
