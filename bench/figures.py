"""The figures of `make figures`, a line each: name = value unit (n = how often it was measured; medians).

`make figures ONLY=lighthouse` measures what starts with that. Nothing is read back from a file.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, CDPSession

from app import assets, demo, main, migrate, offline
from app.access import House
from app.lib.vault import Master
from app.settings import Settings
from app.words import LANGUAGES
from bench import burst, caseload, flags, insights, review, timing, urges, week, workers
from bench.browsing import FLAGS, chromium, sign_in, started
from bench.running import ROOT, environment, free_port, postgres, program, running, wait_for
from tests import matrix, test_shape
from tests.conftest import DATABASES, fresh_postgres

ONLY = os.environ.get("ONLY", "")
TIMES = 5


class Figure(NamedTuple):
    name: str
    value: float
    unit: str
    n: int

    def __str__(self) -> str:
        return f"{self.name} = {self.value:.10g} {self.unit}".rstrip() + f" (n = {self.n})"


Measure = Callable[[], Iterable[Figure]]
MEASURES: list[tuple[Sequence[str], Measure]] = []


def measures(*names: str) -> Callable[[Measure], Measure]:
    """Says which figures a function measures, so that it is left out when none of them is asked for."""

    def listed(measure: Measure) -> Measure:
        MEASURES.append((names, measure))
        return measure

    return listed


# --- from nothing to an answer


@measures("fresh_clone_to_first_answer", "warm_restart_to_first_answer")
def starts() -> Iterator[Figure]:
    """From `git clone` (the last commit, empty caches) or from `make run` until /health answers, in seconds."""
    with tempfile.TemporaryDirectory(prefix="footbridge-clone-") as folder:
        clone = Path(folder) / "footbridge"
        began = time.monotonic()
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
        _answered(clone)
        yield Figure("fresh_clone_to_first_answer", round(time.monotonic() - began, 2), "s", 1)
        yield Figure("warm_restart_to_first_answer", *_median(lambda: _answered(clone)))


def _answered(clone: Path) -> float:
    port, began = free_port(), time.monotonic()
    command, mine = ("make", "run", f"PORT={port}"), _bare(clone)
    with (clone / "said").open("w+") as said, program(command, said, cwd=clone, env=mine) as make:
        wait_for(f"http://localhost:{port}", make, said, patience=600)
        return time.monotonic() - began


def _bare(clone: Path) -> dict[str, str]:
    """An environment without our own virtual environment and without what was downloaded before."""
    mine = environment() | {"PIP_NO_CACHE_DIR": "1", "npm_config_cache": str(clone / ".npm")}
    ours = str(Path(sys.prefix) / "bin")
    path = os.pathsep.join(part for part in mine["PATH"].split(os.pathsep) if part != ours)
    return mine | {"PATH": path, "VIRTUAL_ENV": ""}


def _median(measure: Callable[[], float]) -> tuple[float, str, int]:
    return round(median(measure() for _ in range(TIMES)), 2), "s", TIMES


# --- what the first look at Today costs


@measures("today_first_load_bytes", "today_first_load_requests")
def first_load() -> Iterator[Figure]:
    """Of Today with an empty cache: bytes on the wire (headers and compressed bodies), and requests."""
    with running() as url, started() as browser:
        loads = [_load(browser, url) for _ in range(TIMES)]
    yield Figure("today_first_load_bytes", median(sum(each) for each in loads), "bytes", TIMES)
    yield Figure("today_first_load_requests", median(map(len, loads)), "requests", TIMES)


def _load(browser: Browser, url: str) -> list[float]:
    """The size of each answer, in bytes."""
    context = browser.new_context(base_url=url)
    sign_in(context, "ana")
    page = context.new_page()
    sizes: list[float] = []
    network: CDPSession = context.new_cdp_session(page)
    network.on("Network.loadingFinished", lambda finished: sizes.append(finished["encodedDataLength"]))
    network.send("Network.enable")
    page.goto("/today")
    page.wait_for_load_state("networkidle")
    context.close()
    return sizes


# --- what it takes to work without signal

SCRIPTS = ("shelf", "outbox", "waiting", "queue", "log", "own", "install", "worker", "farewell")


@measures("own_scripts_bytes", "precache_bytes", "precache_requests")
def without_signal() -> Iterator[Figure]:
    """Our scripts for it, as they are written; and what the worker fetches once, apart from the first load (the
    assets among it are in the browser's cache by then, and are counted all the same)."""
    yield Figure("own_scripts_bytes", len(assets.script(*SCRIPTS).encode()), "bytes", len(SCRIPTS))
    with running() as url:
        worker = offline.worker(wanted=True)
        pages = [f"/offline/{language}/{name}" for language in LANGUAGES for name in offline.PAGES]
        sizes = [_zipped(url + address) for address in (*offline.shell()["assets"], *pages)]
    yield Figure("precache_bytes", sum(sizes) + len(gzip.compress(worker.encode())), "bytes", len(sizes) + 1)
    yield Figure("precache_requests", len(sizes) + 1, "requests", 1)


def _zipped(address: str) -> int:
    """The size of a body on the wire, in bytes."""
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"})) as answer:
        return len(answer.read())


# --- Lighthouse

LIGHTHOUSE = ROOT / "bench" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = {"today": "ana", "journal": "ana", "caseload": "cora"}
CATEGORIES = ("performance", "accessibility", "best-practices")
RUNS = 3


@measures(*(f"lighthouse_{page}_{category}" for page in PAGES for category in CATEGORIES))
def lighthouse() -> Iterator[Figure]:
    """As a middling phone sees a page, of 100; signed in."""
    with running() as url, tempfile.TemporaryDirectory(prefix="footbridge-lighthouse-") as folder:
        for page, who in PAGES.items():
            if wanted([f"lighthouse_{page}_{category}" for category in CATEGORIES]):
                cookie = _cookie(url, who)
                runs = [_audited(f"{url}/{page}", cookie, Path(folder) / "report.json") for _ in range(RUNS)]
                for category in CATEGORIES:
                    scores = [run["categories"][category]["score"] * 100 for run in runs]
                    yield Figure(f"lighthouse_{page}_{category}", median(scores), "of 100", RUNS)


def _cookie(url: str, who: str) -> str:
    with started() as browser:
        context = browser.new_context(base_url=url)
        sign_in(context, who)
        return "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())


def _audited(url: str, cookie: str, report: Path, tries: int = 3) -> dict[str, Any]:
    """Lighthouse's report. Now and then Chromium does not begin to navigate; it is asked again."""
    node = shutil.which("node", path=str(Path(sys.prefix) / "bin"))
    command = [
        str(node), str(LIGHTHOUSE), url, "--quiet", "--output=json", f"--output-path={report}",
        f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={json.dumps({'Cookie': cookie})}",
        f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
    ]  # fmt: skip
    for _ in range(tries):
        ended = subprocess.run(
            command, env=os.environ | {"CHROME_PATH": str(chromium())}, capture_output=True, text=True
        )
        found: dict[str, Any] = json.loads(report.read_text()) if ended.returncode == 0 else {}
        if found and not found.get("runtimeError"):
            return found
    raise RuntimeError(ended.stderr[-2000:] or found["runtimeError"])


# --- every route × everybody who has no business there


@measures(*(f"matrix_{what}_{database}" for what in ("requests", "leaks") for database in DATABASES))
def walls() -> Iterator[Figure]:
    """How many requests nobody should make were made, and how many of them were given something away."""
    for database in DATABASES:
        if wanted([f"matrix_requests_{database}", f"matrix_leaks_{database}"]):
            with house_on(database) as house:
                result = matrix.try_everybody(house, demo.make_cast(house, house.clock()))
            yield Figure(f"matrix_requests_{database}", result.requests, "requests", 1)
            yield Figure(f"matrix_leaks_{database}", len(result.leaks), "leaks", 1)
            print(*result.leaks, sep="\n", end="", file=sys.stderr)


@contextmanager
def house_on(database: str) -> Iterator[House]:
    """An empty house on one of the databases."""
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="footbridge-"))
        url = fresh_postgres(opened.enter_context(postgres())) if database == "postgresql" else None
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        settings = Settings(data=data, database_url=url, public_url="https://testserver")
        Master.create(settings.key_file)
        house = main.build(settings)
        migrate.upgrade(house.database)
        yield house
        house.database.engine.dispose()


