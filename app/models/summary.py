"""One page to read before a session: what has happened since the last one. As a page, and as a PDF of the same lines.

Only what is shared and what the program itself keeps stands here. Notes of staff do not: the page may be read together.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from typing import Any

from app.forms import _
from app.lib import pdf
from app.lib.pdf import Paper, Part, Small
from app.models import assignments, curves, entry, flags, participant, presence, roll
from app.models.curves import SCALES, Curve, Days, Measured
from app.models.entry import Line
from app.models.presence import Turn
from app.models.program import Crossing
from app.models.roll import NOTICE
from app.record import Record
from app.words import Clock, translations

# Without a session to start from, and at the most. Pictures begin earlier: one of two days tells nothing.
USUAL, LONGEST, DRAWN = timedelta(days=7), timedelta(days=28), timedelta(days=13)
MOST, LETTERS = 4, 130
TITLE = _("Before the session")
KINDS = {
    "mood": _("mood"), "check-in": _("check-in"), "journal": _("journal page"), "practice": _("skill used"),
    "urge": _("urge"), "setback": _("setback"), "attendance": _("at a session"), "measure": _("measure"),
}  # fmt: skip
CURVES = {"mood": _("Mood, 1 to 5"), "urge": _("Strongest urge, 0 to 10"), "sleep": _("Sleep, in hours")}
TRENDS = {
    "up": _("going up"), "down": _("going down"), "steady": _("steady"), "too little": _("too few days to say")
}  # fmt: skip
WAYS = {
    "better": _("%(points)s since the time before, a change for the better"),
    "worse": _("%(points)s since the time before, a change for the worse"),
    "unclear": _("%(points)s since the time before, which may be chance"),
}  # fmt: skip
LEVELS = {"urgent": _("urgent"), "high": _("high"), "medium": _("medium"), "low": _("low")}
TO_READ = frozenset(KINDS) - {"mood", "attendance"}


@dataclass(frozen=True)
class Voice:
    """How a reader is told: their language, and how it says days and times."""

    clock: Clock

    def say(self, sentence: str, **facts: object) -> str:
        said = translations(self.clock.language).gettext(sentence)
        return said % facts if facts else said

    def ngettext(self, one: str, more: str, num: int, **facts: object) -> str:
        return translations(self.clock.language).ngettext(one, more, num) % (facts | {"num": num})


@dataclass(frozen=True)
class Section:
    """A heading and its lines; `more`: how many do not stand here."""

    id: str
    heading: str
    lines: Sequence[str]
    more: int = 0


@dataclass(frozen=True)
class Summary:
    """What is told since a day, said in the reader's language."""

    name: str
    above: list[str]
    curves: list[tuple[str, Curve, str]]
    sections: list[Section]

    @property
    def in_pdf(self) -> bool:
        lines = [line for section in self.sections for line in section.lines]
        return pdf.can_write(self.name, *self.above, *lines)


def made(record: Record, language: str) -> Summary:
    """The summary of the participant whose record is open, as this coach may see it now."""
    voice, attendance = Voice(Clock(language, record.zone, record.now)), roll.of_one(record)
    last = _last(attendance["turns"], record.today)
    since = max(last.on if last else record.today - USUAL, record.today - LONGEST)
    head = participant.head(record, attendance)
    there = {turn.on for turn in attendance["turns"] if turn.there}
    days = curves.days(record, min(since, record.today - DRAWN), record.today, there, language)
    lines = entry.between(record, since, record.today)
    return Summary(
        name=record.name(record.participant_id),
        above=[*_standing(voice, head, record), _since(voice, last, since, days)],
        curves=[(voice.say(CURVES[one.what]), one, _curve(voice, one)) for one in days.curves],
        sections=[section for section in (
            _flags(voice, head["flags"]), _asked(voice, lines), _shared(voice, lines),
            _setbacks(voice, days.setbacks, since), _skills(voice, lines),
            _measures(voice, days.courses, record.today), _sessions(voice, attendance["turns"], since, record),
            _asked_for(voice, record),
        ) if section.lines],
    )  # fmt: skip


