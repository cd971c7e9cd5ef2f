"""footbridge serve | worker | run | demo | found | migrate | keys | move | doctor | …: what an operator types."""

import argparse
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID
from zoneinfo import available_timezones

import uvicorn
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app import backups, chain, migrate, move, restore, sheet, worker
from app import main as application
from app.access import House, opened
from app.database import passes
from app.edge import Edge, log_to_stderr
from app.founding import Charter, found, invite_manager
from app.lib.vault import Broken, KeyTrouble, Master
from app.migrate import Trouble
from app.models import erasure
from app.settings import Settings

# Seconds that requests have when the server is told to end: as long as they may wait in all, and as long again.
GRACE = 20
# Seconds that one of several web processes has before it counts as hung. With five, as is usual, a machine that had
# much else to do killed each of them while it was still starting, and again.
SLOW_START = 60


def _house(settings: Settings) -> House:
    """The house, checked: right key, whole database. A new one is made only where there is nothing yet."""
    if migrate.nothing_there(settings):
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not settings.key_file.exists():
            Master.create(settings.key_file)
    house = application.build(settings)
    if migrate.is_empty(house.database):
        migrate.upgrade(house.database)
    migrate.check(house)
    return house


def serve(settings: Settings) -> None:
    """Serve what is there; on an empty folder, make the keys and the database first."""
    _port_is_free(settings)
    _listen(_house(settings))


def run(settings: Settings) -> None:
    """Serve with demo data, made on the first start, and say how to sign in."""
    # Imported when it is asked for: no server needs it.
    from app import demo

    _port_is_free(settings)
    house = _house(settings)
    demo.make_once(house)
    print(demo.how_to_sign_in(settings), flush=True)
    _listen(house)


def work(settings: Settings) -> None:
    """Do what is due on the clock, as a process of its own, until it is told to stop."""
    house, stop = _house(settings), threading.Event()
    for told_to in (signal.SIGTERM, signal.SIGINT):
        # From a thread of its own: the signal may come while this one holds the lock inside the event.
        signal.signal(told_to, lambda *_: threading.Thread(target=stop.set).start())
    log_to_stderr()
    worker.run(house, stop)


def make_demo(settings: Settings) -> None:
    """Put the demo data into an empty database."""
    from app import demo

    demo.make_once(_house(settings))
    print(demo.how_to_sign_in(settings))


def upgrade(settings: Settings) -> None:
    """Bring the database to this version."""
    if migrate.nothing_there(settings):
        _house(settings)
    else:
        migrate.upgrade(application.build(settings).database)


def keys(settings: Settings) -> None:
    """Make the master key, where there is none yet."""
    print(f"{settings.key_file}: {Master.create(settings.key_file).fingerprint()}")


def begin(settings: Settings) -> None:
    """Found a program: asks for its name, its time zone and its first manager, and prints the manager's invite."""
    house = _house(settings)
    name, zone = _asked("Name of the program"), _asked("Time zone, like America/New_York")
    if zone not in available_timezones():
        raise Trouble(f"{zone} is no time zone. Nothing was made.")
    manager, sign_in_name = _asked("Name of the first manager"), _asked("Their e-mail or sign-in name")
    program = found(house, Charter(name, zone, _asked("Its line for hard hours"), _asked("The number of that line")))
    print(invite_manager(house, program, manager, sign_in_name))


def examine(settings: Settings, outside: bool = False) -> None:
    """Say of everything whether it is as it should be, and what to do where it is not."""
    # Imported when it is asked for: no server needs it.
    from app import doctor

    if failed := doctor.report(settings, told, outside):
        raise Trouble("One thing is wrong." if failed == 1 else f"{failed} things are wrong.")


def examine_outside(settings: Settings) -> None:
    """The same, and ask the address that people use whether it answers with a good certificate."""
    examine(settings, outside=True)


def _asked(what: str) -> str:
    print(f"{what}: ", end="", flush=True)
    return sys.stdin.readline().strip()


def _port_is_free(settings: Settings) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as why:
            raise Trouble(f"Port {settings.port} on {settings.host} cannot be used: {why.strerror}.") from None


