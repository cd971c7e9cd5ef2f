"""The urge loop: how many taps it takes, counted by a browser, and how long the server takes for each step of it."""

import time
from collections.abc import Iterator
from statistics import median, quantiles

import httpx2
from playwright.sync_api import Page

from app.database import new_id
from app.demo import ADDRESS, PASSPHRASE
from bench.browsing import sign_in, started
from bench.running import running

WAY = ("#urge-start", "label[for=before-7]", ".begin:visible")
URGES = 120
RATED = {"rated_at": "2026-11-18T16:40:00Z", "again_at": "2026-11-18T16:52:00Z"}
# All that is known at each step.
FIRST = {"before": "7", "visibility": "shared", **RATED}
SECOND = FIRST | {"skill": "cold-water"}
THIRD = SECOND | {"after": "3"}
LAST = THIRD | {"triggers": "conflict", "words": "In the car."}
STEPS = {"rate": FIRST, "tool": SECOND, "again": THIRD, "save": LAST}


def loop_taps(page: Page) -> list[str]:
    """Tap from Today until the guided screen is there; what was tapped."""
    page.goto("/today")
    for place in WAY:
        page.locator(place).first.click()
        if place == WAY[0]:
            page.wait_for_selector("form.stepwise")
    page.wait_for_selector("#guide[open]")
    return list(WAY)


def taps() -> int:
    with running() as url, started() as browser:
        context = browser.new_context(base_url=url)
        sign_in(context, "ana")
        return len(loop_taps(context.new_page()))


def answers() -> dict[str, list[float]]:
    """By step, how long the server took for each of the urges, in ms: over HTTP, beside a month of demo data."""
    took: dict[str, list[float]] = {step: [] for step in ("open", *STEPS)}
    with running() as url, httpx2.Client(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}) as client:
        client.post("/sign-in", data={"name": ADDRESS.format("ana"), "passphrase": PASSPHRASE})
        for _ in range(URGES):
            took["open"].append(_timed(client, "GET", "/urges/new"))
            for step, said in _loop():
                took[step].append(_timed(client, "POST", "/urges", said))
    return took


def _loop() -> Iterator[tuple[str, dict[str, str]]]:
    number = str(new_id())
    for count, (step, said) in enumerate(STEPS.items(), 1):
        yield step, {"id": number, "step": str(count), "done": "true" if said is LAST else "false", **said}


def _timed(client: httpx2.Client, method: str, path: str, said: dict[str, str] | None = None) -> float:
    began = time.perf_counter()
    answer = client.request(method, path, data=said, headers={"HX-Request": "true"} if said else {})
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200 and (not said or answer.headers["Kept"] == said["id"]), answer.text[:500]
    return took


def figures() -> Iterator[tuple[str, float, str, int]]:
    """(name, value, unit, n) of each."""
    yield "urge_taps_to_guided_screen", taps(), "taps", 1
    for step, took in answers().items():
        yield f"urge_answer_ms_p50_{step}", round(median(took), 1), "ms", len(took)
        yield f"urge_answer_ms_p95_{step}", round(quantiles(took, n=20)[-1], 1), "ms", len(took)
