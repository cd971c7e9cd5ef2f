"""Skills: the library on one page, one's own beside it, favourites on top; the pages that a phone keeps."""

import gzip
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from app import offline
from app.content.skills import skills as library
from app.database import new_id
from app.models import skills
from app.models.skills import MOST, Favourite, OwnSkill
from app.words import LANGUAGES
from tests.acts import count, field, said
from tests.conftest import Browser, Stage

SignIn = Callable[[str], Browser]
JUNE = {"name": "Call June", "steps": "Find her number\nSay: I need a minute", "minutes": "10"}


@pytest.fixture
def ana(signed_in: SignIn) -> Browser:
    return signed_in("ana")


def add(here: Browser, **given: Any) -> str:
    number = str(new_id())
    assert here.post("/skills", {"id": number, **JUNE} | given).headers["location"].startswith(f"/skills/{number}#")
    return number


# --- the library


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_skill_of_the_library_is_on_the_page_and_has_its_own(ana: Browser) -> None:
    index = ana.get("/skills").text
    for one in library("en"):
        assert f'href="/skills/{one.id}"' in index, one.id
        page = ana.get(f"/skills/{one.id}")
        shown = said(page)
        assert one.name in shown and one.what in shown and all(step in shown for step in one.steps), one.id
        assert field(page, "skill") == one.id
        assert (f'id="begin-{one.id}"' in page.text) is (one.guide is not None), one.id


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_guided_screen_is_told_what_the_content_says(ana: Browser) -> None:
    for one in library("en"):
        told = re.search(r"data-guide='([^']*)'", ana.get(f"/skills/{one.id}").text)
        if one.guide:
            assert told and json.loads(unescape(told[1]))["kind"] == one.guide.kind, one.id


def test_a_skill_that_is_not_there_is_404(ana: Browser) -> None:
    for key in ("no-such-skill", str(new_id()), "x" * 200):
        assert ana.get(f"/skills/{key}").status_code == 404, key
        assert ana.get(f"/skills/{key}/edit").status_code == 404, key


def test_the_library_cannot_be_changed(ana: Browser) -> None:
    assert ana.get("/skills/box-breathing/edit").status_code == 404
    assert ana.post("/skills/box-breathing", {"id": str(new_id()), **JUNE, "version": "1"}).status_code == 404
    assert ana.post("/skills/box-breathing/removal").status_code == 404


# --- one's own


def test_a_skill_of_ones_own_comes_on_the_list_once(ana: Browser, stage: Stage) -> None:
    body = {"id": str(new_id()), **JUNE}
    assert [ana.post("/skills", body).status_code for _ in range(2)] == [303, 303]
    assert count(stage, "ana", OwnSkill) == 1
    page = ana.get(f"/skills/{body['id']}")
    assert "Call June" in said(page) and "Say: I need a minute" in said(page) and field(page, "skill") == body["id"]
    assert "Call June" in said(ana.get("/skills"))


def test_another_under_its_number_is_asked_to_be_sent_once_more(ana: Browser, stage: Stage) -> None:
    number = add(ana)
    answer = ana.post("/skills", {"id": number, "name": "A bath"})
    assert answer.status_code == 422 and "A bath" in answer.text and field(answer, "id") != number
    assert count(stage, "ana", OwnSkill) == 1


def test_it_is_changed_and_a_change_that_was_overtaken_shows_both(ana: Browser) -> None:
    number = add(ana)
    body = {"id": number, **JUNE, "name": "Text June", "version": "1"}
    assert [ana.post(f"/skills/{number}", body).status_code for _ in range(2)] == [303, 303]
    late = ana.post(f"/skills/{number}", body | {"name": "Write to June"})
    assert late.status_code == 422 and "Text June" in late.text and "Write to June" in late.text
    assert field(late, "version") == "2"


def test_removed_it_is_off_the_list_and_twice_is_once(ana: Browser, stage: Stage) -> None:
    number = add(ana)
    ana.post(f"/skills/{number}/favourite", {"on": "true"})
    assert [ana.post(f"/skills/{number}/removal").status_code for _ in range(2)] == [303, 303]
    assert "Call June" not in said(ana.get("/skills"))
    gone = ana.get(f"/skills/{number}")
    assert "You took this off your list" in said(gone) and 'action="/practices"' not in gone.text
    assert count(stage, "ana", Favourite) == 0
    assert ana.post(f"/skills/{number}/favourite", {"on": "true"}).status_code == 404


