"""Bad input, for every form of the application: refused kindly, nothing typed lost, nothing of anybody else changed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from markupsafe import escape
from sqlmodel import col, select
from starlette.datastructures import FormData

from app import demo
from app.access import opened
from app.database import new_id
from app.forms import Posted, read_form
from app.models import (
    asking,
    consents,
    contacts,
    covers,
    flags,
    follow_ups,
    homework,
    invites,
    notes,
    reviews,
    sessions,
    setbacks,
    skills,
    triggers,
)
from app.models.accounts import Passphrase, SignIn, SignInForm
from app.models.assignments import AskForm
from app.models.checkins import CheckInForm
from app.models.consents import ConsentForm
from app.models.contacts import ContactForm
from app.models.covers import CoverForm
from app.models.entry import ActForm
from app.models.follow_ups import FollowUpForm
from app.models.homework import TaskForm
from app.models.invites import Invite, Plan
from app.models.journal import JournalForm
from app.models.notes import StaffNoteForm
from app.models.program import Phase
from app.models.setbacks import SetbackForm
from app.models.skills import OwnSkillForm
from app.models.triggers import TriggerForm
from app.owned import Owned, guarded
from tests.acts import kept
from tests.bad_input import GOOD, KEPT_WORDS, URLENCODED, Way, bodies, encoded, forms, spoilt, ways
from tests.conftest import Browser, Stage
from tests.planned import weekly
from tests.words import shaming

# Fields whose words are shown again, as they were typed.
SHOWN = ("words", "tags", "term", "name", "sign_in_name", "phone", "line", "recipient", "purpose", "themes")
# Whose address takes an entry of its own kind.
OWN_PAGES = {"check-ins": "check-in", "setbacks": "setback"}
LEAKS = ("Traceback", 'File "/', "sqlalchemy", "pydantic", "Input should be", "value_error", "Exception")


@dataclass
class World:
    """What a form's address leads to, and who may go there."""

    stage: Stage
    browser: Callable[[], Browser]
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.entries = {
            kind: kept(self.stage, "ana", "of Ana", kind, mood=3) for kind in ("journal", "check-in", "mood")
        }
        with self.stage.mine("ana") as record:
            self.entries["setback"] = setbacks.grow(record, SetbackForm(id=new_id())).id
        self.bens = kept(self.stage, "ben", "of Ben")
        with self.stage.mine("ana") as record:
            self.contact = new_id()
            contacts.add(record, ContactForm(id=self.contact, name="Sam", phone="212-555-0142"))
            self.trigger, self.skill = new_id(), new_id()
            skills.added(record, Posted(kept=OwnSkillForm(id=self.skill, name="Call June")))
            triggers.add(record, TriggerForm(id=self.trigger, name="Payday", sort="times", risk=9))
        cast = self.stage.cast
        self.series, self.session = weekly(self.stage.house, cast.harbor, cast.cora, cast.ana)
        self.after = self.comes_after(self.session)
        self.at("ana")
        self.device = self.first(select(SignIn.id))
        del self.browsers["ana"]

    def comes_after(self, session: UUID) -> dict[str, UUID]:
        """A consent of hers, and homework, by what an address calls them."""
        with self.stage.mine("ana") as record:
            asked = ConsentForm.model_validate(GOOD[ConsentForm]())
            consent = consents.sign(record, asked, str).id
        with self.stage.coached("cora", "ana") as record:
            one, form = sessions.find(record, session), TaskForm(id=new_id(), words="Call June", due_on="2026-12-01")
            assert homework.assigned(record, one, Posted(kept=form), lambda _persons: [record])
            asked_for = AskForm(id=new_id(), words="Call June", due_on=form.due_on)
            assert asking.asked(record, Posted(kept=asked_for))
            note = StaffNoteForm(id=new_id(), words="Of Cora")
            assert notes.written(record, Posted(kept=note))
            assert flags.by_hand(record, note.id, None, "low", "Of Cora")
            assert reviews.read(record, self.entries["journal"], note.id, "Of Cora")
            day = FollowUpForm(id=note.id, day=form.due_on)
            assert not follow_ups.planned(record, Posted(kept=day)).refused
        found = {"note_id": note.id, "consent_id": consent, "assignment_id": asked_for.id, "task_id": form.id}
        return found | dict.fromkeys(("flag_id", "review_id", "follow_up_id"), note.id)

    def who(self, way: Way) -> str:
        """Who is at home where a form leads; "" for nobody."""
        staff = {"/caseload": "cora", "/invites": "pat", "/sign-in": "", "/invites/{token}": ""}
        staff |= dict.fromkeys(("/schedule", "/phases", "/holidays", "/people", "/room", "/groups", "/rhythm"), "pat")
        staff |= {"/limits": "pat", "/covers": "cora"}
        places = [place for place in staff if way.path == place or way.path.startswith(place + "/")]
        return "ana" if way.path.startswith("/sign-ins") or not places else staff[max(places, key=len)]

    def at(self, name: str) -> Browser:
        if name not in self.browsers:
            self.browsers[name] = self.browser()
            if name:
                form = {"name": demo.ADDRESS.format(name), "passphrase": demo.PASSPHRASE}
                assert self.browsers[name].post("/sign-in", form).status_code == 303
        return self.browsers[name]

    def path(self, way: Way) -> str:
        cast, page = self.stage.cast, self.entries[OWN_PAGES.get(way.path.split("/")[1], "journal")]
        names: dict[str, Any] = {
            "entry_id": page,
            "person_id": cast.ana,
            "contact_id": self.contact,
            "trigger_id": self.trigger,
            "key": self.skill,
            "instrument": "phq-9",
            "series_id": self.series,
            "session_id": self.session,
            "holiday_id": new_id(),
            **self.after,
        }
        if "{phase_id}" in way.path:
            with opened(self.stage.house, cast.harbor, "keeper", cast.pat) as record:
                names["phase_id"] = record.session.exec(select(Phase.id).order_by(col(Phase.number))).first()
        if "{cover_id}" in way.path:
            names["cover_id"] = self.cover
        if "{token}" in way.path:
            names["token"] = self.invite()
        if "{invite_id}" in way.path:
            self.invite()
            names["invite_id"] = self.first(select(Invite.id).order_by(col(Invite.made_at)))
        if "{sign_in_id}" in way.path:
            names["sign_in_id"] = self.device
        return way.path.format(**names)

    @cached_property
    def cover(self) -> UUID:
        cast = self.stage.cast
        with opened(self.stage.house, cast.harbor, "keeper", cast.cora) as record:
            form = CoverForm(id=new_id(), cover=cast.dov, first_on=record.today, last_on=record.today)
            assert covers.begun(record, Posted(kept=form), lambda persons: [record] * len(persons))
        return form.id

    def invite(self) -> str:
        with opened(self.stage.house, self.stage.cast.harbor, "keeper", self.stage.cast.pat) as record:
            return invites.make(record, Plan("supporter", "Sol", f"{new_id()}@sol.example"), new_id())

    def first(self, statement: Any) -> Any:
        with self.stage.house.database.session(writes=False) as session:
            return session.exec(statement).first()

    def of_others(self) -> dict[str, list[str]]:
        """Every row that is not Ana's, as text."""
        rows: dict[str, list[str]] = {}
        for program in (self.stage.cast.harbor, self.stage.cast.meadow):
            with opened(self.stage.house, program, "keeper", program) as record:
                for table, model in guarded().items():
                    found = record.session.scalars(select(model)).all()
                    rows.setdefault(table.name, []).extend(
                        str(row.model_dump()) for row in found if not self._anas(row)
                    )
                secrets = record.session.exec(select(Passphrase)).all()
                rows["passphrase"] = [str(row.model_dump()) for row in secrets]
        return {name: sorted(those) for name, those in rows.items()}

    def _anas(self, row: Any) -> bool:
        return isinstance(row, Owned) and row.participant_id == self.stage.cast.ana


