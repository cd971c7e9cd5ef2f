"""Backups: the words, kept long, and apart from them the persons' keys, kept a week (trap 17: else nobody is erased).

`words/TIME.age` holds the database without the keys of persons, `keys/TIME.age` those keys, as the program's keys
wrap them; the master key is in neither. Both are age files to the key on the recovery sheet, so that stock `age`
opens them. `TIME.json` beside each says what is in it, under the master key's seal; it is written last, so that what
has none is no backup. Decision 0032.
"""

import hmac
import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyrage
from sqlalchemy import Connection, func, select
from sqlmodel import SQLModel, col

from app import __version__, dumps, migrate
from app.access import House
from app.database import Database
from app.lib.vault import Master, write_new
from app.migrate import Trouble
from app.models.erasure import Erasure
from app.models.links import Link
from app.models.people import PersonKey
from app.models.program import Program
from app.settings import Settings

FORM = 1
STAMP = "%Y%m%dT%H%M%SZ"
DAYS, WEEKS, MONTHS = 7, 4, 12  # of each the last words, the newest first
KEYS_KEPT = timedelta(days=7)
log = logging.getLogger("footbridge")


@dataclass(frozen=True)
class Backup:
    """One backup of the words. `verified_at`: when it was last opened and found whole."""

    path: Path
    made_at: datetime
    verified_at: datetime | None


@dataclass(frozen=True)
class Manifest:
    """What a file holds. `sha256`: of the file and of what is `inside`; `tables`: rows; `heads`: of the access log."""

    name: str
    form: int
    version: str
    revision: str
    engine: str
    made_at: str
    sha256: str
    inside: str
    tables: dict[str, int]
    heads: dict[str, list[Any]]
    master: str
    seal: str = ""

    def sealed(self, master: Master) -> str:
        said = json.dumps(asdict(replace(self, seal="")), sort_keys=True)
        return hmac.digest(master.derive("backups"), said.encode(), "sha256").hex()


# --- what is there


def folder(settings: Settings) -> Path:
    """Raises Trouble where no folder was named."""
    if settings.backups is None:
        raise Trouble("FOOTBRIDGE_BACKUPS names no folder, so there are no backups.")
    return settings.backups


def known(settings: Settings) -> list[Backup]:
    """The backups of the words that are there, the oldest first; none where no folder was named."""
    if settings.backups is None:
        return []
    return [Backup(path, _time(path), _verified(path)) for path in there(settings.backups / "words")]


def there(stream: Path) -> list[Path]:
    """The files of a stream that were finished, the oldest first."""
    named = (path for path in stream.glob("*.age") if path.with_suffix(".json").exists())
    return sorted(path for path in named if _is_time(path.stem))


def _is_time(stem: str) -> bool:
    return len(stem) == 16 and stem[8] == "T" and stem[15] == "Z" and (stem[:8] + stem[9:15]).isdecimal()


def _time(path: Path) -> datetime:
    return datetime.strptime(path.stem, STAMP).replace(tzinfo=UTC)


def _verified(path: Path) -> datetime | None:
    beside = path.with_suffix(".verified")
    return datetime.fromtimestamp(beside.stat().st_mtime, UTC) if beside.exists() else None


def mark_verified(path: Path) -> None:
    path.with_suffix(".verified").touch(mode=0o600)


# --- to whom they are encrypted


def identity_file(settings: Settings) -> Path:
    """What opens the backups. It may be taken from the machine once it is on the recovery sheet."""
    return settings.keys / "backup.identity"


def recipient(settings: Settings) -> str:
    """To whom backups are encrypted; the running server needs no more. Made with its identity when there is none."""
    public = settings.keys / "backup.recipient"
    if not public.exists():
        identity = pyrage.x25519.Identity.generate()
        write_new(identity_file(settings), f"{identity}\n")
        write_new(public, f"{identity.to_public()}\n")
    return public.read_text().strip()


# --- made


def backup(settings: Settings) -> None:
    """Make a backup now, of a database that may be in use."""
    house = House(settings, *_opened(settings))
    made = make(house)
    print(f"{made.path}: made. Run footbridge verify to see that it opens.")


def _opened(settings: Settings) -> tuple[Database, Master]:
    master = Master.read(settings.key_file)
    return Database(settings, master.derive("database file")), master


def make(house: House) -> Backup:
    """Words and keys as they are at one moment; then what has been kept long enough goes. Raises Trouble."""
    named = house.clock().strftime(STAMP)
    with _half(house.settings) as half:
        tables, keys, facts = _copied(house, half)
        (half / "keys").write_text(json.dumps(keys))
        for stream, rows in (("keys", {"person_key": len(keys["keys"])}), ("words", tables | {"person_key": 0})):
            said = facts if stream == "words" else facts | {"heads": {}}
            _enclose(house, half / stream, f"{stream}/{named}", {"tables": rows, **said})
    gone = purge(house)
    path = folder(house.settings) / f"words/{named}.age"
    log.info("backup", extra={"facts": {"made": named, "gone": gone}})
    return Backup(path, _time(path), None)