def test_a_full_list_says_so_and_keeps_what_was_typed(ana: Browser, stage: Stage) -> None:
    with stage.mine("ana") as record:
        for _ in range(MOST):
            name = record.seal(OwnSkill, "name", (number := new_id()), "One of many")
            record.session.add(OwnSkill(id=number, kept_at=record.now, name=name))
    answer = ana.post("/skills", {"id": str(new_id()), **JUNE})
    assert answer.status_code == 422 and f"holds {MOST} skills" in said(answer) and "Find her number" in answer.text
    assert count(stage, "ana", OwnSkill) == MOST


@pytest.mark.parametrize("value", ["", "   ", "x" * 81])
def test_it_needs_a_name_that_fits(ana: Browser, stage: Stage, value: str) -> None:
    answer = ana.post("/skills", {"id": str(new_id()), **JUNE, "name": value})
    assert answer.status_code == 422 and 'class="error"' in answer.text and "Find her number" in answer.text
    assert count(stage, "ana", OwnSkill) == 0


def test_nobody_else_has_it_on_their_list_or_page(ana: Browser, signed_in: SignIn) -> None:
    number = add(ana)
    ben = signed_in("ben")
    assert "Call June" not in ben.get("/skills").text
    for path in ("", "/edit"):
        assert ben.get(f"/skills/{number}{path}").status_code == 404
    body = {"id": number, **JUNE, "version": "1"}
    for path, sent in (("", body), ("/removal", {}), ("/favourite", {"on": "true"})):
        assert ben.post(f"/skills/{number}{path}", sent).status_code == 404
    assert "Call June" in said(ana.get(f"/skills/{number}"))


# --- favourites


def test_a_favourite_is_on_top_and_said_twice_it_is_one(ana: Browser, stage: Stage) -> None:
    for _ in range(2):
        answer = ana.post("/skills/body-scan/favourite", {"on": "true"})
        assert answer.headers["location"] == "/skills/body-scan"
    assert count(stage, "ana", Favourite) == 1
    index = ana.get("/skills").text
    assert index.index('href="/skills/body-scan"') < index.index('id="library"') and "My favorites" in index
    for _ in range(2):
        assert ana.post("/skills/body-scan/favourite", {"on": "false"}).status_code == 303
    assert count(stage, "ana", Favourite) == 0


def test_a_star_is_answered_with_its_other_side(ana: Browser) -> None:
    answer = ana.post("/skills/body-scan/favourite", {"on": "true"}, headers={"HX-Request": "true"})
    assert 'hx-swap-oob="true"' in answer.text and field(answer, "on") == "false"


def test_the_last_chosen_is_first(stage: Stage, clock: Any) -> None:
    for key in ("body-scan", "draw-it"):
        with stage.mine("ana") as record:
            skills.favour(record, key, True)
        clock.go(minutes=1)
    with stage.mine("ana") as record:
        assert skills.favourites(record) == ["draw-it", "body-scan"]


# --- without signal


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_signal_all_of_the_library_is_one_small_page(language: str, browser: Callable[[], Browser]) -> None:
    page = browser().get(f"/offline/{language}/skills")
    for one in library(language):
        assert f'data-skill="{one.id}"' in page.text and f'<option value="{one.id}"' in page.text, one.id
    assert page.text.count('action="/practices"') == 1
    assert len(gzip.compress(page.content)) < 40_000


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_worker_brings_it_for_every_address_below(browser: Callable[[], Browser]) -> None:
    assert offline.shell()["below"]["/skills/"] == "skills"
    assert '"/skills/": "skills"' in browser().get("/service-worker.js").text


# --- the way there


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_skills_are_one_tap_from_the_bar_and_from_what_can_be_logged(ana: Browser) -> None:
    page = ana.get("/log").text
    assert 'id="bar-skills"' in page and 'id="log-skill"' in page
    assert 'href="/journal/months"' in ana.get("/journal").text and 'href="/journal/months"' in ana.get("/today").text
