"""A short, seeded part of `make attack ONLY=scripts`: nothing that somebody types comes to life in anybody's page."""

import pytest
from playwright.sync_api import Browser

from tests.attack.scripted import ALIVE, CORPUS, Scripted, settled
from tests.faults.ground import ground

pytestmark = pytest.mark.browser


def test_v1_2_1_v1_3_1_no_words_of_anybody_come_to_life(chrome: Browser) -> None:
    with ground("sqlite") as made:
        done = Scripted(made, settled(made)).run(chrome, seed=7, rounds=1)
    assert done.alive == []
    assert done.typed > 50 and done.opened > 70


# Read as a page, and looked at without being one.
PARSED = f"""one => {{
  const document = new DOMParser().parseFromString(`<main>${{one}}</main>`, 'text/html');
  return ({ALIVE})();
}}"""


def test_what_comes_to_life_is_noticed(chrome: Browser) -> None:
    """Written into a page as it is, much of it would; the rest waits for a place that it would break out of."""
    page = chrome.new_context().new_page()
    assert sum(bool(page.evaluate(PARSED, one)) for one in CORPUS) > len(CORPUS) // 3
    assert page.evaluate(PARSED, "a few words &lt;script&gt;") == []
    page.context.close()
