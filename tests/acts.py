"""What people do in the tests, where the form it is done by is not the point."""

import re
from datetime import datetime
from html import unescape
from typing import Any
from uuid import UUID

from sqlmodel import func, select

from app.database import new_id
from app.models import entry, reviews
from app.models.entry import Writing

from tests.conftest import Stage


def kept(stage: Stage, name: str, words: str = "", kind: str = "journal", at: datetime | None = None, **also: Any) -> UUID:
    """An entry of somebody's, shared unless told otherwise, kept at a moment; answers its id."""
    with stage.mine(name, at) as record:
        return entry.write(record, new_id(), Writing(kind, words, **{"visibility": "shared"} | also)).id


def read(stage: Stage, coach: str, name: str, entry_id: UUID, words: str = "") -> None:
    """A coach reads an entry, with an answer or without."""
    with stage.coached(coach, name) as record:
        reviews.read(record, entry.find(record, entry_id), new_id(), words)


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
