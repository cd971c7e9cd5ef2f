"""What Footbridge says that is data, not code. Read once, at import: a malformed file stops the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

FOLDER = Path(__file__).parent

Language = Literal["en", "es"]
Kind = Literal["crisis", "danger", "referral", "safety"]
Group = Literal["day", "feelings", "urges", "people", "body", "strengths", "ahead"]
Where = Literal["inside", "between", "halt"]

LANGUAGES: tuple[Language, ...] = get_args(Language)

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Line = Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=200)]
Said = Annotated[dict[Language, Line], Field(min_length=len(LANGUAGES))]
# Three digits that work everywhere, or a whole number with its country in front.
Calling = Annotated[str, StringConstraints(pattern=r"^(911|988|1(-[2-9]\d{2}){2}-\d{4})$")]
Texting = Annotated[str, StringConstraints(pattern=r"^(988|\d{5,6})$")]
Keyword = Annotated[str, StringConstraints(pattern=r"^[A-Z]+$")]
Site = Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+/[a-z/]*$")]


class Written(BaseModel):
    """A row of a file as it is written there, in every language."""

    model_config = ConfigDict(extra="forbid")
    id: Id


class WrittenLine(Written):
    kind: Kind
    name: Said
    what: Said
    note: Said
    call: Calling | None = None
    text: Texting | None = None
    text_body: dict[Language, Keyword] = {}
    chat: Site | None = None


class WrittenPrompt(Written):
    group: Group
    text: Said


class WrittenTrigger(Written):
    group: Where
    name: Said
    hint: Said


@dataclass(frozen=True)
class CrisisLine:
    """A line to call, text or chat with, in one language. None for a way that it does not have."""

    id: str
    kind: Kind
    name: str
    what: str
    note: str
    call: str | None
    text: str | None
    text_body: str | None
    chat: str | None

    @property
    def call_href(self) -> str | None:
        if not self.call:
            return None
        digits = self.call.replace("-", "")
        return f"tel:{digits}" if len(digits) == 3 else f"tel:+{digits}"

    @property
    def text_href(self) -> str | None:
        """Show the number and the word beside it: some phones open the message without the word."""
        if not self.text:
            return None
        # RFC 5724 and Android read ?body=, iPhones have read &body=; from ?& each takes its own.
        return f"sms:{self.text}" + (f"?&body={quote(self.text_body)}" if self.text_body else "")

    @property
    def chat_site(self) -> str | None:
        """The address as people say it: 988lifeline.org."""
        return urlsplit(self.chat).netloc.removeprefix("www.") if self.chat else None


@dataclass(frozen=True)
class Prompt:
    """A question to start writing from, in one language."""

    id: str
    group: Group
    text: str


@dataclass(frozen=True)
class TriggerKind:
    """What an urge came from: inside the person, between people, or hunger, anger, loneliness, tiredness (halt).

    The first eight are Marlatt & Gordon's (Larimer, Palmer & Marlatt 1999, Alcohol Res Health 23:151-160).
    """

    id: str
    group: Where
    name: str
    hint: str


def crisis_lines(language: str) -> tuple[CrisisLine, ...]:
    """In the order of the file, which is the order on the screen. English for a language we do not speak."""
    return said_in(language, _LINES)


def prompts(language: str) -> tuple[Prompt, ...]:
    return said_in(language, _PROMPTS)


def prompt(id: str, language: str) -> Prompt | None:
    return next((prompt for prompt in prompts(language) if prompt.id == id), None)


def trigger_kinds(language: str) -> tuple[TriggerKind, ...]:
    return said_in(language, _TRIGGERS)


def trigger_kind(id: str, language: str) -> TriggerKind | None:
    return next((kind for kind in trigger_kinds(language) if kind.id == id), None)


Item = TypeVar("Item")
Row = TypeVar("Row", bound=Written)


def said_in(language: str, said: Mapping[Language, Item]) -> Item:
    # Help in another language is better than a page that does not open.
    return said["es" if language == "es" else "en"]


def read(file: Path, rows: TypeAdapter[list[Row]]) -> list[Row]:
    """Raises ValueError (pydantic's says where) when a row is malformed or an id comes twice."""
    found = rows.validate_json(file.read_bytes())
    if not found or len({row.id for row in found}) < len(found):
        raise ValueError(f"{file.name}: no rows, or an id that comes twice")
    return found


def _line(row: WrittenLine, language: Language) -> CrisisLine:
    said = {"name": row.name[language], "what": row.what[language], "note": row.note[language]}
    return CrisisLine(
        row.id,
        row.kind,
        **said,
        call=row.call,
        text=row.text,
        text_body=row.text_body.get(language),
        chat=row.chat,
    )


def _prompt(row: WrittenPrompt, language: Language) -> Prompt:
    return Prompt(row.id, row.group, row.text[language])


def _trigger(row: WrittenTrigger, language: Language) -> TriggerKind:
    return TriggerKind(row.id, row.group, row.name[language], row.hint[language])


_CRISIS_FILE = read(FOLDER / "crisis.json", TypeAdapter(list[WrittenLine]))
_PROMPT_FILE = read(FOLDER / "prompts.json", TypeAdapter(list[WrittenPrompt]))
_TRIGGER_FILE = read(FOLDER / "triggers.json", TypeAdapter(list[WrittenTrigger]))

_LINES = {tongue: tuple(_line(row, tongue) for row in _CRISIS_FILE) for tongue in LANGUAGES}
_PROMPTS = {tongue: tuple(_prompt(row, tongue) for row in _PROMPT_FILE) for tongue in LANGUAGES}
_TRIGGERS = {tongue: tuple(_trigger(row, tongue) for row in _TRIGGER_FILE) for tongue in LANGUAGES}
