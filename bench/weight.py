"""What Footbridge weighs: until it answers, in memory when nobody asks, on the disk, and under a finger.

`python -m bench.weight` prints the figures.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from app import demo
from app.access import House, opened
from app.database import new_id
from app.models import checkins, journal
from app.models.checkins import CheckInForm
from app.models.journal import JournalForm
from bench.browsing import sign_in, started
from bench.running import ROOT, environment, free_port, program, running, wait_for
from bench.workers import empty_house, lived_in

TIMES, IDLE, ENTRIES, SLOWER = 5, 3.0, 400, 6
WORDS = "Went for a walk after work, called Sam on the way home, and the evening was quiet. " * 6
NAMED = ["cold_start_seconds", "idle_rss_mb", "bytes_per_entry_on_disk", "interaction_ms_6x_cpu"]
# What a finger meets on Today: the longest time until something has changed, of the two moments that a tap is.
LISTEN = """window.longest = 0;
new PerformanceObserver((seen) => seen.getEntries().forEach((one) => {
  if (one.interactionId) { window.longest = Math.max(window.longest, one.duration); }
})).observe({ type: "event", durationThreshold: 16, buffered: true });"""
Found = tuple[str, float, str, int]


def figures(wanted: Callable[[Sequence[str]], bool] = lambda names: True) -> Iterator[Found]:
    """(name, value, unit, n)."""
    if wanted(NAMED[:2]):
        starts, memory = zip(*(_start(folder) for folder in _lived_in()), strict=True)
        yield NAMED[0], round(median(starts), 2), "s", TIMES
        yield NAMED[1], round(median(memory), 1), "MB", TIMES
    if wanted(NAMED[2:3]):
        yield NAMED[2], *on_disk()
    if wanted(NAMED[3:]):
        yield NAMED[3], *under_a_finger()


def _lived_in() -> Iterator[Path]:
    """A folder in which somebody has lived for a month, as many times as it is asked for.

    A start before that writes the bytecode into it, as the image holds it: what is compiled once is no part of a start.
    """
    with tempfile.TemporaryDirectory(prefix="footbridge-weight-") as folder:
        house = empty_house(Path(folder) / "data", "")
        lived_in(house)
        house.database.engine.dispose()
        _start(Path(folder))
        for _ in range(TIMES):
            yield Path(folder)


def _start(folder: Path) -> tuple[float, float]:
    """Seconds until /health answers; and the memory, in MB, of a server that nobody has asked for anything else."""
    port, serve = free_port(), (sys.executable, "-m", "app", "serve")
    with ExitStack() as open_:
        said, began = open_.enter_context((folder / "said").open("w+")), time.monotonic()
        mine = environment(port=port, data=folder / "data") | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
        mine.pop("PYTHONDONTWRITEBYTECODE", None)
        server = open_.enter_context(program(serve, said, cwd=ROOT, env=mine))
        wait_for(f"http://localhost:{port}", server, said)
        took = time.monotonic() - began
        time.sleep(IDLE)
        pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
        return took, pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def on_disk() -> tuple[float, str, int]:
    """Bytes of the SQLite file for an entry, indexes and all: of check-ins and pages of 500 letters in turn."""
    with tempfile.TemporaryDirectory(prefix="footbridge-weight-") as folder:
        house = empty_house(Path(folder) / "data", "")
        cast = demo.make_cast(house, house.clock())
        before = _size(house)
        with opened(house, cast.harbor, "participant", cast.ana, cast.ana) as record:
            for _ in range(ENTRIES // 2):
                checkins.keep(record, CheckInForm(id=new_id(), mood=4, urge=2, stress=3, energy=3, words="Quiet."))
                journal.keep(record, JournalForm(id=new_id(), words=WORDS, mood=4, visibility="shared"))
        return round((_size(house) - before) / ENTRIES), "bytes", ENTRIES


def _size(house: House) -> int:
    with house.database.engine.connect() as connection:
        pages, each, free = (
            connection.exec_driver_sql(f"pragma {name}").scalar_one()
            for name in ("page_count", "page_size", "freelist_count")
        )
    return (int(pages) - int(free)) * int(each)


def under_a_finger() -> tuple[float, str, int]:
    """Milliseconds until the page has changed after a tap on a mood, on a processor that is slowed down six times."""
    with running() as url, started() as browser:
        return median(_tapped(browser, url) for _ in range(TIMES)), "ms", TIMES


def _tapped(browser: Browser, url: str) -> float:
    """The longest of five taps. The browser tells it in steps of 8 ms."""
    context = browser.new_context(base_url=url)
    sign_in(context, "ana")
    page = context.new_page()
    page.add_init_script(LISTEN)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto("/today")
    longest = 0.0
    for number in range(1, 6):
        page.wait_for_load_state("networkidle")
        page.locator(f"#mood-{number}").click()
        page.wait_for_timeout(500)
        longest = max(longest, page.evaluate("window.longest"))
    context.close()
    return longest


if __name__ == "__main__":
    for name, value, unit, n in figures():
        print(f"{name} = {value:.10g} {unit}".rstrip() + f" (n = {n})", flush=True)
