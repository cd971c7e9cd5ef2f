import random
import re

import pytest
import segno

from app.lib.chart import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Trend, picture, sparkline, strokes, trend_words
from app.lib.qr import qr_path

Values = list[float | None]


def lines(path: str) -> list[list[tuple[float, float]]]:
    """The points of every stroke, and proof that the path is nothing but M and L."""
    assert re.fullmatch(r"(M[\d.]+ [\d.]+( L[\d.]+ [\d.]+)+ ?)*", path), path
    strokes = [stroke for stroke in path.split("M") if stroke]
    return [[(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", stroke)] for stroke in strokes]


# --- sparkline


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([], ""),
        ([None, None], ""),
        ([1, 5], "M2.0 24.0 L68.0 2.0"),
        ([5, 3, 1], "M2.0 2.0 L35.0 13.0 L68.0 24.0"),
        ([3, 3, None, 1, 5], "M2.0 13.0 L18.5 13.0 M51.5 24.0 L68.0 2.0"),
        ([None, 3, None], "M34.0 13.0 L36.0 13.0"),
        ([5], "M1.0 2.0 L3.0 2.0"),
        ([None, None, 1], "M67.0 24.0 L69.0 24.0"),
        ([0, 9], "M2.0 24.0 L68.0 2.0"),
        ([2.5, 2.5], "M2.0 15.8 L68.0 15.8"),
    ],
)
def test_a_small_line_of_moods(values: Values, path: str) -> None:
    assert sparkline(values, 1, 5) == path


def test_another_size_and_another_scale() -> None:
    assert sparkline([0, 10], 0, 10, width=104, height=54) == "M2.0 52.0 L102.0 2.0"


@pytest.mark.parametrize(("low", "high"), [(5, 1), (3, 3)])
def test_a_scale_without_room_is_a_mistake(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="below"):
        sparkline([3], low, high)


def some_days(chance: random.Random) -> Values:
    days = chance.randrange(1, 40)
    return [None if chance.random() < 0.4 else chance.uniform(0, 6) for _ in range(days)]


def test_every_day_is_drawn_inside_the_picture_and_every_gap_is_a_gap() -> None:
    chance = random.Random(1)
    for _ in range(500):
        values = some_days(chance)
        strokes = lines(sparkline(values, 1, 5))
        runs = [run for run in "".join("·" if v is None else "x" for v in values).split("·") if run]
        assert [len(stroke) for stroke in strokes] == [max(len(run), 2) for run in runs]
        points = [point for stroke in strokes for point in stroke]
        assert all(1 <= x <= 69 and 2 <= y <= 24 for x, y in points)
        assert points == sorted(points, key=lambda point: point[0])
        assert all(stroke[0] != stroke[-1] for stroke in strokes)


def test_better_is_higher() -> None:
    heights = [y for _, y in lines(sparkline([1, 2, 3, 4, 5], 1, 5))[0]]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 5


# --- a picture of days


def test_only_days_that_follow_each_other_are_joined_and_every_day_has_its_dot() -> None:
    made = picture([1, 2, None, 4, None, None, 5], 1, 5)
    assert [len(stroke) for stroke in lines(made.path)] == [2]
    assert len(made.dots) == 4
    assert (made.dots[0], made.dots[-1]) == ((LEFT, 96.0), (WIDTH - RIGHT, TOP))


def test_what_is_taken_now_and_then_is_joined_across_the_days_between() -> None:
    made = picture([None, 3, None, None, 9, None, 0], 0, 10, joined=True)
    assert [len(stroke) for stroke in lines(made.path)] == [3]
    assert picture([None, 3, None], 0, 10, joined=True).path == ""


def test_a_day_without_anything_is_no_zero() -> None:
    assert picture([None] * 28, 0, 10).dots == []
    assert picture([0.0, None], 0, 10).dots == [(LEFT, 96.0)]


def test_what_happened_is_marked_on_its_day_and_nothing_outside_of_the_days() -> None:
    made = picture([None] * 28, 1, 5, sessions=[20, 3, 27, 28, -1], setbacks=[5])
    assert [mark.day for mark in made.sessions] == [3, 20, 27]
    assert [(mark.day, mark.x) for mark in made.setbacks] == [(5, 78.6)]
    assert [mark.day for mark in made.weeks] == [6, 13, 20, 27] and made.weeks[-1].x == WIDTH - RIGHT


def test_every_picture_stays_inside_of_itself() -> None:
    chance = random.Random(2)
    for _ in range(200):
        made = picture(some_days(chance), 1, 5, joined=chance.random() < 0.5)
        assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT for x, y in made.dots)
        assert [value for _, value in made.lines] == [5, 3, 1]


