"""Chromium: where it is on this machine, how it is started, and somebody of the cast signed in."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from app.demo import ADDRESS, PASSPHRASE

NAMES = ("chromium", "chromium-browser", "google-chrome")
# It asks nobody outside for anything, and runs as root in a container.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium() -> str | None:
    """The path of the browser: the one that is named in CHROMIUM, or the first that is found."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def started() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


def sign_in(context: BrowserContext, name: str) -> None:
    """Sign somebody of the cast in, without a page. The context needs a base_url."""
    form: dict[str, str | float | bool] = {"name": ADDRESS.format(name), "passphrase": PASSPHRASE}
    # As a page of ours says it: who is signed in already needs one.
    ours = {"Sec-Fetch-Site": "same-origin"}
    answer = context.request.post("/sign-in", form=form, headers=ours, max_redirects=0)
    assert answer.status == 303, answer.text()
