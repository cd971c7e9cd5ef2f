"""What sets urges off: a participant's own list, how risky each is for them, and their plan for it.

Nobody else reads it, unless they share all of it with their team (`sharing.LISTS`); never what was removed from it.
The twelve kinds are content (Larimer, Palmer & Marlatt 1999, and HALT); beside them a trigger is one of people, places,
times, things, thoughts. What was logged with a trigger keeps the name that it had then, sealed with what was logged
(`used`): a name that is changed later, or a trigger that is removed, rewrites no history.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import CheckConstraint, Index, LargeBinary, or_
from sqlmodel import Field, col, select

from app.content import trigger_kind, trigger_kinds
from app.database import Moment, keep
from app.forms import Form, Id, Posted, Text, _, tidy, wrong
from app.models import sharing
from app.owned import Owned, Readable
from app.query import Query, given
from app.record import NotYours, Record

OWN = ("people", "places", "times", "things", "thoughts")
# So many are shown with their plans, and carried on the phone; the others are folded under them.
FIRST = 20

ANOTHER = _("This page has added a trigger already. Send it once more to add this one too.")
ONE_OF_THEM = _("Please choose one of the answers.")


class Trigger(Owned, table=True):
    """Something that sets urges off. `kind` is that of the content, if it is one; `group` is the kind's, or one of OWN.

    Removed, it keeps its name for what was logged with it, and loses its plan.
    """

    read_as: ClassVar[Readable] = "list"
    __table_args__ = (
        CheckConstraint(
            "\"group\" in ('inside','between','halt','people','places','times','things','thoughts')",
            name="trigger_group",
        ),
        CheckConstraint("risk between 0 and 10", name="trigger_risk"),
        Index("trigger_of", "program_id", "participant_id", "risk"),
    )
    group: str = Field(max_length=8)
    kind: str | None = Field(default=None, max_length=40)
    name: bytes = Field(sa_type=LargeBinary)
    plan: bytes | None = Field(default=None, sa_type=LargeBinary)
    risk: int
    kept_at: datetime = Field(sa_type=Moment)
    version: int = 1
    removed_at: datetime | None = Field(default=None, sa_type=Moment)


def _one_line(text: Any) -> Any:
    return " ".join(tidy(text).split()) if isinstance(text, str) else text


def _sort(said: str) -> str:
    if said not in OWN and trigger_kind(said, "en") is None:
        raise wrong(ONE_OF_THEM)
    return said


class TriggerForm(Form):
    """A trigger; with `version`, a change of one. `sort` is one of the twelve kinds or of OWN."""

    id: Id
    name: Annotated[str, BeforeValidator(_one_line), PydanticField(min_length=1, max_length=80)]
    sort: Annotated[str, AfterValidator(_sort)]
    risk: Annotated[int, PydanticField(ge=0, le=10)]
    plan: Text = ""
    version: int | None = None


@dataclass(frozen=True)
class Card:
    """A trigger, opened for whose it is."""

    id: UUID
    name: str
    plan: str
    sort: str
    risk: int
    version: int
    removed: bool = False

    def says(self, form: TriggerForm) -> bool:
        """Whether it is kept just as a form says it: then the form came twice."""
        plan = form.plan if self.removed else self.plan
        return (self.name, self.sort, self.risk, plan) == (form.name, form.sort, form.risk, form.plan)


# --- what is asked

_LISTED = select(Trigger).where(col(Trigger.removed_at).is_(None))
_RISKIEST = col(Trigger.risk).desc(), col(Trigger.kept_at), col(Trigger.id)


MINE = Query(_LISTED.order_by(*_RISKIEST))
NAMED = Query(
    _LISTED.where(
        or_(
            col(Trigger.id).in_(given("numbers", col(Trigger.id), many=True)),
            col(Trigger.kind).in_(given("keys", col(Trigger.kind), many=True)),
        )
    ).order_by(col(Trigger.plan).is_(None), *_RISKIEST)
)


def mine(record: Record, most: int | None = None) -> list[Card]:
    """The participant's triggers, the riskiest first, at most so many."""
    return [_opened(record, row) for row in MINE.rows(record.session)[:most]]


def foreseen(record: Record, keys: Collection[str]) -> Card | None:
    """Of the triggers on the list that keys name, by number or by kind, the riskiest; those with a plan come first."""
    numbers = [number for key in keys if (number := _number(key))]
    row = NAMED.first(record.session, numbers=numbers, keys=keys) if keys else None
    return _opened(record, row) if row else None


def find(record: Record, trigger_id: UUID) -> Card:
    """One on the list. Raises NotYours; also for one that was removed."""
    return _opened(record, _row(record, trigger_id))


