"""A group is asked for a skill and a reading; one of them does both without signal; who asked sees that it is done."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import signal_gone
from tests.browser.test_room import room_of

pytestmark = pytest.mark.browser
Phone = Callable[..., Page]
WIDE = {"width": 1280, "height": 800}
WAITS = "Saved on this phone. It sends by itself."


def ask(page: Page, what: str) -> None:
    page.select_option("#what", what)
    page.click("#task button[type=submit]")
    expect(page.locator("#tasks")).to_contain_text("0 of")


def test_asked_of_a_group_done_without_signal_and_seen_by_who_asked(phone: Phone) -> None:
    room, ben = phone("cora", viewport=WIDE), phone("ben")
    room_of(room)  # Ben is expected there whatever day it is
    room.click("#to-homework")
    ask(room, "skill:five-senses")
    ask(room, "reading:boundaries")

    ben.goto("/today")
    expect(ben.locator("#assignments")).to_contain_text("Five, four, three, two, one")
    signal_gone(ben)
    ben.goto("/readings/boundaries")
    expect(ben.locator("h1")).to_have_text("Boundaries that hold")
    expect(ben.locator("#reading-boundaries")).to_contain_text("A boundary is not a wall.")
    expect(ben.locator("#themes")).to_be_hidden()
    ben.click("#send")
    expect(ben.locator(".notice:not(.nobody)").first).to_contain_text(WAITS)
    ben.goto("/skills/five-senses")
    ben.click("#send")
    expect(ben.locator(".notice:not(.nobody)").first).to_contain_text(WAITS)
    ben.context.set_offline(False)
    ben.goto("/waiting")
    expect(ben.locator("#queue-none")).to_be_visible()

    ben.goto("/assignments")
    past = ben.locator("#past")
    for name in ("Boundaries that hold", "Five, four, three, two, one"):
        expect(past).to_contain_text(name)
    room.reload()
    for name in ("Boundaries that hold", "Five, four, three, two, one"):
        task = room.locator("#tasks > ul > li", has_text=name)
        expect(task).to_contain_text("1 of")
