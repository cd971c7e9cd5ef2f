"""Mood in one tap, and what moods look like over days."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from statistics import fmean
from typing import Annotated, Any

from pydantic import Field

from app.forms import LogForm, Posted, _
from app.models import entry, sharing
from app.models.entry import Line, Writing
from app.record import Record


class MoodForm(LogForm):
    """One tap. A mood is shared with the coach for as long as the person shares moods."""

    mood: Annotated[int, Field(ge=1, le=5)]


def keep(record: Record, form: MoodForm) -> Line:
    writing = Writing("mood", mood=form.mood, visibility="shared")
    return entry.write(record, form.id, writing.about(entry.written(record, form)))


def tapped(record: Record, form: Posted[MoodForm]) -> Line | None:
    """Keep a tap. None: it is refused. Another mood under the number of one that is kept gets a number of its own."""
    line = entry.settled(form, keep, record)
    if form.stale:
        form.errors.clear()
        form.refuse("id", _("This page has kept a mood already. Tap once more to keep another one."))
    return line


def todays(record: Record) -> Line | None:
    """The latest mood of today, tapped on its own."""
    return entry.todays(record, "mood")


def row(record: Record) -> dict[str, Any]:
    """What the mood row shows: today's latest tap (`mood_line`) and who can see moods (`mood_readers`)."""
    return {"mood_line": todays(record), "mood_readers": sharing.seen_by(record, "mood")}


def by_day(lines: Iterable[Line]) -> dict[date, float]:
    """The mean mood (1–5) of each local day that has one."""
    days: dict[date, list[int]] = defaultdict(list)
    for line in lines:
        if line.mood is not None:
            days[line.local_day].append(line.mood)
    return {day: fmean(moods) for day, moods in days.items()}


def run(days: dict[date, float], last: date, length: int = 14) -> list[float | None]:
    """The moods of `length` days up to a day, None for days without."""
    return [days.get(last - timedelta(days=back)) for back in range(length - 1, -1, -1)]