@pytest.fixture
def world(stage: Stage, browser: Callable[[], Browser]) -> World:
    return World(stage, browser)


def check(answer: Any, label: str) -> None:
    """Whatever came: no fault of ours, nothing of our insides, no word that shames, nothing that runs."""
    assert answer.status_code < 500, f"{label}: {answer.status_code}"
    assert not [leak for leak in LEAKS if leak in answer.text], label
    assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, label
    assert "sid=1;" not in answer.headers.get("Set-Cookie", ""), label
    assert not shaming(answer.text), label


def check_refused(answer: Any, posted: Posted[Any], label: str) -> None:
    """The same form with a sentence for what one can see in it, and with what was typed."""
    assert answer.status_code == 422, f"{label}: {answer.status_code}"
    if any(not name or f'name="{name}"' in answer.text for name in posted.errors):
        assert 'class="error"' in answer.text, label
    for name in SHOWN:
        assert str(escape(posted.typed(name))) in answer.text, f"{label}: {name} is lost"


def test_every_form_has_good_input_to_spoil() -> None:
    assert set(forms()) == set(GOOD)
    assert len(ways()) >= 17


# Words like any others, in a field that takes words: of them one is enough.
PLAIN = re.compile(r"[\w.:+-]{1,40}", re.ASCII)


