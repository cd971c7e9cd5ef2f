"""The spine: everything a participant logs is an Entry. Words are sealed, numbers are queryable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, Index, LargeBinary, delete, tuple_
from sqlmodel import Field, col, select

from app.database import Moment, keep
from app.forms import F, Form, LogForm, Posted, Visibility, _
from app.models import clocks, people
from app.models.clocks import When
from app.models.reviews import Read, reads
from app.models.rules import shows_help
from app.owned import Owned, Readable
from app.query import Query, given
from app.record import NotYours, Record

OVER = _("Your time in the program has ended, so nothing new is kept here. What you wrote stays yours to read.")
KINDS = ("mood", "check-in", "journal", "practice", "urge", "setback", "attendance", "measure")
BIN_DAYS = 30
PAGE = 20

# Each kind's table of numbers, keyed by the entry's id. A kind enters itself here; no kind knows another.
PARTS: dict[str, Any] = {}

# Who is told of an entry: when it was kept, changed, shared or taken back from the bin (`fresh`), and when its writer
# looks at it. They answer whether it has come up first on a coach's list.
LOOKS: list[Callable[[Record, "Line", bool], bool]] = []


class Entry(Owned, table=True):
    """One thing a participant logged. `mood` is 1 (very low) … 5 (great) and may come with any kind.

    `local_day` and `offset_minutes` (east of UTC) are those of the place where it happened; `clock_off`: by how many
    seconds the phone's clock was ahead then. `kept_at` is the server's own word.
    """

    read_as: ClassVar[Readable] = "spine"
    __table_args__ = (
        CheckConstraint(
            "kind in ('mood','check-in','journal','practice','urge','setback','attendance','measure')",
            name="entry_kind",
        ),
        CheckConstraint("visibility in ('private','shared')", name="entry_visibility"),
        CheckConstraint("mood between 1 and 5", name="entry_mood"),
        Index("entry_timeline", "program_id", "participant_id", "happened_at", "id"),
        Index("entry_days", "program_id", "participant_id", "local_day"),
        Index("entry_kept", "program_id", "participant_id", "kept_at"),
    )
    kind: str = Field(max_length=12)
    happened_at: datetime = Field(sa_type=Moment)
    local_day: date
    offset_minutes: int
    clock_off: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    kept_at: datetime = Field(sa_type=Moment)
    words: bytes | None = Field(default=None, sa_type=LargeBinary)
    tags: bytes | None = Field(default=None, sa_type=LargeBinary)
    mood: int | None = None
    visibility: str = Field(default="private", max_length=8)
    wants_answer: bool = False
    version: int = 1
    edited_at: datetime | None = Field(default=None, sa_type=Moment)
    binned_at: datetime | None = Field(default=None, sa_type=Moment)


_ASKS = col(Entry.wants_answer)
Index(
    "entry_asks", col(Entry.program_id), col(Entry.participant_id), col(Entry.kept_at),
    sqlite_where=_ASKS, postgresql_where=_ASKS,
)  # fmt: skip


class VisibilityForm(Form):
    visibility: Visibility


class ActForm(Form):
    """One button, and nothing to fill in."""


@dataclass
class Line:
    """One entry, opened for its reader: words in clear, times aware, `part` the numbers of its kind.

    `said` is what its part holds sealed, by column. `raised`: its writer is told that a coach sees it first.
    """

    id: UUID
    participant_id: UUID
    kind: str
    happened_at: datetime
    local_day: date
    offset_minutes: int
    clock_off: int
    kept_at: datetime
    words: str
    tags: list[str]
    mood: int | None
    visibility: str
    wants_answer: bool
    version: int
    edited_at: datetime | None
    binned_at: datetime | None
    part: Any = None
    said: dict[str, str] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)
    raised: bool = False

    @property
    def all_words(self) -> str:
        """Everything that was written, a line for each."""
        return "\n".join((self.words, *self.tags, *self.said.values()))

    @property
    def shows_help(self) -> bool:
        """Whether its words gently bring help onto the page, whoever reads them."""
        return shows_help(self.all_words)

    @property
    def local_at(self) -> datetime:
        """When it happened, as a clock on the wall there showed it. Naive: no zone is to change it again."""
        return self._local(self.happened_at)

    @property
    def kept_on(self) -> date:
        """The day on which it came in, where the person had been."""
        return self._local(self.kept_at).date()

    @property
    def saved_at(self) -> datetime:
        """When it was kept as it is now, as a clock on the wall showed it where the person had been. Naive too."""
        return self._local(self.edited_at or self.kept_at)

    def when(self, zone: tzinfo) -> When:
        """When and where it happened; `zone` is where that may have been."""
        return When(self.happened_at, clocks.place(self.happened_at, self.offset_minutes, zone), self.clock_off)

    def phone_at(self, zone: str) -> datetime:
        """What the phone showed then, as a naive time too."""
        return self.when(ZoneInfo(zone)).phone_at.replace(tzinfo=None)

    def of_today(self, now: datetime, zone: str) -> bool:
        """Whether it is still the day on which it happened, where it happened."""
        return now.astimezone(self.when(ZoneInfo(zone)).zone).date() == self.local_day

    def _local(self, at: datetime) -> datetime:
        return (at.astimezone(UTC) + timedelta(minutes=self.offset_minutes)).replace(tzinfo=None)


class Stale(Exception):
    """The entry was changed elsewhere meanwhile. `line` is what is kept now."""

    def __init__(self, line: Line) -> None:
        super().__init__("changed elsewhere")
        self.line = line


class Over(Exception):
    """The stay has ended: what happened after it is not kept here any more."""


@dataclass(frozen=True)
class Writing:
    """What a form says of an entry. `day` and `clock` are what the person says of when it happened, `when` is when."""

    kind: str
    words: str = ""
    tags: tuple[str, ...] = ()
    mood: int | None = None
    visibility: str = "private"
    wants_answer: bool = False
    day: date | None = None
    clock: time | None = None
    when: When | None = None

    def about(self, written: When, day: date | None = None, clock: time | None = None) -> "Writing":
        """Written at a moment; about another one, if a day or a time is said."""
        return replace(self, day=day, clock=clock, when=clocks.about(written, day, clock))

    def columns(self, record: Record, entry_id: UUID) -> dict[str, Any]:
        return {
            "words": record.seal(Entry, "words", entry_id, self.words),
            "tags": record.seal(Entry, "tags", entry_id, "\n".join(self.tags)),
            "mood": self.mood,
            "visibility": self.visibility,
            "wants_answer": self.wants_answer and self.visibility == "shared",
        } | (_times(self.when) if self.when else {})


def _times(when: When) -> dict[str, Any]:
    return {
        "happened_at": when.at, "local_day": when.day, "offset_minutes": when.offset_minutes,
        "clock_off": when.clock_off,
    }  # fmt: skip


def written(record: Record, form: LogForm) -> When:
    """When and where a form was filled in, as far as the phone says so and can be believed."""
    at, clock_off = clocks.happened(form.written_at, form.sent_at, record.now)
    return When(at, ZoneInfo(form.zone or usual_zone(record)), clock_off)


def usual_zone(record: Record) -> str:
    """Where the reader lives, as far as that is known; else the program's zone."""
    person = people.PERSON.first(record.session, id=record.person_id)
    return (person and person.zone) or record.zone


