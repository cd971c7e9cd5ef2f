"""Readings: short pages about how things work, each with one small step to take. Read once, at import."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from . import FOLDER, LANGUAGES, Id, Language, Written, read, said_in

Audience = Literal["participant", "family"]
Theme = Literal["urges", "body", "people", "ahead"]
THEMES: tuple[Theme, ...] = get_args(Theme)

WORDS_A_MINUTE = 150  # read slowly

Text = TypeVar("Text")
Both = Annotated[dict[Language, Text], Field(min_length=len(LANGUAGES))]
Title = Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=60)]
Sentences = Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=200)]
Paragraph = Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=800)]


@dataclass(frozen=True)
class Part:
    title: str
    text: str


@dataclass(frozen=True)
class Reading:
    """In one language. `step` is what to try after it, `skills` are the ids of those that go with it."""

    id: str
    audience: Audience
    theme: Theme
    title: str
    about: str
    parts: tuple[Part, ...]
    step: str
    skills: tuple[str, ...]

    @property
    def words(self) -> int:
        said = [self.title, self.about, self.step, *(f"{part.title} {part.text}" for part in self.parts)]
        return sum(len(text.split()) for text in said)

    @property
    def minutes(self) -> int:
        return max(1, round(self.words / WORDS_A_MINUTE))


def readings(language: str, audience: Audience | None = None) -> tuple[Reading, ...]:
    """In the order of the file, those for somebody or all. English for a language we do not speak."""
    return tuple(one for one in said_in(language, _READINGS) if audience in (None, one.audience))


def reading(id: str, language: str) -> Reading | None:
    return next((one for one in readings(language) if one.id == id), None)


class WrittenPart(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    title: Both[Title]
    text: Both[Paragraph]


class WrittenReading(Written):
    model_config = ConfigDict(extra="forbid", strict=True)
    audience: Audience
    theme: Theme
    title: Both[Title]
    about: Both[Sentences]
    parts: Annotated[list[WrittenPart], Field(min_length=3, max_length=6)]
    step: Both[Sentences]
    skills: list[Id]

    def said(self, language: Language) -> Reading:
        return Reading(
            self.id,
            self.audience,
            self.theme,
            title=self.title[language],
            about=self.about[language],
            parts=tuple(Part(part.title[language], part.text[language]) for part in self.parts),
            step=self.step[language],
            skills=tuple(self.skills),
        )


_FILE = read(FOLDER / "readings.json", TypeAdapter(list[WrittenReading]))
_READINGS = {tongue: tuple(row.said(tongue) for row in _FILE) for tongue in LANGUAGES}
