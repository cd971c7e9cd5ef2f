"""Nothing that somebody logs is lost, comes twice or comes to somebody else: each way of breaking, one at a time.

All of them at once, in an order that a seed chooses, is the storm (tests/faults), of which a short one runs here.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.models.entry import Line
from bench.browsing import sign_in
from tests.browser.conftest import PHONE, READY
from tests.browser.test_drafts import PUT_AWAY
from tests.faults import offline
from tests.faults.phone import CONTROL, Phone, enter, on_phone, until
from tests.faults.proxy import Asked
from tests.faults.server import Stand, stand

pytestmark = pytest.mark.browser
SAVED = "Saved on this phone. It sends by itself."
NOTICE = "form[data-log] .notice"
SENT = 15.0  # s: longer than what waits may take once it can be sent


@pytest.fixture(scope="module")
def at() -> Iterator[Stand]:
    with stand() as made:
        yield made


@pytest.fixture(autouse=True)
def calm(at: Stand) -> Iterator[None]:
    yield
    at.calm()


@pytest.fixture
def words() -> str:
    """Words that nobody has written before."""
    return f"Quillwort {uuid4().hex}"


@pytest.fixture
def arrive(chrome: Browser, at: Stand) -> Iterator[Callable[..., Page]]:
    """A phone on which somebody has been before, so that its worker is there."""
    made: list[BrowserContext] = []

    def make(who: str = "ana", path: str = "/today") -> Page:
        context = chrome.new_context(base_url=at.url, **PHONE)
        context.set_default_timeout(10_000)
        made.append(context)
        sign_in(context, who)
        page = context.new_page()
        page.goto(path)
        page.evaluate(READY)
        return page

    yield make
    for context in made:
        context.close()


@pytest.fixture
def own(chrome: Browser, at: Stand, tmp_path: Path) -> Callable[[], AbstractContextManager[Phone]]:
    """A phone whose profile stays when it is killed."""
    return lambda: on_phone(chrome.browser_type, tmp_path / "phone", at.url)


def write(page: Page, words: str) -> None:
    """A journal page, sent off."""
    page.goto("/journal/new")
    page.fill("#words", words)
    page.click("#send")


def write_without_signal(at: Stand, page: Page, words: str) -> None:
    at.proxy.switch("refuse")
    write(page, words)
    expect(page.locator(NOTICE)).to_contain_text(SAVED)


def kept(at: Stand, words: str, who: str = "ana") -> list[Line]:
    return [line for line in at.kept()[who] if line.words == words]


def kept_once(at: Stand, words: str, who: str = "ana") -> Line:
    """In the end; and in nobody else's record."""
    assert until(lambda: bool(kept(at, words, who)), SENT), "it was not kept"
    [line] = [line for lines in at.kept().values() for line in lines if line.words == words]
    return line


def posts(at: Stand, words: str) -> list[Asked]:
    return [post for post in at.proxy.posts if post.field("words") == words]


def waiting(page: Page) -> int:
    return int(page.evaluate("() => self.outbox.list().then(items => items.length)"))


# --- all at once


def test_a_short_storm(chrome: Browser) -> None:
    found = {figure.name: figure.value for figure in offline.figures(chrome.browser_type, seed=7, submissions=30)}
    assert found["offline_submitted"] == found["offline_kept"] == 30
    for name in ("lost", "doubled", "misplaced", "mistimed", "left_waiting", "plaintext_found", "control_not_found"):
        assert found[f"offline_{name}"] == 0, name
    assert found["offline_slowest_answer"] <= 4
    assert found["urge_loops_submitted"] == found["urge_loops_kept"] >= 1
    for name in ("lost", "steps_lost", "doubled", "misplaced", "forgotten"):
        assert found[f"urge_loops_{name}"] == 0, name


# --- the line


