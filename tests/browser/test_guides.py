"""The guided screens, in a browser whose clock is ours: to the end, interrupted, by keyboard, without signal."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import signal_gone
from tests.browser.test_axe import AXE, found_by_axe

pytestmark = pytest.mark.browser

# What a browser without a screen to keep awake, or without a motor, is asked for; noted here.
NOTED = """
  window.noted = {lock: 0, release: 0, buzz: 0};
  const lock = {release: async () => { noted.release += 1; }};
  Object.defineProperty(navigator, 'wakeLock', {value: {request: async () => { noted.lock += 1; return lock; }}});
  navigator.vibrate = () => { noted.buzz += 1; return true; };
"""
HIDDEN = """hidden => {
  Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def page(phone: Callable[..., Page]) -> Page:
    return noted(phone("ana"))


def noted(page: Page) -> Page:
    page.add_init_script(NOTED)
    page.clock.install()
    return page


def begin(page: Page, key: str) -> None:
    """Begun, and no time goes by but what a test lets go by, however long the test itself takes."""
    page.goto(f"/skills/{key}")
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)
    page.click(f"#begin-{key}")
    expect(page.locator("#guide")).to_be_visible()


def says(page: Page, words: str) -> None:
    expect(page.locator("#guide [role=status]")).to_have_text(words)


def goes_on(page: Page, seconds: float) -> None:
    page.clock.run_for(int(seconds * 1000))


def state(page: Page) -> str | None:
    return page.get_attribute("#guide", "data-state")


# --- each kind, to its end


def test_a_breath_is_paced_to_its_end_and_the_form_knows_how_long_it_took(page: Page) -> None:
    begin(page, "box-breathing")
    for words in ("Breathe in", "Hold gently", "Breathe out", "Rest", "Breathe in"):
        says(page, words)
        goes_on(page, 4.2)
    expect(page.locator("#guide-count")).to_contain_text("2 of 10")
    goes_on(page, 150)
    says(page, "That was all of it. Stay a moment if you like.")
    expect(page.locator("#guide-done")).to_be_focused()
    page.click("#guide-done")
    expect(page.locator("#guide")).to_be_hidden()
    expect(page.locator("#practice-title")).to_be_focused()
    expect(page.locator("#minutes")).to_have_value("3")


def test_steps_go_on_by_themselves_and_by_a_tap_and_back(page: Page) -> None:
    begin(page, "five-senses")
    first = "Find five things you can see. Name each one in your head."
    second = "Four things you can feel: shoes, seat, sleeve, air."
    says(page, first)
    goes_on(page, 41)
    says(page, second)
    page.click("#guide-back")
    says(page, first)
    expect(page.locator("#guide-back")).to_be_disabled()
    page.click("#guide-next")
    says(page, second)
    goes_on(page, 36)
    says(page, "Three sounds. A fan, a car, your own breath.")
    assert state(page) == "playing"


def test_a_wave_lasts_as_long_as_was_chosen(page: Page) -> None:
    begin(page, "ride-the-wave")
    assert state(page) == "ready"
    page.check("#minutes-3", force=True)
    expect(page.locator("#guide-count")).to_contain_text("3:00 left")
    page.click("#guide-turn")
    expect(page.locator("#guide-minutes")).to_be_hidden()
    goes_on(page, 68)
    says(page, "This may be the top. It is loud, and you are still here.")
    goes_on(page, 115)
    assert state(page) == "over"
    page.click("#guide-done")
    expect(page.locator("#minutes")).to_have_value("3")


def test_answers_stand_in_the_line_and_are_kept_with_it(page: Page) -> None:
    begin(page, "just-this-once")
    expect(page.locator("#guide-turn")).to_be_hidden()
    page.fill("#guide-words", "One cannot hurt")
    page.click("#guide-next")
    page.locator("#guide-scale").fill("8")
    expect(page.locator("#guide-shown")).to_have_text("8")
    page.click("#guide-next")
    page.click("#guide-back")
    page.click("#guide-back")
    expect(page.locator("#guide-words")).to_have_value("One cannot hurt")
    page.keyboard.press("Escape")
    wanted = "What is the line in your head?\nOne cannot hurt\n\nHow much do you believe it right now?\n8"
    expect(page.locator("#words")).to_have_value(wanted)
    page.click("#begin-just-this-once")
    expect(page.locator("#guide-words")).to_have_value("One cannot hurt")
    page.keyboard.press("Escape")
    page.clock.resume()
    page.click("#send")
    expect(page.locator("#logged")).to_contain_text("One cannot hurt")


