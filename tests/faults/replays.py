"""F05: a storm of the same: nine phones send the same posts again and again, all at once. Each is kept once."""

import threading
from collections.abc import Iterator
from random import Random

from app.database import new_id
from bench.figures import Figure
from tests.faults.ground import Ground, grounds
from tests.faults.pouring import EACH, WHO, Hand, Pour, Sent, hands, judged, made

TIMES = 8  # that each phone sends each post


def run(seed: int, many: int) -> Iterator[Figure]:
    """`many`: posts in all, on each database."""
    for at in grounds():
        pour, sent = Pour(at, seed), stormed(at, seed, many // (TIMES * EACH * len(WHO)))
        pour.acked |= sent.acked
        found = judged(pour)
        values = {"distinct": len(sent.acked), "posts": sent.count["posts"], "unsaid": sent.count["unsaid"]}
        for name, value in (values | found | {"500": sent.count["500"]}).items():
            yield Figure(f"F05_{name}_{at.name}", value, "", sent.count["posts"])


def stormed(at: Ground, seed: int, each: int) -> Pour:
    """`each`: different posts of each person, which all their phones send."""
    pour, chance = Pour(at, seed), Random(seed)
    posts = {who: [(str(new_id()), made(chance)) for _ in range(each)] for who in WHO}
    threads = [
        threading.Thread(target=_send, args=(hand, chance.sample(posts[hand.who] * TIMES, each * TIMES)))
        for hand in hands(pour)
    ]
    [thread.start() for thread in threads]
    [thread.join(300) for thread in threads]
    pour.acked |= {one: (who, sent) for who, those in posts.items() for one, sent in those}
    return pour


def _send(hand: Hand, posts: list[tuple[str, Sent]]) -> None:
    for one, sent in posts:
        said = hand.send(one, sent)
        with hand.pour.turn:
            hand.pour.count["posts"] += 1
            hand.pour.count["unsaid"] += not said
