"""By keyboard alone: everything can be reached, the focus is seen wherever it is, and goes where it is needed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.demo import ADDRESS, PASSPHRASE

pytestmark = pytest.mark.browser

# What has the focus, and whether that can be seen: an outline on it or (of a chip) on what is painted for it, in the
# window, under no bar. The calendar button inside a date is the browser's own, and so is its outline.
FOCUSED = """() => {
  const element = document.activeElement, {x, y, width, height} = element.getBoundingClientRect();
  const painted = [element, element.nextElementSibling].filter(Boolean).map(each => getComputedStyle(each));
  const outlined = element.matches('[type=date], [type=time]') || painted.some(
    ({outlineStyle, outlineWidth}) => outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2);
  const on = document.elementFromPoint(x + width / 2, Math.min(Math.max(y + height / 2, 0), innerHeight - 1));
  const bar = on?.closest('nav, .reach'), free = !bar || bar.contains(element);
  return {said: element.outerHTML.slice(0, 100), id: element.id, lost: element === document.body,
          seen: outlined && free && width > 1 && height > 1 && y + height > 0 && y < innerHeight};
}"""


def tab_to(page: Page, id_: str, key: str = "Tab") -> None:
    """Press Tab until that has the focus. Whatever has it on the way can be seen to have it."""
    for _ in range(60):
        page.keyboard.press(key)
        focused = page.evaluate(FOCUSED)
        assert focused["seen"] or focused["lost"] or focused["id"] == "main", focused["said"]
        if focused["id"] == id_:
            return
    raise AssertionError(f"{id_} cannot be reached by {key} on {page.url}")


def type_into(page: Page, id_: str, words: str) -> None:
    tab_to(page, id_)
    page.keyboard.type(words)


def press(page: Page, id_: str) -> None:
    tab_to(page, id_)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("", "/sign-in"), ("ana", "/today"), ("ana", "/check-in"), ("ana", "/journal/new"), ("ana", "/journal/months"),
        ("ana", "/me"), ("cora", "/caseload"), ("cora", "/review"), ("pat", "/invites/new"), ("pat", "/people"),
    ],
)  # fmt: skip
def test_the_focus_is_seen_wherever_it_goes(phone: Callable[..., Page], who: str, path: str) -> None:
    page = phone(who, viewport={"width": 360, "height": 640})
    page.goto(path)
    stops = []
    while not (stops and stops[-1]["lost"]):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
        assert len(stops) < 200, "the focus goes round"
    assert len(stops) > 5
    assert [stop["said"] for stop in stops if not stop["seen"] and not stop["lost"]] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_participants_evening(phone: Callable[..., Page], width: int) -> None:
    page = phone(viewport={"width": width, "height": 800})
    page.goto("/sign-in")
    type_into(page, "name", ADDRESS.format("ana"))
    type_into(page, "passphrase", PASSPHRASE)
    press(page, "sign-in")
    expect(page).to_have_url(re.compile("/today$"))

    press(page, "mood-4")
    expect(page.locator("#said")).to_contain_text("Saved")
    assert page.evaluate(FOCUSED)["id"] == "mood-4", "the focus stays where it was"

    page.goto("/journal/new")
    type_into(page, "words", "Written without a mouse.")
    tab_to(page, "visibility-private")
    page.keyboard.press("ArrowDown")
    press(page, "send")
    expect(page.locator("article.entry")).to_contain_text("You and Cora Diaz")
    expect(page.locator("#said")).to_contain_text("Saved")
    assert page.evaluate("document.activeElement !== document.body"), "the focus is not lost with the form"


def test_a_coachs_morning(phone: Callable[..., Page]) -> None:
    """Each waiting entry with j and k, an answer with r, and a list of the keys with ?."""
    page = phone("cora", viewport={"width": 1280, "height": 800})
    page.goto("/caseload")
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/entries/"))
    first = page.url
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    page.wait_for_load_state()
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    page.keyboard.press("r")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("jkm? are letters here")
    expect(page.locator("#words")).to_have_value("jkm? are letters here")
    press(page, "send")
    expect(page).not_to_have_url(first)
    page.goto(first)
    expect(page.locator("#reads")).to_contain_text("jkm? are letters here")


def test_single_keys_can_be_switched_off(phone: Callable[..., Page]) -> None:
    page = phone("cora")
    page.goto("/caseload")
    page.keyboard.press("?")
    page.get_by_label("Use single keys on this page").uncheck()
    page.reload()
    page.locator("body").press("j")
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile("/caseload$"))


def test_a_refused_form_is_entered_where_it_needs_another_look(phone: Callable[..., Page]) -> None:
    page = phone("ana")
    page.goto("/journal/new")
    press(page, "send")
    expect(page.locator("#words")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#words")).to_be_focused()
    expect(page.locator("#words")).to_have_accessible_description(re.compile("enough|keep|first"))


def test_a_refused_form_that_comes_as_a_page_too(phone: Callable[..., Page]) -> None:
    page = phone("pat")
    page.goto("/invites/new")
    page.fill("#name", "Somebody")
    press(page, "send")
    expect(page.locator("main [aria-invalid=true]").first).to_be_focused()
    expect(page.locator("#name")).to_have_value("Somebody")


@pytest.mark.parametrize(("who", "path"), [("ana", "/today"), ("cora", "/caseload"), ("", "/sign-in")])
def test_the_skip_link_leads_into_the_page(phone: Callable[..., Page], who: str, path: str) -> None:
    page = phone(who)
    page.goto(path)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    assert page.evaluate(FOCUSED)["seen"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
