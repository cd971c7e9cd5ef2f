"""Who covers for whom in the demo data: Cora takes a few days off, and Dov has her people then."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.models import covers
from app.models.covers import CoverForm
from app.record import Record

FIRST, LAST = timedelta(days=8), timedelta(days=12)


def stand_in(house: House, cast: Any, now: datetime) -> None:
    """Said in time, as one hopes. The keeper has the records of all open."""
    with opened(house, cast.harbor, "keeper", cast.cora, at=now) as record:
        form = CoverForm(id=new_id(), cover=cast.dov, first_on=record.today + FIRST, last_on=record.today + LAST)
        covers.begun(record, Posted(kept=form), partial(_all, record))


def _all(record: Record, persons: Collection[UUID]) -> list[Record]:
    return [record] * len(persons)
