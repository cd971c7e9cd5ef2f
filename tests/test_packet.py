"""After the last day: nothing new is kept, everything is there to read, and a page goes along."""

from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import escape

from app.database import new_id
from app.models import contacts, entry, triggers
from app.models.contacts import ContactForm
from app.models.triggers import TriggerForm
from tests.acts import kept, said
from tests.conftest import NOON, Browser, Clock, Stage
from tests.planned import weekly

LOGS = {
    "/moods": {"mood": "3"},
    "/check-ins": {"urge": "3", "words": "a line", "visibility": "shared"},
    "/journal": {"words": "a line", "visibility": "private"},
    "/skills/box-breathing": {"skill": "box-breathing", "before": "5", "after": "2", "visibility": "shared"},
    "/urges": {"before": "6", "visibility": "shared", "step": "1"},
    "/setbacks": {"words": "a line", "visibility": "private", "step": "1"},
}
OVER = str(escape(entry.OVER))


def leave(browser: Browser, stage: Stage, name: str = "ana", day: str = "2026-11-18") -> Any:
    return browser.post(f"/people/{getattr(stage.cast, name)}/last-day", {"last_day": day})


def log(browser: Browser, path: str, **also: str) -> Any:
    path = "/practices" if path.startswith("/skills/") else path
    return browser.post(path, {"id": str(new_id())} | LOGS.get(path, LOGS["/skills/box-breathing"]) | also)


@pytest.mark.parametrize("path", LOGS)
def test_after_the_last_day_nothing_new_is_kept_and_it_is_said_kindly(
    stage: Stage, signed_in: Callable[[str], Browser], clock: Clock, path: str
) -> None:
    ana = signed_in("ana")
    assert leave(signed_in("pat"), stage).status_code == 303
    assert log(ana, path).status_code == 303, "the last day is still one"
    clock.go(days=1)
    answer = log(ana, path)
    assert answer.status_code == 422 and OVER in answer.text
    assert "Kept" not in answer.headers


def test_what_was_written_before_and_comes_in_late_is_kept(
    stage: Stage, signed_in: Callable[[str], Browser], clock: Clock
) -> None:
    ana = signed_in("ana")
    leave(signed_in("pat"), stage)
    clock.go(days=3)
    waited = {"written_at": "2026-11-18T20:00:00Z", "sent_at": clock.now.isoformat(), "zone": "America/New_York"}
    assert log(ana, "/journal", **waited).status_code == 303
    # And what is kept is kept however often it is sent.
    one = str(new_id())
    for _ in range(2):
        assert log(ana, "/journal", id=one, **waited).headers["location"].endswith(f"#kept={one}")


def test_everything_is_there_to_read_and_ones_own_to_take_back(
    stage: Stage, signed_in: Callable[[str], Browser], clock: Clock
) -> None:
    page = kept(stage, "ana", "what I wrote")
    ana = signed_in("ana")
    leave(signed_in("pat"), stage)
    clock.go(days=20)
    assert "what I wrote" in ana.look(f"/journal/{page}").text
    today = said(ana.look("/today"))
    assert "Your time in the program ended on Nov 18" in today and "How is it right now?" not in today
    assert ana.post(f"/entries/{page}/visibility", {"visibility": "private"}).status_code == 303
    assert ana.post(f"/entries/{page}/deletion", {}).status_code == 303
    assert ana.post("/sharings", {"kind": "journal", "open": "false"}).status_code == 303


def test_nobody_is_expected_after_their_last_day(
    stage: Stage, signed_in: Callable[[str], Browser], clock: Clock
) -> None:
    _, of = weekly(stage.house, stage.cast.harbor, stage.cast.cora, stage.cast.ana)
    ana, pat = signed_in("ana"), signed_in("pat")
    leave(pat, stage)
    assert ana.look(f"/sessions/{of}").status_code == 404
    assert leave(pat, stage, day="").status_code == 303
    assert ana.look(f"/sessions/{of}").status_code == 200
    clock.go(days=2)
    assert log(ana, "/moods").status_code == 303


@pytest.mark.parametrize(("who", "day", "status"), [
    ("cora", "2026-11-18", 303), ("dov", "2026-11-18", 422), ("pat", "2026-02-01", 422), ("pat", "9999-12-31", 422),
    ("pat", "soon", 422), ("fay", "2026-11-18", 404), ("ana", "2026-11-18", 404), ("sam", "2026-11-18", 404),
])  # fmt: skip
def test_who_says_when_a_stay_ends(
    stage: Stage, signed_in: Callable[[str], Browser], who: str, day: str, status: int
) -> None:
    assert leave(signed_in(who), stage, day=day).status_code == status


def test_the_packet_holds_what_somebody_worked_out(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    with stage.mine("ana", NOON) as record:
        contacts.add(record, ContactForm(id=new_id(), name="June", phone="212-555-0142", line="my sister"))
        triggers.add(record, TriggerForm(id=new_id(), name="Payday", sort="times", risk=9, plan="I call June first."))
    ana = signed_in("ana")
    page = said(ana.look("/packet"))
    for words in (
        "Payday I call June first.",
        "June 212-555-0142 my sister",
        "988",
        "Harbor evening line",
        "Cora Diaz",
    ):
        assert words in page, words
    assert "Payday" not in said(signed_in("ben").look("/packet"))
    assert signed_in("cora").look("/packet").status_code == 404


def test_an_empty_packet_is_kind(signed_in: Callable[[str], Browser]) -> None:
    page = said(signed_in("ben").look("/packet"))
    assert "You have not written any down." in page and "Nobody is on your list yet." in page
