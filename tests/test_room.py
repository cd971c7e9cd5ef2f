"""The room of a session: who may open it, what it shows to whom, what is marked, and how it stays live."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlmodel import select

from app import live
from app.access import opened
from app.models import entry, rooms, sharing
from app.models.accounts import SignIn
from app.models.attendance import Attendance, Claim, Mark
from app.models.people import Membership
from app.models.sessions import ProgramSession, Series
from app.record import Record
from tests.acts import admit, kept, said, statements
from tests.conftest import NOON, Browser, Clock, Stage
from tests.meeting import change, held

MIDNIGHT = datetime(2026, 11, 19, 5, 0, tzinfo=UTC)  # in New York
In = Callable[[str], Browser]
Ids = Callable[[], str]


@pytest.fixture
def group(stage: Stage) -> ProgramSession:
    """An evening group that Dov leads, from ten minutes after noon on. Ana, whom Cora coaches, and Ben are expected."""
    return held(stage.house, stage.cast.harbor, stage.cast.dov, NOON + timedelta(minutes=10))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that stays open says what there is, and ends."""
    monkeypatch.setattr(live, "LASTS", 0.0)


def comes(signed_in: In, page_id: Ids, group: ProgramSession, who: str = "ana", **also: str) -> str:
    asked = page_id()
    sent = {"id": asked, "session": str(group.id), "way": "arriving", "visibility": "shared"} | also
    assert signed_in(who).post("/attendances", sent).status_code == 303
    return asked


def marks(browser: Browser, page_id: Ids, group: ProgramSession, person: UUID, **also: str) -> Any:
    sent = {"id": page_id(), "state": "here"} | also
    return browser.post(f"/room/{group.id}/people/{person}/marks", sent)


def row(page: Any, person: UUID) -> str:
    """What stands of one person."""
    [found] = re.findall(rf'id="person-{person}"[^>]*>(.*?)<form', page.text, re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found)).split())


# --- who may open it


def test_only_who_leads_it_covers_it_or_manages_opens_it(stage: Stage, group: ProgramSession, signed_in: In) -> None:
    pages = [f"/room/{group.id}", f"/room/{group.id}/screen", f"/room/{group.id}/changes"]
    may = {"dov": 200, "pat": 200, "cora": 404, "fay": 404, "ana": 404, "ben": 404, "sam": 404, "eli": 404}
    for who, status in may.items():
        assert [signed_in(who).look(page).status_code for page in pages] == [status] * 3, who
    change(stage, group, cover_id=stage.cast.cora)
    assert [signed_in(who).look(pages[0]).status_code for who in ("cora", "dov")] == [200, 200]


def test_a_cover_that_was_taken_back_opens_nothing(stage: Stage, group: ProgramSession, signed_in: In) -> None:
    for cover in (stage.cast.cora, None):
        change(stage, group, cover_id=cover)
    assert signed_in("cora").look(f"/room/{group.id}").status_code == 404


def test_who_led_the_series_before_opens_what_was_then(stage: Stage, group: ProgramSession, signed_in: In) -> None:
    """A series is handed over from a day on: what was before stays with who led it."""
    weekly = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON, rule="FREQ=WEEKLY;INTERVAL=1;BYDAY=WE")
    hand_over(stage, weekly, stage.cast.cora)
    after = UUID(int=weekly.id.int + 7)
    opens = {(who, of): signed_in(who).look(f"/room/{of}").status_code for who in ("dov", "cora")
             for of in (weekly.id, after)}  # fmt: skip
    assert opens == {
        ("dov", weekly.id): 200, ("dov", after): 404, ("cora", weekly.id): 404, ("cora", after): 200,
    }  # fmt: skip


def hand_over(stage: Stage, session: ProgramSession, to: UUID) -> None:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        was = record.session.exec(select(Series).where(Series.series_id == session.series_id)).one()
        values = was.model_dump() | {
            "id": UUID(int=was.id.int + 1), "facilitator_id": to, "made_at": record.now,
            "starts_on": session.day + timedelta(days=1),
        }  # fmt: skip
        from app.models import sessions

        words = sessions.sealed(record, Series, values["id"], **sessions.opened(record, Series, was))
        record.session.add(Series(**values | {"words": words}))


