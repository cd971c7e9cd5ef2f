"""A plain sheet as PDF: a heading, paragraphs, a table, one sentence at the foot of every page; and a page of parts.

Imported when somebody asks for one: reportlab takes as much memory as a tenth of Footbridge.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, PolyLine
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import inch
from reportlab.platypus import KeepInFrame, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from app.lib.chart import strokes
from app.lib.pdf import Paper, Part, Small, spelled

LOOKS = TableStyle([
    ("FONT", (0, 0), (-1, -1), "Helvetica", 10), ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 10),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, "#999999"), ("ALIGN", (1, 0), (1, -1), "RIGHT"),
])  # fmt: skip

# The page of parts: how far from the edges, and the size of its letters, in points.
EDGE, LETTERS = 0.6 * inch, 9


def sheet(
    heading: str, above: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[str]], below: Sequence[str],
    notice: str, made_at: datetime,
) -> bytes:  # fmt: skip
    """The bytes of it. What cannot be spelled is a question mark: ask `can_write` first. US letter, one inch around."""
    written = io.BytesIO()
    styles = getSampleStyleSheet()
    made = SimpleDocTemplate(
        written, pagesize=LETTER, title=spelled(heading), author="", subject=f"{made_at:%Y-%m-%d}", invariant=1,
        leftMargin=inch, rightMargin=inch, topMargin=inch, bottomMargin=inch,
    )  # fmt: skip
    table = Table([[spelled(one) for one in row] for row in [columns, *rows]], repeatRows=1, hAlign="LEFT",
                  colWidths=[4 * inch, 1.2 * inch])  # fmt: skip
    table.setStyle(LOOKS)
    story: list[Any] = [_paragraph(heading, styles["Title"]), *(_paragraph(one, styles["Normal"]) for one in above)]
    story += [Spacer(0, 12), table, Spacer(0, 12), *(_paragraph(one, styles["Normal"]) for one in below)]

    def foot(page: Any, _document: Any) -> None:
        page.setFont("Helvetica", 8)
        page.drawString(inch, 0.6 * inch, spelled(notice))

    made.build(story, onFirstPage=foot, onLaterPages=foot)
    return written.getvalue()


def one_page(
    heading: str, above: Sequence[str], pictures: Sequence[Small], parts: Sequence[Part], notice: str,
    made_at: datetime, paper: Paper = Paper.LETTER,
) -> bytes:  # fmt: skip
    """The bytes of a page that is always one: what would not fit is set smaller. What cannot be spelled: as `sheet`."""
    written, (width, height) = io.BytesIO(), paper.value
    made = SimpleDocTemplate(
        written, pagesize=paper.value, title=spelled(heading), author="", subject=f"{made_at:%Y-%m-%d}", invariant=1,
        leftMargin=EDGE, rightMargin=EDGE, topMargin=EDGE, bottomMargin=EDGE + 2 * LETTERS,
    )  # fmt: skip
    wide, high = width - 2 * EDGE - 12, height - 2 * EDGE - 2 * LETTERS - 12
    story = [_text(heading, 15, bold=True), *(_text(one) for one in above), _row(pictures, wide), *_told(parts)]

    def foot(page: Any, _document: Any) -> None:
        page.setFont("Helvetica", 8)
        page.drawString(EDGE, EDGE, spelled(notice))

    made.build([KeepInFrame(wide, high, story, mode="shrink")], onFirstPage=foot)
    return written.getvalue()


def _told(parts: Sequence[Part]) -> list[Any]:
    return [
        told
        for part in parts
        for told in (Spacer(0, 5), _text(part.heading, 10, bold=True), *(_text(f"• {line}") for line in part.lines))
    ]


def _row(pictures: Sequence[Small], wide: float) -> Any:
    """The pictures side by side, each between its title and its sentence."""
    if not pictures:
        return Spacer(0, 0)
    each = wide / len(pictures)
    cells = [[_text(one.title, bold=True), _drawn(one, int(each) - 20), _text(one.words)] for one in pictures]
    return Table([cells], colWidths=[each] * len(cells), style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))


def _drawn(small: Small, width: int, height: int = 34) -> Any:
    drawing = Drawing(width, height)
    for run in strokes(small.values, small.low, small.high, width, height):
        points = [number for x, y in run for number in (x, height - y)]
        drawing.add(PolyLine(points, strokeWidth=1.4, strokeLineCap=1))
    return drawing


def _text(text: str, size: int = LETTERS, bold: bool = False) -> Any:
    font = "Helvetica-Bold" if bold else "Helvetica"
    return Paragraph(escape(spelled(text)), ParagraphStyle("", fontName=font, fontSize=size, leading=size * 1.3))


def _paragraph(text: str, style: Any) -> Any:
    # Escaped: what somebody typed is never read as markup.
    return Paragraph(f"{escape(spelled(text))}<br/><br/>", style)
