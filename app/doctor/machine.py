"""What can be seen without the database: settings, folders, keys, the file, the clock, the room that is left."""

import ctypes
import os
import shutil
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy.exc import DBAPIError

from app import backups, migrate
from app.database import Database
from app.doctor.findings import Finding, fail, ok, warn
from app.lib.vault import Master, new_key
from app.settings import Settings

GB = 2**30
BACKUP_AGE, VERIFIED_AGE = timedelta(hours=36), timedelta(days=35)
UNSYNCED = 5  # TIME_ERROR of adjtimex(2)


def database_is_there(settings: Settings) -> Finding:
    if migrate.nothing_there(settings):
        return fail("there is none", "Start the server (footbridge serve), or restore a backup.")
    return ok("there is one")


def settings_are_safe(settings: Settings) -> Finding:
    if settings.development:
        return fail("development mode is on", "Unset FOOTBRIDGE_DEVELOPMENT.")
    if settings.i_know and not settings.https:
        return fail(
            "plain http beyond this machine is allowed: passphrases can be read on the way",
            "Put TLS in front, set FOOTBRIDGE_PUBLIC_URL to the https:// address, unset FOOTBRIDGE_I_KNOW.",
        )
    return ok("no setting is unsafe")


def tls_is_in_front(settings: Settings) -> Finding:
    if settings.https:
        return ok(f"people use {settings.public_url} (footbridge doctor-outside asks whether it answers)")
    return warn(
        f"people use {settings.public_url}: this machine only",
        "For others, put TLS in front (docs/deploy/Caddyfile) and set FOOTBRIDGE_PUBLIC_URL to the https:// address.",
    )


def tls_answers(settings: Settings) -> Finding:
    """Asks the public address once, as a browser would, certificate and all."""
    if not settings.https:
        return tls_is_in_front(settings)
    try:
        with urlopen(f"{settings.public_url}/healthz", timeout=10) as answer:  # noqa: S310 - it is https
            return ok(f"{settings.public_url} answers {answer.status}, with a certificate that is trusted")
    except (URLError, TimeoutError) as why:
        return fail(
            f"{settings.public_url} does not answer: {getattr(why, 'reason', why)}", "See to the proxy in front."
        )


def folders_are_closed(settings: Settings) -> Finding:
    # What systemd hands over (LoadCredential) is root's, and closed by systemd.
    handed = os.environ.get("CREDENTIALS_DIRECTORY") == str(settings.keys)
    folders = [settings.data] if handed else [settings.data, settings.keys, settings.key_file]
    for path in (one for one in folders if one.exists()):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            return fail(f"others may look into {path}", f"Run: chmod go= {path}")
        if path.stat().st_uid != os.geteuid():
            return fail(
                f"{path} is owned by user {path.stat().st_uid}, and this is user {os.geteuid()}",
                "Run this command as the user that runs the server.",
            )
    return ok(f"{settings.data} and {settings.keys} are closed to others")


def keys_lie_apart(settings: Settings) -> Finding:
    keys = settings.keys.resolve()
    for other in (settings.data.resolve(), *([settings.backups.resolve()] if settings.backups else [])):
        if keys.is_relative_to(other):
            return fail(f"the keys lie in {other}: a copy of it opens itself", "Move them, and set FOOTBRIDGE_KEYS.")
    return ok(f"the keys are in {settings.keys}, apart from the data and from backups")


def key_is_good(settings: Settings) -> Finding:
    return ok(f"the master key can be read ({Master.read(settings.key_file).fingerprint()})")


def file_is_encrypted(settings: Settings) -> Finding:
    if settings.database_url:
        return warn(
            "names and words are sealed; numbers, times and kinds are as safe as the disk of PostgreSQL",
            "See that the disk of the database server is encrypted, and its backups.",
        )
    with settings.database_file.open("rb") as file:
        if file.read(16).startswith(b"SQLite format 3"):
            return fail(f"{settings.database_file} is not encrypted", "Restore a backup; keep this file from others.")
    if _opens(settings, new_key()):
        return fail("the database opens with any key", "Restore a backup; keep this file from others.")
    return ok("the database file is encrypted, and another key does not open it")


def _opens(settings: Settings, key: bytes) -> bool:
    database = Database(settings, key)
    try:
        return not migrate.is_empty(database)
    except DBAPIError:
        return False
    finally:
        database.engine.dispose()


def backups_are_made(settings: Settings) -> Finding:
    there, now = backups.known(settings), datetime.now(UTC)
    make = "Set FOOTBRIDGE_BACKUPS to a folder, best on another disk; footbridge backup makes one at once."
    if not there:
        return (fail if settings.https else warn)("there is no backup", make)
    last, whole = there[-1].made_at, [one.verified_at for one in there if one.verified_at]
    found = f"{len(there)} backups, the last of {last:%Y-%m-%d %H:%M} UTC"
    if now - last > BACKUP_AGE:
        return fail(found, "No newer one was made: the log of the worker says why.")
    if not whole or now - max(whole) > VERIFIED_AGE:
        return warn(f"{found}; none was restored to try it lately", "Run: footbridge verify (once a month, say)")
    return ok(f"{found}; one was last tried and found whole at {max(whole):%Y-%m-%d %H:%M} UTC")


def _here(settings: Settings) -> Path:
    """A folder of ours that there is: with PostgreSQL there may be no data folder yet."""
    return settings.data if settings.data.exists() else settings.keys


def clock_is_right(settings: Settings) -> Finding:
    newest = max((path.stat().st_mtime for path in _here(settings).iterdir()), default=0)
    if newest > time.time() + 120:
        return fail(
            f"files were written in the future ({_at(newest)}): the clock was set back, or is wrong",
            "Set the clock; have it kept by systemd-timesyncd or chrony.",
        )
    synced = _synced()
    if synced is None:
        return warn("whether anything keeps the clock cannot be told on this system", "Compare it with a phone.")
    if not synced:
        return warn(
            "nothing keeps the clock, as far as the kernel knows",
            "Install systemd-timesyncd or chrony; in a container, see to its host.",
        )
    return ok(f"it is {_at(time.time())}, and the kernel says that the clock is kept")


def _at(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _synced() -> bool | None:
    """What the kernel says of the clock (adjtimex, changing nothing), as `timedatectl` would; None: it cannot say."""
    asks = getattr(ctypes.CDLL(None), "adjtimex", None)
    state = asks(ctypes.create_string_buffer(512)) if asks else -1
    return None if state < 0 else state != UNSYNCED


def there_is_room(settings: Settings) -> Finding:
    free, files = shutil.disk_usage(_here(settings)), os.statvfs(_here(settings))
    # Some file systems count no inodes, and say 0 of 0.
    inodes = files.f_favail / files.f_files if files.f_files else 1.0
    found = f"{free.free / GB:.1f} GB ({free.free / free.total:.0%}) and {inodes:.0%} of the inodes are free"
    if free.free < GB / 4 or inodes < 0.01:
        return fail(found, "Make room: when there is none, nothing more can be kept.")
    if free.free < 2 * GB or free.free < free.total / 20 or inodes < 0.05:
        return warn(found, "Make room soon.")
    return ok(found)