@pytest.mark.parametrize("of", ["0" * 32, "f" * 32, "0197a000-0000-7000-8000-000000000000", "x"])
def test_what_is_no_session_is_not_there(signed_in: In, of: str) -> None:
    for who in ("dov", "pat"):
        assert signed_in(who).look(f"/room/{of}").status_code == 404


# --- both walls around what was said


READERS = [
    ("ana", "participant", "ana"), ("ben", "participant", "ben"), ("dov", "coach", None), ("dov", "coach", "ana"),
    ("cora", "coach", None), ("cora", "coach", "ana"), ("pat", "manager", None), ("sam", "supporter", "ana"),
    ("fay", "coach", None), ("pat", "keeper", None), ("eli", "participant", "eli"),
]  # fmt: skip


@contextmanager
def seen_by(stage: Stage, who: str, role: Any, whose: str | None) -> Iterator[Record]:
    program = stage.cast.meadow if who in ("eli", "fay") else stage.cast.harbor
    participant = getattr(stage.cast, whose) if whose else None
    with opened(stage.house, program, role, getattr(stage.cast, who), participant) as record:
        yield record


def told(stage: Stage) -> dict[str, set[UUID]]:
    """Who sees which rows of what was said; where there is a wall in the database, it must say the same."""
    found: dict[str, set[UUID]] = {}
    for who, role, whose in READERS:
        with seen_by(stage, who, role, whose) as record:
            for model, name in ((Attendance, "attendance"), (Claim, "claim"), (Mark, "mark")):
                rows = set(record.session.exec(select(model.id)))
                if stage.house.settings.database_url:
                    raw = text(f"select id from {name}")  # noqa: S608
                    assert set(record.session.connection().scalars(raw)) == rows, (who, role, whose, name)
                if model is Attendance and rows:
                    found[f"{who} {role} {whose or ''}".strip()] = rows
    return found


def test_both_walls_open_what_was_said_to_who_leads_and_who_coaches(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids
) -> None:
    mine, bens = UUID(comes(signed_in, page_id, group, bring_up="Mine.")), UUID(comes(signed_in, page_id, group, "ben"))
    elsewhere = held(stage.house, stage.cast.harbor, stage.cast.pat, NOON)
    pats = UUID(comes(signed_in, page_id, elsewhere))
    assert told(stage) == {
        "ana participant ana": {mine, pats}, "ben participant ben": {bens}, "dov coach": {mine, bens},
        "dov coach ana": {mine}, "cora coach": {mine, pats}, "cora coach ana": {mine, pats}, "pat manager": {pats},
        "pat keeper": {mine, bens, pats},
    }  # fmt: skip
    change(stage, elsewhere, cover_id=stage.cast.dov)
    assert told(stage)["dov coach"] == {mine, bens, pats}
    change(stage, elsewhere)
    assert told(stage)["dov coach"] == {mine, bens}


@pytest.mark.parametrize("way", ["private", "binned", "stopped", "handed over"])
def test_both_walls_close_when_it_is_not_shared_any_more(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids, way: str
) -> None:
    mine = UUID(comes(signed_in, page_id, group))
    if way == "handed over":
        again = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON)
        assert told(stage)["dov coach"] == {mine} and again
        return
    with stage.mine("ana") as record:
        match way:
            case "private":
                entry.share(record, mine, "private")
            case "binned":
                entry.throw(record, mine)
            case "stopped":
                sharing.stop(record, "attendance")
    assert set(told(stage)) == {"ana participant ana", "pat keeper"}


def test_nothing_else_of_the_entry_is_for_who_leads(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids
) -> None:
    asked = comes(signed_in, page_id, group)
    page = kept(stage, "ana", "for Cora alone")
    for whose in (None, "ana"):
        with stage.coached("dov", whose) as record:
            assert record.session.exec(select(Attendance.id)).all() == [UUID(asked)]
            assert {line.id for line in entry.timeline(record)[0]} & {UUID(asked), page} == set()
    dov = signed_in("dov")
    for path in (f"/caseload/{stage.cast.ana}", f"/caseload/{stage.cast.ana}/entries/{asked}"):
        assert dov.look(path).status_code == 404


# --- what it shows


