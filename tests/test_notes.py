"""Notes for staff only: whose, who reads them, that a change loses nothing, and that nobody else is shown one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app import main
from app.access import opened
from app.database import new_id
from app.forms import Posted
from app.models import notes
from app.models.notes import Note, StaffNoteForm
from app.models.people import Coaching
from app.owned import Unopened
from app.record import NotYours, Record
from tests import matrix
from tests.acts import admit, field, said
from tests.conftest import Browser, Clock, Stage
from tests.matrix import Try, addresses

SignIn = Callable[[str], Browser]
PageId = Callable[[], str]
STAFFS = "shared by staff with staff"  # the matrix's own note
WORDS = "Canary of the staff: sounded tired, ask about sleep."


def write(stage: Stage, words: str = WORDS, coach: str = "cora", name: str = "ana") -> UUID:
    with stage.coached(coach, name) as record:
        form = StaffNoteForm(id=new_id(), words=words)
        assert notes.written(record, Posted(kept=form))
    return form.id


def there(record: Record) -> list[str]:
    return [note.words for note in notes.everything(record)]


def address(stage: Stage, more: str = "") -> str:
    return f"/caseload/{stage.cast.ana}/notes{more}"


# --- written and changed


def test_a_note_is_kept_with_who_and_when(signed_in: SignIn, stage: Stage, page_id: PageId) -> None:
    cora, made = signed_in("cora"), page_id()
    empty = said(cora.look(address(stage)))
    assert "No note yet." in empty and "on a written request, Ana Keller may read it" in empty
    for _twice in range(2):
        answer = cora.post(address(stage), {"id": made, "words": WORDS})
        assert (answer.status_code, answer.headers["location"]) == (303, address(stage, f"#note-{made}"))
    with stage.coached("cora", "ana") as record:
        [kept] = notes.everything(record)
    assert (kept.words, kept.version, kept.before, kept.now.author) == (WORDS, 1, [], "Cora Diaz")
    assert "Cora Diaz, 12:00 pm Canary of the staff" in said(cora.look(address(stage))).replace("\xa0", " ")


def test_a_change_keeps_what_it_said_before(signed_in: SignIn, stage: Stage, page_id: PageId, clock: Clock) -> None:
    note, cora = write(stage), signed_in("cora")
    clock.go(minutes=9)
    page = cora.look(address(stage, f"/{note}/edit"))
    form = {"id": page_id(), "version": field(page, "version"), "words": "Slept well, after all."}
    for _twice in range(2):
        assert cora.post(address(stage, f"/{note}"), form).status_code == 303
    with stage.coached("cora", "ana") as record:
        [kept] = notes.everything(record)
    assert (kept.words, kept.version, [one.words for one in kept.before]) == ("Slept well, after all.", 2, [WORDS])
    shown = said(cora.look(address(stage)))
    assert shown.index("Slept well") < shown.index("What it said before") < shown.index(WORDS)


def test_a_change_from_an_old_page_is_shown_both_texts(signed_in: SignIn, stage: Stage, page_id: PageId) -> None:
    note, cora = write(stage), signed_in("cora")
    cora.post(address(stage, f"/{note}"), {"id": page_id(), "version": "1", "words": "from the desk"})
    late = cora.post(address(stage, f"/{note}"), {"id": page_id(), "version": "1", "words": "from the phone"})
    assert late.status_code == 422 and "Both texts are here" in said(late)
    assert "from the desk" in late.text and "from the phone" in late.text
    again = {"id": field(late, "id"), "version": field(late, "version"), "words": "from the phone"}
    assert cora.post(address(stage, f"/{note}"), again).status_code == 303
    with stage.coached("cora", "ana") as record:
        [kept] = notes.everything(record)
        assert [one.words for one in (kept.now, *kept.before)] == ["from the phone", "from the desk", WORDS]


def test_only_who_wrote_it_changes_it(signed_in: SignIn, stage: Stage, page_id: PageId) -> None:
    note = write(stage)
    join(stage, "dov")
    dov = signed_in("dov")
    assert WORDS in dov.look(address(stage)).text
    assert f"change-{note}" not in dov.look(address(stage)).text
    answer = dov.post(address(stage, f"/{note}"), {"id": page_id(), "version": "1", "words": "mine now"})
    assert answer.status_code == 422 and "Only who wrote a note can change it." in said(answer)
    assert "mine now" in answer.text
    with stage.coached("cora", "ana") as record:
        assert there(record) == [WORDS]


def test_other_words_under_a_kept_number_are_another_note(signed_in: SignIn, stage: Stage) -> None:
    note, cora = write(stage), signed_in("cora")
    answer = cora.post(address(stage), {"id": str(note), "words": "something else"})
    assert answer.status_code == 422 and "has kept a note already" in said(answer)
    assert cora.post(address(stage), {"id": field(answer, "id"), "words": "something else"}).status_code == 303
    with stage.coached("cora", "ana") as record:
        assert sorted(there(record)) == sorted([WORDS, "something else"])


@pytest.mark.parametrize("words", ["", "  \t ", "x" * 20_001])
def test_nothing_and_too_much_are_refused_kindly(signed_in: SignIn, stage: Stage, page_id: PageId, words: str) -> None:
    answer = signed_in("cora").post(address(stage), {"id": page_id(), "words": words})
    assert answer.status_code == 422 and "another look" in said(answer)
    with stage.coached("cora", "ana") as record:
        assert there(record) == []


def test_the_words_are_sealed(stage: Stage) -> None:
    write(stage)
    with stage.coached("cora", "ana") as record:
        [row] = record.session.exec(select(Note)).all()
        assert WORDS.encode() not in row.words


# --- who reads them


def join(stage: Stage, coach: str) -> None:
    """Ana is on the caseload of another coach too."""
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor, stage.cast.ana) as record:
        record.session.add(Coaching(id=new_id(), coach_id=getattr(stage.cast, coach), since=record.today))


@pytest.mark.parametrize("role", ["participant", "supporter", "manager"])
def test_nobody_else_reads_or_keeps_one(stage: Stage, role: Any) -> None:
    write(stage)
    who = {"participant": stage.cast.ana, "supporter": stage.cast.sam, "manager": stage.cast.pat}[role]
    with opened(stage.house, stage.cast.harbor, role, who, stage.cast.ana) as record:
        assert record.session.exec(select(Note)).all() == []
        with pytest.raises(Unopened):
            notes.written(record, Posted(kept=StaffNoteForm(id=new_id(), words="mine")))


def test_a_coach_reads_those_of_their_own_people(signed_in: SignIn, stage: Stage, page_id: PageId) -> None:
    write(stage)
    of_ben = write(stage, "of Ben", "dov", "ben")
    with stage.coached("dov") as record:
        assert [row.note_id for row in record.session.exec(select(Note))] == [of_ben]
    cora = signed_in("cora")
    assert cora.look(f"/caseload/{stage.cast.ben}/notes").status_code == 404
    form = {"id": page_id(), "version": "1", "words": "x"}
    assert cora.post(address(stage, f"/{of_ben}"), form).status_code == 404
    assert cora.look(address(stage, f"/{of_ben}/edit")).status_code == 404
    assert cora.post(address(stage), {"id": str(of_ben), "words": "x"}).status_code == 404
    with stage.coached("cora", "ana") as record, pytest.raises(NotYours):
        notes.find(record, of_ben)


def test_of_several_people_each_page_has_its_own(stage: Stage) -> None:
    other = admit(stage, "Una Other")
    write(stage)
    with opened(stage.house, stage.cast.harbor, "coach", stage.cast.cora, other) as record:
        assert there(record) == []


def test_no_page_of_a_participant_a_supporter_or_a_manager_shows_one(stage: Stage) -> None:
    """Every address that there is, with everything of hers in it."""
    ana = matrix.settle(stage.house, stage.cast)
    write(stage)
    served, tried = main.serve(stage.house), 0
    for who in ("ana", "sam", "pat"):
        browser = matrix.browser(served, who)
        for one in addresses(served.app):  # type: ignore[arg-type]
            if one.method != "GET" or one.path.startswith(("/static", "/feeds", "/sign-")):
                continue
            answer = Try(who, one, {name: ana.values(name)[0] for name in one.names}).make(browser)
            tried += answer.status_code == 200
            assert STAFFS not in answer.text and "Canary of the staff" not in answer.text, (who, one)
    assert tried > 60
