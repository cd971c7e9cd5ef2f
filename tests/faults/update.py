"""F18: a new Footbridge comes while something half written is open in two tabs of a phone.

Each round another build is served, whose style sheet, scripts and worker are others at other addresses; the worker
takes over with both pages open. What was typed before and after it is kept, once, whether a tab was loaded again or
not.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

from playwright.sync_api import Page, sync_playwright

from app.offline import HERE
from bench.figures import Figure
from bench.running import ROOT
from tests.faults.phone import Phone, enter, on_phone
from tests.faults.server import CAST, Stand, stand
from tests.faults.storm import RENEW
from tests.faults.writing import SKILL

REST = 500  # ms: a draft is put away as soon as the hands rest
SENT = 20_000  # ms
# A tab each: where its form is, and the form.
TABS = (("/journal/new", "/journal"), (f"/skills/{SKILL}", "/practices"))
VERSION = "() => document.querySelector('link[rel=stylesheet]').href"
WORKERS = "async () => (await caches.keys()).join()"
MARKED = ("static/css/base.css", "static/js/shelf.js", "templates/help.html")


def run(seed: int, rounds: int) -> Iterator[Figure]:
    chance, wrote = Random(seed), list[str]()
    with stand() as at, sync_playwright() as playwright:
        with on_phone(playwright.chromium, at.folder / "phone", at.url) as phone:
            enter(phone.tab, "ana")
            phone.tab.evaluate("async () => { await navigator.serviceWorker.ready }")
            renewed = sum(_round(at, phone, chance, number, wrote) for number in range(rounds))
            left = _left(phone)
        kept = [line.words for who in CAST for line in at.kept()[who]]
    yield Figure("F18_updates", rounds, "builds", rounds)
    yield Figure("F18_workers_renewed", renewed, "", rounds)
    yield Figure("F18_written", len(wrote), "", rounds)
    yield Figure("F18_lost", sum(words not in kept for words in wrote), "", len(wrote))
    yield Figure("F18_doubled", sum(kept.count(words) > 1 for words in wrote), "", len(wrote))
    yield Figure("F18_left_waiting", left, "", len(wrote))


def _round(at: Stand, phone: Phone, chance: Random, number: int, wrote: list[str]) -> bool:
    """Whether another worker had taken over by the end of it."""
    tabs = [phone.context.new_page() for _ in TABS]
    before = tabs[0].context.pages[0].evaluate(WORKERS)
    texts = [f"round {number} tab {tab}: {chance.getrandbits(40):x}" for tab in range(len(TABS))]
    for tab, (path, action), words in zip(tabs, TABS, texts, strict=True):
        tab.goto(path)
        tab.locator(_words(action)).fill(words)
        tab.wait_for_timeout(REST)
    _renew(at, number)
    tabs[0].evaluate(RENEW)
    for tab, (_path, action), words in zip(tabs, TABS, texts, strict=True):
        more = f"{words} and more"
        if chance.random() < 0.5:
            tab.reload()
            assert tab.evaluate(VERSION)
        tab.wait_for_function("([at, said]) => document.querySelector(at)?.value === said", arg=[_words(action), words])
        tab.locator(_words(action)).fill(more)
        _send(tab, action)
        wrote.append(more)
    renewed = bool(tabs[0].evaluate(WORKERS) != before)
    for tab in tabs:
        tab.close()
    return renewed


def _words(action: str) -> str:
    return f"form[data-log][action='{action}'] #words"


def _send(tab: Page, action: str) -> None:
    form = f"form[data-log][action='{action}']"
    before = tab.locator(f"{form} [name=id]").input_value()
    if action == "/practices":
        tab.check(f"{form} #before-7", force=True)
    tab.click(f"{form} #send")
    gone = "([form, id]) => document.querySelector(form)?.elements.id.value !== id"
    tab.wait_for_function(gone, arg=[form, before], timeout=SENT)


def _renew(at: Stand, number: int) -> None:
    """Another build is served in the place of the one that was."""
    build = at.folder / f"build-{number}"
    shutil.copytree(HERE, build / "app", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("node_modules", "migrations"):
        (build / name).symlink_to(ROOT / name)
    for name in MARKED:
        _mark(build / "app" / name, number)
    at.server.stop()
    at.server.build = build
    at.server.start()


def _mark(path: Path, number: int) -> None:
    around = ("{#", "#}") if path.suffix == ".html" else ("/*", "*/")
    path.write_text(f"{path.read_text()}\n{around[0]} build {number} {around[1]}\n")


def _left(phone: Phone) -> int:
    return len(phone.waiting(phone.tab))
