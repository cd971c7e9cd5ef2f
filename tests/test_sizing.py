"""How large an installation has to be: the document says what is reckoned, from what it says goes in."""

import re
from pathlib import Path

from app.database import postgresql
from app.settings import Settings
from bench.sizing import Given, size, table

WORDS = (Path(__file__).parent.parent / "docs/scaling.md").read_text()


def between(name: str) -> str:
    return WORDS.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0]


def test_the_sizes_in_the_document_are_those_that_are_reckoned() -> None:
    assert between("sizes") == table(Given())


def test_the_document_names_all_that_goes_in() -> None:
    told = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", between("given"), re.M)
    assert {name: float(value) for name, value in told} == Given()._asdict()


def test_one_program_by_hand() -> None:
    given = Given(
        participants=10, staff=2, entries=3, asks=20, staff_asks=332, peak=100, bytes_per_entry=1000, cpu_ms=50,
        headroom=2,
    )  # fmt: skip
    found = size(1, given)
    assert (found.participants, found.entries_a_day) == (10, 30)
    assert round(found.mean_rate * 86400) == 10 * 20 + 2 * 332 == 864
    assert (round(found.peak_rate, 6), round(found.cores, 6)) == (1.0, 0.1)
    assert found.disk == 30 * 365 * 1000 / 1e9


def test_more_programs_are_so_many_times_one() -> None:
    one, many = size(1, Given()), size(100, Given())
    assert all(abs(more - 100 * less) < 1e-6 * more for less, more in zip(one, many, strict=True))


def test_the_document_says_how_many_connections_a_process_opens() -> None:
    pool = postgresql(Settings(database_url="postgresql://nobody@nowhere/none")).pool
    assert f"opens {pool.size() + pool._max_overflow} at most" in WORDS.replace("\n", " ")
