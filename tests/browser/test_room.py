"""A room with somebody in it: live, by stream and without; and the code, with signal and without."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import signal_gone
from tests.browser.test_axe import AXE, found_by_axe
from tests.browser.test_review import OURS

pytestmark = pytest.mark.browser
Phone = Callable[..., Page]
CAME = re.compile(r"^\s*(here|came late)\s*$")


@pytest.fixture(autouse=True)
def time_enough(phone: Phone) -> None:
    """Two hours to check in: the group begins soon after this Footbridge did, and other tests may be first."""
    answer = phone("pat").request.post("/room", form={"minutes": "120", "wall": "names"}, headers=OURS)
    assert answer.ok


def room_of(page: Page) -> str:
    """To the room that is open now, of the demo data; answers its address."""
    page.goto("/room")
    page.locator("li", has_text="Open group").get_by_role("link").click()
    expect(page.locator("#present")).to_be_visible()
    return page.url


def person(page: Page, name: str) -> str:
    """The selector of somebody in the room."""
    found = page.locator("#present > li", has=page.locator("h3", has_text=name)).get_attribute("id")
    assert found
    return f"#{found}"


def test_a_room_is_live_and_takes_nothing_from_whom_is_writing_in_it(phone: Phone) -> None:
    room, ana = phone("cora", viewport={"width": 1280, "height": 800}), phone("ana")
    room_of(room)
    hers = person(room, "Ana Keller")
    expect(room.locator(f"{hers} .level")).to_have_text("expected")
    room.click(f"{hers} summary")
    room.fill(f"{hers} [id^=reason-]", "She called.")
    code, here = room.inner_text("#code .digits"), int(room.inner_text("#counts b >> nth=0"))

    ana.goto("/today")
    ana.click("a[id^=arrive-]")
    ana.fill("#code", "0000" if code != "0000" else "1111")
    ana.check("#mood-2", force=True)
    ana.fill("#bring_up", "The weekend.")
    ana.click("#send")
    expect(ana.locator("#code-error")).to_be_visible()
    expect(ana.locator("#bring_up")).to_have_value("The weekend.")
    ana.fill("#code", code)
    ana.click("#send")
    expect(ana.locator("#attended")).to_contain_text("You are checked in")

    # What is being written stays; with the next change after it is closed, or at once, it is there.
    expect(room.locator("#counts")).to_contain_text(f"{here + 1} here")
    expect(room.locator(f"{hers} [id^=reason-]")).to_have_value("She called.")
    expect(room.locator(f"{hers} .level")).to_have_text("expected")
    room.click(f"{hers} summary")
    expect(room.locator(f"{hers} .quote")).to_have_text("The weekend.")

    # One tap marks, without the page; the next takes it back; both by htmx on what the script has put in.
    room.evaluate("() => { window.untouched = true; }")
    room.click(f"{hers} [id^=here-]")
    expect(room.locator(f"{hers} [id^=undo-]")).to_be_visible()
    expect(room.locator(hers)).to_contain_text("Cora Diaz marked it")
    room.evaluate(AXE)
    assert found_by_axe(room) == []
    room.click(f"{hers} [id^=undo-]")
    expect(room.locator(f"{hers} [id^=late-]")).to_be_visible()
    assert room.evaluate("() => window.untouched")


def test_it_comes_back_after_a_break_and_goes_on_without_a_stream(phone: Phone) -> None:
    """A stream that cannot be had is asked for again; meanwhile the page asks every few seconds."""
    room, wall = (
        phone("cora", viewport={"width": 1280, "height": 800}),
        phone("cora", viewport={"width": 1280, "height": 800}),
    )
    address = room_of(room)
    room.route("**/changes*", lambda route: route.abort())
    room.reload()
    wall.goto(f"{address}/screen")
    came = wall.locator("#wall li").count()
    theo = person(room, "Theo Lang")
    other = phone("cora")
    room_of(other)
    other.click(f"{person(other, 'Theo Lang')} [id^=here-]")
    expect(wall.locator("#wall li")).to_have_count(came + 1)
    expect(room.locator(f"{theo} .level")).to_have_text("here", timeout=15_000)
    assert wall.locator("button, form, nav").count() == 0


def test_without_signal_the_phone_knows_the_session_and_the_code_counts_later(phone: Phone) -> None:
    room, ben = phone("cora"), phone("ben")
    address = room_of(room)
    [session] = re.findall(r"[0-9a-f-]{36}", address)
    code = room.inner_text("#code .digits")
    ben.goto("/today")
    signal_gone(ben)
    # As the camera opens it.
    ben.goto(f"/attendances/{session}/arrival#{code}")
    expect(ben.locator("#code")).to_have_value(code)
    expect(ben.locator(f"#session-{session}")).to_be_checked()
    expect(ben.locator("#near")).to_contain_text("Open group")
    assert "#" not in ben.url
    ben.check("#mood-3", force=True)
    ben.click("#send")
    expect(ben.locator(".notice:not(.nobody)").first).to_contain_text("Saved on this phone")
    ben.context.set_offline(False)
    ben.goto("/today")
    # The group began within a quarter of an hour after these tests did: by now he may be late.
    expect(room.locator(f"{person(room, 'Ben Ruiz')} .level")).to_have_text(CAME, timeout=20_000)
    expect(room.locator(person(room, "Ben Ruiz"))).to_contain_text("with the code")
