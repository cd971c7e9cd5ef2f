"""The office's calendar: series are planned, changed and ended, single sessions differ, people come on rosters."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import func, select

from app.access import opened
from app.database import new_id
from app.models import sessions
from app.models.sessions import Change, Seat, Series
from tests.acts import said, statements
from tests.conftest import Browser, Stage
from tests.planned import begun, weekly

WEDNESDAY, DAY = date(2026, 11, 18), timedelta(days=1)
OVERTAKEN = "Somebody changed this series meanwhile."


def typed(stage: Stage, **also: str) -> dict[str, str]:
    """What somebody types into the form of a series."""
    return {
        "id": str(new_id()), "kind": "skills", "title": "Coping skills", "starts_on": "2026-11-19", "at": "18:00",
        "minutes": "90", "every": "1", "weekdays": "3", "last": "", "times": "", "place": "Room 2", "link": "",
        "facilitator": str(stage.cast.cora), "phases": "1", "seen": "",
    } | also  # fmt: skip


def unticked(form: dict[str, str]) -> dict[str, str]:
    """As a browser sends it when no weekday is ticked."""
    return {name: value for name, value in form.items() if name != "weekdays"}


def plan(browser: Browser, stage: Stage, **also: str) -> Any:
    return browser.post("/schedule", typed(stage, **also))


def planned(answer: Any) -> UUID:
    assert answer.status_code == 303, said(answer)
    return UUID(answer.headers["location"].removeprefix("/schedule/"))


def tomorrow(stage: Stage, *names: str, leader: str = "cora", **also: Any) -> tuple[UUID, UUID]:
    cast = stage.cast
    return weekly(stage.house, cast.harbor, getattr(cast, leader), *(getattr(cast, name) for name in names), **also)


def between(stage: Stage, days: int = 28) -> list[sessions.ProgramSession]:
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat) as record:
        return sessions.between(record, WEDNESDAY, WEDNESDAY + days * DAY)


def rows(stage: Stage, model: Any) -> int:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        return record.session.exec(select(func.count()).select_from(model)).one()


# --- planning


def test_a_manager_plans_a_series_and_people_are_expected(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat = signed_in("pat")
    made = planned(plan(pat, stage))
    page = said(pat.look(f"/schedule/{made}")).replace("\xa0", " ")
    assert "Coping skills" in page and "Thursday, November 19, 6:00 pm to 7:30 pm" in page
    assert "Expected next time 1" in page and "Ben" in page
    assert "Coping skills" in said(pat.look("/schedule")) and "Coping skills" in said(pat.look("/schedule/series"))
    assert "Coping skills" in said(signed_in("ben").look("/sessions"))
    assert "Coping skills" not in said(signed_in("ana").look("/sessions"))


def test_sent_twice_it_is_one_series(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat, one = signed_in("pat"), str(new_id())
    assert planned(plan(pat, stage, id=one)) == planned(plan(pat, stage, id=one))
    assert rows(stage, Series) == 1


def test_a_number_that_leads_into_another_series_is_nobodys(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    """Whoever makes ids up could otherwise add to a series that somebody else leads."""
    made = planned(plan(signed_in("pat"), stage))
    other = UUID(int=made.int | 7)
    answer = plan(signed_in("dov"), stage, id=str(other), facilitator=str(stage.cast.dov))
    assert answer.status_code == 404 and rows(stage, Series) == 1


@pytest.mark.parametrize(("also", "sentence"), [
    ({"last": "2026-11-18"}, "would end before it starts"),
    ({"last": "2026-11-20", "weekdays": "5"}, "No session would ever come of this."),
    ({"link": "http://meet.footbridge.example"}, "starts with https://"),
    ({"link": "javascript:alert(1)"}, "starts with https://"),
    ({"link": "https://"}, "starts with https://"),
    ({"link": "meet.footbridge.example/a"}, "starts with https://"),
    ({"starts_on": "2026-02-30"}, "Please write a day"),
    ({"starts_on": "2020-01-01"}, "from a month ago to two years"),
    ({"starts_on": "9999-12-31"}, "from a month ago to two years"),
    ({"at": "25:00"}, "Please write a time"),
    ({"minutes": "0"}, "Please choose one of the answers."),
    ({"minutes": "721"}, "Please choose one of the answers."),
    ({"weekdays": "7"}, "Please choose one of the answers."),
    ({"phases": "9"}, "Please choose one of the answers."),
    ({"times": "0"}, "Please choose one of the answers."),
    ({"title": " "}, "Please fill this in."),
    ({"title": "x" * 81}, "That is too long"),
    ({"kind": "detox"}, "Please choose one of the answers."),
])  # fmt: skip
def test_what_cannot_be_is_refused_kindly_with_what_was_typed(
    stage: Stage, signed_in: Callable[[str], Browser], also: dict[str, str], sentence: str
) -> None:
    answer = plan(signed_in("pat"), stage, place="The small room", **also)
    assert answer.status_code == 422 and sentence in said(answer), said(answer)
    assert "The small room" in answer.text and rows(stage, Series) == 0


def test_who_leads_is_of_the_programs_staff(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat = signed_in("pat")
    for nobody in (stage.cast.ana, stage.cast.fay, new_id()):
        assert plan(pat, stage, facilitator=str(nobody)).status_code == 422


def test_it_goes_on_so_many_times_or_to_a_day_whichever_is_first(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    pat = signed_in("pat")
    plan(pat, stage, title="Three", times="3")
    plan(pat, stage, title="To a day", last="2026-11-26", times="9")
    pat.post("/schedule", unticked(typed(stage, title="Once", every="0")))
    pat.post("/schedule", unticked(typed(stage, title="Goes on", every="2")))
    found = [one.title for one in between(stage, 60)]
    assert {title: found.count(title) for title in found} == {"Three": 3, "To a day": 2, "Once": 1, "Goes on": 5}


# --- whose it is


def test_a_coach_plans_and_changes_what_they_lead(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    cora, dov = signed_in("cora"), signed_in("dov")
    made = planned(plan(cora, stage))
    assert plan(cora, stage, facilitator=str(stage.cast.dov)).status_code == 422
    assert cora.look(f"/schedule/{made}/edit").status_code == 200
    # Everybody in the office reads the calendar; what somebody else leads is not theirs to change.
    assert dov.look(f"/schedule/{made}").status_code == 200
    assert "Change from a day on" not in dov.look(f"/schedule/{made}").text
    of = between(stage)[0].id
    assert dov.look(f"/schedule/sessions/{of}").status_code == 200
    for refused in (
        dov.look(f"/schedule/{made}/edit"), dov.post(f"/schedule/{made}", typed(stage)),
        dov.post(f"/schedule/{made}/end", {"id": str(new_id()), "starts_on": "2026-12-01"}),
        dov.post(f"/schedule/sessions/{of}", {"id": str(new_id()), "takes_place": "false", "reason": "No"}),
    ):  # fmt: skip
        assert refused.status_code == 404
    assert len(between(stage)) == 4 and all(one.happens for one in between(stage))


@pytest.mark.parametrize("who", ["ana", "sam", "fay", "eli"])
def test_the_office_is_the_programs_staff(stage: Stage, signed_in: Callable[[str], Browser], who: str) -> None:
    (made, of), browser = tomorrow(stage), signed_in(who)
    for path in (
        f"/schedule/{made}",
        f"/schedule/{made}/edit",
        f"/schedule/sessions/{of}",
        f"/people/{stage.cast.ana}",
    ):
        assert browser.look(path).status_code == 404, path
    if who != "fay":
        assert browser.look("/schedule").status_code == 404
    assert browser.post(f"/schedule/{made}", typed(stage)).status_code == 404
    assert browser.post(f"/schedule/{made}/end", {"id": str(new_id()), "starts_on": "2026-12-01"}).status_code == 404


# --- changing


def test_from_a_day_on_it_goes_differently(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat = signed_in("pat")
    made = planned(plan(pat, stage))
    form = pat.look(f"/schedule/{made}/edit").text
    seen = re.findall(r'name="seen" value="([0-9a-f-]+)"', form)[0]
    assert 'value="Coping skills"' in form and 'value="2026-11-19"' in form
    change = typed(stage, seen=seen, starts_on="2026-12-03", at="17:00")
    for _ in range(2):
        assert planned(pat.post(f"/schedule/{made}", change)) == made
    assert rows(stage, Series) == 2
    assert [(f"{one.on:%m-%d}", one.starts_at.hour) for one in between(stage)] == [
        ("11-19", 23), ("11-26", 23), ("12-03", 22), ("12-10", 22)
    ]  # fmt: skip
    assert said(pat.look(f"/schedule/{made}")).count("Pat Moreno, on") == 2


def test_somebody_was_faster(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat, cora = signed_in("pat"), signed_in("cora")
    mine = typed(stage)
    made = planned(pat.post("/schedule", mine))
    assert cora.post(f"/schedule/{made}", typed(stage, seen=mine["id"], at="17:00")).status_code == 303
    late = pat.post(f"/schedule/{made}", typed(stage, seen=mine["id"], at="19:00"))
    assert late.status_code == 422 and OVERTAKEN in said(late) and 'value="19:00"' in late.text
    seen = re.findall(r'name="seen" value="([0-9a-f-]+)"', late.text)[0]
    assert pat.post(f"/schedule/{made}", typed(stage, seen=seen, at="19:00")).status_code == 303


def test_a_series_is_ended(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat = signed_in("pat")
    made = planned(plan(pat, stage))
    end = {"id": str(new_id()), "starts_on": "2026-11-27"}
    for _ in range(2):
        assert pat.post(f"/schedule/{made}/end", end).status_code == 303
    assert len(between(stage)) == 2 and rows(stage, Series) == 2
    assert "Ended on Nov 27" in said(pat.look(f"/schedule/{made}"))
    assert pat.post(f"/schedule/{made}/end", {"id": str(new_id()), "starts_on": "1999-01-01"}).status_code == 422


def test_overlapping_series_are_kept_and_said(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat = signed_in("pat")
    plan(pat, stage, title="The first")
    made = planned(plan(pat, stage, title="The second", at="18:30"))
    page = said(pat.look(f"/schedule/{made}"))
    assert "At the same time, with the same person and in the same place: The first" in page
    assert "The second" in said(pat.look("/schedule")) and "At the same time" in said(pat.look("/schedule"))


# --- one session


def differ(browser: Browser, of: UUID, **also: str) -> Any:
    form = {"id": str(new_id()), "takes_place": "true", "moved_on": "", "moved_at": "", "place": "", "link": "",
            "cover": "", "reason": "The heating is broken"}  # fmt: skip
    return browser.post(f"/schedule/sessions/{of}", form | also)


def test_a_session_is_called_off_moved_and_covered_and_all_of_it_stays_to_be_seen(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    pat, (_, of) = signed_in("pat"), tomorrow(stage, "ana")
    assert differ(pat, of, takes_place="false").status_code == 303
    assert differ(pat, of, moved_on="2026-11-20", moved_at="09:00", cover=str(stage.cast.dov)).status_code == 303
    page = said(pat.look(f"/schedule/sessions/{of}")).replace("\xa0", " ")
    assert "Friday, November 20, 9:00 am to 10:30 am" in page
    changes = page[page.index("What was changed") :]
    assert changes.index("Takes place, Nov 20, 09:00, led by Dov Stein") < changes.index("Called off")
    assert changes.count("Pat Moreno") == 2
    assert 'value="2026-11-20"' in pat.look(f"/schedule/sessions/{of}").text


def test_sent_twice_it_is_one_change(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat, (_, of), one = signed_in("pat"), tomorrow(stage), str(new_id())
    for _ in range(2):
        assert differ(pat, of, id=one, takes_place="false").status_code == 303
    assert rows(stage, Change) == 1


@pytest.mark.parametrize(("also", "sentence"), [
    ({"reason": ""}, "Please fill this in."), ({"moved_on": "2027-11-20"}, "at most sixty days"),
    ({"moved_on": "0001-01-01"}, "at most sixty days"), ({"moved_on": "9999-12-31"}, "at most sixty days"),
    ({"cover": "6f1c3a52-2a0f-4c27-8d3a-0d8f5f5f5f5f"}, "Please choose one of the answers."),
    ({"link": "ftp://a.example"}, "starts with https://"),
])  # fmt: skip
def test_a_change_that_cannot_be_is_refused_kindly(
    stage: Stage, signed_in: Callable[[str], Browser], also: dict[str, str], sentence: str
) -> None:
    _, of = tomorrow(stage)
    answer = differ(signed_in("pat"), of, place="The garden", **also)
    assert answer.status_code == 422 and sentence in said(answer) and "The garden" in answer.text
    assert rows(stage, Change) == 0


def test_who_covers_may_change_the_session_and_not_the_series(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    (made, of), dov = tomorrow(stage), signed_in("dov")
    assert differ(dov, of).status_code == 404
    assert differ(signed_in("cora"), of, cover=str(stage.cast.dov)).status_code == 303
    assert differ(dov, of, place="Room 9", cover=str(stage.cast.dov)).status_code == 303
    assert dov.look(f"/schedule/{made}/edit").status_code == 404


# --- rosters by hand


def sit(browser: Browser, person: UUID, made: UUID, **also: str) -> Any:
    form = {"id": str(new_id()), "series": str(made), "since": "2026-11-18"}
    return browser.post(f"/people/{person}/seats", form | also)


def test_somebody_comes_on_a_roster_and_off_it(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat, (made, of) = signed_in("pat"), tomorrow(stage)
    for _ in range(2):
        assert sit(pat, stage.cast.ana, made).status_code == 303
    assert rows(stage, Seat) == 1
    ana = signed_in("ana")
    assert ana.look(f"/sessions/{of}").status_code == 200
    assert "Evening group" in said(pat.look(f"/people/{stage.cast.ana}"))
    for _ in range(2):
        assert pat.post(f"/people/{stage.cast.ana}/seats/{made}/removal", {}).status_code == 303
    assert ana.look(f"/sessions/{of}").status_code == 404


def test_on_a_roster_of_ones_own_only(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    made, _ = tomorrow(stage)
    refused = sit(signed_in("dov"), stage.cast.ana, made)
    assert refused.status_code == 422 and "Please choose one of the answers." in said(refused)
    assert sit(signed_in("cora"), stage.cast.ben, made).status_code == 303
    removal = f"/people/{stage.cast.ben}/seats/{made}/removal"
    assert signed_in("dov").post(removal, {}).status_code == 404
    assert sit(signed_in("fay"), stage.cast.ana, made).status_code == 404
    assert sit(signed_in("pat"), stage.cast.eli, made).status_code == 404
    assert sit(signed_in("pat"), stage.cast.ana, made, since="1999-01-01").status_code == 422


# --- the week


def test_a_week_by_its_day_in_the_address(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat = signed_in("pat")
    plan(pat, stage)
    assert "Week of Nov 16" in said(pat.look("/schedule"))
    assert "Week of Dec 28" in said(pat.look("/schedule?week=2027-01-01"))
    for nonsense in ("0001-01-01", "9999-12-31", "tomorrow", "2026-13-01", "'; drop table series; --"):
        page = pat.look("/schedule", params={"week": nonsense})
        assert page.status_code == 200 and "Week of Nov 16" in said(page)


def test_it_asks_the_same_of_the_database_however_full_the_week_is(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    pat, asked = signed_in("pat"), []
    for more in (1, 8):
        for _ in range(more):
            begun(stage.house, stage.cast.harbor, stage.cast.cora, stage.cast.ana, weekdays=[0, 2, 4], phases=[1, 2])
        pat.look("/schedule")
        with statements(stage) as sent:
            assert pat.look("/schedule").status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 20


def test_titles_places_and_reasons_are_sealed(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    pat = signed_in("pat")
    planned(plan(pat, stage, title="canary title", place="canary place", link="https://canary.example/x"))
    differ(pat, between(stage)[0].id, reason="canary reason")
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        kept = [*record.session.exec(select(Series)), *record.session.exec(select(Change))]
        assert len(kept) == 2 and not [row for row in kept if "canary" in str(row.model_dump())]
