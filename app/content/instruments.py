"""Measures as data: questions, answers, scores and what calls for attention. A file each, read once, at import.

To add one is to add a file to `instruments/`. The wording is its authors'; where each comes from is in the file itself
and in docs/content.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from . import FOLDER, LANGUAGES, Id, Language, said_in
from .places import line, read

Level = Literal["safety", "attention", "strict"]
Who = Literal["women", "men"]
Better = Literal["lower", "higher"]
Use = Literal["intake", "weekly", "discharge"]

SUBSTANCE = "{substance}"


# --- on the screen, in one language


@dataclass(frozen=True)
class Option:
    """An answer, and the points that it counts."""

    value: int
    label: str


@dataclass(frozen=True)
class After:
    """A question is asked only when another was answered with so many points; else it counts as 0."""

    item: str
    at_least: int


@dataclass(frozen=True)
class Item:
    id: str
    ask: str
    options: tuple[Option, ...]
    after: After | None = None

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(option.value for option in self.options)

    def said(self, points: int) -> str:
        """The answer with so many points; "" for none of the choices."""
        return next((option.label for option in self.options if option.value == points), "")


@dataclass(frozen=True)
class Band:
    """What a score is called from so many points on."""

    start: int
    name: str


@dataclass(frozen=True)
class Reliable:
    """The spread and reliability from which it follows how large a change must be to be one."""

    sd: float
    r: float
    source: str


@dataclass(frozen=True)
class Scale:
    """A score: the points of some items, added up."""

    id: str
    name: str
    items: tuple[str, ...]
    bands: tuple[Band, ...]
    better: Better
    reliable: Reliable | None


@dataclass(frozen=True)
class Mark:
    """From where on an item or a score (`of`) calls for attention. `who`: it is theirs alone; None: everybody's."""

    of: str
    level: Level
    at_least: int | None = None
    at_most: int | None = None
    who: Who | None = None

    def met(self, points: int) -> bool:
        return points >= self.at_least if self.at_least is not None else points <= (self.at_most or 0)


@dataclass(frozen=True)
class Instrument:
    """`about` is ours, what it asks is its authors'. `substance` is what stands in the questions for a person's own."""

    id: str
    version: str
    name: str
    about: str
    window_days: int
    use: tuple[Use, ...]
    ask: str
    substance: str | None
    items: tuple[Item, ...]
    scales: tuple[Scale, ...]
    marks: tuple[Mark, ...]
    terms: str
    wording: str
    cutoffs: str
    checked: bool

    def item(self, id: str) -> Item:
        """Raises KeyError."""
        return {item.id: item for item in self.items}[id]

    def helping(self, item: str) -> tuple[int, ...]:
        """The answers to an item that lead to help at once."""
        marks = [mark for mark in self.marks if mark.level == "safety" and mark.of == item]
        return tuple(points for points in self.item(item).values if any(mark.met(points) for mark in marks))

    def most(self, scale: str) -> int:
        """The most points of a score."""
        added = next(one.items for one in self.scales if one.id == scale)
        return sum(max(self.item(item).values) for item in added)

    def naming(self, word: str = "") -> Self:
        """With the person's own word for what they use in the questions, where the instrument names it."""
        named = word.strip() or self.substance or ""
        return replace(self, items=tuple(replace(one, ask=one.ask.replace(SUBSTANCE, named)) for one in self.items))


def instruments(language: str) -> tuple[Instrument, ...]:
    """By id. English for a language we do not speak."""
    return said_in(language, _INSTRUMENTS)


def instrument(id: str, language: str) -> Instrument | None:
    return next((one for one in instruments(language) if one.id == id), None)


# --- in the file, in every language

Text = Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=400)]
Answer = Annotated[str, StringConstraints(pattern=r"^\S.*$", max_length=120)]
Points = Annotated[int, Field(ge=0, le=100)]
Said = Annotated[dict[Language, Text], Field(min_length=len(LANGUAGES))]


