"""What a PDF may hold: on which paper, in which parts, spelled with which letters. `printing.py` makes it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

TYPE = "application/pdf"
MILLIMETER = 72 / 25.4


class Paper(Enum):
    """Width and height in points."""

    LETTER = (612.0, 792.0)
    A4 = (210 * MILLIMETER, 297 * MILLIMETER)


@dataclass(frozen=True)
class Small:
    """A small picture of days: its title, the values (None: a gap) between two ends, and the same in a sentence."""

    title: str
    values: Sequence[float | None]
    low: float
    high: float
    words: str


@dataclass(frozen=True)
class Part:
    """A heading and the lines under it."""

    heading: str
    lines: Sequence[str]


def can_write(*texts: str) -> bool:
    """Whether the fonts that every reader of PDF has can spell some texts; else the page is to be printed."""
    return all(_plain(text) is not None for text in texts)


def spelled(text: str) -> str:
    """The text as `can_write` would have it; what cannot be spelled is a question mark."""
    return _plain(text) or text.encode("cp1252", "replace").decode("cp1252")


def _plain(text: str) -> str | None:
    """The text with the letters that the fonts have, without the accents that they lack; None: there is no way."""
    try:
        return "".join(_letter(letter) for letter in text)
    except UnicodeEncodeError:
        return None


def _letter(letter: str) -> str:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        bare = "".join(one for one in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(one))
        bare.encode("cp1252")
        return bare
    return letter
