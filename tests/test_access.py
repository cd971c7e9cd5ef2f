"""The first wall, and all three together: what the application itself says of its routes and tables."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import SQLModel, true

from app import demo, guard, main
from app.access import House
from app.forms import FormData, read_form
from app.owned import InProgram, Owned, guarded
from app.settings import Settings
from tests import matrix
from tests.matrix import CANARY, Address, Try, addresses

# A new route makes these numbers wrong, and then somebody looks whether it has the right door.
ROUTES, IN_DEVELOPMENT = 195, 1

PUBLIC = {
    "GET /": "leads to one's own first page, or to the sign-in page",
    "GET /sign-in": "where everybody comes in",
    "POST /sign-in": "where everybody comes in",
    "POST /sign-out": "harmless to whoever is not signed in",
    "GET /help": "the crisis page: nobody in need should have to sign in",
    "GET /healthz": "says only that this process answers",
    "GET /readyz": "says only that the server and its database answer",
    "GET /health": "the same, as it was called first",
    "GET /static/{name}": "style, scripts and pictures: the same for everybody",
    "GET /invites/{token}": "256 random bits in the address, once, for 72 hours",
    "POST /invites/{token}": "256 random bits in the address, once, for 72 hours",
    "GET /feeds/{token}.ics": "256 random bits in the address, until it is renewed: when somebody is busy, no words",
    "GET /install": "how to keep it on a home screen: the same for everybody",
    "GET /manifest.webmanifest": "what a phone reads for its home screen: names, pictures, addresses",
    "GET /service-worker.js": "what every phone is given: assets and pages that are nobody's",
    "GET /offline/{language}/{name}": "the pages without signal: the same for whoever asks",
    "GET /waiting": "what waits on a phone, which the phone alone knows",
    "POST /look": "a cookie of this browser: which name and picture it shows",
}

UNGUARDED = {
    "program": "which programs there are: read to know the zone before a door can open",
    "sign_in": "asked before anybody is signed in, by the hash of a random token; holds no words",
    "passphrase": "asked before anybody is signed in, by the keyed hash of a name; holds no words",
    "attempt": "counted before anybody is signed in; keyed hashes only",
    "job": "what is due is asked for all programs at once, by a clock; holds no words and names nobody",
    "feed": "asked by the hash of a random token, without a sign-in; holds no words",
    "invite": "asked by the hash of a random token before anybody is in the program; the plan is sealed",
}


@pytest.fixture
def app(house: House) -> FastAPI:
    return main.create_app(house)


# --- routes


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_route_is_found(app: FastAPI, settings: Settings, house: House) -> None:
    assert len(addresses(app)) == ROUTES
    assert len({str(address) for address in addresses(app)}) == ROUTES
    # A router is asked only for what begins like one of its own, so that is never a name in braces.
    assert [each.path for each in addresses(app) if each.path.startswith("/{")] == []
    house.settings = settings.model_copy(update={"development": True})
    assert len(addresses(main.create_app(house))) == ROUTES + IN_DEVELOPMENT


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_route_depends_on_a_door_or_is_public_for_a_reason(app: FastAPI) -> None:
    doors = {str(address): address.door for address in addresses(app)}
    public = {name for name, door in doors.items() if door in ("", "_outside", "_invited", "_subscribed")}
    assert public == set(PUBLIC)
    assert set(doors.values()) <= matrix.SIGNED_IN | {"", "_outside", "_invited", "_subscribed"}
    assert {door for name, door in doors.items() if name.endswith("{token}")} == {"_invited"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_v3_5_3_what_is_only_read_takes_no_form(app: FastAPI) -> None:
    methods: dict[str, set[bool]] = {}
    for address in addresses(app):
        methods.setdefault(address.method, set()).add(address.form is not None)
    assert set(methods) == {"GET", "POST"}
    assert methods["GET"] == {False}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_bodies_that_the_matrix_sends_are_taken(app: FastAPI, cast: demo.Cast) -> None:
    forms = {address.form for address in addresses(app) if address.form}
    assert len(forms) > 10
    for form in forms:
        assert read_form(form, FormData(matrix.filled(form, coach=cast.cora))).errors == {}, form


# --- every route × every wrong person


@pytest.mark.parametrize("who", [*matrix.OTHERS, matrix.COACH])
def test_v8_2_every_route_refuses_everybody_who_has_no_business_there(house: House, cast: demo.Cast, who: str) -> None:
    result = matrix.try_everybody(house, cast, [who])
    assert result.leaks == []
    assert result.requests > 400


@pytest.mark.parametrize("who", ["cora", "dov"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_matrix_notices_when_the_second_wall_is_gone(
    house: House, cast: demo.Cast, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    monkeypatch.setattr(guard, "criterion", lambda reader, model: true())
    assert matrix.try_everybody(house, cast, [who]).leaks != []


# The pages of a coach on which stands what is shared; the others are about something else.
SHOWN = {"/review", "/caseload/{person_id}", "/caseload/{person_id}/entries/{entry_id}"}


def coach_pages(app: FastAPI) -> list[Address]:
    return [one for one in addresses(app) if one.door in ("_coached", "_caseload", "_glance") and one.method == "GET"]


def test_her_coach_is_shown_what_is_shared_and_nothing_else(house: House, cast: demo.Cast) -> None:
    ana = matrix.settle(house, cast)
    served = main.serve(house)
    cora = matrix.browser(served, "cora")
    pages = coach_pages(served.app)  # type: ignore[arg-type]
    assert len(pages) >= 4
    for address in pages:
        named = {name: ana.values(name)[0] for name in address.names}
        if "entry_id" in named:
            named["entry_id"] = str(ana.entries["shared"])
        answer = Try("cora", address, named).make(cora)
        if answer.status_code == 303:
            answer = cora.get(answer.headers["location"])
        assert answer.status_code == 200, address
        assert f"{CANARY} shared" in answer.text or address.path not in SHOWN, address
        hidden = [f"{CANARY} private", f"{CANARY} binned", "answer to binned", str(ana.entries["private"])]
        assert [words for words in hidden if words in answer.text] == [], address


def test_of_somebody_elses_participant_it_is_404_also_for_the_coach_of_another(house: House, cast: demo.Cast) -> None:
    """403 would say that there is such a person; 404 is what an id that nobody has gets too."""
    ana = matrix.settle(house, cast)
    dov = matrix.browser(main.serve(house), "dov")
    nobodys = "0197a000-0000-7000-8000-000000000000"
    for path in ("/caseload/{}", "/caseload/{}/entries/" + str(ana.entries["shared"])):
        refused, unknown = dov.get(path.format(ana.person)), dov.get(path.format(nobodys))
        assert (refused.status_code, unknown.status_code) == (404, 404)
        assert refused.text.replace(str(ana.person), nobodys) == unknown.text


# --- tables


def test_every_table_is_guarded_or_has_a_reason_not_to_be() -> None:
    tables = set(SQLModel.metadata.tables)
    assert tables == {table.name for table in guarded()} | set(UNGUARDED)
    assert not {table.name for table in guarded()} & set(UNGUARDED)
    # What is about a participant is Owned, not merely of a program.
    about = {name for name, table in SQLModel.metadata.tables.items() if "participant_id" in table.c}
    assert about == {model.__tablename__ for model in guarded().values() if issubclass(model, Owned)}


def test_the_program_leads_every_key() -> None:
    for table, model in guarded().items():
        assert issubclass(model, InProgram)
        assert [column.name for column in table.primary_key] == ["program_id", "id"], table.name


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_v8_4_1_every_guarded_table_has_its_policies_in_the_database(house: House) -> None:
    walls = "select relname from pg_class where relrowsecurity and relforcerowsecurity and relkind = 'r'"
    policies = "select tablename, cmd from pg_policies where permissive = 'PERMISSIVE'"
    with house.database.engine.connect() as connection:
        assert set(connection.scalars(text(walls))) == {table.name for table in guarded()}
        found = sorted(map(tuple, connection.execute(text(policies))))
    assert found == sorted((t.name, cmd) for t in guarded() for cmd in ("SELECT", "INSERT", "UPDATE", "DELETE"))


# --- fields that nobody asked for


EXTRA = {"participant_id": "x", "role": "manager", "program_id": "x", "kept_at": "2020-01-01", "is_admin": "true"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_v15_3_3_a_field_that_no_page_of_ours_has_is_refused_by_every_form(app: FastAPI) -> None:
    for form in {address.form for address in addresses(app) if address.form}:
        for name, value in EXTRA.items():
            if name in form.model_fields:
                continue
            posted = read_form(form, FormData(matrix.filled(form) | {name: value}))
            assert posted.kept is None and posted.refused, (form, name)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_v15_3_7_a_field_that_comes_twice_is_refused_where_one_was_asked_for(app: FastAPI) -> None:
    for form in {address.form for address in addresses(app) if address.form}:
        for name, field in form.model_fields.items():
            if "list" not in str(field.annotation):
                posted = read_form(form, FormData([*matrix.filled(form).items(), (name, "1"), (name, "2")]))
                taken = getattr(posted.kept, name, field.default)
                assert name in posted.errors or taken == field.default, (form, name)


def test_v15_3_3_extra_fields_change_nothing(signed_in: Callable[[str], Any], cast: demo.Cast, page_id: Any) -> None:
    ana = signed_in("ana")
    answer = ana.post("/moods", {"id": page_id(), "mood": "3", "participant_id": str(cast.ben), "role": "manager"})
    assert answer.status_code == 422
    assert "does not belong to it" in answer.text
    assert ana.post("/sharings", {"kind": "mood", "open": "false", "reader_id": str(cast.sam)}).status_code == 422