def test_the_roster_says_who_is_expected_here_late_away_and_missing(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids, clock: Clock
) -> None:
    noa, lev = (admit(stage, name, "dov", NOON - timedelta(days=9)) for name in ("Noa Berg", "Lev Ito"))
    away = {"id": page_id(), "reason": "transport", "words": "The bus stands still."}
    assert signed_in("ben").post(f"/sessions/{group.id}/away", away).status_code == 303
    comes(signed_in, page_id, group, mood="2", urge="7", bring_up="My sister.")
    page = signed_in("dov").look(f"/room/{group.id}")
    assert "1 here 2 expected 1 away 0 missing" in said(page)
    assert "says so, 12:00 pm by tap" in row(page, stage.cast.ana)
    assert "Low" in row(page, stage.cast.ana) and "Urge 7 of 10 My sister." in row(page, stage.cast.ana)
    assert "Getting there" in row(page, stage.cast.ben) and "The bus stands still." in row(page, stage.cast.ben)
    clock.go(minutes=25)
    with opened(stage.house, stage.cast.harbor, "participant", lev, lev) as record:
        claim = Claim(id=UUID(page_id()), session_id=group.id, arriving=True, proof="code", at=record.now,
                      kept_at=record.now)  # fmt: skip
        record.session.add(claim)
    clock.go(minutes=16)
    page = signed_in("dov").look(f"/room/{group.id}")
    assert "2 here 0 expected 1 away 1 missing" in said(page)
    assert "came late" in row(page, lev) and "missing" in row(page, noa)


def test_a_manager_sees_who_is_there_and_not_how_they_are(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids
) -> None:
    comes(signed_in, page_id, group, mood="2", bring_up="My sister.")
    page = said(signed_in("pat").look(f"/room/{group.id}"))
    assert "1 here" in page and "My sister." not in page and "Comes" not in page


def test_since_the_last_session_only_of_the_readers_own_caseload(
    stage: Stage, signed_in: In, page_id: Ids, clock: Clock
) -> None:
    a_week_ago = NOON - timedelta(days=7)
    weekly = held(stage.house, stage.cast.harbor, stage.cast.cora, a_week_ago, rule="FREQ=WEEKLY;INTERVAL=1;BYDAY=WE")
    kept(stage, "ana", "before it", at=NOON - timedelta(days=8))
    kept(stage, "ana", "since then", at=NOON - timedelta(days=3))
    kept(stage, "ana", "to herself", at=NOON - timedelta(days=3), visibility="private")
    kept(stage, "ben", "of Ben", at=NOON - timedelta(days=3))
    page = signed_in("cora").look(f"/room/{UUID(int=weekly.series_id.int | NOON.date().toordinal())}")
    assert "one entry since last time" in row(page, stage.cast.ana)
    assert f'href="/caseload/{stage.cast.ana}"' in page.text
    assert "since last time" not in row(page, stage.cast.ben)


def test_queries_do_not_grow_with_the_room(stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids) -> None:
    counted = []
    for number in range(2):
        for each in range(6 * number):
            admit(stage, f"Noa{each} Berg", "dov", NOON - timedelta(days=9))
        with stage.coached("dov") as record, statements(stage) as sent:
            assert len(rooms.shown(record, group, "https://x")["present"]) == 2 + 6 * number
        counted.append(len(sent))
    assert counted[0] == counted[1] < 40


def test_opening_a_room_is_a_look_at_what_was_said_once_an_hour(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids, clock: Clock
) -> None:
    comes(signed_in, page_id, group, mood="2")
    dov = signed_in("dov")
    for _ in range(3):
        dov.look(f"/room/{group.id}")
    signed_in("pat").look(f"/room/{group.id}")  # is shown nothing that Ana said
    dov.look(f"/room/{group.id}/screen")
    looks = said(signed_in("ana").look("/me/openings"))
    assert looks.count("opened one entry") == 1 and "Dov Stein , coach" in looks and "Pat" not in looks
    assert "opened" not in said(signed_in("ben").look("/me/openings")).partition("taken")[2]
    clock.go(minutes=14)
    signed_in("dov").look(f"/room/{group.id}")
    clock.go(minutes=50)
    signed_in("dov").look(f"/room/{group.id}")
    assert said(signed_in("ana").look("/me/openings")).count("opened one entry") == 2


# --- the screen on the wall


