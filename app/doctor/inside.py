"""What the database says of itself: its version, its promises, its walls, the work that is done, the access log."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import column, func, select, table

from app import backups, chain, demo, migrate
from app.access import House
from app.doctor.findings import Finding, fail, ok, warn
from app.lib.vault import name_hash
from app.models import accounts, invites, jobs
from app.owned import guarded

# The first SQLite without the WAL-reset bug, by which a database was lost (https://sqlite.org/wal.html).
SQLITE = (3, 51, 3)
POSTGRESQL = 14
PRAGMAS = {
    "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0,
    "temp_store": 2,
}  # fmt: skip
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
LATE, SILENT = timedelta(minutes=15), timedelta(minutes=75)


def tables_are_of_this_version(house: House) -> Finding:
    migrate.check(house)
    return ok(f"the tables are those of this Footbridge ({migrate.newest()}), and the master key opens them")


def engine_is_sound(house: House) -> Finding:
    with house.database.session(writes=False) as session:
        ask: Ask = session.connection().scalar
        return _postgresql_is_sound(ask) if house.settings.database_url else _sqlite_is_sound(ask)


Ask = Callable[[Any], Any]


def _sqlite_is_sound(ask: Ask) -> Finding:
    version = ask(select(func.sqlite_version()))
    if tuple(map(int, version.split("."))) < SQLITE:
        return fail(f"SQLite {version} can lose a database (WAL reset)", "Install Footbridge's own requirements again.")
    said = {name: ask(select(column(name)).select_from(table(f"pragma_{name}"))) for name in PRAGMAS}
    if wrong := [f"{name} is {said[name]}" for name in PRAGMAS if said[name] != PRAGMAS[name]]:
        return fail(f"SQLite {version}, but {', '.join(wrong)}", "Something changed the database's settings: tell us.")
    return ok(f"SQLite {version}; " + ", ".join(f"{name}={value}" for name, value in said.items()))


def _postgresql_is_sound(ask: Ask) -> Finding:
    version = ask(select(func.current_setting("server_version")))
    said = {name: ask(select(func.current_setting(name))) for name in DURABLE}
    if wrong := [f"{name} is {value}" for name, value in said.items() if value in ("off", "local")]:
        return fail(f"PostgreSQL {version}, but {', '.join(wrong)}", "A power cut would lose what was kept. Set it on.")
    if int(version.split(".")[0]) < POSTGRESQL:
        return fail(f"PostgreSQL {version} is not supported any more", f"Use {POSTGRESQL} or newer.")
    return ok(f"PostgreSQL {version}; fsync and synchronous_commit are on")


def walls_hold(house: House) -> Finding:
    """Row-level security, forced, on each table of a program, for a role that it holds for."""
    if not house.settings.database_url:
        return ok("SQLite: the guard in each session is the wall, and the file is this user's alone")
    with house.database.session(writes=False) as session:
        migrate.walls_hold(session.connection())
        forced = column("relrowsecurity") & column("relforcerowsecurity")
        asked: Any = select(column("relname")).select_from(table("pg_class")).where(forced)
        found = set(session.connection().scalars(asked))
    if bare := sorted(one.name for one in guarded() if one.name not in found):
        return fail(
            f"row-level security is not forced on {', '.join(bare)}",
            "Restore it: alter table … force row level security.",
        )
    return ok(f"row-level security is forced on {len(guarded())} tables; the role is no superuser")


def work_is_done(house: House) -> Finding:
    now = house.clock()
    with house.database.session(writes=False) as session:
        newest, waiting = jobs.newest(session), jobs.late(session, now - LATE)
    if newest is None and not chain.programs(house):
        return ok("there is no program yet, and nothing to do")
    return _worked(now, newest, waiting)


def _worked(now: datetime, newest: datetime | None, waiting: int) -> Finding:
    start = "Start `footbridge worker`, or the server without FOOTBRIDGE_CLOCK=false; look into its log."
    if newest is None:
        return warn("no job was ever done", start)
    if waiting or now - newest > SILENT:
        return fail(f"the last job was done at {newest:%Y-%m-%d %H:%M} UTC; {waiting} wait that were due", start)
    return ok(f"the last job was done at {newest:%Y-%m-%d %H:%M} UTC")


def no_job_failed(house: House) -> Finding:
    with house.database.session(writes=False) as session:
        left = jobs.given_up(session)
    if left:
        said = ", ".join(f"{many} × {what}" for what, many in left)
        return fail(f"given up after {jobs.TRIES} tries: {said}", "The log says why ('a job was not done').")
    return ok("no job was given up")


def log_is_whole(house: House) -> Finding:
    found = dict(chain.verified(house, chain.anchor(house), *_heads_of_last_backup(house)))
    looks = sum(one.number for one in found.values())
    if wrong := [f"program {program}: {one.wrong[0]}" for program, one in found.items() if one.wrong]:
        return fail(
            f"the access log was changed past Footbridge: {'; '.join(wrong[:3])}",
            "Keep this database and the logs as they are; see 'The access log' in docs/operations.md.",
        )
    return ok(f"the access log is whole; looks: {looks}, programs: {len(found)}")


def _heads_of_last_backup(house: House) -> list[chain.Heads]:
    """Of the last alone: whoever went back to an older one cut off what came after it, and knows."""
    last = backups.known(house.settings)[-1:]
    return [chain.told(one.path.with_suffix(".json"), lambda said: json.loads(said)["heads"]) for one in last]


def nobody_is_made_up(house: House) -> Finding:
    names = invites.names_key(house.master)
    made_up = [name_hash(names, demo.ADDRESS.format(name)) for name in ("ana", "cora", "pat")]
    with house.database.session(writes=False) as session:
        found = [name for name in made_up if accounts.named(session, name)]
    if found and house.settings.https:
        return fail(
            "the people of the demo can sign in here, with a passphrase that anybody can read",
            "Begin anew in an empty folder or database, with: footbridge found",
        )
    return warn("this is the demo", "Not for real people.") if found else ok("nobody of the demo can sign in here")
