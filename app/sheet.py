"""The recovery sheet: the two keys that nobody can do without, on one page to print, to scan and to type in again.

Each key is four lines of groups of four; the last group of a line is a check over the key's name, the line's number and
the line, so that a typing mistake, or a line in the wrong place, is told with its line.
"""

import base64
import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256

import pyrage

from app.backups import identity_file, recipient
from app.lib.qr import qr_path
from app.lib.vault import KEY, KeyTrouble, Master
from app.migrate import Trouble
from app.pages import environment
from app.settings import Settings

LINES, GROUP = 4, 4
AGE = "AGE-SECRET-KEY-1"
MASTER, IDENTITY = "Master key", "Backup key"
# Written by age in letters of its own, which have no B, I, O and no 1.
LETTERS = {MASTER: "A-Z2-7", IDENTITY: "A-Z02-9"}
LONG = {MASTER: 52, IDENTITY: 58}
Ask = Callable[[str], str]


def sheet(settings: Settings) -> None:
    """Write the recovery sheet, a page to print, beside the keys; then please delete the file."""
    master = Master.read(settings.key_file)
    recipient(settings)
    path = settings.keys / "recovery-sheet.html"
    path.unlink(missing_ok=True)
    made = page(master, identity(settings), settings.public_url)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(made)
    print(f"{path}: please print it, keep the paper where only trusted people come, and delete the file.")


def page(master: Master, backups: str, address: str) -> str:
    """The sheet as HTML: one A4 page, black on white."""
    keys = [
        (MASTER, "master.key", master.said(), lines(MASTER, master_text(master))),
        (IDENTITY, "backup.identity", backups, lines(IDENTITY, backups.removeprefix(AGE))),
    ]
    shown = [(name, file, qr_path(said), typed) for name, file, said, typed in keys]
    return environment("en").get_template("sheet.html").render(
        keys=shown, fingerprint=master.fingerprint(), address=address, day=datetime.now(UTC).date().isoformat()
    )  # fmt: skip


def identity(settings: Settings) -> str:
    """The key that opens backups, from its file. Raises Trouble."""
    path = identity_file(settings)
    if not path.exists():
        raise Trouble(f"There is no {path}: the key to the backups is only on the recovery sheet.")
    return path.read_text().strip()


# --- typed


def master_text(master: Master) -> str:
    return base64.b32encode(master.key).decode().rstrip("=")


def lines(name: str, text: str) -> list[str]:
    """A key as it is printed and typed: four lines, each with its check at the end."""
    long = -(-len(text) // LINES)
    parts = [text[start : start + long] for start in range(0, len(text), long)]
    return [_grouped(part + _check(name, number, part)) for number, part in enumerate(parts, 1)]


def _grouped(text: str) -> str:
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def _check(name: str, number: int, part: str) -> str:
    """Four letters: of a million mistakes one is not seen here, and then by the key's own check."""
    said = sha256(f"{name}|{number}|{part}".encode()).digest()
    return base64.b32encode(said).decode()[:GROUP]


def typed(name: str, given: list[str]) -> str:
    """The key that four lines say. Raises Trouble, which names the line."""
    if len(given) != LINES:
        raise Trouble(f"{name}: there are {LINES} lines on the sheet, and {len(given)} were typed.")
    whole = "".join(_line(name, number, line) for number, line in enumerate(given, 1))
    if len(whole) != LONG[name]:
        raise Trouble(f"{name}: something is missing; please compare it with the sheet.")
    return whole


def _line(name: str, number: int, line: str) -> str:
    said = re.sub(r"[\s-]", "", line).upper()
    part, check = said[:-GROUP], said[-GROUP:]
    if not re.fullmatch(f"[{LETTERS[name]}]+", part) or check != _check(name, number, part):
        raise Trouble(f"{name}: there is a typing mistake in line {number}; please compare it with the sheet.")
    return part


# --- asked for


def master_of(settings: Settings, ask: Ask) -> Master:
    """The master key: from its file, or, on a machine that has none, as it is typed from the sheet."""
    if settings.key_file.exists():
        return Master.read(settings.key_file)
    text = typed(MASTER, list(_asked(MASTER, ask)))
    key = base64.b32decode(text + "=" * (-len(text) % 8))
    if len(key) != KEY:
        raise KeyTrouble("What was typed is no master key.")
    return Master(key)


def identity_of(settings: Settings, ask: Ask) -> str:
    """The key to the backups: from its file, or as it is typed from the sheet. Raises Trouble."""
    if identity_file(settings).exists():
        return identity(settings)
    said = AGE + typed(IDENTITY, list(_asked(IDENTITY, ask)))
    try:
        return str(pyrage.x25519.Identity.from_str(said))
    except pyrage.IdentityError:
        raise Trouble(f"{IDENTITY}: what was typed is no such key; please compare it with the sheet.") from None


def _asked(name: str, ask: Ask) -> Iterator[str]:
    return (ask(f"{name}, line {number} of {LINES}: ") for number in range(1, LINES + 1))


def from_terminal(what: str) -> str:
    """One line, typed or from a file by `<`."""
    print(what, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def keep(settings: Settings, master: Master) -> None:
    """Write the master key that was typed, where there is none. The backup key stays on paper."""
    if not settings.key_file.exists():
        master.keep(settings.key_file)
