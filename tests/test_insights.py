import ast
import random
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.models import insights
from app.models.insights import Square, Sure, Tried, Urge, Window, tools, trigger_maps, urge_map, windows, works
from bench.insights import (
    HERE,
    NOISE,
    SKILLS,
    Gain,
    Risk,
    anybody,
    calls,
    false_alarms,
    first_right,
    is_right,
    milliseconds,
    person,
    power,
)

MONDAY = datetime(2026, 1, 5)
FRIDAY, SUNDAY = 4, 6
SHELF = {"walk": (2.0, 10.0), "breathe": (1.0, 10.0), "call": (0.0, 0.0)}


def log(skill: str, before: int, after: int, day: int = 0, trigger: str | None = None) -> Tried:
    return Tried(skill, trigger, before, after, MONDAY + timedelta(days=day))


def logs(skill: str, *pairs: tuple[int, int], trigger: str | None = None) -> list[Tried]:
    """One a day."""
    return [log(skill, before, after, day, trigger) for day, (before, after) in enumerate(pairs)]


def changes(tried: Iterable[Tried], *args: object) -> dict[str, float]:
    return {one.skill: one.change for one in works(tried, *args)}  # type: ignore[arg-type]


def some_logs(chance: random.Random, count: int) -> list[Tried]:
    triggers = ("stress", "bored", None)
    return [
        log(chance.choice(SKILLS), chance.randint(0, 10), chance.randint(0, 10), day, chance.choice(triggers))
        for day in range(count)
    ]