class Written(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class WrittenOption(Written):
    value: Points
    label: Annotated[dict[Language, Answer], Field(min_length=len(LANGUAGES))]


class WrittenAfter(Written):
    item: Id
    at_least: Annotated[int, Field(ge=1, le=100)]


class WrittenItem(Written):
    id: Id
    scale: Id
    ask: Said
    after: WrittenAfter | None = None


class WrittenBand(Written):
    start: Annotated[Points, Field(alias="from")]
    name: Said


class WrittenReliable(Written):
    sd: Annotated[float, Field(gt=0)]
    r: Annotated[float, Field(gt=0, lt=1)]
    source: Text


class WrittenScale(Written):
    id: Id
    name: Said
    items: Annotated[list[Id], Field(min_length=1)]
    bands: Annotated[list[WrittenBand], Field(min_length=1)]
    better: Better = "lower"
    reliable: WrittenReliable | None = None


class WrittenMark(Written):
    of: Id
    level: Level
    at_least: Points | None = None
    at_most: Points | None = None
    who: Who | None = None

    @model_validator(mode="after")
    def one_side(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a mark is at_least or at_most so many points")
        return self


class WrittenInstrument(Written):
    id: Id
    version: Text
    name: Said
    about: Said
    window_days: Annotated[int, Field(ge=1, le=366)]
    use: Annotated[list[Use], Field(min_length=1)]
    ask: Said
    substance: Said | None = None
    scales: Annotated[dict[Id, Annotated[list[WrittenOption], Field(min_length=2)]], Field(min_length=1)]
    items: Annotated[list[WrittenItem], Field(min_length=1)]
    scores: Annotated[list[WrittenScale], Field(min_length=1)]
    marks: list[WrittenMark]
    terms: Text
    wording: Said
    cutoffs: Text
    checked: Annotated[dict[Language, bool], Field(min_length=len(LANGUAGES))]

    def said(self, language: Language) -> Instrument:
        return Instrument(
            self.id,
            self.version,
            name=self.name[language],
            about=self.about[language],
            window_days=self.window_days,
            use=tuple(self.use),
            ask=self.ask[language],
            substance=self.substance[language] if self.substance else None,
            items=tuple(self._item(item, language) for item in self.items),
            scales=tuple(_scale(row, language) for row in self.scores),
            marks=tuple(Mark(**mark.model_dump()) for mark in self.marks),
            terms=self.terms,
            wording=self.wording[language],
            cutoffs=self.cutoffs,
            checked=self.checked[language],
        )

    def _item(self, row: WrittenItem, language: Language) -> Item:
        options = tuple(Option(one.value, one.label[language]) for one in self.scales[row.scale])
        return Item(row.id, row.ask[language], options, After(**row.after.model_dump()) if row.after else None)


def _scale(row: WrittenScale, language: Language) -> Scale:
    bands = tuple(Band(band.start, band.name[language]) for band in row.bands)
    reliable = Reliable(**row.reliable.model_dump()) if row.reliable else None
    return Scale(row.id, row.name[language], tuple(row.items), bands, row.better, reliable)


# --- what a file must keep to beyond the form of its rows: where it does not, and what is wrong there

Wrong = Iterator[tuple[tuple[str | int, ...], str]]


def _ids_once(one: WrittenInstrument) -> Wrong:
    rows = [("items", n, row.id) for n, row in enumerate(one.items)]
    rows += [("scores", n, row.id) for n, row in enumerate(one.scores)]
    ids = [id for *_, id in rows]
    yield from (((kind, n, "id"), f"{id} is the name of two") for kind, n, id in rows if ids.count(id) > 1)


def _answers_go_up(one: WrittenInstrument) -> Wrong:
    used = {row.scale for row in one.items}
    for name, options in one.scales.items():
        values = [option.value for option in options]
        if values != sorted(set(values)) or values[0]:
            yield ("scales", name), "answers start at 0 and go up"
        if name not in used:
            yield ("scales", name), f"{name} is the scale of no item"


def _items_are_known(one: WrittenInstrument) -> Wrong:
    ids = [row.id for row in one.items]
    for n, row in enumerate(one.items):
        if row.scale not in one.scales:
            yield ("items", n, "scale"), f"{row.scale} is no scale"
        if row.after and row.after.item not in ids[:n]:
            yield ("items", n, "after"), f"{row.after.item} is no item before this one"


def _scores_add_up(one: WrittenInstrument) -> Wrong:
    ids = {row.id for row in one.items}
    for n, scale in enumerate(one.scores):
        if len(set(scale.items)) < len(scale.items) or not set(scale.items) <= ids:
            yield ("scores", n, "items"), "a score adds up items that there are, each once"


def _bands_cover(one: WrittenInstrument) -> Wrong:
    for n, scale in enumerate(one.scores):
        starts = [band.start for band in scale.bands]
        if starts != sorted(set(starts)) or starts[0] or starts[-1] > _most(one, scale.id):
            yield ("scores", n, "bands"), "bands start at 0, go up, and end within the points of the score"


def _marks_can_be_met(one: WrittenInstrument) -> Wrong:
    known = {row.id for row in one.items} | {row.id for row in one.scores}
    for n, mark in enumerate(one.marks):
        if mark.of not in known:
            yield ("marks", n, "of"), f"{mark.of} is neither an item nor a score"
        elif (mark.at_least or mark.at_most or 0) > _most(one, mark.of):
            yield ("marks", n), f"{mark.of} cannot have so many points"


def _substance_is_named(one: WrittenInstrument) -> Wrong:
    named = [SUBSTANCE in ask for row in one.items for ask in row.ask.values()]
    if any(named) != (one.substance is not None):
        yield ("substance",), f"{SUBSTANCE} in a question wants a substance, and a substance wants it"


def _most(one: WrittenInstrument, id: str) -> int:
    """The most points of an item or a score."""
    most = {row.id: one.scales[row.scale][-1].value for row in one.items}
    return most[id] if id in most else sum(most[item] for row in one.scores if row.id == id for item in row.items)


# In this order: each may count on what those before it have found in order.
RULES: tuple[Callable[[WrittenInstrument], Wrong], ...] = (
    _ids_once, _items_are_known, _answers_go_up, _scores_add_up, _bands_cover, _marks_can_be_met, _substance_is_named,
)  # fmt: skip


def read_one(file: Path) -> WrittenInstrument:
    """Raises ValueError, which names the file and the line, when it is malformed or not named as its id."""
    one, text = read(file, WrittenInstrument), file.read_text(encoding="utf-8")
    for way, said in (wrong for rule in RULES for wrong in rule(one)):
        raise ValueError(f"{file.name}, line {line(text, way)}: {said}")
    if file.stem != one.id:
        raise ValueError(f"{file.name}, line {line(text, ['id'])}: this is {one.id}, so the file is {one.id}.json")
    return one


_FILES = [read_one(file) for file in sorted((FOLDER / "instruments").glob("*.json"))]
_INSTRUMENTS = {tongue: tuple(one.said(tongue) for one in _FILES) for tongue in LANGUAGES}
