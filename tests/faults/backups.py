"""F10, F11 and L27: backups that are damaged, a restore on a clean machine, and what is left of one who was erased.

Each of many times a copy of a good backup is harmed (a bit, its end, a file of another backup, the wrong key) and is
verified, or restored on a clean machine, typed keys and all: that has to be refused, and to leave no database behind.
On both databases, in about three minutes with 400 of each.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from random import Random
from uuid import UUID

import pyrage
from sqlmodel import select

from app import backups, chain, demo, migrate, restore, sheet
from app.access import House, opened, utc_now
from app.database import Database
from app.lib.vault import KeyTrouble, Master
from app.migrate import Trouble
from app.models import entry, erasure
from app.models.people import Episode
from app.settings import Settings
from bench import running
from bench.figures import Figure
from tests import backed
from tests.conftest import Clock, fresh_postgres


def run(seed: int, many: int) -> Iterator[Figure]:
    for name in ("sqlite", "postgresql"):
        with ExitStack() as kept:
            folder = Path(kept.enter_context(tempfile.TemporaryDirectory(dir=running.memory())))
            server = kept.enter_context(running.postgres()) if name == "postgresql" else None
            house = lived_in(folder / "home", server)
            yield from harmed(house, folder, server, Random(seed), many, name)
            yield from drilled(house, folder, server, name)
            yield from erased(house, folder, server, name)
            house.database.engine.dispose()


def lived_in(folder: Path, server: str | None) -> House:
    """The demo data."""
    (folder / "data").mkdir(mode=0o700, parents=True)
    Master.create(folder / "keys" / "master.key")
    url = fresh_postgres(server) if server else None
    settings = Settings(
        data=folder / "data", keys=folder / "keys", database_url=url, public_url="https://footbridge.example"
    )
    house = backed.backed(House(settings, *_opened(settings), Clock(utc_now())), folder / "backups", server)
    migrate.upgrade(house.database)
    demo.make_once(house)
    return house


def _opened(settings: Settings) -> tuple[Database, Master]:
    master = Master.read(settings.key_file)
    return Database(settings, master.derive("database file")), master


# --- F10


def harmed(house: House, folder: Path, server: str | None, chance: Random, many: int, name: str) -> Iterator[Figure]:
    """`many` backups that were harmed, each verified or restored. `F10_undetected`: nobody noticed."""
    good, other = _two(house, folder)
    clean = Settings(data=folder / "clean" / "data", database_url=fresh_postgres(server) if server else None)
    before, undetected, left, lines = _state(house), 0, 0, backed.on_paper(house.settings)
    for _ in range(many):
        undetected += not attempt(house, clean, (good, other), chance, lines)
        left += not migrate.nothing_there(clean) or clean.key_file.exists()
    yield Figure(f"F10_damaged_{name}", many, "", many)
    yield Figure(f"F10_undetected_{name}", undetected, "", many)
    yield Figure(f"F10_left_behind_{name}", left, "", many)
    yield Figure(f"F10_live_changed_{name}", _state(house) != before, "", many)


def _two(house: House, folder: Path) -> tuple[Path, Path]:
    """Two good backups of the same house, each in a folder of its own."""
    made = []
    for which in ("first", "second"):
        assert isinstance(house.clock, Clock)
        house.clock.go(hours=1)
        into = folder / which
        there = House(house.settings.model_copy(update={"backups": into}), house.database, house.master, house.clock)
        backups.make(there)
        made.append(into)
    return made[1], made[0]


def attempt(house: House, clean: Settings, those: tuple[Path, Path], chance: Random, lines: list[str]) -> bool:
    """Harm a copy and try to bring it back; whether that was refused."""
    good, other = those
    with tempfile.TemporaryDirectory(dir=good.parent) as folder:
        copy = Path(folder) / "backups"
        shutil.copytree(good, copy)
        done = backed.harm(chance, copy, other)
        typed = _wrong(lines, chance) if done.kind == "key" else lines
        there = clean.model_copy(update={"backups": copy})
        path = next((copy / "words").glob("2*.*")).with_suffix(".age")
        try:
            if done.kind != "key" and chance.random() < 0.5:
                restore.verify(house.settings.model_copy(update={"backups": copy}), path, say=str)
            else:
                restore.restore(there, path, backed.typing(typed), say=str)
        except (Trouble, KeyTrouble):
            return True
    return False


def _wrong(lines: list[str], chance: Random) -> list[str]:
    """The sheet of another house: one of its keys, or both."""
    master = sheet.lines(sheet.MASTER, sheet.master_text(Master(os.urandom(32))))
    identity = sheet.lines(sheet.IDENTITY, str(pyrage.x25519.Identity.generate()).removeprefix(sheet.AGE))
    return chance.choice([master + lines[4:], lines[:4] + identity, master + identity])


def _state(house: House) -> str:
    """All that the house has, as a digest: of its file, or of what pg_dump would count."""
    if house.settings.database_url is None:
        return sha256(house.settings.database_file.read_bytes()).hexdigest() + str(backed.rows(house))
    return str((backed.rows(house), chain.heads(house)))


# --- F11


def drilled(house: House, folder: Path, server: str | None, name: str) -> Iterator[Figure]:
    """Onto a clean machine, from the copied folder and the lines of the sheet."""
    backups.make(house)
    there = backed.elsewhere(house.settings, folder / "drill", server)
    lines = backed.on_paper(house.settings)
    began = time.monotonic()
    restore.restore(there, None, backed.typing(lines), say=str)
    took = time.monotonic() - began
    with backed.house_at(there) as found:
        migrate.check(found)
        before, after = backed.rows(house), backed.rows(found)
        different = sum(before[table] != after[table] for table in before)
        heads = chain.heads(house) != chain.heads(found)
        broken = sum(bool(one.wrong) for _, one in chain.verified(found))
    yield Figure(f"F11_restore_seconds_{name}", round(took, 2), "s", 1)
    yield Figure(f"F11_rows_{name}", sum(after.values()), "", len(after))
    yield Figure(f"F11_rows_different_{name}", different, "", len(after))
    yield Figure(f"F11_heads_different_{name}", heads, "", 1)
    yield Figure(f"F11_chains_broken_{name}", broken, "", len(chain.heads(house)))


# --- L27


def erased(house: House, folder: Path, server: str | None, name: str) -> Iterator[Figure]:
    """One who wrote the most is erased after a backup; then that old backup is restored with the keys as they are.

    `control`: with the keys as they were before they can be read, so they were in that backup.
    """
    assert isinstance(house.clock, Clock)
    program, person, mine, others = _most(house)
    old = backed.elsewhere(house.settings, folder / "old", server)
    with opened(house, program, "keeper", program) as record:
        erasure.erase(record, person)
    house.clock.go(hours=1)
    backups.renew_keys(house)
    there = backed.elsewhere(house.settings, folder / "erased", server)
    control, _ = _brought(house, old)
    readable, gone = _brought(house, there)
    yield Figure(f"L27_control_not_found_{name}", mine - control[person], "", mine)
    yield Figure(f"L27_decryptable_{name}", readable.pop(person, 0), "", mine)
    yield Figure(f"L27_others_unreadable_{name}", others - sum(readable.values()), "", others)
    yield Figure(f"L27_sealed_and_gone_{name}", gone, "", gone)


def _brought(house: House, there: Settings) -> tuple[dict[UUID, int], int]:
    """Restored: of each participant what can be read, and how many sealed values nobody has a key to."""
    seen = restore.restore(there, None, backed.typing(backed.on_paper(house.settings)), say=str)
    with backed.house_at(there) as found:
        return _readable(found), sum(seen.gone.values())


def _most(house: House) -> tuple[UUID, UUID, int, int]:
    readable = _readable(house)
    person = max(readable, key=lambda one: readable[one])
    program = next(one for one in chain.programs(house) if person in _participants(house, one))
    return program, person, readable[person], sum(readable.values()) - readable[person]


def _participants(house: House, program: UUID) -> set[UUID]:
    with opened(house, program, "keeper", program, writes=False) as record:
        return set(record.session.exec(select(Episode.participant_id)))


def _readable(house: House) -> dict[UUID, int]:
    """Of each participant the entries in which there is a word that can be read."""
    found = {}
    for program in chain.programs(house):
        for person in _participants(house, program):
            with opened(house, program, "participant", person, person, writes=False) as record:
                found[person] = sum(bool(line.all_words.strip()) for line in entry.everything(record))
    return found
