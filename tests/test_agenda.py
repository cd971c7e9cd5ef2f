"""A participant's own week, the next session on Today, and saying that one will be away."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.access import opened
from app.database import new_id
from app.forms import Posted
from app.models import agenda, series, sessions
from app.models.agenda import AwayForm
from app.models.series import ChangeForm, HolidayForm
from tests.acts import said, statements
from tests.conftest import Browser, Clock, Stage
from tests.planned import begun, weekly

WEDNESDAY = date(2026, 11, 18)
DAY = timedelta(days=1)


def plan(stage: Stage, *names: str, **also: Any) -> UUID:
    persons = [getattr(stage.cast, name) for name in names]
    return begun(stage.house, stage.cast.harbor, stage.cast.cora, *persons, **also)


def tomorrow(stage: Stage, *names: str, **also: Any) -> UUID:
    """The session of tomorrow, at six."""
    persons = [getattr(stage.cast, name) for name in names]
    return weekly(stage.house, stage.cast.harbor, stage.cast.cora, *persons, **also)[1]


def differ(stage: Stage, of: UUID, **also: Any) -> None:
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat) as record:
        asked = ChangeForm(id=new_id(), **{"reason": "Cora is ill."} | also)
        assert series.changed(record, sessions.find(record, of), Posted(kept=asked))


# --- the week


def test_the_week_and_the_next_by_day(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    plan(stage, "ana", weekdays=[0, 2], title="Evening group")
    plan(stage, "ben", weekdays=[3], title="Not hers")
    page = said(signed_in("ana").look("/sessions"))
    this, _, following = page.partition("Next week")
    assert "Today, Wednesday, November 18" in this and this.count("Evening group") == 1
    assert "Monday, November 23" in following and following.count("Evening group") == 2
    assert "6:00 pm to 7:30 pm" in this.replace("\xa0", " ") and "With Cora Diaz" in this and "Room 2" in this
    assert "Not hers" not in page


def test_an_empty_week_says_so(signed_in: Callable[[str], Browser]) -> None:
    page = said(signed_in("ana").look("/sessions"))
    assert "Nothing more this week." in page and "Nothing is planned for next week yet." in page


def test_what_differs_is_said_in_a_sentence(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    of = tomorrow(stage, "ana")
    ana = signed_in("ana")
    differ(stage, of, takes_place=False)
    assert "Does not take place. Cora is ill." in said(ana.look("/sessions"))
    differ(stage, of, moved_on=WEDNESDAY + 2 * DAY, moved_at="17:00")
    told = said(ana.look(f"/sessions/{of}")).replace("\xa0", " ")
    assert "Moved from Thursday, November 19, 6:00 pm. Cora is ill." in told
    assert "Friday, November 20, 5:00 pm to 6:30 pm" in told
    differ(stage, of, cover=stage.cast.dov)
    assert "Dov Stein leads it this time. Cora is ill." in said(ana.look("/sessions"))
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        series.rest(record, HolidayForm(id=new_id(), day=WEDNESDAY + 8 * DAY, name="Thanksgiving"))
    assert "Does not take place: Thanksgiving." in said(ana.look("/sessions"))


def test_the_link_is_there_for_whoever_is_expected(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    link = "https://meet.footbridge.example/room?key=<1>"
    of = tomorrow(stage, "ana", link=link, place="")
    page = signed_in("ana").look(f"/sessions/{of}").text
    assert 'href="https://meet.footbridge.example/room?key=&lt;1&gt;"' in page and "noreferrer" in page
    assert signed_in("ben").look(f"/sessions/{of}").status_code == 404


@pytest.mark.parametrize("who", ["ben", "eli", "sam", "cora"])
def test_a_session_of_others_is_not_there(stage: Stage, signed_in: Callable[[str], Browser], who: str) -> None:
    of, browser = tomorrow(stage, "ana"), signed_in(who)
    assert browser.look(f"/sessions/{of}").status_code == 404
    assert browser.look(f"/sessions/{of}/calendar.ics").status_code == 404
    form = {"id": str(new_id()), "reason": "work", "words": ""}
    assert browser.post(f"/sessions/{of}/away", form).status_code == 404
    assert browser.post(f"/sessions/{of}/return", {}).status_code == 404


def test_the_week_asks_the_same_of_the_database_however_full_it_is(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    ana = signed_in("ana")
    asked = []
    for more in (1, 6):
        for _ in range(more):
            tomorrow(stage, "ana", "ben")
        ana.look("/sessions")
        with statements(stage) as sent:
            assert ana.look("/sessions").status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1]


# --- Today


def test_today_says_what_comes_next(stage: Stage, signed_in: Callable[[str], Browser], clock: Clock) -> None:
    ana = signed_in("ana")
    assert 'id="next-session"' not in ana.look("/today").text
    plan(stage, "ana", title="Evening group")
    plan(stage, "ana", title="Later", starts_on="2026-11-20")
    page = said(ana.look("/today")).replace("\xa0", " ")
    assert "Next session Today, 6:00 pm Evening group" in page and "Later" not in page
    clock.go(hours=6.9)  # until 7:24 pm it is still the one that goes on
    assert "Evening group" in said(ana.look("/today"))
    clock.go(hours=0.7)
    assert "Friday, November 20" in said(ana.look("/today")) and "Later" in said(ana.look("/today"))


def test_today_passes_over_what_is_called_off(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    of = tomorrow(stage, "ana", title="Called off")
    differ(stage, of, takes_place=False)
    assert "November 26" in said(signed_in("ana").look("/today"))


def test_one_that_began_before_midnight_is_still_the_next(
    stage: Stage, signed_in: Callable[[str], Browser], clock: Clock
) -> None:
    plan(stage, "ana", at="23:30", title="Night walk")
    clock.go(hours=12)  # midnight in New York
    assert "Night walk" in said(signed_in("ana").look("/today"))


# --- away


def away(browser: Browser, of: UUID, **also: str) -> Any:
    return browser.post(f"/sessions/{of}/away", {"id": str(new_id()), "reason": "ill", "words": "A cold"} | also)


def standing(stage: Stage, of: UUID) -> list[tuple[str, str]]:
    """What the office reads of who will be away."""
    with opened(stage.house, stage.cast.harbor, "coach", stage.cast.dov) as record:
        rows = sessions.aways(record, [of]).get(of, {}).values()
        return [(row.reason, sessions.away_words(record, row)) for row in rows]


def test_somebody_will_be_away_and_can_come_after_all(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    of, ana = tomorrow(stage, "ana"), signed_in("ana")
    answer = away(ana, of)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sessions/{of}")
    assert standing(stage, of) == [("ill", "A cold")]
    page = said(ana.look(f"/sessions/{of}"))
    assert "You will be away" in page and "I am not well: A cold" in page
    assert "You said you will be away" in said(ana.look("/sessions"))
    assert "You said you will be away" in said(ana.look("/today"))
    for _ in range(2):
        assert ana.post(f"/sessions/{of}/return", {}).status_code == 303
    assert standing(stage, of) == []
    assert "I cannot come" in said(ana.look(f"/sessions/{of}"))


def test_the_office_reads_it_on_the_roster(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    of = tomorrow(stage, "ana")
    away(signed_in("ana"), of)
    page = said(signed_in("pat").look(f"/schedule/sessions/{of}"))
    assert "Away: I am not well A cold" in page
    assert "A cold" not in said(signed_in("pat").look("/schedule"))


def test_sent_twice_it_is_said_once_and_the_newest_stands(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    of, ana, one = tomorrow(stage, "ana"), signed_in("ana"), str(new_id())
    for _ in range(2):
        assert away(ana, of, id=one).status_code == 303
    assert standing(stage, of) == [("ill", "A cold")]
    assert away(ana, of, reason="work", words="").status_code == 303
    assert standing(stage, of) == [("work", "")]
    # The first, sent once more by a phone that did not hear the answer, does not bring itself back.
    assert away(ana, of, id=one).status_code == 303
    assert standing(stage, of) == [("work", "")]


def test_once_it_has_begun_it_is_too_late_and_nothing_typed_is_lost(
    stage: Stage, signed_in: Callable[[str], Browser], clock: Clock
) -> None:
    of, ana = tomorrow(stage, "ana"), signed_in("ana")
    assert away(ana, of).status_code == 303
    clock.go(hours=30)
    late = away(ana, of, words="I overslept")
    assert late.status_code == 422 and "This session has begun" in late.text
    assert ana.post(f"/sessions/{of}/return", {}).status_code == 303
    assert standing(stage, of) == [("ill", "A cold")]


@pytest.mark.parametrize(("also", "sentence"), [
    ({"reason": ""}, "Please choose one of the answers."), ({"reason": "bored"}, "Please choose one of the answers."),
    ({"words": "x" * 501}, "That is too long"), ({"id": "1"}, "had lost its number"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_is_there(
    stage: Stage, signed_in: Callable[[str], Browser], also: dict[str, str], sentence: str
) -> None:
    of, ana = tomorrow(stage, "ana"), signed_in("ana")
    answer = away(ana, of, **also)
    assert answer.status_code == 422 and sentence in answer.text
    assert also.get("words", "A cold") in answer.text
    assert standing(stage, of) == []


def test_after_the_start_was_moved_the_new_start_counts(
    stage: Stage, signed_in: Callable[[str], Browser], clock: Clock
) -> None:
    of, ana = tomorrow(stage, "ana"), signed_in("ana")
    differ(stage, of, moved_on=WEDNESDAY + 3 * DAY)
    clock.go(hours=30)
    assert away(ana, of).status_code == 303


def test_the_line_is_sealed_under_the_participants_key(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    of = tomorrow(stage, "ana")
    away(signed_in("ana"), of, words="canary line")
    with stage.mine("ana") as record:
        row = sessions.aways(record, [of])[of][stage.cast.ana]
        assert row.words and b"canary" not in row.words
        assert agenda.told(record, of)["line"] == "canary line"


def test_by_htmx_the_answer_is_the_card_alone(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    of, ana = tomorrow(stage, "ana"), signed_in("ana")
    answer = ana.post(
        f"/sessions/{of}/away", {"id": str(new_id()), "reason": "ill", "words": ""}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200 and "<html" not in answer.text and 'hx-swap-oob="true"' in answer.text
    assert AwayForm.model_fields.keys() >= {"id", "reason", "words"}
