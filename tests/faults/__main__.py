"""`make faults`: the proofs, one after the other, and their figures, a line each.

`make faults ONLY=F01` (or ONLY=offline) runs one proof, SEED=7 with one seed, N=60 with fewer entries, LOG=1 tells each
step. Ends with an error if anything that has to be nothing is not. What cannot be shown on this machine says why.
"""

import logging
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple, NoReturn

from bench.figures import Figure
from tests.conftest import DATABASES
from tests.faults import (
    NotHere,
    backups,
    balanced,
    canary,
    clocks,
    cut,
    devices,
    evicted,
    firefox,
    full,
    jobs,
    keys,
    killed,
    mail,
    move,
    offline,
    older,
    postmaster,
    power,
    reading,
    replays,
    slow,
    update,
    upgrade,
)


class Proof(NamedTuple):
    """`run` is told a seed and how many (posts, kills, races …); `shows` are rows of the requirements."""

    run: Callable[[int, int], Iterator[Figure]]
    many: int
    shows: tuple[str, ...] = ()


PROOFS: dict[str, Proof] = {
    "killed": Proof(killed.run, 20_000, ("F01",)),
    "postmaster": Proof(postmaster.run, 2400, ("F02",)),
    "power": Proof(power.run, 400, ("F03",)),
    "replays": Proof(replays.run, 2880, ("F05",)),
    "upgrade": Proof(upgrade.run, 60, ("F12",)),
    "older": Proof(older.run, 99, ("F13",)),
    "keys": Proof(keys.run, 1, ("F19",)),
    "cut": Proof(cut.run, 1000, ("F16",)),
    "jobs": Proof(jobs.run, 400, ("F14",)),
    "backups": Proof(backups.run, 400, ("F10", "F11", "L27")),
    "full": Proof(full.run, 4, ("F04",)),
    "devices": Proof(devices.run, 504, ("F06",)),
    "clocks": Proof(clocks.run, 300, ("F07", "F08")),
    "slow": Proof(slow.run, 4, ("F09",)),
    "reading": Proof(reading.run, 500, ("F17", "L05")),
    "update": Proof(update.run, 4, ("F18",)),
    "canary": Proof(canary.run, 4, ("F21",)),
    "evicted": Proof(evicted.run, 3, ("F22",)),
    "balanced": Proof(balanced.run, 2000),
    "move": Proof(move.run, 12),
    "firefox": Proof(firefox.run, 3),
    "offline": Proof(offline.run, 120),
    "mail": Proof(mail.run, 1),
}
# What has to be nothing: how the name of a figure ends, the name of a database left out.
NOTHING = (
    "lost", "doubled", "half", "misplaced", "mistimed", "left_waiting", "plaintext_found", "control_not_found",
    "traces", "urge_loops_forgotten", "500", "unread", "guessed", "still_in", "jobs_left", "between", "changed",
    "pages_different", "corrupt", "given_up", "short", "broke", "broken", "told",
    "served", "silent", "undetected", "left_behind",
    "found", "unshown", "unsaid", "unrecovered", "read_failed", "seen_unwritten", "shell_failed", "no_retry_after",
    "too_late", "after_revoke", "disordered", "refused", "wrong_day", "wrong_wall", "merged", "drifted", "missed",
    "kept_without_sign_in", "rows_different", "heads_different", "chains_broken", "decryptable",
    "others_unreadable", "alive", "injectable", "let_in", "out",
)  # fmt: skip


def prove(only: str, seed: int, many: int | None, proofs: Mapping[str, Proof] | None = None) -> bool:
    """Runs the proofs that are asked for and prints what they found; whether all of it is well."""
    began = time.monotonic()
    those = {name: proof for name, proof in (proofs or PROOFS).items() if _asked(only, name, proof)}
    well = [_proved(name, proof, seed, many or proof.many) for name, proof in those.items()]
    print(Figure("all_took", round(time.monotonic() - began, 1), "s", len(well)), flush=True)
    return all(well) and bool(well)


def _asked(only: str, name: str, proof: Proof) -> bool:
    return any(one.startswith(only) for one in (name, *proof.shows))


def _proved(name: str, proof: Proof, seed: int, many: int) -> bool:
    print(Figure(f"{name}_seed", seed, "", 1), flush=True)
    began, well = time.monotonic(), True
    try:
        for figure in proof.run(seed, many):
            print(figure, flush=True)
            well &= not (figure.value and has_to_be_nothing(figure.name))
    except NotHere as why:
        shows = f" ({' '.join(proof.shows)})" if proof.shows else ""
        print(f"{name}{shows} is not shown on this machine: {why}", flush=True)
    except Exception:
        # It has failed, and the others are run all the same.
        traceback.print_exc()
        well = False
        print(Figure(f"{name}_broke", 1, "proofs", 1), flush=True)
    print(Figure(f"{name}_took", round(time.monotonic() - began, 1), "s", 1), flush=True)
    return well


def has_to_be_nothing(name: str) -> bool:
    for database in DATABASES:
        name = name.removesuffix(f"_{database}")
    return any(name.endswith(f"_{one}") for one in NOTHING)


# So many proofs at a time: most of what one takes is waiting, for a server to start or for a disk.
LANES = 3


def apart(module: str, seed: int, names: Sequence[str]) -> bool:
    """Every proof in a process of its own, some at a time; what each says is printed in one piece."""
    began = time.monotonic()

    def one(name: str) -> subprocess.CompletedProcess[str]:
        chosen = os.environ | {"ONLY": name, "SEED": str(seed)}
        return subprocess.run((sys.executable, "-m", module), env=chosen, capture_output=True, text=True, check=False)

    well = True
    lanes = ThreadPoolExecutor(LANES)
    try:
        for done in as_completed([lanes.submit(one, name) for name in names]):
            print(done.result().stdout, end="", flush=True)
            well &= done.result().returncode == 0
            sys.stderr.write(done.result().stderr if done.result().returncode else "")
    finally:
        # Ended from outside, it begins none of those that are left.
        lanes.shutdown(cancel_futures=True)
    print(Figure("all_in_all_took", round(time.monotonic() - began, 1), "s", len(names)), flush=True)
    return well


def begin(module: str, proofs: Mapping[str, Proof]) -> NoReturn:
    """What `make` starts: reads ONLY, SEED, N and LOG, and ends with whether all is well."""
    # Ended from outside, it ends its servers and browsers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    logging.basicConfig(
        level=logging.INFO if os.environ.get("LOG") else logging.WARNING, format="%(asctime)s %(message)s"
    )
    chosen = int(os.environ.get("SEED") or time.time_ns() % 100_000)
    many, only = int(os.environ.get("N") or 0) or None, os.environ.get("ONLY", "")
    sys.exit(not (prove(only, chosen, many, proofs) if only else apart(module, chosen, list(proofs))))


if __name__ == "__main__":
    begin("tests.faults", PROOFS)
