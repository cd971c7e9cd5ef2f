"""The first-run page: before anything is kept, somebody has been told who reads it and who does not at night."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from sqlmodel import col, delete, func, select

from app.access import opened
from app.models import entry, sharing, welcome
from app.models.entry import Entry
from app.models.sharing import Sharing, SharingForm
from app.models.welcome import Acknowledgement
from app.routes import ROUTERS
from tests.acts import admit, kept, said
from tests.bad_input import GOOD, ways
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]
# Where somebody may go before they have been told: signing in and out, help, the page itself, their own settings, and
# what every phone is given; and what is for everybody to read.
OPEN_BEFORE = {
    "/welcome", "/me", "/me/language", "/sign-ins/{sign_in_id}/revocation", "/sign-in", "/sign-out", "/", "/help",
    "/health", "/healthz", "/readyz", "/static/{name}", "/invites/{token}", "/install", "/look",
    "/manifest.webmanifest", "/service-worker.js", "/offline/{language}/{name}", "/waiting", "/feeds/{token}.ics",
    "/readings", "/readings/{key}",
}  # fmt: skip
OF_STAFF = (
    "/caseload", "/people", "/review", "/supporting", "/invites", "/schedule", "/room", "/groups", "/phases",
    "/holidays", "/attendance/days.csv", "/covers", "/load", "/limits", "/rhythm",
)  # fmt: skip


@pytest.fixture
def nora(stage: Stage) -> UUID:
    """She came in a minute ago, and Cora coaches her."""
    return admit(stage, "Nora New")


def rows(stage: Stage, person: UUID, model: Any) -> int:
    with opened(stage.house, stage.cast.harbor, "participant", person, person) as record:
        return record.session.exec(select(func.count()).select_from(model)).one()


def coached(stage: Stage, person: UUID) -> Any:
    return opened(stage.house, stage.cast.harbor, "coach", stage.cast.cora, person)


def at_home(method: str) -> set[str]:
    """Every address of a participant's own."""
    routes = [one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute)]
    paths = {one.path for one in routes if method in (one.methods or ())} - OPEN_BEFORE
    return {path for path in paths if not path.startswith(OF_STAFF)}


def named(path: str, stage: Stage) -> str:
    """An address with something in each of its places."""
    return re.sub(r"{\w+}", str(stage.cast.ana), path.replace("{month}", "2026-11"))


def test_l17_nothing_is_shown_before_it_was_read(signed_in: SignIn, stage: Stage, nora: UUID) -> None:
    here, found = signed_in("nora"), at_home("GET")
    assert len(found) >= 12
    for path in found:
        answer = here.look(named(path, stage))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/welcome"), path


def test_l17_nothing_is_kept_before_it_was_read(signed_in: SignIn, stage: Stage, nora: UUID) -> None:
    here, found = signed_in("nora"), [way for way in ways() if way.path in at_home("POST")]
    assert len(found) >= 8
    for way in found:
        answer = here.post(named(way.path, stage), way.form and GOOD[way.form]())
        assert (answer.status_code, answer.headers["Location"]) == (303, "/welcome"), way
        assert "Kept" not in answer.headers
    assert rows(stage, nora, Entry) == rows(stage, nora, Sharing) == 0


def test_l17_it_says_what_must_be_said(signed_in: SignIn, nora: UUID) -> None:
    told = said(signed_in("nora").look("/welcome"))
    for words in ("mandated reporters", "Nobody watches it at night", "988", "911", "Cora Diaz", "Harbor IOP"):
        assert words in told


def test_l17_sharing_starts_when_it_was_read(signed_in: SignIn, stage: Stage, nora: UUID, clock: Clock) -> None:
    here = signed_in("nora")
    with coached(stage, nora) as record:
        assert sharing.kinds_open(record) == frozenset()
    clock.go(hours=1)
    answer = here.post("/welcome")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/today")
    assert here.look("/today").status_code == 200
    with opened(stage.house, stage.cast.harbor, "participant", nora, nora) as record:
        assert {(one.kind, one.since) for one in sharing.with_team(record)} == {
            (kind, clock.now) for kind in entry.KINDS
        }
        assert record.session.exec(select(Acknowledgement.at)).one() == clock.now


def test_l17_it_is_read_once(signed_in: SignIn, stage: Stage, nora: UUID) -> None:
    here = signed_in("nora")
    for _ in range(2):
        assert here.post("/welcome").status_code == 303
    assert rows(stage, nora, Acknowledgement) == 1 and rows(stage, nora, Sharing) == len(entry.KINDS)


def test_l17_ten_at_once_are_one(signed_in: SignIn, stage: Stage, nora: UUID) -> None:
    here = signed_in("nora")
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda _: here.post("/welcome"), range(10)))
    assert {answer.status_code for answer in answers} == {303}
    assert rows(stage, nora, Acknowledgement) == 1 and rows(stage, nora, Sharing) == len(entry.KINDS)


def test_reading_it_again_opens_nothing_again(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ana") as record:
        sharing.turn(record, SharingForm(kind="mood", open=False))
    assert signed_in("ana").post("/welcome").status_code == 303
    with stage.mine("ana") as record:
        assert "mood" not in sharing.kinds_open(record)


def test_what_one_was_told_the_others_were_not(stage: Stage, nora: UUID) -> None:
    with opened(stage.house, stage.cast.harbor, "participant", nora, nora) as record:
        assert not welcome.told(record)
        welcome.acknowledge(record)
        assert welcome.told(record)
    with stage.mine("ben") as record:
        assert welcome.told(record)


@pytest.mark.parametrize("who", ["cora", "pat", "sam"])
def test_it_is_for_participants(who: str, signed_in: SignIn, stage: Stage) -> None:
    here = signed_in(who)
    assert here.look("/welcome").status_code == here.post("/welcome").status_code == 404


def test_a_form_that_holds_something_else_is_no_yes(signed_in: SignIn, stage: Stage, nora: UUID) -> None:
    answer = signed_in("nora").post("/welcome", {"version": "2"})
    assert answer.status_code == 422 and "I have read this" in said(answer)
    assert rows(stage, nora, Acknowledgement) == 0


def test_only_what_is_kept_after_it_can_be_seen(signed_in: SignIn, stage: Stage, nora: UUID, page_id) -> None:
    here, page = signed_in("nora"), page_id()
    here.post("/welcome")
    here.post("/journal", {"id": page, "words": "hello Cora", "visibility": "shared"})
    assert "hello Cora" in signed_in("cora").look(f"/caseload/{nora}/entries/{page}").text
    assert kept(stage, "ana", "of Ana") and rows(stage, nora, Entry) == 1


def test_told_anew_what_is_new_is_open_and_what_was_closed_stays_closed(
    signed_in: SignIn, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = signed_in("ana")
    with stage.mine("ana") as record:
        sharing.turn(record, SharingForm(kind="mood", open=False))
        # As for somebody who came before there were urges.
        record.session.exec(delete(Sharing).where(col(Sharing.kind) == "urge"))
    monkeypatch.setattr(welcome, "VERSION", welcome.VERSION + 1)
    assert ana.look("/today").headers["Location"] == "/welcome"
    ana.post("/welcome", {})
    with stage.mine("ana") as record:
        assert sharing.kinds_open(record) == set(entry.KINDS) - {"mood"}
