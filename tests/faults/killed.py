"""F01: the server is killed outright, again and again, while forty people write to it and to its encrypted file.

After each death another process opens the same file. What was said to be kept is there, once, word for word, and whole.
"""

import signal
from collections.abc import Iterator
from random import Random

from sqlalchemy import text

from app.access import House
from bench.figures import Figure
from tests.faults.ground import ground
from tests.faults.pouring import WHO, Pour, told

APART = 200  # kept between two deaths, about
CROWD = 37  # who write beside the cast; in a short run fewer


def run(seed: int, many: int) -> Iterator[Figure]:
    """`many`: posts that are to be kept."""
    chance, deaths = Random(seed), max(many // APART, 1)
    with ground("sqlite") as at:
        pour = Pour(at, seed, (*WHO, *at.crowd(min(CROWD, many // 100))))

        def kill() -> None:
            at.stop(signal.SIGKILL)
            at.start()

        pour.broken(chance, deaths, many, kill)
        yield from told("F01", pour, many, lambda: corrupt(at.house))


def corrupt(house: House) -> int:
    """How much SQLite, and who encrypts its pages, find wrong with the file."""
    asked = ("pragma integrity_check", "pragma foreign_key_check", "pragma cipher_integrity_check")
    with house.database.engine.connect() as connection:
        found = [row for one in asked for row in connection.execute(text(one)).all()]
    return sum(tuple(row) != ("ok",) for row in found)
