"""F17 and L05: sharing is taken back while the coach reads, and a sign-in runs out while somebody writes.

Every page that showed the words while they were shared is read in two tabs of the coach's at once, with and without
htmx, while they are taken back at a moment of chance. A read that began after the answer had come must not hold them.
"""

import html
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from threading import Event

from sqlmodel import col, delete

from app import demo, main
from app.database import new_id
from app.models.accounts import SignIn
from bench.figures import Figure
from tests.faults.devices import KINDS, Kind
from tests.faults.ground import Browser, Ground, grounds
from tests.matrix import addresses

READERS, FORMS = 2, 3  # tabs that read at once; how often each form is sent by somebody whose sign-in has run out
AFTER = 0.02  # s: the longest before they are taken back
HELD = re.compile(r'name="held" value="([^"]*)"')


def run(seed: int, races: int) -> Iterator[Figure]:
    """`races`: on each database."""
    for at in grounds():
        chance = Random(seed)
        yield from _taken_back(at, chance, races)
        yield from _run_out(at, chance, FORMS)


# --- taken back


@dataclass
class Read:
    began: float
    shown: bool


@dataclass
class Shared:
    """One page of Ana's with a word that is nowhere else, and where it can be read while it is shared."""

    at: Ground
    ana: Browser
    readers: list[Browser]
    word: str
    one: str = field(default_factory=lambda: str(new_id()))
    pages: list[str] = field(default_factory=list)

    def begin(self) -> None:
        form = {"id": self.one, "words": f"{self.word} today", "visibility": "shared", "wants_answer": "true"}
        assert self.ana.send_form("/journal", form).headers["Kept"] == self.one
        names = {"person_id": str(self.at.cast.ana), "entry_id": self.one}
        pages = [one for one in addresses(main.create_app(self.at.house)) if one.method == "GET"]
        every = {one.path.format(**names) for one in pages if set(one.names) <= set(names)}
        self.pages = sorted(path for path in every if self.look(self.readers[0], path))

    def turn(self, visibility: str) -> float:
        """Shares it or takes it back; when the answer was there."""
        answer = self.ana.send_form(f"/entries/{self.one}/visibility", {"visibility": visibility})
        assert answer.status_code == 303, answer.status_code
        return time.monotonic()

    def look(self, reader: Browser, path: str, htmx: bool = False) -> bool:
        answer = reader.get(path, headers={"HX-Request": "true"} if htmx else {}, follow_redirects=True)
        assert answer.status_code < 500, f"{path}: {answer.status_code}"
        return self.word in answer.text


def _taken_back(at: Ground, chance: Random, races: int) -> Iterator[Figure]:
    shared = Shared(at, at.browser("ana"), [at.browser("cora") for _ in range(READERS)], f"quillwort{chance.random()}")
    shared.begin()
    found = Counter[str](pages=len(shared.pages))
    with ThreadPoolExecutor(READERS + 1) as pool:
        for _ in range(races):
            _race(shared, chance, pool, found)
    for name in ("pages", "reads", "reads_before", "reads_after", "reads_after_revoke"):
        yield Figure(f"F17_{name}_{at.name}", found[name], "", races)


def _race(shared: Shared, chance: Random, pool: ThreadPoolExecutor, found: Counter[str]) -> None:
    shared.turn("shared")
    over, htmx = Event(), chance.random() < 0.5
    paths = [chance.choice(shared.pages) for _ in range(READERS)]
    reading = [pool.submit(_reads, shared, *one, htmx, over) for one in zip(shared.readers, paths, strict=True)]
    time.sleep(chance.uniform(0, AFTER))
    back = shared.turn("private")
    over.set()
    for read in [read for one in reading for read in one.result()]:
        late = read.began > back
        found["reads"] += 1
        found["reads_before"] += read.shown
        found["reads_after"] += late
        found["reads_after_revoke"] += late and read.shown


def _reads(shared: Shared, reader: Browser, path: str, htmx: bool, over: Event) -> list[Read]:
    """Again and again, and once more when it is over."""
    made, last = [], False
    while not last:
        last, began = over.is_set(), time.monotonic()
        made.append(Read(began, shared.look(reader, path, htmx)))
    return made


# --- run out


def _run_out(at: Ground, chance: Random, times: int) -> Iterator[Figure]:
    """Of each form: its sender is signed in no more, signs in, and has what they typed, and can send it."""
    found = Counter[str]()
    for number in range(times):
        for kind in KINDS:
            _expire(at, kind, f"text {number} of {chance.random():.9f}", found)
    for name in ("forms", "drafts_lost", "kept_without_sign_in"):
        yield Figure(f"F17_{name}_{at.name}", found[name], "", found["forms"])


def _expire(at: Ground, kind: Kind, text: str, found: Counter[str]) -> None:
    here, path = at.browser(kind.who), kind.path.format(person=at.cast.ana)
    body = kind.body(text, None, str(new_id()))
    with at.house.database.session() as session:
        session.connection().execute(delete(SignIn).where(col(SignIn.person_id) == getattr(at.cast, kind.who)))
    answer = here.send_form(path, body)
    found["forms"] += 1
    found["kept_without_sign_in"] += answer.status_code != 401 or "Kept" in answer.headers
    del here.headers["Cookie"]
    held = HELD.search(answer.text)
    name = {"name": demo.ADDRESS.format(kind.who), "passphrase": demo.PASSPHRASE}
    back = here.send_form("/sign-in", name | {"held": html.unescape(held[1]) if held else ""})
    here.headers["Cookie"] = back.headers["set-cookie"].partition(";")[0]
    again = here.send_form(path, body)
    found["drafts_lost"] += text not in html.unescape(back.text) or again.status_code not in (200, 303)
