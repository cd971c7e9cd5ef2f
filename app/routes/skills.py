"""Skills: the library and one's own, each with its how-to, its guided screen and its log form."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app import offline
from app.access import MyRecord
from app.forms import Posted, blank, posted
from app.models import practices, skills
from app.models.entry import ActForm
from app.models.skills import FavouriteForm, OwnSkillForm
from app.pages import changed, language_of, page, refused
from app.router import Router

router = Router(prefix="/skills")
# Without signal all of the library is one page, which shows the skill that the address names.
offline.enter(
    "skills", "/skills", "skills/index.html", {"visibility": "shared"}, below=True,
    shelves=skills.shelves, first=skills.first, mine=(), asked=(), favourites=(), helped=(), readers=None,
    answer_by=None,
)  # fmt: skip
OwnPosted = Annotated[Posted[OwnSkillForm], posted(OwnSkillForm)]


@router.get("")
def index(record: MyRecord) -> Response:
    return page(record, "skills/index.html", form=blank(visibility="shared"), **practices.shelf(record, _said(record)))


@router.get("/new")
def new(record: MyRecord) -> Response:
    return page(record, "skills/edit.html", form=blank())


@router.post("")
def create(record: MyRecord, form: OwnPosted) -> Response:
    card = skills.added(record, form)
    if card is None:
        return refused(record, "skills/edit.html", form=form)
    return _shown(record, "skills/update.html", card.key, kept=form.values.id)


@router.get("/{key}")
def show(record: MyRecord, key: str) -> Response:
    return page(record, "skills/show.html", **practices.desk(record, key, _said(record)))


@router.get("/{key}/edit")
def edit(record: MyRecord, key: str) -> Response:
    return page(record, "skills/edit.html", form=blank(**skills.answers(skills.own(record, key))))


@router.post("/{key}")
def update(record: MyRecord, key: str, form: OwnPosted) -> Response:
    card = skills.amended(record, key, form)
    if card is None:
        return refused(record, "skills/edit.html", form=form)
    return _shown(record, "skills/update.html", card.key, kept=form.values.id)


@router.post("/{key}/removal")
def destroy(record: MyRecord, key: str, form: Annotated[Posted[ActForm], posted(ActForm)]) -> Response:
    skills.remove(record, key)
    return changed(record, "skills/destroy.html", to="/skills")


@router.post("/{key}/favourite")
def favour(record: MyRecord, key: str, form: Annotated[Posted[FavouriteForm], posted(FavouriteForm)]) -> Response:
    if form.refused:
        return refused(record, "skills/show.html", **practices.desk(record, key, _said(record), form))
    skills.favour(record, key, form.values.on)
    return _shown(record, "skills/favour.html", key)


def _shown(record: MyRecord, template: str, key: str, kept: UUID | None = None) -> Response:
    return changed(record, template, to=f"/skills/{key}", kept=kept, **practices.desk(record, key, _said(record)))


def _said(record: MyRecord) -> str:
    return language_of(record.request, record.visitor)
