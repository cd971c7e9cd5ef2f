"""Being at sessions, counted: expected, attended, minutes, by day and by week. Pure: plain values in and out.

Who is expected, and whether a session takes place, is the calendar's (`models/sessions.py`); what counts is the mark
that staff made of it, not what a person claims. A session that was missed with no word is a reason for a call (a
medium flag in the clinical content), never for a word that blames.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal
from uuid import UUID

State = Literal["", "open", "here", "late", "partial", "away", "missing", "excused"]
Standing = Literal["ahead", "here", "late", "partial", "away", "excused", "missing", "claimed", "unmarked"]

THERE = frozenset({"here", "late", "partial"})
UNKNOWN = frozenset({"", "open"})
# So long after a session whoever leads it has had time to mark who came.
SETTLED = timedelta(hours=1)


@dataclass(frozen=True)
class Turn:
    """One session as it went for one person.

    `on` is its day in the program, `state` the newest mark ("": none), `minutes` what the mark says of them. `claimed`:
    they said themselves that they were there; `away`: they said beforehand that they would not be.
    """

    id: UUID
    on: date
    starts_at: datetime
    ends_at: datetime
    title: str = ""
    expected: bool = True
    state: str = ""
    mode: str = "room"
    minutes: int | None = None
    in_at: datetime | None = None
    out_at: datetime | None = None
    claimed: bool = False
    away: bool = False

    @property
    def there(self) -> bool:
        return self.state in THERE


@dataclass(frozen=True)
class Tally:
    """How many sessions. `late` and `partial` are among the attended; `unmarked`: over, and nobody has said yet."""

    expected: int = 0
    attended: int = 0
    late: int = 0
    partial: int = 0
    away: int = 0
    missed: int = 0
    unmarked: int = 0
    minutes: int = 0


@dataclass(frozen=True)
class Week:
    """A week from its Monday on. `planned`: sessions a week in the phase of its first day; None: no stay then."""

    monday: date
    planned: int | None
    tally: Tally


def minutes(turn: Turn) -> int:
    """How long somebody was there: as marked; else from coming to going, of which what is not said is the session's."""
    if not turn.there:
        return 0
    if turn.minutes is not None:
        return turn.minutes
    span = (turn.out_at or turn.ends_at) - (turn.in_at or turn.starts_at)
    return max(span // timedelta(minutes=1), 0)


def standing(turn: Turn, now: datetime) -> Standing:
    """What is known of a turn, in one word: the mark; else what they said themselves; else the clock."""
    if turn.state not in UNKNOWN:
        return turn.state  # type: ignore[return-value]
    if turn.away:
        return "away"
    if turn.claimed:
        return "claimed"
    return "ahead" if now < turn.ends_at else "unmarked"


def missed(turn: Turn, now: datetime) -> bool:
    """Expected, over for more than an hour, and no word: not from them, nor a mark that says anything else."""
    silent = not turn.claimed and not turn.away and turn.state in UNKNOWN | {"missing"}
    return turn.expected and silent and now - turn.ends_at > SETTLED


def last_missed(turns: Iterable[Turn], now: datetime) -> list[Turn]:
    """What was missed with no word since somebody was last there, or last said something; oldest first."""
    found: list[Turn] = []
    for turn in sorted(turns, key=lambda one: one.starts_at):
        if missed(turn, now):
            found.append(turn)
        elif turn.there or turn.claimed:
            found = []
    return found


def tally(turns: Iterable[Turn], now: datetime) -> Tally:
    """Of the sessions that are over, or that somebody is at already."""
    counted = [(turn, standing(turn, now)) for turn in turns]
    said = [word for turn, word in counted if word != "ahead"]
    return Tally(
        expected=sum(turn.expected and (turn.there or turn.ends_at <= now) for turn, _ in counted),
        attended=sum(turn.there for turn, _ in counted),
        late=said.count("late"),
        partial=said.count("partial"),
        away=said.count("away") + said.count("excused"),
        missed=said.count("missing"),
        unmarked=said.count("unmarked") + said.count("claimed"),
        minutes=sum(minutes(turn) for turn, _ in counted),
    )


def days(turns: Iterable[Turn]) -> list[tuple[date, int]]:
    """Minutes by day, of the days on which somebody was there."""
    there = sorted((turn for turn in turns if turn.there), key=lambda turn: turn.on)
    return [(day, sum(map(minutes, those))) for day, those in groupby(there, key=lambda turn: turn.on)]


def weeks(turns: Sequence[Turn], planned: Callable[[date], int | None], now: datetime) -> list[Week]:
    """Week by week, the newest first; `planned` tells how many sessions a week belong to the phase of a day."""
    in_order = sorted(turns, key=lambda turn: turn.on, reverse=True)
    found = ((day, list(those)) for day, those in groupby(in_order, key=lambda turn: monday(turn.on)))
    return [Week(day, _planned(planned, those), tally(those, now)) for day, those in found]


def _planned(planned: Callable[[date], int | None], turns: Iterable[Turn]) -> int | None:
    return planned(min(turn.on for turn in turns))


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
