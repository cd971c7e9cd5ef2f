"""`footbridge doctor`: whether everything is as it should be; a line for each thing, and what to do where it is not.

It changes nothing, and asks nobody outside of this machine and its database. Each check is a small function in one of
two tables: those that need no database, and those that look into it.
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

from sqlalchemy.exc import DBAPIError

from app import main, migrate
from app.access import House
from app.database import Busy
from app.doctor import inside, machine
from app.doctor.findings import Finding, fail
from app.lib.vault import Broken, KeyTrouble
from app.settings import Settings

TROUBLES = (migrate.Trouble, KeyTrouble, Broken, Busy, DBAPIError, OSError)
Told = Callable[[Exception], str]
Outside = Callable[[Settings], Finding]
Inside = Callable[[House], Finding]
OUTSIDE: dict[str, Outside] = {
    "settings": machine.settings_are_safe, "tls": machine.tls_is_in_front, "folders": machine.folders_are_closed,
    "keys": machine.keys_lie_apart, "key": machine.key_is_good, "encryption": machine.file_is_encrypted,
    "backups": machine.backups_are_made, "clock": machine.clock_is_right, "room": machine.there_is_room,
}  # fmt: skip
INSIDE: dict[str, Inside] = {
    "version": inside.tables_are_of_this_version, "engine": inside.engine_is_sound, "walls": inside.walls_hold,
    "worker": inside.work_is_done, "jobs": inside.no_job_failed, "access log": inside.log_is_whole,
    "people": inside.nobody_is_made_up,
}  # fmt: skip


def examine(settings: Settings, told: Told, outside: bool = False) -> Iterator[tuple[str, Finding]]:
    """Every check in turn: its name, and what it found. `told`: one sentence for an error. `outside`: asks there."""
    there = _looked(told, machine.database_is_there, settings)
    if there.state == "fail":
        yield "database", there
        return
    looks = OUTSIDE | ({"tls": machine.tls_answers} if outside else {})
    found = {name: _looked(told, look, settings) for name, look in looks.items()}
    yield from found.items()
    if {found["folders"].state, found["key"].state} & {"fail"}:
        yield "database", fail("not looked into, for the reason above", "First see to that.")
        return
    house = main.build(settings)
    for name, look in INSIDE.items():
        yield name, _looked(told, look, house)
    house.database.engine.dispose()


def _looked(told: Told, look: Callable[[Any], Finding], whom: Any) -> Finding:
    try:
        return look(whom)
    except TROUBLES as why:
        return fail(told(cast(Exception, why)), "See to that, and ask again.")


def report(settings: Settings, told: Told, outside: bool = False, say: Callable[[str], None] = print) -> int:
    """Say it all; how many checks failed."""
    failed = 0
    for name, found in examine(settings, told, outside):
        say(f"{found.state:5}{name:12}{found.found}" + (f"\n{'':5}→ {found.todo}" if found.todo else ""))
        failed += found.state == "fail"
    return failed
