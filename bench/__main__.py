"""`make bench`: every figure of speed, held against the floor, with how long each part took.

ONLY=today chooses by how a name begins; PEER=http://…/page asks that page beside ours. What the ratios mean:
docs/performance.md.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from bench import figures, growth, rates, weight, workers
from bench.figures import Figure, wanted

Found = tuple[str, float, str, int]
# A part, the names of what it measures, and how it is asked.
PARTS: list[tuple[Sequence[str], Callable[[], Iterator[Found]]]] = [
    (rates.BESIDE or rates.NAMED, partial(rates.figures, wanted)),
    (growth.NAMED, partial(growth.figures, partial(figures.house_on, "sqlite"))),
    (weight.NAMED, partial(weight.figures, wanted)),
    ([f"workers_3_vs_1_{database}" for database in figures.DATABASES], workers.figures),
    (["today_first_load_bytes", "today_first_load_requests"], figures.first_load),
]


def main() -> None:
    for names, measure in PARTS[:1] if rates.PEER else PARTS:
        if wanted(names):
            began = time.monotonic()
            print(f"({names[0]} … of {len(names)})", file=sys.stderr)
            for found in measure():
                if wanted([found[0]]):
                    print(Figure(*found), flush=True)
            print(f"({names[0]} …: {time.monotonic() - began:.0f} s)", file=sys.stderr)


if __name__ == "__main__":
    main()
