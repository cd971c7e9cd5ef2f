"""A posted form: its values, or what was typed and what is wrong, in one kind sentence per field."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from app.database import new_id
from app.record import NotYours

WORDS_MAX = 20_000
LINE_MAX = 500


def _(sentence: str) -> str:
    """Marks a sentence for translation; it is spoken in the reader's language when the page is made."""
    return sentence


# Unseen characters that a database refuses (NUL) or a reader cannot see, and halves of characters, which cannot
# be kept at all; tab and new line stay.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def tidy(text: Any) -> Any:
    """Line ends as \\n, no unseen control characters, composed letters; the words stay as they were typed."""
    if not isinstance(text, str):
        return text
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _trimmed(text: str) -> str:
    return text.strip()


def empty_is_none(value: Any) -> Any:
    return None if value == "" else value


def _uuid7(value: UUID) -> UUID:
    # Ids lead the order of rows kept: a page makes version 7, anything else was not made by a page of ours.
    if value.version != 7:
        raise wrong(LOST)
    return value


def _phone_time(said: Any) -> datetime | None:
    """What a phone's clock showed, in UTC. What is no time, or has no offset, counts as not said: nobody typed it."""
    try:
        at = datetime.fromisoformat(str(said))
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_zone(said: Any) -> str:
    return said if isinstance(said, str) and said in _zones() else ""


LOST = _("This form had lost its number. Please send it once more, or open the page again.")
# Fields that nobody fills in: what is wrong with them is never the person's to put right.
NUMBERS = frozenset({"id", "version", "whose"})

Id = Annotated[UUID, AfterValidator(_uuid7)]
Words = Annotated[str, BeforeValidator(tidy), Field(max_length=WORDS_MAX)]
Text = Annotated[str, BeforeValidator(tidy), AfterValidator(_trimmed), Field(max_length=LINE_MAX)]
Visibility = Literal["private", "shared"]
# The bounds are about the number alone: no answer is an answer too.
Ten = Annotated[Annotated[int, Field(ge=0, le=10)] | None, BeforeValidator(empty_is_none)]
Five = Annotated[Annotated[int, Field(ge=1, le=5)] | None, BeforeValidator(empty_is_none)]
Mood = Five
PhoneTime = Annotated[datetime | None, BeforeValidator(_phone_time)]
Zone = Annotated[str, BeforeValidator(_known_zone)]


