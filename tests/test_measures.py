"""Measures: one step after the other, scored when all of it is answered, shared as was said, with help first."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.content import instruments as content
from app.database import new_id
from app.models import entry, flags, measures, people, queue, sharing
from app.models.entry import Line
from app.models.measures import Measure
from app.models.people import Episode
from tests.acts import count, field, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true"}


def body(name: str = "phq-9", points: int = 1, **given: Any) -> dict[str, str]:
    """Everything answered: each with so many points, or the most below that."""
    one = content.instrument(name, "en")
    assert one
    answers = {f"answer-{item.id}": str(max(value for value in item.values if value <= points)) for item in one.items}
    return {"id": str(new_id()), "edition": one.version, "visibility": "shared", **answers} | {
        key.replace("_", "-"): str(value) for key, value in given.items()
    }  # fmt: skip


def part_of(said: dict[str, str], *items: str, **also: Any) -> dict[str, str]:
    """A step in the middle: of all answers only these."""
    kept = {name: value for name, value in said.items() if not name.startswith("answer-")}
    return kept | {f"answer-{one}": said[f"answer-{one}"] for one in items} | {"done": "false"} | also


def send(here: Browser, form: dict[str, str], id: str = "phq-9", **also: Any) -> Any:
    return here.post(f"/measures/{id}", form, **also)


def line_of(stage: Stage, entry_id: str, who: str = "ana") -> Line:
    with stage.mine(who) as record:
        return entry.find(record, UUID(entry_id), "measure")


def taken(stage: Stage, who: str = "ana", id: str | None = None) -> list[measures.Taken]:
    with stage.mine(who) as record:
        return measures.results(record, id)


def open_rules(stage: Stage) -> list[str]:
    with stage.coached("cora", "ana") as record:
        return sorted(one.rule for one in flags.open_flags(record).get(stage.cast.ana, []))


# --- taken


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_instrument_goes_from_its_form_to_its_result_in_words(
    signed_in: SignIn, stage: Stage, language: str
) -> None:
    ana = signed_in("ana")
    ana.post("/me/language", {"language": language})
    for one in content.instruments(language):
        page = ana.look(f"/measures/{one.id}/new")
        named = one.naming()
        assert all(item.ask in (text := said(page)) for item in named.items), one.id
        assert all(option.label in text for item in one.items for option in item.options) and one.ask in text
        form = body(one.id, id=field(page, "id"))
        assert set(form) - set(re.findall(r'name="([^"]+)"', page.text)) == set(), one.id
        answer = send(ana, form, one.id, follow_redirects=True)
        result = taken(stage, id=one.id)[-1].result
        expected = {score.id: score.points for score in result.scores}
        shown = said(answer)
        for scale in one.scales:
            band = next(band.name for band in reversed(scale.bands) if expected[scale.id] >= band.start)
            assert band in shown, (one.id, scale.id)
    assert count(stage, "ana", Measure) == len(content.instruments(language))


def test_it_is_scored_once_and_however_often_it_is_sent(signed_in: SignIn, stage: Stage) -> None:
    ana, form = signed_in("ana"), body(points=2)
    for _ in range(3):
        answer = send(ana, form, headers=HTMX)
        assert (answer.status_code, answer.headers["Kept"]) == (200, form["id"])
    line = line_of(stage, form["id"])
    assert (line.part.done, line.part.scores, line.visibility) == (True, {"total": 18}, "shared")
    assert [one.result.points() for one in taken(stage)] == [18]


def test_the_answers_are_sealed_and_the_points_are_numbers(signed_in: SignIn, stage: Stage) -> None:
    form = body(points=3)
    send(signed_in("ana"), form)
    with stage.mine("ana") as record:
        row = record.session.exec(select(Measure)).one()
        assert row.answers and b'"9"' not in row.answers and row.scores == {"total": 27}


def test_half_of_it_is_never_scored_and_nobody_elses(signed_in: SignIn, stage: Stage) -> None:
    ana, form = signed_in("ana"), body()
    answer = send(ana, part_of(form, "1", "2", step="2"), headers=HTMX)
    assert answer.headers["Kept"] == form["id"]
    line = line_of(stage, form["id"])
    assert (line.visibility, line.part.done, line.part.scores, line.part.share) == ("private", False, {}, True)
    assert taken(stage) == []
    with stage.coached("cora") as record:
        assert queue.waiting(record) == []
    shown = said(ana.look(f"/measures/phq-9/{form['id']}"))
    assert "added up when every question has an answer" in shown and "points" not in shown
    # Without an answer to every question, the last step keeps what there is and asks for the rest.
    answer = send(ana, part_of(form, "1", "2", "3", "5", step="3", done="true"))
    assert answer.status_code == 422 and answer.text.count("This one has no answer yet.") == 5
    assert json.loads(line_of(stage, form["id"]).said["answers"]) == {"1": 1, "2": 1, "3": 1, "5": 1}
    assert not line_of(stage, form["id"]).part.done
    send(ana, form | {"step": field(answer, "step")})
    assert line_of(stage, form["id"]).part.scores == {"total": 9}


def test_steps_in_whatever_order_they_come_end_in_one(stage: Stage, signed_in: SignIn) -> None:
    """What waited on a phone comes late, and twice."""
    ana, all_of_it = signed_in("ana"), body(points=0)
    steps = [
        part_of(all_of_it, "1", step="1"), part_of(all_of_it, "1", "2", step="2"), all_of_it | {"step": "3"},
    ]  # fmt: skip
    for way in permutations(steps):
        number = str(new_id())
        for step in (*way, *way):
            assert send(ana, step | {"id": number}, headers=HTMX).status_code == 200
        assert line_of(stage, number).part.scores == {"total": 0}


def test_it_goes_on_where_it_was_left_on_this_and_on_another_device(signed_in: SignIn, stage: Stage) -> None:
    here, there, form = signed_in("ana"), signed_in("ana"), body()
    send(here, part_of(form, "1", "2", step="2", visibility="private"))
    for path in ("/today", "/measures", "/measures/phq-9/new"):
        assert f'href="/measures/phq-9/{form["id"]}/edit"' in there.look(path).text, path
    page = there.look(f"/measures/phq-9/{form['id']}/edit")
    assert (field(page, "id"), field(page, "step"), field(page, "at")) == (form["id"], "3", "4")
    assert 'id="q-2-1" name="answer-2" value="1" checked' in page.text
    assert re.search(r'value="private" checked', page.text)
    there_says = part_of(form, "1", "2", "3", step="3")
    send(there, there_says)
    # What the other device has said meanwhile is not lost by this one's last word.
    rest = {name: value for name, value in form.items() if name != "answer-3"}
    assert send(here, rest | {"step": "3"}).status_code == 303
    assert line_of(stage, form["id"]).part.scores == {"total": 9}
    assert there.look(f"/measures/phq-9/{form['id']}/edit").status_code == 404
    assert "Go on where you were" not in said(there.look("/today"))
    # Finished there with other answers: those stay, and these are asked about.
    late = send(there, form | {"answer-1": "3", "step": "9"})
    assert late.status_code == 422 and "Save once more to keep this one too." in said(late)
    send(there, form | {"answer-1": "3", "id": field(late, "id")})
    assert [one.result.points() for one in taken(stage)] == [9, 11]


def test_after_two_days_it_begins_anew(signed_in: SignIn, clock: Clock) -> None:
    ana, form = signed_in("ana"), body()
    send(ana, part_of(form, "1", step="1"))
    clock.go(hours=49)
    assert "Go on where you were" not in said(signed_in("ana").look("/measures/phq-9/new"))


# --- help first


def test_an_answer_that_leads_to_help_is_kept_and_told_at_once(signed_in: SignIn, stage: Stage) -> None:
    ana, form = signed_in("ana"), body(answer_9=1)
    before = said(ana.look("/measures/phq-9/new"))
    assert "your coach is told of that answer as soon as you give it, even if you stop there" in before
    assert "Nobody watches at night" in before and "Cora Diaz reads it by 5:00 pm on Thursday." in before
    send(ana, part_of(form, "1", "9", step="2"), headers=HTMX)
    assert open_rules(stage) == ["safety-answer"]
    with stage.coached("cora", "ana") as record:
        [line] = [entry.find(record, one.id) for one in queue.waiting(record)]
        shown = line.part.sheet(line.said["answers"], "en")
        assert (shown.done, shown.scores, [answer for _item, answer in shown.alarms]) == (False, (), ["Several days"])
    read = said(signed_in("cora").look(f"/caseload/{stage.cast.ana}/entries/{form['id']}"))
    assert "Begun, not finished" in read and "Several days" in read
    assert "Little interest" not in read
    # Help stands before everything else, also on the page without a script.
    page = ana.look(f"/measures/phq-9/{form['id']}").text
    assert 0 < page.index('href="tel:988"') < page.index("Go on where you were")
    edit = ana.look(f"/measures/phq-9/{form['id']}/edit").text
    assert edit.index('href="tel:988"') < edit.index('id="part-1"')
    done = send(ana, form | {"step": "3"}, headers=HTMX).text
    assert done.index('href="tel:988"') < done.index("Done. Thank you")
    assert "on the list of Cora Diaz" in done
    assert open_rules(stage) == ["safety-answer"]


def test_what_is_kept_to_oneself_brings_help_and_tells_nobody(signed_in: SignIn, stage: Stage) -> None:
    ana, form = signed_in("ana"), body(points=3, visibility="private")
    send(ana, part_of(form, "9", step="1"), headers=HTMX)
    assert 'href="tel:988"' in send(ana, form | {"step": "2"}, headers=HTMX).text
    assert open_rules(stage) == []
    with stage.coached("cora", "ana") as record:
        assert measures.results(record) == [] == measures.of_person(record, "en")["courses"]
    assert "None is shared yet." in said(signed_in("cora").look(f"/caseload/{stage.cast.ana}/measures"))


def test_a_zero_brings_no_help_and_no_flag(signed_in: SignIn, stage: Stage) -> None:
    ana = signed_in("ana")
    done = send(ana, body(points=1, answer_9=0), headers=HTMX).text
    assert "first-help" not in done and open_rules(stage) == []
    assert 'data-help="q-9-help"' in (page := ana.look("/measures/phq-9/new").text)
    assert page.count("data-help=") == 3 and 'value="0" data-help' not in page
    assert "data-help" not in ana.look("/measures/gad-7/new").text


def test_scores_raise_what_the_rules_say_of_them(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    ana = signed_in("ana")
    send(ana, body(points=0))
    clock.go(hours=1)
    send(ana, body(points=2, answer_9=0, visibility="private"))
    clock.go(hours=1)
    assert open_rules(stage) == []
    send(ana, body(points=1, answer_9=0))  # 8 more than what was shared before, and less than what was not
    assert open_rules(stage) == ["phq-rise"]
    send(ana, body("bam-iop", points=4), "bam-iop")
    assert open_rules(stage) == ["bam-risk", "bam-use", "phq-rise"]


# --- who reads


def test_it_is_read_as_it_is_shared(signed_in: SignIn, stage: Stage) -> None:
    ana, cora, form = signed_in("ana"), signed_in("cora"), body()
    send(ana, form)
    at = f"/caseload/{stage.cast.ana}/measures"
    shown = said(cora.look(at))
    assert "PHQ-9" in shown and "mild" in shown and "9 of 27 points" in shown and "Several days" in shown
    assert ana.look(at).status_code == signed_in("dov").look(at).status_code == 404
    ana.post(f"/entries/{form['id']}/visibility", {"visibility": "private"})
    assert "PHQ-9" not in said(cora.look(at))
    ana.post(f"/entries/{form['id']}/visibility", {"visibility": "shared"})
    with stage.mine("ana") as record:
        sharing.stop(record, "measure")
    assert "PHQ-9" not in said(cora.look(at))
    assert "Only you will see this." in said(ana.look("/measures/gad-7/new"))


def test_of_somebody_else_there_is_none(signed_in: SignIn, stage: Stage) -> None:
    ana, ben, form = signed_in("ana"), signed_in("ben"), body()
    send(ana, form)
    for path in (f"/measures/phq-9/{form['id']}", f"/measures/phq-9/{form['id']}/edit"):
        assert ben.look(path).status_code == 404
    assert send(ben, form).status_code == 404
    assert ana.look(f"/measures/gad-7/{form['id']}").status_code == 404
    assert send(ana, body("gad-7", id=form["id"]), "gad-7").status_code == 404


# --- over time


def test_the_trend_says_bands_and_marks_what_is_more_than_chance(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    ana = signed_in("ana")
    for given in ({"points": 2, "answer_9": 0}, {"points": 2, "answer_9": 0, "answer_1": 0}, {"points": 0}):
        send(ana, body(**given))
        clock.go(days=7)
        ana = signed_in("ana")
    with stage.mine("ana") as record:
        [course] = measures.over_time(record, measures.find("phq-9", "en"), "en")["courses"]
    assert [(one.points, one.band) for one in course.points] == [
        (16, "moderately severe"), (14, "moderate"), (0, "minimal"),
    ]  # fmt: skip
    assert [one.change and one.change.way for one in course.points] == [None, "unclear", "better"]
    assert len(course.picture.dots) == 3 and course.most == 27
    page = said(ana.look("/measures/phq-9"))
    for words in (
        "-14 easier *", "-2 about the same", "Nov 18", "moderately severe", "RCI = difference / (SD × √2 × √(1 − r))",
        "SD = 5.66, r = 0.89", "from 5.2 points on", "Jacobson & Truax 1991", "It is not a diagnosis",
    ):  # fmt: skip
        assert words in page, words
    assert 'role="img" aria-label="Total, from Nov 18 to Dec 2' in ana.look("/measures/phq-9").text
    assert "Easier than the time before: -14 points, more than chance." in page


def test_where_nothing_is_published_no_change_is_marked(signed_in: SignIn, clock: Clock) -> None:
    ana = signed_in("ana")
    for points in (6, 0):
        send(ana, body("pacs", points=points), "pacs")
        clock.go(hours=1)
    shown = said(ana.look("/measures/pacs"))
    assert "nobody has published" in shown and "RCI" not in shown and "very strong" in shown


# --- asked for


def ask(pat: Browser, *asked: str, weekday: int = 0, **also: Any) -> Any:
    return pat.post("/rhythm", {"id": str(new_id()), "asked": list(asked), "weekday": str(weekday)} | also)


def due(stage: Stage, who: str = "ana") -> list[tuple[str, str]]:
    with stage.mine(who) as record:
        return [(one.id, one.use) for one in measures.due(record)]


def stay(stage: Stage, **change: date | None) -> None:
    with stage.coached("cora", "ana") as record:
        found = people.episode_of(record.session, stage.cast.ana)
        record.session.get_one(Episode, (found.program_id, found.id)).sqlmodel_update(change)


def test_nothing_is_asked_until_a_manager_says_so(signed_in: SignIn, stage: Stage) -> None:
    assert due(stage) == []
    assert "measures-due" not in signed_in("ana").look("/today").text
    assert ask(signed_in("cora"), "phq-9:weekly").status_code == 404
    assert ask(signed_in("ana"), "phq-9:weekly").status_code == 404
    assert due(stage) == []


def test_what_is_asked_every_week_comes_on_its_day_and_goes_when_it_is_done(
    signed_in: SignIn, stage: Stage, clock: Clock
) -> None:
    stay(stage, started_on=date(2026, 10, 1))
    pat = signed_in("pat")
    assert ask(pat, "phq-9:weekly", "pacs:weekly").status_code == 303
    assert "Now 14 questions a week." in said(pat.look("/rhythm"))
    assert due(stage) == [("pacs", "weekly"), ("phq-9", "weekly")]  # asked on Monday, and now it is Wednesday
    today = said(signed_in("ana").look("/today"))
    assert "Weekly check: about 3 minutes" in today
    answer = send(signed_in("ana"), body("pacs"), "pacs", follow_redirects=True)
    assert "One more is asked for" in said(answer) and 'href="/measures/phq-9/new"' in answer.text
    assert due(stage) == [("phq-9", "weekly")]
    send(signed_in("ana"), body())
    assert due(stage) == []
    clock.go(days=4)
    assert due(stage) == []
    clock.go(days=1)  # the next Monday
    assert due(stage) == [("pacs", "weekly"), ("phq-9", "weekly")]
    clock.go(days=5)  # not nagging: on Saturday it is no more
    assert due(stage) == []
    ask(signed_in("pat"))
    clock.go(days=2)
    assert due(stage) == []


def test_it_is_asked_on_coming_and_before_leaving(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    ask(signed_in("pat"), "audit-c:intake", "phq-9:discharge")
    stay(stage, started_on=date(2026, 11, 16), ended_on=None)
    assert due(stage) == [("audit-c", "intake")]
    send(signed_in("ana"), body("audit-c"), "audit-c")
    assert due(stage) == []
    stay(stage, ended_on=date(2026, 11, 30))
    clock.go(days=5)
    assert due(stage) == []
    clock.go(days=1)  # seven days, the last among them
    assert due(stage) == [("phq-9", "discharge")]


def test_a_choice_is_a_row_and_bad_ones_are_refused(signed_in: SignIn, stage: Stage) -> None:
    pat = signed_in("pat")
    for asked in ("audit-c:weekly", "phq-9", "nothing:intake", "<script>"):
        answer = ask(pat, asked)
        assert answer.status_code == 422 and "Please choose among the measures" in said(answer), asked
    number = str(new_id())
    for _ in range(2):
        assert ask(pat, "phq-9:intake", id=number).status_code == 303
    assert 'id="phq-9-intake" name="asked" value="phq-9:intake" checked' in pat.look("/rhythm").text


def test_taken_since_a_day(signed_in: SignIn, stage: Stage) -> None:
    send(signed_in("ana"), body())
    with stage.mine("ana") as record:
        for ahead, done in ((-1, True), (0, True), (1, False)):
            assert measures.taken_since(record, "phq-9", record.today + timedelta(days=ahead)) is done
        assert not measures.taken_since(record, "gad-7", record.today)


# --- bad input


CHOOSE = "Please choose one of the answers."
SPOILT: list[tuple[dict[str, Any], str]] = [
    ({"answer-9": "4"}, CHOOSE),
    ({"answer-9": "-1"}, CHOOSE),
    ({"answer-9": "9" * 4000}, CHOOSE),
    ({"answer-9": "nearly every day"}, CHOOSE),
    ({"answer-9": "🙂\u202e<script>"}, CHOOSE),
    ({"answer-10": "1"}, CHOOSE),
    ({"answers": "1"}, "something that does not belong to it"),
    ({"answer-9": ["0", "3"]}, "Please look at it once more"),
    ({"edition": "PHQ-9 (2031)"}, "These questions were changed meanwhile."),
    ({"edition": ""}, "These questions were changed meanwhile."),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_answer_is_refused_and_the_others_stay(signed_in: SignIn, stage: Stage) -> None:
    ana = signed_in("ana")
    for spoilt, sentence in SPOILT:
        answer = send(ana, body(points=1) | spoilt)
        assert answer.status_code == 422 and sentence in said(answer), spoilt
        assert 'id="q-2-1" name="answer-2" value="1" checked' in answer.text
        assert field(answer, "edition") == "PHQ-9 (1999)"
    assert taken(stage) == []
    assert send(ana, body() | {"answer-9": "1\0"}).status_code == 303


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_there_are_no_other_measures(signed_in: SignIn) -> None:
    ana = signed_in("ana")
    for id in ("nothing", "%00", "..", "PHQ-9", "new"):
        assert ana.look(f"/measures/{id}/new").status_code == 404
        assert ana.post(f"/measures/{id}", body()).status_code in (404, 405)


def test_questions_that_were_changed_meanwhile_are_not_taken_for_the_old_ones(
    signed_in: SignIn, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, form = signed_in("ana"), body()
    send(ana, part_of(half := body(), "1", step="1"))
    send(ana, form)
    new = {tongue: tuple(_reworded(one) for one in ours) for tongue, ours in content._INSTRUMENTS.items()}
    monkeypatch.setattr(content, "_INSTRUMENTS", new)
    assert taken(stage) == []
    assert "Go on where you were" not in said(ana.look("/today"))
    assert ana.look(f"/measures/phq-9/{half['id']}/edit").status_code == 404
    for path in ("/journal", f"/measures/phq-9/{form['id']}", f"/entries/{form['id']}", "/measures", "/measures/phq-9"):
        assert ana.look(path).status_code == 200, path


def _reworded(one: Any) -> Any:
    return type(one)(**vars(one) | {"version": "another"})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_works_without_signal_as_every_log_form_does(browser: Callable[[], Browser]) -> None:
    for one in content.instruments("es"):
        page = browser().look(f"/offline/es/measure-{one.id}").text
        form = re.search(rf'<form[^>]* action="/measures/{one.id}"[^>]*>', page)
        assert form and "data-log=" in form[0] and "hx-post=" in form[0] and "data-steps" in form[0]
        assert one.items[0].ask.split("{")[0] in page
