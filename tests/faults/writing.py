"""What somebody logs in a proof, and whether it was kept: once, by them, in their words, when it was."""

import logging
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import NamedTuple

from app.models.entry import Line

log = logging.getLogger("faults")

# What has broken forms before: other scripts and directions, marks on letters, code, quotes, breaks, length.
ODD = (
    "😀🧑🏽‍🚀🇳🇿", "שלום לכולם", "مرحبا بالعالم", "\"double\" 'single' “curly”", "<script>alert('x')</script>",
    "first\nsecond\n\nthird", "{{ words }} %s \\n", "cafe\u0301 nai\u0308ve", "  two  spaces  in", "日本語の文",
    "&amp; &lt;b&gt;", "a\u200db", "1;DROP TABLE entry;--", "?id=x&words=y+z%20", "0", "long " * 400,
)  # fmt: skip
KINDS = {"/moods": "mood", "/check-ins": "check-in", "/journal": "journal", "/practices": "practice"}
SKILL = "box-breathing"
LINE = 500
LATE = 10.0  # s: how far from the moment of writing an entry may stand


def words_for(chance: Random, mark: str) -> str:
    """Words that begin with a mark of their own, by which they are found wherever they are."""
    return " ".join([mark, *chance.sample(ODD, chance.randrange(4))])


def line_for(chance: Random, mark: str) -> str:
    """The same for a field of one line."""
    return words_for(chance, mark).replace("\n", " ")[:LINE]


@dataclass
class Wrote:
    """One thing that somebody logged. `sure` once the page said that it has it; `ids` it may have been sent under.

    `mood` is the one number that was said: of a skill that was used, how hard it was before.
    """

    who: str
    action: str
    words: str = ""
    mood: int | None = None
    at: datetime = field(default_factory=lambda: datetime.now().astimezone())
    ids: set[str] = field(default_factory=set)
    sure: bool = False

    @property
    def scale(self) -> str:
        """What the form calls the number."""
        return "before" if self.action == "/practices" else "mood"

    def text(self) -> str:
        """The words as they are kept: with composed letters, and a line without blanks around it."""
        words = unicodedata.normalize("NFC", self.words)
        return words if self.action == "/journal" else words.strip()

    def meant_by(self, line: Line) -> bool:
        return str(line.id) in self.ids or (bool(self.words) and line.words == self.text())

    def kept_as(self, line: Line) -> bool:
        number = getattr(line.part, "before", None) if self.action == "/practices" else line.mood
        return (line.kind, line.words, number) == (KINDS[self.action], self.text(), self.mood)


class Verdict(NamedTuple):
    """How many things were logged, and what became of them. All but the first three are to be nothing."""

    submitted: int
    kept: int
    unsure: int
    lost: int
    doubled: int
    misplaced: int
    mistimed: int


def judge(wrote: list[Wrote], records: dict[str, list[Line]]) -> Verdict:
    """`unsure`: no page said that it has it, so it may be kept or not; but not twice, and not by somebody else."""
    mine = [[line for line in records[one.who] if one.meant_by(line)] for one in wrote]
    kept = [[line for line in lines if one.kept_as(line)] for one, lines in zip(wrote, mine, strict=True)]
    found = list(zip(wrote, mine, kept, strict=True))
    claimed = Counter(line.id for lines in mine for line in lines)
    strayed, everything = _strayed(wrote, records), sum(map(len, records.values()))
    for one, those, whole in found:
        if len(those) > 1 or (one.sure and not whole):
            log.info("%s is kept as %s", one, those)
    return Verdict(
        submitted=sum(one.sure for one in wrote),
        kept=sum(one.sure and bool(whole) for one, _, whole in found),
        unsure=sum(not one.sure for one in wrote),
        lost=sum(one.sure and not whole for one, _, whole in found),
        # A thing that is there under two numbers, and whatever is there that nobody wrote.
        doubled=sum(max(0, len(lines) - 1) for lines in mine) + everything - len(claimed) - strayed,
        misplaced=strayed,
        mistimed=sum(_late(one, line) for one, _, whole in found for line in whole),
    )  # fmt: skip


def _late(one: Wrote, line: Line) -> bool:
    return abs((line.happened_at - one.at).total_seconds()) > LATE


def _strayed(wrote: list[Wrote], records: dict[str, list[Line]]) -> int:
    """How many things are in the record of somebody who did not write them."""
    return sum(
        any(one.meant_by(line) for one in wrote if one.who != who) for who, lines in records.items() for line in lines
    )
