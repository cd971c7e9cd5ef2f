"""F06: two devices change the same thing at the same moment, over HTTP, form after form.

Whose text was not kept is shown it back beside the one that was, and sends again what is wanted now. Lost is a text
that was accepted, and that neither stands now nor was shown to whoever wrote over it.
"""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

from app.database import new_id
from app.forms import Form
from app.models.checkins import CheckInForm
from app.models.contacts import ContactForm
from app.models.journal import JournalForm
from app.models.notes import StaffNoteForm
from app.models.setbacks import SetbackForm
from app.models.skills import OwnSkillForm
from app.models.triggers import TriggerForm
from app.models.urges import UrgeForm
from bench.figures import Figure
from tests.bad_input import GOOD, ways
from tests.faults.ground import Browser, Ground, grounds

VERSION = re.compile(r'name="version"[^>]*value="(\d+)"')
KEPT = (200, 303)


@dataclass(frozen=True)
class Kind:
    """A form that changes what is there: where it is kept, the field that is raced for, and who has it open.

    `anew`: each change is a row of its own, with an id that its page makes.
    """

    form: type[Form]
    path: str
    raced: str = "words"
    who: str = "ana"
    anew: bool = False

    def body(self, text: str, version: int | None, one: str) -> dict[str, str]:
        made = dict(GOOD[self.form]()) | {"id": one, self.raced: text}
        made.pop("version", None)
        if version is None:
            return made
        return made | {"version": str(version)} | ({"id": str(new_id())} if self.anew else {})


KINDS = (
    Kind(JournalForm, "/journal"), Kind(CheckInForm, "/check-ins"), Kind(SetbackForm, "/setbacks"),
    Kind(UrgeForm, "/urges"), Kind(ContactForm, "/contacts", "name"), Kind(TriggerForm, "/triggers", "plan"),
    Kind(OwnSkillForm, "/skills", "name"), Kind(StaffNoteForm, "/caseload/{person}/notes", who="cora", anew=True),
)  # fmt: skip
# Changed at an address of their own, upon a version, and tried elsewhere (tests/test_reviews.py).
ELSEWHERE = {"/caseload/{person_id}/entries/{entry_id}/reviews/{review_id}"}


def changing() -> set[str]:
    """The addresses at which something that is there is changed upon a version of it."""
    return {way.path for way in ways() if way.path.endswith("}") and way.form and "version" in way.form.model_fields}


def run(seed: int, races: int) -> Iterator[Figure]:
    """`races`: on each database, all forms together."""
    for at in grounds():
        chance, found = Random(seed), Counter[str]()
        for kind in KINDS:
            _race(at, kind, chance, races // len(KINDS), found)
        for name in ("races", "accepted", "conflicts", "lost", "unshown", "500"):
            yield Figure(f"F06_{name}_{at.name}", found[name], "", found["races"])


def _race(at: Ground, kind: Kind, chance: Random, races: int, found: Counter[str]) -> None:
    with ThreadPoolExecutor(2) as pool:
        race = Race(kind, kind.path.format(person=at.cast.ana), [at.browser(kind.who) for _ in range(2)], found)
        race.begin()
        for number in range(races):
            race.run(pool.map, [f"{word} text {number} {chance.random():.9f}" for word in ("phone", "laptop")])


@dataclass
class Race:
    """Two devices with one thing open. `version` and `text` are what stands."""

    kind: Kind
    path: str
    devices: list[Browser]
    found: Counter[str]
    one: str = field(default_factory=lambda: str(new_id()))
    version: int = 1
    text: str = ""

    def begin(self) -> None:
        made = self.devices[0].send_form(self.path, self.kind.body("as it was at first", None, self.one))
        assert made.status_code in KEPT, f"{self.path}: {made.status_code}"
        self.version = self.stands()[0]

    def stands(self) -> tuple[int, str]:
        """The version and the page of what stands now."""
        shown = self.devices[0].get(f"{self.path}/{self.one}/edit" if "/check-ins" not in self.path else "/check-in")
        found = VERSION.search(shown.text)
        assert found, f"{self.path}: a form without a version ({shown.status_code})"
        return int(found[1]), html.unescape(shown.text)

    def run(self, both: Callable[..., Any], texts: list[str]) -> None:
        self.found["races"] += 1
        answers = list(both(self.send, self.devices, texts))
        kept = [text for text, answer in zip(texts, answers, strict=True) if answer.status_code in KEPT]
        self.found["accepted"] += len(kept)
        self.found["500"] += sum(answer.status_code >= 500 for answer in answers)
        self.version, page = self.stands()
        # Both accepted: whichever does not stand now was written over, and nobody saw it.
        self.found["lost"] += sum(text not in page for text in kept) + (not kept)
        for device, text, answer in zip(self.devices, texts, answers, strict=True):
            if text not in kept:
                self.again(device, text, answer, kept)

    def send(self, device: Browser, text: str) -> Any:
        return device.send_form(f"{self.path}/{self.one}", self.kind.body(text, self.version, self.one))

    def again(self, device: Browser, text: str, answer: Any, kept: list[str]) -> None:
        """Who was too late sees both texts, and keeps their own."""
        self.found["conflicts"] += 1
        said = html.unescape(answer.text)
        self.found["unshown"] += not all(one in said for one in (text, *kept))
        told = VERSION.search(answer.text)
        self.version = int(told[1]) if told else 0
        sent = self.send(device, text).status_code
        self.version, page = self.stands()
        self.found["lost"] += sent not in KEPT or text not in page