@pytest.mark.parametrize(("wall", "shown"), [("names", "Ana"), ("initials", "A.K."), ("none", "One person is here")])
def test_the_wall_shows_the_code_and_what_the_program_chose(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids, wall: str, shown: str
) -> None:
    signed_in("pat").post("/room", {"minutes": "30", "wall": wall})
    comes(signed_in, page_id, group, mood="1", bring_up="My sister.")
    page = signed_in("dov").look(f"/room/{group.id}/screen")
    digits = re.findall(r'<p class="digits"[^>]*>(\d{4})</p>', page.text)
    assert len(digits) == 1 and shown in said(page)
    for hidden in ("Keller", "My sister.", "Very low", "Ben"):
        assert hidden not in said(page)
    assert "Ana" not in said(page) or wall == "names"
    assert not re.findall(r"<(button|form|input)\b", page.text.partition("<template")[0])
    assert said(signed_in("dov").look(f"/room/{group.id}")).count(digits[0]) == 1


def test_the_code_changes_with_its_slot_and_the_qr_with_it(
    stage: Stage, group: ProgramSession, signed_in: In, clock: Clock
) -> None:
    seen = set()
    for _ in range(4):
        page = signed_in("dov").look(f"/room/{group.id}/screen").text
        seen.add((re.findall(r'digits"[^>]*>(\d{4})', page)[0], re.findall(r'<path d="(M[^"]{200,})"', page)[0]))
        clock.go(minutes=5)
    assert len(seen) == 4


# --- marks


def test_one_tap_marks_and_another_takes_it_back_and_both_stay(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids
) -> None:
    dov, ana = signed_in("dov"), stage.cast.ana
    assert marks(dov, page_id, group, ana).status_code == 303
    assert "here Dov Stein marked it, 12:00 pm" in row(dov.look(f"/room/{group.id}"), ana)
    assert marks(signed_in("pat"), page_id, group, ana, state="open").status_code == 303
    page = dov.look(f"/room/{group.id}")
    assert "expected" in row(page, ana)
    assert "12:00 pm: taken back, Pat Moreno 12:00 pm: here, Dov Stein" in said(page)


def test_the_roster_is_the_record_and_a_check_in_a_claim(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids
) -> None:
    comes(signed_in, page_id, group)
    dov = signed_in("dov")
    assert "says so" in row(dov.look(f"/room/{group.id}"), stage.cast.ana)
    marks(dov, page_id, group, stage.cast.ana, state="missing", reason="Nobody saw her.")
    page = row(dov.look(f"/room/{group.id}"), stage.cast.ana)
    assert "missing" in page and "Nobody saw her." in page and "by tap" in page


@pytest.mark.parametrize(
    ("also", "minutes"),
    [
        ({}, 90), ({"came": "12:30"}, 70), ({"came": "11:50"}, 90), ({"went": "13:00"}, 50),
        ({"state": "late", "came": "12:30", "went": "13:30"}, 60), ({"state": "partial", "minutes": "25"}, 25),
        ({"state": "missing"}, None), ({"state": "away", "came": "12:30"}, None), ({"came": "13:50"}, 0),
        ({"minutes": "0"}, 0), ({"mode": "telehealth", "went": "20:00"}, 90),
    ],
)  # fmt: skip
def test_minutes_are_those_of_the_session_in_which_they_were_there(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids, also: dict[str, str], minutes: int | None
) -> None:
    assert marks(signed_in("dov"), page_id, group, stage.cast.ana, **also).status_code == 303
    with stage.mine("ana") as record:
        assert [row.minutes for row in record.session.exec(select(Mark))] == [minutes]


def test_all_who_checked_in_are_confirmed_at_once_and_those_who_were_marked_stay(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids, clock: Clock
) -> None:
    comes(signed_in, page_id, group)
    clock.go(minutes=25)
    comes(signed_in, page_id, group, "ben")
    dov = signed_in("dov")
    noa = admit(stage, "Noa Berg", "dov", NOON - timedelta(days=9))
    marks(dov, page_id, group, stage.cast.ana, state="partial", minutes="20")
    sent = {"id": page_id()}
    for _ in range(2):
        assert dov.post(f"/room/{group.id}/marks", sent).status_code == 303
    page = dov.look(f"/room/{group.id}")
    assert "part of it" in row(page, stage.cast.ana) and "came late Dov Stein marked it" in row(page, stage.cast.ben)
    assert "marked" not in row(page, noa) and "confirm-all" not in page.text
    with stage.mine("ben") as record:
        assert len(record.session.exec(select(Mark)).all()) == 1
    for who in ("cora", "ben", "fay"):
        assert signed_in(who).post(f"/room/{group.id}/marks", {"id": page_id()}).status_code == 404
    assert dov.post(f"/room/{group.id}/marks", {"id": "x"}).status_code == 422


