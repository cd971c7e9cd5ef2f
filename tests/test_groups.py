"""Groups: notes that only who leads them reads, themes, and how a room arrives and leaves, of five people or none."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app import worker
from app.access import opened
from app.database import new_id
from app.models import entry, groups, sharing
from app.models.attendance import Attendance
from app.models.entry import Writing
from app.models.groups import RoomMean, SessionNote
from app.models.sessions import Change, ProgramSession, sealed
from app.owned import Unopened
from tests.acts import admit, said
from tests.conftest import NOON, Browser, Clock, Stage
from tests.meeting import held

SignIn = Callable[[str], Browser]


@pytest.fixture
def group(stage: Stage) -> ProgramSession:
    """Dov's group, over for more than a day."""
    return held(stage.house, stage.cast.harbor, stage.cast.dov, NOON - timedelta(hours=26))


def note(browser: Browser, one: ProgramSession, page_id: Callable[[], str], **also: str) -> Any:
    form = {"id": page_id(), "session": str(one.id), "words": "Quiet at first, then open.", "themes": "trust, Weekend"}
    return browser.post(f"/groups/{one.series_id}/notes", form | also)


# --- notes and themes


def test_a_note_is_for_who_leads_and_for_managers(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    dov, sent = signed_in("dov"), page_id()
    for _again in range(2):
        assert note(dov, group, page_id, id=sent).status_code == 303
    for who in ("dov", "pat"):
        browser = signed_in(who)
        assert "Evening group" in said(browser.look("/groups"))
        shown = said(browser.look(f"/groups/{group.series_id}"))
        assert shown.count("Quiet at first, then open.") == 1 and "Dov Stein, 12:00" in shown, who
    for who in ("cora", "ana", "ben", "sam", "fay", "eli"):
        browser = signed_in(who)
        assert browser.look(f"/groups/{group.series_id}").status_code == 404, who
        assert note(browser, group, page_id).status_code == 404, who
    assert "You lead no group" in said(signed_in("cora").look("/groups"))


def test_who_covers_reads_and_writes_too(stage: Stage, signed_in: SignIn, page_id: Callable[[], str]) -> None:
    one = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON - timedelta(hours=26))
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat) as record:
        row = new_id()
        words = sealed(record, Change, row, place="", link="", reason="ill")
        record.session.add(
            Change(id=row, session_id=one.id, day=one.day, cover_id=stage.cast.cora, words=words, by=stage.cast.pat,
                   made_at=record.now)
        )  # fmt: skip
        record.session.flush()
    assert note(signed_in("cora"), one, page_id).status_code == 303
    assert "Cora Diaz, 12:00" in said(signed_in("dov").look(f"/groups/{one.series_id}"))


