"""Somebody guesses passphrases: from one address, at every name; and from many addresses, at one name.

What costs the server is argon2, so what counts is how many guesses are weighed at all; and that whoever is meant still
comes in from where they are.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from sqlmodel import func, select

from app import demo
from app.models.accounts import TRIES_ADDRESS, TRIES_NAME, Attempt
from bench.figures import Figure
from tests.faults.ground import Browser, Ground, grounds

OURS = ("ana", "ben", "cora", "dov", "sam", "pat")
HANDS = 8
AT_HOME = "192.0.2.77"


def run(seed: int, many: int) -> Iterator[Figure]:
    """So many guesses of each kind on each database."""
    for made in grounds():
        # A proxy of ours says who asks: so a guesser has as many addresses here as there are.
        made.stop()
        made.under = ("env", "FOOTBRIDGE_TRUSTED_PROXIES=127.0.0.1")
        made.start()
        rng = Random(seed)
        names = [*OURS, *(f"nobody{number}" for number in range(20))]
        one = [("203.0.113.9", rng.choice(names)) for _ in range(many)]
        yield from _told(made, "from_one", one, TRIES_ADDRESS)
        every = [(f"198.51.{rng.randrange(256)}.{rng.randrange(256)}", "ana") for _ in range(many)]
        yield from _told(made, "from_many", every, TRIES_NAME)


def _told(made: Ground, kind: str, guesses: list[tuple[str, str]], most: int) -> Iterator[Figure]:
    before = _weighed(made)
    with ThreadPoolExecutor(HANDS) as hands:
        statuses = list(hands.map(lambda guess: _sign_in(made, *guess, "a wrong guess"), guesses))
    weighed, n = _weighed(made) - before, len(guesses)
    yield Figure(f"guesses_{kind}_weighed_{made.name}", weighed, "guesses", n)
    yield Figure(f"guesses_{kind}_let_in_{made.name}", statuses.count(303), "guesses", n)
    yield Figure(f"guesses_{kind}_500_{made.name}", sum(status >= 500 for status in statuses), "guesses", n)
    yield Figure(f"guesses_{kind}_past_the_most_let_in_{made.name}", max(0, weighed - most), "guesses", n)
    # A stranger with many addresses uses up what a name has for a quarter of an hour: then its owner waits as well.
    meant = "owner_waits" if kind == "from_many" else "owner_kept_out"
    home = _sign_in(made, AT_HOME, "ben" if kind == "from_one" else "ana", demo.PASSPHRASE)
    yield Figure(f"guesses_{kind}_{meant}_{made.name}", int(home != 303), "people", 1)


def _weighed(made: Ground) -> int:
    with made.house.database.session() as session:
        return session.exec(select(func.count()).select_from(Attempt).where(Attempt.name_hash != b"")).one()


def _sign_in(made: Ground, address: str, name: str, passphrase: str) -> int:
    form = {"name": demo.ADDRESS.format(name), "passphrase": passphrase}
    with Browser(made.url) as here:
        return here.post("/sign-in", data=form, headers={"X-Forwarded-For": address}).status_code
