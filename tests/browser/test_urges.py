"""The urge loop in a browser: in few taps, interrupted between any two steps, without signal, by keyboard, without a
script; each urge ends as one entry with all that was said."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bench.urges import loop_taps
from tests.browser.conftest import said, signal_gone
from tests.browser.test_guides import says

pytestmark = pytest.mark.browser


@pytest.fixture
def page(phone: Callable[..., Page]) -> Page:
    return phone("ana")


def start(page: Page, path: str = "/urges/new") -> None:
    page.goto(path)
    expect(page.locator("#urge.stepwise")).to_be_visible()


def at_step(page: Page, step: int) -> None:
    expect(page.locator("[data-where]")).to_have_text(f"step {step} of 4" if step else "")
    expect(page.locator(f"#step-{step}")).to_be_visible()
    assert page.locator("section.step:visible").count() == 1


def turn(page: Page, button: str) -> None:
    """On, or back. A second tap of a thumb that trembles is none, so one waits a moment."""
    page.wait_for_timeout(450)
    page.click(button)


def newest(page: Page) -> str:
    page.goto("/journal")
    return " ".join(page.locator("li.entry").filter(has_text="Urge").first.inner_text().split())


def done(page: Page) -> None:
    expect(page.locator("#guide")).to_be_visible()
    page.click("#guide-done")
    expect(page.locator("#step-3-title")).to_be_focused()


# --- the loop


def test_from_today_to_the_guided_screen_in_three_taps_and_on_to_the_end(page: Page) -> None:
    taps = loop_taps(page)
    assert len(taps) <= 3, taps
    done(page)
    at_step(page, 3)
    expect(page.locator("#rated")).to_have_text("Urge 7 ·")
    page.click("label[for=after-3]")
    at_step(page, 4)
    expect(page.locator("#step-4-title")).to_be_focused()
    page.click("label[for=trigger-lonely]")
    page.fill("#words", "By the window, three taps")
    page.click("#send")
    expect(page.locator("#logged")).to_contain_text("It went down. You saw to that.")
    expect(page.locator("#to-setback")).to_be_visible()
    entry = newest(page)
    assert "Urge from 7 to 3 of 10" in entry and "Lonely" in entry and "By the window, three taps" in entry
    expect(page.locator("li.entry", has_text="three taps")).to_have_count(1)


def test_still_strong_people_come_before_anything_else(page: Page) -> None:
    start(page)
    page.click("label[for=before-9]")
    turn(page, "#turn-2")
    expect(page.locator("#strong")).to_be_hidden()
    page.click("label[for=after-8]")
    at_step(page, 3)
    expect(page.locator("#urge-said")).to_contain_text("You do not have to carry it alone")
    links = page.locator("#strong a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert links[0].startswith("tel:") and links.index("tel:988") > 0, "one's own people are first"
    page.click("label[for=after-7]")  # it was a slip of the thumb
    at_step(page, 4)
    turn(page, "#turn-back")
    expect(page.locator("#strong")).to_be_hidden()


def test_another_tool_and_one_that_is_not_for_now(page: Page) -> None:
    start(page)
    page.click("label[for=before-6]")
    expect(page.locator(".tool .begin:visible")).to_have_count(1)
    page.click("#more-tools summary")
    page.click("label[for=skill-something-warm]")
    expect(page.locator(".tool .begin:visible")).to_have_count(1)
    page.click("#begin-something-warm")
    expect(page.locator("#guide-say")).not_to_be_empty()
    page.keyboard.press("Escape")  # not this one
    at_step(page, 2)
    page.click("label[for=skill-cold-water]")
    page.click("#begin-cold-water")
    done(page)
    page.click("label[for=after-2]")
    page.click("#send")
    expect(page.locator("#logged .answers")).to_contain_text("Cold water on your face")


def test_what_is_written_on_a_guided_screen_is_kept_with_the_urge(page: Page) -> None:
    start(page)
    page.click("label[for=before-5]")
    page.click("#more-tools summary")
    page.click("label[for=skill-just-this-once]")
    page.click("#begin-just-this-once")
    says(page, "What is the line in your head?")
    page.fill("#guide-words", "Only tonight")
    page.keyboard.press("Escape")
    turn(page, "#turn-2")
    page.click("label[for=after-2]")
    expect(page.locator("#words")).to_have_value("What is the line in your head?\nOnly tonight")
    page.click("#send")
    expect(page.locator("#logged")).to_contain_text("Only tonight")


# --- interrupted


def test_left_between_any_two_steps_it_goes_on_from_there(phone: Callable[..., Page]) -> None:
    """The page is loaded again, the phone is taken away, another one goes on: what was said stays said."""
    page = phone("ben")
    start(page)
    page.click("label[for=before-7]")
    at_step(page, 2)
    page.reload()
    at_step(page, 2)  # its draft is on this phone
    with said(page, 2):
        page.click("#begin-slow-breathing")
    page.keyboard.press("Escape")
    page.goto("/today")
    expect(page.locator("#urge-open")).to_contain_text("Urge 7")

    other = phone("ben")
    other.goto("/today")
    other.click("#urge-go-on")
    at_step(other, 2)
    expect(other.locator("#skill-slow-breathing")).to_be_checked()

    page.go_back()
    at_step(page, 2)
    turn(page, "#turn-2")
    with said(page, 4):
        page.click("label[for=after-4]")
    at_step(page, 4)
    page.close()
    again = phone("ben")
    again.goto("/today")
    again.click("#urge-go-on")
    at_step(again, 4)
    expect(again.locator("#after-4")).to_be_checked()
    again.fill("#words", "On the other phone")
    again.click("#send")
    expect(again.locator("#logged")).to_contain_text("Urge from 7 to 4 of 10")
    assert "Slow, even breathing" in newest(again)
    again.goto("/today")
    expect(again.locator("#urge-open")).to_have_count(0)


def test_finished_on_another_phone_meanwhile_both_are_kept_and_nothing_hangs(phone: Callable[..., Page]) -> None:
    page, other = phone("ben"), phone("ben")
    start(page)
    with said(page, 1):
        page.click("label[for=before-7]")
    other.goto("/today")
    other.click("#urge-go-on")
    turn(other, "#turn-2")
    other.click("label[for=after-1]")
    other.fill("#words", "On the laptop")
    other.click("#send")
    expect(other.locator("#logged")).to_contain_text("On the laptop")
    turn(page, "#turn-2")  # a step that was overtaken is no news
    page.click("label[for=after-5]")
    page.fill("#words", "On the bus")
    page.click("#send")
    expect(page.locator("#urge .error").first).to_contain_text("One thing needs another look")
    expect(page.locator("#words")).to_have_value("On the bus")
    page.click("#send")
    expect(page.locator("#logged")).to_contain_text("On the bus")
    page.goto("/waiting")
    expect(page.locator("#queue-none")).to_be_visible()
    page.goto("/journal")
    for words in ("On the laptop", "On the bus"):
        expect(page.locator("li.entry", has_text=words)).to_have_count(1)


def test_a_draft_of_another_night_is_offered_and_not_in_the_way(phone: Callable[..., Page]) -> None:
    page = phone("ana")
    start(page)
    with said(page, 1):
        page.click("label[for=before-9]")
    page.goto("/today")
    page.click("#urge-start")  # "Another urge"
    at_step(page, 1)
    expect(page.locator("#draft-back")).to_be_visible()
    expect(page.locator("#before-9")).not_to_be_checked()
    page.click("#draft-back")
    at_step(page, 2)
    page.clock.install()
    page.clock.fast_forward("13:00:00")
    start(page)
    expect(page.locator("#draft-back")).to_be_visible()
    at_step(page, 1)


# --- without signal


def test_without_signal_from_end_to_end_and_sent_later_as_one(phone: Callable[..., Page]) -> None:
    page = phone("eli")
    page.goto("/skills/new")
    page.fill("#name", "Calling my aunt")
    page.fill("#steps", "Find her number\nSay hello")
    page.click("#send")
    expect(page.locator("#open-skill")).to_be_visible()
    start(page)
    signal_gone(page)
    page.goto("/urges/new")
    page.click("label[for=before-8]")
    at_step(page, 2)
    page.reload()
    at_step(page, 2)
    page.locator(".tool", has_text="Calling my aunt").locator("label").click()
    page.locator(".tool", has_text="Calling my aunt").locator(".begin").click()
    says(page, "Find her number")
    done(page)
    page.click("label[for=after-6]")
    page.click("label[for=trigger-tired]")
    page.fill("#words", "All without signal")
    page.click("#send")
    expect(page.locator("#step-after")).to_be_visible()
    expect(page.locator("#urge .notice")).to_contain_text("Saved on this phone")
    page.goto("/waiting")
    expect(page.locator("#queue ul > li")).to_have_count(1)
    expect(page.locator("#queue li")).to_contain_text("All without signal")
    page.context.set_offline(False)
    page.goto("/waiting")
    expect(page.locator("#queue-none")).to_be_visible()
    entry = newest(page)
    for words in ("Urge from 8 to 6 of 10", "Calling my aunt", "Tired", "All without signal"):
        assert words in entry
    expect(page.locator("li.entry", has_text="All without signal")).to_have_count(1)


# --- for everybody


def test_by_keyboard_alone_the_arrows_choose_and_do_not_run_away(page: Page) -> None:
    start(page)
    expect(page.locator("#turn-1")).to_be_disabled()
    page.focus("#before-0")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#before-6")).to_be_checked()
    at_first = page.locator("#step-1")
    expect(at_first).to_be_visible()
    page.keyboard.press("Enter")  # in a field it is not the end of it
    expect(at_first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#turn-1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#step-2-title")).to_be_focused()
    page.focus("#turn-2")
    page.wait_for_timeout(450)
    page.keyboard.press("Space")
    expect(page.locator("#step-3-title")).to_be_focused()
    page.focus("#after-0")
    page.keyboard.press("ArrowRight")
    page.focus("#turn-3")
    page.wait_for_timeout(450)
    page.keyboard.press("Enter")
    expect(page.locator("#step-4-title")).to_be_focused()
    page.focus("#send")
    page.keyboard.press("Enter")
    expect(page.locator("#logged")).to_contain_text("Urge from 6 to 1 of 10")


def test_without_a_script_it_is_one_long_form(phone: Callable[..., Page]) -> None:
    page = phone("ana", java_script_enabled=False)
    page.goto("/urges/new")
    for step in range(1, 5):
        expect(page.locator(f"#step-{step}")).to_be_visible()
    expect(page.locator(".tool .begin:visible")).to_have_count(0)
    expect(page.locator("#strong")).to_be_hidden()
    page.check("#before-9", force=True)
    name = page.locator(".tool b").first.inner_text()
    page.locator(".tool label").first.click()
    page.check("#after-9", force=True)
    expect(page.locator("#strong")).to_be_visible()
    page.check("#trigger-conflict", force=True)
    page.click("#send")
    expect(page.locator("#logged")).to_contain_text(name)
    expect(page.locator("#strong a[href='tel:988']")).to_be_visible()


def test_a_number_can_be_reached_by_a_thumb_on_a_small_phone(phone: Callable[..., Page]) -> None:
    page = phone("ana", viewport={"width": 360, "height": 640})
    start(page)
    for number in range(11):
        box = page.locator(f"#before-{number}").bounding_box()
        assert box and box["width"] >= 44 and box["height"] >= 44 and box["y"] + box["height"] < 560
    who = page.locator("#who-fold summary").bounding_box()
    assert who and who["y"] < 560, "who reads it is said before the first tap"
