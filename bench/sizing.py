"""How large an installation has to be, reckoned: `python -m bench.sizing` prints the table of docs/scaling.md.

What was measured here says which command measures it; what is assumed of programs is written beside it. Nothing else
goes in, so that an operator puts their own numbers in and reckons again.
"""

from typing import NamedTuple

DAY = 24 * 3600


class Given(NamedTuple):
    """The inputs. Replicas count for a distributed engine only."""

    participants: int = 300  # in a program
    staff: int = 15
    entries: float = 4  # of a participant on a day
    asks: float = 16  # requests of a participant on a day: twice what four entries need
    staff_asks: float = 200  # of somebody of the staff
    peak: float = 25  # how much more than on average is asked in the five minutes after a group
    bytes_per_entry: float = 2900
    cpu_ms: float = 20
    headroom: float = 2  # cores beside those that a peak keeps busy
    replicas: int = 3


class Size(NamedTuple):
    """What so many programs need. Rates in requests per second, disk in GB for a year, without replicas."""

    programs: int
    participants: int
    entries_a_day: float
    mean_rate: float
    peak_rate: float
    cores: float
    disk: float


def size(programs: int, given: Given) -> Size:
    people = programs * given.participants
    asked = people * given.asks + programs * given.staff * given.staff_asks
    mean = asked / DAY
    entries = people * given.entries
    return Size(
        programs, people, entries, mean, mean * given.peak,
        mean * given.peak * given.cpu_ms / 1000 * given.headroom, entries * 365 * given.bytes_per_entry / 1e9,
    )  # fmt: skip


def _short(value: float) -> str:
    """Three digits are more than is known."""
    return f"{float(f'{value:.2g}'):,.10g}"


def table(given: Given, sizes: tuple[int, ...] = (1, 100, 100_000)) -> str:
    """In Markdown, a line for each."""
    heads = "programs | participants | entries a day | requests/s, mean | at the peak | cores | GB a year"
    lines = [f"| {heads} |", f"|{'---:|' * len(Size._fields)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(_short, size(one, given)))} |" for one in sizes)]) + "\n"


if __name__ == "__main__":
    print(table(Given()), end="")
