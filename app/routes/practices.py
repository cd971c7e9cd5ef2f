"""A skill that was used. Its form is on the pages of skills."""

from typing import Annotated

from fastapi import Response

from app.access import MyRecord
from app.forms import Posted, posted
from app.models import entry, practices, skills
from app.models.practices import PracticeForm
from app.pages import changed, language_of, refused
from app.router import Router

router = Router()


@router.post("/practices")
def create(record: MyRecord, form: Annotated[Posted[PracticeForm], posted(PracticeForm)]) -> Response:
    language = language_of(record.request, record.visitor)
    line = practices.kept(record, form, language)
    if line is not None:
        return changed(
            record, "practices/create.html", to=entry.address(line), kept=line.id, **practices.told(record, line)
        )
    if skills.usable(record, form.typed("skill")):
        return refused(record, "skills/show.html", **practices.desk(record, form.typed("skill"), language, form))
    return refused(record, "skills/index.html", form=form, **practices.shelf(record, language))