def renew_keys(house: House) -> None:
    """The persons' keys as they are now, and none older: whoever was erased is from now on in no stream of ours."""
    named = house.clock().strftime(STAMP)
    with _half(house.settings) as half:
        _, keys, facts = _copied(house, half)
        (half / "keys").write_text(json.dumps(keys))
        said = facts | {"heads": {}, "tables": {"person_key": len(keys["keys"])}}
        older = there(folder(house.settings) / "keys")
        _enclose(house, half / "keys", f"keys/{named}", said)
    # Not before: killed between, there would be no keys to any backup.
    for old in older:
        _remove(old)


@contextmanager
def _half(settings: Settings) -> Iterator[Path]:
    """A folder for what is not finished. What a kill left in one is removed by the next."""
    whole = folder(settings)
    for stream in ("words", "keys"):
        (whole / stream).mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".half-", dir=whole) as half:
        yield Path(half)


def _copied(house: House, half: Path) -> tuple[dict[str, int], dict[str, Any], dict[str, Any]]:
    """The database without the persons' keys as `half/words`; the rows it has, those keys, and the facts of it all."""
    with dumps.moment(house, half) as connection:
        tables, keys = counts(connection), _keys(connection)
        facts = {
            "form": FORM, "version": __version__, "revision": migrate.version(connection),
            "engine": connection.dialect.name, "made_at": house.clock().isoformat(),
            "heads": _heads(connection), "master": house.master.fingerprint(),
        }  # fmt: skip
    dumps.finish(house, half)
    return tables, keys, facts


def counts(connection: Connection) -> dict[str, int]:
    """Rows of each table, for a connection before which there are no walls."""
    return {
        each.name: connection.scalar(select(func.count()).select_from(each)) or 0
        for each in SQLModel.metadata.sorted_tables
    }


def _heads(connection: Connection) -> dict[str, list[Any]]:
    """The ends of the chains of the access log, as app/chain.py tells them, but all of them at one moment."""
    program, number = col(Link.program_id), col(Link.number)
    last = select(program, func.max(number).label("number")).group_by(program).subquery()
    here = (last.c.program_id == program) & (last.c.number == number)
    ends = connection.execute(select(program, number, col(Link.mac)).join(last, here))
    return {str(program): [number, mac.hex()] for program, number, mac in ends}


def _keys(connection: Connection) -> dict[str, Any]:
    """The wrapped keys of programs and persons, and who was erased: so that what is restored stays erased."""
    asked: Any = select
    programs = connection.execute(asked(Program.id, Program.key))
    wrapped = connection.execute(asked(PersonKey.program_id, PersonKey.id, PersonKey.key))
    erased = connection.execute(asked(Erasure.program_id, Erasure.id, Erasure.by, Erasure.at))
    return {
        "programs": [[str(program), key.hex()] for program, key in programs],
        "keys": [[str(program), str(person), key.hex()] for program, person, key in wrapped],
        "erased": [[str(program), str(person), str(by), at.isoformat()] for program, person, by, at in erased],
    }


def _enclose(house: House, content: Path, name: str, facts: dict[str, Any]) -> None:
    """Encrypt what is in a file, and give it its name when it is on the disk; its manifest last."""
    whole = folder(house.settings) / f"{name}.age"
    if whole.exists():
        raise Trouble(f"There is a backup of this second already: {whole}.")
    half = content.with_suffix(".age")
    pyrage.encrypt_file(str(content), str(half), [pyrage.x25519.Recipient.from_str(recipient(house.settings))])
    half.chmod(0o600)
    made = Manifest(name=name, sha256=digest(half), inside=digest(content), **facts)
    _named(half, whole)
    said = content.with_suffix(".json")
    said.write_text(json.dumps(asdict(replace(made, seal=made.sealed(house.master))), indent=1) + "\n")
    said.chmod(0o600)
    _named(said, whole.with_suffix(".json"))


def _named(half: Path, whole: Path) -> None:
    for written in (half, whole.parent):
        if written != half:
            half.rename(whole)
        opened = os.open(written, os.O_RDONLY)
        os.fsync(opened)
        os.close(opened)


def digest(path: Path) -> str:
    with path.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


# --- kept, and let go


def purge(house: House) -> list[str]:
    """Remove what has been kept long enough, and what a kill left; the names of what went."""
    whole, now = folder(house.settings), house.clock()
    words, keys = there(whole / "words"), there(whole / "keys")
    stay = lasting([_time(path) for path in words])
    old = [path for path in words if _time(path) not in stay]
    # The newest keys stay, however old: without them no backup can be read.
    old += [path for path in keys[:-1] if now - _time(path) > KEYS_KEPT]
    for path in old:
        _remove(path)
    return [f"{path.parent.name}/{path.stem}" for path in old]


def _remove(path: Path) -> None:
    # The manifest first: what has none is no backup any more, if we are killed between.
    for suffix in (".json", ".verified", ".age"):
        path.with_suffix(suffix).unlink(missing_ok=True)


def lasting(times: Iterable[datetime]) -> set[datetime]:
    """Of the backups made at these times those to keep: the last of each of 7 days, 4 weeks and 12 months."""
    newest = sorted(times, reverse=True)
    return {
        time
        for many, part in ((DAYS, "%Y%m%d"), (WEEKS, "%G%V"), (MONTHS, "%Y%m"))
        for time in list(_last_of_each(newest, part).values())[:many]
    }


def _last_of_each(newest_first: Iterable[datetime], part: str) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for time in newest_first:
        found.setdefault(time.strftime(part), time)
    return found
