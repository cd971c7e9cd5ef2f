"""What people do in the tests, where the form it is done by is not the point."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from html import unescape
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlmodel import func, select

from app import demo
from app.access import opened
from app.database import new_id
from app.lib.passwords import hash_passphrase
from app.lib.vault import name_hash
from app.models import entry, invites, reviews
from app.models.entry import Writing
from app.models.invites import Plan
from tests.conftest import Stage

PASSPHRASE = hash_passphrase(demo.PASSPHRASE)
# What the part of a kind cannot be without.
NEEDED: dict[str, dict[str, Any]] = {
    "urge": {"before": 5, "done": True},
    "setback": {"word": "used", "done": True},
    "measure": {"instrument": "phq-9", "version": "PHQ-9 (1999)", "scores": {"total": 0}, "done": True},
    "attendance": {"session_id": UUID(int=1), "series_id": UUID(int=2), "day": date(2026, 11, 18), "arriving": True},
}


def kept(
    stage: Stage, name: str, words: str = "", kind: str = "journal", at: datetime | None = None, **also: Any
) -> UUID:
    """An entry of somebody's, shared unless told otherwise, kept at a moment; answers its id."""
    with stage.mine(name, at) as record:
        writing = Writing(kind, words, **{"visibility": "shared"} | also)
        return entry.write(record, new_id(), writing, **NEEDED.get(kind, {})).id


def read(stage: Stage, coach: str, name: str, entry_id: UUID, words: str = "") -> None:
    """A coach reads an entry, with an answer or without."""
    with stage.coached(coach, name) as record:
        reviews.read(record, entry.find(record, entry_id).id, new_id(), words)


def admit(stage: Stage, name: str, coach: str = "cora", at: datetime | None = None, role: str = "participant") -> UUID:
    """Somebody else comes into the program; answers who. They sign in as the cast does, with their first name."""
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor, at=at) as record:
        plan = Plan(role, name, demo.address(name), coach=getattr(stage.cast, coach) if role == "participant" else None)
        hashed = name_hash(invites.names_key(stage.house.master), plan.sign_in_name)
        return invites.admit(record, plan, PASSPHRASE, hashed)


@contextmanager
def statements(stage: Stage) -> Iterator[list[str]]:
    """Every SQL statement sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    event.listen(stage.house.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(stage.house.database.engine, "before_cursor_execute", note)


def count(stage: Stage, name: str, model: Any) -> int:
    """How many rows of a table are somebody's."""
    with stage.mine(name) as record:
        return record.session.exec(select(func.count()).select_from(model)).one()


def said(page: Any) -> str:
    """What somebody reads on a page: its text, with a single space wherever there is one."""
    body = re.sub(r"<(head|template|script)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def field(page: Any, name: str) -> str:
    """The value of a page's input (the first of that name), as a browser would send it."""
    tag = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page.text)
    assert tag, f"no input {name} in {page.url}"
    found = re.search(r'\bvalue="([^"]*)"', tag[0])
    return unescape(found[1]) if found else ""
