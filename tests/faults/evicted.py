"""F22: a phone throws away what a site kept: all of it, its databases, its caches, its cookies, or the whole profile.

Real Chromium, told to by its own tools, with a page open and without signal. What was acknowledged before is on the
server; what waited is sent, unless the phone threw the waiting away, and of that it had warned; and whoever comes
back signs in and goes on. That a page says so after eight days is asked by a clock that is eight days on.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from random import Random

from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bench.figures import Figure
from tests.faults.hand import Hand
from tests.faults.phone import PATIENCE, Phone, enter, on_phone
from tests.faults.server import Stand, stand
from tests.faults.writing import Wrote, judge

# What goes away, as Chromium calls it.
WAYS = {
    "everything": "all", "databases": "indexeddb", "caches": "cache_storage,service_workers", "cookies": "cookies",
    "profile": "",
}  # fmt: skip
SPARES = ("caches", "cookies")  # they leave what waits
EACH = 5
# A clock that is eight days on.
AWAY = "const now = Date.now; Date.now = () => now() + 8 * 86400 * 1000"
TAP = "#mood-form #mood-4"
SENT = "async () => (await self.outbox.flush()).left.length"
GONE = "id => document.querySelector('#mood-form')?.elements.id.value !== id"


def run(seed: int, rounds: int) -> Iterator[Figure]:
    """`rounds`: of each way."""
    found, chance, wrote, thrown = Counter[str](), Random(seed), list[Wrote](), list[Wrote]()
    with stand() as at, sync_playwright() as playwright:
        with on_phone(playwright.chromium, at.folder / "phone", at.url) as phone:
            for number, way in enumerate([*WAYS] * rounds):
                hand = Hand(chance, at, phone, f"r{number}")
                acked, waited = _round(at, phone, hand, way, found)
                wrote += acked
                (wrote if way in SPARES else thrown).extend(waited)
        kept = at.kept()
    said, times = judge(wrote, kept), len(WAYS) * rounds
    there = {str(line.id) for lines in kept.values() for line in lines}
    yield Figure("F22_evictions", times, "", times)
    yield Figure("F22_acknowledged_before_or_sent_after", said.submitted, "", times)
    yield Figure("F22_lost", said.lost, "", said.submitted)
    yield Figure("F22_thrown_away_by_the_phone", sum(not one.ids & there for one in thrown), "", len(thrown))
    for what in ("unsaid", "left_waiting", "unrecovered"):
        yield Figure(f"F22_{what}", found[what], "", times)


def _round(at: Stand, phone: Phone, hand: Hand, way: str, found: Counter[str]) -> tuple[list[Wrote], list[Wrote]]:
    """What was acknowledged before, and what waited on the phone when it was thrown away."""
    enter(phone.tab, "ana")
    phone.tab.evaluate("async () => { await navigator.serviceWorker.ready }")
    hand.owner[phone.tab] = "ana"
    acked = _logged(hand)
    assert not phone.waiting(phone.tab), "there is signal, and it waits"
    at.proxy.switch("refuse")
    waited = _logged(hand)
    found["unsaid"] += not _warned(phone)
    # Pages come again, and what waits does not go yet: a page of hers is open when it happens.
    at.proxy.fate = lambda _asked: "refuse"
    at.proxy.switch("pass")
    still = phone.context.new_page()
    still.goto("/moods/new")
    _evict(at, phone, way)
    at.proxy.fate = lambda _asked: "pass"
    if way in ("databases", "caches"):
        found["unrecovered"] += not _tapped(still)
    enter(phone.tab, "ana")
    found["left_waiting"] += bool(phone.tab.evaluate(SENT))
    phone.tab.goto("/moods/new")
    found["unrecovered"] += not _tapped(phone.tab)
    for tab in phone.tabs[1:]:
        tab.close()
    return acked, waited


def _logged(hand: Hand) -> list[Wrote]:
    """A few things; a page without their form, or that is not sure of one, counts for none."""
    return [one for one in (hand.log() for _ in range(EACH)) if one and one.sure]


def _warned(phone: Phone) -> bool:
    """Whether the list says that the phone may throw it away, and eight days on each page asks for signal."""
    tab = phone.context.new_page()
    tab.goto("/waiting")
    warns = _seen(tab, "#may-go") and _seen(tab, "#queue")
    tab.add_init_script(AWAY)
    tab.goto("/today")
    asks = _seen(tab, "#waiting [data-while=old]")
    tab.close()
    return warns and asks


def _seen(tab: Page, what: str) -> bool:
    with suppress(PlaywrightTimeout):
        tab.wait_for_selector(what, state="visible", timeout=PATIENCE)
        return True
    return False


def _evict(at: Stand, phone: Phone, way: str) -> None:
    if way == "profile":
        phone.close()
        shutil.rmtree(phone.profile)
        phone.open()
        return
    tools = phone.context.new_cdp_session(phone.tab)
    tools.send("Storage.clearDataForOrigin", {"origin": at.url, "storageTypes": WAYS[way]})
    tools.detach()


def _tapped(tab: Page) -> bool:
    """Whether a mood is taken: its form is another one now."""
    one = tab.locator("#mood-form [name=id]").input_value()
    tab.click(TAP)
    with suppress(PlaywrightTimeout):
        tab.wait_for_function(GONE, arg=one)
        return True
    return False