# --- interrupted


def test_when_nobody_looks_it_pauses_and_goes_on_from_there(page: Page) -> None:
    begin(page, "slow-breathing")
    goes_on(page, 3)
    page.evaluate(HIDDEN, True)
    assert state(page) == "paused"
    goes_on(page, 600)
    page.evaluate(HIDDEN, False)
    says(page, "Breathe in")
    page.click("#guide-turn")
    goes_on(page, 2.4)
    says(page, "Breathe out")


def test_a_phone_that_slept_or_whose_clock_was_set_loses_nothing(page: Page) -> None:
    begin(page, "slow-breathing")
    goes_on(page, 1)
    page.clock.fast_forward("30:00")  # asleep: the timers fire once, late
    says(page, "Breathe in")
    page.clock.set_system_time(0)
    goes_on(page, 1)
    says(page, "Breathe in")
    goes_on(page, 3)
    says(page, "Breathe out")


def test_closed_in_the_middle_it_opens_where_it_was(page: Page) -> None:
    begin(page, "five-senses")
    goes_on(page, 41)
    page.keyboard.press("Escape")
    expect(page.locator("#minutes")).to_have_value("1")
    goes_on(page, 100)
    page.click("#begin-five-senses")
    says(page, "Four things you can feel: shoes, seat, sleeve, air.")


# --- the phone itself


def test_the_screen_is_kept_awake_while_it_plays_and_let_go_after(page: Page) -> None:
    begin(page, "box-breathing")
    goes_on(page, 1)
    assert page.evaluate("() => [noted.lock, noted.release]") == [1, 0]
    page.click("#guide-turn")
    assert page.evaluate("() => [noted.lock, noted.release]") == [1, 1]


def test_it_vibrates_only_for_whoever_wants_it_and_remembers(page: Page) -> None:
    begin(page, "box-breathing")
    goes_on(page, 9)
    assert page.evaluate("() => noted.buzz") == 0
    page.check("#guide-buzz")
    goes_on(page, 8)
    assert page.evaluate("() => noted.buzz") == 2
    page.goto("/skills/five-senses")
    expect(page.locator("#guide-buzz")).to_be_checked()


def test_without_what_a_phone_may_not_have_it_plays_all_the_same(phone: Callable[..., Page]) -> None:
    page = phone("ana")
    page.add_init_script("delete Navigator.prototype.wakeLock; delete Navigator.prototype.vibrate")
    page.clock.install()
    begin(page, "box-breathing")
    expect(page.locator("#guide-buzzes")).to_be_hidden()
    goes_on(page, 4.2)
    says(page, "Hold gently")


# --- for everybody


@pytest.mark.parametrize(("motion", "moves"), [("reduce", 0), ("no-preference", 1)])
def test_who_wants_no_motion_has_a_count_instead(phone: Callable[..., Page], motion: str, moves: int) -> None:
    page = noted(phone("ana", reduced_motion=motion))
    begin(page, "box-breathing")
    animated = "() => document.querySelector('.breath [data-mover]').getAnimations().length"
    assert page.evaluate(animated) == moves
    expect(page.locator("#guide-count")).to_contain_text("4 · 1 of 10 · 2:40 left")
    goes_on(page, 1.2)
    expect(page.locator("#guide-count")).to_contain_text("3 · 1 of 10 · 2:39 left")
    # What is read out is the sentence alone, not every second.
    says(page, "Breathe in")


