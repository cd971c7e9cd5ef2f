"""A group over its weeks: notes for the staff who lead it, its themes, and how the room arrives and leaves.

How the room arrives and leaves is reckoned once, a day after a session, and then stands: nothing changes it, so that
nobody's share can be had from the difference of two looks. Why so: docs/decisions/0024-after-a-session.md.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator
from pydantic import Field as PydanticField
from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import NewForm, Posted, Text, Words, _, wrong
from app.models import people, sessions
from app.models.attendance import Attendance
from app.models.entry import Entry
from app.models.roll import FEWEST
from app.models.sessions import ProgramSession
from app.models.sharing import Sharing
from app.owned import InProgram, Role
from app.record import NotYours, Record

# Who leads a session so near in time belongs to its group.
NEAR = timedelta(days=35)
AFTER, LATELY = timedelta(days=1), timedelta(days=8)
THEMES, THEME = 6, 40
MANY = _("Please write up to %(most)s themes of up to %(long)s letters each, with commas between them.")
NOT_ITS = _("Please choose one of the sessions of this group.")


class SessionNote(InProgram, table=True):
    """What somebody of the staff wrote of a session, with its themes: JSON sealed under the writer's key.

    Only added to: a later note says what has changed. Never a participant's to read.
    """

    __tablename__ = "session_note"
    read_by: ClassVar[frozenset[Role]] = people.OFFICE
    kept_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (Index("session_note_in", "program_id", "series_id", "at"),)
    session_id: UUID
    series_id: UUID
    words: bytes = Field(sa_type=LargeBinary)
    by: UUID
    at: datetime = Field(sa_type=Moment)


class RoomMean(InProgram, table=True):
    """How a room came and went: means to half a point, None where fewer than five people said. Made once.

    The id is the session's; mood 1–5, urge 0–10.
    """

    __tablename__ = "room_mean"
    read_by: ClassVar[frozenset[Role]] = people.OFFICE
    __table_args__ = (Index("room_mean_in", "program_id", "series_id", "day"),)
    series_id: UUID
    day: date
    mood_in: float | None = None
    mood_out: float | None = None
    urge_in: float | None = None
    urge_out: float | None = None
    made_at: datetime = Field(sa_type=Moment)


def _themes(said: str) -> str:
    found = list(dict.fromkeys(" ".join(one.split()) for one in said.split(",") if one.strip()))
    if len(found) > THEMES or any(len(one) > THEME for one in found):
        raise wrong(MANY % {"most": THEMES, "long": THEME})
    return ", ".join(found)


class NoteForm(NewForm):
    """A note to one session of a group; `themes` with commas."""

    session: UUID
    words: Annotated[Words, AfterValidator(str.strip), PydanticField(min_length=1)]
    themes: Annotated[Text, AfterValidator(_themes)] = ""


@dataclass(frozen=True)
class Note:
    """One note, opened for its reader."""

    id: UUID
    session_id: UUID
    day: date
    words: str
    themes: list[str]
    by: str
    at: datetime


@dataclass(frozen=True)
class Group:
    """A series with the sessions of it that are near; the last is what a note is most likely about."""

    series_id: UUID
    sessions: list[ProgramSession]
    title: str
    kind: str


# --- which


def mine(record: Record) -> list[Group]:
    """The groups that this reader leads or covers, or all for a manager: of the sessions five weeks around today."""
    all_of_them, found = sessions.manages(record), defaultdict(list)
    for one in sessions.between(record, record.today - NEAR, record.today + NEAR):
        found[one.series_id].append(one)
    groups = [_group(series_id, those) for series_id, those in found.items()]
    mine = [group for group in groups if all_of_them or any(sessions.leads(record, one) for one in group.sessions)]
    return sorted(mine, key=lambda group: (group.title.casefold(), group.series_id))


def find(record: Record, series_id: UUID) -> Group:
    """A group of this reader's. Raises NotYours."""
    around = sessions.between(record, record.today - NEAR, record.today + NEAR)
    those = [one for one in around if one.series_id == series_id]
    if not those or not (any(sessions.leads(record, one) for one in those) or sessions.manages(record)):
        raise NotYours("group")
    return _group(series_id, those)


def _group(series_id: UUID, those: list[ProgramSession]) -> Group:
    return Group(series_id, those, those[-1].title, those[-1].kind)


def begun(record: Record, group: Group) -> list[ProgramSession]:
    """The sessions that have begun, the latest first."""
    return [one for one in reversed(group.sessions) if one.happens and one.starts_at <= record.now]


# --- notes