def test_over_midnight_who_left_after_coming_left_the_next_day(
    stage: Stage, signed_in: In, page_id: Ids, clock: Clock
) -> None:
    night = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON + timedelta(hours=11, minutes=30))
    assert marks(signed_in("dov"), page_id, night, stage.cast.ana, came="23:45", went="00:45").status_code == 303
    with stage.mine("ana") as record:
        assert [row.minutes for row in record.session.exec(select(Mark))] == [60]


def test_a_mark_that_is_sent_twice_is_one(stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids) -> None:
    dov, asked = signed_in("dov"), page_id()
    for _ in range(3):
        assert marks(dov, page_id, group, stage.cast.ana, id=asked).status_code == 303
    with stage.mine("ana") as record:
        assert len(record.session.exec(select(Mark)).all()) == 1


def test_a_fragment_answers_with_the_person_alone(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids
) -> None:
    path, sent = f"/room/{group.id}/people/{stage.cast.ana}/marks", {"id": page_id(), "state": "late"}
    answer = signed_in("dov").post(path, sent, headers={"HX-Request": "true"})
    assert "came late" in row(answer, stage.cast.ana) and "Ben" not in answer.text


@pytest.mark.parametrize("wrong", [{"state": "dancing"}, {"came": "25:00"}, {"minutes": "-4"}, {"minutes": "9999"}])
def test_a_mark_that_cannot_be_read_is_refused_with_what_was_typed(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids, wrong: dict[str, str]
) -> None:
    answer = marks(signed_in("dov"), page_id, group, stage.cast.ana, reason="A flat tyre.", **wrong)
    assert answer.status_code == 422 and "A flat tyre." in answer.text and 'class="error"' in answer.text


def test_marks_are_for_people_in_the_room_by_whoever_may_open_it(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids
) -> None:
    cast = stage.cast
    tries = [("cora", cast.ana), ("ana", cast.ana), ("sam", cast.ana), ("fay", cast.ana), ("eli", cast.eli),
             ("dov", cast.eli), ("dov", cast.cora), ("dov", UUID(page_id()))]  # fmt: skip
    for who, person in tries:
        assert marks(signed_in(who), page_id, group, person).status_code == 404, who
    nobodys = held(stage.house, cast.harbor, cast.dov, NOON, phases="")
    assert marks(signed_in("dov"), page_id, nobodys, cast.ana).status_code == 404


# --- live


def events(page: Any) -> list[tuple[str, str]]:
    return re.findall(r"event: (\w+)\n(?:id: \w*\n)?data:[ ]?(\w*)\n\n", page.text)


def test_who_watches_is_told_of_what_they_have_not_seen(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids
) -> None:
    dov, path = signed_in("dov"), f"/room/{group.id}/changes"
    [seen] = re.findall(r'data-live="[^"]*" data-version="(\w+)"', dov.look(f"/room/{group.id}").text)
    answer = dov.look(path, params={"seen": seen})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events(answer) == [] and "retry:" in answer.text
    comes(signed_in, page_id, group)
    [(name, now)] = events(dov.look(path, params={"seen": seen}))
    assert name == "change" and now != seen and f"id: {now}" in dov.look(path, params={"seen": seen}).text
    # Whoever comes back says what they saw last, and that counts.
    assert events(dov.look(path, params={"seen": seen}, headers={"Last-Event-ID": now})) == []


def test_it_tells_of_everything_that_a_room_shows(
    stage: Stage, group: ProgramSession, signed_in: In, page_id: Ids, clock: Clock
) -> None:
    def version() -> str:
        with stage.coached("dov") as record:
            return rooms.version(record, group)

    seen = [version()]
    asked = comes(signed_in, page_id, group)
    seen.append(version())
    signed_in("ana").post(f"/entries/{asked}/visibility", {"visibility": "private"})
    seen.append(version())
    marks(signed_in("dov"), page_id, group, stage.cast.ana)
    seen.append(version())
    signed_in("ben").post(f"/sessions/{group.id}/away", {"id": page_id(), "reason": "ill"})
    seen += [version(), version()]
    assert len(set(seen)) == 5 and seen[-1] == seen[-2]
    clock.go(minutes=5)
    assert version() not in seen


