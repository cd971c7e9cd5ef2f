"""How pages are kept, printed and spoken: not after signing out, on paper without bars, in the reader's language."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.browsing import sign_in
from bench.screenshots import SCREENS

pytestmark = pytest.mark.browser
PATHS = [(screen.who, screen.path) for screen in SCREENS if isinstance(screen.path, str)]


def go_back(page: Page) -> None:
    """Playwright's own way waits for a load, which does not come when a page was kept."""
    page.evaluate("() => { setTimeout(() => history.back()); }")
    page.wait_for_timeout(1000)


@pytest.mark.parametrize("path", ["/today", "/journal", "/me"])
def test_the_way_back_ends_at_signing_out(
    own_phone: Callable[[Path], AbstractContextManager[Page]], tmp_path: Path, path: str
) -> None:
    with own_phone(tmp_path) as page:
        sign_in(page.context, "ana")
        page.goto(path)
        expect(page.locator("html[data-person]")).to_be_attached()
        page.goto("/me")
        with page.expect_navigation():
            page.click("#out")
        for _ in range(3):
            go_back(page)
            expect(page.locator("html[data-person]")).not_to_be_attached()
            expect(page.locator("body")).not_to_contain_text("Ana")


@pytest.mark.parametrize("who", sorted({who for who, _ in PATHS}))
def test_no_page_is_kept_in_a_cache(phone: Callable[..., Page], who: str) -> None:
    page = phone(who)
    for path in [path for whose, path in PATHS if whose == who]:
        assert page.request.get(path).headers["cache-control"] == "no-store", path


@pytest.mark.parametrize(("who", "path"), [("ana", "/journal"), ("ana", "/today"), ("cora", "/caseload")])
def test_on_paper_are_the_words_alone(phone: Callable[..., Page], who: str, path: str) -> None:
    page = phone(who)
    page.goto(path)
    page.emulate_media(media="print", color_scheme="dark")
    for bar in page.locator("nav, .help, .skip, .btn").all():
        expect(bar).to_be_hidden()
    expect(page.get_by_role("main")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_coach_goes_on_and_back_by_key_and_by_thumb(phone: Callable[..., Page], width: int) -> None:
    page = phone("cora", viewport={"width": width, "height": 800})
    page.goto("/review")
    first = page.url
    for back in (lambda: page.keyboard.press("k"), lambda: page.locator("#before").click()):
        page.keyboard.press("j")
        page.wait_for_url(lambda url: url != first)
        back()
        page.wait_for_url(first)
    box = page.locator("#before").bounding_box()
    assert box and min(box["width"], box["height"]) >= 44 and box["x"] + box["width"] <= width


def test_on_paper_help_keeps_its_numbers(phone: Callable[..., Page]) -> None:
    page = phone()
    page.goto("/help")
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Call 988")).to_be_visible()


def test_the_language_of_the_browser_until_somebody_chose(phone: Callable[..., Page]) -> None:
    page = phone(locale="es-MX")
    page.goto("/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text(re.compile("[¿áéíóúñ]"))
    sign_in(page.context, "ana")
    page.goto("/today")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_somebody_who_chooses_spanish_gets_it_everywhere(phone: Callable[..., Page]) -> None:
    page = phone("omar")  # nobody else's page turns Spanish by it
    page.goto("/me")
    with page.expect_navigation():
        page.get_by_role("button", name="Español").click()
    for path in ("/me", "/today", "/journal/new"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("button", name="Save this page")).to_have_count(0)
