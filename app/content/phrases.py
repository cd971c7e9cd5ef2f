"""Words that may be about self-harm, in English and Spanish. Read once, at import.

Both languages are looked for in every text: people write in two. How far a machine hears what is meant, and what we
decided where it cannot: docs/decisions/0023-measures-and-flags.md.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter

from . import FOLDER, Id, Language, Written, read

# Plain letters, as `_plain` leaves them; a star stands for any ending.
Phrase = Annotated[str, StringConstraints(pattern=r"^[a-z]+\*?( [a-z]+\*?)*$", max_length=60)]

# "I would never …", "no quiero …": a no, and up to the words nothing else than this. People leave out full stops, and
# "no one cares i want to die" is no denial.
NO = "not|no|never|dont|didnt|doesnt|wont|wouldnt|isnt|wasnt|aint|havent|hasnt|without|nunca|jamas|sin|tampoco|ni"
BETWEEN = (
    "really|even|ever|actually|longer|any|at|all|want|wants|wanted|wanting|to|going|gonna|planning|trying|tried|think"
    "|thinking|thought|thoughts|about|of|feel|feeling|felt|have|had|having|be|been|am|im|quiero|queria|quise|quisiera"
    "|voy|iba|a|he|pienso|pensado|pensando|pense|en|tengo|tenia|tuve|ganas|de|ideas|pensamientos|me|estoy|siento"
)
DENIED = re.compile(rf"(?:^|\s)(?:{NO})(?:\s+(?:{BETWEEN}))*\s*$")
# But not somebody who doubts it before, or puts it off after: "not sure I won't …", "I won't … today", "…, but".
DOUBT = re.compile(r"know|sure|if|whether|why|cant|cannot|couldnt|se|segur[oa]|si|puedo")
YET = re.compile(r"yet|today|tonight|now|but|though|so|as|todavia|aun|hoy|ahora|pero|aunque|tanto")
NEAR = 3  # words
FAR = 120  # letters, more than so many words have


class WrittenPhrases(Written):
    meaning: Id
    language: Language
    clear: bool
    say: Annotated[list[Phrase], Field(min_length=1)]
    unless: list[Phrase]


@dataclass(frozen=True)
class Heard:
    """What words may mean. Not `clear`: they are said of much else too, or are denied ("I would never …")."""

    meaning: str
    clear: bool


def heard(text: str) -> Heard | None:
    """The first words that may be about self-harm, those that are clear before others; None: there are none."""
    plain = _plain(text)
    found = [
        (row.clear and not _denied(plain, match), match.start(), row.meaning)
        for row, pattern in _patterns()
        for match in pattern.finditer(plain)
    ]
    clear, _at, meaning = min(found, key=lambda one: (not one[0], one[1]), default=(False, 0, ""))
    return Heard(meaning, clear) if found else None


def _denied(plain: str, match: re.Match[str]) -> bool:
    clause = plain[max(match.start() - FAR, 0) : match.start()].rsplit("|", 1)[-1]
    no = DENIED.search(clause)
    before = clause[: no.start()].split()[-NEAR:] if no else []
    after = plain[match.end() : match.end() + FAR].replace("|", " ").split()[:NEAR]
    return bool(no) and not any(map(DOUBT.fullmatch, before)) and not any(map(YET.fullmatch, after))


def _plain(text: str) -> str:
    """Plain small letters, without accents and apostrophes; where a clause ends there is a bar, else a space."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    seen = "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf"))
    said = re.sub(r"['’‘`´]", "", seen)
    return re.sub(r"[^a-z0-9|]+", " ", re.sub(r"[.,;:!?¡¿\n|—–]+", " | ", said))


@cache
def _patterns() -> tuple[tuple[WrittenPhrases, re.Pattern[str]], ...]:
    return tuple((row, _pattern(row)) for row in _FILE)


def _pattern(row: WrittenPhrases) -> re.Pattern[str]:
    # A bar may stand between: "I want to … die".
    said = "|".join(_words(phrase) for phrase in row.say)
    spared = rf"(?!\W+(?:{'|'.join(map(_words, row.unless))})\b)" if row.unless else ""
    return re.compile(rf"\b(?:{said})\b{spared}")


def _words(phrase: str) -> str:
    return r"[ |]+".join(phrase.split(" ")).replace("*", r"\w*")


_FILE = read(FOLDER / "phrases.json", TypeAdapter(list[WrittenPhrases]))