def test_a_picture_without_room_is_a_mistake_too() -> None:
    with pytest.raises(ValueError, match="below"):
        picture([3], 5, 5)


def test_the_strokes_are_the_points_of_the_small_line() -> None:
    assert strokes([1, 5, None, 3], 1, 5, 70, 26) == lines(sparkline([1, 5, None, 3], 1, 5))


# --- trend


@pytest.mark.parametrize(
    ("values", "trend"),
    [
        ([], "too little"),
        ([None] * 14, "too little"),
        ([1, 1, 5, 5, 5, 5, 5], "too little"),  # two days before
        ([1, 1, 1, 5, 5, 5, 5, 5], "up"),  # three
        ([5, 5, 5, 1, 1, 1, 1, 1], "down"),
        ([3] * 14, "steady"),
        ([3, 3, 3, 3, 3, 3, 3, 3, 4, 4], "steady"),  # 0.4
        ([3, 3, 3, 3, 3, 3.5, 3.5, 3.5, 3.5, 3.5], "up"),  # exactly 0.5
        ([1.8] * 5 + [2.3] * 5, "up"),  # 0.5, and in binary a hair less
        ([2.3] * 5 + [1.8] * 5, "down"),
        ([2.91] * 5 + [3.4] * 5, "steady"),
        ([1, 1, 1, 1] + [4] * 10, "steady"),  # what is older than ten days does not count
        ([1, None, 1, None, 1, None, 5, 5, None, 5, 5, None, 5, None], "up"),
        ([None, 1, None, 1, 5, 5, 5, 5, 5, None], "too little"),
    ],
)
def test_the_last_five_days_against_the_five_before(values: Values, trend: Trend) -> None:
    assert trend_words(values) == trend


def test_days_without_a_mood_change_nothing_and_upside_down_is_the_other_way() -> None:
    chance = random.Random(2)
    other = {"up": "down", "down": "up", "steady": "steady", "too little": "too little"}
    seen = set()
    for _ in range(2000):
        values: Values = [chance.choice([None, 1, 2, 3, 4, 5]) for _ in range(14)]
        trend = trend_words(values)
        assert trend == trend_words([value for value in values if value is not None])
        assert trend_words([None if value is None else 6 - value for value in values]) == other[trend]
        seen.add(trend)
    assert seen == set(other)


# --- QR codes

INVITE = "https://program.example.org/invites/" + "aZ09_-bY8" * 5
FINDER = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]


def modules(text: str) -> list[str]:
    """The code as rows of 0 and 1, painted from the path as a browser would."""
    size, path = qr_path(text)
    boxes = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path)
    assert path == "".join(f"M{x} {y}h{long}v1h-{back}z" for x, y, long, back in boxes)
    rows = [["0"] * size for _ in range(size)]
    for x, y, long, back in ([int(number) for number in box] for box in boxes):
        assert long == back
        assert rows[y][x : x + long] == ["0"] * long
        rows[y][x : x + long] = ["1"] * long
    return ["".join(row) for row in rows]


@pytest.mark.parametrize("text", ["a", INVITE, "ñ" * 40, "0" * 500, "💙"])
def test_the_path_paints_the_code_with_its_quiet_zone(text: str) -> None:
    code = segno.make(text, error="m", micro=False)
    assert modules(text) == ["".join(map(str, row)) for row in code.matrix_iter(border=4)]


@pytest.mark.parametrize("text", ["a", INVITE])
def test_a_camera_finds_its_three_corners_and_the_white_around(text: str) -> None:
    rows = modules(text)
    size = len(rows)
    assert (size - 8 - 17) % 4 == 0
    for across, down in [(4, 4), (size - 11, 4), (4, size - 11)]:
        assert [row[across : across + 7] for row in rows[down : down + 7]] == FINDER
    edges = rows[:4] + rows[-4:] + [row[:4] + row[-4:] for row in rows]
    assert set("".join(edges)) == {"0"}


def test_another_link_is_another_code_and_the_path_needs_no_style() -> None:
    size, path = qr_path(INVITE)
    assert (size, path) == qr_path(INVITE)
    assert path != qr_path(INVITE + "x")[1]
    assert size < 60
    assert set(path) <= set("Mhvz- 0123456789")
