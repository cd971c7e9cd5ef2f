"""A backup is opened again: to see that it can be (`footbridge verify`), or as it must be (`footbridge restore`).

Everything is looked at before anything is touched, in a folder of its own; what is there already is never overwritten.
"""

import hmac
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pyrage
from sqlalchemy import Connection, LargeBinary, insert
from sqlmodel import Session, SQLModel

from app import __version__, backups, dumps, migrate, sheet
from app.access import House, as_reader
from app.backups import FORM, Manifest
from app.database import Database
from app.lib.vault import Broken, Master, place, unseal, unwrap
from app.migrate import Trouble
from app.models import erasure, links
from app.models.erasure import Erasure
from app.models.openings import Opening
from app.models.people import PersonKey
from app.models.program import Program
from app.record import Record
from app.settings import Settings

# What is bytes and not sealed: kept to be compared with, or keys themselves.
HASHES = frozenset({"name_hash", "address_hash", "token_hash", "digest", "mac", "key"})
PERSONS = ("participant_id", "person_id", "coach_id", "by", "made_by", "reader_id", "facilitator_id")
One = tuple[UUID, UUID]
Say = Callable[[str], object]


@dataclass
class Found:
    """A backup, opened: its words in the file `content`, their manifest, and the newest keys of persons."""

    content: Path
    words: Manifest
    house: House
    programs: dict[UUID, bytes] = field(default_factory=dict)
    wrapped: dict[One, bytes] = field(default_factory=dict)
    erased: list[Erasure] = field(default_factory=list)


@dataclass
class Seen:
    """What was in it: of each table the rows, and the sealed values that open, are of one who was erased, or do not."""

    rows: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    keyless: int = 0
    heads: dict[str, list[Any]] = field(default_factory=dict)


# --- the commands


def verify(
    settings: Settings, named: Path | None = None, ask: sheet.Ask = sheet.from_terminal, say: Say = print
) -> Seen:
    """Open the newest backup, or the one that is named, and see that all of it is there and can be read."""
    path = chosen(settings, named)
    master, identity = sheet.master_of(settings, ask), sheet.identity_of(settings, ask)
    with opened(settings, path, (master, identity), path.parent.parent) as found:
        seen = look(found)
        if found.words.engine == "sqlite":
            _filled(found)
    backups.mark_verified(path)
    say(f"{path}: whole. {sum(seen.rows.values())} rows, and {sum(seen.read.values())} sealed values that open.")
    return seen


def restore(
    settings: Settings, named: Path | None = None, ask: sheet.Ask = sheet.from_terminal, say: Say = print
) -> Seen:
    """Bring the newest backup back, or the one that is named, to where no database is."""
    if not migrate.nothing_there(settings):
        raise Trouble("There is a database already. Nothing was changed: a backup is restored to where there is none.")
    path = chosen(settings, named)
    master, identity = sheet.master_of(settings, ask), sheet.identity_of(settings, ask)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with opened(settings, path, (master, identity), settings.data) as found:
        if found.words.engine != ("postgresql" if settings.database_url else "sqlite"):
            raise Trouble(f"This backup is of {found.words.engine}. Restore it there; footbridge move goes on from it.")
        seen = look(found)
        if settings.database_url:
            _brought(found)
        else:
            _filled(found)
        sheet.keep(settings, master)
        if not settings.database_url:
            _name(found.content, settings.database_file)
    say(f"{path}: restored, {sum(seen.rows.values())} rows. Run footbridge doctor, then footbridge serve.")
    return seen


def chosen(settings: Settings, named: Path | None) -> Path:
    """The backup that is meant. Raises Trouble."""
    if named is None:
        there = backups.known(settings)
        if not there:
            raise Trouble(f"There is no backup in {backups.folder(settings)}.")
        return there[-1].path
    if not named.exists():
        raise Trouble(f"There is no backup at {named}.")
    if not named.with_suffix(".json").exists():
        raise Trouble(f"There is no {named.with_suffix('.json').name} beside {named}, so nobody knows what it holds.")
    return named


# --- opened


@contextmanager
def opened(settings: Settings, path: Path, keys: tuple[Master, str], beside: Path) -> Iterator[Found]:
    """Words and keys, decrypted into a folder of their own that goes with the block. Raises Trouble."""
    master, identity = keys
    words = _manifest(path, "words", master)
    with TemporaryDirectory(prefix=".half-", dir=beside) as folder:
        content = Path(folder) / ("footbridge.db" if words.engine == "sqlite" else "words")
        _decrypted(path, words, identity, content)
        house = House(settings, dumps.nowhere(settings, master), master)
        found = Found(content, words, house)
        _take_keys(found, path.parent.parent / "keys", identity)
        yield found