def test_a_note_is_sealed_under_its_writers_key_and_no_participants_to_read(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    note(signed_in("dov"), group, page_id)
    with stage.coached("dov") as record:
        [row] = record.session.exec(select(SessionNote)).all()
        assert b"Quiet" not in row.words
        assert "Quiet" in record.unseal(SessionNote, "words", row.id, row.words, stage.cast.dov)
    for name in ("ana", "ben", "eli"):
        with stage.mine(name) as record:
            assert record.session.exec(select(SessionNote)).all() == []
    with opened(stage.house, stage.cast.harbor, "supporter", stage.cast.sam) as record:
        assert record.session.exec(select(SessionNote)).all() == []
    with pytest.raises(Unopened), stage.mine("ana") as record:
        record.session.add(SessionNote(id=new_id(), session_id=group.id, series_id=group.series_id, words=b"x",
                                       by=stage.cast.ana, at=NOON))  # fmt: skip
        record.session.flush()


def test_an_id_of_a_note_of_somebody_elses_is_not_taken_over(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    sent = page_id()
    note(signed_in("dov"), group, page_id, id=sent)
    assert note(signed_in("pat"), group, page_id, id=sent, words="Mine").status_code == 404
    assert "Mine" not in said(signed_in("pat").look(f"/groups/{group.series_id}"))


def test_themes_are_counted_by_session_however_they_are_spelled(
    stage: Stage, signed_in: SignIn, page_id: Callable[[], str]
) -> None:
    rule = "FREQ=WEEKLY"
    first = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON - timedelta(days=14), rule=rule)
    with stage.coached("dov") as record:
        begun = groups.begun(record, groups.find(record, first.series_id))
    dov = signed_in("dov")
    note(dov, begun[0], page_id, themes="trust, the weekend")
    note(dov, begun[0], page_id, themes="Trust")
    note(dov, begun[1], page_id, themes=" TRUST ,, family ")
    with stage.coached("dov") as record:
        found = dict(groups.themes(groups.notes(record, first.series_id)))
    assert {theme.casefold(): times for theme, times in found.items()} == {"trust": 2, "the weekend": 1, "family": 1}
    assert "· 2" in said(dov.look(f"/groups/{first.series_id}"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"words": ""}, "Please fill this in."), ({"themes": "a,b,c,d,e,f,g"}, "Please write up to 6 themes"),
        ({"themes": "x" * 41}, "Please write up to 6 themes"), ({"session": "nonsense"}, "Please choose"),
        ({"session": "0197a000-0000-7000-8000-000000000000"}, "Please choose one of the sessions of this group."),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_with_what_was_typed(
    stage: Stage, group: ProgramSession, signed_in: SignIn, page_id: Any, wrong: dict[str, str], sentence: str
) -> None:
    answer = note(signed_in("dov"), group, page_id, **wrong)
    assert answer.status_code == 422 and sentence in said(answer)
    if "words" not in wrong:
        assert "Quiet at first, then open." in answer.text


def test_a_session_that_has_not_begun_has_no_note(stage: Stage, signed_in: SignIn, page_id: Any) -> None:
    ahead = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON + timedelta(days=1))
    assert note(signed_in("dov"), ahead, page_id).status_code == 422
    assert "Write a note" not in said(signed_in("dov").look(f"/groups/{ahead.series_id}"))


# --- how the room arrives and leaves


def tell(stage: Stage, one: ProgramSession, person: UUID, mood: int, urge: int | None, arriving: bool = True) -> UUID:
    """Somebody says how they come, or go."""
    with opened(stage.house, stage.cast.harbor, "participant", person, person) as record:
        made = new_id()
        of = {"session_id": one.id, "series_id": one.series_id, "day": one.day, "arriving": arriving, "mood": mood}
        entry.write(record, made, Writing("attendance", mood=mood, visibility="shared"), urge=urge, title="", **of)
        return made


@pytest.fixture
def five(stage: Stage) -> list[UUID]:
    return [stage.cast.ana, stage.cast.ben, *(comes(stage, name) for name in "UVW")]


def comes(stage: Stage, name: str) -> UUID:
    """Somebody else, who was told who reads what and shares it all."""
    made = admit(stage, name, at=NOON - timedelta(days=20))
    with opened(stage.house, stage.cast.harbor, "participant", made, made) as record:
        sharing.start_all(record)
    return made


def means(stage: Stage) -> list[tuple[float | None, ...]]:
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat) as record:
        rows = record.session.exec(select(RoomMean)).all()
    return [(row.mood_in, row.mood_out, row.urge_in, row.urge_out) for row in rows]


def sum_up(stage: Stage) -> int:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        return groups.sum_up(record)


def test_five_people_make_a_mean_and_four_make_none(
    stage: Stage, group: ProgramSession, five: list[UUID], signed_in: SignIn
) -> None:
    for person, mood in zip(five, (1, 2, 2, 3, 4), strict=True):
        tell(stage, group, person, mood, urge=None if person == five[0] else 6)
        tell(stage, group, person, mood=5, urge=0, arriving=False)
    assert sum_up(stage) == 1
    # Urge on coming: only four said. On leaving everybody said the same: the end of a scale is not told.
    assert means(stage) == [(2.5, 4.5, None, 0.5)]
    shown = said(signed_in("pat").look(f"/groups/{group.series_id}"))
    assert "Nov 17 2.5 4.5 – too few 0.5" in shown and "fewer than 5 people" in shown
    assert "2.5" in said(signed_in("dov").look(f"/groups/{group.series_id}"))