@pytest.mark.parametrize("fate", ["refuse", "cut", "drop", "kill", "fail", "busy", "portal", "strange", "away"])
def test_once_whatever_became_of_the_first_try(fate: str, at: Stand, arrive: Callable[..., Page], words: str) -> None:
    """Cut before it, within it, after it was kept; the server killed; its error; somebody else's page."""
    page, fates = arrive(), iter([fate])
    at.proxy.fate = lambda asked: next(fates, "pass")
    write(page, words)
    expect(page.locator(NOTICE)).to_contain_text(SAVED)
    kept_once(at, words)
    assert until(lambda: waiting(page) == 0, SENT)
    assert [post.fate for post in posts(at, words)][:2] == [fate, "pass"]


# When it was tapped and when the page said something, by the page: who looks from outside looks once a second.
TIMED = """([notice, said]) => {
  addEventListener('click', () => { window.tapped = performance.now(); }, {capture: true, once: true});
  new MutationObserver(() => {
    if (document.querySelector(notice)?.innerText.includes(said)) window.answered ??= performance.now();
  }).observe(document.body, {attributes: true, characterData: true, childList: true, subtree: true});
}"""
SHOWN = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def test_an_answer_within_four_seconds_from_a_line_that_swallows_all(
    at: Stand, arrive: Callable[..., Page], words: str
) -> None:
    page = arrive(path="/journal/new")
    at.proxy.switch("stall")
    page.fill("#words", words)
    page.evaluate(TIMED, [NOTICE, SAVED])
    page.click("#send")
    expect(page.locator(NOTICE)).to_contain_text(SAVED)
    assert page.evaluate("() => answered - tapped") <= 4000
    page.goto("/check-in")
    expect(page.locator("html[data-offline] #check-in-form")).to_be_visible()
    assert page.evaluate(SHOWN) <= 6000
    at.calm()
    page.goto("/today")
    kept_once(at, words)


