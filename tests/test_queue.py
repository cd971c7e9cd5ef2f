"""The queue: what waits for a coach, in which order, by when; and one entry with the days around it."""

from collections.abc import Callable
from datetime import timedelta

from app.database import new_id
from app.models import entry, flags, queue
from tests.acts import kept, read, said, statements
from tests.conftest import Browser, Clock, Stage
from tests.test_reviews import address, review

SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true"}


def waiting(stage: Stage) -> list[str]:
    with stage.coached("cora") as record:
        return [entry.find(record, one.id).words for one in queue.waiting(record)]


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
    answer = review(cora, stage, pages[1], page_id(), then=str(pages[2]))
    assert answer.headers["Location"] == third
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


def test_a_flag_comes_first_and_the_most_urgent_before_all(stage: Stage, clock: Clock) -> None:
    for words, level in (("high", "high"), ("plain", ""), ("asks", ""), ("urgent", "urgent"), ("low", "low")):
        page = kept(stage, "ana", words, wants_answer=words == "asks")
        clock.go(minutes=1)
        if level:
            with stage.coached("cora", "ana") as record:
                flags.by_hand(record, new_id(), page, level, "a look")
    assert waiting(stage) == ["urgent", "high", "low", "asks", "plain"]


def test_the_list_says_how_many_wait_and_by_when(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    kept(stage, "ana", "old")
    kept(stage, "ana", "asks", wants_answer=True)
    kept(stage, "ben", "of somebody else's")
    cora = signed_in("cora")
    told = said(cora.look("/review/waiting"))
    assert "2 entries wait for you" in told and told.count("by 5:00 pm on Thursday") == 2 and "Ben" not in told
    assert "2 wait" in said(cora.get("/review"))
    clock.go(days=3)
    assert said(signed_in("cora").look("/review/waiting")).count("it was promised by") == 2
    assert "All read" in said(signed_in("fay").look("/review/waiting"))


def test_the_next_one_comes_onto_the_same_page(signed_in: SignIn, stage: Stage, clock: Clock, page_id) -> None:
    pages = []
    for number in range(2):
        pages.append(kept(stage, "ana", f"page {number}"))
        clock.go(minutes=1)
    cora = signed_in("cora")
    shown = cora.look("/review", headers=HTMX)
    assert shown.status_code == 200 and "page 0" in shown.text and "<html" not in shown.text
    form = {"id": page_id(), "then": str(pages[1])}
    shown = cora.post(f"{address(stage, pages[0])}/reviews", form, headers=HTMX)
    assert shown.status_code == 200 and f'data-address="{address(stage, pages[1])}"' in shown.text
    shown = cora.post(f"{address(stage, pages[1])}/reviews", {"id": page_id()}, headers=HTMX)
    assert "You have read everything" in said(shown)
    # Each look is written down, however the entry came onto the page.
    told = said(signed_in("ana").look("/me/openings"))
    assert told.count("opened one entry") == 2


def test_a_queue_of_many_takes_as_many_questions_as_one_of_few(stage: Stage) -> None:
    counts = []
    for more in (1, 12):
        for _ in range(more):
            kept(stage, "ana", "a page")
        with stage.coached("cora") as record, statements(stage) as sent:
            queue.listed(record)
        counts.append(len(sent))
    assert counts[0] == counts[1]
