"""One plain sheet as PDF: a heading, paragraphs, a table, and one sentence at the foot of every page."""

import io
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import inch
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

TYPE = "application/pdf"
LOOKS = TableStyle([
    ("FONT", (0, 0), (-1, -1), "Helvetica", 10), ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 10),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, "#999999"), ("ALIGN", (1, 0), (1, -1), "RIGHT"),
])  # fmt: skip


def can_write(*texts: str) -> bool:
    """Whether the fonts that every reader of PDF has can spell some texts; else the page is to be printed."""
    return all(_plain(text) is not None for text in texts)


def sheet(
    heading: str, above: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[str]], below: Sequence[str],
    notice: str, made_at: datetime,
) -> bytes:  # fmt: skip
    """The bytes of it. What cannot be spelled is a question mark: ask `can_write` first. US letter, one inch around."""
    written = io.BytesIO()
    styles = getSampleStyleSheet()
    made = SimpleDocTemplate(
        written, pagesize=LETTER, title=_spelled(heading), author="", subject=f"{made_at:%Y-%m-%d}", invariant=1,
        leftMargin=inch, rightMargin=inch, topMargin=inch, bottomMargin=inch,
    )  # fmt: skip
    table = Table([[_spelled(one) for one in row] for row in [columns, *rows]], repeatRows=1, hAlign="LEFT",
                  colWidths=[4 * inch, 1.2 * inch])  # fmt: skip
    table.setStyle(LOOKS)
    story: list[Any] = [_paragraph(heading, styles["Title"]), *(_paragraph(one, styles["Normal"]) for one in above)]
    story += [Spacer(0, 12), table, Spacer(0, 12), *(_paragraph(one, styles["Normal"]) for one in below)]

    def foot(page: Any, _document: Any) -> None:
        page.setFont("Helvetica", 8)
        page.drawString(inch, 0.6 * inch, _spelled(notice))

    made.build(story, onFirstPage=foot, onLaterPages=foot)
    return written.getvalue()


def _paragraph(text: str, style: Any) -> Any:
    # Escaped: what somebody typed is never read as markup.
    return Paragraph(f"{escape(_spelled(text))}<br/><br/>", style)


def _spelled(text: str) -> str:
    return _plain(text) or text.encode("cp1252", "replace").decode("cp1252")


def _plain(text: str) -> str | None:
    """The text with the letters that the fonts have, without the accents that they lack; None: there is no way."""
    try:
        return "".join(_letter(letter) for letter in text)
    except UnicodeEncodeError:
        return None


def _letter(letter: str) -> str:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        bare = "".join(one for one in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(one))
        bare.encode("cp1252")
        return bare
    return letter
