"""Two people, one phone, and all that can break between them and Footbridge, in an order that a seed chooses."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from threading import Timer

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from app.demo_words import ANA, BEN
from tests.faults.hand import ARRIVED, Hand
from tests.faults.phone import CONTROL, Phone, enter
from tests.faults.proxy import Asked
from tests.faults.server import Stand
from tests.faults.urging import Urging

log = logging.getLogger("faults")

PEOPLE = {"ana": ANA.name, "ben": BEN.name}
# What meets each post, by how often: on a fair day, and in a lift.
FAIR = {"pass": 1}
FOUL = {
    "pass": 6, "drop": 4, "cut": 3, "refuse": 2, "fail": 2, "kill": 2, "blow": 2, "busy": 1, "slow": 1, "stall": 1,
    "portal": 2, "away": 1,
}  # fmt: skip
LINES = {"refuse": 8, "portal": 1, "away": 1, "fail": 1, "slow": 1, "stall": 1}
LOOKS = 6
URGES = 10  # an urge comes to so many other things
HANGS = 60.0  # s: a step takes half of it at the worst
SLOWEST = 6.0  # s for each that is logged, with all that happens in between
DRAINED = 90.0  # s: to send all that waits, when the storm is over
# Looks for another worker, and gives it three seconds to take over.
RENEW = """() => Promise.race([new Promise(resolve => setTimeout(resolve, 3000)),
  navigator.serviceWorker.getRegistration().then(one => one?.update()).then(one => new Promise(resolve => {
    const made = one?.installing ?? one?.waiting;
    if (!made) resolve();
    else made.onstatechange = () => made.state === 'activated' && resolve();
  }))])"""
Step = Callable[[], object]


def one_of(chance: Random, odds: dict[str, int]) -> str:
    return chance.choices(list(odds), list(odds.values()))[0]


class Storm:
    """What happens to whom: every step is one of `_steps`, and the seed says which comes when."""

    def __init__(self, seed: int, at: Stand, phone: Phone) -> None:
        self.chance, self.at, self.phone = Random(seed), at, phone
        self.fates = Random(seed + 1)  # of their own: how often a post comes again depends on the moment
        self.hand = Hand(self.chance, at, phone, f"quillwort{seed}")
        self.found, self.did, self.looks = list[str](), Counter[str](), 0
        breaks: list[Step] = [
            self._elsewhere, self._close, self._die, self._reload, self._airplane, self._break_line, self._mend_line,
            self._change_weather, self._expire, self._swap_people,
        ]  # fmt: skip
        self.urging = Urging(self.hand, breaks)
        # What may stand in no cache: words, names, and what tells one person from another.
        self.nobodys = {self.hand.mark, *PEOPLE.values()}

    def rage(self, submissions: int) -> None:
        self._enter("ana")
        looked, apart, ends = 0, max(1, submissions // LOOKS), time.monotonic() + SLOWEST * submissions
        while (sure := sum(one.sure for one in self.hand.wrote)) < submissions:
            assert time.monotonic() < ends, "hardly anything can be logged"
            step = self.urging.loop if self.did["loop"] * URGES <= sure else self._step()
            log.info("%3d %s %s", sure, step.__name__, self.at.proxy.line)
            self.did[step.__name__.strip("_")] += 1
            self._watched(step)
            if sure >= looked * apart and self._ours():
                looked += 1
                self._watched(self._look)

    def _watched(self, step: Step) -> None:
        """A browser that hangs is killed, as whoever holds the phone would do.

        Seen so far when its tools take it off line, or go to a page, while a worker starts.
        """
        watch = Timer(HANGS, self.phone.crash)
        watch.daemon = True
        watch.start()
        try:
            step()
        except PlaywrightError:
            if not self.phone.dead:
                raise
        finally:
            watch.cancel()
        if self.phone.dead:
            log.warning("the browser hung: %s", step.__name__)
            self.did["browser_hung"] += 1
            self.phone.reopen()
            self._again()

    def _step(self) -> Step:
        steps = self._steps()
        return self.chance.choices(list(steps), list(steps.values()))[0]

    def _steps(self) -> dict[Step, int]:
        return {
            self.hand.log: 60, self._tap_twice: 3, self._log_and_close: 4, self._close_logging: 2, self._log_and_die: 2,
            self._die_logging: 1, self._break_line: 6, self._airplane: 3, self._mend_line: 9, self._change_weather: 6,
            self._expire: 3, self._swap_people: 2, self._sign_out: 1, self._second_tab: 3, self._one_tab: 2,
            self._reload: 4, self._update_worker: 2, self._look_at_waiting: 2,
        }  # fmt: skip

    # --- what becomes of the page

    def _tap_twice(self) -> None:
        self.hand.log(taps=2)

    def _log_and_close(self) -> None:
        """The tab is closed as soon as the page has it, while it is being sent."""
        self.at.proxy.fate = lambda asked: "slow"
        if self.hand.log():
            self._close()
        self._change_weather()

    def _close_logging(self) -> None:
        self.hand.log(leave=self._close)

    def _log_and_die(self) -> None:
        if self.hand.log():
            self._die()

    def _die_logging(self) -> None:
        self.hand.log(leave=lambda tab: self._die())

    def _close(self, tab: Page | None = None) -> None:
        closed = tab or self.phone.tab
        self.phone.context.new_page()
        closed.close()

    def _elsewhere(self) -> None:
        self.hand.go(self.phone.tab, "/today")

    def _die(self) -> None:
        self.phone.kill()
        self._again()

    def _again(self) -> None:
        self.hand.owner, self.hand.airplane = {}, False
        self.hand.go(self.phone.tab, "/today")

    def _second_tab(self) -> None:
        if len(self.phone.tabs) < 2:
            self.hand.go(self.phone.context.new_page(), "/today")

    def _one_tab(self) -> None:
        for tab in self.phone.tabs[:-1]:
            tab.close()

    def _reload(self) -> None:
        with suppress(PlaywrightError):
            self.phone.tab.reload(wait_until="domcontentloaded", timeout=ARRIVED)

    def _look_at_waiting(self) -> None:
        self.hand.go(self.phone.tab, "/waiting")

    def _update_worker(self) -> None:
        """As a browser does by itself now and then; until the new one is there, or could not be fetched."""
        self.at.proxy.worker += 1
        with suppress(PlaywrightError):
            self.phone.tab.evaluate(RENEW)

    # --- the line

    def _break_line(self) -> None:
        self.at.proxy.switch(one_of(self.chance, LINES))

    def _airplane(self, on: bool = True) -> None:
        if self.hand.airplane != on:
            self.phone.context.set_offline(on)
        self.hand.airplane = on

    def _mend_line(self) -> None:
        self.at.proxy.switch("pass")
        self._airplane(False)

    def _change_weather(self) -> None:
        odds = self.chance.choice((FAIR, FOUL, FOUL))

        def fate(asked: Asked) -> str:
            return one_of(self.fates, odds)

        self.at.proxy.fate = fate

    # --- who is here

    def _enter(self, who: str) -> None:
        """Once there is signal. What is sent meanwhile may kill the server just then: so it is tried again."""
        self._mend_line()
        self.hand.who, tab = who, self.phone.tab
        for last in (False, False, True):
            self.at.server.settled()
            with suppress(*([] if last else [PlaywrightError])):
                enter(tab, who)
                break
        self.hand.owner[tab] = who
        self.nobodys.add(str(tab.get_attribute("html", "data-person")))

    def _expire(self) -> None:
        """The sign-in is over. Pages that are open do not know it yet."""
        self.phone.context.clear_cookies()

    def _swap_people(self) -> None:
        """Somebody else signs in, with pages of the other still open in other tabs."""
        self._expire()
        self._enter("ben" if self.hand.who == "ana" else "ana")

    def _sign_out(self) -> None:
        """In good order; what waits is asked about, and stays."""
        tab = self.phone.tab
        self._mend_line()
        self.hand.go(tab, "/me")
        with suppress(PlaywrightError):
            tab.click("#out", timeout=3000)
            tab.wait_for_selector("#leave, #sign-in", timeout=5000)
            if tab.locator("#leave").count():
                tab.click("#leave", timeout=3000)
                tab.wait_for_url("**/sign-in", timeout=5000)
        self._enter(self.chance.choice(list(PEOPLE)))

    # --- what can be read on the phone

    def _ours(self) -> bool:
        """Whether the tab shows a page of ours, that may look at what ours have stored."""
        with suppress(PlaywrightError):
            return bool(self.phone.tab.evaluate("() => 'caches' in self && location.protocol === 'http:'"))
        return False

    def _look(self) -> None:
        """Nothing of anybody's words can be read, and nothing of anybody is in Cache Storage."""
        tab, mark = self.phone.tab, self.hand.mark
        cached = [path for path, whole in self.phone.cached(tab) if any(one in whole for one in self.nobodys)]
        self.found += [*cached, *self.phone.plain(tab, mark)]
        self.looks += bool(self.phone.waiting(tab))
        log.info("    looked: found so far: %s", self.found)

    def control(self) -> bool:
        """Whether words that are put down plainly are found, in the database and on the disk."""
        word = f"control{self.hand.mark}"
        self.phone.tab.evaluate(CONTROL, word)
        return len({place.partition(":")[0] for place in self.phone.plain(self.phone.tab, word)}) >= 2

    # --- after it

    def clear_up(self) -> int:
        """The line holds again, and everybody comes by once. How much waits in spite of that."""
        if self._ours():
            self._watched(self._look)
        self.at.calm()
        for who in PEOPLE:
            self._enter(who)
            self._one_tab()
            self._drain()
        return len(self.phone.waiting(self.phone.tab))

    def _drain(self) -> None:
        """Until the page says that nothing waits."""
        tab, ends = self.phone.tab, time.monotonic() + DRAINED
        while time.monotonic() < ends:
            tab.goto("/waiting")
            tab.wait_for_timeout(700)
            # Not loaded again at once: that would cut off what is just being sent.
            with suppress(PlaywrightError):
                tab.wait_for_selector("#queue", state="hidden", timeout=8000)
            if tab.locator("#queue").is_hidden() and tab.locator("#queue-none").is_visible():
                return
