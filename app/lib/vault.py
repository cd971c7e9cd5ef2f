"""Sealing of words, and the keys that do it. The only importer of `cryptography`.

Master key (a file) → program key → participant key → words. Each key is kept only as wrapped by the one
before it, so destroying a participant's wrapped key destroys the words.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY, NONCE, TAG = 32, 12, 16
VERSION = b"\x01"

MARK = "footbridge-key-1"
# 32 bytes of key and 4 of check are 48 characters exactly: no padding, and even groups on a printed sheet.
CHECK = 4
FORM = re.compile(MARK + r"([A-Za-z0-9_-]{48})")
LONGEST_FILE = 1024


class Broken(Exception):
    """A sealed value that does not open here: changed, cut short, moved, or sealed under another key."""


class KeyTrouble(Exception):
    """Why the master key cannot be used, as one sentence for the person who runs the server."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY)


def place(program: UUID, table: str, column: str, row: UUID) -> bytes:
    """Where a value lives: copied to another row, column or program, it does not open."""
    return f"{program}|{table}|{column}|{row}".encode()


def seal(key: bytes, text: bytes, aad: bytes) -> bytes:
    """version (1) | nonce (12) | AES-256-GCM ciphertext and tag."""
    nonce = secrets.token_bytes(NONCE)
    return VERSION + nonce + _cipher(key).encrypt(nonce, text, _bound(aad))


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Raises Broken, and says nothing about which of the reasons it was."""
    cipher = _cipher(key)
    if len(sealed) < 1 + NONCE + TAG or sealed[:1] != VERSION:
        raise Broken
    try:
        return cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], _bound(aad))
    except InvalidTag:
        raise Broken from None


def wrap(outer: bytes, key: bytes, aad: bytes) -> bytes:
    return seal(outer, _whole(key), aad)


def unwrap(outer: bytes, wrapped: bytes, aad: bytes) -> bytes:
    """Raises Broken, also when what opens is no key."""
    key = unseal(outer, wrapped, aad)
    if len(key) != KEY:
        raise Broken
    return key


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_whole(key))


def _whole(key: bytes) -> bytes:
    # AESGCM takes 16 and 24 bytes as well, and would quietly seal with a weaker key.
    if len(key) != KEY:
        raise ValueError(f"a key has {KEY} bytes")
    return key


def _bound(aad: bytes) -> bytes:
    # The version is bound in too, so a later format cannot be passed off as this one.
    return aad + b"|%d" % VERSION[0]


@dataclass(frozen=True)
class Master:
    """The key that everything else hangs from. Never used itself: every use has a key derived for it."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _whole(self.key)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises KeyTrouble."""
        try:
            return cls(_decoded(_text(path), path))
        except FileNotFoundError:
            raise KeyTrouble(f"There is no key at {path}; please restore it from the recovery sheet.") from None
        except OSError as trouble:
            raise KeyTrouble(f"The key at {path} cannot be read: {trouble.strerror}.") from None

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new key in a new file, on the disk before this returns. Never over another. Raises KeyTrouble."""
        master = cls(new_key())
        master.keep(path)
        return master

    def keep(self, path: Path) -> None:
        """This key in a new file. Raises KeyTrouble."""
        write_new(path, self.said() + "\n")

    def said(self) -> str:
        """The one line that a key file holds."""
        return f"{MARK} {base64.urlsafe_b64encode(self.key + _check(self.key)).decode()}"

    def derive(self, purpose: str) -> bytes:
        """32 bytes by HKDF-SHA256, for "database file", "names", "access log", and the two uses below."""
        return HKDF(SHA256(), KEY, salt=None, info=b"footbridge|" + purpose.encode()).derive(self.key)

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        return wrap(self.derive("program keys"), key, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        return unwrap(self.derive("program keys"), wrapped, aad)

    def fingerprint(self) -> str:
        """12 hex digits that tell two keys apart and tell nothing about either."""
        return self.derive("fingerprint")[:6].hex()


def _decoded(text: str, path: Path) -> bytes:
    # Spaces and line breaks do not matter: a key typed in from a printed sheet comes in groups.
    form = FORM.fullmatch("".join(text.split()))
    if not form:
        raise KeyTrouble(f"The file at {path} is not a Footbridge key.")
    whole = base64.urlsafe_b64decode(form[1])
    key, check = whole[:KEY], whole[KEY:]
    if not hmac.compare_digest(check, _check(key)):
        raise KeyTrouble(f"The key at {path} has a typing mistake; please check the recovery sheet.")
    return key


def _check(key: bytes) -> bytes:
    return hashlib.sha256(MARK.encode() + key).digest()[:CHECK]


def _text(path: Path) -> str:
    # Judged through the open file, so nobody can exchange it in between; not blocking, in case it is a pipe.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
        seen = os.fstat(file.fileno())
        if not stat.S_ISREG(seen.st_mode):
            raise KeyTrouble(f"What is at {path} is not a file with a key.")
        if seen.st_mode & (stat.S_IRWXG | stat.S_IRWXO) and not _handed_over(path, seen):
            raise KeyTrouble(f"Other people may read the key at {path}; please run chmod 600 on it.")
        return file.read(LONGEST_FILE).decode("ascii", "replace")


def _handed_over(path: Path, seen: os.stat_result) -> bool:
    """A credential of systemd is root's, and its service reads it by an ACL, which shows as the group's right."""
    here = os.environ.get("CREDENTIALS_DIRECTORY") == str(path.parent)
    return here and stat.S_IMODE(seen.st_mode) == 0o440 and (seen.st_uid, seen.st_gid) == (0, 0)


def _make_folder(folder: Path) -> None:
    # Only folders made here are closed to others; one that was there belongs to whoever made it.
    if folder.exists():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _settle(folder.parent)


def write_new(path: Path, text: str) -> None:
    """A secret in a new file for this user alone, on the disk before this returns. Raises KeyTrouble."""
    try:
        _make_folder(path.parent)
        _write_new(path, text)
    except FileExistsError:
        raise KeyTrouble(f"There is something at {path} already; it was left as it is.") from None
    except OSError as trouble:
        raise KeyTrouble(f"A key cannot be written at {path}: {trouble.strerror}.") from None


def _write_new(path: Path, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "w", encoding="ascii") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError:
        path.unlink()
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    # A new name in a folder survives a power cut only when the folder itself was written out.
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def name_hash(key: bytes, name: str) -> bytes:
    """HMAC-SHA256 by which an e-mail address or a given name is looked up; the same however it was typed."""
    return hmac.digest(key, _normal(name).encode("utf-8", "surrogatepass"), "sha256")


def _normal(name: str) -> str:
    # Twice, because folding case can undo the first.
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def token() -> str:
    """256 random bits for a link or a cookie. Only `token_hash` of it is kept."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """SHA-256, unsalted: 256 random bits cannot be guessed from it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