_BESIDE = {"part", "said", "reads", "raised"}
COLUMNS = select(*(getattr(Entry, name) for name in Line.__annotations__ if name not in _BESIDE))
_NEWEST = (col(Entry.happened_at).desc(), col(Entry.id).desc())


def lines(record: Record, asked: Any, **values: Any) -> list[Line]:
    """The entries that a query or a statement of COLUMNS finds, opened: their words, the numbers of their kind, and who
    read them."""
    rows = asked.rows(record.session, **values) if isinstance(asked, Query) else record.session.execute(asked)
    found = [Line(*row) for row in rows]
    record.keyring.fetch({line.participant_id for line in found})
    for line in found:
        _open(record, line)
    for kind in {line.kind for line in found} & PARTS.keys():
        _numbers(record, kind, [line for line in found if line.kind == kind])
    read_by = reads(record, [line.id for line in found])
    for line in found:
        line.reads = read_by[line.id]
    return found


def _open(record: Record, line: Line) -> None:
    sealed: Any = line
    line.words, tags = (
        record.unseal(Entry, column, line.id, getattr(sealed, column), line.participant_id)
        for column in ("words", "tags")
    )
    line.tags = tags.split("\n") if tags else []


@cache
def _of_kind(kind: str) -> Query:
    part = PARTS[kind]
    return Query(select(part).where(part.id.in_(given("ids", part.id, many=True))))


