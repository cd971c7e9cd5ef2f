"""Every main page with demo data, in three sizes, light and dark, into screenshots/.

`--readme` writes the few that the README shows into docs/screenshots/ instead; `--whole` takes pages to their end.
A new page joins by being listed in SCREENS.
"""

import sys
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page

from bench.browsing import sign_in, started
from bench.running import ROOT, running

SIZES = ((360, 640), (390, 844), (1280, 800))
SCHEMES = ("light", "dark")
FOLDER, README_FOLDER = ROOT / "screenshots", ROOT / "docs" / "screenshots"
README = (("today", 390, "light"), ("journal-entry", 390, "dark"), ("caseload", 1280, "light"))

Way = Callable[[Page], object]


def pressing(start: str, *presses: str) -> Way:
    """From a page, by links and buttons."""

    def go(page: Page) -> None:
        page.goto(start)
        for press in presses:
            page.click(press)

    return go


def _in_journal(entry: str, *presses: str) -> Way:
    """An entry of the journal and on from it, however much was kept since."""

    def go(page: Page) -> None:
        page.goto("/journal")
        while not page.locator(entry).count():
            page.goto(page.locator("#earlier").get_attribute("href") or "")
        for press in (entry, *presses):
            page.click(press)

    return go


def _urge(*presses: str) -> Way:
    """The page of an urge, some steps on. A rating is a tap on what the chip shows."""

    def go(page: Page) -> None:
        page.goto("/today")
        page.goto("/urges/new#fresh")
        page.wait_for_selector("form.stepwise")
        page.wait_for_timeout(300)  # a draft of the one before is put aside
        for press in presses:
            page.locator(press).first.click()

    return go


def _setback(turns: int, *presses: str) -> Way:
    """The page after a setback, some steps on: where a draft of the one before was left, or further.

    A tap that comes too soon after another is a tremble.
    """

    def go(page: Page) -> None:
        page.goto("/setbacks/new")
        page.wait_for_selector("form.stepwise")
        page.wait_for_timeout(300)
        while not page.locator(f"#part-{turns + 1}").is_visible():
            page.click("#turn-next")
            page.wait_for_timeout(450)
        for press in presses:
            page.click(press)
        page.wait_for_function("() => !document.querySelector('form[aria-busy]')")

    return go


def _measure(*answers: int, end: str = "") -> Way:
    """The page of the PHQ-9, so many questions on. A tap that comes too soon after another is a tremble."""

    def go(page: Page) -> None:
        page.goto("/measures/phq-9/new")
        page.wait_for_selector("form.stepwise")
        page.wait_for_timeout(300)
        if page.locator("#draft-over").is_visible():  # of the one before
            page.click("#draft-over")
            page.wait_for_timeout(300)
        page.click("#turn-next")
        for question, points in enumerate(answers, 1):
            page.wait_for_timeout(650)
            page.click(f"#q-{question}-{points}")
        if end:
            page.wait_for_timeout(650)
            page.click(end)
        page.wait_for_function("() => !document.querySelector('form[aria-busy]')")

    return go


def _urge_again(page: Page) -> None:
    with page.expect_response(lambda answer: "kept" in answer.headers):
        _urge(RATED)(page)
    page.goto("/today")
    page.click("#urge-go-on")


def _invite(page: Page) -> None:
    page.goto("/invites/new")
    page.fill("#name", "Mia Oster")
    page.fill("#sign_in_name", "mia@footbridge.example")
    page.select_option("#coach", label="Cora Diaz")
    page.click("#send")
    page.wait_for_selector("#address")


def _invited(page: Page) -> None:
    _invite(page)
    page.goto(page.inner_text("#address"))


def _searched(page: Page) -> None:
    page.goto("/journal/search")
    page.fill("#term", "the")
    page.click("#send")
    page.wait_for_selector("[role=status]:not(#said)")


def _refused(page: Page) -> None:
    page.goto("/journal/new")
    page.click("#send")
    page.wait_for_selector("[aria-invalid=true]")


def without_signal(path: str, *logged: str) -> Way:
    """As the worker shows it, after some moods were tapped that could not be sent."""

    def go(page: Page) -> None:
        page.context.set_offline(False)
        page.goto("/today")
        page.wait_for_function("() => navigator.serviceWorker.controller", timeout=30_000)
        page.context.set_offline(True)
        for mood in logged:
            page.goto("/moods/new")
            page.click(mood)
            page.wait_for_selector(".notice:not(.nobody)")
        page.goto(path)

    return go


