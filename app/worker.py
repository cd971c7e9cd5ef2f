"""What happens on a clock: beside the server, or as a process of its own; as many as one likes."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from app import backups, chain
from app.access import House, opened
from app.models import accounts, entry, groups, jobs, rounds
from app.models.jobs import Job
from app.record import Record

EVERY_SECONDS = 30.0
log = logging.getLogger("footbridge")


def tidy(record: Record) -> None:
    """Destroy what has been in a bin for 30 days, sum up rooms, and forget old jobs."""
    groups.sum_up(record)
    entry.empty_bin(record)
    jobs.forget(record.session, record.program.id, record.now)


# What a job does. Its work is done with the keeper's eyes, in one transaction with its being done.
WORK: dict[str, Callable[[Record], object]] = {
    "tidy": tidy,
    "missed": lambda record: rounds.go(record, rounds.AFTER),
    "morning": lambda record: rounds.go(record, rounds.MORNING),
}


# What is for the whole house and takes long: outside of a transaction, as nobody could write until it is done.
APART: dict[str, Callable[[House], object]] = {"backup": backups.make}


def plan(house: House) -> None:
    """Enter what comes back and has come, and forget refused sign-ins."""
    now, settings = house.clock(), house.settings
    with house.database.session(writes=False) as session:
        more = jobs.daily(session, "backup", settings.backup_hour, now) if settings.backups else []
        new = jobs.unplanned(session, now, more)
    if new:
        with house.database.session() as session:
            jobs.add(session, new)
            accounts.forget_attempts(session, now)


def take(house: House) -> Job | None:
    """The next job, taken for a while. Nobody is kept from writing when there is none."""
    now = house.clock()
    with house.database.session(writes=False) as session:
        if not jobs.waiting(session, now):
            return None
    with house.database.session() as session:
        return jobs.take(session, now)


def do(house: House, job: Job) -> bool:
    """Do a job that was taken. False: it was done meanwhile, or is somebody else's by now."""
    if job.what in APART:
        APART[job.what](house)
    with opened(house, job.program_id, "keeper", person_id=job.program_id) as record:
        mine = jobs.held(record.session, job)
        if mine:
            WORK.get(job.what, _nothing_more)(record)
            mine.done_at = record.now
        return mine is not None


def _nothing_more(_record: Record) -> None:
    """It was done apart."""


def turn(house: House, stop: threading.Event | None = None) -> int:
    """Do what is due, until it is told to stop; how many jobs.

    One that fails is told of, keeps no other waiting, and is tried again later.
    """
    plan(house)
    done = 0
    while not (stop and stop.is_set()) and (job := take(house)):
        done += _told(job, _apart(partial(do, house, job)))
    return done


def _apart(act: Callable[[], object]) -> BaseException | None:
    """Carry something out where it may fail, and say how it did: the clock goes on, whatever was wrong."""
    with ThreadPoolExecutor(1, "hand") as hand:
        return hand.submit(act).exception()


def _told(job: Job, wrong: BaseException | None) -> bool:
    facts = {"program": str(job.program_id), "job": job.what, "tries": job.tries}
    if wrong:
        log.error("a job was not done", extra={"facts": facts}, exc_info=wrong)
    return wrong is None


def run(house: House, stop: threading.Event) -> None:
    """Until it is told to stop. The access log is looked through at the start, and once a day."""
    looked = None
    while True:
        _goes_on(partial(turn, house, stop))
        if looked != (today := house.clock().date()):
            _goes_on(partial(chain.watch, house))
            looked = today
        if stop.wait(EVERY_SECONDS):
            return


def _goes_on(act: Callable[[], object]) -> None:
    if wrong := _apart(act):
        log.error("the clock stumbled, and goes on", exc_info=wrong)


@contextmanager
def beside(house: House) -> Iterator[None]:
    """Run the clock in a thread beside the server, unless it has a process of its own."""
    if not house.settings.clock:
        yield
        return
    stop = threading.Event()
    clock = threading.Thread(target=run, args=(house, stop), name="clock", daemon=True)
    clock.start()
    yield
    stop.set()
    clock.join(timeout=5)