def test_only_transforms_are_moved(phone: Callable[..., Page]) -> None:
    """Whatever else moves has to be laid out or painted anew with each frame."""
    page = noted(phone("ana", reduced_motion="no-preference"))
    for key in ("box-breathing", "five-senses", "ride-the-wave"):
        begin(page, key)
        kinds = """() => document.getAnimations().filter(one => one.effect.target.matches('[data-mover]'))
          .flatMap(one => one.effect.getKeyframes().flatMap(Object.keys))"""
        moved = set(page.evaluate(kinds)) - {"offset", "computedOffset", "easing", "composite"}
        assert moved == {"transform"}, key


def test_by_keyboard_alone(page: Page) -> None:
    page.goto("/skills/five-senses")
    page.focus("#begin-five-senses")
    page.keyboard.press("Enter")
    expect(page.locator("#guide-name")).to_be_focused()
    wanted = ["guide-help", "guide-turn", "guide-next", "guide-done", "guide-buzz"]
    for name in wanted:
        page.keyboard.press("Tab")
        expect(page.locator(f"#{name}")).to_be_focused()
    page.focus("#guide-turn")
    page.keyboard.press("Space")
    assert state(page) == "paused"
    page.keyboard.press("Escape")
    expect(page.locator("#guide")).to_be_hidden()
    expect(page.locator("#begin-five-senses")).to_be_focused()


@pytest.mark.parametrize("key", ["box-breathing", "five-senses", "ride-the-wave", "thought-record"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(phone: Callable[..., Page], key: str, scheme: Any) -> None:
    page = phone("ana", color_scheme=scheme, viewport={"width": 360, "height": 640})
    begin(page, key)
    page.clock.resume()  # axe waits now and then
    page.evaluate(AXE)
    assert found_by_axe(page) == []
    fits = "() => { const one = document.getElementById('guide'); return one.scrollHeight <= one.clientHeight; }"
    assert page.evaluate(fits)


def test_without_a_script_the_steps_are_a_list(phone: Callable[..., Page]) -> None:
    page = phone("ana", java_script_enabled=False)
    page.goto("/skills/box-breathing")
    expect(page.locator("#begin-box-breathing")).to_be_hidden()
    expect(page.locator("ol.how li")).to_have_count(5)
    page.check("#before-6", force=True)
    page.click("#send")
    expect(page.locator("article.entry")).to_contain_text("Before: 6 of 10")


# --- without signal


def test_without_signal_each_skill_opens_plays_and_is_logged_once(phone: Callable[..., Page]) -> None:
    page = phone("eli")
    page.goto("/today")
    signal_gone(page)
    page.goto("/skills")
    page.click("#group-breathing-and-body summary")
    page.click("#library a[href='/skills/cold-water']")
    expect(page.locator("h1")).to_have_text("Cold water on your face")
    expect(page.locator("#skill-cold-water")).to_be_visible()
    expect(page.locator("#skill-box-breathing")).to_be_hidden()
    expect(page.locator("#shelves")).to_be_hidden()
    page.click("#begin-cold-water")
    expect(page.locator("#guide-say")).not_to_be_empty()
    page.keyboard.press("Escape")
    page.check("#after-2", force=True)
    page.fill("#words", "Without signal, with cold water")
    page.click("#send")
    expect(page.locator("#practice .notice")).to_contain_text("Saved on this phone")
    expect(page.locator("#skill")).to_have_value("cold-water")
    page.goto("/waiting")
    expect(page.locator("#queue li")).to_contain_text("Skill used: Cold water on your face")
    page.context.set_offline(False)
    page.goto("/waiting")
    expect(page.locator("#queue-none")).to_be_visible()
    page.goto("/journal")
    kept = page.locator("li.entry", has_text="Without signal, with cold water")
    expect(kept).to_have_count(1)
    expect(kept).to_contain_text("Cold water on your face")


def test_ones_own_skills_are_there_without_signal_too(phone: Callable[..., Page]) -> None:
    page = phone("eli")
    page.goto("/skills/new")
    page.fill("#name", "Calling my brother")
    page.fill("#steps", "Find his number\nSay hello")
    page.click("#send")
    expect(page.locator("#desk")).to_contain_text("Saved: Calling my brother.")
    page.goto("/skills")
    signal_gone(page)
    page.goto("/skills")
    expect(page.locator("[data-owned=skills] li", has_text="Calling my brother")).to_contain_text("Find his number")
