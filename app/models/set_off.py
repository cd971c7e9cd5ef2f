"""What set something off: the triggers that an entry names, by key, and what each was called then."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator

from app.content import trigger_kind, trigger_kinds
from app.forms import _, wrong
from app.models import triggers
from app.models.entry import Line
from app.record import NotYours, Record

MOST = 12
TOO_MANY = _("Please choose up to 12. The strongest ones are enough.")
NOT_LISTED = _("Something here is not on your list any more. Please choose again. Your words are still here.")


def _key(said: str) -> str:
    """A kind by its id, one's own by its number; whether that is theirs, the record knows."""
    if trigger_kind(said, "en"):
        return said
    try:
        return str(UUID(said))
    except ValueError:
        raise wrong(NOT_LISTED) from None


def _few(said: list[str]) -> list[str]:
    chosen = list(dict.fromkeys(said))
    if len(chosen) > MOST:
        raise wrong(TOO_MANY)
    return chosen


Keys = Annotated[list[Annotated[str, AfterValidator(_key)]], AfterValidator(_few)]


def theirs(record: Record, keys: Sequence[str]) -> bool:
    """Whether all of them are kinds or this person's own; also such as are off the list by now."""
    try:
        return all(_called(record, key, "en") for key in keys)
    except NotYours:
        return False


def columns(record: Record, keys: Sequence[str], before: Line | None, language: str) -> dict[str, str]:
    """The two columns of a part. What was named before keeps the name that it had then. Raises NotYours."""
    known = names(before) if before else {}
    called = [known.get(key) or _called(record, key, language) for key in keys]
    return {"triggers": ",".join(keys), "set_off": "\n".join(called)}


def names(line: Line) -> dict[str, str]:
    """By key, what each was called then."""
    keys = line.part.triggers.split(",") if line.part.triggers else []
    return dict(zip(keys, line.said["set_off"].split("\n"), strict=True)) if keys else {}


def chips(record: Record, language: str, line: Line | None = None) -> list[tuple[str, str]]:
    """What can be ticked, by key and name: one's own, the riskiest first; what was ticked before; and the kinds."""
    own = {str(card.id): card.name for card in triggers.mine(record, triggers.FIRST)}
    return list((own | (names(line) if line else {}) | dict(kinds(language))).items())


def kinds(language: str) -> list[tuple[str, str]]:
    """What can be ticked by somebody of whom nothing is known."""
    return [(kind.id, kind.name) for kind in trigger_kinds(language)]


def _called(record: Record, key: str, language: str) -> str:
    kind = trigger_kind(key, language)
    return kind.name if kind else triggers.used(record, UUID(key))