def noted(record: Record, group: Group, form: Posted[NoteForm]) -> bool:
    """Keep a note. False: it is refused, and says so itself. Sent twice it is kept once."""
    if not form.refused and form.values.session not in {one.id for one in begun(record, group)}:
        form.refuse("session", NOT_ITS)
    if form.refused:
        return False
    asked = form.values
    said = json.dumps({"words": asked.words, "themes": asked.themes})
    words: Any = record.seal(SessionNote, "words", asked.id, said, record.person_id)
    row = SessionNote(
        id=asked.id, session_id=asked.session, series_id=group.series_id, words=words, by=record.person_id,
        at=record.now,
    )  # fmt: skip
    if not keep(record.session, row):
        _own(record, asked.id)
    return True


def _own(record: Record, note_id: UUID) -> None:
    row = record.session.get(SessionNote, (record.program.id, note_id))
    if row is None or row.by != record.person_id:
        raise NotYours("note")


def notes(record: Record, series_id: UUID, most: int = 50) -> list[Note]:
    """The notes of a group, the latest first."""
    asked = select(SessionNote).where(SessionNote.series_id == series_id)
    rows = record.session.exec(asked.order_by(col(SessionNote.at).desc(), col(SessionNote.id)).limit(most)).all()
    names = people.names(record, {row.by for row in rows})
    return [_opened(record, row, names.get(row.by, "")) for row in rows]


def _opened(record: Record, row: SessionNote, by: str) -> Note:
    said = json.loads(record.unseal(SessionNote, "words", row.id, row.words, row.by))
    themes = [one.strip() for one in said["themes"].split(",") if one.strip()]
    return Note(row.id, row.session_id, sessions.parts(row.session_id)[1], said["words"], themes, by, row.at)


def themes(those: Iterable[Note]) -> list[tuple[str, int]]:
    """The themes of some notes, with in how many sessions each came up; the most frequent first."""
    met = {(theme.casefold(), note.session_id) for note in those for theme in note.themes}
    spelled = {theme.casefold(): theme for note in those for theme in note.themes}
    return [(spelled[theme], times) for theme, times in Counter(theme for theme, _session in met).most_common()]


# --- how the room arrives and leaves


def mean(values: Sequence[int], least: int, most: int) -> float | None:
    """To half a point, and of fewer than five nothing. Never the end of the scale: that would tell of everybody."""
    if len(values) < FEWEST:
        return None
    return min(max(round(fmean(values) * 2) / 2, least + 0.5), most - 0.5)


def rooms(record: Record, series_id: UUID) -> list[RoomMean]:
    """How the room came and went lately, the latest first."""
    asked = select(RoomMean).where(RoomMean.series_id == series_id, RoomMean.day >= record.today - NEAR)
    return list(record.session.exec(asked.order_by(col(RoomMean.day).desc(), col(RoomMean.id))).all())


def sum_up(record: Record) -> int:
    """On a clock, with the keeper's eyes: reckon the rooms that have been over for a day, each once. How many.

    Only what is shared counts, as somebody who leads the room reads it.
    """
    those = sessions.between(record, record.today - LATELY, record.today)
    over = {one.id: one for one in those if one.happens and one.ends_at + AFTER <= record.now}
    new = over.keys() - set(record.session.exec(select(RoomMean.id).where(col(RoomMean.id).in_(over))))
    told = _shared(record, new)
    return sum(keep(record.session, _summed(record, over[one], told[one])) for one in new)


def _shared(record: Record, ids: Collection[UUID]) -> dict[UUID, list[Attendance]]:
    open_to_team = select(Sharing.participant_id).where(
        Sharing.kind == "attendance", col(Sharing.reader_id).is_(None), col(Sharing.ended_at).is_(None)
    )
    asked = select(Attendance).join(Entry, col(Entry.id) == col(Attendance.id)).where(
        col(Attendance.session_id).in_(ids), Entry.visibility == "shared", col(Entry.binned_at).is_(None),
        col(Attendance.participant_id).in_(open_to_team),
    )  # fmt: skip
    found: dict[UUID, list[Attendance]] = defaultdict(list)
    for row in record.session.exec(asked):
        found[row.session_id].append(row)
    return found


def _summed(record: Record, one: ProgramSession, told: Collection[Attendance]) -> RoomMean:
    def about(name: str, arriving: bool) -> list[int]:
        said = {row.participant_id: getattr(row, name) for row in told if row.arriving is arriving}
        return [value for value in said.values() if value is not None]

    return RoomMean(
        id=one.id, series_id=one.series_id, day=one.on, made_at=record.now,
        mood_in=mean(about("mood", True), 1, 5), mood_out=mean(about("mood", False), 1, 5),
        urge_in=mean(about("urge", True), 0, 10), urge_out=mean(about("urge", False), 0, 10),
    )  # fmt: skip


def desk(record: Record, group: Group) -> dict[str, Any]:
    """The page of a group."""
    found = notes(record, group.series_id)
    return {
        "group": group, "notes": found, "themes": themes(found), "rooms": rooms(record, group.series_id),
        "begun": begun(record, group), "fewest": FEWEST,
    }  # fmt: skip
