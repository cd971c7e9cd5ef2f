"""Urges in a storm: rated, met with a skill, rated again, looked back at; and left in the middle at any of these.

The page says it in steps. Each urge has to end as one entry, with all that its page had moved on from.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from unicodedata import normalize

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from app.models.entry import Line
from tests.faults.hand import Hand
from tests.faults.writing import SKILL, line_for

log = logging.getLogger("faults")

PAGE, ACTION = "/urges/new", "/urges"
STEPS = 4
# ms: between a tap and whatever ends it the soonest; longer than a tremble, and than the phone needs to seal a step.
PAUSE = 500
SHOWN = 5.0  # s

# What the page shows: its number, the step, and what it knows; none if it is not there.
LOOK = """() => {
  const form = document.querySelector('#urge.stepwise'), value = name => form.elements[name].value;
  return form && {id: value('id'), at: Number(value('at')), before: value('before'), after: value('after'),
    skill: value('skill'), words: value('words'), version: Boolean(form.elements.version)};
}"""


class Said(NamedTuple):
    """What is known of an urge after a step of its page."""

    before: int
    after: int | None = None
    skill: str = ""
    triggers: str = ""
    words: str = ""
    done: bool = False


@dataclass
class Urge:
    """`said`: after each tap, the last is the newest; the first `sure` of them the page moved on from."""

    who: str
    ids: set[str]
    said: list[Said] = field(default_factory=list)
    sure: int = 0

    def kept_as(self, line: Line) -> bool:
        """What no page moved on from may be kept as well, or not."""
        return _told(line) in self.said[max(self.sure - 1, 0) :]

    def meant_by(self, line: Line) -> bool:
        return str(line.id) in self.ids


class Urging:
    """A hand that meets urges. `forgotten`: how often a page that came back knew less than it had said."""

    def __init__(self, hand: Hand, breaks: list[Callable[[], object]]) -> None:
        self.hand, self.breaks = hand, breaks
        self.urges, self.forgotten, self.resumed, self.broken = list[Urge](), 0, 0, 0

    def loop(self) -> None:
        """One urge, from where its page stands to its end or to what breaks it; broken, it is often gone on with."""
        for _ in range(STEPS):
            if self._through() or self.hand.chance.random() < 0.3:
                return
            self.broken += 1

    def _through(self) -> bool:
        """Whether nothing more is to be done about it now."""
        tab = self.hand.phone.tab
        self.hand.go(tab, PAGE)
        seen = _look(tab)
        if seen is None:
            return True  # there is no way to it just now: a stranger's page, or a sign-in without signal
        urge = self._known(tab, seen)
        for at in range(seen["at"], STEPS + 1):
            try:
                self._tap(tab, urge, at)
            except PlaywrightError as error:
                log.info("    urge: step %s: %s", at, str(error).splitlines()[0])
                return False
            if at < STEPS and self.hand.chance.random() < 0.4:
                self.hand.chance.choice(self.breaks)()
                return False
        return True

    def _known(self, tab: Page, seen: dict[str, Any]) -> Urge:
        """The urge that the page shows: a new one, or one that was left and comes back with all that was said."""
        urge = next((one for one in self.urges if seen["id"] in one.ids), None)
        if urge is None:
            self.urges.append(Urge(self.hand.owner[tab], {str(seen["id"])}))
            return self.urges[-1]
        self.resumed += 1
        if urge.sure and not _knows(seen, urge.said[urge.sure - 1]):
            log.warning("an urge came back as %s, and was %s", seen, urge.said[urge.sure - 1])
            self.forgotten += 1
        if seen["before"]:  # whether the last tap was one, the page knows best
            urge.said.append(_seen(seen, urge.said[-1]))
        return urge

    def _tap(self, tab: Page, urge: Urge, at: int) -> None:
        deed = (self._rate, self._try, self._rate_again, self._look_back)[at - 1]
        deed(tab, urge)
        log.info("    urge %s: step %s: %s", min(urge.ids)[-6:], at, urge.said[-1])

    # --- the steps

    def _rate(self, tab: Page, urge: Urge) -> None:
        before = self.hand.chance.randint(0, 10)
        urge.said.append(Said(before))
        tab.click(f"label[for=before-{before}]")
        self._moved(tab, urge, 2)

    def _try(self, tab: Page, urge: Urge) -> None:
        """The guided screen, or on without one."""
        if self.hand.chance.random() < 0.3:
            tab.click("#turn-2")
        else:
            if not tab.locator(f"#begin-{SKILL}").is_visible():
                with suppress(PlaywrightError):
                    tab.click("#more-tools summary", timeout=1000)
                tab.click(f"label[for=skill-{SKILL}]")
            urge.said.append(urge.said[-1]._replace(skill=SKILL))
            tab.click(f"#begin-{SKILL}")
            tab.wait_for_timeout(PAUSE)
            urge.sure = len(urge.said)
            tab.click("#guide-done")
        self._moved(tab, urge, 3)

    def _rate_again(self, tab: Page, urge: Urge) -> None:
        after = self.hand.chance.randint(0, 10)
        urge.said.append(urge.said[-1]._replace(after=after))
        tab.click(f"label[for=after-{after}]")
        if after >= 8:
            tab.wait_for_timeout(PAUSE)
            tab.click("#turn-3")
        self._moved(tab, urge, 4)

    def _look_back(self, tab: Page, urge: Urge) -> None:
        words = line_for(self.hand.chance, f"{self.hand.mark}u{len(self.urges)}").strip()
        leaves = self.hand.chance.random() < 0.2
        urge.said.append(urge.said[-1]._replace(triggers="lonely", words=normalize("NFC", words), done=not leaves))
        tab.fill("#urge #words", words)
        tab.check("#trigger-lonely", force=True)
        if leaves:
            return self._leave(tab, urge)
        tab.click("#urge #send", no_wait_after=True)
        if self.hand.answered(tab, ACTION, min(urge.ids)):
            urge.sure = len(urge.said)

    def _leave(self, tab: Page, urge: Urge) -> None:
        """ "Not now": it keeps what was said, and goes."""
        tab.click("#not-now", no_wait_after=True)
        with suppress(PlaywrightError):  # where it goes to need not answer
            tab.wait_for_url("**/today", timeout=SHOWN * 1000, wait_until="commit")
        urge.sure = len(urge.said)

    def _moved(self, tab: Page, urge: Urge, to: int) -> None:
        """The page shows the next step: it has what was said."""
        tab.wait_for_selector(f"#step-{to}", state="visible", timeout=SHOWN * 1000)
        tab.wait_for_timeout(PAUSE)
        urge.sure = len(urge.said)


def _look(tab: Page) -> dict[str, Any] | None:
    """What the page shows, when its draft has had the time to come back."""
    ends = time.monotonic() + SHOWN
    while time.monotonic() < ends:
        with suppress(PlaywrightError):
            tab.wait_for_timeout(PAUSE)
            if seen := tab.evaluate(LOOK):
                found: dict[str, Any] = seen
                return found
            if "/sign-in" in tab.url:
                return None
    return None


def _seen(seen: dict[str, Any], last: Said) -> Said:
    """What the page knows."""
    after = int(seen["after"]) if seen["after"] else None
    return Said(int(seen["before"]), after, seen["skill"], last.triggers, seen["words"])


def _knows(seen: dict[str, Any], sure: Said) -> bool:
    return bool(seen["before"]) and _seen(seen, sure)[:3] == sure[:3]


class Verdict(NamedTuple):
    """How many urges were met, and what became of them; the last four are to be nothing."""

    submitted: int
    kept: int
    finished: int
    lost: int
    steps_lost: int
    doubled: int
    misplaced: int


def judge(urges: list[Urge], records: dict[str, list[Line]]) -> Verdict:
    """`finished`: their page said all of it. `steps_lost`: how many are kept, but without all that was said."""
    lines = [(who, line) for who, kept in records.items() for line in kept if line.kind == "urge"]
    mine = [[line for who, line in lines if who == one.who and one.meant_by(line)] for one in urges]
    sure = [(one, those) for one, those in zip(urges, mine, strict=True) if one.sure]
    lost = [(one, those) for one, those in sure if not any(map(one.kept_as, those))]
    for one, those in lost:
        log.warning("%s is kept as %s", one, list(map(_told, those)))
    strayed = sum(any(one.meant_by(line) for one in urges if one.who != who) for who, line in lines)
    return Verdict(
        submitted=len(sure),
        kept=len(sure) - len(lost),
        finished=sum(one.said[one.sure - 1].done for one, _ in sure),
        lost=sum(not those for _, those in lost),
        steps_lost=sum(bool(those) for _, those in lost),
        # One that is there under two numbers, and one that nobody met.
        doubled=sum(max(0, len(those) - 1) for those in mine) + len(lines) - sum(map(len, mine)) - strayed,
        misplaced=strayed,
    )


def _told(line: Line) -> Said:
    part = line.part
    return Said(part.before, part.after, part.skill, part.triggers, line.words, part.done)


def without(records: dict[str, list[Line]]) -> dict[str, list[Line]]:
    """All but the urges."""
    return {who: [line for line in lines if line.kind != "urge"] for who, lines in records.items()}
