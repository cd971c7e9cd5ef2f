"""Many write at once, over HTTP, on connections that are kept open, while somebody keeps breaking what they write to.

Whoever gets no answer, or is told to come again, sends the same with the same id until it is said to be kept, as a
phone's outbox does. In the end what lies in the database is held against what was said to be kept, word for word.
"""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode

from app.database import new_id
from app.models import entry
from app.models.entry import Line
from bench.figures import Figure
from tests.faults.ground import Ground
from tests.faults.writing import SKILL

WHO = ("ana", "ben", "eli")
EACH = 3  # phones of each of them; whoever else writes has one
AGAIN = 0.03  # s until the same is sent again
WAITS = 20.0  # s for an answer
LONGEST = 1500.0  # s, after which there are as many as there are
Sent = tuple[str, str, int, str]  # path, words, number, tag


@dataclass
class Pour:
    """`acked` is what was said to be kept: whose it is and what it says, by id. `longest`: s between two of them.

    `who`: who writes.
    """

    at: Ground
    seed: int
    who: tuple[str, ...] = WHO
    acked: dict[str, tuple[str, Sent]] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)
    turn: threading.Lock = field(default_factory=threading.Lock)
    last: float = field(default_factory=time.monotonic)

    @contextmanager
    def raining(self) -> Iterator[None]:
        """Everybody writes; afterwards what they have in hand is sent until it is kept."""
        threads = [threading.Thread(target=hand.write) for hand in hands(self)]
        self.last = time.monotonic()
        [thread.start() for thread in threads]
        try:
            yield
        finally:
            self.over.set()
            [thread.join(60) for thread in threads]

    def broken(self, chance: Random, times: int, many: int, act: Callable[[], object]) -> None:
        """Until so many were said to be kept; meanwhile so many times the act. Or until it has taken too long."""
        ends = time.monotonic() + LONGEST
        with self.raining():
            for one in range(times):
                if self.until(one * many // times + chance.randint(1, many // times), ends):
                    self.count["kills"] += 1
                    act()
            self.until(many, ends)

    def until(self, many: int, ends: float) -> bool:
        while not (there := len(self.acked) >= many) and time.monotonic() < ends:
            time.sleep(0.002)
        return there

    def keeps(self, who: str, one: str, sent: Sent) -> None:
        with self.turn:
            now = time.monotonic()
            self.longest, self.last = max(self.longest, now - self.last), now
            self.acked[one] = who, sent


class Hand:
    """One phone of somebody's. It remembers what it sent and was never told of."""

    def __init__(self, pour: Pour, who: str, chance: Random) -> None:
        self.pour, self.who, self.chance = pour, who, chance
        browser = pour.at.browser(who)
        names = ("Sec-Fetch-Site", "Origin", "Cookie")
        self.headers = {name: browser.headers[name] for name in names} | {
            "Host": f"localhost:{pour.at.port}", "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        browser.close()
        self.line, self.reached = self._line(), True

    def _line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.pour.at.port, timeout=WAITS)

    def write(self) -> None:
        while not self.pour.over.is_set():
            one, sent = str(new_id()), made(self.chance)
            if self.until_kept(one, sent) and self.chance.random() < 0.05:
                self.pour.count["replays"] += 1
                self.send(one, sent)  # nobody needs it, and it may do no harm

    def until_kept(self, one: str, sent: Sent) -> bool:
        ends, again = time.monotonic() + 90, False
        while time.monotonic() < ends:
            kept = self.send(one, sent)
            self.pour.count["replays"] += again and self.reached
            if kept:
                self.pour.keeps(self.who, one, sent)
                return True
            again = again or self.reached
            time.sleep(self.chance.uniform(AGAIN, 3 * AGAIN))
        self.pour.count["given_up"] += 1
        return False

    def send(self, one: str, sent: Sent) -> bool:
        """Whether it was said to be kept. `reached`: somebody was there to send it to."""
        self.reached = True
        try:
            self.line.request("POST", sent[0], urlencode(form(one, sent)), self.headers)
            answer = self.line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as why:
            self.reached = not isinstance(why, ConnectionRefusedError)
            self.pour.count["cut"] += self.reached
            self.line.close()
            self.line = self._line()
            return False
        self._counted(answer)
        return answer.headers.get("Kept") == one

    def _counted(self, answer: http.client.HTTPResponse) -> None:
        count, status = self.pour.count, answer.status
        count[str(status)] += 1
        count["500"] += status > 500 and status != 503
        count["no_retry_after"] += status == 503 and "Retry-After" not in answer.headers


def hands(pour: Pour) -> list[Hand]:
    phones = ((who, number) for who in pour.who for number in range(EACH if who in WHO else 1))
    return [Hand(pour, who, Random(f"{pour.seed} {who} {number}")) for who, number in phones]


def made(chance: Random) -> Sent:
    """A mood, a page with a mood and a tag, or a skill that was used: one row, or two of which neither may be alone."""
    path = chance.choices(("/moods", "/journal", "/practices"), (6, 2, 2))[0]
    words = "" if path == "/moods" else f"{chance.getrandbits(64):016x} " * chance.randint(1, 40)
    return path, words.strip(), chance.randint(1, 5), f"t{chance.randrange(9)}" if path == "/journal" else ""


def form(one: str, sent: Sent) -> dict[str, str]:
    path, words, number, tag = sent
    if path == "/practices":
        return {"id": one, "words": words, "before": str(number), "skill": SKILL}
    return {"id": one, "mood": str(number)} | ({"words": words, "tags": tag} if path == "/journal" else {})


def read(line: Line) -> Sent | None:
    """What was sent, as it lies there. None: one of its rows is missing."""
    if line.kind == "practice":
        return line.part and ("/practices", line.words, line.part.before or 0, "")
    paths = {"mood": "/moods", "journal": "/journal"}
    whole = line.kind == "mood" or line.part is not None
    return (paths[line.kind], line.words, line.mood or 0, "".join(line.tags)) if whole else None


def judged(pour: Pour) -> dict[str, int]:
    """Lost: said to be kept and not there, or not in these words. Doubled: there twice, or sent by nobody. Half: in
    part."""
    rows = lying(pour.at, pour.who)
    kept = {one: (who, sent) for who, one, sent in rows}
    said = Counter(sent[1] for _, _, sent in rows if sent and sent[1])
    return {
        "lost": sum(kept.get(one) != sent for one, sent in pour.acked.items()),
        "doubled": sum(times - 1 for times in said.values()) + len(kept.keys() - pour.acked.keys()),
        "half": sum(sent is None for _, _, sent in rows) + len(rows) - len(kept),
    }


def lying(at: Ground, people: Iterable[str]) -> list[tuple[str, str, Sent | None]]:
    """All that lies in the records of some people: whose, its id, and what it says; None where that is in part."""
    found = []
    for who in people:
        with at.mine(who) as record:
            found += [(who, str(line.id), read(line)) for line in entry.everything(record)]
    return found


def told(name: str, pour: Pour, many: int, corrupt: Callable[[], int]) -> Iterator[Figure]:
    """`short`: how many of so many there was no time for."""
    acked, kills = len(pour.acked), pour.count["kills"]
    found = judged(pour) | {"corrupt": corrupt(), "500": pour.count["500"]}
    found |= {what: pour.count[what] for what in ("replays", "cut", "503", "no_retry_after", "given_up")}
    for what, value in {"acked": acked, "short": max(many - acked, 0), "kills": kills, **found}.items():
        yield Figure(f"{name}_{what}", value, "", acked)
    yield Figure(f"{name}_longest_without_an_answer", round(pour.longest, 2), "s", kills)