def _manifest(path: Path, stream: str, master: Master) -> Manifest:
    beside = path.with_suffix(".json")
    try:
        found = Manifest(**json.loads(beside.read_bytes()))
    except (ValueError, TypeError, RecursionError):
        raise Trouble(f"{beside} is damaged. Nothing was changed.") from None
    if not hmac.compare_digest(str(found.seal).encode(), found.sealed(master).encode()):
        raise Trouble(f"{beside} was changed, or is of another master key. Nothing was changed.")
    if found.form != FORM or found.revision != migrate.newest():
        raise Trouble(
            f"{path} was made by Footbridge {found.version}, at version {found.revision}; this one is {__version__}, "
            f"at {migrate.newest()}. Restore it with that one, then run: footbridge migrate"
        )
    if found.name != f"{stream}/{path.stem}":
        raise Trouble(f"{path} is another backup than its name says: {found.name}. Nothing was changed.")
    return found


def _decrypted(path: Path, manifest: Manifest, identity: str, into: Path) -> None:
    if not path.exists() or backups.digest(path) != manifest.sha256:
        raise Trouble(f"{path} is not as it was written: it is damaged, cut short, or another file.")
    try:
        pyrage.decrypt_file(str(path), str(into), [pyrage.x25519.Identity.from_str(identity)])
    except (pyrage.DecryptError, pyrage.IdentityError):
        raise Trouble(f"The backup key does not open {path}. Is it the one on the sheet of that time?") from None
    into.chmod(0o600)
    if backups.digest(into) != manifest.inside:
        raise Trouble(f"What is inside {path} is not what was put in.")


def _take_keys(found: Found, stream: Path, identity: str) -> None:
    """The newest keys open every older backup too, but for the words of those who were erased since."""
    those = backups.there(stream)
    if not those:
        raise Trouble(f"There are no keys of persons in {stream}: without them no word can be read.")
    said = found.content.with_name("keys")
    _decrypted(those[-1], _manifest(those[-1], "keys", found.house.master), identity, said)
    keys = json.loads(said.read_bytes())
    said.unlink()
    found.programs = {UUID(program): bytes.fromhex(key) for program, key in keys["programs"]}
    found.wrapped = {(UUID(program), UUID(one)): bytes.fromhex(key) for program, one, key in keys["keys"]}
    found.erased = [
        Erasure(program_id=UUID(program), id=UUID(one), by=UUID(by), at=datetime.fromisoformat(at).astimezone(UTC))
        for program, one, by, at in keys["erased"]
    ]


# --- looked at


def look(found: Found) -> Seen:
    """Every row is counted and every sealed value opened. Raises Trouble."""
    seen, opens = Seen(), Opens(found)
    for table, row in dumps.rows(found.house, found.words.engine, found.content):
        seen.rows[table] += 1
        for column in _sealed().get(table, ()):
            if row[column]:
                getattr(seen, opens.tried(table, column, row))[table] += 1
        if table == "person":
            seen.keyless += opens.keyless(row)
        if table == "link":
            _ends(seen, row)
    _judge(found, seen)
    return seen


@cache
def _sealed() -> dict[str, list[str]]:
    return {
        each.name: [one.name for one in each.c if isinstance(one.type, LargeBinary) and one.name not in HASHES]
        for each in SQLModel.metadata.sorted_tables
    }


def _ends(seen: Seen, row: dumps.Row) -> None:
    program, number = str(row["program_id"]), int(row["number"])
    if number > seen.heads.get(program, [0])[0]:
        seen.heads[program] = [number, row["mac"].hex()]


def _judge(found: Found, seen: Seen) -> None:
    wrong = [
        f"{table} has {seen.rows[table]} rows instead of {rows}"
        for table, rows in found.words.tables.items() if seen.rows[table] != rows
    ]  # fmt: skip
    wrong += [f"{many} sealed values of {table} do not open" for table, many in seen.unread.items()]
    wrong += [f"{seen.keyless} persons have no key, and were not erased"] if seen.keyless else []
    wrong += ["the access log does not end where it did"] if seen.heads != found.words.heads else []
    if wrong:
        raise Trouble(f"The backup is not whole: {'; '.join(wrong)}. Nothing was changed.")


