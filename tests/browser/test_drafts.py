"""What somebody types is not lost: not by a reload, a crash or a sign-in that ran out; and nobody else sees it."""

import os
import re
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.demo import ADDRESS, PASSPHRASE
from bench.browsing import sign_in

pytestmark = pytest.mark.browser
WORDS = "Quillwort grows by the footbridge."
RARE = "quillwort"
# Until these words are put away, as a draft is as soon as the hands rest.
PUT_AWAY = """async words => {
  const form = document.querySelector('form[data-draft]'), place = [form.dataset.draft, form.getAttribute('action')];
  for (let n = 0; n < 200; n += 1) {
    const texts = await Promise.all((await shelf.under(place)).map(one => shelf.words(one)));
    if (texts.some(one => one.includes(words))) return;
    await new Promise(later => setTimeout(later, 50));
  }
  throw new Error('it is not put away');
}"""

# And until nothing is: the phone takes its moment, and who comes back does not come in that moment.
CLEARED = """async () => {
  const form = document.querySelector('form[data-draft]'), place = [form.dataset.draft, form.getAttribute('action')];
  for (let n = 0; n < 200; n += 1) {
    if (!(await shelf.under(place)).length) return;
    await new Promise(later => setTimeout(later, 50));
  }
  throw new Error('it is still there');
}"""


def write(page: Page) -> None:
    page.goto("/journal/new")
    page.locator("#words").press_sequentially(WORDS)
    page.evaluate(PUT_AWAY, WORDS)


def words(page: Page) -> str:
    return page.locator("#words").input_value()


def is_back(page: Page) -> None:
    expect(page.locator("#words")).to_have_value(WORDS)
    expect(page.locator(".draft")).to_contain_text("Your draft is back.")


def is_blank(page: Page) -> None:
    expect(page.locator("html[data-drafts]")).to_be_attached()
    page.wait_for_timeout(300)
    expect(page.locator("#words")).to_have_value("")
    expect(page.locator(".draft")).to_have_count(0)


def sign_in_by_hand(page: Page, name: str) -> None:
    page.fill("#name", ADDRESS.format(name))
    page.fill("#passphrase", PASSPHRASE)
    with page.expect_navigation():
        page.click("#sign-in")


def sign_out(page: Page) -> None:
    page.goto("/me")
    page.click("#out")
    page.wait_for_url("**/sign-in")


def test_a_reload_brings_it_back_until_it_is_kept(phone: Callable[..., Page]) -> None:
    page = phone("ana")
    write(page)
    page.locator("#mood-2").check()
    page.reload()
    is_back(page)
    expect(page.locator("#mood-2")).to_be_checked()
    page.click("#send")
    expect(page.locator("article.entry")).to_contain_text(WORDS)
    page.goto("/journal/new")
    is_blank(page)


def test_gone_after_a_plain_post_too(phone: Callable[..., Page]) -> None:
    """As when htmx did not load: the server says Kept in another way."""
    page = phone("ana")
    page.route("**/static/htmx.*", lambda route: route.fulfill(body=""))
    write(page)
    page.reload()
    is_back(page)
    page.click("#send")
    expect(page.locator("article.entry")).to_contain_text(WORDS)
    page.goto("/journal/new")
    is_blank(page)


def test_leaving_at_once_takes_nothing(phone: Callable[..., Page]) -> None:
    """A link is pressed with the last letter just typed."""
    page = phone("ana")
    page.goto("/journal/new")
    page.locator("#words").press_sequentially(WORDS)
    page.click("#not-now")
    page.wait_for_url("**/journal")
    page.goto("/journal/new")
    is_back(page)


def test_start_over_clears_it(phone: Callable[..., Page]) -> None:
    page = phone("ana")
    write(page)
    page.reload()
    is_back(page)
    page.click("#draft-over")
    page.evaluate(CLEARED)
    page.reload()
    is_blank(page)


