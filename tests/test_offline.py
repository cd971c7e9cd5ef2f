"""Without signal, from the server's side: the pages that a phone keeps, the worker that brings them, its farewell."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from app import assets, main, offline
from app.access import House
from app.forms import LogForm
from app.words import LANGUAGES
from tests.matrix import Address, addresses

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
EVERY = [(language, name) for language in LANGUAGES for name in offline.PAGES]


@pytest.fixture
def app(house: House) -> FastAPI:
    return main.create_app(house)


def logs(app: FastAPI) -> list[Address]:
    """The routes that add something to a person's log: the address names no entry that is there already."""
    return [one for one in addresses(app) if one.form and issubclass(one.form, LogForm) and not one.names]


def shell(worker: str) -> dict[str, Any]:
    [found] = re.findall(r"^const SHELL = (\{.*\});$", worker, re.M)
    kept: dict[str, Any] = json.loads(found)
    return kept


def form_of(page: str, action: str) -> str:
    [found] = re.findall(rf'<form[^>]* action="{action}"[^>]*>', page)
    return str(found)


# --- every log form


def test_every_log_form_works_without_signal_by_being_one(app: FastAPI, browser: Callable[[], Any]) -> None:
    found = logs(app)
    assert {one.path for one in found} >= {"/moods", "/check-ins", "/journal"}
    pages = [browser().get(f"/offline/en/{name}").text for name in offline.PAGES]
    for one in found:
        [page] = [page for page in pages if f'action="{one.path}"' in page]
        form = form_of(page, one.path)
        assert "data-log=" in form and "hx-post=" in form, one


def test_with_signal_it_is_marked_too(app: FastAPI, signed_in: Callable[[str], Any]) -> None:
    ana = signed_in("ana")
    pages = [ana.get(page.address).text for page in offline.PAGES.values() if page.address != "/offline"]
    for one in logs(app):
        assert any("data-log=" in form_of(page, one.path) for page in pages if f'action="{one.path}"' in page), one


# --- the pages that a phone keeps


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_a_kept_page_is_nobodys_whoever_asks(
    language: str, name: str, browser: Callable[[], Any], signed_in: Callable[[str], Any]
) -> None:
    stranger = browser().get(f"/offline/{language}/{name}")
    assert stranger.status_code == 200
    assert f'<html lang="{language}" data-offline>' in stranger.text
    for who in ("ana", "cora"):
        assert signed_in(who).get(f"/offline/{language}/{name}").text == stranger.text
    assert not re.search(r"data-person|Ana|Cora|Harbor", stranger.text)


@pytest.mark.parametrize("name", list(offline.PAGES))
def test_its_forms_have_no_number_yet(name: str, browser: Callable[[], Any]) -> None:
    """Or everybody who opens it would send the same one; and sent without a script, it gets one."""
    text = browser().get(f"/offline/en/{name}").text
    assert set(re.findall(r'name="id" value="([^"]*)"', text)) <= {""}
    assert set(re.findall(r'name="whose" value="([^"]*)"', text)) <= {""}


def test_sent_without_a_script_it_comes_back_with_a_number(signed_in: Callable[[str], Any]) -> None:
    ana = signed_in("ana")
    answer = ana.post(
        "/journal", {"id": "", "whose": "", "prompt": "", "words": "By the water.", "visibility": "private"}
    )
    assert answer.status_code == 422
    assert "By the water." in answer.text
    [made] = re.findall(r'name="id" value="([^"]+)"', answer.text)
    form = {"id": made, "whose": "", "prompt": "", "words": "By the water.", "visibility": "private"}
    assert ana.post("/journal", form).status_code == 303


@pytest.mark.parametrize(
    "path", ["/offline/fr/moods", "/offline/en/nothing", "/offline/en/..%2f..%2fapp", "/offline/en/today"]
)
def test_there_are_no_others(path: str, browser: Callable[[], Any]) -> None:
    assert browser().get(path).status_code == 404


def test_v14_3_2_a_page_of_somebody_is_for_no_cache(signed_in: Callable[[str], Any]) -> None:
    ana = signed_in("ana")
    for path in ("/today", "/moods/new", "/check-in", "/journal/new", "/journal", "/me", "/help", "/waiting"):
        assert ana.get(path).headers["cache-control"] == "no-store", path


# --- the worker


def test_the_worker_keeps_what_is_nobodys_and_all_that_it_needs(browser: Callable[[], Any]) -> None:
    nobody = browser()
    answer = nobody.get("/service-worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    kept = shell(answer.text)
    for address in kept["assets"]:
        assert "immutable" in nobody.get(address).headers["cache-control"], address
    assert set(kept["pages"].values()) == set(kept["names"]) == set(offline.PAGES)
    assert kept["below"] == {f"{page.address}/": name for name, page in offline.PAGES.items() if page.below}
    page = nobody.get("/offline/en/moods").text
    assert set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', page)) <= set(kept["assets"])


def test_it_is_the_same_for_everybody(browser: Callable[[], Any], signed_in: Callable[[str], Any]) -> None:
    assert signed_in("ana").get("/service-worker.js").content == browser().get("/service-worker.js").content


def test_its_version_changes_with_what_it_shows(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, database: str) -> None:
    for folder in offline.SHOWN:
        (tmp_path / folder).mkdir()
    page = tmp_path / "templates" / "page.html"
    page.write_text("one")
    monkeypatch.setattr(offline, "HERE", tmp_path)
    seen = set()
    for words in ("one", "two", "one"):
        page.write_text(words)
        offline.version.cache_clear()
        seen.add(offline.version())
    assert len(seen) == 2
    monkeypatch.undo()
    offline.version.cache_clear()
    assert offline.version() not in seen


def test_turned_off_it_is_one_that_takes_itself_away(house: House, browser: Callable[[], Any]) -> None:
    house.settings = house.settings.model_copy(update={"worker": False})
    said = browser().get("/service-worker.js").text
    assert said == assets.script("farewell")
    assert "unregister()" in said and "indexedDB" not in said and "fetch" not in said


def test_turned_off_no_page_asks_for_it(house: House, signed_in: Callable[[str], Any]) -> None:
    ana = signed_in("ana")
    assert " data-worker>" in ana.get("/today").text
    house.settings = house.settings.model_copy(update={"worker": False})
    assert "data-worker" not in ana.get("/today").text


def test_nobody_of_the_staff_gets_it(signed_in: Callable[[str], Any]) -> None:
    for who in ("cora", "pat", "sam"):
        page = signed_in(who).get("/", follow_redirects=True).text
        assert 'data-person=""' in page and "data-worker" not in page, who
