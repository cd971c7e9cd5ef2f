"""What happens on a clock."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from app.access import House, opened
from app.lib.vault import Broken
from app.models import accounts, entry, groups, program

EVERY_SECONDS = 3600
log = logging.getLogger("footbridge")


def tidy(house: House) -> int:
    """Destroy what has been in a bin for 30 days, and old sign-in attempts; how many entries. Sum up rooms."""
    with house.database.session() as session:
        accounts.forget_attempts(session, house.clock())
        programs = program.program_ids(session)
    return sum(_tidied(house, one) for one in programs)


def _tidied(house: House, program_id: UUID) -> int:
    """What is wrong in one program must not keep the others, or the clock itself, from going on."""
    try:
        with opened(house, program_id, "keeper", person_id=program_id) as record:
            groups.sum_up(record)
            return entry.empty_bin(record)
    except (Broken, DBAPIError, TimeoutError):
        log.exception("a program was not tidied", extra={"facts": {"program": str(program_id)}})
        return 0


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
        try:
            log.info("tidied", extra={"facts": {"destroyed": tidy(house)}})
        except (DBAPIError, TimeoutError):
            log.exception("not tidied, in an hour again")
        if stop.wait(EVERY_SECONDS):
            return