# --- what works for me, and when urges come

INSIGHTS = (
    "insights_ms_3000_entries",
    "insights_ms_30000_entries",
    "insights_false_alarm_rate",
    "insights_window_power",
)


@measures(*INSIGHTS)
def arithmetic() -> Iterator[Figure]:
    """On made people whose truth is known; the rest of it is printed by `python -m bench.insights`."""
    yield from (Figure(*found) for found in insights.figures() if found[0] in INSIGHTS)


# --- who needs their coach

FLAGS_FOUND = ("flags_sensitivity", "flags_false_per_coach_day")


@measures(*FLAGS_FOUND)
def alarms() -> Iterator[Figure]:
    """On made people whose truth is known; the rest of it is printed by `python -m bench.flags`."""
    yield from (Figure(*found) for found in flags.figures() if found[0] in FLAGS_FOUND)


# --- what the time of an answer tells


@measures(*(f"{what}_{database}" for what in timing.NAMED for database in DATABASES))
def times() -> Iterator[Figure]:
    """How far apart the medians are of answers that have to be alike, in percent: L18 allows 10."""
    for database in DATABASES:
        with house_on(database) as house:
            yield from (Figure(f"{name}_{database}", *found) for name, *found in timing.figures(house))


# --- the calendar

WEEK = [f"{name}_{what}" for name in week.PAGES for what in ("queries", "queries_grown", "ms", "ratio")]


