"""One's own triggers: added, changed and removed with scripts and without, by keyboard, and read without signal."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import READY, sealed
from tests.browser.test_axe import AXE, SMALL, TOO_WIDE, found_by_axe
from tests.browser.test_keyboard import FOCUSED, press, tab_to, type_into

pytestmark = pytest.mark.browser
LONG = {"name": "Wilhelmina" * 8, "plan": "unbreakable" * 45}


def cards(page: Page) -> Locator:
    return page.locator("#list .trigger")


def fill(page: Page, risk: int, sort: str, **typed: str) -> None:
    for name, words in typed.items():
        page.fill(f"#{name}", words)
    page.check(f"#risk-{risk}", force=True)
    page.check(f"#sort-{sort}", force=True)
    page.click("#send")


def add(page: Page, risk: int, sort: str, **typed: str) -> None:
    page.click("#add")
    fill(page, risk, sort, **typed)


def remove(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).click()
    page.click("#away summary")
    page.click("#remove")


def empty(page: Page) -> None:
    """Whatever tests left there."""
    page.goto("/triggers")
    for left in range(cards(page).count(), 0, -1):
        page.locator("[id^=open-]").first.click()
        page.click("#away summary")
        page.click("#remove")
        expect(page.locator("#desk")).to_contain_text("Add a trigger")
        expect(cards(page)).to_have_count(left - 1)
        page.goto("/triggers")


@pytest.mark.parametrize("scripted", [True, False], ids=["by htmx", "without JavaScript"])
def test_added_changed_and_removed(phone: Callable[..., Page], scripted: bool) -> None:
    page = phone("ben", java_script_enabled=scripted)
    empty(page)
    expect(page.get_by_role("main")).to_contain_text("Start with the one you know best.")
    page.get_by_role("link", name="Lonely").click()
    expect(page.locator("#sort-lonely")).to_be_checked()
    fill(page, 6, "lonely", name="Sunday alone", plan="I go where people are.")
    expect(cards(page)).to_have_count(1)
    expect(cards(page)).to_contain_text("I go where people are.")

    page.click("#add")
    page.fill("#name", "The bus stop")
    page.click("#send")
    expect(page.locator("#name")).to_have_value("The bus stop")
    expect(page.get_by_role("main")).to_contain_text("Nothing you typed is lost.")
    fill(page, 9, "places", plan="I walk to the next one.")
    expect(cards(page)).to_have_count(2)
    expect(cards(page).first).to_contain_text("The bus stop")

    page.get_by_role("link", name="Sunday alone").click()
    page.click("#edit")
    expect(page.locator("#plan")).to_have_value("I go where people are.")
    expect(page.locator("#risk-6")).to_be_checked()
    fill(page, 10, "times", plan="I call my aunt.")
    expect(cards(page).first).to_contain_text("I call my aunt.")

    page.goto("/triggers")
    remove(page, "Sunday alone")
    expect(cards(page)).to_have_count(1)
    expect(cards(page)).to_contain_text("The bus stop")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your triggers")
    if scripted:
        expect(page.locator("#said")).to_have_text("Removed from your list.")
        assert page.evaluate("document.activeElement !== document.body")
    empty(page)


def test_on_it_twice_is_not_what_a_double_tap_does(phone: Callable[..., Page]) -> None:
    page = phone("ben")
    empty(page)
    page.click("#add")
    page.fill("#name", "The bus stop")
    page.check("#risk-5", force=True)
    page.check("#sort-places", force=True)
    page.dblclick("#send")
    expect(cards(page)).to_have_count(1)
    page.goto("/triggers")
    expect(cards(page)).to_have_count(1)
    empty(page)


def test_by_keyboard_alone(phone: Callable[..., Page]) -> None:
    page = phone("ben", viewport={"width": 360, "height": 640})
    empty(page)
    press(page, "add")
    expect(page).to_have_url(re.compile("/triggers/new$"))
    page.wait_for_load_state()
    type_into(page, "name", "The bus stop")
    type_into(page, "plan", "I walk.")
    tab_to(page, "risk-0")
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#risk-7")).to_be_checked()
    tab_to(page, "sort-people")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED)["id"] == "sort-places"
    press(page, "send")
    expect(cards(page)).to_have_count(1)
    expect(cards(page)).to_contain_text(re.compile("7 of 10"))
    expect(page.locator("#said")).to_have_text("The bus stop is on your list.")
    empty(page)


def test_everybody_can_use_it_however_long_the_words_are(phone: Callable[..., Page]) -> None:
    page = phone("ben", viewport={"width": 360, "height": 640})
    empty(page)
    add(page, 10, "testing-control", **LONG)
    expect(cards(page)).to_have_count(1)
    for path in ("/triggers", "", "/triggers/new?kind=good-times"):
        if path:
            page.goto(path)
        else:
            page.locator("[id^=open-]").click()
            page.click("#away summary")
        page.evaluate(AXE)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert (found_by_axe(page), page.evaluate(SMALL), page.evaluate(TOO_WIDE)) == ([], [], [])
    empty(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_map_is_read_in_words_and_fits(phone: Callable[..., Page], width: int) -> None:
    page = phone("ana", viewport={"width": width, "height": 800})
    page.goto("/triggers/map")
    picture = page.get_by_role("img", name="When urges came: weekdays across, hours down")
    expect(picture).to_have_accessible_description(
        re.compile(
            r"\d+ urges in the last 12 weeks\. Most and strongest: "
            r"\w+day, \d+\s[ap]m to \d+\s[ap]m: \d+ urges, about \d+ of 10"
        )
    )
    box = picture.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width and box["height"] > 300
    page.click("#map-fold summary")
    expect(page.get_by_role("rowheader", name="8 pm")).to_be_visible()
    page.click("#by-tired")
    expect(page.locator("#by-tired")).to_have_attribute("aria-current", "true")
    assert page.evaluate(TOO_WIDE) == []


def test_the_map_reads_without_colour_and_on_paper(phone: Callable[..., Page]) -> None:
    page = phone("ana")
    page.goto("/triggers/map")
    page.emulate_media(forced_colors="active")
    stroke = (
        "document.querySelector('.map .dot circle') && getComputedStyle(document.querySelector('.map .dot circle'))"
    )
    assert page.evaluate(f"({stroke}).stroke === getComputedStyle(document.body).color")
    page.emulate_media(forced_colors="none", media="print")
    expect(page.get_by_role("img", name=re.compile("When urges came"))).to_be_visible()
    assert page.evaluate(f"({stroke}).stroke") == "rgb(0, 0, 0)"
    expect(page.locator("#by")).to_be_hidden()


def kept(page: Page) -> Any:
    """What lies open on the phone's shelf under the name of one's triggers."""
    return page.evaluate(
        """async () => {
          const [found] = await shelf.under(['own', 'triggers']);
          return [found && JSON.parse(await shelf.words(found)), JSON.stringify({...found, sealed: null, iv: null})];
        }"""
    )


def test_the_plans_are_read_without_signal(phone: Callable[..., Page]) -> None:
    page = phone("ben")
    empty(page)
    add(page, 8, "places", name="The bus stop", plan="I walk.\nThen I call.")
    expect(cards(page)).to_have_count(1)
    page.goto("/today")
    page.evaluate(READY)
    sealed(page)
    [one], outside = kept(page)
    assert one["words"] == ["The bus stop", "I walk.\nThen I call.", "Risk 8 of 10"]
    assert not re.search("bus stop|walk", outside)
    page.context.set_offline(True)
    page.goto("/triggers")
    expect(page.locator("#owned")).to_contain_text("The bus stop")
    expect(page.locator("#owned")).to_contain_text("Then I call.")
    expect(page.locator("#whose")).to_contain_text("these are the plans of Ben")
    expect(page.locator("#none")).to_be_hidden()
    page.evaluate(AXE)
    assert (found_by_axe(page), page.evaluate(TOO_WIDE)) == ([], [])
    page.context.set_offline(False)
    empty(page)
    sealed(page)
    page.context.set_offline(True)
    page.goto("/triggers")
    expect(page.locator("#none")).to_be_visible()
    expect(page.locator("#own")).to_be_hidden()
    page.context.set_offline(False)


# Eight urges, one a week, at the hour of half a day ago; and moods at many hours, or nobody could tell.
HARD = """async () => {
  const day = 24 * 3600e3, start = Date.now() - day / 2;
  const id = () => crypto.randomUUID().replace(/^(.{14})4/, '$17');
  const send = (path, at, more) => fetch(path, {method: 'POST', redirect: 'manual', body: new URLSearchParams({
    id: id(), written_at: new Date(at).toISOString(), sent_at: new Date().toISOString(), zone: 'America/New_York',
    ...more})});
  const urge = {before: '8', triggers: 'lonely', visibility: 'private'};
  for (let n = 1; n <= 8; n++) await send('/urges', start - n * 7 * day, urge);
  for (let n = 1; n <= 40; n++) await send('/moods', start - n * 1.3 * day, {mood: '3'});
}"""


def test_hard_hours_are_read_with_a_plan_by_everybody(phone: Callable[..., Page]) -> None:
    page = phone("ben", viewport={"width": 360, "height": 640})
    empty(page)
    page.evaluate(HARD)
    page.goto("/triggers/map")
    expect(page.locator("#hard-1")).to_contain_text(re.compile(r"\w+days, .*\s8 of your \d+ strong urges", re.DOTALL))
    page.click("#hard-plan-1")
    expect(page.locator("#sort-times")).to_be_checked()
    fill(page, 8, "lonely", **LONG)
    expect(cards(page)).to_have_count(1)
    page.goto("/triggers/map")
    expect(page.locator("#hard-1")).to_contain_text(LONG["plan"])
    page.click("#hard-fold summary")
    expect(page.locator("#hard-fold")).to_contain_text("8 strong urges, in 8 different weeks.")
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert (found_by_axe(page), page.evaluate(SMALL), page.evaluate(TOO_WIDE)) == ([], [], [])
    empty(page)


@pytest.mark.parametrize("scripted", [True, False], ids=["by htmx", "without JavaScript"])
def test_the_list_is_shared_and_closed_again(phone: Callable[..., Page], scripted: bool) -> None:
    page, coach = phone("ben", java_script_enabled=scripted), phone("dov", viewport={"width": 360, "height": 640})
    empty(page)
    add(page, 9, "places", **LONG)
    expect(cards(page)).to_have_count(1)
    coach.goto("/caseload")
    coach.goto(coach.locator("[id^=name-]", has_text="Ben").get_attribute("href") or "")
    expect(coach.locator("#triggers")).to_have_count(0)
    page.click("#list-readers a")
    page.click("#turn-trigger")
    expect(page.locator("#sharing-trigger")).to_contain_text("You and Dov Stein")
    coach.reload()
    expect(coach.locator("#triggers")).to_contain_text(LONG["plan"])
    coach.evaluate(AXE)
    assert (found_by_axe(coach), coach.evaluate(SMALL), coach.evaluate(TOO_WIDE)) == ([], [], [])
    page.click("#turn-trigger")
    expect(page.locator("#sharing-trigger")).to_contain_text("Only you")
    coach.reload()
    expect(coach.locator("#triggers")).to_have_count(0)
    empty(page)