def written(record: Record, language: str, paper: str = "") -> bytes:
    """The same as a PDF, on one page of US letter or of A4."""
    # Imported when somebody asks for one.
    from app.lib import printing

    voice, told = Voice(Clock(language, record.zone, record.now)), made(record, language)
    return printing.one_page(
        heading=f"{voice.say(TITLE)}: {told.name}", above=told.above,
        pictures=[Small(title, one.values, *SCALES[one.what][:2], said) for title, one, said in told.curves],
        parts=[Part(section.heading, [*section.lines, *_more(voice, section)]) for section in told.sections],
        notice=NOTICE, made_at=record.now, paper=Paper.A4 if paper == "a4" else Paper.LETTER,
    )  # fmt: skip


def _more(voice: Voice, section: Section) -> list[str]:
    return [voice.ngettext("and one more", "and %(num)s more", section.more)] if section.more else []


# --- since when


def _last(turns: Sequence[Turn], today: date) -> Turn | None:
    """The last session before today at which they were."""
    return max(
        (turn for turn in turns if turn.there and turn.on < today), key=lambda turn: turn.starts_at, default=None
    )


def _since(voice: Voice, last: Turn | None, since: date, days: Days) -> str:
    facts = {"day": voice.clock.long_day(since), "num": len(days.each)}
    if last and last.on == since:
        said = _("Since the last session, %(title)s on %(day)s. The pictures are of the last %(num)s days.")
        return voice.say(said, title=last.title, **facts)
    return voice.say(_("Since %(day)s. The pictures are of the last %(num)s days."), **facts)


def _standing(voice: Voice, head: dict[str, Any], record: Record) -> list[str]:
    where: Crossing | None = head["crossing"]
    facts = {"coaches": ", ".join(head["coaches"]), "day": voice.clock.dated(record.today)}
    if not where or not where.week or not where.phase:
        return [voice.say(_("With %(coaches)s. As of %(day)s."), **facts)]
    said = _("Week %(week)s of %(weeks)s, phase %(phase)s. With %(coaches)s. As of %(day)s.")
    return [voice.say(said, week=where.week, weeks=where.weeks, phase=where.phase.number, **facts)]


# --- what is told


def _curve(voice: Voice, curve: Curve) -> str:
    if not curve.known:
        return voice.say(_("Nothing shared."))
    least, most = min(curve.known), max(curve.known)
    facts = {"usual": _number(curve.usual), "least": _number(least), "most": _number(most)}
    each = _("%(usual)s each time") if least == most else _("Usually %(usual)s, from %(least)s to %(most)s")
    return f"{voice.say(each, **facts)}; {voice.say(TRENDS[curve.trend])}."


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def _flags(voice: Voice, found: Sequence[flags.Raised]) -> Section:
    said = [_flag(voice, one) for one in found]
    return _section("flags", voice.say(_("Open flags")), said)


def _flag(voice: Voice, one: flags.Raised) -> str:
    reason = one.reason.reason(voice.say, voice.clock.day)
    return f"{voice.say(LEVELS[one.level])}: {one.words or reason} {voice.say(one.reason.action)}"


def _asked(voice: Voice, lines: Sequence[Line]) -> Section:
    """What they want to bring up, and what waits for an answer: in their own words."""
    brought = [line.said["bring_up"] for line in lines if line.said.get("bring_up")]
    waits = [line for line in lines if line.wants_answer and not any(read.words for read in line.reads)]
    said = [voice.say(_("To bring up: %(words)s"), words=_short(words)) for words in brought]
    said += [
        voice.say(_("Waits for an answer since %(when)s: %(words)s"), when=voice.clock.when(one.kept_at),
                  words=_short(one.words) or voice.say(KINDS[one.kind]))
        for one in waits
    ]  # fmt: skip
    return _section("asked", voice.say(_("What they ask for")), said)


def _shared(voice: Voice, lines: Sequence[Line]) -> Section:
    if not lines:
        return _section("shared", voice.say(_("What they shared")), [voice.say(_("Nothing in this time."))])
    kinds = Counter(line.kind for line in lines)
    counted = ", ".join(f"{voice.say(KINDS[kind])} {many}" for kind, many in kinds.most_common())
    unread = sum(not line.reads for line in lines if line.kind in TO_READ)
    left = voice.ngettext("One is not read yet.", "%(num)s are not read yet.", unread) if unread else ""
    return _section("shared", voice.say(_("What they shared")), [f"{counted}. {left}".strip()])


