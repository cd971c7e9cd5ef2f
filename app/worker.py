"""What happens on a clock."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.access import House, opened
from app.models import accounts, entry, program

EVERY_SECONDS = 3600
log = logging.getLogger("footbridge")


def tidy(house: House) -> int:
    """Destroy what has been in a bin for 30 days, and old sign-in attempts; how many entries that were."""
    with house.database.session() as session:
        accounts.forget_attempts(session, house.clock())
        programs = program.program_ids(session)
    gone = 0
    for one in programs:
        with opened(house, one, "keeper", person_id=one) as record:
            gone += entry.empty_bin(record)
    return gone


@contextmanager
def beside(house: House) -> Iterator[None]:
    """Run the clock in a thread beside the server, at start and every hour after."""
    stop = threading.Event()
    clock = threading.Thread(target=_run, args=(house, stop), name="clock", daemon=True)
    clock.start()
    yield
    stop.set()
    clock.join(timeout=5)


def _run(house: House, stop: threading.Event) -> None:
    while True:
        gone = tidy(house)
        log.info("tidied", extra={"facts": {"destroyed": gone}})
        if stop.wait(EVERY_SECONDS):
            return
