"""What our own text is checked for: words that shame, and hard reading."""

import html
import re
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPOKEN = [ROOT / "app" / folder for folder in ("content", "templates", "locales")]
# Worded by their authors, word for word.
INSTRUMENTS = ROOT / "app" / "content" / "instruments"

ENGLISH = [
    r"addict(s|ed)?",
    r"alcoholics?",
    r"abus(e|es|ed|er|ers|ing|ive)",
    r"clean",
    r"dirty",
    r"habits?",
    r"junk(ie|ies|y)",
    r"commit(s|ted|ting)? suicide",
    r"failed",
    r"relapsers?",
    r"non ?compliant",
    r"victims?",
    r"suffer(s|ed|ing)? from",
]
# Without accents, as `_plain` leaves them.
SPANISH = [
    r"(drog)?adict[oa]s?",
    r"alcoholic[oa]s?",
    r"toxicoman[oa]s?",
    r"abus(o|os|a|an|ar|aba|aban|ado|ador|adora|adores|adoras|ivo|iva)",
    r"limpi[oa]s?",
    r"suci[oa]s?",
    r"habitos?",
    r"yonquis?",
    r"come(te|ten|ter|tio|tido|tiendo) (un )?suicidio",
    r"fracas(o|os|ar|aste|aron|ad[oa]s?)",
    r"fall(o|os|aste|aron|ad[oa]s?|id[oa]s?)",
    r"reincidentes?",
    r"incumplid(or|ora|ores|oras)",
    r"victimas?",
    r"(sufr|padec)(e|es|en|er|ir|io|ia|ido|iendo|iste) de(l)?",
]
SHAMING = re.compile(rf"\b({'|'.join(ENGLISH + SPANISH)})\b")


def shaming(text: str) -> list[str]:
    """The words in it that we never use, in English or Spanish, as found and without accents."""
    return [found[0] for found in SHAMING.finditer(_plain(text))]


def spoken() -> list[Path]:
    """Every file with words for people in it, but for the instruments."""
    files = (path for folder in SPOKEN for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if "__pycache__" not in path.parts and INSTRUMENTS not in path.parents]


def _plain(text: str) -> str:
    # A catalogue breaks a sentence into quoted lines, a page may hide a letter in an entity or a soft hyphen.
    joined = re.sub(r'"\n\s*"', "", html.unescape(text))
    letters = unicodedata.normalize("NFKD", joined).casefold()
    seen = (letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf"))
    return re.sub(r"[\s\u2010-\u2015-]+", " ", "".join(seen))


def grade(text: str) -> float:
    """The US school grade that English text asks for (Kincaid et al. 1975); rough below ten sentences."""
    sentences = len(re.findall(r"[.?!:]+(\s|$)", text))
    words = re.findall(r"[a-z']+", text.casefold())
    return 0.39 * len(words) / sentences + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee", "ye"))
    return max(groups - silent, 1)
