"""Review: how many keys it takes a coach to clear a queue of twenty entries, and what each costs on the wire."""

from collections.abc import Iterator

from playwright.sync_api import CDPSession, Page

from app.database import new_id
from bench.browsing import sign_in, started
from bench.running import running

ENTRIES, ASK = 20, 4
WORDS = "Thank you for writing this down. Let us look at it together on Thursday."


def _fill(page: Page, missing: int) -> None:
    """Ana writes what is missing to a queue of twenty; one of four asks for an answer."""
    for number in range(missing):
        form: dict[str, str | float | bool] = {
            "id": str(new_id()), "words": f"Page {number}. " + "It was a long day, and I went for a walk. " * 6,
            "visibility": "shared", "wants_answer": "true" if number % ASK == 0 else "false",
        }  # fmt: skip
        ours = {"Sec-Fetch-Site": "same-origin"}
        answer = page.context.request.post("/journal", form=form, max_redirects=0, headers=ours)
        assert answer.status == 303, answer.text()


def _waits(page: Page) -> int:
    page.goto("/review/waiting")
    return page.locator("#queue > li").count()


def clear(page: Page, entries: int = ENTRIES) -> int:
    """Read each entry of the queue, and answer those that ask for it; how many keys, without the letters of answers."""
    page.goto("/review")
    keys = 0
    for _ in range(entries):
        keys += _one(page)
    return keys


def _one(page: Page) -> int:
    here = page.locator("#sheet").get_attribute("data-address")
    asks = page.locator("#entry .level").count() > 0
    pressed = ["r", "Tab", "Enter"] if asks else ["m"]
    for key in pressed:
        page.keyboard.press(key)
        if key == "r":
            page.keyboard.insert_text(WORDS)
    page.wait_for_selector(f'#sheet:not([data-address="{here}"])')
    return len(pressed)


def cleared() -> tuple[int, float]:
    """(keys, bytes on the wire: headers and compressed bodies) of clearing twenty entries in a real browser."""
    with running() as url, started() as browser:
        ana, cora = (browser.new_context(base_url=url) for _ in range(2))
        sign_in(ana, "ana")
        sign_in(cora, "cora")
        page = cora.new_page()
        _fill(ana.new_page(), ENTRIES - _waits(page))
        page.goto("/review")
        page.wait_for_load_state("networkidle")
        sizes: list[float] = []
        network: CDPSession = cora.new_cdp_session(page)
        network.on("Network.loadingFinished", lambda finished: sizes.append(finished["encodedDataLength"]))
        network.send("Network.enable")
        return clear(page), sum(sizes)


def figures() -> Iterator[tuple[str, float, str, int]]:
    """(name, value, unit, n) of each."""
    keys, sent = cleared()
    yield "review_keys_per_entry", round(keys / ENTRIES, 2), "keys", ENTRIES
    yield "review_bytes_per_entry", round(sent / ENTRIES), "bytes", ENTRIES


if __name__ == "__main__":
    for name, value, unit, n in figures():
        print(f"{name} = {value} {unit} (n = {n})")
