"""What to reach for at an urge: the skills, those that have helped this person, and with this trigger, first."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from app.content import trigger_kind
from app.models import contacts, insights, practices, set_off, skills, triggers
from app.models.entry import Line
from app.models.insights import Helped, Sure, Tried
from app.models.skills import FIRST, Card
from app.models.triggers import Card as Trigger
from app.record import Record

# What can be done at once, almost anywhere. The other groups are below, for whoever wants them.
GROUPS = ("emotions-and-urges", "breathing-and-body", "mindfulness", "movement")


@dataclass(frozen=True)
class Tool:
    """A skill at an urge, and what it has done for this person, if that can be said."""

    card: Card
    helps: Helped | None = None

    @property
    def screen(self) -> dict[str, Any]:
        """What the guided screen is told. A skill without one of its own is its steps, one after the other."""
        says = self.card.steps or (self.card.name,)
        steps = {"kind": "steps", "moments": [{"say": say, "seconds": None} for say in says]}
        return self.card.screen or steps


def library(language: str) -> list[Tool]:
    """For somebody of whom nothing is known."""
    cards = {card.key: card for card in skills.every(language)}
    return [Tool(cards[key]) for key in _in_order([], cards)]


def offered(record: Record, language: str, about: Collection[str] = ()) -> list[Tool]:
    """Every skill: by this person's log, then their favourites, then the library's order. `about`: a trigger's keys."""
    cards = {card.key: card for card in (*skills.mine(record), *skills.every(language))}
    known = _in_order(skills.favourites(record), cards)
    tried, trigger = practices.tried(record, about), next(iter(about), None)
    order = insights.tools(tried, dict.fromkeys((key for key in known if _at_hand(cards[key])), (0.0, 0)), trigger)
    helps = _helps(tried, None) | (_helps(tried, trigger) if trigger else {})
    return [Tool(cards[key], helps.get(key)) for key in dict.fromkeys([*order, *known]) if key in cards]


def _in_order(favourites: Iterable[str], cards: dict[str, Card]) -> list[str]:
    """Favourites, what is good to start with, one's own, what can be done at once, and the rest."""
    here = [key for key in cards if _at_hand(cards[key])]
    own = [key for key in here if cards[key].own]
    return [key for key in dict.fromkeys([*favourites, *FIRST, *own, *here, *cards]) if key in cards]


def _at_hand(card: Card) -> bool:
    return card.own or card.group in GROUPS


def _helps(tried: list[Tried], trigger: str | None) -> dict[str, Helped]:
    """By skill, what can be said: nothing of one or two logs, and nothing of what did not help."""
    found = insights.works(tried, trigger=trigger)
    return {one.skill: one for one in found if one.rank and one.sure in (Sure.SURE, Sure.LIKELY)}


def desk(record: Record, language: str, asked: str = "", line: Line | None = None) -> dict[str, Any]:
    """What the page of an urge needs. `asked`: the trigger it is about, by key; `line`: the urge, if it is kept."""
    mine, named = triggers.mine(record), set_off.names(line) if line else {}
    about = _about(mine, asked or next(iter(named), ""))
    return {
        "tools": [*_gone(line, found := offered(record, language, about)), *found], "contacts": contacts.mine(record),
        "chips": [*_own(mine, named | dict.fromkeys(about[:1], "")), *set_off.kinds(language)],
    }  # fmt: skip


def _gone(line: Line | None, found: list[Tool]) -> list[Tool]:
    """The skill that was used, when it is not on the list any more: the page must not forget it."""
    if line is None or line.part.skill in ("", *(tool.card.key for tool in found)):
        return []
    return [Tool(Card(line.part.skill, "own", line.said["name"], None, ()))]


def _about(mine: list[Trigger], asked: str) -> list[str]:
    """A trigger of one's own counts for its kind too. What is not on the list is nothing."""
    own = next((card for card in mine if str(card.id) == asked), None)
    asked_of = [asked, own.sort] if own else [asked]
    return [key for key in asked_of if own or trigger_kind(key, "en")]


def _own(mine: list[Trigger], named: dict[str, str]) -> list[tuple[str, str]]:
    """One's own triggers by key and name: the riskiest, and whatever was named already."""
    own = {str(card.id): card.name for card in mine}
    first = {str(card.id): card.name for card in mine[: triggers.FIRST]}
    shown = first | {key: name or own.get(key, "") for key, name in named.items()}
    return [(key, name) for key, name in shown.items() if name and trigger_kind(key, "en") is None]
