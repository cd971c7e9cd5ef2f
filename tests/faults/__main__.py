"""`make faults`: the proofs, one after the other, and their figures, a line each.

`make faults ONLY=offline SEED=7` runs one proof with one seed, N=60 with fewer entries, LOG=1 tells each step.
Ends with an error if anything that has to be nothing is not.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

from bench.figures import Figure
from tests.faults import cut, firefox, jobs, offline

Proof = Callable[[int, int], Iterator[Figure]]
PROOFS: dict[str, tuple[Proof, int]] = {
    "offline": (offline.run, 320),
    "cut": (cut.run, 1000),
    "firefox": (firefox.run, 3),
    "jobs": (jobs.run, 400),
}
# What has to be nothing, in whichever proof.
NOTHING = (
    "lost", "doubled", "misplaced", "mistimed", "left_waiting", "plaintext_found", "control_not_found", "traces",
    "urge_loops_lost", "urge_loops_steps_lost", "urge_loops_doubled", "urge_loops_misplaced", "urge_loops_forgotten",
)  # fmt: skip


def prove(only: str, seed: int, entries: int | None) -> bool:
    """Runs the proofs whose name starts with `only` and prints what they found; whether all of it is well."""
    well = True
    for name, (proof, usual) in PROOFS.items():
        if name.startswith(only):
            print(Figure(f"{name}_seed", seed, "", 1), flush=True)
            began = time.monotonic()
            for figure in proof(seed, entries or usual):
                print(figure, flush=True)
                well &= not (figure.value and figure.name.removeprefix(f"{name}_") in NOTHING)
            print(Figure(f"{name}_took", round(time.monotonic() - began, 1), "s", 1), flush=True)
    return well


if __name__ == "__main__":
    # Ended from outside, it ends its servers and browsers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    logging.basicConfig(
        level=logging.INFO if os.environ.get("LOG") else logging.WARNING, format="%(asctime)s %(message)s"
    )
    chosen = int(os.environ.get("SEED") or time.time_ns() % 100_000)
    sys.exit(not prove(os.environ.get("ONLY", ""), chosen, int(os.environ.get("N") or 0) or None))
