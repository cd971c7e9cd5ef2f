"""How times, days and languages are said: the one place where the app speaks of the clock."""

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = ("en", "es")
# en_US and es_US: the program's phones say 4:10 pm in both.
LOCALES = {"en": "en_US", "es": "es_US"}
# The order of day and month is a language's own; Babel's ready-made forms shorten the weekday.
DAY = {"en": "MMM d", "es": "d MMM"}
LONG_DAY = {"en": "EEEE, MMMM d", "es": "EEEE, d 'de' MMMM"}
MONTH = {"en": "LLLL y", "es": "LLLL 'de' y"}
HALVES = (("AM", "am"), ("PM", "pm"), ("a.m.", "am"), ("p.m.", "pm"), ("a.\N{NO-BREAK SPACE}m.", "am"),
          ("p.\N{NO-BREAK SPACE}m.", "pm"))  # fmt: skip


@cache
def translations(language: str) -> NullTranslations:
    """A language's catalogue, read from its .po file at start: there is no compile step to forget."""
    file = Path(__file__).parent / "locales" / language / "LC_MESSAGES" / "messages.po"
    if not file.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def best_language(asked: str, spoken: str) -> str:
    """The person's language, else the first that the browser asks for and we speak, else English."""
    wanted = [part.split(";")[0].strip()[:2].lower() for part in asked.split(",")]
    return next((one for one in (spoken, *wanted) if one in LANGUAGES), "en")


# A page says dozens of times and days, and Babel takes its time for each.
@cache
def _clock(hour: int, minute: int, locale: str) -> str:
    said = format_time(time(hour, minute), "h:mm a", locale=locale)
    for half, ours in HALVES:
        said = said.replace(half, ours)
    # The hour and its half stay on one line.
    return "\N{NO-BREAK SPACE}".join(said.split())


@lru_cache(4096)
def _date(day: date, form: str, locale: str) -> str:
    return format_date(day, form, locale=locale)


@dataclass(frozen=True)
class Clock:
    """How one reader is told of times: their language, the program's zone, and what time it is.

    A naive time was read off a clock where somebody was, and is said as it stands.
    """

    language: str
    zone: str
    now: datetime

    @property
    def locale(self) -> str:
        return LOCALES[self.language]

    @property
    def tomorrow(self) -> date:
        return self._day(self.now) + timedelta(days=1)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone)) if at.tzinfo else at

    def clock(self, at: datetime) -> str:
        """4:10 pm"""
        local = self.local(at)
        return _clock(local.hour, local.minute, self.locale)

    def day(self, day: date) -> str:
        """Nov 22"""
        return _date(self._day(day), DAY[self.language], self.locale)

    def weekday(self, day: date) -> str:
        """Sunday"""
        return _date(self._day(day), "EEEE", self.locale)

    def long_day(self, day: date) -> str:
        """Sunday, November 22"""
        return _date(self._day(day), LONG_DAY[self.language], self.locale)

    def dated(self, day: date) -> str:
        """November 22, 2026"""
        return _date(self._day(day), "long", self.locale)

    def month(self, day: date) -> str:
        """November 2026"""
        return _date(self._day(day), MONTH[self.language], self.locale)

    def ago(self, at: datetime) -> str:
        """2 hours"""
        since = max(self.now - at, timedelta(minutes=1))
        return format_timedelta(since, threshold=1.5, granularity="minute", locale=self.locale)

    def when(self, at: datetime) -> str:
        """4:10 pm for today, else Nov 21, 4:10 pm"""
        same = self.local(at).date() == self.local(self.now).date()
        return self.clock(at) if same else f"{self.day(at)}, {self.clock(at)}"

    def _day(self, day: date) -> date:
        return self.local(day).date() if isinstance(day, datetime) else day


NO_CLOCK = Clock("en", "UTC", datetime(1970, 1, 1, tzinfo=UTC))
TOLD = ("clock", "day", "weekday", "long_day", "dated", "month", "ago", "when")
