"""A real Footbridge and a real Chromium, one of each for a worker; and a phone for everybody."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from playwright.sync_api import Error as PlaywrightError

from bench.browsing import FLAGS, chromium, sign_in, started
from bench.running import running

# In the zone of the program, as those who go there are: in another one it is another day for some hours of each.
PHONE = {
    "viewport": {"width": 390, "height": 844}, "locale": "en-US", "reduced_motion": "reduce",
    "timezone_id": "America/New_York",
}  # fmt: skip
# A browser notes a refused form, a page that is not there, a sign-in that ran out, what it forgets when somebody
# signs out, and that there is no signal. Nothing else may be noted.
EXPECTED = re.compile(
    r"Failed to load resource: (the server responded with a status of (401|404|422)|net::ERR_)|Clear-Site-Data "
)

# Whether the page that asks is the worker's depends on which of them came first; the next page is in any case.
# Not for ever: one page of /offline that does not answer, and no worker comes.
READY = """() => Promise.race([
  navigator.serviceWorker.ready,
  new Promise((_, reject) => setTimeout(reject, 30000, new Error('no worker came: is a page of /offline broken?'))),
]).then(({active}) => active.state)"""

expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with running(development=True) as address:
        yield address


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    # make test installs one or says how: a suite without a browser has not shown what it is for.
    assert chromium() is not None, "there is no Chromium here: install it, or name it in CHROMIUM"
    with started() as browser:
        yield browser


def watch(context: BrowserContext, url: str) -> list[str]:
    """What pages of a context complain of: their console, their errors, and whom else they ask for something."""
    complaints: list[str] = []

    def heard(kind: str, words: str) -> None:
        if kind != "verbose" and not EXPECTED.match(words):
            complaints.append(f"{kind}: {words}")

    def asked(request: Request) -> None:
        if not request.url.startswith((f"{url}/", "data:")):
            complaints.append(f"elsewhere: {request.url}")

    context.on("console", lambda message: heard(message.type, message.text))
    context.on("weberror", lambda wrong: heard("error", str(wrong.error)))
    context.on("request", asked)
    return complaints


def sealed(page: Page) -> None:
    """Wait until what is one's own on this page is on the phone."""
    page.wait_for_selector("html[data-sealed]", state="attached")


def signal_gone(page: Page) -> None:
    """From here on the page has what it needs of the worker and of its own, and no signal."""
    page.evaluate(READY)
    sealed(page)
    page.context.set_offline(True)


@contextmanager
def said(page: Page, step: int) -> Iterator[None]:
    """What is done meanwhile says a step of a form, and the server has it, from the page or from its worker."""
    form = page.locator("form[data-steps]")
    address = f"{form.get_attribute('action')}/{form.locator('[name=id]').input_value()}/edit"
    yield
    until = time.monotonic() + 20
    while f'name="version" value="{step}"' not in page.context.request.get(address).text():
        assert time.monotonic() < until, f"step {step} did not come in"
        page.wait_for_timeout(50)


@pytest.fixture
def phone(chrome: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Makes a browser of its own for somebody of the cast ("" is nobody), at this Footbridge or another."""
    made: list[tuple[BrowserContext, list[str]]] = []

    def make(who: str = "", at: str = url, **also: Any) -> Page:
        context = chrome.new_context(base_url=at, **PHONE | also)
        context.set_default_timeout(10_000)
        made.append((context, watch(context, at)))
        if who:
            sign_in(context, who)
        return context.new_page()

    yield make
    for context, _ in made:
        context.close()
    assert [complaint for _, complaints in made for complaint in complaints] == []


@pytest.fixture
def own_phone(chrome: Browser, url: str) -> Callable[[Path], AbstractContextManager[Page]]:
    """A browser as people start it: with a profile that stays, and with pages kept for the way back."""
    how: dict[str, Any] = PHONE | {"executable_path": chromium(), "args": FLAGS, "base_url": url}

    @contextmanager
    def open_with(profile: Path) -> Iterator[Page]:
        context = chrome.browser_type.launch_persistent_context(
            profile, ignore_default_args=["--disable-back-forward-cache"], **how
        )
        context.set_default_timeout(10_000)
        yield context.pages[0]
        with suppress(PlaywrightError):
            context.close()

    return open_with