def _listen(house: House) -> None:
    log_to_stderr()
    settings, proxies = house.settings, house.settings.trusted_proxies
    # What uvicorn passes on when it has ended: an end that was asked for is a good one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    several = settings.processes > 1
    uvicorn.run(
        "app.cli:served" if several else application.serve(house), factory=several, workers=settings.processes,
        host=settings.host, port=settings.port, log_config=None, access_log=False,
        proxy_headers=bool(proxies), forwarded_allow_ips=proxies or None, server_header=False,
        timeout_graceful_shutdown=GRACE, timeout_worker_healthcheck=SLOW_START,
    )  # fmt: skip


def served() -> Edge:
    """What each of several web processes runs; one that ends is started again."""
    log_to_stderr()
    return application.serve(application.build(Settings()))


def forget(settings: Settings) -> None:
    """Erase a person for good: asks for the program, for their sign-in name, and for their name once more."""
    house = _house(settings)
    program = _program(house)
    sign_in_name = _asked("Their e-mail or sign-in name")
    with opened(house, program, "keeper", program, writes=False) as record:
        person = erasure.named(record, house.master, sign_in_name)
        name = record.name(person) if person else ""
    if person is None or _asked(f"All that {name} ever wrote is destroyed. Type their name to do it") != name:
        raise Trouble("Nobody was erased.")
    with opened(house, program, "keeper", program) as record:
        erasure.erase(record, person)
    if settings.backups:
        backups.renew_keys(house)
    print("Erased. Copies of keys/ elsewhere hold the key until they are a week old.")


def _program(house: House) -> UUID:
    those = {}
    for program in chain.programs(house):
        with opened(house, program, "keeper", program, writes=False) as record:
            those[record.program.name] = program
    name = _asked("Name of the program") if len(those) > 1 else next(iter(those), "")
    if name not in those:
        raise Trouble("There is no such program. Nobody was erased.")
    return those[name]


# What is about a backup: the newest, or the one whose file is named.
ON_BACKUPS: dict[str, Callable[[Settings, Path | None], object]] = {
    "verify": restore.verify,
    "restore": restore.restore,
}
COMMANDS: dict[str, Callable[[Settings], None]] = {
    "serve": serve, "worker": work, "run": run, "demo": make_demo, "found": begin, "migrate": upgrade, "keys": keys,
    "move": move.forth, "move-back": move.back, "doctor": examine, "doctor-outside": examine_outside,
    "backup": backups.backup, "sheet": sheet.sheet, "erase": forget,
}  # fmt: skip


def told(why: Exception) -> str:
    """One sentence for the operator."""
    if isinstance(why, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))} {one['msg']}".strip() for one in why.errors())
    if passes(why):
        return "The database does not answer. Is it there, is its address right, is something else at work in it?"
    if isinstance(why, Broken):
        return "The master key does not open this database. Nothing was changed."
    if isinstance(why, DBAPIError):
        return "The database cannot be opened: is the key the one it was made with, and is the file whole?"
    if isinstance(why, OSError):
        return f"{why.filename}: {why.strerror}."
    return str(why)


def obey(arguments: list[str] | None = None) -> int:
    # What is made here is for this user alone: the database file as much as the key.
    os.umask(0o077)
    parser = argparse.ArgumentParser(prog="footbridge", description=__doc__)
    which = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        which.add_parser(name, help=command.__doc__)
    for name, about in ON_BACKUPS.items():
        which.add_parser(name, help=about.__doc__).add_argument("file", nargs="?", type=Path)
    asked = parser.parse_args(arguments)
    try:
        if asked.command in ON_BACKUPS:
            ON_BACKUPS[asked.command](Settings(), asked.file)
        else:
            COMMANDS[asked.command](Settings())
    except (Trouble, KeyTrouble, Broken, ValidationError, DBAPIError, OSError) as why:
        print(f"footbridge: {told(why)}", file=sys.stderr)
        return 1
    return 0


def main() -> None:
    sys.exit(obey())


if __name__ == "__main__":
    main()
