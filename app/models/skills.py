"""Skills: those of the library, one's own, and one's favourites. Nobody else reads the last two."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from pydantic import Field as PydanticField
from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, delete
from sqlmodel import Field, col, select

from app.content import skills as library
from app.content.skills import GROUPS, Guide, Skill
from app.database import Moment, keep, new_id
from app.forms import Form, NewForm, Posted, _, empty_is_none, tidy, wrong
from app.owned import Owned
from app.record import NotYours, Record

MOST = 50
MINUTES_MOST = 600
STEPS_MOST = 2000

UNKNOWN = _("Please choose a skill from the list. Your words are still here.")
FULL = _("Your list holds %(most)s skills of your own, and it is full. To add one, please remove one first.")
ANOTHER = _("This page has added a skill already. Send it once more to add this one too.")

# For somebody who has not logged any: short, and good almost anywhere.
FIRST = ("slow-breathing", "five-senses", "ride-the-wave", "cold-water")


class OwnSkill(Owned, table=True):
    """A skill in the person's own words. One that was removed stays, for what was logged with it."""

    __tablename__ = "own_skill"
    __table_args__ = (
        CheckConstraint("minutes between 0 and 600", name="own_skill_minutes"),
        Index("own_skill_of", "program_id", "participant_id"),
    )
    kept_at: datetime = Field(sa_type=Moment)
    name: bytes = Field(sa_type=LargeBinary)
    steps: bytes | None = Field(default=None, sa_type=LargeBinary)
    minutes: int | None = None
    version: int = 1
    removed_at: datetime | None = Field(default=None, sa_type=Moment)


class Favourite(Owned, table=True):
    """A skill, of the library or one's own, that somebody wants on top."""

    __table_args__ = (UniqueConstraint("program_id", "participant_id", "skill"),)
    skill: str = Field(max_length=60)
    at: datetime = Field(sa_type=Moment)


def _key(said: str) -> str:
    """A skill of the library by its id, one's own by its number; whether that is hers, the record knows."""
    if library.skill(said, "en"):
        return said
    try:
        return str(UUID(said))
    except ValueError:
        raise wrong(UNKNOWN) from None


def _one_line(text: Any) -> Any:
    return " ".join(tidy(text).split()) if isinstance(text, str) else text


def _trimmed(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())


Key = Annotated[str, PydanticField(max_length=60), AfterValidator(_key)]
Minutes = Annotated[Annotated[int, PydanticField(ge=0, le=MINUTES_MOST)] | None, BeforeValidator(empty_is_none)]


class OwnSkillForm(NewForm):
    """A skill of one's own, a step a line; with `version`, a change of one that is on the list."""

    name: Annotated[str, BeforeValidator(_one_line), PydanticField(min_length=1, max_length=80)]
    steps: Annotated[str, BeforeValidator(tidy), PydanticField(max_length=STEPS_MOST), AfterValidator(_trimmed)] = ""
    minutes: Minutes = None
    version: int | None = None


class FavouriteForm(Form):
    """On top, or not any more; said twice it is said once."""

    on: bool


@dataclass(frozen=True)
class Card:
    """A skill as it is shown. Of the group "own" it is the person's; then `version` counts their changes."""

    key: str
    group: str
    name: str
    minutes: int | None
    steps: tuple[str, ...]
    what: str = ""
    when: str = ""
    note: str | None = None
    guide: Guide | None = None
    version: int = 0

    @property
    def own(self) -> bool:
        return self.group == "own"

    @property
    def screen(self) -> dict[str, Any]:
        """What the guided screen is told (static/js/guide.js)."""
        return asdict(self.guide) if self.guide else {}

    def says(self, form: OwnSkillForm) -> bool:
        """Whether it is kept just as a form says it: then the form came twice."""
        return ("\n".join(self.steps), self.name, self.minutes) == (form.steps, form.name, form.minutes)


# --- the library


@cache
def shelves(language: str) -> dict[str, list[Card]]:
    """The library by group, in its order."""
    cards = [_of_library(skill) for skill in library.skills(language)]
    return {group: [card for card in cards if card.group == group] for group in GROUPS}


def _of_library(skill: Skill) -> Card:
    facts = {name: getattr(skill, name) for name in ("group", "name", "minutes", "steps", "what", "when", "note")}
    return Card(key=skill.id, guide=skill.guide, **facts)


def first(language: str) -> list[Card]:
    """What to begin with."""
    return [card for card in every(language) if card.key in FIRST]