def _setbacks(voice: Voice, days: frozenset[date], since: date) -> Section:
    those = sorted(day for day in days if day >= since)
    said = [voice.say(_("Told of a setback on %(day)s."), day=voice.clock.long_day(day)) for day in those]
    return _section("setbacks", voice.say(_("Setbacks")), said)


def _skills(voice: Voice, lines: Sequence[Line]) -> Section:
    """The skills that were used, the most used first, with how it was before and after where that was rated."""
    used: dict[str, list[Any]] = defaultdict(list)
    for line in lines:
        if line.kind in ("practice", "urge") and line.said.get("name"):
            used[line.said["name"]].append(line.part)
    ordered = sorted(used.items(), key=lambda pair: -len(pair[1]))
    return _section("skills", voice.say(_("Skills used")), [_skill(voice, name, parts) for name, parts in ordered])


def _skill(voice: Voice, name: str, parts: Sequence[Any]) -> str:
    said = voice.ngettext("%(name)s, once", "%(name)s, %(num)s times", len(parts), name=name)
    rated = [part for part in parts if part.before is not None and part.after is not None]
    if not rated:
        return f"{said}."
    before, after = (fmean(getattr(part, when) for part in rated) for when in ("before", "after"))
    told = voice.say(_("from %(before)s to %(after)s"), before=_number(before), after=_number(after))
    return f"{said}: {told}."


def _sessions(voice: Voice, turns: Sequence[Turn], since: date, record: Record) -> Section:
    over = [turn for turn in turns if turn.on >= since and presence.standing(turn, record.now) != "ahead"]
    tally = presence.tally(over, record.now)
    said = voice.ngettext("There at %(there)s of %(num)s session.", "There at %(there)s of %(num)s sessions.",
                      max(tally.expected, tally.attended), there=tally.attended)  # fmt: skip
    missed = sorted(turn.on for turn in over if presence.missed(turn, record.now))
    days = ", ".join(map(voice.clock.day, missed))
    away = [voice.say(_("Not there, and no word: %(days)s."), days=days)] if missed else []
    return _section("sessions", voice.say(_("Sessions")), [said, *away] if over else [])


def _measures(voice: Voice, courses: Sequence[Measured], today: date) -> Section:
    """The last of each that was taken in four weeks, with the change to the time before where chance does not do it."""
    lately = [one for one in courses if one.day >= today - LONGEST]
    return _section("measures", voice.say(_("Measures")), [_measure(voice, one) for one in lately])


def _measure(voice: Voice, one: Measured) -> str:
    facts = {
        "title": one.title,
        "points": one.points,
        "top": one.top,
        "band": one.band,
        "day": voice.clock.day(one.day),
    }
    said = voice.say(_("%(title)s: %(points)s of %(top)s, %(band)s, on %(day)s"), **facts)
    return f"{said}; {voice.say(WAYS[one.change.way], points=f'{one.change.points:+d}')}." if one.change else f"{said}."


def _asked_for(voice: Voice, record: Record) -> Section:
    """What is still to do, and what was done in four weeks."""
    done = [one for one in assignments.mine(record) if one.done_at and one.done_at >= record.now - LONGEST]
    said = [
        voice.say(_("To do by %(day)s: %(words)s"), day=voice.clock.day(one.due_on), words=_item(voice, one))
        for one in assignments.open_of(record)
    ]
    said += [voice.say(_("Done: %(words)s"), words=_item(voice, one)) for one in done]
    return _section("assignments", voice.say(_("Between sessions")), said)


def _item(voice: Voice, one: assignments.Item) -> str:
    return _short(one.name(voice.clock.language))


def _section(id: str, heading: str, lines: Sequence[str]) -> Section:
    return Section(id, heading, [_short(line) for line in lines[:MOST]], max(len(lines) - MOST, 0))


def _short(words: str) -> str:
    """In one line, and no longer than fits."""
    line = " ".join(words.split())
    return line if len(line) <= LETTERS else line[: LETTERS - 1].rstrip() + "…"
