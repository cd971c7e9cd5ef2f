"""The page after a setback in a browser: step by step, left and gone on with, without signal, without a script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import said, signal_gone
from tests.browser.test_axe import AXE, SMALL, TOO_WIDE, found_by_axe
from tests.browser.test_keyboard import press, tab_to, type_into

pytestmark = pytest.mark.browser
STEPS = 6


def start(page: Page) -> None:
    page.goto("/setbacks/new")
    expect(page.locator("#setback.stepwise")).to_be_visible()


def at_step(page: Page, step: int) -> None:
    expect(page.locator("[data-where]")).to_have_text(f"Step {step} of {STEPS}")
    expect(page.locator(f"#part-{step}")).to_be_visible()
    assert page.locator("#setback > section:visible").count() == 1


def on(page: Page) -> None:
    """A second tap of a thumb that trembles is none, so one waits a moment."""
    page.wait_for_timeout(450)
    page.click("#turn-next")


def newest(page: Page) -> str:
    page.goto("/journal")
    return " ".join(page.locator("li.entry").filter(has_text="I used").first.inner_text().split())


def test_the_whole_sequence_step_by_step_and_every_step_is_for_everybody(phone: Callable[..., Page]) -> None:
    page = phone("ben", viewport={"width": 360, "height": 640})
    start(page)
    for step in range(1, STEPS + 1):
        at_step(page, step)
        page.evaluate(AXE)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert (found_by_axe(page), page.evaluate(SMALL), page.evaluate(TOO_WIDE)) == ([], [], [])
        if step == 1:
            page.click("label[for=word-used]")
        if step == 4:
            page.click("label[for=trigger-lonely]")
            page.fill("#words", "The whole sequence")
            page.fill("#helped", "A walk")
            page.keyboard.press("Enter")  # is not the end of it
            at_step(page, 4)
        if step == 5:
            page.click("label[for=small-rest]")
        if step < STEPS:
            with said(page, step):
                on(page)
            expect(page.locator(f"#part-{step + 1}-title")).to_be_focused()
    page.click("#turn-back")
    at_step(page, 5)
    expect(page.locator("#small-rest")).to_be_checked()
    on(page)
    expect(page.locator("#visibility-private")).to_be_checked()
    page.click("label[for=visibility-shared]")
    expect(page.get_by_text("It can be a reason for Dov Stein to get in touch")).to_be_visible()
    expect(page.get_by_text("Nobody watches at night")).to_be_visible()
    page.click("#send")
    expect(page.locator("#counted")).to_contain_text(re.compile(r"\d+ days? in recovery"))
    expect(page.locator("#counted")).to_contain_text("Today is where you are.")
    expect(page.locator("#logged")).to_contain_text("Next step: Sleep, or lie down for a while")
    entry = newest(page)
    assert "The whole sequence" in entry and "I used" in entry and "Lonely" in entry and "A walk" in entry
    expect(page.locator("li.entry", has_text="The whole sequence")).to_have_count(1)
    page.goto("/today")
    expect(page.locator("#setback-open")).to_have_count(0)
    expect(page.locator("#days")).to_contain_text("Today is where you are.")


def test_left_in_the_middle_it_goes_on_here_and_elsewhere(phone: Callable[..., Page]) -> None:
    here, elsewhere = phone("ben"), phone("ben")
    start(here)
    for _ in range(3):
        on(here)
    here.fill("#words", "Left in the middle")
    with said(here, 4):
        here.click("#leave-it")
    expect(here).to_have_url(re.compile("/today$"))
    expect(here.locator("#setback-open")).to_contain_text("Only you see it.")
    start(here)
    expect(here.locator("#words")).to_have_value("Left in the middle")
    at_step(here, 4)

    elsewhere.goto("/today")
    elsewhere.click("#setback-go-on")
    expect(elsewhere.locator("#words")).to_have_value("Left in the middle")
    while elsewhere.locator("#turn-next").is_visible():
        on(elsewhere)
    elsewhere.fill("#told", "June")
    elsewhere.click("#send")
    expect(elsewhere.locator("#logged")).to_contain_text("To tell: June")

    # Finished there, its words here are not lost: they are asked about.
    here.fill("#helped", "Something more")
    on(here)
    on(here)
    here.click("#send")
    expect(here.get_by_text("Save once more to keep this too.")).to_be_visible()
    expect(here.locator("#helped")).to_have_value("Something more")
    here.click("#send")
    expect(here.locator("#logged")).to_contain_text("Something more")
    here.goto("/journal")
    expect(here.locator("li.entry", has_text="Left in the middle")).to_have_count(2)


def test_without_signal_it_is_kept_here_and_sends_by_itself(phone: Callable[..., Page]) -> None:
    page = phone("ben")
    page.goto("/today")
    signal_gone(page)
    start(page)
    page.click("label[for=word-drank]")
    for step in range(2, STEPS + 1):
        on(page)
        at_step(page, step)
        if step == 4:
            page.fill("#words", "No signal at all")
    page.click("#send")
    expect(page.locator("#part-after-title")).to_be_focused()
    expect(page.locator("#part-after")).to_contain_text("All your days are still yours.")
    assert page.locator("#setback > section:visible").count() == 1
    page.context.set_offline(False)
    page.goto("/waiting")
    expect(page.locator("#queue-none")).to_be_visible()
    page.goto("/journal")
    expect(page.locator("li.entry", has_text="No signal at all")).to_have_count(1)
    expect(page.locator("li.entry", has_text="No signal at all")).to_contain_text("I drank")


def test_a_phone_that_dies_loses_no_step_before(phone: Callable[..., Page]) -> None:
    page = phone("ben")
    start(page)
    for _ in range(3):
        on(page)
    page.fill("#words", "Before it died")
    with said(page, 4):
        on(page)
    page.evaluate("indexedDB.deleteDatabase('shelf')")
    page.goto("/today")
    page.click("#setback-go-on")
    expect(page.locator("#words")).to_have_value("Before it died")
    expect(page.locator("#part-5")).to_be_visible()
    on(page)
    page.click("#send")
    expect(page.locator("#logged")).to_contain_text("Before it died")


def test_by_keyboard_alone(phone: Callable[..., Page]) -> None:
    page = phone("ben")
    start(page)
    for step in range(2, STEPS + 1):
        press(page, "turn-next")
        at_step(page, step)
        expect(page.locator(f"#part-{step}-title")).to_be_focused()
        if step == 4:
            tab_to(page, "trigger-tired")
            page.keyboard.press("Space")
            type_into(page, "words", "By keys alone")
        page.wait_for_timeout(450)
    press(page, "send")
    expect(page.locator("#logged")).to_contain_text("By keys alone")


def test_without_a_script_it_is_one_calm_page(phone: Callable[..., Page]) -> None:
    page = phone("ben", java_script_enabled=False)
    page.goto("/setbacks/new")
    for step in range(1, STEPS + 1):
        expect(page.locator(f"#part-{step}")).to_be_visible()
    expect(page.locator("#turn-next")).to_be_hidden()
    page.fill("#words", "On paper, so to say")
    page.click("#leave-it")
    expect(page.get_by_text("It is kept, as far as you came.")).to_be_visible()
    page.click("#go-on")
    expect(page.locator("#words")).to_have_value("On paper, so to say")
    page.check("#small-eat", force=True)
    page.click("#send")
    expect(page.locator("#logged")).to_contain_text("Drink water and eat something")


def test_the_days_are_told_in_ones_own_words(phone: Callable[..., Page]) -> None:
    page = phone("wes")
    page.goto("/recovery")
    page.fill("#since", "2026-01-01")
    page.click("label[for=called-sober]")
    page.click("label[for=word-drank]")
    page.click("#send")
    expect(page.locator("#counted")).to_contain_text("days sober")
    expect(page.locator("#said")).to_have_text("Saved. This is how your days are counted now.")
    page.goto("/setbacks/new")
    expect(page.locator("#word-drank")).to_be_checked()
