"""Reviews: a coach reads and answers what is shared; the participant sees who it was, when, and every look."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.models import entry, follow_ups, queue, reviews, revisions
from app.models.answering import Answering
from app.models.follow_ups import FollowUp
from app.models.openings import Opening
from app.models.people import Coaching
from app.models.reviews import Read, Review
from tests.acts import count, field, kept, read, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]


def address(stage: Stage, entry_id: UUID, name: str = "ana") -> str:
    return f"/caseload/{getattr(stage.cast, name)}/entries/{entry_id}"


def review(
    here: Browser, stage: Stage, entry_id: UUID, review_id: str, words: str = "", name: str = "ana", **also: str
) -> Any:
    return here.post(f"{address(stage, entry_id, name)}/reviews", {"id": review_id, "words": words, **also})


def both(stage: Stage) -> None:
    """Dov coaches Ana as well, beside Cora."""
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        row = Coaching(id=new_id(), participant_id=stage.cast.ana, coach_id=stage.cast.dov, since=record.today)
        record.session.add(row)


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
    both(stage)
    page, same = kept(stage, "ana", "a page"), page_id()
    assert review(signed_in("cora"), stage, page, same, "from Cora").status_code == 303
    answer = review(signed_in("dov"), stage, page, same, "from Dov")
    assert answer.status_code == 422 and "Cora Diaz has answered this meanwhile" in said(answer)
    answer = review(signed_in("dov"), stage, page, same, "from Dov", after="1")
    assert answer.status_code == 404 and "from Cora" not in answer.text
    assert review(signed_in("dov"), stage, page, page_id(), "from Dov", after="1").status_code == 303
    told = said(signed_in("ana").look(f"/journal/{page}"))
    assert "by Cora Diaz" in told and "by Dov Stein" in told


def waiting(stage: Stage) -> list[UUID]:
    with stage.coached("cora") as record:
        return [one.id for one in queue.waiting(record)]


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


def test_a_taken_back_answer_of_a_binned_entry_is_not_on_today(signed_in: SignIn, stage: Stage) -> None:
    page = kept(stage, "ana", "a page")
    read(stage, "cora", "ana", page, "an answer to it")
    ana = signed_in("ana")
    assert "an answer to it" in ana.look("/today").text
    ana.post(f"/entries/{page}/deletion")
    assert "an answer to it" not in ana.look("/today").text


# --- two coaches at once


def test_the_second_sees_who_is_at_it_and_who_was(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    both(stage)
    page = kept(stage, "ana", "a page", wants_answer=True)
    at, cora, dov = address(stage, page), signed_in("cora"), signed_in("dov")
    cora.look(at)
    clock.go(minutes=1)
    assert "Cora Diaz has this open since 12:00 pm." in said(dov.look(at))
    assert "Dov Stein has this open since 12:01 pm." in said(cora.look(f"{at}/answering"))
    assert cora.post(f"{at}/answering", {}).status_code == 303
    clock.go(minutes=3)
    assert "Cora Diaz is answering this, since 12:00 pm." in said(dov.look(f"{at}/answering"))
    clock.go(minutes=2)
    assert "Cora Diaz" not in said(dov.look(f"{at}/answering")), "nothing was heard of her for a while"
    cora.post(f"{at}/answering", {}, headers={"HX-Request": "true"})
    review(cora, stage, page, page_id(), "from Cora")
    told = said(dov.look(f"{at}/answering"))
    assert "is answering" not in told and "Cora Diaz answered this at 12:06 pm." in told
    assert "Cora Diaz answered this at 12:06 pm." in said(dov.look(at))


def test_who_is_answering_is_for_coaches_alone(signed_in: SignIn, stage: Stage) -> None:
    page = kept(stage, "ana", "a page")
    signed_in("cora").look(address(stage, page))
    assert count(stage, "ana", Answering) == 0, "the participant does not read it"
    for who in ("ana", "dov", "pat", "fay"):
        assert signed_in(who).look(f"{address(stage, page)}/answering").status_code == 404


def test_an_answer_upon_another_coachs_comes_back_once(signed_in: SignIn, stage: Stage, page_id) -> None:
    both(stage)
    page, mine = kept(stage, "ana", "a page"), page_id()
    assert review(signed_in("cora"), stage, page, page_id(), "from Cora").status_code == 303
    dov = signed_in("dov")
    answer = review(dov, stage, page, mine, "typed by Dov", after="0")
    assert answer.status_code == 422 and "“from Cora”" in said(answer) and "typed by Dov" in answer.text
    assert "Cora Diaz has answered this meanwhile" in said(answer) and field(answer, "id") == mine
    assert count(stage, "ana", Review) == 1
    assert review(dov, stage, page, mine, "typed by Dov", after=field(answer, "after")).status_code == 303
    assert count(stage, "ana", Review) == 2
    assert review(dov, stage, page, page_id()).status_code == 303, "to read it is not to answer it"


def test_of_two_answers_in_one_moment_one_comes_back(signed_in: SignIn, stage: Stage, page_id) -> None:
    both(stage)
    page, coaches = kept(stage, "ana", "a page"), [signed_in(who) for who in ("cora", "dov")]
    with ThreadPoolExecutor(2) as crowd:
        answers = list(crowd.map(lambda here: review(here, stage, page, page_id(), "at once"), coaches))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert count(stage, "ana", Review) == 1


# --- put right


def last(stage: Stage, page: UUID) -> Read:
    with stage.mine("ana") as record:
        return entry.find(record, page).reads[-1]


def test_a_mistaken_read_is_taken_back_until_it_was_seen(
    signed_in: SignIn, stage: Stage, clock: Clock, page_id
) -> None:
    page, cora = kept(stage, "ana", "a page"), signed_in("cora")
    first, at = page_id(), address(stage, page)
    review(cora, stage, page, first)
    assert f"{at}/reviews/{first}/deletion" in cora.look(at).text, "it can be taken back"
    for _ in range(2):
        assert cora.post(f"{at}/reviews/{first}/deletion", {}).status_code == 303
    assert waiting(stage) == [page] and "Read at" not in said(signed_in("ana").look(f"/journal/{page}"))
    second = page_id()
    review(cora, stage, page, second)
    ana = signed_in("ana")
    assert "Read at 12:00 pm by Cora Diaz" in said(ana.look("/journal"))
    answer = cora.post(f"{at}/reviews/{second}/deletion", {})
    assert answer.status_code == 422 and "Ana Keller has seen that you read this, so it stays." in said(answer)
    assert "Read at 12:00 pm by Cora Diaz" in said(ana.look("/journal")) and waiting(stage) == []
    assert f"/reviews/{second}/deletion" not in cora.look(at).text


def test_a_read_is_taken_back_for_an_hour(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    page, cora, one = kept(stage, "ana", "a page"), signed_in("cora"), page_id()
    review(cora, stage, page, one)
    clock.go(minutes=61)
    answer = signed_in("cora").post(f"{address(stage, page)}/reviews/{one}/deletion", {})
    assert answer.status_code == 422 and "more than an hour ago, so it stays" in said(answer)
    assert last(stage, page).id == UUID(one)


def edit(here: Browser, stage: Stage, page: UUID, one: str, words: str, version: int = 0) -> Any:
    return here.post(f"{address(stage, page)}/reviews/{one}", {"words": words, "version": str(version)})


def test_an_answer_is_edited_until_it_was_seen(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    page, cora, one = kept(stage, "ana", "a page"), signed_in("cora"), page_id()
    review(cora, stage, page, one, "the frist answer")
    assert "has not seen this yet" in said(cora.look(address(stage, page)))
    assert "“the frist" not in said(signed_in("ana").look("/journal")), "a list shows no answer, so it was not seen"
    assert edit(cora, stage, page, one, "").status_code == 422
    for _ in range(2):
        assert edit(cora, stage, page, one, "the first <b>answer</b>").status_code == 303
    answer = edit(cora, stage, page, one, "from an older page")
    assert answer.status_code == 422 and "You edited this answer elsewhere" in said(answer)
    assert "from an older page" in answer.text and "the first <b>answer</b>" in said(answer)
    clock.go(minutes=10)
    today = said(signed_in("ana").look("/today"))
    assert "the first <b>answer</b>" in today and "frist" not in today and "edited" not in today
    answer = edit(cora, stage, page, one, "too late, not lost", version=1)
    assert answer.status_code == 422 and "Ana Keller has seen your answer" in said(answer)
    assert "too late, not lost" in answer.text and last(stage, page).words == "the first <b>answer</b>"
    assert "Ana Keller saw this, 12:10 pm" in said(cora.look(address(stage, page)))


def test_edited_and_seen_in_one_moment_end_in_one_clear_state(signed_in: SignIn, stage: Stage, page_id) -> None:
    page, cora, ana, one = kept(stage, "ana", "a page"), signed_in("cora"), signed_in("ana"), page_id()
    review(cora, stage, page, one, "before")
    with ThreadPoolExecutor(2) as crowd:
        shown = crowd.submit(lambda: said(ana.look(f"/journal/{page}")))
        changed = crowd.submit(lambda: edit(cora, stage, page, one, "after"))
    words = "after" if changed.result().status_code == 303 else "before"
    assert f"“{words}”" in shown.result() and last(stage, page).words == words
    assert changed.result().status_code in (303, 422) and last(stage, page).seen_at


def test_seen_in_between_is_found_by_its_number(stage: Stage, page_id) -> None:
    """What a slow coach is about to keep meets what was seen meanwhile: its number is taken."""
    page = kept(stage, "ana", "a page")
    read(stage, "cora", "ana", page, "an answer")
    with stage.coached("cora", "ana") as record:
        before = entry.find(record, page).reads[0]
    with stage.mine("ana") as record:
        reviews.see(record, [page], reviews.whole)
    with stage.coached("cora", "ana") as record:
        assert not revisions.add(record, before, before.version + 1, "edited", "too late")
        assert entry.find(record, page).reads[0].words == "an answer"


def test_only_who_wrote_it_puts_it_right(signed_in: SignIn, stage: Stage, page_id) -> None:
    both(stage)
    page, one, two = kept(stage, "ana", "a page"), page_id(), page_id()
    review(signed_in("cora"), stage, page, one)
    review(signed_in("cora"), stage, page, two, "an answer")
    for who in ("dov", "pat", "ana", "fay"):
        here = signed_in(who)
        assert edit(here, stage, page, two, "not mine").status_code == 404
        assert here.post(f"{address(stage, page)}/reviews/{one}/deletion", {}).status_code == 404
    cora = signed_in("cora")
    assert cora.post(f"{address(stage, page)}/reviews/{two}/deletion", {}).status_code == 404, "an answer stays"
    assert edit(cora, stage, page, one, "a reading is no answer").status_code == 404


# --- gone meanwhile


def test_what_was_typed_for_an_entry_that_is_gone_is_shown_back(signed_in: SignIn, stage: Stage, page_id) -> None:
    cora, ana = signed_in("cora"), signed_in("ana")
    shared, binned, moved = (kept(stage, "ana", "for Cora") for _ in range(3))
    ana.post(f"/entries/{shared}/visibility", {"visibility": "private"})
    ana.post(f"/entries/{binned}/deletion")
    for page in (shared, binned):
        answer = review(cora, stage, page, page_id(), "typed <i>for long</i>")
        assert answer.status_code == 404 and "typed &lt;i&gt;for long&lt;/i&gt;" in answer.text
        assert "What you typed is here, to copy." in said(answer) and "for Cora" not in said(answer)
        assert cora.look(f"{address(stage, page)}/answering").status_code == 404
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        for row in record.session.exec(select(Coaching).where(Coaching.participant_id == stage.cast.ana)):
            row.until = record.today - timedelta(days=1)
    answer = review(cora, stage, moved, page_id(), "typed for long")
    assert answer.status_code == 404 and "typed for long" in answer.text
    for path, also in (("flags", {"level": "low"}), ("follow-ups", {"day": "2026-11-20"})):
        answer = cora.post(f"{address(stage, moved)}/{path}", {"id": page_id(), "words": "typed too", **also})
        assert answer.status_code == 404 and "typed too" in answer.text
    answer = review(cora, stage, moved, page_id(), "typed for long", whose="somebody else")
    assert "typed for long" not in answer.text, "typed by whoever used this browser before"
    assert count(stage, "ana", Review) == 0


# --- a flag, a day


def test_a_flag_and_a_day_without_leaving_the_entry(signed_in: SignIn, stage: Stage, page_id) -> None:
    page, cora, two = kept(stage, "ana", "a page"), signed_in("cora"), page_id()
    at = address(stage, page)
    answer = cora.post(
        f"{at}/flags", {"id": page_id(), "entry_id": str(page), "level": "high", "words": "she sounds low"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, at)
    form = {"id": two, "day": "2026-11-20", "words": "ask about sleep <b>", "entry_id": str(page)}
    for _ in range(2):
        assert cora.post(f"{at}/follow-ups", form).headers["Location"] == at
    shown = said(cora.look(at))
    assert "she sounds low" in shown and "Follow up on" in shown and "ask about sleep <b>" in shown
    assert "sleep" not in said(signed_in("ana").look(f"/journal/{page}")) and count(stage, "ana", FollowUp) == 0
    for wrong in ({"day": "2026-11-17"}, {"day": "2030-01-01"}, {"day": "soon"}, {"words": "x" * 2001}):
        refused = cora.post(f"{at}/follow-ups", form | {"id": page_id()} | wrong)
        assert refused.status_code == 422 and "a page" in said(refused), wrong
    assert cora.post(f"{at}/follow-ups", form | {"words": "other words"}).status_code == 422


def test_a_day_stands_until_somebody_says_that_it_is_done(
    signed_in: SignIn, stage: Stage, clock: Clock, page_id
) -> None:
    cora, one, desk = signed_in("cora"), page_id(), f"/caseload/{stage.cast.ana}/follow-ups"
    assert cora.post(desk, {"id": one, "day": "2026-11-20", "words": "ask about sleep"}).headers["Location"] == desk
    cora.post(desk, {"id": page_id(), "day": "2026-11-23"})
    with stage.coached("cora") as record:
        assert {who: str(row.day) for who, row in follow_ups.soonest(record).items()} == {stage.cast.ana: "2026-11-20"}
    assert "You wanted to follow up" not in said(cora.look("/caseload"))
    clock.go(days=2)
    cora = signed_in("cora")
    assert "You wanted to follow up today." in said(cora.look("/caseload"))
    for _ in range(2):
        assert cora.post(f"{desk}/{one}/completion", {}).status_code == 303
    assert "Done by Cora Diaz" in said(cora.look(desk)) and "follow up" not in said(cora.look("/caseload"))
    for who in ("ana", "dov", "pat"):
        here = signed_in(who)
        assert here.look(desk).status_code == here.post(f"{desk}/{one}/completion", {}).status_code == 404
