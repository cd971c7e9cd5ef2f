"""Where in a JSON text something stands, so that whoever wrote the file is told the line."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)

_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[\s,:]*")
NEW_LINE = b"\n"


def read(file: Path, model: type[Model]) -> Model:
    """A file as its model. Raises ValueError that names the file, the line and what is wrong there, one a line."""
    kept = file.read_bytes()
    try:
        text = kept.decode()
        _once(text)
        return model.model_validate_json(text)
    except UnicodeDecodeError as wrong:
        raise ValueError(f"{file.name}, line {kept.count(NEW_LINE, 0, wrong.start) + 1}: not UTF-8") from wrong
    except json.JSONDecodeError as wrong:
        raise ValueError(f"{file.name}, line {wrong.lineno}: {wrong.msg}") from wrong
    except ValidationError as wrong:
        said = [f"{file.name}, line {line(text, one['loc'])}: {one['msg']}" for one in wrong.errors()]
        raise ValueError("\n".join(said)) from wrong


def line(text: str, way: Sequence[str | int]) -> int:
    """The line (from 1) of what the way leads to, by keys and numbers; what the text does not have is passed over."""
    at = _past(text, 0)
    for step in way:
        at = next((start for key, start in _entries(text, at) if key == step), at)
    return text.count("\n", 0, at) + 1


def _entries(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Each key or number of the object or list that starts at `at`, and where its value starts. Of others, none."""
    opening, number = text[at], 0
    if opening not in "{[":
        return
    at = _past(text, at + 1)
    while text[at] not in "}]":
        key: str | int = number
        if opening == "{":
            key, at = _DECODER.raw_decode(text, at)
            at = _past(text, at)
        yield key, at
        _, at = _DECODER.raw_decode(text, at)
        at, number = _past(text, at), number + 1


def _past(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def _once(text: str) -> None:
    """Raises JSONDecodeError for what is no JSON, or has a key twice: then the first would be lost silently."""
    json.loads(text)
    for at in _twice(text, _past(text, 0)):
        raise json.JSONDecodeError("this key comes twice", text, at)


def _twice(text: str, at: int) -> Iterator[int]:
    """Where keys come again, in the object or list that starts at `at` and in those inside."""
    seen = set()
    for key, start in _entries(text, at):
        if key in seen:
            yield start
        seen.add(key)
        yield from _twice(text, start)
