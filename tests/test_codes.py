"""Four digits from a key, a session and the time: the same everywhere, another in five minutes, and evenly spread."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.models import codes

KEY, GROUP = bytes(range(32)), UUID("0197a000-0000-7000-8000-000000000001")
SIX = datetime(2026, 11, 18, 23, 0, tzinfo=UTC)


def test_it_is_reckoned_from_what_every_process_knows() -> None:
    assert codes.code(KEY, GROUP, SIX) == codes.code(KEY, GROUP, SIX + timedelta(seconds=299)) == "2204"
    assert codes.code(KEY, GROUP, SIX.astimezone()) == codes.code(KEY, GROUP, SIX)


def test_another_slot_another_session_and_another_key_have_another() -> None:
    found = [codes.code(KEY, GROUP, SIX + timedelta(minutes=5 * n)) for n in range(200)]
    found += [codes.code(KEY, uuid4(), SIX) for _ in range(200)] + [
        codes.code(os.urandom(32), GROUP, SIX) for _ in range(200)
    ]
    assert all(len(code) == 4 and code.isdecimal() for code in found)
    assert len(set(found)) > 540


@pytest.mark.parametrize(
    ("after", "holds"),
    [(-1, False), (0, True), (299, True), (300, True), (599, True), (600, False), (3600, False), (-300, False)],
)
def test_it_holds_for_its_slot_and_the_next(after: int, holds: bool) -> None:
    assert codes.holds(KEY, GROUP, codes.code(KEY, GROUP, SIX), SIX + timedelta(seconds=after)) is holds


@pytest.mark.parametrize("said", ["", "220", "22040", " 2204", "２２０４", "\ud800", "\0", "2204\n"])
def test_nothing_else_holds(said: str) -> None:
    assert codes.code(KEY, GROUP, SIX) == "2204"
    assert not codes.holds(KEY, GROUP, said, SIX)


def test_every_digit_comes_as_often() -> None:
    """Chi-squared of 10 digits in 8,000 places, 9 degrees of freedom: below 27.9 in 999 of 1,000 fair draws."""
    digits = Counter("".join(codes.code(KEY, GROUP, SIX + timedelta(minutes=5 * n)) for n in range(2000)))
    assert sum((digits[str(digit)] - 800) ** 2 / 800 for digit in range(10)) < 27.9


def test_a_name_tells_apart_and_tells_nothing() -> None:
    one, other = uuid4(), uuid4()
    assert codes.name(KEY, one) == codes.name(KEY, one) != codes.name(KEY, other)
    assert one.bytes not in codes.name(KEY, one)
    assert codes.name(os.urandom(32), one) != codes.name(KEY, one)