def _numbers(record: Record, kind: str, those: list[Line]) -> None:
    rows = _of_kind(kind).rows(record.session, ids=[line.id for line in those])
    by_id = {row.id: row for row in rows}
    for line in those:
        line.part = by_id.get(line.id)
        line.said = _said(record, line) if line.part else {}


def _said(record: Record, line: Line) -> dict[str, str]:
    """The words that a part keeps beside its numbers: the columns that its kind calls `sealed`."""
    part = PARTS[line.kind]
    return {
        column: record.unseal(part, column, line.id, getattr(line.part, column), line.participant_id)
        for column in getattr(part, "sealed", ())
    }


ONE = Query(COLUMNS.where(Entry.id == given("id", col(Entry.id))))


def find(record: Record, entry_id: UUID, kind: str | None = None, fresh: bool = False) -> Line:
    """One entry that this reader may see, in the bin or not. `fresh`: it is now as it has not been before."""
    found = lines(record, ONE, id=entry_id)
    if not found or kind not in (None, found[0].kind):
        raise NotYours("entry")
    return looked(record, found[0], fresh)


def looked(record: Record, line: Line, fresh: bool = True) -> Line:
    """An entry of which everybody was told who asked for that. Others than its writer look at it as it is."""
    if record.person_id == line.participant_id:
        told = [look(record, line, fresh) for look in LOOKS]
        line.raised = any(told)
    return line


