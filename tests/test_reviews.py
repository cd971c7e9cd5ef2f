"""Reviews: a coach reads and answers what is shared; the participant sees who it was, when, and every look."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.models import caseload, entry
from app.models.openings import Opening
from app.models.people import Coaching
from app.models.reviews import Review
from tests.acts import count, field, kept, read, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]


def address(stage: Stage, entry_id: UUID, name: str = "ana") -> str:
    return f"/caseload/{getattr(stage.cast, name)}/entries/{entry_id}"


def review(here: Browser, stage: Stage, entry_id: UUID, review_id: str, words: str = "", name: str = "ana") -> Any:
    return here.post(f"{address(stage, entry_id, name)}/reviews", {"id": review_id, "words": words})


def looks(stage: Stage) -> list[tuple[UUID, str, UUID | None]]:
    with stage.mine("ana") as record:
        rows = record.session.exec(select(Opening).order_by(Opening.id)).all()
        return [(row.reader_id, row.what, row.entry_id) for row in rows]


# --- read and answered


def test_the_participant_sees_who_read_it_and_when(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    page = kept(stage, "ana", "before the party")
    clock.go(hours=4, minutes=10)
    answer = review(signed_in("cora"), stage, page, page_id())
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/review?after={page}")
    ana = signed_in("ana")
    for path in (f"/journal/{page}", f"/entries/{page}", "/journal"):
        assert "Read at 4:10 pm by Cora Diaz" in said(ana.look(path)), path
    clock.go(days=1)
    assert "Read Nov 18 at 4:10 pm by Cora Diaz" in said(signed_in("ana").look(f"/journal/{page}"))


def test_the_answer_is_on_today_and_on_the_entry(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    page = kept(stage, "ana", "before the party", wants_answer=True)
    clock.go(hours=4, minutes=10)
    review(signed_in("cora"), stage, page, page_id(), "That is the plan <b>working</b>.\n")
    ana = signed_in("ana")
    today = ana.look("/today")
    assert "That is the plan &lt;b&gt;working&lt;/b&gt;." in today.text and f"/journal/{page}" in today.text
    assert "Cora Diaz read your entry at 4:10 pm" in said(today)
    assert "That is the plan <b>working</b>." in said(ana.look(f"/journal/{page}"))


def test_read_once_and_read_again(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    page, cora = kept(stage, "ana", "a page"), signed_in("cora")
    for words in ("", "first answer", "second answer"):
        assert review(cora, stage, page, page_id(), words).status_code == 303
        clock.go(minutes=5)
    told = said(signed_in("ana").look(f"/journal/{page}"))
    assert told.index("Read at 12:00 pm") < told.index("first answer") < told.index("second answer")
    assert count(stage, "ana", Review) == 3


def test_two_coaches_are_told_apart(signed_in: SignIn, stage: Stage, page_id) -> None:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        row = Coaching(id=new_id(), participant_id=stage.cast.ana, coach_id=stage.cast.dov, since=record.today)
        record.session.add(row)
    page, same = kept(stage, "ana", "a page"), page_id()
    assert review(signed_in("cora"), stage, page, same, "from Cora").status_code == 303
    answer = review(signed_in("dov"), stage, page, same, "from Dov")
    assert answer.status_code == 404 and "from Cora" not in answer.text
    assert review(signed_in("dov"), stage, page, page_id(), "from Dov").status_code == 303
    told = said(signed_in("ana").look(f"/journal/{page}"))
    assert "by Cora Diaz" in told and "by Dov Stein" in told


# --- kept once


def test_sent_twice_it_is_kept_once(signed_in: SignIn, stage: Stage, page_id) -> None:
    page, cora, one = kept(stage, "ana", "a page"), signed_in("cora"), page_id()
    answers = [review(cora, stage, page, one, "an answer") for _ in range(2)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(303, f"/review?after={page}")}
    assert count(stage, "ana", Review) == 1


def test_other_words_under_the_same_number_are_no_words_lost(signed_in: SignIn, stage: Stage, page_id) -> None:
    page, cora, one = kept(stage, "ana", "a page"), signed_in("cora"), page_id()
    review(cora, stage, page, one, "the first answer")
    answer = review(cora, stage, page, one, "the second answer")
    assert answer.status_code == 422 and "the second answer" in answer.text
    assert "the first answer" in said(answer) and "Your first answer is sent already." in said(answer)
    with stage.coached("cora", "ana") as record:
        assert [done.words for done in entry.find(record, page).reads] == ["the first answer"]
    numbers = {value for value in (field(answer, "id"),) if value != one}
    assert numbers and review(cora, stage, page, numbers.pop(), "the second answer").status_code == 303
    assert count(stage, "ana", Review) == 2


def test_a_number_is_for_one_entry(signed_in: SignIn, stage: Stage, page_id) -> None:
    first, second = kept(stage, "ana", "one"), kept(stage, "ana", "two")
    cora, one = signed_in("cora"), page_id()
    review(cora, stage, first, one)
    assert review(cora, stage, second, one).status_code == 404
    assert count(stage, "ana", Review) == 1


def test_f05_many_at_once_are_one(signed_in: SignIn, stage: Stage, page_id) -> None:
    page, cora, one = kept(stage, "ana", "a page"), signed_in("cora"), page_id()
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: review(cora, stage, page, one, "once"), range(24)))
    assert {answer.status_code for answer in answers} == {303} and count(stage, "ana", Review) == 1


# --- what there is not


def test_private_is_not_there(signed_in: SignIn, stage: Stage, page_id) -> None:
    page, cora = kept(stage, "ana", "for nobody", visibility="private"), signed_in("cora")
    kept(stage, "ana", "for Cora")
    assert cora.look(address(stage, page)).status_code == 404
    answer = review(cora, stage, page, page_id(), "an answer")
    assert answer.status_code == 404 and "for nobody" not in answer.text
    for path in ("/review", "/caseload", f"/caseload/{stage.cast.ana}"):
        assert "for nobody" not in cora.get(path).text
    assert count(stage, "ana", Review) == 0


def test_what_is_made_private_meanwhile_is_not_there(signed_in: SignIn, stage: Stage, page_id) -> None:
    page, cora = kept(stage, "ana", "for Cora"), signed_in("cora")
    assert "for Cora" in cora.look(address(stage, page)).text
    signed_in("ana").post(f"/entries/{page}/visibility", {"visibility": "private"})
    answer = review(cora, stage, page, page_id(), "an answer")
    assert answer.status_code == 404 and "for Cora" not in answer.text
    assert count(stage, "ana", Review) == 0


def test_an_entry_is_there_under_its_own_person_only(signed_in: SignIn, stage: Stage, page_id) -> None:
    anas, bens, elis = kept(stage, "ana", "of Ana"), kept(stage, "ben", "of Ben"), kept(stage, "eli", "of Eli")
    cora, dov = signed_in("cora"), signed_in("dov")
    wrong = [
        (cora, bens, "ana"), (cora, bens, "ben"), (cora, elis, "ana"), (cora, elis, "eli"), (dov, anas, "ana"),
        (dov, anas, "ben"), (cora, stage.cast.ana, "ana"), (signed_in("pat"), anas, "ana"),
        (signed_in("ana"), anas, "ana"),
    ]  # fmt: skip
    for here, one, name in wrong:
        assert here.look(address(stage, one, name)).status_code == 404
        assert review(here, stage, one, page_id(), "an answer", name).status_code == 404
    assert count(stage, "ana", Review) == count(stage, "ben", Review) == count(stage, "eli", Review) == 0


def test_an_answer_that_is_too_long_comes_back(signed_in: SignIn, stage: Stage, page_id) -> None:
    page, words = kept(stage, "ana", "a page"), "long " * 900
    answer = review(signed_in("cora"), stage, page, page_id(), words)
    assert answer.status_code == 422 and words.strip() in answer.text and "4000 characters fit" in said(answer)
    assert count(stage, "ana", Review) == 0


# --- every look


def test_l09_every_look_is_written_down(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    page, cora = kept(stage, "ana", "a page"), signed_in("cora")
    person, one = f"/caseload/{stage.cast.ana}", address(stage, page)
    for path in (person, one, one):
        cora.look(path)
        clock.go(minutes=10)
    who = stage.cast.cora
    assert looks(stage) == [(who, "record", None), (who, "entry", page), (who, "entry", page)]
    told = said(signed_in("ana").look("/me/openings"))
    assert told.count("Cora Diaz , coach opened one entry") == 2 and told.count("opened your page") == 1
    assert all(time in told for time in ("12:00 pm", "12:10 pm", "12:20 pm"))


def test_l09_a_refused_answer_shows_the_entry_and_is_a_look_too(signed_in: SignIn, stage: Stage) -> None:
    page, cora = kept(stage, "ana", "a page of hers"), signed_in("cora")
    answer = review(cora, stage, page, "no number")
    assert answer.status_code == 422 and "a page of hers" in answer.text
    assert looks(stage) == [(stage.cast.cora, "entry", page)]


def test_l09_who_saw_nothing_did_not_look(signed_in: SignIn, stage: Stage, page_id) -> None:
    private, cora = kept(stage, "ana", "mine", visibility="private"), signed_in("cora")
    for here in (cora, signed_in("dov")):
        assert here.look(address(stage, private)).status_code == 404
    cora.look("/caseload")
    signed_in("ana").look(f"/entries/{private}")
    page = kept(stage, "ana", "a page")
    review(cora, stage, page, page_id(), "an answer")
    assert looks(stage) == []


# --- the queue


def waiting(stage: Stage) -> list[str]:
    with stage.coached("cora") as record:
        return [line.words for line in caseload.queue(record)]


def test_who_asks_comes_first_then_who_waits_longest(stage: Stage, clock: Clock) -> None:
    for words, asks in (("old", False), ("asks later", True), ("new", False), ("asks last", True)):
        kept(stage, "ana", words, wants_answer=asks)
        clock.go(minutes=1)
    kept(stage, "ana", kind="mood", mood=1)
    kept(stage, "ben", "of somebody else's")
    assert waiting(stage) == ["asks later", "asks last", "old", "new"]


def test_read_is_enough_unless_an_answer_was_asked_for(stage: Stage) -> None:
    plain, asks = kept(stage, "ana", "plain"), kept(stage, "ana", "asks", wants_answer=True)
    for one in (plain, asks):
        read(stage, "cora", "ana", one)
    assert waiting(stage) == ["asks"]
    read(stage, "cora", "ana", asks, "an answer")
    assert waiting(stage) == []


def test_one_after_the_other_round_and_round(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    pages = []
    for number in range(3):
        pages.append(kept(stage, "ana", f"page {number}"))
        clock.go(minutes=1)
    cora = signed_in("cora")

    def goes(query: str = "") -> str:
        return cora.look(f"/review{query}").headers.get("Location", "all read")

    first, second, third = (address(stage, page) for page in pages)
    assert goes() == goes("?after=nonsense") == goes(f"?after={page_id()}") == first
    assert [goes(f"?after={page}") for page in pages] == [second, third, first]
    assert [goes(f"?before={page}") for page in pages] == [third, first, second]
    review(cora, stage, pages[1], page_id())
    assert goes(f"?after={pages[0]}") == third
    review(cora, stage, pages[0], page_id())
    assert goes(f"?after={pages[2]}") == "all read"
    assert "Back to it" in said(cora.look(f"/review?after={pages[2]}"))
    review(cora, stage, pages[2], page_id())
    assert goes() == "all read" and "All read" in said(cora.look("/review"))


def test_the_days_around_are_shown_as_far_as_they_are_shared(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    for days, words, visibility in ((5, "too early", "shared"), (2, "before", "shared"), (1, "mine", "private")):
        kept(stage, "ana", words, at=clock.now - timedelta(days=days), visibility=visibility)
    page = kept(stage, "ana", "the page")
    told = said(signed_in("cora").look(address(stage, page)))
    assert "the page" in told and "before" in told
    assert "mine" not in told.split() and "too early" not in told


def test_a_taken_back_answer_of_a_binned_entry_is_not_on_today(signed_in: SignIn, stage: Stage) -> None:
    page = kept(stage, "ana", "a page")
    read(stage, "cora", "ana", page, "an answer to it")
    ana = signed_in("ana")
    assert "an answer to it" in ana.look("/today").text
    ana.post(f"/entries/{page}/deletion")
    assert "an answer to it" not in ana.look("/today").text