def test_what_waits_behind_another_waits_for_signal_too(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive()
    write_without_signal(at, page, words)
    write(page, f"{words}, two")
    expect(page.locator(NOTICE)).to_contain_text(SAVED)


def test_busy_is_asked_again_when_it_said(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page, fates = arrive(), iter(["busy", "busy"])
    at.proxy.fate = lambda asked: next(fates, "pass")
    write(page, words)
    kept_once(at, words)
    assert len(posts(at, words)) == 3


def test_the_form_is_free_at_once_and_is_not_touched_again(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    """The next thing may be begun before the first has been sent, and goes under a number of its own."""
    page = arrive(path="/journal/new")
    at.proxy.fate = lambda asked: "stall"
    write(page, words)
    expect(page.locator("#words")).to_have_value("")
    page.fill("#words", f"{words}, two")
    at.calm()
    assert until(lambda: bool(kept(at, words)), 2 * SENT)
    expect(page.locator("#words")).to_have_value(f"{words}, two")
    page.click("#send")
    assert kept_once(at, f"{words}, two").id != kept_once(at, words).id


def test_tapped_twice(at: Stand, arrive: Callable[..., Page]) -> None:
    page = arrive("ben", "/moods/new")
    before = len(at.kept()["ben"])
    at.proxy.fate = lambda asked: "slow"
    page.dblclick("#mood-4")
    expect(page.locator("#said")).not_to_be_empty()
    assert until(lambda: waiting(page) == 0, SENT)
    assert len(at.kept()["ben"]) == before + 1


def test_a_trembling_thumb_on_a_quick_line(at: Stand, arrive: Callable[..., Page]) -> None:
    """The second tap comes after the answer to the first; it still is the same tap."""
    page = arrive("ben", "/moods/new")
    before = len(at.kept()["ben"])
    with page.expect_response("**/moods"):
        page.evaluate("document.getElementById('mood-4').click()")
    page.wait_for_selector("#mood-4[aria-pressed=true]")
    page.evaluate("document.getElementById('mood-4').click()")
    page.wait_for_timeout(700)
    page.click("#mood-4")  # half a second later it is meant
    assert until(lambda: len(at.kept()["ben"]) == before + 2, SENT)
    assert until(lambda: waiting(page) == 0, SENT)


@pytest.mark.parametrize(("path", "nothing"), [("/waiting", "#queue-none"), ("/offline/en/triggers", "#none")])
def test_nothing_is_said_of_what_the_phone_has_before_it_was_asked(
    path: str, nothing: str, phone: Callable[..., Page]
) -> None:
    page = phone("ana", java_script_enabled=False)
    page.goto(path)
    expect(page.locator(nothing)).to_be_hidden()


def test_what_was_sent_does_not_come_back_to_the_list(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    """The list is painted anew while what it showed before is still being unlocked."""
    page = arrive()
    write_without_signal(at, page, words)
    page.goto("/waiting")
    expect(page.locator("#queue li")).to_have_count(1)
    page.evaluate("async () => { const left = await outbox.list(); window.listing(left); await window.listing([]); }")
    page.wait_for_timeout(500)
    expect(page.locator("#queue-none")).to_be_visible()
    expect(page.locator("#queue")).to_be_hidden()


# --- who


def test_a_sign_in_that_ran_out(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive(path="/journal/new")
    page.context.clear_cookies()
    page.fill("#words", words)
    page.click("#send")
    expect(page.locator(NOTICE)).to_contain_text("Sign in, and it sends by itself.")
    assert kept(at, words) == []
    enter(page, "ana")
    kept_once(at, words)
    expect(page.locator("#waiting")).to_contain_text("All sent")


def test_somebody_else_on_this_phone_neither_sees_nor_sends_it(
    at: Stand, arrive: Callable[..., Page], words: str
) -> None:
    page = arrive()
    write_without_signal(at, page, words)
    at.calm()
    at.proxy.fate = lambda asked: "refuse"  # or it would be sent as soon as there is signal
    page.context.clear_cookies()
    enter(page, "ben")
    at.proxy.fate = lambda asked: "pass"
    page.goto("/waiting")
    expect(page.locator("#queue-none")).to_be_visible()
    assert words not in page.content()
    write(page, f"{words}, by Ben")
    kept_once(at, f"{words}, by Ben", "ben")
    expect(page.locator("#waiting")).to_be_hidden()
    assert kept(at, words) == kept(at, words, "ben") == []
    enter(page, "ana")
    kept_once(at, words)


def test_a_page_of_hers_that_is_still_open_waits_for_her(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    hers = arrive(path="/journal/new")
    his = hers.context.new_page()
    hers.context.clear_cookies()
    enter(his, "ben")
    hers.fill("#words", words)
    hers.click("#send")
    expect(hers.locator(NOTICE)).to_contain_text("Saved on this phone.")
    assert kept(at, words) == kept(at, words, "ben") == []
    enter(his, "ana")
    kept_once(at, words)


def test_signing_out_asks_when_something_waits(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive(path="/me")
    me = page.context.new_page()
    me.goto("/me")
    write_without_signal(at, page, words)
    me.click("#out")
    expect(me.locator("#sign-out .notice")).to_contain_text("Not everything could be sent yet.")
    expect(me).to_have_url(re.compile("/me$"))
    at.calm()
    at.proxy.fate = lambda asked: "fail"
    me.click("#leave")
    me.wait_for_url("**/sign-in")
    at.proxy.fate = lambda asked: "pass"
    page.close()
    enter(me, "ana")
    kept_once(at, words)


def test_signing_out_on_a_line_that_swallows_all_asks_as_soon(
    at: Stand, arrive: Callable[..., Page], words: str
) -> None:
    page = arrive()
    me = page.context.new_page()
    me.goto("/me")
    at.proxy.switch("stall")
    write(page, words)
    me.click("#out")
    expect(me.locator("#leave")).to_be_visible(timeout=5000)


def test_signing_out_sends_what_waits_first(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive()
    me = page.context.new_page()
    me.goto("/me")
    write_without_signal(at, page, words)
    page.close()
    at.calm()
    me.click("#out")
    me.wait_for_url("**/sign-in")
    assert len(kept(at, words)) == 1


# --- needs another look


def test_refused_it_comes_back_with_its_words(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive(path="/journal/new")
    page.evaluate("() => document.getElementById('words').removeAttribute('maxlength')")
    long = words + "!" * 20_000
    page.fill("#words", long)
    page.click("#send")
    expect(page.locator("#words-error")).to_contain_text("too long")
    expect(page.locator("#words")).to_have_value(long)
    page.fill("#words", words)
    page.click("#send")
    expect(page.locator("article.entry")).to_contain_text(words)
    kept_once(at, words)
    assert waiting(page) == 0


def test_refused_later_it_is_looked_at_again(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    """What was written without signal and cannot be kept as it is stays on the list, until it is put right."""
    page = arrive(path="/journal/new")
    page.evaluate("() => document.getElementById('words').removeAttribute('maxlength')")
    at.proxy.switch("refuse")
    page.fill("#words", words + "!" * 20_000)
    page.click("#send")
    expect(page.locator(NOTICE)).to_contain_text(SAVED)
    at.calm()
    page.goto("/waiting")
    expect(page.locator("#queue li")).to_contain_text("This needs another look")
    write(page, f"{words}, after it")
    kept_once(at, f"{words}, after it")
    page.goto("/waiting")
    page.get_by_role("button", name="Open it again").click()
    expect(page.locator("#words")).to_have_value(words + "!" * 20_000)
    page.fill("#words", words)
    page.click("#send")
    expect(page.locator("article.entry")).to_contain_text(words)
    line = kept_once(at, words)
    assert {post.id for post in at.proxy.posts if post.field("words").startswith(f"{words}!")} == {str(line.id)}
    assert waiting(page) == 0


def test_the_words_can_be_copied(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    write_without_signal(at, page, words)
    page.goto("/waiting")
    page.get_by_role("button", name="Copy the words").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert words in page.evaluate("() => navigator.clipboard.readText()")


def test_it_says_how_much_waits_and_when_all_is_sent(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive()
    write_without_signal(at, page, words)
    page.fill("#words", f"{words}, two")
    page.click("#send")
    expect(page.locator("#waiting")).to_contain_text(re.compile(r"2\s+waiting to send"))
    at.calm()
    expect(page.locator("#waiting")).to_contain_text("All sent", timeout=SENT * 1000)
    kept_once(at, words)
    kept_once(at, f"{words}, two")
    page.goto("/waiting")
    expect(page.locator("#queue-none")).to_contain_text("Nothing is waiting.")


# --- tabs, and no tab


def test_two_tabs_send_once(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    one = arrive()
    two = one.context.new_page()
    two.goto("/today")
    at.proxy.switch("refuse")
    texts = [f"{words}, {number}" for number in range(4)]
    for number, text in enumerate(texts):
        write((one, two)[number % 2], text)
        expect((one, two)[number % 2].locator(NOTICE)).to_contain_text("Saved on this phone.")
    tries = len(at.proxy.posts)
    at.proxy.fate = lambda asked: "slow"
    at.proxy.switch("pass")
    for page in (one, two):
        page.evaluate("() => { window.dispatchEvent(new Event('online')); }")
    for text in texts:
        kept_once(at, text)
    assert until(lambda: waiting(one) == 0, SENT)
    assert len(at.proxy.posts) == tries + 4


def test_the_worker_sends_with_no_page_open(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive()
    write_without_signal(at, page, words)
    other = page.context.new_page()
    other.goto(f"{at.proxy.url}/manifest.webmanifest")  # no page of ours: only where the worker may be spoken to
    page.close()
    at.calm()
    with worker_of(other) as (dispatch, number):
        dispatch("ServiceWorker.dispatchSyncEvent", {
            "origin": at.url, "registrationId": number, "tag": "outbox", "lastChance": False,
        })  # fmt: skip
        kept_once(at, words)


@contextmanager
def worker_of(page: Page) -> Iterator[tuple[Callable[..., object], str]]:
    """Speaks to the worker as the browser itself does."""
    session, found = page.context.new_cdp_session(page), list[str]()
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(
        one["registrationId"] for one in told["registrations"]
    ))  # fmt: skip
    session.send("ServiceWorker.enable")
    for _ in range(100):
        if found:
            break
        page.wait_for_timeout(50)
    yield session.send, found[0]


def test_the_tab_is_closed_while_it_is_sent(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive()
    at.proxy.fate = lambda asked: "stall"
    write(page, words)
    expect(page.locator(NOTICE)).to_contain_text(SAVED)
    other = page.context.new_page()
    page.close()
    at.calm()
    other.goto("/today")
    kept_once(at, words)


def test_what_was_sent_does_not_come_back_as_a_draft(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    """The tab is closed between sealing and clearing up; the draft's number would then be given to other words."""
    page = arrive(path="/journal/new")
    page.locator("#words").press_sequentially(words)
    page.evaluate(PUT_AWAY, words)
    page.evaluate("() => { window.drafts.sealed = () => {}; }")
    at.proxy.fate = lambda asked: "stall"
    page.click("#send")
    assert until(lambda: waiting(page) == 1, 5)
    other = page.context.new_page()
    page.close()
    at.calm()
    other.goto("/today")
    kept_once(at, words)
    other.goto("/journal/new")
    other.wait_for_timeout(500)
    expect(other.locator("#words")).to_have_value("")


def test_the_phone_dies(own: Callable[[], AbstractContextManager[Phone]], at: Stand, words: str) -> None:
    with own() as phone:
        enter(phone.tab, "ana")
        phone.tab.evaluate(READY)
        write_without_signal(at, phone.tab, words)
        phone.kill()
        at.calm()
        phone.tab.goto("/today")
        if "/sign-in" in phone.tab.url:  # a browser puts its cookies down when it has time
            enter(phone.tab, "ana")
        kept_once(at, words)


# --- without signal from the start


def test_a_cold_start_without_signal(own: Callable[[], AbstractContextManager[Phone]], at: Stand, words: str) -> None:
    with own() as phone:
        enter(phone.tab, "ana")
        phone.tab.evaluate(READY)
    at.proxy.switch("refuse")
    with own() as phone:
        page = phone.tab
        for path, shown in {
            "/moods/new": "#mood-form", "/check-in": "#check-in-form", "/journal/new": "#page",
            "/help": "a[href^='tel:']", "/waiting": "#queue-none", "/today": "#log-mood",
        }.items():  # fmt: skip
            page.goto(path)
            expect(page.locator("html[data-offline]")).to_be_attached()
            expect(page.locator(shown).first).to_be_visible()
        page.goto("/moods/new")
        page.click("#mood-5")
        expect(page.locator(NOTICE)).to_contain_text(SAVED)
        write(page, words)
        expect(page.locator(NOTICE)).to_contain_text("Saved on this phone.")
        before = len(at.kept()["ana"])
        at.calm()
        page.goto("/today")
        if "/sign-in" in page.url:
            enter(page, "ana")
        kept_once(at, words)
        assert len(at.kept()["ana"]) == before + 2


# The clock of a page is so many ms off. Its worker's is not, so the page sends by itself, as where no worker can.
OFF = """(() => {{
  const now = Date.now.bind(Date);
  Date = class extends Date {{
    constructor(...parts) {{ super(...(parts.length ? parts : [now() + {off}])); }}
    static now() {{ return now() + {off}; }}
  }};
  delete ServiceWorkerRegistration.prototype.sync;
}})();"""


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_is_two_days_off(days: int, at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive()
    page.context.add_init_script(OFF.format(off=days * 86_400_000))
    began = datetime.now().astimezone()
    write_without_signal(at, page, words)
    at.calm()
    page.goto("/today")
    happened = kept_once(at, words).happened_at
    assert began - timedelta(seconds=2) < happened < datetime.now().astimezone() + timedelta(seconds=2)


# --- the worker


def caches(page: Page) -> dict[str, list[str]]:
    """name → the paths in it."""
    found: dict[str, list[str]] = page.evaluate("""async () => {
      const found = {};
      for (const name of await caches.keys())
        found[name] = (await (await caches.open(name)).keys()).map(({url}) => new URL(url).pathname);
      return found;
    }""")
    return found


def renew_worker(page: Page) -> None:
    """As a browser does by itself when it comes to a page: it looks for another worker, which takes over.

    Until the other one is active, whatever the first one still says. A Chromium that was just started takes two to
    five seconds to look for it, and another to let it begin, even if it is a single line.
    """
    page.evaluate("""async () => {
      const here = await navigator.serviceWorker.ready, first = here.active;
      await here.update();
      for (let n = 0; n < 400 && (here.active === first || here.active.state !== 'activated'); n += 1)
        await new Promise(resolve => setTimeout(resolve, 50));
    }""")


def test_an_update_takes_nothing_that_is_being_typed(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive(path="/journal/new")
    [before] = caches(page)
    page.fill("#words", words)
    at.proxy.worker += 1
    renew_worker(page)
    [after] = caches(page)
    assert after != before
    expect(page.locator("#words")).to_have_value(words)
    page.click("#send")
    kept_once(at, words)


def test_the_last_worker_takes_all_away_but_what_waits(at: Stand, arrive: Callable[..., Page], words: str) -> None:
    page = arrive()
    write_without_signal(at, page, words)
    at.calm()
    at.proxy.fate = lambda asked: "fail"
    at.server.stop()
    at.server.start(worker=False)
    try:
        page.goto("/today")
        page.evaluate("() => navigator.serviceWorker.getRegistration().then(one => one?.update()).catch(() => {})")
        gone = "() => navigator.serviceWorker.getRegistrations().then(all => all.length)"
        assert until(lambda: page.evaluate(gone) == 0 and caches(page) == {}, SENT)
        assert waiting(page) == 1
        page.reload()
        assert page.evaluate(gone) == 0
        at.calm()
        page.goto("/today")
        kept_once(at, words)
    finally:
        at.server.stop()
        at.server.start()


# --- what can be read on the phone


def test_v14_3_3_what_waits_cannot_be_read_and_what_is_plain_would_be_found(
    own: Callable[[], AbstractContextManager[Phone]], at: Stand, words: str
) -> None:
    with own() as phone:
        enter(phone.tab, "ana")
        phone.tab.evaluate(READY)
        write_without_signal(at, phone.tab, words)
        assert phone.plain(phone.tab, words.split()[1]) == []
        phone.tab.goto("/waiting")
        expect(phone.tab.locator("#queue li")).to_contain_text(words)
        assert phone.plain(phone.tab, words.split()[1]) == []
        phone.tab.evaluate(CONTROL, "plainword")
        found = phone.plain(phone.tab, "plainword")
        assert found[0].startswith("database") and len(found) > 1


@pytest.mark.parametrize("who", ["ana", "cora"])
def test_v14_3_2_nothing_of_anybody_is_in_a_cache(who: str, at: Stand, arrive: Callable[..., Page]) -> None:
    """A coach who uses a phone on which a participant was: nothing of what either looks at is kept for later."""
    page = arrive("ana")
    anonymous = caches(page)
    token = page.get_attribute("html", "data-person")
    if who == "cora":
        enter_as_coach(page)
    for path in ("/", "/me", "/journal", "/journal/months") if who == "ana" else ("/", "/caseload", "/review"):
        page.goto(path)
    if who == "cora":
        page.locator("a[href^='/caseload/']").first.click()
        page.wait_for_url("**/caseload/**")
    assert caches(page) == anonymous
    [paths] = anonymous.values()
    assert [path for path in paths if not path.startswith(("/static/", "/offline/"))] == []
    texts = page.evaluate("""async () => {
      const [name] = await caches.keys(), cache = await caches.open(name), texts = [];
      for (const asked of await cache.keys()) texts.push(await (await cache.match(asked, {ignoreVary: true})).text());
      return texts;
    }""")
    assert len(texts) == len(paths)
    for text in texts:
        assert not re.search(rf"{token}|Ana|Cora Diaz|Harbor", text)


def enter_as_coach(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("#name", "cora@footbridge.example")
    page.fill("#passphrase", "river stone kettle lamp")
    page.click("#sign-in")
    page.wait_for_url("**/caseload")