def test_somebody_else_on_this_phone_sees_nothing_of_it(phone: Callable[..., Page]) -> None:
    page = phone("ana")
    write(page)
    sign_out(page)
    sign_in_by_hand(page, "ben")
    page.goto("/journal/new")
    is_blank(page)
    sign_out(page)
    sign_in_by_hand(page, "ana")
    page.goto("/journal/new")
    is_back(page)


def test_a_crash_takes_nothing(own_phone: Callable[[Path], AbstractContextManager[Page]], tmp_path: Path) -> None:
    """Killed outright while she writes; on the disk the words are nowhere to be read."""
    with own_phone(tmp_path) as page:
        sign_in(page.context, "ana")
        write(page)
        page.wait_for_timeout(3000)  # by then Chromium has also put down what it wants to open again
        os.kill(browser_of(tmp_path), signal.SIGKILL)
    assert {path for path in tmp_path.rglob("*") if path.is_file() and holds(path, RARE)} == set()
    with own_phone(tmp_path) as page:
        sign_in(page.context, "ana")
        page.goto("/journal/new")
        is_back(page)


def browser_of(profile: Path) -> int:
    """Its own lock says whose the profile is: host-pid."""
    return int(os.readlink(profile / "SingletonLock").rpartition("-")[2])


def holds(path: Path, word: str) -> bool:
    body = path.read_bytes().lower()
    return word.encode() in body or word.encode("utf-16-le") in body


def test_signed_out_while_writing(phone: Callable[..., Page]) -> None:
    """The words are safe on the phone, which says so and where to sign in; after it they send by themselves, once."""
    page = phone("ana")
    write(page)
    page.context.clear_cookies()
    page.click("#send")
    expect(page.locator(".notice")).to_contain_text("Saved on this phone. Sign in, and it sends by itself.")
    assert words(page) == ""
    page.locator(".notice").get_by_role("link", name="Sign in").click()
    sign_in_by_hand(page, "ana")
    expect(page).to_have_url(re.compile("/journal/new$"))
    expect(page.locator("#waiting")).to_contain_text("All sent")
    is_blank(page)
    page.goto("/journal")
    expect(page.locator("main")).to_contain_text(WORDS)


def test_signed_out_from_elsewhere(phone: Callable[..., Page]) -> None:
    """As somebody does whose phone is lost: on another device, under Me."""
    here, lost = phone("ana"), phone()
    known = endings(here)
    sign_in(lost.context, "ana")
    [new] = endings(here) - known
    write(lost)
    with here.expect_navigation():
        here.click(f"form[action='{new}'] button")
    lost.click("#send")
    expect(lost.locator(".notice")).to_contain_text("Saved on this phone. Sign in, and it sends by itself.")
    lost.goto("/waiting")
    expect(lost.locator("#queue")).to_contain_text("Waits until you have signed in.")
    expect(lost.get_by_text(WORDS)).not_to_be_visible()
    lost.goto("/journal")
    expect(lost).to_have_url(re.compile("/sign-in"))
    assert endings(here) == known


def endings(page: Page) -> set[str]:
    """What each of her other sign-ins would be ended by."""
    page.goto("/me")
    return {str(form.get_attribute("action")) for form in page.locator("form[action$='/revocation']").all()}


def test_signed_out_while_writing_without_javascript(phone: Callable[..., Page]) -> None:
    """The page to sign in carries the words, and gives them back to be looked over."""
    page = phone("ana", java_script_enabled=False)
    page.goto("/journal/new")
    page.fill("#words", WORDS)
    page.context.clear_cookies()
    page.click("#send")
    expect(page.locator("main")).to_contain_text("What you typed is kept")
    sign_in_by_hand(page, "ana")
    expect(page.get_by_role("heading", level=1)).to_have_text("Here is what you wrote")
    expect(page.locator("textarea[name=words]")).to_have_value(WORDS)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article.entry")).to_contain_text(WORDS)
