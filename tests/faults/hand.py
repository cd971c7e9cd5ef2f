"""Somebody's hand on a phone: comes to a form, fills it in, sends it, and sees what the page says."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from random import Random

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from tests.faults.phone import Phone, enter
from tests.faults.server import Stand
from tests.faults.writing import SKILL, Wrote, line_for, words_for

log = logging.getLogger("faults")

PAGES = {
    "/moods": ("/today", "/moods/new"), "/check-ins": ("/check-in",), "/journal": ("/journal/new",),
    "/practices": (f"/skills/{SKILL}",),
}  # fmt: skip
ARRIVED = 7000  # ms: longer than the worker waits for the server
ANSWERED = 8.0  # s: longer than a page may ever need to say what became of something

# The form that logs to an address, as it stands: its number, whether it is being sent; none if it is not there.
FORM = """action => {
  const form = document.querySelector(`form[data-log][action="${action}"]`);
  return form && {id: form.elements.id.value, busy: form.hasAttribute('aria-busy')};
}"""


class Hand:
    """`who` is the person who has the phone. `slowest`: the longest that a page took to say what came of it, in s."""

    def __init__(self, chance: Random, at: Stand, phone: Phone, mark: str) -> None:
        self.chance, self.at, self.phone, self.mark = chance, at, phone, mark
        self.who, self.wrote, self.known = "ana", list[Wrote](), set[str]()
        self.owner: dict[Page, str] = {}
        self.slowest, self.without_signal, self.airplane = 0.0, 0, False

    def log(self, leave: Callable[[Page], None] | None = None, taps: int = 1) -> Wrote | None:
        """Write something and send it. `leave` does not wait for what the page says. None: there was no form."""
        tab, action = self.chance.choice(self.phone.tabs), self.chance.choice(list(PAGES))
        if not self._come_to(tab, action):
            return None
        self._claim(tab)
        wrote, before = self._written(tab, action), tab.evaluate(FORM, action)["id"]
        wrote.ids.add(before)
        self.wrote.append(wrote)
        tab.click(self._filled(tab, wrote), no_wait_after=True, click_count=taps)
        if leave:
            leave(tab)
        else:
            wrote.sure = self.answered(tab, action, before)
            self._claim(tab)
        log.info("    %s %s %s %s", wrote.who, action, wrote.words[:24], "" if wrote.sure else "unsure")
        return wrote

    def go(self, tab: Page, path: str) -> None:
        """To a page, past the sign-in if that is possible just now."""
        _visit(tab, path)
        self.owner[tab] = self.who
        if "/sign-in" in tab.url and self.clear():
            with suppress(PlaywrightError):
                enter(tab, self.who)
                _visit(tab, path)
        self.without_signal += tab.locator("html[data-offline]").count()

    def clear(self) -> bool:
        """Whether there is signal."""
        return self.at.proxy.line == "pass" and not self.airplane

    def _come_to(self, tab: Page, action: str) -> bool:
        """To the form; where it is open already it may be used again, and is where a stranger answers for us."""
        there = _is_there(tab, action)
        if there and (self.chance.random() < 0.5 or self.at.proxy.line in ("portal", "away", "fail")):
            return True
        self.go(tab, self.chance.choice(PAGES[action]))
        if not _is_there(tab, action) and action == "/check-ins":
            self.go(tab, "/offline/en/checkins")  # today's is kept already: its own page would change it
        return _is_there(tab, action)

    def _written(self, tab: Page, action: str) -> Wrote:
        mark = f"{self.mark}n{len(self.wrote)}"
        said = {"/moods": "", "/check-ins": line_for(self.chance, mark)}
        words = said.get(action, words_for(self.chance, mark))
        return Wrote(self.owner[tab], action, words, self.chance.randint(1, 5))

    def _filled(self, tab: Page, wrote: Wrote) -> str:
        """Fill the form in; answers the button that sends it."""
        if wrote.action == "/moods":
            return f"#mood-form #mood-{wrote.mood}"
        form = f"form[data-log][action='{wrote.action}']"
        tab.fill(f"{form} #words", wrote.words)
        tab.check(f"{form} #{wrote.scale}-{wrote.mood}", force=True)
        return f"{form} #send"

    def answered(self, tab: Page, action: str, before: str) -> bool:
        """Whether the page has taken it: the form is gone, or is another one, with a number of its own."""
        began, sending = time.monotonic(), False
        while (took := time.monotonic() - began) < ANSWERED:
            tab.wait_for_timeout(40)
            with suppress(PlaywrightError):
                form = tab.evaluate(FORM, action)
                taken = form is None or form["id"] != before
                if taken or (sending and not form["busy"]):
                    self.slowest = max(self.slowest, took)
                    return taken
                sending = form["busy"]
        self.slowest = ANSWERED
        return False

    def _claim(self, tab: Page) -> None:
        """The numbers that nobody knew before are those of what was logged last."""
        with suppress(PlaywrightError):
            new = self.phone.waiting(tab) | {post.id for post in self.at.proxy.posts}
            if self.wrote:
                self.wrote[-1].ids |= new - self.known
                self.known |= self.wrote[-1].ids
            self.known |= new


def _visit(tab: Page, path: str) -> None:
    with suppress(PlaywrightError):
        tab.goto(path, wait_until="domcontentloaded", timeout=ARRIVED)


def _is_there(tab: Page, action: str) -> bool:
    with suppress(PlaywrightError):
        return tab.locator(f"form[data-log][action='{action}'] button[type=submit]").first.is_visible()
    return False