def called(record: Record, keys: Collection[str], language: str) -> dict[str, str]:
    """By key, what kinds and triggers of one's own are called now; without keys that name nothing."""
    kinds = {kind.id: kind.name for kind in trigger_kinds(language)}
    own = named(record, [number for key in keys if key not in kinds and (number := _number(key))])
    names = kinds | {str(one): name for one, name in own.items()}
    return {key: names[key] for key in keys if key in names}


def _number(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


def named(record: Record, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names that triggers have now, also of removed ones. Somebody else's are not among them."""
    if not ids:
        return {}
    rows = record.session.exec(select(Trigger).where(col(Trigger.id).in_(ids)))
    return {row.id: _word(record, row, "name") for row in rows}


def used(record: Record, trigger_id: UUID) -> str:
    """The name of a trigger as it is now, for whoever logs something with it to seal with what is logged.

    Also of a removed one: what was written without signal may come later than the removal. Raises NotYours.
    """
    found = named(record, [trigger_id])
    if not found:
        raise NotYours("trigger")
    return found[trigger_id]


def shown(record: Record) -> dict[str, Any]:
    """What the list shows: the riskiest with their plans, the others by name."""
    cards = mine(record)
    return {"triggers": cards[:FIRST], "others": cards[FIRST:]}


def answers(card: Card) -> dict[str, Any]:
    """What the form starts with when a trigger is changed."""
    return asdict(card)


def suggested(kind_id: str, language: str) -> dict[str, Any]:
    """What the form starts with when it was opened from a kind, or for one of OWN; from nothing known, nothing."""
    kind = trigger_kind(kind_id, language)
    if kind:
        return {"sort": kind.id, "name": kind.name}
    return {"sort": kind_id} if kind_id in OWN else {}


def desk(record: Record, language: str) -> dict[str, Any]:
    """What lies beside the form and the list: the kinds, with their hints, and who reads it."""
    return {"kinds": trigger_kinds(language), "readers": sharing.seen_by(record, "trigger")}


# --- what is kept


def add(record: Record, form: TriggerForm) -> Card | None:
    """A trigger comes on the list. Sent twice, it is on it once; None: the id is that of another."""
    row = Trigger(id=form.id, kept_at=record.now, **_columns(record, form))
    fresh = keep(record.session, row)
    card = _opened(record, _row(record, form.id, removed=True))
    return card if fresh or card.says(form) else None


def added(record: Record, form: Posted[TriggerForm]) -> Card | None:
    """Carry a form out. None: it is refused, and says so itself. Another under a kept number gets one of its own."""
    if form.refused:
        return None
    card = add(record, form.values)
    if card is None:
        form.refuse("id", ANOTHER)
    return card


def amended(record: Record, trigger_id: UUID, form: Posted[TriggerForm]) -> Card | None:
    """Carry a change out. None: it is refused or was overtaken, and says so itself. Sent twice, it changes once."""
    row = _row(record, trigger_id, locked=True)
    card = _opened(record, row)
    if form.about(trigger_id).refused:
        return None
    if not form.changes(card):
        return None if form.refused else card
    row.sqlmodel_update(_columns(record, form.values) | {"version": card.version + 1})
    record.session.flush()
    return _opened(record, row)


def remove(record: Record, trigger_id: UUID) -> None:
    """Off the list. Its plan is destroyed. What is not on it stays off it: sent twice it does nothing."""
    on_it = select(Trigger).where(Trigger.id == trigger_id, col(Trigger.removed_at).is_(None))
    for row in record.session.exec(on_it.with_for_update()):
        row.sqlmodel_update({"plan": None, "removed_at": record.now, "version": row.version + 1})
    record.session.flush()


def _columns(record: Record, form: TriggerForm) -> dict[str, Any]:
    kind = trigger_kind(form.sort, "en")
    return {
        "name": record.seal(Trigger, "name", form.id, form.name),
        "plan": record.seal(Trigger, "plan", form.id, form.plan),
        "group": kind.group if kind else form.sort, "kind": kind and kind.id, "risk": form.risk,
    }  # fmt: skip


def _row(record: Record, trigger_id: UUID, locked: bool = False, removed: bool = False) -> Trigger:
    asked = select(Trigger).where(Trigger.id == trigger_id)
    row = record.session.exec(asked.with_for_update() if locked else asked).first()
    if row is None or (row.removed_at and not removed):
        raise NotYours("trigger")
    return row


def _opened(record: Record, row: Trigger) -> Card:
    name, plan = (_word(record, row, column) for column in ("name", "plan"))
    return Card(row.id, name, plan, row.kind or row.group, row.risk, row.version, row.removed_at is not None)


def _word(record: Record, row: Trigger, column: str) -> str:
    return record.unseal(Trigger, column, row.id, getattr(row, column), row.participant_id)
