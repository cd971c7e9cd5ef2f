"""The second and third walls: what a session reads and keeps is what a door opened it to."""

import pytest
from sqlalchemy import func, text
from sqlmodel import select

from app.guard import Owned, Unopened, guarded
from app.models import entry, journal, moods, reviews, sharing
from app.models.entry import Entry, Writing
from app.database import new_id
from app.record import NotYours

from tests.conftest import Stage


def write(stage: Stage, name: str, words: str, visibility: str = "shared", kind: str = "journal"):
    with stage.mine(name) as record:
        return entry.write(record, new_id(), Writing(kind, words=words, visibility=visibility)).id


def test_what_is_private_is_not_there_for_the_coach(stage: Stage) -> None:
    shared, private = write(stage, "ana", "for Cora"), write(stage, "ana", "for me", "private")
    with stage.coached("cora", "ana") as record:
        assert [line.words for line in entry.timeline(record)[0]] == ["for Cora"]
        assert record.session.exec(select(func.count()).select_from(Entry)).one() == 1
        with pytest.raises(NotYours):
            entry.find(record, private)
        assert entry.find(record, shared).words == "for Cora"


def test_nothing_is_read_unopened(stage: Stage) -> None:
    with stage.house.database.session() as session, pytest.raises(Unopened):
        session.exec(select(Entry)).all()
