"""Me: the language somebody reads, the devices they are signed in on, and who looked."""

from collections.abc import Callable

import pytest

from app.models import entry, openings
from tests.acts import kept, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]


@pytest.mark.parametrize("who", ["ana", "cora", "pat", "sam", "eli"])
def test_everybody_has_a_page_about_themselves(who: str, signed_in: SignIn, stage: Stage) -> None:
    here = signed_in(who)
    told = said(here.look("/me"))
    assert "This device" in told and "Sign out on this device" in told
    assert ("Who sees what" in told) == (who in ("ana", "eli"))


@pytest.mark.parametrize("who", ["ana", "cora"])
def test_the_language_follows_the_person(who: str, signed_in: SignIn) -> None:
    here = signed_in(who)
    assert '<html lang="en"' in here.look("/me").text
    assert here.post("/me/language", {"language": "es"}).headers["Location"] == "/me"
    for path in ("/me", "/help", "/entries/no-id"):
        assert '<html lang="es"' in here.get(path, headers={"Accept-Language": "en"}).text, path
    assert '<html lang="es"' in signed_in(who).look("/me").text


def test_only_what_we_speak_is_offered(signed_in: SignIn) -> None:
    here = signed_in("ana")
    for language in ("fr", "", "EN", "es\0", "../es"):
        answer = here.post("/me/language", {"language": language})
        assert (answer.status_code == 422) or language == "es\0"
    assert here.post("/me/language", {"language": "en"}).status_code == 303


def test_of_others_nothing_changes(signed_in: SignIn) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    ana.post("/me/language", {"language": "es"})
    assert '<html lang="en"' in ben.look("/me").text


def test_before_anybody_signs_in_the_language_is_the_browsers(browser: Callable[[], Browser], stage: Stage) -> None:
    asked = {"es": "es", "es-MX,es;q=0.9": "es", "fr, es;q=0.5": "es", "en-US,es;q=0.9": "en", "fr": "en", "*": "en"}
    for wish, spoken in asked.items():
        assert f'<html lang="{spoken}"' in browser().get("/help", headers={"Accept-Language": wish}).text, wish


def test_who_looked_is_there_for_the_participant_only(signed_in: SignIn, stage: Stage) -> None:
    assert "Nobody has opened your record so far." in said(signed_in("ana").look("/me/openings"))
    for who in ("cora", "pat", "sam"):
        assert signed_in(who).look("/me/openings").status_code == 404
    with stage.coached("cora", "ana") as record:
        openings.opened(record)
    assert "Cora Diaz" in said(signed_in("ana").look("/me/openings"))
    assert "Nobody has opened your record so far." in said(signed_in("ben").look("/me/openings"))


def test_the_latest_looks_come_first_under_their_days(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    one = kept(stage, "ana", "a page")
    for _ in range(3):
        with stage.coached("cora", "ana") as record:
            openings.opened(record, one)
        clock.go(hours=12)
    told = said(signed_in("ana").look("/me/openings"))
    assert told.index("Thursday, November 19") < told.index("Wednesday, November 18")
    with stage.mine("ana") as record:
        seen = openings.seen(record)
    assert [look.at for look in seen] == sorted((look.at for look in seen), reverse=True) and len(seen) == 3
    assert seen[0].entry_id == one and [look.day.day for look in seen] == [19, 19, 18]


def test_a_look_leads_to_what_was_looked_at(signed_in: SignIn, stage: Stage) -> None:
    one = kept(stage, "ana", "a page")
    signed_in("cora").look(f"/caseload/{stage.cast.ana}/entries/{one}")
    ana = signed_in("ana")
    assert f'href="/entries/{one}"' in ana.look("/me/openings").text
    assert "a page" in ana.look(f"/entries/{one}").text
    with stage.mine("ana") as record:
        entry.throw(record, one)
    assert ana.look(f"/entries/{one}").status_code == 200
