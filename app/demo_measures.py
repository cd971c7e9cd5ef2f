"""The measures of the demo data: what the program asks for, and how it went for some over their weeks."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import House, opened
from app.database import new_id
from app.forms import Posted
from app.models import measures, reviews, rhythm
from app.models.measures import MeasureForm
from app.models.rhythm import RhythmForm

ASKED = ["audit-c:intake", "pacs:weekly", "phq-9:discharge", "phq-9:intake", "phq-9:weekly"]
# So many days ago, and the answers to its questions in their order.
ANA = (
    (21, "phq-9", "222211110"), (21, "pacs", "44334"), (14, "phq-9", "221211110"), (14, "pacs", "33323"),
    (8, "bam-iop", "11100000000002421214224"), (7, "phq-9", "111101100"), (7, "pacs", "22212"),
)  # fmt: skip
BEN = ((4, "phq-9", "110110100"), (4, "gad-7", "2211211"))
EVENING, BEFORE = time(18, 20), timedelta(hours=2)


def fill(house: House, cast: Any, now: datetime) -> None:
    with opened(house, cast.harbor, "manager", cast.pat, at=now - timedelta(days=30)) as record:
        # Due today, whatever day that is.
        program = record.program
        form = RhythmForm(id=new_id(), asked=ASKED, weekday=program.today(now).weekday())
        rhythm.choose(record, Posted(kept=form))
    for person, coach, rows in ((cast.ana, cast.cora, ANA), (cast.ben, cast.dov, BEN)):
        for ago, instrument, points in rows:
            at = datetime.combine(program.today(now) - timedelta(days=ago), EVENING, ZoneInfo(program.zone))
            taken = _take(house, cast.harbor, person, instrument, points, at.astimezone(UTC))
            with opened(house, cast.harbor, "coach", coach, person, at=program.answer_by(at) - BEFORE) as record:
                reviews.read(record, taken, new_id(), "")


def _take(house: House, program: UUID, person: UUID, instrument: str, points: str, at: datetime) -> UUID:
    with opened(house, program, "participant", person, person, at=at) as record:
        one = measures.find(instrument, "en")
        answers = {f"answer-{item.id}": int(each) for item, each in zip(one.items, points, strict=True)}
        form = MeasureForm.model_validate({"id": new_id(), "edition": one.version, **answers})
        line = measures.kept(record, Posted(kept=form), one)
        assert line  # noqa: S101 - every answer is one of its choices
        return line.id
