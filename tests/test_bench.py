"""The bench: what stands for the floor does what it says, and nothing that is asked for is left out."""

import asyncio
import hashlib
import time
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as bench
from bench import floor, rates
from bench.floor import Floor

# Of the design's table.
ASKED = {
    "today_read_vs_floor", "journal_read_vs_floor", "checkin_write_vs_floor", "checkin_write_p99_over_p50",
    "today_growth_10x", "today_growth_100x", "caseload_growth_100x", "review_growth_100x", "cold_start_seconds",
    "idle_rss_mb", "workers_3_vs_1_sqlite", "workers_3_vs_1_postgresql",
    "today_first_load_bytes", "today_first_load_requests", "interaction_ms_6x_cpu",
    "bytes_per_entry_on_disk",
}  # fmt: skip


def test_every_figure_of_the_design_is_measured() -> None:
    assert {name for names, _ in bench.PARTS for name in names} >= ASKED


@pytest.fixture
def thin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Floor:
    monkeypatch.setattr(floor, "PEOPLE", 10)
    monkeypatch.setattr(floor, "EACH", 30)
    return Floor(floor.make(tmp_path))


def ask(thin: Floor, method: str = "GET", body: bytes = b"", cookie: str = f"floor={floor.SECRET}") -> bytes:
    sent: list[Any] = []
    scope = {"type": "http", "method": method, "path": "/today", "headers": [(b"cookie", cookie.encode())]}

    async def receive() -> dict[str, bytes]:
        return {"body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(thin(scope, receive, send))
    answer: bytes = sent[1]["body"]
    return answer


def test_the_floor_shows_the_newest_twenty_of_one_person(thin: Floor) -> None:
    page = ask(thin)
    assert page.count(b"<li ") == 20 and page.index(b"-7") > 0
    assert b'-8"' not in page
    assert 9_000 < len(page) < 13_000


def test_the_floor_looks_its_sign_in_up(thin: Floor) -> None:
    with pytest.raises(TypeError):
        ask(thin, cookie="floor=somebody-else")
    thin.database.execute("update sign_in set ends_at = ?", (time.time() - 1,))
    with pytest.raises(TypeError):
        ask(thin)
    assert thin.database.execute("select token_hash from sign_in").fetchone()[0] == (
        hashlib.sha256(floor.SECRET.encode()).digest()
    )


def test_the_floor_keeps_durably_and_once(thin: Floor) -> None:
    assert thin.database.execute("pragma synchronous").fetchone() == (2,)
    assert thin.database.execute("pragma journal_mode").fetchone() == ("wal",)
    before = thin.database.execute("select count(*) from entry").fetchone()[0]
    body = b"id=one&mood=4&words=A+quiet+evening."
    assert b"A quiet evening." in ask(thin, "POST", body) and ask(thin, "POST", body)
    assert thin.database.execute("select count(*) from entry").fetchone()[0] == before + 1


def test_a_check_in_has_an_id_of_its_own_each_time() -> None:
    made = rates.writes("/check-ins", "localhost", "one=two")
    assert made() != made()
    head, _, body = made().partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head


def test_the_spread_of_waiting() -> None:
    assert rates._spread([1.0] * 98 + [10.0] * 2) == 10