def test_insights_are_pure() -> None:
    tree = ast.parse(Path(insights.__file__).read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {str(name).split(".")[0] for name in names} <= sys.stdlib_module_names


# --- what works: words and places


def test_nine_times_usually_from_seven_to_three() -> None:
    nine = logs("walk", (7, 3), (8, 3), (7, 2), (6, 3), (7, 4), (9, 5), (7, 3), (5, 1), (7, 3))
    [one] = works(nine)
    assert (one.n, one.before, one.after, one.sure, one.rank) == (9, 7, 3, Sure.SURE, 1)
    assert one.low is not None and one.high is not None
    assert one.low < 4 < one.high


def test_a_median_is_a_rating_that_was_given() -> None:
    [one] = works(logs("walk", (7, 3), (8, 3), (9, 4), (10, 6)))
    assert (one.before, one.after) == (8, 3)


TWELVE = [(7, 3), (8, 4)] * 6
SAID = {
    "nothing": ([], Sure.UNTRIED),
    "one, from ten to none": ([(10, 0)], Sure.FEW),
    "two": ([(9, 1)] * 2, Sure.FEW),
    "only from nothing": ([(0, 0)] * 9, Sure.UNTRIED),
    "three, each four lower": ([(8, 4)] * 3, Sure.LIKELY),
    "three, each one lower": ([(5, 4)] * 3, Sure.UNCLEAR),
    "seven, each four lower": ([(8, 4)] * 7, Sure.LIKELY),
    "eight, each four lower": ([(8, 4)] * 8, Sure.SURE),
    "eight, each one lower": ([(5, 4)] * 8, Sure.LIKELY),
    "now lower, now higher": ([(5, 1), (5, 9)] * 6, Sure.UNCLEAR),
    "as it was": ([(5, 5)] * 12, Sure.UNCLEAR),
    "each three higher": ([(5, 8)] * 6, Sure.HIGHER),
    "twelve": (TWELVE, Sure.SURE),
}


@pytest.mark.parametrize("case", SAID)
def test_how_sure(case: str) -> None:
    pairs, sure = SAID[case]
    [one] = works(logs("walk", *pairs), {"walk": (0.0, 0.0)})
    assert one.sure == sure
    assert (one.rank is not None) is (len(pairs) >= 3 and sure != Sure.UNTRIED)
    assert (one.low is None) is (one.rank is None)


def test_eight_times_in_one_afternoon_are_not_sure() -> None:
    [one] = works([log("walk", 8, 4, day=n // 4) for n in range(8)])
    assert one.sure == Sure.LIKELY
    [one] = works([log("walk", 8, 4, day=n // 2) for n in range(8)])
    assert one.sure == Sure.SURE


def test_one_log_is_never_a_place() -> None:
    tried = [*logs("breathe", (7, 6), (7, 6), (7, 6)), log("walk", 10, 0), *logs("call", (10, 0), (10, 0))]
    found = works(tried, SHELF)
    assert [(one.skill, one.n, one.rank) for one in found] == [("breathe", 3, 1), ("call", 2, None), ("walk", 1, None)]


def test_what_was_not_tried_is_in_the_librarys_order_and_ones_own_by_name() -> None:
    assert [one.skill for one in works([], SHELF)] == ["walk", "breathe", "call"]
    tried = [log("zither", 5, 4), log("baking", 5, 4), *logs("call", (8, 5), (8, 5), (8, 5))]
    assert [one.skill for one in works(tried, SHELF)] == ["call", "baking", "zither", "walk", "breathe"]


def test_nothing_is_nothing() -> None:
    assert works([]) == tools([]) == []
    assert works([], {}) == works([], None, "stress") == []


def test_all_the_same_is_all_the_same() -> None:
    tried = [log(skill, 6, 4, day) for skill in reversed(SKILLS) for day in range(4)]
    found = works(tried, HERE)
    assert [one.skill for one in found] == list(SKILLS)
    assert len({one.change for one in found}) == 1


# --- what works: the arithmetic


EXPECTED = {
    # (12 + 4 × 4) / 7
    "alone, one's own mean": (logs("walk", (8, 4), (8, 4), (8, 4)), None, {"walk": 4.0}),
    # the person: (12 + 4 × 1.5) / 7; a skill's own difference: ±0.5 × 10 / 14
    "the library's": ([], SHELF, {"walk": 1.5 + 5 / 14, "breathe": 1.5 - 5 / 14, "call": 1.5}),
    "nothing known": ([], {"call": (0.0, 0.0)}, {"call": 0.0}),
    "pulled to both": (
        logs("call", (8, 4), (8, 4), (8, 4)),
        SHELF,
        {"walk": 18 / 7 + 5 / 14, "breathe": 18 / 7 - 5 / 14, "call": (12 + 4 * 18 / 7) / 7},
    ),
    # Mean change 2; a start of 8 is 2 over the usual 6, half a point each: (3 × 3 + 4 × 2) / 7 and (3 × 1 + 4 × 2) / 7.
    "a higher start takes off more": (
        logs("walk", (8, 4), (8, 4), (8, 4)) + logs("call", (4, 4), (4, 4), (4, 4)),
        None,
        {"walk": 17 / 7, "call": 11 / 7},
    ),
}


def test_a_skill_of_ones_own_that_was_used_in_calm_only_is_on_the_list() -> None:
    assert [(one.skill, one.n, one.rank) for one in works(logs("knit", *[(0, 0)] * 5))] == [("knit", 0, None)]
    assert tools(logs("knit", *[(0, 0)] * 5), SHELF) == [*SHELF, "knit"]


@pytest.mark.parametrize("case", EXPECTED)
def test_the_change_to_expect(case: str) -> None:
    tried, library, expected = EXPECTED[case]
    assert changes(tried, library) == pytest.approx(expected)


def test_logs_that_start_at_nothing_change_nothing() -> None:
    tried = some_logs(random.Random(10), 30)
    assert changes([*tried, *logs("walk", *[(0, 0)] * 9)], HERE) == changes(tried, HERE)


def test_a_skill_is_not_measured_by_a_yardstick_of_its_own() -> None:
    """Its slope is of the other skills: half a point to a point, until they say otherwise; and never beyond 0 to 1."""
    steep = {"walk": logs("walk", *[(9, 0), (3, 3)] * 20), "call": logs("call", *[(6, 3)] * 9)}
    assert insights._slopes(steep) == {"walk": 0.5, "call": 1.0}
    back = {"walk": logs("walk", *[(9, 9), (3, 0)] * 20), "call": logs("call", *[(6, 3)] * 9)}
    assert insights._slopes(back) == {"walk": 0.5, "call": 0.0}
    some = {"walk": logs("walk", *[(9, 7), (3, 3)] * 20), "call": logs("call", *[(6, 3)] * 9)}
    # 40 starts 3 away from their mean, changes 1 away: (120 + 0.5 × 80) / (360 + 80).
    assert insights._slopes(some) == {"walk": 0.5, "call": 160 / 440}


def test_with_a_trigger_it_leans_on_all_logs_and_on_how_hard_the_trigger_is() -> None:
    tried = logs("walk", *[(6, 4)] * 4) + logs("walk", *[(6, 2)] * 4, trigger="stress") + logs("call", *[(6, 3)] * 4)
    found = {one.skill: one for one in works(tried, None, "stress")}
    # Stress is 4 × 1 / 8 easier, the rest 4 × 1 / 12 harder; walk is (4 × 2⅓ + 4 × 3½
    # + 4 × 3) / 12, call (4 × 3⅓ + 4 × 3) / 8.
    assert changes(tried) == pytest.approx({"walk": 53 / 18, "call": 19 / 6})
    assert changes(tried, None, "stress") == pytest.approx({"walk": (3.5 + 53 / 18) / 2 + 0.5, "call": 19 / 6 + 0.5})
    assert (found["walk"].n, found["walk"].rank, found["walk"].after) == (4, 1, 2)
    assert (found["call"].n, found["call"].rank, found["call"].sure) == (0, None, Sure.UNTRIED)


def test_a_trigger_never_met_is_like_all() -> None:
    tried = some_logs(random.Random(1), 60)
    assert changes(tried, HERE, "payday") == changes(tried, HERE)


def test_a_hard_trigger_is_not_held_against_the_skills_used_with_it() -> None:
    hard = logs("walk", *[(8, 7)] * 6, trigger="row") + logs("breathe", *[(8, 8)] * 6, trigger="row")
    easy = logs("walk", *[(8, 3)] * 6) + logs("breathe", *[(8, 4)] * 6) + logs("call", *[(8, 4)] * 3)
    assert [one.skill for one in works(hard + easy)] == ["walk", "call", "breathe"]
    assert tools(hard + easy, None, "row")[0] == "walk"


# --- what works: what must hold for all logs


def test_the_order_of_the_rows_is_nothing() -> None:
    chance = random.Random(2)
    for _ in range(40):
        tried = some_logs(chance, chance.randrange(60))
        mixed = chance.sample(tried, len(tried))
        for trigger in (None, "stress"):
            assert works(mixed, SHELF, trigger) == works(tried, SHELF, trigger)
            assert tools(mixed, SHELF, trigger) == tools(tried, SHELF, trigger)


def test_a_better_result_never_lowers_its_skill() -> None:
    chance = random.Random(3)
    for _ in range(150):
        tried = some_logs(chance, chance.randrange(1, 40))
        n = chance.randrange(len(tried))
        better = tried[n]._replace(after=chance.randint(0, tried[n].after))
        for trigger in (None, "stress"):
            now, then = (changes(some, SHELF, trigger) for some in ([*tried[:n], better, *tried[n + 1 :]], tried))
            assert now[better.skill] >= then[better.skill] - 1e-9


def test_another_log_at_the_usual_start_that_is_better_than_any_never_lowers_its_skill() -> None:
    chance = random.Random(4)
    for _ in range(150):
        tried = [one._replace(before=6, after=chance.randint(1, 6)) for one in some_logs(chance, 30)]
        more = log(chance.choice(SKILLS), 6, 0)
        assert changes([*tried, more])[more.skill] >= changes(tried).get(more.skill, 0)


def test_every_skill_is_there_once_and_ranks_have_no_gap() -> None:
    chance = random.Random(5)
    for _ in range(100):
        tried = some_logs(chance, chance.randrange(40))
        for trigger in (None, "stress"):
            found = works(tried, HERE, trigger)
            ranked = [one for one in found if one.rank]
            assert sorted(one.skill for one in found) == sorted(SKILLS) == sorted(tools(tried, HERE, trigger))
            assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
            assert found[: len(ranked)] == ranked
            assert all((one.n >= 3) is (one.rank is not None) for one in found)


# --- what works: known truth


@pytest.mark.parametrize(
    ("gain", "least"),
    [
        (Gain(3), 0.95),
        (Gain(1.5), 0.7),
        (Gain(1.5, higher=-2), 0.7),
        (Gain(1.5, higher=2), 0.7),
        (Gain(2, logs=1000), 0.99),
    ],
    ids=str,
)
def test_the_right_skill_comes_first(gain: Gain, least: float) -> None:
    assert first_right(gain, 200 if gain.logs < 100 else 20)[0] >= least


@pytest.mark.parametrize("higher", [-2, 0, 2])
def test_a_skill_is_not_better_for_being_used_when_it_is_worse(higher: float) -> None:
    """Of five that do the same, one comes first a fifth of the time, at whatever starts it is used."""
    assert first_right(Gain(0, higher), 400)[0] == pytest.approx(0.2, abs=0.08)


def test_sure_of_what_does_nothing_is_rare() -> None:
    chance = random.Random(6)
    said: Counter[Sure] = Counter()
    for _ in range(1000):
        starts = [chance.randint(3, 7) for _ in range(chance.randint(3, 12))]
        [one] = works(logs("walk", *[(start, start + chance.randint(-3, 3)) for start in starts]))
        said[one.sure] += 1
    assert said[Sure.SURE] <= 10
    assert said[Sure.LIKELY] + said[Sure.SURE] <= 70
    assert said[Sure.HIGHER] <= 70


# --- the screen of an urge


def test_the_third_place_is_for_what_was_hardly_tried_in_turn() -> None:
    tried = [one for n, skill in enumerate(("walk", "call", "music")) for one in logs(skill, *[(8, 3 + n)] * 4)]
    assert tools(tried, HERE) == ["walk", "call", "breathe", "music", "write"]
    assert tools([*tried, log("walk", 8, 3)], HERE) == ["walk", "call", "write", "music", "breathe"]
    assert tools([*tried, *logs("write", (8, 9), (8, 9))], HERE)[2] in ("breathe", "write")


def test_without_anything_that_helped_it_is_the_librarys_order() -> None:
    assert tools([], SHELF) == list(SHELF)
    assert tools([log("call", 9, 0)], SHELF) == list(SHELF)
    assert tools(logs("walk", *[(5, 8)] * 5), SHELF) == ["breathe", "call", "walk"]


def test_what_is_followed_by_more_comes_last() -> None:
    tried = logs("walk", *[(5, 8)] * 8) + logs("breathe", *[(7, 3)] * 8)
    assert tools(tried, HERE) == ["breathe", "music", "call", "write", "walk"]


def test_the_best_for_this_trigger_comes_first() -> None:
    tried = logs("walk", *[(7, 3)] * 6) + logs("call", *[(7, 5)] * 6)
    tried += logs("walk", *[(7, 7)] * 6, trigger="row") + logs("call", *[(7, 2)] * 6, trigger="row")
    assert tools(tried, HERE, "row")[0] == "call"
    assert tools(tried, HERE, "stress")[0] == tools(tried, HERE)[0]


# --- when urges come


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def test_a_map_has_24_rows_of_7() -> None:
    assert urge_map([]) == [[Square()] * 7] * 24
    some = [Urge(at(0, 0), 4), Urge(at(7, 0, 59), 7), Urge(at(6, 23, 59), 0), Urge(at(4, 17), 9)]
    told = {
        (hour, day): square for hour, row in enumerate(urge_map(some)) for day, square in enumerate(row) if square.n
    }
    assert told == {(0, 0): Square(2, 5.5), (23, 6): Square(1, 0.0), (17, 4): Square(1, 9.0)}


def test_an_hour_that_comes_twice_is_one_hour() -> None:
    """Clocks in New York went back on Sunday 1 November 2026 at two."""
    twice = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC).astimezone(ZoneInfo("America/New_York")) for hour in (5, 6)]
    assert urge_map(Urge(moment, 8) for moment in twice)[1][SUNDAY] == Square(2, 8.0)
    assert len(insights._slots(twice)) == 1


def test_maps_by_trigger_are_the_whole_map_in_parts() -> None:
    chance = random.Random(7)
    some = [Urge(at(chance.randrange(70), 9), 5, chance.choice(("row", "row", "pay", None))) for _ in range(99)]
    maps = trigger_maps(some)
    assert list(maps) == ["row", "pay", None]
    whole, parts = urge_map(some)[9], [part[9] for part in maps.values()]
    assert [square.n for square in whole] == [sum(row[day].n for row in parts) for day in range(7)]
    assert trigger_maps([]) == {}


# --- risky windows: one by one


def evenly(weeks: int) -> list[datetime]:
    """Something logged every day, each time at another of the waking hours."""
    return [at(day, 7 + day * 5 % 16, 40) for day in range(7 * weeks)]


def strong(*when: tuple[int, int, int]) -> list[Urge]:
    return [Urge(at(*moment), 8) for moment in when]


SCATTERED = strong((1, 9, 0), (10, 13, 0), (20, 20, 0), (29, 8, 0), (41, 16, 0))
FRIDAYS = strong(*[(4 + 7 * week, 17 + week % 3, 10) for week in range(6)])


def test_fridays_6_of_your_11_strong_urges() -> None:
    [window] = windows(FRIDAYS + SCATTERED, evenly(8))
    assert window == Window(FRIDAY, 17, 20, 6, 11, 6, window.usual)
    assert 0 < window.usual < 1


@pytest.mark.parametrize(
    "urges",
    [
        [],
        FRIDAYS[:5],
        FRIDAYS[:5] + SCATTERED,
        [one._replace(rating=6) for one in FRIDAYS] + SCATTERED,
        strong(*[(4 + 7 * (n % 2), 17 + n // 4, 30 * (n // 2 % 2)) for n in range(12)]),
        strong(*[(4 + 7 * week, 17, minute) for week in range(3) for minute in (5, 10)]) + SCATTERED,
        strong(*[(4, hour, minute) for hour in (17, 18, 19) for minute in range(0, 60, 5)]),
        strong(*[(4 + 7 * week, 17, minute) for week in (0, 1) for minute in range(0, 60, 5)]) + SCATTERED,
    ],
    ids=["none", "five", "five of ten", "weak ones", "two weeks", "minutes apart", "one bad evening", "two bursts"],
)
def test_of_too_little_nothing_is_said(urges: list[Urge]) -> None:
    assert windows(urges, evenly(8)) == []


def test_who_logs_nothing_else_is_told_nothing() -> None:
    """They may have their phone in hand at these hours only."""
    assert windows(FRIDAYS + SCATTERED, []) == []
    # While there are too few urges for a window, nobody asks what else was logged.
    assert windows(FRIDAYS[: insights.INSIDE - 1], iter(lambda: pytest.fail("asked"), None)) == []
    assert windows(FRIDAYS + SCATTERED, [one.at for one in FRIDAYS + SCATTERED]) == []


@pytest.mark.parametrize(("weekday", "start"), [(FRIDAY, 22), (SUNDAY, 22), (SUNDAY, 23), (FRIDAY, 21)])
def test_a_window_across_midnight_is_of_the_day_on_which_it_opens(weekday: int, start: int) -> None:
    urges = strong(*[(weekday + 7 * week, start + n, 20) for week in range(8) for n in range(4)])
    [window] = windows(urges + SCATTERED, evenly(9))
    assert (window.weekday, window.start, window.end) == (weekday, start, (start + 4) % 24)
    assert (window.inside, window.strong, window.weeks) == (32, 37, 8)


def test_evenings_are_evenings_and_not_seven_windows() -> None:
    urges = strong(*[(day, 20 + day % 3, 15) for day in range(28)])
    [window] = windows(urges + SCATTERED, evenly(8))
    assert (window.weekday, window.start, window.end, window.inside) == (None, 20, 23, 29)


def test_two_evenings_are_not_all_evenings() -> None:
    both = [day for day in range(84) if day % 7 in (2, 5)]
    urges = strong(*[(day, 20 + n, 15) for day in both for n in range(2)])
    found = windows(urges + SCATTERED, evenly(12))
    assert {window.weekday for window in found} == {2, 5}
    assert all((window.start, window.inside) == (20, 24) for window in found)


def test_who_only_logs_in_the_evening_has_no_risky_evenings() -> None:
    urges = strong(*[(day, 20 + day % 3, 15) for day in range(28)])
    assert windows(urges, [at(day, 19 + day % 4, 45) for day in range(56)]) == []


def test_who_only_logs_on_fridays_has_no_risky_fridays() -> None:
    fridays = [4 + 7 * week for week in range(12)]
    urges = strong(*[(day, 16 + n, 5) for day in fridays for n in range(4)])
    assert windows(urges, [at(day, hour, 30) for day in fridays for hour in (16, 17, 18, 19)]) == []


def test_at_most_three_that_do_not_overlap_the_clearest_first() -> None:
    busy = {0: 12, 1: 11, 2: 10, 3: 9}
    urges = [
        urge for day, weeks in busy.items() for week in range(weeks)
        for urge in strong(*[(day + 7 * week, 8 + 4 * day + n, 15) for n in range(2)])
    ]  # fmt: skip
    found = windows(urges, evenly(12))
    assert [(window.weekday, window.start) for window in found] == [(0, 8), (1, 12), (2, 16)]


def test_the_second_window_is_weighed_against_the_hours_that_are_left() -> None:
    urges = strong(*[(day, 20 + day % 2, 15) for day in range(84)], *[(4 + 7 * week, 9, 15) for week in range(12)])
    evenings, mornings = windows(urges, [at(day, hour, 40) for day in range(84) for hour in range(7, 23)])
    assert (evenings.weekday, evenings.start, evenings.inside) == (None, 20, 84)
    assert (mornings.weekday, mornings.inside, mornings.strong) == (FRIDAY, 12, 96)
    assert mornings.usual == pytest.approx(12 * 2 / (112 - 14))


# --- risky windows: what must hold for all


def test_neither_order_nor_weak_urges_nor_their_own_logs_change_a_window() -> None:
    chance = random.Random(8)
    for _ in range(10):
        urges, logged = person(chance, NOISE["waking"], 8, 2, 2, Risk(10))
        mine = {one.at for one in urges}
        others = [moment for moment in logged if moment not in mine]
        told = windows(urges, logged)
        assert told
        assert windows(chance.sample(urges, len(urges)), chance.sample(logged, len(logged))) == told
        assert windows(urges, others) == told
        assert windows([one for one in urges if one.rating >= 7], others) == told


def test_a_window_counts_what_is_in_it() -> None:
    chance = random.Random(9)
    seen: Counter[bool] = Counter()
    for risk in (Risk(10), Risk(4, None, 19), Risk(12, 6, 20, 4)) * 8:
        urges, logged = person(chance, NOISE["waking"], 8, 2, 2, risk)
        hard = [one.at for one in urges if one.rating >= 7]
        squares: set[tuple[int, int]] = set()
        for window in windows(urges, logged):
            hours = [window.start + n for n in range((window.end - window.start) % 24)]
            days = range(7) if window.weekday is None else [window.weekday]
            mine = {((day + hour // 24) % 7, hour % 24) for day in days for hour in hours}
            assert not mine & squares
            squares |= mine
            assert (window.inside, window.strong) == (
                sum((moment.weekday(), moment.hour) in mine for moment in hard),
                len(hard),
            )
            assert 2 <= len(hours) <= 4
            assert window.inside >= 6 and 3 <= window.weeks <= 9
            assert window.usual < window.inside
            seen[window.weekday is None] += 1
    assert seen[True] >= 5
    assert seen[False] >= 12


def test_later_years_do_not_move_a_window() -> None:
    """Whole weeks later, over the ends of years, it is the same window."""
    for weeks in (1, 51, 52, 53, 520):
        later = timedelta(weeks=weeks)
        moved = windows(
            [one._replace(at=one.at + later) for one in FRIDAYS + SCATTERED], [one + later for one in evenly(8)]
        )
        assert moved == windows(FRIDAYS + SCATTERED, evenly(8))


# --- risky windows: known truth


def test_noise_makes_no_windows() -> None:
    """1,200 people of 12 kinds, none with a window, 4 to 16 weeks each: at most one of twenty is told of one."""
    each = {name: false_alarms(life, 100, f"test {name}") for name, life in NOISE.items()}
    assert sum(each.values()) / len(each) <= 0.035, each
    assert max(each.values()) <= 0.11, each


@pytest.mark.parametrize(
    ("risk", "strong_a_day", "least"),
    [
        (Risk(6), 3, 0.82),
        (Risk(8), 2, 0.82),
        (Risk(12), 1, 0.9),
        (Risk(10, 1, 9), 2, 0.85),
        (Risk(8, 6, 19, 4), 2, 0.85),
        (Risk(5, None, 20), 2, 0.85),
    ],
    ids=str,
)
def test_the_right_window_is_found(risk: Risk, strong_a_day: float, least: float) -> None:
    assert power(risk, 120, strong=strong_a_day) >= least


def test_more_of_it_is_found_more_often() -> None:
    weak, middle, clear = (power(Risk(times), 100) for times in (2, 4, 10))
    assert weak < 0.2 < middle < 0.6 < 0.9 < clear


def test_right_is_the_weekday_and_all_but_an_hour() -> None:
    def told(weekday: int | None, start: int, end: int) -> bool:
        return is_right(Window(weekday, start, end, 9, 20, 5, 1.0), Risk(6))

    assert told(4, 17, 20) and told(4, 16, 19) and told(4, 18, 22)
    assert not told(3, 17, 20) and not told(4, 14, 18) and not told(None, 17, 20)


def test_made_people_are_the_same_each_time() -> None:
    once, again = (anybody(random.Random("twice"), NOISE["three in an hour"]) for _ in range(2))
    assert once == again


# --- time


def test_work_does_not_grow_faster_than_the_rows() -> None:
    """What is called, counted: the same on every machine, however busy."""
    assert calls(30_000) <= 10 * calls(3_000)


def test_time_does_not_grow_faster_than_the_rows() -> None:
    """In turn, and the least of five: what others do on this machine only ever adds, most to what fills its caches."""
    taken = [(milliseconds(30_000), milliseconds(3_000)) for _ in range(5)]
    many, few = (min(each) for each in zip(*taken, strict=True))
    assert many / few <= 12
