"""Why a coach should look: raised by a rule in the transaction of its cause, or by a coach; cleared only by a person.

The rules are in `rules.py`, pure; what is handed to them in `causes.py` (an entry) and `rounds.py` (a clock). Here is
what is kept: rows, only added. What was raised and what came of it stays, whatever becomes of its cause.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary, UniqueConstraint, exists
from sqlmodel import Field, col, select

from app import database
from app.database import Moment, new_id
from app.forms import Form, NewForm, Posted, _, empty_is_none, tidy, wrong
from app.models import limits as program_limits
from app.models import people, rules
from app.models.entry import Entry
from app.models.people import Person
from app.models.rules import LEVELS, Level, Limits, Reason
from app.owned import Owned, Readable, Role
from app.query import Query, given
from app.record import NotYours, Record

NO_NOTE = _("Please write a few words. Whoever reads this later will know what came of it.")
GONE = _("That entry is not shared any more. Your note is still here: send it once more to raise it without the entry.")
FASTER = _("%(by)s has cleared this meanwhile. Nothing of yours is lost: your note is still in the field.")


def _noted(words: str) -> str:
    if not words.strip():
        raise wrong(NO_NOTE)
    return words.strip()


Note = Annotated[str, BeforeValidator(tidy), AfterValidator(_noted), PydanticField(max_length=2000)]


class Flag(Owned, table=True):
    """One reason, as it was when it was raised. `by` None: a rule did it; else the coach, whose `words` say why.

    `key` is the cause, flagged once. `entry_id` is the entry that raised it: without a foreign key, for what was raised
    is history also when the entry is gone. `facts` are the numbers and days of the reason, as JSON.
    """

    read_as: ClassVar[Readable] = "care"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"participant", "coach"})
    __table_args__ = (
        UniqueConstraint("program_id", "participant_id", "key", name="flag_once"),
        CheckConstraint("level in ('urgent','high','medium','low')", name="flag_level"),
    )
    entry_id: UUID | None = None
    rule: str = Field(max_length=20)
    level: str = Field(max_length=6)
    key: str = Field(max_length=80)
    facts: bytes | None = Field(default=None, sa_type=LargeBinary)
    words: bytes | None = Field(default=None, sa_type=LargeBinary)
    by: UUID | None = None
    raised_at: datetime = Field(sa_type=Moment)


class Clearance(Owned, table=True):
    """A person looked, and says what came of it. Its id is that of its flag: a flag is cleared once."""

    read_as: ClassVar[Readable] = "care"
    kept_by: ClassVar[frozenset[Role]] = frozenset({"coach"})
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "id"], ["flag.program_id", "flag.id"], name="clearance_flag"),
    )
    by: UUID
    at: datetime = Field(sa_type=Moment)
    words: bytes = Field(sa_type=LargeBinary)


@dataclass(frozen=True)
class Cleared:
    """By whom, when, and their note."""

    by: str
    at: datetime
    words: str


@dataclass(frozen=True)
class Raised:
    """A flag, opened for its reader. `entry_id` is there while the reader may read that entry.

    Of a cause that is not shared any more (`withdrawn`) nothing is told but that, and how urgent it was.
    `by` None: a rule raised it. `clearance` None: it is open.
    """

    id: UUID
    participant_id: UUID
    entry_id: UUID | None
    rule: str
    level: Level
    reason: Reason
    words: str
    at: datetime
    by: str | None
    withdrawn: bool = False
    clearance: Cleared | None = None


def limits(record: Record) -> Limits:
    """From where on the rules speak in this program."""
    return program_limits.current(record)


# --- kept


def keep(
    record: Record, found: Iterable[Reason], entry_id: UUID | None = None, whose: UUID | None = None
) -> list[Flag]:
    """Raise what is new of this, in this transaction; the flags that were raised now.

    `whose`: for a clock, which has the records of all open.
    """
    reasons, person = list(found), whose or record.participant_id
    if not reasons:
        return []
    # One after the other: two at once would each find that nothing is open.
    record.session.exec(select(Person.id).where(Person.id == person).with_for_update()).one()
    known = record.session.exec(select(Flag.key, Flag.rule, _cleared()).where(Flag.participant_id == person)).all()
    keys, open_rules = {key for key, _, _ in known}, {rule for _, rule, cleared in known if not cleared}
    rows = [_row(record, reason, person, entry_id) for reason in rules.fresh(reasons, keys, open_rules)]
    return [row for row in rows if database.keep(record.session, row)]


def _cleared() -> Any:
    return exists().where(col(Clearance.program_id) == Flag.program_id, col(Clearance.id) == Flag.id)


def _row(record: Record, reason: Reason, person: UUID, entry_id: UUID | None) -> Flag:
    row_id, facts = new_id(), json.dumps(dict(reason.facts), default=date.isoformat)
    return Flag(
        id=row_id, participant_id=person, entry_id=entry_id, rule=reason.rule, level=reason.level, key=reason.key,
        facts=record.seal(Flag, "facts", row_id, facts if reason.facts else "", person), raised_at=record.now,
    )  # fmt: skip


def by_hand(record: Record, flag_id: UUID, entry_id: UUID | None, level: str, words: str) -> bool:
    """A coach raises one, about an entry or in general. Sent twice it is kept once."""
    row = Flag(
        id=flag_id, entry_id=entry_id, rule=rules.BY_HAND, level=level, key=f"{rules.BY_HAND}:{flag_id}",
        words=record.seal(Flag, "words", flag_id, words), by=record.person_id, raised_at=record.now,
    )  # fmt: skip
    return database.keep(record.session, row)


def clear(record: Record, flag_id: UUID, words: str) -> Cleared:
    """Clear a flag with a note. What comes back is what is kept: another coach may have been faster."""
    find(record, flag_id)
    sealed: Any = record.seal(Clearance, "words", flag_id, words)
    database.keep(record.session, Clearance(id=flag_id, by=record.person_id, at=record.now, words=sealed))
    kept = find(record, flag_id).clearance
    assert kept  # noqa: S101 - it was kept a line above, by this coach or by another
    return kept


# --- read


_OPEN = select(Flag).where(~_cleared())
OPEN = Query(_OPEN)
OPEN_OF = Query(_OPEN.where(col(Flag.participant_id).in_(given("those", col(Flag.participant_id), many=True))))


def open_flags(record: Record, persons: Collection[UUID] | None = None) -> dict[UUID, list[Raised]]:
    """What is open, of each of these (None: of everybody this reader reads): by level, then the oldest first.

    A constant number of queries.
    """
    rows = OPEN.rows(record.session) if persons is None else OPEN_OF.rows(record.session, those=persons)
    found: dict[UUID, list[Raised]] = defaultdict(list)
    for one in sorted(_opened(record, rows), key=_urgency):
        found[one.participant_id].append(one)
    return dict(found)


def _urgency(one: Raised) -> tuple[int, datetime, UUID]:
    return LEVELS.index(one.level), one.at, one.id


def history(record: Record) -> list[Raised]:
    """Every flag of one participant, cleared ones too, newest first."""
    asked = select(Flag).where(Flag.participant_id == record.participant_id)
    rows = record.session.exec(asked.order_by(col(Flag.raised_at).desc(), col(Flag.id).desc())).all()
    return _opened(record, rows)


def find(record: Record, flag_id: UUID) -> Raised:
    found = _opened(record, record.session.exec(select(Flag).where(Flag.id == flag_id)).all())
    if not found:
        raise NotYours("flag")
    return found[0]


def of_entry(record: Record, entry_id: UUID) -> list[Raised]:
    """What one entry raised, and what a coach raised about it."""
    return _opened(record, record.session.exec(select(Flag).where(Flag.entry_id == entry_id)).all())


def _opened(record: Record, rows: Sequence[Flag]) -> list[Raised]:
    cleared = _clearances(record, [row.id for row in rows])
    shared = _readable(record, {row.entry_id for row in rows if row.entry_id})
    names = people.names(record, {row.by for row in rows if row.by} | {one.by for one in cleared.values()})
    record.keyring.fetch({row.participant_id for row in rows})
    return [_raised(record, row, shared, cleared.get(row.id), names) for row in rows]


CLEARANCES = Query(select(Clearance).where(col(Clearance.id).in_(given("ids", col(Clearance.id), many=True))))
READABLE = Query(select(Entry.id).where(col(Entry.id).in_(given("ids", col(Entry.id), many=True))))


def _clearances(record: Record, ids: Collection[UUID]) -> dict[UUID, Clearance]:
    return {row.id: row for row in CLEARANCES.rows(record.session, ids=ids)} if ids else {}


def _readable(record: Record, entry_ids: Collection[UUID]) -> set[UUID]:
    """Which of some entries this reader may read now."""
    return {row.id for row in READABLE.rows(record.session, ids=entry_ids)} if entry_ids else set()


def _raised(
    record: Record, row: Flag, shared: Collection[UUID], cleared: Clearance | None, names: Mapping[UUID, str]
) -> Raised:
    whose, gone = row.participant_id, row.entry_id is not None and row.entry_id not in shared
    facts = {} if gone else _facts(record.unseal(Flag, "facts", row.id, row.facts, whose))
    rule = rules.WITHDRAWN if gone else row.rule
    level: Any = row.level
    note = cleared and record.unseal(Clearance, "words", cleared.id, cleared.words, whose)
    return Raised(
        id=row.id, participant_id=whose, entry_id=None if gone else row.entry_id, rule=rule, level=level,
        reason=Reason(rule, row.key, facts), words=record.unseal(Flag, "words", row.id, row.words, whose),
        at=row.raised_at, by=names.get(row.by, "") if row.by else None, withdrawn=gone,
        clearance=Cleared(names.get(cleared.by, ""), cleared.at, note or "") if cleared else None,
    )  # fmt: skip


def _facts(said: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(said or "{}")
    return facts | {"day": date.fromisoformat(facts["day"])} if "day" in facts else facts


# --- by a coach


class FlagForm(NewForm):
    """A coach wants somebody looked at, perhaps for an entry of theirs."""

    entry_id: Annotated[UUID | None, BeforeValidator(empty_is_none)] = None
    level: Level = "medium"
    words: Note


class ClearanceForm(Form):
    words: Note


def raised(record: Record, form: Posted[FlagForm]) -> Posted[FlagForm]:
    """Raise a flag by hand. An entry that was taken back meanwhile is left out, if the coach still wants it."""
    if not form.refused and form.values.entry_id and not _readable(record, {form.values.entry_id}):
        form.typed_fields["entry_id"] = [""]
        form.refuse("", GONE)
    if not form.refused:
        asked = form.values
        by_hand(record, asked.id, asked.entry_id, asked.level, asked.words)
    return form


def cleared(record: Record, flag_id: UUID, form: Posted[ClearanceForm]) -> Posted[ClearanceForm]:
    """Clear a flag. Refused when another coach was faster: both notes are on the page then."""
    if not form.refused:
        kept = clear(record, flag_id, form.values.words)
        if kept.words != form.values.words:
            form.refuse("", FASTER, by=kept.by)
    return form


def desk(record: Record) -> dict[str, Any]:
    """The page of one participant's flags: those that are open, and those that were."""
    every, whose = history(record), record.participant_id
    return {
        "person_id": whose, "name": record.name(whose), "open_flags": open_flags(record, [whose]).get(whose, []),
        "past": [one for one in every if one.clearance],
    }  # fmt: skip


def sheet(record: Record, flag_id: UUID) -> dict[str, Any]:
    """One flag, to be cleared."""
    whose = record.participant_id
    return {"person_id": whose, "name": record.name(whose), "flag": find(record, flag_id)}