def test_what_is_kept_to_oneself_or_shared_no_more_does_not_count(
    stage: Stage, group: ProgramSession, five: list[UUID]
) -> None:
    told = [tell(stage, group, person, 3, 3) for person in five]
    with stage.mine("ben") as record:
        entry.throw(record, told[1])
    assert sum_up(stage) == 1 and means(stage) == [(None,) * 4]


@pytest.mark.parametrize("way", ["private", "closed"])
def test_nor_what_was_never_open(stage: Stage, group: ProgramSession, five: list[UUID], way: str) -> None:
    told = [tell(stage, group, person, 3, 3) for person in five]
    with stage.mine("ana") as record:
        if way == "closed":
            sharing.stop(record, "attendance")
        else:
            entry.share(record, told[0], "private")
    sum_up(stage)
    assert means(stage) == [(None,) * 4]


def test_it_is_reckoned_once_so_that_two_looks_have_no_difference(
    stage: Stage, group: ProgramSession, five: list[UUID], clock: Clock
) -> None:
    for person in five:
        tell(stage, group, person, 2, 8)
    sum_up(stage)
    before = means(stage)
    late = comes(stage, "Late")
    tell(stage, group, late, 5, 0)
    with stage.mine("ana") as record:
        sharing.stop(record, "attendance")
    clock.go(days=1)
    assert sum_up(stage) == 0 and means(stage) == before == [(2.0, None, 8.0, None)]


def test_with_too_few_it_stays_with_too_few(stage: Stage, group: ProgramSession, five: list[UUID]) -> None:
    for person in five[:4]:
        tell(stage, group, person, 2, 8)
    sum_up(stage)
    tell(stage, group, five[4], 5, 0)
    assert sum_up(stage) == 0 and means(stage) == [(None,) * 4]


def test_a_day_after_the_session_and_not_before(stage: Stage, clock: Clock) -> None:
    one = held(stage.house, stage.cast.harbor, stage.cast.dov, NOON - timedelta(hours=25), minutes=90)
    assert sum_up(stage) == 0
    clock.go(minutes=30)
    assert sum_up(stage) == 1
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        [row] = record.session.exec(select(RoomMean)).all()
    assert (row.id, row.series_id, row.day) == (one.id, one.series_id, one.on)


def test_it_happens_on_the_clock(stage: Stage, group: ProgramSession) -> None:
    worker.turn(stage.house)
    assert len(means(stage)) == 1


@pytest.mark.parametrize(
    ("values", "mean"),
    [([3, 3, 3, 3], None), ([], None), ([1, 1, 1, 1, 1], 1.5), ([5] * 9, 4.5), ([1, 2, 3, 4, 5], 3.0),
     ([2, 2, 2, 3, 3], 2.5), ([2, 2, 2, 2, 3], 2.0)],
)  # fmt: skip
def test_a_mean_is_to_half_a_point_and_never_at_the_end_of_its_scale(values: list[int], mean: float | None) -> None:
    assert groups.mean(values, 1, 5) == mean


def test_nobody_but_the_clock_keeps_a_mean(stage: Stage, group: ProgramSession) -> None:
    for who, role in (("dov", "coach"), ("pat", "manager"), ("ana", "participant")):
        whose = stage.cast.ana if role == "participant" else None
        with (
            pytest.raises(Unopened),
            opened(stage.house, stage.cast.harbor, role, getattr(stage.cast, who), whose) as it,
        ):
            it.session.add(RoomMean(id=new_id(), series_id=group.series_id, day=group.on, made_at=NOON))
            it.session.flush()
    with stage.mine("ana") as record:
        assert record.session.exec(select(RoomMean)).all() == []
        assert record.session.exec(select(Attendance)).all() == []