class Screen(NamedTuple):
    """A page: its name, who looks at it (nobody: ""), and its address, or the way there by hand."""

    name: str
    who: str
    path: str | Way


RATED = "label[for=before-7]"

# A session that is not called off, as on a day off; and one that has not begun either: the last that is listed.
TAKES_PLACE = "li:not(:has(s)) > .row [id^=open-]"
TO_COME = f"{TAKES_PLACE} >> nth=-1"

# Until nothing is on its way (a form says so a task after it was sent), and no colour is between two others. It waits
# by itself: of a question that takes time, wait_for_function takes the first answer, whatever it is.
STILL = """async () => {
  for (let n = 0; n < 500; n += 1) {
    await new Promise(later => setTimeout(later, 20));
    if (!document.querySelector('form[aria-busy]')
      && document.getAnimations().every(one => !(one instanceof CSSTransition) || one.playState !== 'running')) return;
  }
  throw new Error('it does not become still');
}"""


def _heavy(page: Page) -> None:
    """What is kept of a page whose words ask for help."""
    page.goto("/journal/new")
    page.fill("#words", "I do not want to live any more. I cannot see a way.")
    page.check("#visibility-shared", force=True)
    page.click("#send")
    page.wait_for_selector("#near")


# On Cora's list.
ANA = "#waiting >> text=Ana Keller"
SCREENS = (
    Screen("sign-in", "", "/sign-in"),
    Screen("help", "", "/help"),
    Screen("patterns", "", "/patterns"),
    Screen("today", "ana", "/today"),
    Screen("log", "ana", "/log"),
    Screen("mood", "ana", "/moods/new"),
    Screen("mood-saved", "ana", pressing("/moods/new", "#mood-4")),
    Screen("journal", "ana", "/journal"),
    Screen("journal-entry", "ana", _in_journal("main a[href^='/journal/'][id^=open]")),
    Screen("journal-edit", "ana", _in_journal("main a[href^='/journal/'][id^=open]", "[id^=edit-]")),
    Screen("journal-new", "ana", "/journal/new"),
    Screen("journal-prompt", "ana", pressing("/journal/new", "#prompts summary", "#prompts a")),
    Screen("journal-refused", "ana", _refused),
    Screen("check-in-entry", "ana", _in_journal("main a[href^='/entries/']:has-text('Check-in')")),
    Screen("days", "ana", "/journal/months"),
    Screen("search", "ana", _searched),
    Screen("bin", "ana", "/journal/bin"),
    Screen("me", "ana", "/me"),
    Screen("openings", "ana", "/me/openings"),
    Screen("sessions", "ana", "/sessions"),
    Screen("session", "ana", pressing("/sessions", TO_COME, "#cannot summary")),
    Screen("attendance", "ana", "/attendance"),
    Screen("letters", "ana", "/letters"),
    Screen("letter", "ana", pressing("/letters", "#papers a")),
    Screen("letter-new", "ana", "/letters/new"),
    Screen("letter-refused", "ana", pressing("/letters/new", "#send")),
    Screen("assignments", "ana", "/assignments"),
    Screen("readings", "ana", "/readings"),
    Screen("reading", "ana", "/readings/cravings-and-triggers"),
    Screen("feeds", "ana", "/feeds"),
    Screen("feed", "ana", pressing("/feeds", "#send")),
    Screen("attend", "ana", "/attendances"),
    Screen("room", "cora", pressing("/room", "#rooms a")),
    Screen("room-screen", "cora", pressing("/room", "#rooms a", "#to-screen")),
    Screen("load", "pat", "/load"),
    Screen("rooms", "pat", "/room"),
    Screen("packet", "ana", "/packet"),
    Screen("contacts", "ana", "/contacts"),
    Screen("contacts-open", "ana", pressing("/contacts", "#change summary")),
    Screen("contact-edit", "ana", pressing("/contacts", "#change summary", "[id^=edit-]")),
    Screen("triggers", "ana", "/triggers"),
    Screen("trigger", "ana", pressing("/triggers", "[id^=open-]")),
    Screen("trigger-edit", "ana", pressing("/triggers", "[id^=open-]", "#edit")),
    Screen("trigger-new", "ana", "/triggers/new?kind=lonely"),
    Screen("urge-map", "ana", pressing("/triggers/map", "#map-fold summary")),
    Screen("urge-map-by", "ana", pressing("/triggers/map", "#by-tired")),
    Screen("urge", "ana", _urge()),
    Screen("urge-who", "ana", _urge("#who-fold summary")),
    Screen("urge-tools", "ana", _urge(RATED)),
    Screen("urge-call", "ana", _urge(RATED, "#rather-call summary")),
    Screen("urge-guide", "ana", _urge(RATED, ".begin:visible")),
    Screen("urge-again", "ana", _urge(RATED, "#turn-2")),
    Screen("urge-strong", "ana", _urge(RATED, "#turn-2", "label[for=after-9]")),
    Screen("urge-why", "ana", _urge(RATED, "#turn-2", "label[for=after-3]")),
    Screen("urge-saved", "ana", _urge(RATED, "#turn-2", "label[for=after-3]", "label[for=trigger-conflict]", "#send")),
    Screen("urge-edit", "ana", _urge_again),
    Screen("setback", "ana", _setback(0)),
    Screen("setback-safe", "ana", _setback(2)),
    Screen("setback-tell", "ana", _setback(5, "label[for=visibility-shared]")),
    Screen("setback-saved", "ana", _setback(5, "#send")),
    Screen("recovery", "ana", "/recovery"),
    Screen("measures", "ana", "/measures"),
    Screen("measure-before", "ana", "/measures/phq-9/new"),
    Screen("measure-over-time", "ana", pressing("/measures/phq-9", ".course .fold summary")),
    Screen("measure", "ana", _measure(1, 2)),
    Screen("measure-help", "ana", _measure(1, 2, 1, 0, 1, 1, 0, 1, 1)),
    Screen("measure-saved", "ana", _measure(1, 1, 1, 0, 1, 0, 0, 0, 0, end="#send")),
    Screen("skills", "ana", "/skills"),
    Screen("skill", "ana", "/skills/box-breathing"),
    Screen("guide-pace", "ana", pressing("/skills/box-breathing", ".begin")),
    Screen("guide-steps", "ana", pressing("/skills/five-senses", ".begin")),
    Screen("guide-wave", "ana", pressing("/skills/ride-the-wave", ".begin")),
    Screen("guide-wave-on", "ana", pressing("/skills/ride-the-wave", ".begin", "#guide-turn", "#guide-next")),
    Screen("guide-questions", "ana", pressing("/skills/thought-record", ".begin")),
    Screen("guide-scale", "ana", pressing("/skills/delay-distract-decide", ".begin")),
    Screen("skill-new", "ana", "/skills/new"),
    Screen("practice-refused", "ana", pressing("/skills", "#send")),
    Screen("help-program", "ana", "/help"),
    Screen("not-found", "ana", "/nothing-here"),
    Screen("welcome", "ben", "/welcome"),
    Screen("today-new", "ben", "/today"),
    Screen("check-in", "ben", "/check-in"),
    Screen("check-in-saved", "ben", pressing("/check-in", "label[for=mood-4]", "label[for=urge-3]", "#send")),
    Screen("check-in-again", "ben", "/check-in"),
    Screen("contacts-new", "ben", "/contacts"),
    Screen("days-new", "ben", "/journal/months"),
    Screen("install", "ben", "/install"),
    Screen("waiting-none", "ben", "/waiting"),
    Screen("offline-triggers", "ben", without_signal("/triggers")),
    Screen("offline", "eli", without_signal("/journal")),
    Screen("offline-mood", "eli", without_signal("/moods/new")),
    Screen("offline-check-in", "eli", without_signal("/check-in")),
    Screen("offline-journal", "eli", without_signal("/journal/new")),
    Screen("offline-skills", "eli", without_signal("/skills")),
    Screen("offline-skill", "eli", without_signal("/skills/cold-water")),
    Screen("offline-urge", "eli", without_signal("/urges/new")),
    Screen("offline-setback", "eli", without_signal("/setbacks/new")),
    Screen("offline-measure", "eli", without_signal("/measures/gad-7/new")),
    Screen("offline-help", "eli", without_signal("/help")),
    Screen("waiting", "eli", without_signal("/waiting", "#mood-2", "#mood-4")),
    Screen("offline-nobody", "", "/offline/en/moods"),
    Screen("covers", "cora", "/covers"),
    Screen("caseload", "cora", "/caseload"),
    Screen("groups", "cora", "/groups"),
    Screen("group", "cora", pressing("/groups", "#groups a:has-text('Evening group')")),
    Screen("person-attendance", "cora", pressing("/caseload", "text=Ana Keller", "#to-attendance")),
    Screen("asking", "cora", pressing("/caseload", "main a:has-text('Ana Keller')", "#to-assignments")),
    Screen("room-homework", "cora", pressing("/room", "#rooms a.btn", "#to-homework")),
    Screen("participant", "cora", pressing("/caseload", ANA)),
    Screen("participant-summary", "cora", pressing("/caseload", ANA, "#to-summary")),
    Screen("participant-notes", "cora", pressing("/caseload", ANA, "#to-notes")),
    Screen("participant-note", "cora", pressing("/caseload", ANA, "#to-notes", "[id^=change-]")),
    Screen("review", "cora", "/review"),
    Screen("review-flag", "cora", pressing("/review", "#flag summary")),
    Screen("review-waiting", "cora", "/review/waiting"),
    Screen("follow-ups", "cora", pressing("/review/waiting", "#queue a:has-text('Ana Keller')", "#to-follow-ups")),
    Screen("coach-me", "cora", "/me"),
    Screen("people", "pat", "/people"),
    Screen("person", "pat", pressing("/people", "#role-participant [id^=open-]")),
    Screen("schedule", "pat", pressing("/schedule", "#after")),
    Screen("series", "pat", pressing("/schedule/series", "[id^=open-]")),
    Screen("series-new", "pat", "/schedule/new"),
    Screen("schedule-session", "pat", pressing("/schedule", "#after", "[id^=open-]")),
    Screen("phases", "pat", "/phases"),
    Screen("rhythm", "pat", "/rhythm"),
    Screen("limits", "pat", "/limits"),
    Screen("flag-clear", "cora", pressing("/caseload", "#waiting >> text=Luis Ortega", "[id^=clear-]")),
    Screen("flags", "cora", pressing("/caseload", "#waiting >> text=Luis Ortega", "[id^=clear-]", "#back")),
    Screen("help-mine", "ana", "/help"),
    Screen("call", "ana", "/calls"),
    Screen("heavy-words", "ana", _heavy),
    Screen("called", "ana", pressing("/calls", "#call-me")),
    Screen("invite", "pat", "/invites/new"),
    Screen("invite-made", "pat", _invite),
    Screen("invite-opened", "pat", _invited),
    Screen("person-measures", "cora", pressing("/caseload", "text=Ana Keller", "#to-measures")),
    Screen("supporting", "sam", "/supporting"),
)


