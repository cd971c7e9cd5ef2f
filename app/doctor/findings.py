"""What a check finds, and what it says to do."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """What was found, and what to do about it."""

    state: State
    found: str
    todo: str = ""


def ok(found: str) -> Finding:
    return Finding("ok", found)


def warn(found: str, todo: str) -> Finding:
    return Finding("warn", found, todo)


def fail(found: str, todo: str) -> Finding:
    return Finding("fail", found, todo)
