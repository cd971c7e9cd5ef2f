"""The journal: pages of words, private unless shared."""

import re
import unicodedata
from datetime import date, time, timedelta
from itertools import chain
from typing import Annotated, Any, ClassVar
from uuid import UUID

from annotated_types import MinLen
from pydantic import AfterValidator, BeforeValidator
from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from app.content import prompt as find_prompt
from app.content import prompts
from app.forms import Form, LogForm, Mood, Posted, Text, Visibility, Words, _, empty_is_none, wrong
from app.models import clocks, entry, moods, schedule, sharing
from app.models.clocks import When
from app.models.entry import COLUMNS, Entry, Line, Writing
from app.owned import Owned, Readable
from app.record import Record

TAGS_MAX = 8
TAG_LENGTH = 40
TEN_YEARS = timedelta(days=3660)


class Journal(Owned, table=True):
    """What belongs to a journal page beside its words: the prompt it answers."""

    read_as: ClassVar[Readable] = "part"
    __table_args__ = (
        ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], ondelete="CASCADE", name="journal_entry"
        ),
    )
    prompt: str = Field(default="", max_length=40)


def _known(prompt: Any) -> str:
    # A question that we do not know (any more) must not keep anybody from saving their words.
    return prompt if isinstance(prompt, str) and find_prompt(prompt, "en") else ""


def _written(words: str) -> str:
    if not words.strip():
        raise wrong(_("There is nothing to keep yet. A few words are enough."))
    return words


def split_tags(text: str) -> tuple[str, ...]:
    """ "work,  Sam , work" → ("work", "Sam")."""
    named = (tag.strip().lstrip("#") for tag in text.split(","))
    return tuple(dict.fromkeys(tag for tag in named if tag))


def _fit(text: str) -> str:
    tags = split_tags(text)
    if len(tags) > TAGS_MAX:
        raise wrong(_("Up to eight tags fit. Please take some away. Your words are still here."))
    if any(len(tag) > TAG_LENGTH for tag in tags):
        raise wrong(_("A tag can have up to 40 letters. Please make it shorter, or put commas between its words."))
    return text


class JournalForm(LogForm):
    """A page as it is written. `day` and `clock` backdate it, where the person is; `tags` are split at commas."""

    words: Annotated[Words, AfterValidator(_written)]
    mood: Mood = None
    tags: Annotated[Text, AfterValidator(_fit)] = ""
    prompt: Annotated[str, BeforeValidator(_known)] = ""
    visibility: Visibility = "private"
    wants_answer: bool = False
    day: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    clock: Annotated[time | None, BeforeValidator(empty_is_none)] = None
    version: int | None = None


class SearchForm(Form):
    """The term travels by POST and is written down nowhere."""

    term: Annotated[Text, MinLen(1)]


entry.PARTS["journal"] = Journal


def backdated(record: Record, form: Posted[JournalForm]) -> Posted[JournalForm]:
    """A page may be about an earlier day, at most ten years back, and not about tomorrow."""
    if not form.refused and not _behind_us(record, form.values):
        form.refuse("day", _("That is not a day behind us. Please look at the date once more."))
    return form


def _behind_us(record: Record, form: JournalForm) -> bool:
    # Looked at first: no zone can reckon with the ends of the calendar.
    if form.day and abs(form.day - record.today) > TEN_YEARS:
        return False
    found = entry.lines(record, COLUMNS.where(Entry.id == form.id)) if form.day or form.clock else []
    if found and not form.version:
        # Sent again, and it was behind us at first: its time alone may now be one of a day that has only begun.
        return True
    base = _base(record, form, found[0]) if found else entry.written(record, form)
    return clocks.about(base, form.day, form.clock).at <= record.now + clocks.WAY


def _base(record: Record, form: JournalForm, line: Line) -> When:
    """From when the day and the time on a changed page are reckoned: there, when it happened, or today."""
    at = line.happened_at if form.day in (None, line.local_day) else record.now
    return When(at, line.when(entry.written(record, form).zone).zone)


