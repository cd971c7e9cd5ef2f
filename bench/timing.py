"""Whether the time that an answer takes tells what it does not say: is somebody known here, was there such an invite?

Asked in turn, in this process, through the whole application; a figure says how far two medians are apart.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from typing import Any

from app import demo, main
from app.access import House, opened
from app.lib.vault import token
from app.models import accounts, invites
from app.models.accounts import TRIES_PAIR
from app.models.invites import Plan
from tests import matrix

NAMES = demo.address("ana"), demo.address("nobody")
WRONG = "not the right passphrase at all"
# argon2 takes most of a sign-in; what is only looked up is quicker, and needs more of them.
SIGN_INS, LOOKS = 101, 301
Ask = Callable[[], Any]
NAMED = [f"{what}_timing_difference" for what in ("sign_in", "sign_in_throttled", "invite")]


def figures(house: House) -> Iterator[tuple[str, float, str, int]]:
    """(name, value, unit, n). `house`: one that is still empty."""
    cast = demo.make_cast(house, house.clock())
    logging.getLogger().addHandler(logging.NullHandler())  # what is refused is logged, and is no figure
    known, unknown = signing_in(house)
    yield NAMED[0], _percent(apart(known, unknown, SIGN_INS, lambda: forget(house))), "%", SIGN_INS
    for _ in range(TRIES_PAIR):
        known(), unknown()
    yield NAMED[1], _percent(apart(known, unknown, LOOKS)), "%", LOOKS
    yield NAMED[2], _percent(apart(*inviting(house, cast), LOOKS)), "%", LOOKS


def _percent(part: float) -> float:
    return round(100 * part, 2)


def signing_in(house: House) -> tuple[Ask, Ask]:
    """A wrong passphrase for a name that is known, and for one that nobody has."""
    browser = matrix.browser(main.serve(house), matrix.NOBODY)

    def ask(name: str) -> Ask:
        return lambda: browser.post("/sign-in", data={"name": name, "passphrase": WRONG}, headers=matrix.OURS)

    return ask(NAMES[0]), ask(NAMES[1])


def forget(house: House) -> None:
    """What was tried is over: the next try is a first one, and not slowed down."""
    with house.database.session() as session:
        accounts.forget_attempts(session, house.clock() + timedelta(days=2))


def inviting(house: House, cast: demo.Cast) -> tuple[Ask, Ask]:
    """An invite that has been used, and one that never was."""
    with opened(house, cast.harbor, "keeper", cast.pat) as record:
        plan = Plan("participant", "Somebody", "somebody", coach=cast.cora)
        used = invites.make(record, plan, demo.new_id())
        invites.use(record.session, invites.of_token(record.session, used, record.now), record.now)
    browser = matrix.browser(main.serve(house), matrix.NOBODY)
    return (lambda: browser.get(f"/invites/{used}")), (lambda: browser.get(f"/invites/{token()}"))


def apart(
    one: Ask, other: Ask, times: int, first: Ask = lambda: None, clock: Callable[[], float] = time.perf_counter
) -> float:
    """How far the medians of two are apart, as a part of the larger. Before each of them comes `first`, unmeasured."""
    taken: dict[Ask, list[float]] = {one: [], other: []}
    for number in range(times):
        for ask in (one, other) if number % 2 else (other, one):
            first()
            began = clock()
            ask()
            taken[ask].append(clock() - began)
    medians = [median(those) for those in taken.values()]
    return (max(medians) - min(medians)) / max(medians)