def show(page: Page, screen: Screen) -> None:
    """Bring a page there, and wait until it is quiet."""
    if isinstance(screen.path, str):
        page.goto(screen.path)
    else:
        screen.path(page)
    page.wait_for_load_state("networkidle")
    page.evaluate(STILL)


def opened(browser: Browser, url: str, who: str) -> Page:
    context = browser.new_context(base_url=url, locale="en-US", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    if who:
        sign_in(context, who)
    return context.new_page()


def each_look(page: Page) -> Iterable[tuple[int, str]]:
    """The page in every size and scheme, one after the other: (width, scheme)."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.evaluate(STILL)
            yield width, scheme


def photograph(page: Page, screen: Screen, wanted: Callable[[str, int, str], Path | None], **how: Any) -> None:
    show(page, screen)
    for width, scheme in each_look(page):
        if path := wanted(screen.name, width, scheme):
            page.screenshot(path=path, **how)


def everywhere(name: str, width: int, scheme: str) -> Path:
    return FOLDER / f"{name}-{width}-{scheme}.png"


def in_readme(name: str, width: int, scheme: str) -> Path | None:
    return README_FOLDER / f"{name}-{width}-{scheme}.png" if (name, width, scheme) in README else None


def main() -> None:
    wanted = in_readme if "--readme" in sys.argv else everywhere
    with running(development=True) as url, started() as browser:
        for who, screens in groupby(SCREENS, key=lambda screen: screen.who):
            page = opened(browser, url, who)
            for screen in screens:
                photograph(page, screen, wanted, full_page="--whole" in sys.argv)
            page.context.close()


if __name__ == "__main__":
    main()