@measures(*WEEK)
def weeks() -> Iterator[Figure]:
    """The week of 300 participants and 60 sessions, for the office and for one of them, against an empty one."""
    with house_on("sqlite") as house:
        yield from (Figure(*found) for found in week.figures(house))


# --- the caseload

LIST = [f"caseload_{what}" for what in ("ms", "growth_ratio", "queries", "queries_grown")]


@measures(*(f"{what}_{database}" for what in LIST for database in DATABASES))
def caseloads() -> Iterator[Figure]:
    """40 people's in a program of 10,000 participants and 3 million entries, against one of 100 and 30,000."""
    for database in DATABASES:
        if wanted([f"{what}_{database}" for what in LIST]):
            with house_on(database) as small, house_on(database) as large:
                yield from (Figure(*found) for found in caseload.figures(small, large, database))


# --- a group comes in

COMES = [
    f"{name}_{processes}_web"
    for processes in burst.PROCESSES
    for name in ("checkin_burst_kept", "checkin_burst_doubled", "checkin_burst_p99_ms", "roster_lag_seconds")
]


@measures(*COMES)
def coming_in() -> Iterator[Figure]:
    """Fifty people, each on two phones at once, check in to one session within ten seconds, over HTTP."""
    yield from (Figure(*found) for found in burst.figures())


# --- more processes

BESIDE = ("workers_3_vs_1", *(f"workers_{processes}_reads" for processes in workers.PROCESSES), "workers_cpu")


@measures(*(f"{what}_{database}" for what in BESIDE for database in DATABASES))
def processes() -> Iterator[Figure]:
    """How much faster three web processes answer than one, on the same database."""
    yield from (Figure(*found) for found in workers.figures())


# --- a coach's morning


@measures("review_keys_per_entry", "review_bytes_per_entry")
def morning() -> Iterator[Figure]:
    """A coach clears twenty entries by keyboard, without the letters of answers; bytes on the wire for each."""
    yield from (Figure(*found) for found in review.figures())


# --- an urge

LOOP = [f"urge_answer_ms_{share}_{step}" for step in ("open", *urges.STEPS) for share in ("p50", "p95")]


@measures("urge_taps_to_guided_screen", *LOOP)
def urge_loop() -> Iterator[Figure]:
    """Taps from Today to a guided screen; and how long each step waits for the server's answer, over HTTP."""
    yield from (Figure(*found) for found in urges.figures())


# --- the code


@measures("functions_median_lines", "functions_p90_lines", "functions_max_lines", "test_to_app_ratio")
def shape() -> Iterator[Figure]:
    """Lines of the bodies of the app's functions, without docstrings; and lines of tests to a line of app."""
    found = test_shape.measure()
    yield Figure("functions_median_lines", found.median, "lines", found.functions)
    yield Figure("functions_p90_lines", round(found.p90, 1), "lines", found.functions)
    yield Figure("functions_max_lines", found.longest, "lines", found.functions)
    yield Figure("test_to_app_ratio", round(found.tests_to_app, 2), "", 1)


# --- asking


def wanted(names: Sequence[str]) -> bool:
    return any(name.startswith(ONLY) for name in names)


def print_figures() -> None:
    for names, measure in MEASURES:
        if wanted(names):
            for figure in measure():
                if wanted([figure.name]):
                    print(figure, flush=True)


if __name__ == "__main__":
    print_figures()