@dataclass(frozen=True)
class Place:
    """A place in a timeline, newest first: the entry that a page ended with."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"

    @classmethod
    def read(cls, text: str | None) -> "Place | None":
        """The place a link names; a link that names none starts at the newest."""
        try:
            at, _, entry_id = (text or "").partition("~")
            moment = datetime.fromisoformat(at)
            return cls(moment.astimezone(UTC), UUID(entry_id)) if moment.tzinfo else None
        except (ValueError, OverflowError):
            return None


_PAGE = COLUMNS.where(col(Entry.binned_at).is_(None)).order_by(*_NEWEST).limit(given("limit", Entry.version))
_NEWER = _PAGE.where(
    col(Entry.kind).in_(given("kinds", Entry.kind, many=True)), Entry.happened_at >= given("since", Entry.happened_at)
)
_PAST = tuple_(col(Entry.happened_at), col(Entry.id)) < tuple_(given("at", Entry.happened_at), given("id", Entry.id))
NEWEST, EARLIER = Query(_NEWER), Query(_NEWER.where(_PAST))
EVER = datetime(1, 1, 2, tzinfo=UTC)


def timeline(
    record: Record, kinds: Sequence[str] = KINDS, before: Place | None = None, limit: int = PAGE,
    also: Sequence[Any] = (), since: datetime = EVER,
) -> tuple[list[Line], Place | None]:  # fmt: skip
    """A page of entries, newest first, and the place where the next page starts (None: this was the last).

    `also`: what else must hold of each of them.
    """
    values = {"kinds": kinds, "since": since, "limit": limit + 1} | (
        {"at": before.at, "id": before.id} if before else {}
    )
    asked = EARLIER if before else NEWEST
    found = lines(record, asked.statement.where(*also).params(values)) if also else lines(record, asked, **values)
    more = len(found) > limit
    found = found[:limit]
    return found, Place(found[-1].happened_at, found[-1].id) if more else None


BETWEEN = Query(
    COLUMNS.where(
        Entry.local_day >= given("first", Entry.local_day), Entry.local_day <= given("last", Entry.local_day),
        col(Entry.kind).in_(given("kinds", Entry.kind, many=True)), col(Entry.binned_at).is_(None),
    ).order_by(col(Entry.happened_at), col(Entry.id))
)  # fmt: skip


def between(record: Record, first: date, last: date, kinds: Sequence[str] = KINDS) -> list[Line]:
    """The entries of some local days, oldest first."""
    return lines(record, BETWEEN, first=first, last=last, kinds=kinds)


def todays(record: Record, kind: str, before: Place | None = None) -> Line | None:
    """The latest entry of a kind that is of today where it was made."""
    # No day is as long, wherever it is; and whoever logged a thousand times today has the last few read.
    found, more = timeline(record, (kind,), before, since=record.now - timedelta(days=2))
    here = next((line for line in found if line.of_today(record.now, record.zone)), None)
    return todays(record, kind, more) if more and not here else here


def everything(record: Record) -> list[Line]:
    """Every entry that is not in the bin, newest first, all in memory: for searching sealed words."""
    those = COLUMNS.where(col(Entry.binned_at).is_(None))
    return lines(record, those.order_by(*_NEWEST))


def binned(record: Record) -> list[Line]:
    """What is in the bin, the last thrown away first."""
    those = COLUMNS.where(col(Entry.binned_at).is_not(None))
    return lines(record, those.order_by(col(Entry.binned_at).desc()))


def write(record: Record, entry_id: UUID, writing: Writing, **numbers: Any) -> Line:
    """Keep an entry under the id its page made. Sent twice, it is kept once; other words under that id are Stale."""
    dated = writing if writing.when else writing.about(When(record.now, ZoneInfo(record.zone)))
    row = Entry(id=entry_id, kind=writing.kind, kept_at=record.now, **dated.columns(record, entry_id))
    if _keep(record, row):
        _add_part(record, row, numbers)
        return find(record, entry_id, fresh=True)
    line = find(record, entry_id, writing.kind)
    if line.version == 1 and not _says(line, writing, numbers):
        raise Stale(line)
    return line


def grow(record: Record, entry_id: UUID, step: int, writing: Writing, **numbers: Any) -> Line:
    """Keep an entry that its page says in steps (1, 2 …), each with all that is known by then.

    It happened at the first, unless a later one says another day. A step that comes late, after a later one, changes
    nothing. Stale: it was changed elsewhere meanwhile.
    """
    dated = writing if writing.when else writing.about(When(record.now, ZoneInfo(record.zone)))
    columns = dated.columns(record, entry_id) | {"version": step}
    fresh = Entry(id=entry_id, kind=writing.kind, kept_at=record.now, **columns)
    if _keep(record, fresh):
        _add_part(record, fresh, numbers)
        return find(record, entry_id, fresh=True)
    row = _mine(record, entry_id, writing.kind)
    line = find(record, entry_id)
    if row.edited_at is None and row.version < step:
        known = _known(line) if writing.day in (None, line.local_day) else {}
        changes = writing.columns(record, entry_id) | known | {"version": step}
        _change(record, row, line, changes, numbers)
        return find(record, entry_id, fresh=True)
    if (row.edited_at is None and row.version > step) or _says(line, writing, numbers):
        return line
    raise Stale(line)


def _keep(record: Record, row: Entry) -> bool:
    """Insert an entry, unless it is kept. Raises Over for one from after the stay; what waited since then comes in."""
    ended = people.over(record.session, record.participant_id, row.local_day)
    if ended and not record.session.exec(select(Entry.id).where(Entry.id == row.id)).first():
        raise Over
    return keep(record.session, row)


def _known(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in ("happened_at", "local_day", "offset_minutes", "clock_off")}


def _add_part(record: Record, row: Entry, numbers: dict[str, Any]) -> None:
    part = PARTS.get(row.kind)
    if part and not keep(record.session, part(id=row.id, **_sealed(record, part, row.id, numbers))):
        raise LookupError("the numbers of another entry are in its place")


def _sealed(record: Record, part: Any, entry_id: UUID, numbers: dict[str, Any]) -> dict[str, Any]:
    """The columns of a part: those that its kind calls `sealed` come as text."""
    words = {name for name in getattr(part, "sealed", ()) if isinstance(numbers.get(name), str)}
    return numbers | {name: record.seal(part, name, entry_id, numbers[name]) for name in words}


def amend(record: Record, entry_id: UUID, version: int, writing: Writing, **numbers: Any) -> Line:
    """Change an entry if it is still the version that the person saw; the same words sent twice change once.

    What is changed happened when it happened, unless the change itself says otherwise.
    """
    row = _mine(record, entry_id, writing.kind)
    line = find(record, entry_id)
    if row.version == version + 1 and _says(line, writing, numbers):
        return line
    if row.version != version:
        raise Stale(line)
    changes = writing.columns(record, entry_id) | {"edited_at": record.now, "version": version + 1}
    _change(record, row, line, changes, numbers)
    return find(record, entry_id, fresh=True)


def _change(record: Record, row: Entry, line: Line, changes: dict[str, Any], numbers: dict[str, Any]) -> None:
    _set(row, changes)
    if line.part is not None:
        part = PARTS[line.kind]
        numbered = record.session.get_one(part, (record.program.id, row.id))
        _set(numbered, _sealed(record, part, row.id, numbers))
    record.session.flush()


def _says(line: Line, writing: Writing, numbers: dict[str, Any]) -> bool:
    """Whether an entry is kept just as a form says it: then the form came twice."""
    said = {name: getattr(writing, name) for name in ("kind", "words", "mood", "visibility")} | {
        "tags": list(writing.tags),
        "wants_answer": writing.wants_answer and writing.visibility == "shared",
    }
    kept = [getattr(line, name) == value for name, value in said.items()]
    numbered = all(line.said.get(name, getattr(line.part, name)) == value for name, value in numbers.items())
    return all(kept) and numbered and _stands(line, writing)


def _stands(line: Line, writing: Writing) -> bool:
    """Whether an entry is where the person says. What machines say of the time is another each time it is sent."""
    there = line.when(writing.when.zone if writing.when else UTC)
    return clocks.about(there, writing.day, writing.clock).at == line.happened_at


def address(line: Line) -> str:
    """Where an entry is shown to its writer."""
    return f"/journal/{line.id}" if line.kind == "journal" else f"/entries/{line.id}"


def settled(form: Posted[F], act: Callable[[Record, F], Line], record: Record) -> Line | None:
    """Carry a form out. None: it is refused, or was overtaken, and says so itself."""
    if form.refused:
        return None
    try:
        return act(record, form.values)
    except Stale as stale:
        form.overtaken(stale.line)
        return None
    except Over:
        form.refuse("", OVER)
        return None


def _set(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _mine(record: Record, entry_id: UUID, kind: str | None = None) -> Entry:
    """The row itself, locked, for its owner to change."""
    row = record.session.exec(select(Entry).where(Entry.id == entry_id).with_for_update()).first()
    if row is None or kind not in (None, row.kind):
        raise NotYours("entry")
    return row


def share(record: Record, entry_id: UUID, visibility: str) -> Line:
    row = _mine(record, entry_id)
    # A page that is open for changing elsewhere must not undo this without showing both.
    row.version += row.visibility != visibility
    row.visibility, row.wants_answer = visibility, row.wants_answer and visibility == "shared"
    record.session.flush()
    return find(record, entry_id, fresh=True)


def throw(record: Record, entry_id: UUID) -> Line:
    """Into the bin, where it stays for 30 days and only its writer sees it."""
    row = _mine(record, entry_id)
    row.binned_at = row.binned_at or record.now
    record.session.flush()
    return find(record, entry_id)


def restore(record: Record, entry_id: UUID) -> Line:
    _mine(record, entry_id).binned_at = None
    record.session.flush()
    return find(record, entry_id, fresh=True)


def empty_bin(record: Record) -> int:
    """Destroy what has been in the bin for 30 days; how many that were."""
    old = record.now - timedelta(days=BIN_DAYS)
    done: Any = record.session.execute(delete(Entry).where(col(Entry.binned_at) < old))
    return int(done.rowcount)
