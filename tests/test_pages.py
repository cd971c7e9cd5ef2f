"""How a route answers: a whole page, what changed, or the same form; and what one is told when something is wrong."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jinja2 import UndefinedError

from app.database import new_id
from app.models import moods
from app.models.sharing import Sharing
from app.pages import environment
from app.record import Record
from app.words import LANGUAGES, best_language
from app.words import Clock as Words
from tests.acts import kept, said
from tests.conftest import Browser, Stage

SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true"}
NOV = datetime(2026, 11, 22, 21, 10, tzinfo=UTC)


# --- page, changed, refused


def test_v8_3_1_without_a_script_the_same_happens(signed_in: SignIn, stage: Stage, page_id) -> None:
    """Each write as a browser without scripts sends it, and as htmx does: the same is kept."""
    ana = signed_in("ana")
    for headers in ({}, HTMX):
        one = str(kept(stage, "ana", "a page"))
        acts: list[tuple[str, dict[str, str]]] = [
            ("/moods", {"id": page_id(), "mood": "3"}),
            ("/check-ins", {"id": page_id(), "urge": "3"}),
            ("/journal", {"id": page_id(), "words": "a page"}),
            (f"/journal/{one}", {"id": one, "version": "1", "words": "another"}),
            (f"/entries/{one}/visibility", {"visibility": "private"}),
            (f"/entries/{one}/deletion", {}),
            (f"/entries/{one}/restoration", {}),
            ("/sharings", {"kind": "mood", "open": "true"}),
        ]
        for path, form in acts:
            answer = ana.post(path, form, headers=headers)
            assert answer.status_code == (200 if headers else 303), path
            assert ("hx-swap-oob" in answer.text) == bool(headers), path
            assert "<html" not in answer.text, path
            assert headers or ana.look(answer.headers["Location"]).status_code == 200, path


def test_only_a_kept_entry_is_said_to_be_kept(signed_in: SignIn, page_id) -> None:
    ana = signed_in("ana")
    refused = [
        ana.post("/journal", {"id": page_id(), "words": ""}), ana.post("/moods", {"id": page_id(), "mood": "9"}),
        ana.post("/check-ins", {"id": page_id()}), ana.post("/journal/search", {"term": "a"}),
    ]  # fmt: skip
    assert not [answer for answer in refused if "Kept" in answer.headers]


def test_a_refused_form_is_its_whole_page_for_htmx_too(signed_in: SignIn, page_id) -> None:
    form = {"id": page_id(), "words": "typed", "mood": "9"}
    plain, htmx = (signed_in("ana").post("/journal", form, headers=headers) for headers in ({}, HTMX))
    assert plain.status_code == htmx.status_code == 422
    assert "<main" in htmx.text and "typed" in htmx.text and 'aria-invalid="true"' in htmx.text


def test_a_page_is_nobodys_to_keep(signed_in: SignIn) -> None:
    for who, path in (("ana", "/today"), ("cora", "/caseload")):
        assert signed_in(who).look(path).headers["Cache-Control"] == "no-store"


# --- what went wrong

WRONG = {
    "/nothing": (404, "There is nothing here"),
    "/entries/no-id": (404, "There is nothing here"),
    "/entries/%00": (404, "There is nothing here"),
    "/journal/" + "9" * 40: (404, "There is nothing here"),
    "/static/../settings.py": (404, "There is nothing here"),
    "/static/no-such-file.js": (404, "There is nothing here"),
    "/.env": (404, "There is nothing here"),
}


def test_what_is_not_there_is_said_kindly(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    for path, (status, words) in WRONG.items():
        answer = ana.look(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8"), path
        assert words in said(answer) and 'href="/help"' in answer.text


def test_a_method_that_a_page_does_not_know_breaks_nothing(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver"}
    for method, path in (
        ("PUT", "/today"),
        ("DELETE", "/journal"),
        ("PATCH", "/me"),
        ("POST", "/today"),
        ("GET", "/moods"),
    ):
        assert ana.request(method, path, headers=headers).status_code == 405, (method, path)


def test_v16_5_1_what_breaks_is_told_without_what_broke(
    signed_in: SignIn, page_id: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def code(*_what: Any) -> None:
        raise RuntimeError("the secret of the house")

    def database(record: Record, *_what: Any) -> None:
        record.session.add(Sharing(id=new_id(), kind="secret", since=record.now))
        record.session.flush()

    ana = signed_in("ana")
    ana.post("/me/language", {"language": "es"})
    quiet = Browser(ana.app, base_url="https://testserver", raise_server_exceptions=False, cookies=ana.cookies)
    for breaks in (code, database):
        monkeypatch.setattr(moods, "tapped", breaks)
        answer = quiet.post("/moods", {"id": page_id(), "mood": "3"})
        assert answer.status_code == 500 and '<html lang="es"' in answer.text, breaks
        assert "secret" not in answer.text and "Error" not in answer.text


# --- words


def test_v1_2_1_every_template_escapes() -> None:
    for language in LANGUAGES:
        assert environment(language).autoescape is True
        assert environment(language).from_string("{{ a }}").render(a="<b>'\"&") == "&lt;b&gt;&#39;&#34;&amp;"


def test_what_a_template_forgets_is_noticed() -> None:
    with pytest.raises(UndefinedError):
        environment("en").from_string("{{ forgotten }}").render()


def test_an_asset_that_is_not_there_is_noticed() -> None:
    with pytest.raises(KeyError):
        environment("en").from_string("{{ asset('gone.css') }}").render()


@pytest.mark.parametrize(
    ("asked", "spoken", "best"),
    [
        ("", "", "en"), ("es", "", "es"), ("es-419,es;q=0.8,en;q=0.5", "", "es"), ("fr,de;q=0.5", "", "en"),
        ("es", "en", "en"), ("en", "es", "es"), ("en", "xx", "en"), (";;;,,,", "", "en"), ("ES-mx", "", "es"),
        ("\0" * 50, "", "en"), ("a" * 5000, "", "en"),
    ],
    ids=lambda text: ascii(text[:12]),
)  # fmt: skip
def test_the_language_is_the_persons_then_the_browsers_then_english(asked: str, spoken: str, best: str) -> None:
    assert best_language(asked, spoken) == best


TOLD = {
    "en": ("Nov 22", "Sunday", "Sunday, November 22", "November 2026", "Nov 21, 4:10 pm"),
    "es": ("22 nov", "domingo", "domingo, 22 de noviembre", "noviembre de 2026", "21 nov, 4:10 pm"),
}


@pytest.mark.parametrize(("language", "told"), TOLD.items())
def test_times_are_told_in_the_programs_zone(language: str, told: tuple[str, ...]) -> None:
    words = Words(language, "America/New_York", NOV)
    days = (words.day(NOV), words.weekday(NOV), words.long_day(NOV), words.month(NOV))
    assert (*days, words.when(NOV - timedelta(days=1)).replace("\xa0", " ")) == told
    assert words.clock(NOV) == words.when(NOV) == "4:10\xa0pm"


def test_a_day_is_the_programs_day() -> None:
    midnight = datetime(2026, 11, 23, 4, 59, tzinfo=UTC)
    assert Words("en", "America/New_York", NOV).day(midnight) == "Nov 22"
    assert Words("en", "America/Los_Angeles", NOV).day(midnight) == "Nov 22"
    assert Words("en", "UTC", NOV).day(midnight) == "Nov 23"
