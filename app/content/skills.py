"""Skills: what each is, when it helps, its steps, and the guided screen where one fits. Read once, at import."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from . import FOLDER, LANGUAGES, Language, Written, read, said_in

Group = Literal[
    "mindfulness",
    "breathing-and-body",
    "thoughts",
    "emotions-and-urges",
    "people-and-boundaries",
    "movement",
    "creative",
    "routine",
    "rest",
]
Part = Literal["rise", "crest", "fall"]
Answer = Literal["text", "scale-10", "scale-100"]

GROUPS: tuple[Group, ...] = get_args(Group)
LONGEST = 20  # minutes

Text = TypeVar("Text")
Both = Annotated[dict[Language, Text], Field(min_length=len(LANGUAGES))]
Label = Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=50)]
Step = Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=90)]
Sentence = Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=120)]
Passage = Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=200)]
Seconds = Annotated[int, Field(ge=1, le=600)]
Minutes = Annotated[int, Field(ge=1, le=LONGEST)]


# --- on the screen, in one language


@dataclass(frozen=True)
class Phase:
    say: str
    seconds: int


@dataclass(frozen=True)
class Pace:
    """A breath: the phases in turn, all of them `rounds` times."""

    phases: tuple[Phase, ...]
    rounds: int
    kind: Literal["pace"] = "pace"


@dataclass(frozen=True)
class Moment:
    """Stays for its seconds; with None, until the person goes on."""

    say: str
    seconds: int | None


@dataclass(frozen=True)
class Steps:
    moments: tuple[Moment, ...]
    kind: Literal["steps"] = "steps"


@dataclass(frozen=True)
class Swell:
    """Said from `at` on, a share (0–1) of the wave's time."""

    part: Part
    at: float
    say: str


@dataclass(frozen=True)
class Wave:
    """An urge watched until it falls: `minutes` unless another of the choices is taken."""

    minutes: int
    choices: tuple[int, ...]
    says: tuple[Swell, ...]
    kind: Literal["wave"] = "wave"


@dataclass(frozen=True)
class Question:
    ask: str
    kind: Answer


@dataclass(frozen=True)
class Questions:
    """Fields to write in, in order. What is written there is the person's."""

    questions: tuple[Question, ...]
    kind: Literal["questions"] = "questions"


Guide = Pace | Steps | Wave | Questions


@dataclass(frozen=True)
class Skill:
    """`note` says for whom a gentler choice is better, and where help is."""

    id: str
    group: Group
    minutes: int
    name: str
    what: str
    when: str
    steps: tuple[str, ...]
    note: str | None
    guide: Guide | None


def skills(language: str) -> tuple[Skill, ...]:
    """In the order of the file, which is by group. English for a language we do not speak."""
    return said_in(language, _SKILLS)


def skill(id: str, language: str) -> Skill | None:
    return next((skill for skill in skills(language) if skill.id == id), None)


# --- in the file, in every language


class Piece(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class WrittenPhase(Piece):
    say: Both[Label]
    seconds: Seconds


class WrittenPace(Piece):
    kind: Literal["pace"]
    phases: Annotated[list[WrittenPhase], Field(min_length=2, max_length=4)]
    rounds: Annotated[int, Field(ge=1, le=60)]

    @model_validator(mode="after")
    def ends(self) -> Self:
        _bound(self.rounds * sum(phase.seconds for phase in self.phases))
        return self

    def said(self, language: Language) -> Pace:
        return Pace(tuple(Phase(one.say[language], one.seconds) for one in self.phases), self.rounds)


class WrittenMoment(Piece):
    say: Both[Sentence]
    seconds: Seconds | None


class WrittenSteps(Piece):
    kind: Literal["steps"]
    moments: Annotated[list[WrittenMoment], Field(min_length=3, max_length=20)]

    @model_validator(mode="after")
    def ends(self) -> Self:
        _bound(sum(moment.seconds or 0 for moment in self.moments))
        return self

    def said(self, language: Language) -> Steps:
        return Steps(tuple(Moment(one.say[language], one.seconds) for one in self.moments))


class WrittenSwell(Piece):
    part: Part
    at: Annotated[float, Field(ge=0, lt=1)]
    say: Both[Sentence]


class WrittenWave(Piece):
    kind: Literal["wave"]
    minutes: Minutes
    choices: Annotated[list[Annotated[int, Field(ge=3, le=LONGEST)]], Field(min_length=2)]
    says: Annotated[list[WrittenSwell], Field(min_length=6)]

    @model_validator(mode="after")
    def rises_and_falls(self) -> Self:
        times, parts = [one.at for one in self.says], [one.part for one in self.says]
        if times[0] or times != sorted(set(times)) or self.choices != sorted(set(self.choices)):
            raise ValueError("a wave starts at 0, and its sentences and choices go up")
        if parts != sorted(parts, key=get_args(Part).index) or set(parts) != set(get_args(Part)):
            raise ValueError("a wave rises, crests and falls")
        if self.minutes not in self.choices:
            raise ValueError("a wave lasts as long as one of its choices")
        return self

    def said(self, language: Language) -> Wave:
        says = tuple(Swell(one.part, one.at, one.say[language]) for one in self.says)
        return Wave(self.minutes, tuple(self.choices), says)


class WrittenQuestion(Piece):
    ask: Both[Sentence]
    kind: Answer


class WrittenQuestions(Piece):
    kind: Literal["questions"]
    questions: Annotated[list[WrittenQuestion], Field(min_length=2, max_length=9)]

    def said(self, language: Language) -> Questions:
        return Questions(tuple(Question(one.ask[language], one.kind) for one in self.questions))


class WrittenSkill(Written):
    model_config = ConfigDict(extra="forbid", strict=True)
    group: Group
    minutes: Minutes
    name: Both[Label]
    what: Both[Passage]
    when: Both[Sentence]
    steps: Annotated[list[Both[Step]], Field(min_length=3, max_length=7)]
    note: Both[Passage] | None
    guide: Annotated[WrittenPace | WrittenSteps | WrittenWave | WrittenQuestions, Field(discriminator="kind")] | None

    def said(self, language: Language) -> Skill:
        return Skill(
            self.id,
            self.group,
            self.minutes,
            name=self.name[language],
            what=self.what[language],
            when=self.when[language],
            steps=tuple(step[language] for step in self.steps),
            note=self.note[language] if self.note else None,
            guide=self.guide.said(language) if self.guide else None,
        )


def _bound(seconds: int) -> None:
    if seconds > LONGEST * 60:
        raise ValueError(f"a guide ends within {LONGEST} minutes, not after {seconds} seconds")


_FILE = read(FOLDER / "skills.json", TypeAdapter(list[WrittenSkill]))
_SKILLS = {tongue: tuple(row.said(tongue) for row in _FILE) for tongue in LANGUAGES}
