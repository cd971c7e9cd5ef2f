"""The requirements by their ids, and the tests that show them: `python -m tests.rows --write` writes the page's tables.

A test shows a row by its name, and in no other way: test_v7_2_1_…, test_v16_2_5_f21_…; test_v7_2_… shows all of 7.2.
What no test can show is said in rows.toml, with the reason.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from tests import tables
from tests.faults.__main__ import PROOFS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/security.md"
BLOCK = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- /made -->\n)", re.DOTALL)
CARRIED = re.compile(r"^test_((?:(?:v\d+(?:_\d+){1,2}|[lf]\d{2})_)+)")
ONE = re.compile(r"v\d+(?:_\d+){1,2}|[lf]\d{2}")
# More names than these are only counted: whoever wants them all searches for the id.
TOLD = 2
Named = tuple[str, str]  # file, name of the test


@dataclass(frozen=True)
class Row:
    """One requirement. `missing`: what of it is not here, and why. `instead`: what is done, and where decided."""

    id: str
    what: str
    level: str = ""
    missing: str = ""
    instead: str = ""
    tests: tuple[Named, ...] = field(default=())
    proved: bool = False

    @property
    def ids(self) -> list[str]:
        """Each id of its own: "3.3.1–3.3.4" are four."""
        return [one for part in self.id.split("/") for one in _range(part)]

    @property
    def state(self) -> str:
        shown = self.tests or self.proved
        if self.instead:
            return f"deviation: {self.instead}"
        if self.missing:
            return f"{'in part' if shown else 'not here yet'}: {self.missing}"
        return "shown" if shown else "open"

    @property
    def shown_by(self) -> str:
        said = [f"`make faults ONLY={self.id}`"] if self.proved else []
        said += [f"`{Path(file).stem}` {name}" for file, name in self.tests[:TOLD]]
        more = len(self.tests) - TOLD
        return "; ".join(said + ([f"{more} more"] if more > 0 else [])) or "–"


def _range(part: str) -> Iterator[str]:
    first, _, last = part.partition("–")
    stem, _, start = first.rpartition(".")
    if not last:
        yield first
        return
    for number in range(int(start), int(last.rpartition(".")[2]) + 1):
        yield f"{stem}.{number}"


@cache
def named() -> dict[str, tuple[Named, ...]]:
    """id as a test's name has it → the tests that carry it. Read from the files: nothing is run."""
    found: dict[str, list[Named]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        file = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (carried := CARRIED.match(node.name)):
                for one in ONE.findall(carried[1]):
                    found.setdefault(one, []).append((file, node.name))
    return {one: tuple(sorted(tests)) for one, tests in sorted(found.items())}


@cache
def proved() -> frozenset[str]:
    """The ids that a proof of `make faults` shows."""
    return frozenset(one for proof in PROOFS.values() for one in proof.shows)


def shows(carried: str, row: Row) -> bool:
    """Whether what a test's name carries is the row, one of its ids, or the chapter that they are in."""
    if not carried.startswith("v"):
        return carried.upper() == row.id
    said = carried[1:].replace("_", ".")
    return any(one == said or one.startswith(f"{said}.") for one in row.ids)


def rows(letter: str) -> list[Row]:
    """All rows of a kind: "V", "L" or "F"."""
    found = []
    for one in tomllib.loads((ROOT / "tests/rows.toml").read_text())[letter]:
        row = Row(**one)
        those = {test for carried, tests in named().items() if shows(carried, row) for test in tests}
        found.append(Row(**one, tests=tuple(sorted(those)), proved=row.id in proved()))
    return found


def table(letter: str) -> str:
    """The table of a kind, with how many there are in which state above it."""
    lines = [f"| {row.id} | {row.what} | {row.shown_by} | {row.state} |\n" for row in rows(letter)]
    return "".join(
        [f"{_counted(rows(letter))}\n\n", "| row | what holds | test | state |\n|---|---|---|---|\n", *lines]
    )


def _counted(those: list[Row]) -> str:
    states = [row.state.partition(":")[0] for row in those]
    said = (f"{states.count(one)} {one}" for one in ("shown", "in part", "deviation", "not here yet", "open"))
    return f"{len(those)} rows: {', '.join(one for one in said if not one.startswith('0 '))}."


MADE: dict[str, Callable[[], str]] = {
    "asvs": partial(table, "V"), "law": partial(table, "L"), "faults": partial(table, "F"),
    "rules": tables.rules, "kept": tables.kept, "open": tables.ways,
}  # fmt: skip


def written(page: str) -> str:
    """The page with every table that is made as it is now."""
    return BLOCK.sub(lambda found: f"{found[1]}{MADE[found[2]]()}{found[3]}", page)


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(written(PAGE.read_text()))
    sys.exit(written(PAGE.read_text()) != PAGE.read_text())