def every(language: str) -> Iterator[Card]:
    """The library, in its order."""
    return (card for cards in shelves(language).values() for card in cards)


# --- a person's


def mine(record: Record) -> list[Card]:
    """One's own skills, in the order in which they came on the list."""
    those = select(OwnSkill).where(col(OwnSkill.removed_at).is_(None))
    rows = record.session.exec(those.order_by(col(OwnSkill.kept_at), col(OwnSkill.id)))
    return [_opened(record, row) for row in rows]


def find(record: Record, key: str, language: str) -> Card:
    """A skill of the library or of one's own, also one that was removed."""
    card = next((card for card in every(language) if card.key == key), None)
    return card or own(record, key)


def own(record: Record, key: str) -> Card:
    """One of one's own."""
    return _opened(record, _row(record, _number(key)))


def usable(record: Record, key: str) -> bool:
    """Whether a skill is on the list now."""
    return library.skill(key, "en") is not None or key in {card.key for card in mine(record)}


def named(record: Record, keys: Collection[str], language: str) -> dict[str, Card]:
    """Those of the skills that are on the list now."""
    return {card.key: card for card in (*every(language), *mine(record)) if card.key in keys}


def favourites(record: Record) -> list[str]:
    """The keys of what somebody wants on top, the last chosen first."""
    return list(record.session.exec(select(Favourite.skill).order_by(col(Favourite.at).desc(), col(Favourite.id))))


def favour(record: Record, key: str, on: bool) -> None:
    """On top or not any more. Raises NotYours for a skill that is not on the list."""
    if not usable(record, key):
        raise NotYours("skill")
    if on:
        keep(record.session, Favourite(id=new_id(), skill=key, at=record.now))
    else:
        record.session.execute(delete(Favourite).where(col(Favourite.skill) == key))


def added(record: Record, form: Posted[OwnSkillForm]) -> Card | None:
    """A skill comes on the list; sent twice, it is on it once. None: it is refused, and says so itself."""
    if not form.refused and _full(record, str(form.values.id)):
        form.refuse("", FULL, most=MOST)
    if form.refused:
        return None
    asked = form.values
    fresh = keep(record.session, OwnSkill(id=asked.id, kept_at=record.now, **_columns(record, asked)))
    card = _opened(record, _row(record, asked.id))
    if fresh or card.says(asked):
        return card
    form.refuse("id", ANOTHER)
    return None


def amended(record: Record, key: str, form: Posted[OwnSkillForm]) -> Card | None:
    """Carry a change out. None: it is refused or was overtaken, and says so itself. Sent twice, it changes once."""
    row = _row(record, _number(key), locked=True)
    card = _opened(record, row)
    if form.about(row.id).refused:
        return None
    if not form.changes(card):
        return None if form.refused else card
    row.sqlmodel_update(_columns(record, form.values) | {"version": card.version + 1})
    record.session.flush()
    return _opened(record, row)


def remove(record: Record, key: str) -> None:
    """Off the list. What was logged with it keeps its name; sent twice it does nothing more."""
    row = _row(record, _number(key), locked=True)
    row.removed_at = row.removed_at or record.now
    record.session.execute(delete(Favourite).where(col(Favourite.skill) == str(row.id)))
    record.session.flush()


def answers(card: Card) -> dict[str, Any]:
    """What the form starts with when a skill is changed."""
    return {
        "id": card.key, "name": card.name, "steps": "\n".join(card.steps), "minutes": card.minutes,
        "version": card.version,
    }  # fmt: skip


def _number(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise NotYours("skill") from None


def _row(record: Record, skill_id: UUID, locked: bool = False) -> OwnSkill:
    asked = select(OwnSkill).where(OwnSkill.id == skill_id)
    row = record.session.exec(asked.with_for_update() if locked else asked).first()
    if row is None:
        raise NotYours("skill")
    return row


def _full(record: Record, but: str) -> bool:
    return sum(card.key != but for card in mine(record)) >= MOST


def _columns(record: Record, form: OwnSkillForm) -> dict[str, Any]:
    sealed = {column: record.seal(OwnSkill, column, form.id, getattr(form, column)) for column in ("name", "steps")}
    return sealed | {"minutes": form.minutes}


def _opened(record: Record, row: OwnSkill) -> Card:
    name, steps = (
        record.unseal(OwnSkill, column, row.id, getattr(row, column), row.participant_id)
        for column in ("name", "steps")
    )
    lines = tuple(steps.split("\n")) if steps else ()
    return Card(str(row.id), "own", name, row.minutes, lines, version=row.version)
