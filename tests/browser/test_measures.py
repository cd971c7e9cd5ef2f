"""Measures in a browser: a tap a question, help first, left and gone on with, without signal, without a script."""

import re
from collections.abc import Callable
from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import signal_gone
from tests.browser.test_axe import AXE, SMALL, TOO_WIDE, found_by_axe
from tests.browser.test_keyboard import press

pytestmark = pytest.mark.browser
# A second tap of a thumb that trembles is none, so one waits a moment.
TREMBLE = 450


def start(page: Page, instrument: str = "phq-9") -> None:
    page.goto(f"/measures/{instrument}/new")
    expect(page.locator("#measure.stepwise")).to_be_visible()
    page.click("#turn-next")
    at(page, 1)


def at(page: Page, question: int) -> None:
    expect(page.locator(f"#part-{question + 1}")).to_be_visible()
    assert page.locator("#measure > section:visible").count() == 1
    page.wait_for_timeout(TREMBLE)


def came_in(page: Page, answer: str) -> None:
    """The server has that answer, from the page or from its worker."""
    form = page.locator("#measure")
    address = f"{form.get_attribute('action')}/{form.locator('[name=id]').input_value()}/edit"
    kept, until = re.compile(rf'id="{answer}"[^>]* checked'), monotonic() + 20
    while not kept.search(page.context.request.get(address).text()):
        assert monotonic() < until, f"{answer} did not come in"
        page.wait_for_timeout(50)


def everyone_can_use(page: Page) -> None:
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert (found_by_axe(page), page.evaluate(SMALL), page.evaluate(TOO_WIDE)) == ([], [], [])


def test_a_tap_a_question_and_help_first(phone: Callable[..., Page]) -> None:
    page = phone("ben", viewport={"width": 360, "height": 640})
    page.goto("/measures/phq-9/new")
    expect(page.locator("#turn-next")).to_be_visible()
    everyone_can_use(page)
    expect(page.get_by_text("your coach is told of that answer as soon as you give it")).to_be_visible()
    began = monotonic()
    start(page)
    page.click("#q-1-2")
    at(page, 2)
    page.click("#turn-back")
    at(page, 1)
    expect(page.locator("#q-1-2")).to_be_checked()
    page.click("#q-1-1")
    for question in range(2, 9):
        at(page, question)
        page.click(f"#q-{question}-0")
    at(page, 9)
    expect(page.locator("#q-9-title")).to_have_text("Question 9 of 9")
    expect(page.locator("#q-9-help")).to_be_hidden()
    page.click("#q-9-1")
    # Nothing moves on: help is there, before the question, and it is kept already.
    expect(page.locator("#q-9-help a[href='tel:988']")).to_be_visible()
    assert page.evaluate("scrollY") == 0
    help_at, asked_at = (page.locator(one).bounding_box() for one in ("#q-9-help", "#q-9-stem"))
    assert help_at and asked_at and help_at["y"] < asked_at["y"]
    came_in(page, "q-9-1")
    everyone_can_use(page)
    page.click("#turn-next")
    expect(page.locator("#part-end-title")).to_be_focused()
    everyone_can_use(page)
    page.click("#send")
    expect(page.locator("#first-help a[href='tel:988']")).to_be_visible()
    expect(page.locator("#result")).to_contain_text("minimal")
    assert monotonic() - began < 300
    everyone_can_use(page)
    page.click("#to-trend")
    expect(page.locator("#table-phq-9-total")).to_contain_text("minimal")
    everyone_can_use(page)


def test_left_in_the_middle_it_goes_on_on_another_device(phone: Callable[..., Page]) -> None:
    here, there = phone("ben"), phone("ben")
    start(here, "gad-7")
    here.click("#q-1-3")
    at(here, 2)
    here.click("#q-2-2")
    came_in(here, "q-2-2")
    there.goto("/today")
    there.click("#measure-go-on")
    expect(there.locator("#q-3-title")).to_be_visible()
    for question in range(3, 8):
        at(there, question)
        there.click(f"#q-{question}-1")
    expect(there.locator("#part-end")).to_be_visible()
    there.click("#send")
    expect(there.locator("#result")).to_contain_text("10 of 21 points")
    # Here its draft is still on the phone; a question was changed, and that is asked about, not lost.
    start_again = here.locator("#q-1-title")
    here.reload()
    expect(here.locator(".draft")).to_be_visible()
    expect(start_again).to_be_hidden()


def test_without_signal_what_does_not_apply_is_passed_over_and_it_sends_by_itself(phone: Callable[..., Page]) -> None:
    page = phone("ben")
    page.goto("/today")
    signal_gone(page)
    start(page, "audit-c")
    page.click("#q-1-0")  # never: the other two are not asked
    expect(page.locator("#part-end-title")).to_be_focused()
    page.click("#turn-back")
    at(page, 1)
    page.click("#q-1-0")
    expect(page.locator("#part-end")).to_be_visible()
    page.click("#send")
    expect(page.locator("#part-after")).to_be_visible()  # its words are there all the time
    page.context.set_offline(False)
    page.goto("/waiting")
    expect(page.locator("#queue-none")).to_be_visible()
    page.goto("/measures/audit-c")
    expect(page.locator("#table-audit-c-total")).to_contain_text("below the mark")


def test_by_keys_the_arrows_choose_and_do_not_run_away(phone: Callable[..., Page]) -> None:
    page = phone("ben")
    start(page, "pacs")
    for question in range(1, 6):
        at(page, question)
        expect(page.locator(f"#q-{question}-title")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        expect(page.locator(f"#q-{question}-1")).to_be_checked()
        press(page, "turn-next")
    expect(page.locator("#part-end-title")).to_be_focused()
    press(page, "send")
    expect(page.locator("#result")).to_contain_text("5 of 30 points")


def test_without_a_script_it_is_one_page_and_help_is_on_it(phone: Callable[..., Page]) -> None:
    page = phone("ben", java_script_enabled=False)
    page.goto("/measures/phq-9/new")
    for question in range(1, 10):
        expect(page.locator(f"#q-{question}-1")).to_be_visible()
    expect(page.locator("#q-9-help")).to_be_hidden()
    page.check("#q-9-2", force=True)
    expect(page.locator("#q-9-help")).to_be_visible()
    page.click("#send")
    expect(page.locator("main .error", has_text="This one has no answer yet.")).to_have_count(8)
    expect(page.locator("#help-first a[href='tel:988']")).to_be_visible()
    for question in range(1, 9):
        page.check(f"#q-{question}-0", force=True)
    page.click("#send")
    expect(page.locator("#first-help a[href='tel:988']")).to_be_visible()
    expect(page.locator("#result")).to_contain_text("2 of 27 points")