class Opens:
    """Tries the keys of a backup on its sealed values: those of whoever a row is about or from, then the program's."""

    def __init__(self, found: Found) -> None:
        master = found.house.master
        self.wrapped, self.keys = found.wrapped, dict[One, bytes]()
        self.erased = {(one.program_id, one.id) for one in found.erased}
        self.programs = {
            one: master.unwrap(key, place(one, "program", "key", one)) for one, key in found.programs.items()
        }

    def tried(self, table: str, column: str, row: dumps.Row) -> str:
        """ "read", "gone" or "unread"."""
        program, row_id = _id(row["program_id"]), _id(row["id"])
        persons = [(program, _id(row[one])) for one in PERSONS if row.get(one)]
        persons += [(program, row_id)] if table == "person" else []
        where = place(program, table, column, row_id)
        keys = [*(self._key(one) for one in persons if one in self.wrapped), self.programs[program]]
        if any(_opens(key, row[column], where) for key in keys):
            return "read"
        return "gone" if any(one in self.erased for one in persons) else "unread"

    def keyless(self, row: dumps.Row) -> bool:
        one = _id(row["program_id"]), _id(row["id"])
        return one not in self.wrapped and one not in self.erased

    def _key(self, one: One) -> bytes:
        if one not in self.keys:
            where = place(one[0], "person_key", "key", one[1])
            self.keys[one] = unwrap(self.programs[one[0]], self.wrapped[one], where)
        return self.keys[one]


def _id(said: Any) -> UUID:
    return UUID(str(said))


def _opens(key: bytes, sealed: bytes, where: bytes) -> bool:
    try:
        unseal(key, sealed, where)
    except Broken:
        return False
    return True


# --- brought back


def _filled(found: Found) -> None:
    """The SQLite copy, with the keys of persons put in, and judged as a database."""
    database = dumps.at(found.house, found.content.parent)
    with closing(database.engine.raw_connection()) as raw:
        for asked in ("PRAGMA cipher_integrity_check", "PRAGMA integrity_check", "PRAGMA foreign_key_check"):
            said = raw.driver_connection.execute(asked).fetchall()  # type: ignore[union-attr]
            if said not in ([], [("ok",)]):
                raise Trouble(f"The database in the backup is not whole: {asked.split()[1]}. Nothing was changed.")
    with database.session() as session:
        _keys_in(session.connection(), found)
        _afterwards(session, found)
    _closed(database)


def _closed(database: Database) -> None:
    with closing(database.engine.raw_connection()) as raw:
        raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    database.engine.dispose()


def _brought(found: Found) -> None:
    """Into the empty PostgreSQL database, in one transaction: killed in the middle, nothing has happened."""
    database = found.house.database
    with database.session() as session:
        connection = session.connection()
        migrate.walls_hold(connection)
        dumps.bring(connection, found.content, lambda: _keys_in(connection, found))
        _afterwards(session, found)
    database.engine.dispose()


def _keys_in(connection: Connection, found: Found) -> None:
    """Before the walls stand, or where there are none: also the last moment at which all rows can be counted."""
    rows = [{"program_id": program, "id": one, "key": key} for (program, one), key in found.wrapped.items()]
    known = found.programs.keys()
    if rows := [row for row in rows if row["program_id"] in known]:
        connection.execute(insert(PersonKey), rows)
    if backups.counts(connection) != found.words.tables | {"person_key": len(rows)}:
        raise Trouble("What arrived is not what was in the backup. Nothing was changed.")


def _afterwards(session: Session, found: Found) -> None:
    """The access log is looked through, and who was erased since the backup is erased again."""
    for program_id in found.programs:
        program = session.get(Program, program_id)
        if program is None:
            continue  # founded after this backup was made
        reader = as_reader(program, program.id, "keeper", found.house.clock())
        record = Record.open(session, found.house.master, program, reader)
        head = found.words.heads.get(str(program.id))
        if wrong := links.verify(record, Opening, [(head[0], head[1])] if head else []).wrong:
            raise Trouble(f"The access log in the backup was changed: {wrong[0]}. Nothing was changed.")
        for one in found.erased:
            if one.program_id == program.id:
                erasure.again(record, one)


def _name(whole: Path, wanted: Path) -> None:
    """What is whole gets its name, and never that of something that is there."""
    os.link(whole, wanted)
    for written in (wanted, wanted.parent):
        file = os.open(written, os.O_RDONLY)
        os.fsync(file)
        os.close(file)
