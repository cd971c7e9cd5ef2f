"""Every page as axe sees it, and what axe does not look at: targets, overflow, the console."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from bench.screenshots import SCREENS, STILL, Screen, each_look, show

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()

# WCAG 2.2, 2.5.8: 24 × 24 CSS pixels, but for a link in the middle of a sentence. A radio's target is its label.
SMALL = """() => {
  const boxes = element => [element, ...(element.labels ?? [])].map(each => each.getBoundingClientRect());
  const large = ({width, height}) => width >= 24 && height >= 24;
  const unseen = ({width, height}) => width <= 1 && height <= 1;
  const inSentence = element => element.matches('a') && getComputedStyle(element).display === 'inline'
    && element.parentElement.textContent.trim().length > element.textContent.trim().length;
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter(element => element.checkVisibility({visibilityProperty: true}) && !inSentence(element))
    .filter(element => !boxes(element).some(box => large(box) || unseen(box)))
    .map(element => `${element.outerHTML.slice(0, 120)} is ${boxes(element)[0].width} × ${boxes(element)[0].height}`);
}"""
TOO_WIDE = """() => {
  const {scrollWidth, clientWidth} = document.documentElement;
  return scrollWidth <= clientWidth ? [] : [...document.querySelectorAll('body *')]
    .filter(element => element.getBoundingClientRect().right > clientWidth + 1)
    .map(element => element.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def page(phone: Callable[..., Page], screen: Screen) -> Page:
    return phone(screen.who)


def found_by_axe(page: Page, scheme: str = "light") -> list[str]:
    """By all of its rules, once it is still; in the dark, where only colours are others, by those that look at them."""
    page.evaluate(STILL)
    rules = {"runOnly": ["color-contrast", "link-in-text-block"]} if scheme == "dark" else {}
    answer: dict[str, Any] = page.evaluate("rules => axe.run(rules)", rules)
    return [
        f"{wrong['id']}: {node['target']} {node['failureSummary']}"
        for wrong in answer["violations"]
        for node in wrong["nodes"]
    ]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_v3_4_6_l20_everybody_can_use_it(page: Page, screen: Screen) -> None:
    show(page, screen)
    page.evaluate(AXE)
    for width, scheme in each_look(page):
        if width != 390:
            assert {(width, scheme): found_by_axe(page, scheme)} == {(width, scheme): []}
            assert page.evaluate(SMALL) == []
            assert page.evaluate(TOO_WIDE) == []