def comes_to(posted: Posted[Any], spoilt: str) -> str:
    """What reading a form makes of it, and so what a route is handed: what comes to the same is sent once."""
    if posted.refused:
        return str(posted.errors)
    if whose := posted.typed("whose"):
        return f"somebody else's page: {PLAIN.fullmatch(whose) is None}"
    kept = posted.kept.model_dump()
    if isinstance(kept.get(spoilt), str) and PLAIN.fullmatch(kept[spoilt]):
        kept[spoilt] = "plain"
    return str({name: value for name, value in kept.items() if name != "id" or spoilt == "id"})


def spoils(way: Way, foreign: str) -> Iterator[tuple[str, bytes, Posted[Any]]]:
    """What a form takes (that may still be too much for a database), and each way in which it refuses a field, once."""
    seen = set()
    for label, fields in spoilt(way.form, foreign) if way.form else ():
        body = encoded(fields)
        posted = read_form(way.form, FormData(parse_qsl(body.decode(), keep_blank_values=True)))
        spoilt_field, one, _ = label.partition(":")
        if (same := comes_to(posted, spoilt_field)) not in seen or not one:
            seen.add(same)
            yield label, body, posted


@pytest.mark.parametrize("way", ways(), ids=str)
def test_v2_2_1_every_field_of_every_form_spoilt(way: Way, world: World) -> None:
    ana, before = world.at("ana"), world.of_others()
    here = world.at(world.who(way))
    for label, body, posted in spoils(way, str(world.bens)):
        if not world.who(way):
            here.cookies.clear()
        answer = here.post(world.path(way), content=body, headers={"Content-Type": URLENCODED})
        check(answer, label)
        if posted.typed("whose") and world.who(way):
            assert answer.status_code == 404 and KEPT_WORDS not in answer.text, label
        elif posted.refused and way.form is not ActForm:
            check_refused(answer, posted, label)
    after = world.of_others()
    for table, rows in before.items():
        # A manager changes phases: they are the program's.
        assert set(rows) <= set(after[table]) or table == "phase", f"{table}: somebody else's row was changed"
    for table in (
        "entry",
        "check_in",
        "contact",
        "journal",
        "sharing",
        "trigger",
        "practice",
        "own_skill",
        "favourite",
        "recovery",
        "setback",
        "measure",
        "coaching",
        "episode",
        "acknowledgement",
        "review",
        "opening",
        "attendance",
        "claim",
        "mark",
        "seat",
        "phase_change",
        "away",
        "consent",
        "homework",
        "homework_step",
        "letter",
        "note",
    ):
        assert after[table] == before[table], f"{table}: a row was made for somebody else"
    assert ana.look("/me").status_code == 200


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "nobody"])
def test_every_body_that_is_no_form(signed_in: bool, world: World) -> None:
    before = world.of_others()
    # One route for each of four forms: how a body is read does not depend on what is done with it.
    some = {way.form: way for way in ways() if way.form in (ActForm, CheckInForm, JournalForm, SignInForm)}
    for way in some.values():
        for label, (kind, body) in bodies().items():
            here = world.at(world.who(way)) if signed_in else world.browser()
            headers = {"Content-Type": kind} if kind else {}
            check(here.post(world.path(way), content=body, headers=headers), f"{way}: {label}")
    after = world.of_others()
    assert all(set(rows) <= set(after[table]) for table, rows in before.items())