@pytest.mark.parametrize("way", ["signed out", "not a coach", "called off the series"])
def test_who_may_not_any_more_is_told_to_look_again(
    stage: Stage, group: ProgramSession, signed_in: In, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The door is asked on every turn: it closes between the first and the second."""
    dov, turns = signed_in("dov"), []
    monkeypatch.setattr(live, "LASTS", 30.0)
    monkeypatch.setattr(live, "TURN", 0.0)
    version = rooms.version

    def closing(record: Record, session: ProgramSession) -> str:
        turns.append(1)
        if len(turns) == 2:
            shut(stage, group, way)
        return version(record, session)

    monkeypatch.setattr(rooms, "version", closing)
    assert events(dov.look(f"/room/{group.id}/changes"))[-1] == ("shut", "")
    assert len(turns) == 2


def shut(stage: Stage, group: ProgramSession, way: str) -> None:
    from threading import Thread

    def act() -> None:
        with stage.house.database.session() as session:
            if way == "signed out":
                session.execute(update(SignIn).values(ended_at=NOON))
        with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
            if way == "not a coach":
                for row in record.session.exec(select(Membership).where(Membership.person_id == stage.cast.dov)):
                    row.until = NOON.date() - timedelta(days=1)
            elif way != "signed out":
                for row in record.session.exec(select(Series).where(Series.series_id == group.series_id)):
                    row.facilitator_id = stage.cast.cora

    thread = Thread(target=act)
    thread.start()
    thread.join()


def test_it_ends_when_the_server_is_told_to_end(
    stage: Stage, group: ProgramSession, signed_in: In, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LASTS", 3600.0)
    stage.house.closing.set()
    assert signed_in("dov").look(f"/room/{group.id}/changes").status_code == 200


def test_it_is_live_around_its_session_and_without_a_script_too(
    stage: Stage, group: ProgramSession, signed_in: In, clock: Clock
) -> None:
    for hours, is_live in ((-1, False), (0, True), (2, True), (4, False)):
        clock.now = NOON + timedelta(hours=hours)
        page = signed_in("dov").look(f"/room/{group.id}").text
        assert ("data-live=" in page, 'http-equiv="refresh"' in page) == (is_live, is_live), hours
    clock.now = NOON
    change(stage, group, cancelled=True)
    assert "data-live=" not in signed_in("dov").look(f"/room/{group.id}").text


def test_a_busy_database_is_no_news(
    stage: Stage, group: ProgramSession, signed_in: In, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.database import Busy

    def busy(*_: Any) -> str:
        raise Busy("for a moment")

    dov = signed_in("dov")
    monkeypatch.setattr(rooms, "version", busy)
    assert events(dov.look(f"/room/{group.id}/changes")) == []


# --- today's rooms


def test_today_lists_the_rooms_one_may_open(stage: Stage, group: ProgramSession, signed_in: In) -> None:
    held(stage.house, stage.cast.harbor, stage.cast.cora, NOON, words={"title": "Morning circle"})
    sees = {"dov": ["Evening group"], "cora": ["Morning circle"], "pat": ["Evening group", "Morning circle"], "fay": []}
    for who, titles in sees.items():
        page = said(signed_in(who).look("/room"))
        assert [title for title in ("Evening group", "Morning circle") if title in page] == titles, who
        assert ("How rooms are set" in page) is (who == "pat")
    for who in ("ana", "sam"):
        assert signed_in(who).look("/room").status_code == 404


@pytest.mark.parametrize(("minutes", "there"), [(-149, True), (-151, False), (59, True), (61, False)])
def test_around_midnight_the_room_of_the_other_day_is_there_too(
    stage: Stage, signed_in: In, clock: Clock, minutes: int, there: bool
) -> None:
    """An hour and a half long, and live for an hour before and after it."""
    clock.now = MIDNIGHT + timedelta(minutes=-30 if minutes > 0 else 30)
    held(stage.house, stage.cast.harbor, stage.cast.cora, clock.now + timedelta(minutes=minutes))
    assert ("Evening group" in said(signed_in("cora").look("/room"))) is there


def test_told_to_end_the_server_ends_its_open_pages_first(stage: Stage) -> None:
    told: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
    try:
        with live.until_told(stage.house):
            assert not stage.house.closing.is_set()
            os.kill(os.getpid(), signal.SIGTERM)
            assert stage.house.closing.wait(5)
        assert told == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)