class Form(BaseModel):
    """The base of every form. `whose` says for whom the page was made; a field that no page of ours has is refused."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    whose: str = Field(default="", max_length=64)


class NewForm(Form):
    """A form that keeps something new under the id which its page made."""

    id: Id


class LogForm(NewForm):
    """A form that keeps an entry of the participant who fills it in. It works without signal by being one.

    The page may add what the phone's clock showed when it was filled in and when it was sent, and its zone (IANA).
    Nothing that stands there refuses a form.
    """

    written_at: PhoneTime = None
    sent_at: PhoneTime = None
    zone: Zone = ""


F = TypeVar("F", bound=Form)

SENTENCES = {
    "missing": _("Please fill this in."),
    "string_too_short": _("Please fill this in."),
    "too_short": _("Please fill this in."),
    "string_too_long": _("That is too long: %(max_length)s characters fit. Your words are still here."),
    "too_long": _("That is too long: %(max_length)s characters fit. Your words are still here."),
    "greater_than_equal": _("Please choose one of the answers."),
    "less_than_equal": _("Please choose one of the answers."),
    "int_parsing": _("Please choose one of the answers."),
    "int_parsing_size": _("Please choose one of the answers."),
    "bool_parsing": _("Please choose one of the answers."),
    "literal_error": _("Please choose one of the answers."),
    "uuid_parsing": _("Please choose one of the answers."),
    "date_from_datetime_parsing": _("Please write a day, like 2026-11-22."),
    "date_from_datetime_inexact": _("Please write a day, like 2026-11-22."),
    "time_parsing": _("Please write a time, like 18:30."),
    "extra_forbidden": _("This form held something that does not belong to it. Nothing was changed."),
}
OVERTAKEN = _("This was changed on another device meanwhile. Both texts are here; send again to keep yours.")
OTHERWISE = _("We could not read this. Please look at it once more.")


@dataclass
class Posted(Generic[F]):
    """What came with a form. `values` is there when nothing is wrong with it."""

    typed_fields: dict[str, list[str]] = field(default_factory=dict)
    kept: F | None = None
    errors: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    speak: Callable[[str], str] = str
    whose: str = ""
    stale: Any = None
    made_id: UUID | None = field(default_factory=new_id)

    @property
    def refused(self) -> bool:
        return bool(self.errors)

    @property
    def values(self) -> F:
        if self.kept is None:
            raise ValueError("a refused form has no values")
        return self.kept

    @property
    def id(self) -> str:
        # A number that was wrong would be wrong again when the form is sent again.
        made = str(self.made_id or "")
        return made if "id" in self.errors else self.typed("id") or made

    def typed(self, name: str) -> str:
        """What was typed, or what the page starts with, as text."""
        if name in self.typed_fields:
            return self.typed_fields[name][0]
        value = self.defaults.get(name)
        return "" if value is None else str(value)

    def chosen(self, name: str) -> list[str]:
        """What was ticked, or what the page starts with."""
        if self.typed_fields:
            return self.typed_fields.get(name, [])
        value = self.defaults.get(name)
        return [str(one) for one in value] if isinstance(value, list | tuple | set | frozenset) else []

    def error(self, name: str) -> str | None:
        if name not in self.errors:
            return None
        sentence, facts = self.errors[name]
        return self.speak(sentence) % facts if facts else self.speak(sentence)

    def overtaken(self, line: Any) -> None:
        """Somebody (perhaps the same person, elsewhere) was faster: both texts are shown, and sending again wins."""
        self.stale = line
        self.typed_fields["version"] = [str(line.version)]
        self.refuse("words", OVERTAKEN)

    def changes(self, card: Any) -> bool:
        """Whether this is a change of what stands (`card`, with its version). If not, it was carried out already,
        sent twice; or somebody was faster, and it is refused."""
        asked: Any = self.values
        if asked.version == card.version:
            return True
        if asked.version != card.version - 1 or not card.says(asked):
            self.overtaken(card)
        return False

    def about(self, row_id: UUID) -> "Posted[F]":
        """The address says which row a form changes, whatever the form itself says."""
        if self.kept is not None and "id" in type(self.kept).model_fields:
            self.kept = self.kept.model_copy(update={"id": row_id})
        self.typed_fields["id"], self.made_id = [str(row_id)], row_id
        return self

    def refuse(self, name: str, sentence: str, **facts: Any) -> "Posted[F]":
        self.errors[name] = (sentence, facts)
        return self


def blank(**defaults: Any) -> Posted[Any]:
    """A form that nobody has filled in yet, with what it starts with."""
    return Posted(defaults=defaults)


def read_form(form: type[F], data: FormData) -> Posted[F]:
    """A form's values, or what was typed and what is wrong with it."""
    typed: dict[str, list[str]] = {}
    for name, value in data.multi_items():
        typed.setdefault(str(name)[:64], []).append(tidy(value) if isinstance(value, str) else "")
    posted: Posted[F] = Posted(typed_fields=typed)
    try:
        posted.kept = form.model_validate({name: _value(form, name, values) for name, values in typed.items()})
    except ValidationError as wrong:
        for one in wrong.errors(include_url=False, include_input=False):
            name, sentence, facts = _wrong(one)
            posted.refuse(name, sentence, **facts)
    return posted


def _value(form: type[Form], name: str, values: list[str]) -> Any:
    known = form.model_fields.get(name)
    many = known is not None and "list" in str(known.annotation)
    # One answer was asked for and several came: neither is taken for the other.
    return values if many or len(values) > 1 else values[0]


def _wrong(one: Any) -> tuple[str, str, dict[str, Any]]:
    """The field, the sentence, and the facts in it. A part that has no field is said at the top of the form."""
    kind, context = one["type"], one.get("ctx") or {}
    name = str(one["loc"][0]) if one["loc"] and kind != "extra_forbidden" else ""
    if name in NUMBERS:
        return name, LOST, {}
    if kind not in SENTENCES and "sentence" in context:
        return name, context["sentence"], {}
    facts = {"max_length": context["max_length"]} if "max_length" in context else {}
    return name, SENTENCES.get(kind, OTHERWISE), facts


def wrong(sentence: str) -> PydanticCustomError:
    """What a form's own rule raises: the sentence is for the person who filled it in."""
    return PydanticCustomError("said", "{sentence}", {"sentence": sentence})


async def sent(request: Request) -> FormData:
    """The fields of a request's body. Raises HTTPException 400 when they cannot be read."""
    try:
        return await request.form(max_files=0, max_fields=100)
    except UnicodeError as unreadable:  # Starlette answers other bodies that cannot be read, but not this one
        raise HTTPException(400) from unreadable


def posted(form: type[F]) -> Any:
    """The dependency that reads a form from the request's body."""

    async def read(request: Request) -> Posted[F]:
        typed = read_form(form, await sent(request))
        # A page made for somebody else who uses this phone: nothing of it is kept for, or shown to, who is here now.
        visitor = getattr(request.state, "visitor", None)
        if visitor and typed.typed("whose") not in ("", visitor.token):
            raise NotYours("a page of somebody else")
        return typed

    return Depends(read)
