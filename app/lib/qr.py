"""QR codes as SVG path data."""

from itertools import groupby

QUIET = 4


def qr_path(text: str) -> tuple[int, str]:
    """(modules along a side, quiet zone of 4 included; the `d` of a path that fills the dark ones)."""
    # Imported when a square is first drawn.
    import segno

    # Not micro: phones' cameras do not read it.
    code = segno.make(text, error="m", micro=False)
    rows = code.matrix_iter(border=QUIET)
    width, _height = code.symbol_size(border=QUIET)
    return int(width), "".join(_row(y, bytes(row)) for y, row in enumerate(rows))


def _row(y: int, row: bytes) -> str:
    """One closed box for each unbroken stretch of dark modules."""
    x, path = 0, ""
    for dark, run in groupby(row):
        long = len(list(run))
        if dark:
            path += f"M{x} {y}h{long}v1h-{long}z"
        x += long
    return path
