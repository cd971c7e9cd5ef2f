"""The week of a program with 300 participants and 60 sessions a week, against one in which nothing is planned yet."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import event

from app import demo, main
from app.access import House, opened
from app.database import new_id
from app.lib.passwords import hash_passphrase
from app.lib.vault import name_hash
from app.models import invites, series
from app.models.invites import Plan
from app.models.series import SeriesForm
from tests import matrix

PARTICIPANTS, SERIES, WEEKDAYS = 300, 12, [0, 1, 2, 3, 4]
TIMES = 15
PAGES = {"week_view": ("pat", "/schedule"), "my_week": ("ana", "/sessions")}


def figures(house: House) -> Iterator[tuple[str, float, str, int]]:
    """(name, value, unit, n) of the office's week and of a participant's. `house`: one that is still empty."""
    cast = demo.make_cast(house, house.clock())
    ask = {name: asked(house, *page) for name, page in PAGES.items()}
    bare = {name: measured(house, one) for name, one in ask.items()}
    fill(house, cast, 1, 1)
    few = {name: measured(house, one)[1] for name, one in ask.items()}
    fill(house, cast, PARTICIPANTS - 3, SERIES - 1)
    for name, one in ask.items():
        seconds, queries = measured(house, one)
        yield f"{name}_queries", queries, "queries", 1
        yield f"{name}_queries_grown", queries - few[name], "queries", 1
        yield f"{name}_ms", round(seconds * 1000, 1), "ms", TIMES
        yield f"{name}_ratio", round(seconds / bare[name][0], 2), "", TIMES


def asked(house: House, who: str, path: str) -> Callable[[], Any]:
    """Somebody's page, over the application in this process."""
    browser = matrix.browser(main.serve(house), who)

    def look() -> Any:
        answer = browser.get(path)
        assert answer.status_code == 200
        return answer

    return look


def measured(house: House, look: Callable[[], Any]) -> tuple[float, int]:
    """Seconds that a page takes (the median), and how many statements it sends."""
    look()
    sent: list[str] = []
    event.listen(house.database.engine, "before_cursor_execute", noted := lambda *said: sent.append(said[2]))
    look()
    event.remove(house.database.engine, "before_cursor_execute", noted)
    return median(_seconds(look) for _ in range(TIMES)), len(sent)


def _seconds(look: Callable[[], Any]) -> float:
    began = time.perf_counter()
    look()
    return time.perf_counter() - began


def fill(house: House, cast: demo.Cast, participants: int, planned: int) -> None:
    """More participants, and more series of five sessions a week, for whoever is in phase 1 or 2."""
    hashed, names = hash_passphrase(demo.PASSPHRASE), invites.names_key(house.master)
    with opened(house, cast.harbor, "keeper", cast.pat) as record:
        for _ in range(participants):
            plan = Plan("participant", "Somebody", f"{new_id()}", coach=cast.cora)
            invites.admit(record, plan, hashed, name_hash(names, plan.sign_in_name))
        for number in range(planned):
            series.begin(record, _form(record.today - timedelta(weeks=40), cast.cora, number))


def _form(since: Any, leader: UUID, number: int) -> SeriesForm:
    return SeriesForm(
        id=new_id(), kind="group", title=f"Group {number}", starts_on=since, at=f"{8 + number:02}:00", minutes=50,
        weekdays=WEEKDAYS, place=f"Room {number}", facilitator=leader, phases=[1, 2],
    )  # fmt: skip
