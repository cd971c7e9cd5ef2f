"""How the time of a page grows with the rows of others: programs of 50, 500 and 5,000 participants, with an entry
of each a day for 300 days. `python -m bench.growth` prints it; the rows are those of bench/caseload.py.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median
from typing import Any

from sqlalchemy import text

from app.access import House
from bench import week
from bench.caseload import TIMES, interleaved, peopled

SIZES = {"": 50, "_10x": 500, "_100x": 5_000}
PAGES = {"today": ("ana", "/today"), "caseload": ("cora", "/caseload"), "review": ("cora", "/review/waiting")}
NAMED = [f"{page}_growth{size}" for page in PAGES for size in SIZES if size]
Found = tuple[str, float, str, int]


def figures(house: Callable[[], Any]) -> Iterator[Found]:
    """(name, value, unit, n). `house`: a context that gives an empty one."""
    with ExitStack() as open_:
        houses = [open_.enter_context(house()) for _ in SIZES]
        for one, participants in zip(houses, SIZES.values(), strict=True):
            peopled(one, participants)
            _without_answers(one)
        for page, asked in PAGES.items():
            yield from grown(page, [week.asked(one, *asked) for one in houses])


def _without_answers(house: House) -> None:
    """The answers that were made by SQL hold no words, which only the page of who was answered would open."""
    with house.database.engine.connect() as connection, connection.begin():
        connection.execute(text("update review set words = null, number = null"))


def grown(page: str, looks: list[Callable[[], Any]]) -> Iterator[Found]:
    """How many times as long a page takes as with the fewest rows: the median of looks in turn."""
    few, *more = interleaved(looks)
    for size, many in zip(filter(None, SIZES), more, strict=True):
        ratio = median(late / soon for late, soon in zip(many, few, strict=True))
        yield f"{page}_growth{size}", round(ratio, 2), "", TIMES
