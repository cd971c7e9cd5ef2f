"""The pictures for home screens, rendered into app/static/icons/ by `make icons`. All of it is drawn here.

A drawing is layers on a grid of 64 × 64, the lowest first: a colour, and the shapes that are filled with it.
"""

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise, product
from math import hypot
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent.parent / "app" / "static" / "icons"
GRID = 64
# Whatever shape a phone cuts out of a maskable icon, a circle of 80 % of it stays: the drawing has to fit in there.
SAFE = 0.8
# As many at an edge look smooth, and keep the files small.
SHADES = 16

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A straight line with round ends; a disc, when it ends where it starts."""

    start: Point
    end: Point
    width: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        (x1, y1), (x2, y2), reach = self.start, self.end, self.width / 2
        return min(x1, x2) - reach, min(y1, y2) - reach, max(x1, x2) + reach, max(y1, y2) + reach

    def outside(self, x: float, y: float) -> float:
        """How far a point is from the edge; less than 0 within."""
        (x1, y1), (x2, y2) = self.start, self.end
        dx, dy = x2 - x1, y2 - y1
        along = ((x - x1) * dx + (y - y1) * dy) / ((dx * dx + dy * dy) or 1)
        along = min(max(along, 0), 1)
        return hypot(x - x1 - along * dx, y - y1 - along * dy) - self.width / 2


@dataclass(frozen=True)
class Box:
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    corner: float = 0

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return self.x, self.y, self.x + self.width, self.y + self.height

    def outside(self, x: float, y: float) -> float:
        """How far a point is from the edge; less than 0 within."""
        dx = abs(x - self.x - self.width / 2) - self.width / 2 + self.corner
        dy = abs(y - self.y - self.height / 2) - self.height / 2 + self.corner
        return hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - self.corner


Shape = Line | Box
Drawing = list[tuple[str, list[Shape]]]


def lines(width: float, *points: Point) -> list[Shape]:
    """From point to point."""
    return [Line(start, end, width) for start, end in pairwise(points)]


def curve(width: float, a: Point, b: Point, c: Point, d: Point, steps: int = 24) -> list[Shape]:
    """From a to d, drawn towards b and c (a cubic Bézier curve)."""

    def at(t: float) -> Point:
        weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        x, y = (sum(w * point[i] for w, point in zip(weights, (a, b, c, d), strict=True)) for i in (0, 1))
        return x, y

    return lines(width, *(at(step / steps) for step in range(steps + 1)))


def disc(x: float, y: float, width: float) -> Shape:
    return Line((x, y), (x, y), width)


# --- what is drawn

RIVER, WATER, FOAM, PLANK, SLATE, SHEET, RULE, RIBBON = (
    "#00626a", "#4fa6a9", "#f9fdfd", "#e3bd8b", "#4d6378", "#fbf8f1", "#b9c3cc", "#c96f4a",
)  # fmt: skip

BRIDGE: Drawing = [
    (WATER, [*curve(3, (14, 53), (20, 48), (26, 58), (32, 53)), *curve(3, (32, 53), (38, 48), (44, 58), (50, 53))]),
    (FOAM, [
        *curve(3.6, (9, 29), (18, 11), (46, 11), (55, 29)),
        *lines(3.6, (9, 29), (9, 40)), *lines(3.6, (55, 29), (55, 40)), *lines(3.6, (32, 16), (32, 28)),
        *lines(3.6, (20.5, 20), (20.5, 30)), *lines(3.6, (43.5, 20), (43.5, 30)),
    ]),
    (PLANK, curve(5, (9, 41), (18, 23), (46, 23), (55, 41))),
]  # fmt: skip

PAGE: Drawing = [
    (SHEET, [Box(16, 11, 32, 42, 4)]),
    (RULE, [*lines(3, (23, 30), (41, 30)), *lines(3, (23, 37), (41, 37)), *lines(3, (23, 44), (34, 44))]),
    (RIBBON, [Box(35, 11, 7, 12)]),
]

MOOD: Drawing = [(FOAM, [
    disc(24.5, 27, 5), disc(39.5, 27, 5), *curve(4.5, (21, 37), (25, 46), (39, 46), (43, 37)),
])]  # fmt: skip
JOURNAL: Drawing = [(FOAM, [
    *lines(4.5, (20, 18), (44, 18), (44, 46), (20, 46), (20, 18)),
    *lines(4, (27, 27), (37, 27)), *lines(4, (27, 36), (33, 36)),
])]  # fmt: skip
WAVE: Drawing = [(FOAM, [
    *curve(4.5, (12, 44), (24, 44), (23, 19), (32, 19)), *curve(4.5, (32, 19), (41, 19), (40, 44), (52, 44)),
])]  # fmt: skip
HEART: Drawing = [(FOAM, [
    *curve(4.5, (32, 48), (14, 37), (15, 20), (24, 19)), *curve(4.5, (24, 19), (28, 19), (31, 21), (32, 25)),
    *curve(4.5, (32, 25), (33, 21), (36, 19), (40, 19)), *curve(4.5, (40, 19), (49, 20), (50, 37), (32, 48)),
])]  # fmt: skip


class Picture(NamedTuple):
    """A file: its size, the ground behind the drawing, how round the corners are, how much the drawing shrinks."""

    name: str
    pixels: int
    ground: str
    drawing: Drawing
    corner: float = 0
    shrunk: float = 1


def _look(name: str, ground: str, drawing: Drawing) -> list[Picture]:
    """A look on every phone: with corners of its own, cut to a shape by the phone, and by an iPhone."""
    return [
        Picture(f"{name}-192", 192, ground, drawing, corner=14),
        Picture(f"{name}-512", 512, ground, drawing, corner=14),
        Picture(f"{name}-maskable", 512, ground, drawing, shrunk=0.86),
        Picture(f"{name}-touch", 180, ground, drawing),
    ]


PICTURES = [
    *_look("footbridge", RIVER, BRIDGE), *_look("plain", SLATE, PAGE),
    Picture("to-mood", 96, RIVER, MOOD, corner=GRID / 2), Picture("to-journal", 96, RIVER, JOURNAL, corner=GRID / 2),
    Picture("to-wave", 96, RIVER, WAVE, corner=GRID / 2), Picture("to-help", 96, RIVER, HEART, corner=GRID / 2),
]  # fmt: skip

# --- rendering


def covered(shapes: list[Shape], pixels: int, shrunk: float = 1) -> list[float]:
    """How much of each pixel the shapes cover, row by row: 0–1, soft over the width of a pixel at the edge."""
    mask, unit = [0.0] * (pixels * pixels), pixels / GRID * shrunk
    shift = (pixels - GRID * unit) / 2
    for shape in shapes:
        left, top, right, bottom = (round(edge * unit + shift) for edge in shape.bounds)
        for row, column in product(_near(top, bottom, pixels), _near(left, right, pixels)):
            away = shape.outside((column + 0.5 - shift) / unit, (row + 0.5 - shift) / unit)
            part = min(max(0.5 - away * unit, 0), 1)
            at = row * pixels + column
            mask[at] = max(mask[at], round(part * SHADES) / SHADES)
    return mask


def _near(start: int, end: int, pixels: int) -> range:
    """The rows or columns that a shape can touch."""
    return range(max(start - 2, 0), min(end + 2, pixels))


def render(picture: Picture) -> bytes:
    """Red, green, blue and opacity of each pixel, row by row."""
    tile = covered([Box(0, 0, GRID, GRID, picture.corner)], picture.pixels)
    colours = [_rgb(picture.ground)] * len(tile)
    for colour, shapes in picture.drawing:
        mask, ink = covered(shapes, picture.pixels, picture.shrunk), _rgb(colour)
        colours = [_mixed(under, ink, part) if part else under for under, part in zip(colours, mask, strict=True)]
    return bytes(
        value for colour, part in zip(colours, tile, strict=True) for value in (*map(round, colour), round(part * 255))
    )


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _mixed(under: tuple[float, ...], over: tuple[float, ...], part: float) -> tuple[float, ...]:
    return tuple(u + (o - u) * part for u, o in zip(under, over, strict=True))


def png(pixels: int, rgba: bytes) -> bytes:
    """A square picture as a file (PNG, third edition: 8 bits a channel, no filter, one piece of data)."""
    width = pixels * 4
    rows = b"".join(b"\0" + rgba[at : at + width] for at in range(0, len(rgba), width))
    header = struct.pack(">2I5B", pixels, pixels, 8, 6, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def main() -> None:
    for picture in PICTURES:
        (FOLDER / f"{picture.name}.png").write_bytes(png(picture.pixels, render(picture)))


if __name__ == "__main__":
    main()
