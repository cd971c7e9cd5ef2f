"""The four digits that are shown in the room. Pure: from a key, the session and the time, and kept nowhere.

A code holds for its slot of five minutes and for the next one, so that nobody is hurried. Whoever has the key reckons
the same on every process. Four digits can be guessed: wrong ones are counted (`models/attendance.py`), and a code only
says that somebody saw it. The roster is the record.
"""

import hmac
from datetime import datetime
from uuid import UUID

SLOT = 300  # seconds
DIGITS = 4
PURPOSE = b"footbridge|room code"


def code(key: bytes, session_id: UUID, at: datetime) -> str:
    """The digits of a session at a moment (aware)."""
    return _digits(key, session_id, slot(at))


def holds(key: bytes, session_id: UUID, said: str, at: datetime) -> bool:
    """Whether the digits were those of that moment, or of the slot before it. In constant time."""
    now = slot(at)
    fits = [_same(_digits(key, session_id, one), said) for one in (now, now - 1)]
    return any(fits)


def slot(at: datetime) -> int:
    return int(at.timestamp()) // SLOT


def name(key: bytes, *whose: UUID) -> bytes:
    """A keyed name for somebody or something, of 16 bytes, which tells nobody what it names."""
    return hmac.digest(_key(key), b"name" + b"".join(one.bytes for one in whose), "sha256")[:16]


def _digits(key: bytes, session_id: UUID, number: int) -> str:
    said = hmac.digest(_key(key), session_id.bytes + number.to_bytes(8, "big", signed=True), "sha256")
    return f"{int.from_bytes(said[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def _key(key: bytes) -> bytes:
    # The program's key seals; what is shown on a wall is made by another.
    return hmac.digest(key, PURPOSE, "sha256")


def _same(digits: str, said: str) -> bool:
    return hmac.compare_digest(digits.encode(), said.encode("utf-8", "surrogatepass"))
