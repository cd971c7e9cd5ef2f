"""Passphrases: whether one is good enough, and keeping it so that it can be checked but not read."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type

SHORTEST, LONGEST = 15, 128
# zxcvbn takes up to three seconds for 72 characters, if many may stand for letters, and half a second for 32.
# Not looking at the rest can only be stricter: what follows would add to the guesses.
LOOKED_AT = 32
# Of 0 to 4; 3 is what zxcvbn expects to need at least 10^8 guesses.
GOOD_ENOUGH = 3
# Characters that must remain without the words that others know.
SHORTEST_LEFT = 8
ALWAYS_KNOWN = ("footbridge", "recovery", "sober", "sobriety")

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.ID)
# 19 MiB each: a burst of sign-ins waits here and does not eat the machine's memory.
_room = BoundedSemaphore(4)
# zxcvbn puts what is passed as `about` into a dictionary that all threads share.
_one_at_a_time = Lock()

# Of random bytes nobody kept. Checked when nobody has the name that was typed, so the answer takes as long.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$zvVEePRQ+5rpzOZpxrR5ww$kOkN0pRgvzGEpyI0sh2vKh7M1x9mAQ561d5j8rhZuR0"


def _(text: str) -> str:
    # Marks a sentence for the catalogues; whoever shows it translates it.
    return text


TOO_SHORT = _("Please use at least 15 characters. Four ordinary words work well.")
TOO_LONG = _("Please use at most 128 characters.")
NOT_TEXT = _("There is a character in it that we cannot keep. Please type it again.")
EASY = _("That one is easy to guess. Four ordinary words that do not belong together work well.")


def hash_passphrase(text: str) -> str:
    """argon2id (19 MiB, 2 passes, 1 lane), with its salt and numbers, as one line of text."""
    with _room:
        return _hasher.hash(_typed(text))


def verify(stored: str | None, text: str) -> bool:
    """With nothing stored it answers False, after the same work as for a passphrase that is wrong."""
    try:
        with _room:
            _hasher.verify(stored or NOBODY, _typed(text))
    except VerifyMismatchError:
        return False
    return bool(stored)


def weakness(text: str, about: Sequence[str]) -> str | None:
    """What to say about a new passphrase, in English for the catalogue, or None when it is good.

    `about` is what others know: the person's name and address, the program's name. Only length and guessing
    count; there are no rules of composition (NIST SP 800-63B).
    """
    if len(text) < SHORTEST:
        return TOO_SHORT
    if len(text) > LONGEST:
        return TOO_LONG
    if "\0" in text:
        return NOT_TEXT
    return EASY if _guessed(text, about) else None


def _guessed(text: str, about: Sequence[str]) -> bool:
    # Without spaces, because one between two well-known passwords makes zxcvbn think far too well of them.
    joined = re.sub(r"[\s._,-]+", "", _folded(text))
    known = {word for phrase in [*ALWAYS_KNOWN, *about] for word in _words(phrase)}
    return len(_left(joined, known)) < SHORTEST_LEFT or _score(joined, known) < GOOD_ENOUGH


def _words(phrase: str) -> list[str]:
    return [word for word in re.split(r"[\W\d_]+", _folded(phrase)) if len(word) > 2]


def _left(text: str, known: Collection[str]) -> str:
    longest_first = sorted(known, key=len, reverse=True)
    return re.sub("|".join(longest_first), "", text)


def _score(text: str, known: Collection[str]) -> int:
    # zxcvbn carries lists of common passwords, names and words: it is the blocklist, and needs no network.
    # Imported when somebody chooses a passphrase: the lists fill 13 MB.
    import zxcvbn

    with _one_at_a_time:
        return int(zxcvbn.zxcvbn(text[:LOOKED_AT], user_inputs=sorted(known))["score"])


def _normal(text: str) -> str:
    # An é is one character on one keyboard and two on another.
    return unicodedata.normalize("NFKC", text)


def _folded(text: str) -> str:
    return _normal(text).casefold()


def _typed(text: str) -> bytes:
    return _normal(text).encode("utf-8", "surrogatepass")