def writing(form: JournalForm) -> Writing:
    return Writing(
        "journal", words=form.words, tags=split_tags(form.tags), mood=form.mood, visibility=form.visibility,
        wants_answer=form.wants_answer,
    )  # fmt: skip


def keep(record: Record, form: JournalForm) -> Line:
    page = writing(form).about(entry.written(record, form), form.day, form.clock)
    return entry.write(record, form.id, page, prompt=form.prompt)


def amend(record: Record, form: JournalForm) -> Line:
    changed, line = writing(form), find(record, form.id)
    # A form knows no seconds: what nobody moved stays where it was among the others of that minute.
    if (form.day or form.clock) and (form.day, form.clock) != _shown(line):
        changed = changed.about(_base(record, form, line), form.day, form.clock)
    return entry.amend(record, form.id, form.version or 0, changed)


def _shown(line: Line) -> tuple[date, time]:
    """The day and the time at which a form shows that a page was written."""
    return line.local_at.date(), line.local_at.time().replace(second=0, microsecond=0)


def find(record: Record, page_id: UUID) -> Line:
    """A journal page of this record."""
    return entry.find(record, page_id, "journal")


def answers(record: Record, line: Line) -> dict[str, object]:
    """What a page's form starts with when it is opened again."""
    day, clock = _shown(line)
    return {
        "id": line.id, "version": line.version, "words": line.words, "mood": line.mood,
        "tags": ", ".join(line.tags), "prompt": line.part.prompt if line.part else "",
        "visibility": line.visibility, "wants_answer": "true" if line.wants_answer else "",
        "day": day.isoformat(), "clock": f"{clock:%H:%M}",
    }  # fmt: skip


def desk(record: Record, language: str, prompt: str = "") -> dict[str, Any]:
    """What lies beside an open page: the prompts, the one chosen, who would read it and by when."""
    return {
        "prompts": prompts(language),
        "prompt": find_prompt(prompt, language) if prompt else None,
        "readers": sharing.seen_by(record, "journal"),
        "answer_by": record.program.answer_by(record.now),
        "today": record.today,
    }


def told(record: Record, line: Line, language: str) -> dict[str, Any]:
    """A page as it is shown: with the question it answers, and who can read it."""
    asked = find_prompt(line.part.prompt, language) if line.part else None
    return {"line": line, "prompt": asked, **sharing.promise(record)}


def search(record: Record, term: str) -> list[Line]:
    """One's own entries that hold a term, newest first, whatever the case and the accents."""
    wanted = plain(term)
    if not wanted:
        return []
    return [
        line
        for line in entry.everything(record)
        if wanted in plain(" ".join((line.words, *line.tags, *line.said.values())))
    ]


def plain(text: str) -> str:
    """For comparing: no case, no accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def calendar(record: Record, asked: str) -> dict[str, Any]:
    """A month as weeks of days, each with its entries and mean mood; an address that names no month means this one."""
    named = re.fullmatch(r"(\d{4})-(\d\d)", asked)
    year, number = (int(part) for part in named.groups()) if named else (record.today.year, record.today.month)
    first = date(year, number, 1) if 2000 <= year <= 2100 and 1 <= number <= 12 else record.today.replace(day=1)
    days = month(record, first)
    return {
        "first": first, "days": days, "today": record.today,
        "weeks": schedule.month_grid(first.year, first.month),
        "moods": {day: round(mood) for day, mood in moods.by_day(chain(*days.values())).items()},
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": (first.replace(day=28) + timedelta(days=4)).replace(day=1),
    }  # fmt: skip


def month(record: Record, first: date) -> dict[date, list[Line]]:
    """The entries of one month by local day."""
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    days: dict[date, list[Line]] = {}
    for line in entry.between(record, first, following - timedelta(days=1)):
        days.setdefault(line.local_day, []).append(line)
    return days
