"""Invites: the only way in, for one person, once, for 72 hours."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import func, select

from app import demo
from app.access import opened
from app.database import new_id
from app.lib.passwords import hash_passphrase
from app.lib.vault import token_hash
from app.models import invites, people
from app.models.accounts import Passphrase
from app.models.invites import Invite, Plan
from app.models.people import Episode, Membership, Person
from tests.acts import admit, field, said
from tests.conftest import Browser, Clock, Stage

SignIn = Callable[[str], Browser]
Fresh = Callable[[], Browser]
GOOD = "purple otter carries nine ladders"
TODAY = date(2026, 11, 18)


def invite(here: Browser, role: str = "supporter", name: str = "Sol Rivera", **also: Any) -> Any:
    form = {"id": str(new_id()), "role": role, "name": name, "sign_in_name": f"{new_id()}@sol.example"}
    return here.post("/invites", form | {"language": "en"} | also)


def link(answer: Any) -> str:
    found = re.search(r'id="address">https://testserver(/invites/[\w-]+)<', answer.text)
    assert found, answer.text
    return found[1]


def make(stage: Stage, **also: Any) -> str:
    """An invite made by the manager; answers its path."""
    plan = Plan(**{"role": "supporter", "name": "Sol Rivera", "sign_in_name": f"{new_id()}@sol.example"} | also)
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat) as record:
        return f"/invites/{invites.make(record, plan, new_id())}"


def accept(here: Browser, path: str, passphrase: str = GOOD, **also: str) -> Any:
    return here.post(path, {"passphrase": passphrase, **also})


def how_many(stage: Stage, model: Any) -> int:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        return record.session.exec(select(func.count()).select_from(model)).one()


# --- from the office to the first page


def test_a_participant_comes_in(signed_in: SignIn, browser: Fresh, stage: Stage) -> None:
    answer = invite(
        signed_in("pat"), "participant", "Noor Aziz", sign_in_name="Noor@Sol.example", coach=str(stage.cast.cora),
        starts="2026-11-23", language="es",
    )  # fmt: skip
    assert answer.status_code == 200 and 'role="img"' in answer.text
    here, path = browser(), link(answer)
    page = here.look(path)
    assert page.status_code == 200 and "Noor Aziz" in said(page) and "Harbor IOP" in said(page)
    assert field(page, "passphrase") == "" and 'value="Noor@Sol.example"' in page.text
    done = accept(here, path)
    assert done.status_code == 200 and "Noor@Sol.example" in said(done) and GOOD not in done.text
    assert here.post("/sign-in", {"name": "noor@sol.example", "passphrase": GOOD}).status_code == 303
    assert here.look("/today").headers["Location"] == "/welcome"
    assert '<html lang="es"' in here.look("/welcome").text
    assert "Noor Aziz" in said(signed_in("cora").look("/caseload"))
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat) as record:
        starts = record.session.exec(select(Episode.started_on)).all()
    assert date(2026, 11, 23) in starts


@pytest.mark.parametrize(
    ("role", "home"), [("coach", "/caseload"), ("supporter", "/supporting"), ("manager", "/people")]
)
def test_staff_and_supporters_come_in(role: str, home: str, signed_in: SignIn, browser: Fresh) -> None:
    here = browser()
    path = link(invite(signed_in("pat"), role, sign_in_name="sol"))
    assert accept(here, path).status_code == 200
    assert here.post("/sign-in", {"name": "sol", "passphrase": GOOD}).status_code == 303
    assert here.look("/").headers["Location"] == home and here.look(home).status_code == 200


def test_sent_twice_it_is_one_invite(signed_in: SignIn, browser: Fresh, stage: Stage) -> None:
    pat, one, name = signed_in("pat"), str(new_id()), "sol@sol.example"
    first, second = (link(invite(pat, id=one, sign_in_name=name)) for _ in range(2))
    assert _invites(stage) == 1
    assert browser().look(first).status_code == 404 and accept(browser(), second).status_code == 200
    assert invite(pat, id=one).status_code == 404, "it was used up"


def at_once(here: Browser, times: int, act: Callable[[Browser], Any]) -> list[Any]:
    """The same by so many tabs of one browser, in one moment."""
    with ThreadPoolExecutor(times) as tabs:
        browsers = [Browser(here.app, base_url="https://testserver", cookies=here.cookies) for _ in range(times)]
        return list(tabs.map(act, browsers))


def test_sent_twice_in_the_same_moment_it_is_one_invite(signed_in: SignIn, browser: Fresh, stage: Stage) -> None:
    pat = signed_in("pat")
    for number in range(5):
        sent = {"id": str(new_id()), "sign_in_name": f"sol{number}@sol.example"}
        answers = at_once(pat, 4, lambda tab, sent=sent: invite(tab, **sent))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert _invites(stage) == number + 1
        leads = [browser().look(link(answer)).status_code for answer in answers]
        assert sorted(leads) == [200, 404, 404, 404]


def test_the_id_of_somebody_elses_invite_is_not_there(signed_in: SignIn, browser: Fresh, stage: Stage) -> None:
    one = str(new_id())
    path = link(invite(signed_in("pat"), id=one))
    assert invite(signed_in("cora"), id=one).status_code == invite(signed_in("fay"), id=one).status_code == 404
    assert browser().look(path).status_code == 200


# --- once, for a while, unless it is taken back


def test_v6_4_1_it_lets_one_in_once(browser: Fresh, stage: Stage) -> None:
    path, persons = make(stage), how_many(stage, Person)
    assert accept(browser(), path).status_code == 200
    again = [browser().look(path), accept(browser(), path), accept(browser(), path, "short")]
    assert {answer.status_code for answer in again} == {404}
    assert how_many(stage, Person) == persons + 1


def test_v6_4_1_of_many_at_once_one_comes_in(browser: Fresh, stage: Stage) -> None:
    path, persons = make(stage), how_many(stage, Person)
    with ThreadPoolExecutor(6) as crowd:
        answers = list(crowd.map(lambda _: accept(browser(), path), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 5
    assert how_many(stage, Person) == persons + 1


def test_two_links_for_one_name_let_one_in(browser: Fresh, stage: Stage) -> None:
    """The first link went astray, so there is a second one."""
    first, second = (make(stage, sign_in_name="sol@sol.example") for _ in range(2))
    persons = how_many(stage, Person)
    assert accept(browser(), second).status_code == 200
    assert browser().look(first).status_code == accept(browser(), first, GOOD + " too").status_code == 404
    assert how_many(stage, Person) == persons + 1
    assert browser().post("/sign-in", {"name": "sol@sol.example", "passphrase": GOOD}).status_code == 303


def test_two_links_for_one_name_used_at_once_let_one_in(browser: Fresh, stage: Stage) -> None:
    persons = how_many(stage, Person)
    paths = [make(stage, sign_in_name="sol@sol.example") for _ in range(4)]
    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(lambda path: accept(browser(), path), paths))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    assert how_many(stage, Person) == persons + 1


def test_one_that_is_taken_back_while_a_passphrase_is_hashed_lets_nobody_in(
    signed_in: SignIn, browser: Fresh, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pat, path, persons = signed_in("pat"), make(stage), how_many(stage, Person)
    (one,) = re.findall(r"/invites/([0-9a-f-]{36})/revocation", pat.look("/people").text)

    def meanwhile(text: str) -> str:
        assert pat.post(f"/invites/{one}/revocation").status_code == 303
        return hash_passphrase(text)

    monkeypatch.setattr("app.access.hash_passphrase", meanwhile)
    assert accept(browser(), path).status_code == 404
    assert how_many(stage, Person) == persons


def test_v6_4_1_it_holds_for_72_hours(browser: Fresh, stage: Stage, clock: Clock) -> None:
    early, late = make(stage), make(stage)
    clock.go(hours=71, minutes=59)
    assert accept(browser(), early).status_code == 200
    clock.go(minutes=1)
    assert browser().look(late).status_code == accept(browser(), late).status_code == 404


def test_it_can_be_taken_back(signed_in: SignIn, browser: Fresh, stage: Stage) -> None:
    pat = signed_in("pat")
    path = link(invite(pat))
    page = pat.look("/people")
    (one,) = re.findall(r"/invites/([0-9a-f-]{36})/revocation", page.text)
    assert "Sol Rivera" in said(page)
    for _ in range(2):
        assert pat.post(f"/invites/{one}/revocation").headers["Location"] == "/people"
    assert browser().look(path).status_code == accept(browser(), path).status_code == 404
    assert "Sol Rivera" not in said(pat.look("/people"))


def test_one_that_never_was_is_not_there(browser: Fresh, cast: demo.Cast) -> None:
    for token in ("x" * 43, "%00", "%f0%9f%8c%8a", "a" * 5000, "x%0d%0ay", "%ff"):
        for answer in (browser().look(f"/invites/{token}"), accept(browser(), f"/invites/{token}")):
            assert answer.status_code == 404 and "There is nothing here" in said(answer), token


def test_the_link_is_kept_as_its_hash_and_the_plan_is_sealed(stage: Stage) -> None:
    path = make(stage, name="Sol Rivera")
    token = path.rsplit("/", 1)[1]
    with stage.house.database.session(writes=False) as session:
        (row,) = session.exec(select(Invite)).all()
    assert row.token_hash == token_hash(token) and len(token) >= 43
    assert token not in str(row.model_dump()) and b"Sol" not in row.plan
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        kept = record.session.exec(select(Passphrase.passphrase)).all()
    assert all(one.startswith("$argon2id$") for one in kept)


# --- passphrases (6.2)


def test_v6_2_a_weak_passphrase_is_refused_and_nothing_is_used_up(browser: Fresh, stage: Stage) -> None:
    path, persons = make(stage, name="Solveig Rivera"), how_many(stage, Person)
    weak = ["", " ", "too short", "a" * 14, "a" * 40, "passwordpassword", "123456789012345", "harboriopharboriop",
            "solveigriverasolveig", "x" * 129, "x" * 1001, "🌊" * 14]  # fmt: skip
    for passphrase in weak:
        answer = accept(browser(), path, passphrase)
        assert answer.status_code == 422 and 'class="error"' in answer.text, passphrase
        assert 'type="password"' in answer.text and field(answer, "passphrase") == ""
    assert how_many(stage, Person) == persons
    assert accept(browser(), path).status_code == 200


FINE = [
    "purple otter carries nine ladders", "kelp 🌊 otter 🦦 ladder 🪜 nine", "ﬁve quiet lanterns ﬂoat away",
    "  leading and trailing spaces count  ", "Ünïcödé brücken über flüsse", "seven walrus moss kettle lamp " * 4,
]  # fmt: skip


def test_v6_2_any_characters_and_many_of_them_are_fine(browser: Fresh, stage: Stage) -> None:
    for number, passphrase in enumerate(FINE):
        name = f"sol{number}"
        assert accept(browser(), make(stage, sign_in_name=name), passphrase).status_code == 200, passphrase
        assert browser().post("/sign-in", {"name": name, "passphrase": passphrase}).status_code == 303, passphrase
        assert browser().post("/sign-in", {"name": name, "passphrase": passphrase[:-1]}).status_code == 422


def test_v6_2_a_passphrase_can_be_pasted(browser: Fresh, stage: Stage) -> None:
    page = browser().look(make(stage))
    assert 'autocomplete="new-password"' in page.text and "onpaste" not in page.text
    assert not re.search(r'name="passphrase"[^>]*maxlength', page.text)


# --- who may invite, and whom


def test_only_staff_invite(signed_in: SignIn, browser: Fresh, stage: Stage) -> None:
    before = how_many(stage, Membership)
    for who in ("ana", "sam"):
        here = signed_in(who)
        assert {here.look(path).status_code for path in ("/invites/new", "/people")} == {404}
        assert invite(here).status_code == here.post(f"/invites/{new_id()}/revocation").status_code == 404
    assert browser().look("/invites/new").headers["Location"] == "/sign-in?next=/invites/new"
    assert invite(browser()).status_code == 401
    assert how_many(stage, Membership) == before and _invites(stage) == 0


def _invites(stage: Stage) -> int:
    with stage.house.database.session(writes=False) as session:
        return session.exec(select(func.count()).select_from(Invite)).one()


@pytest.mark.parametrize(("who", "staff"), [("cora", 422), ("pat", 200)])
def test_a_coach_invites_no_staff(who: str, staff: int, signed_in: SignIn, stage: Stage) -> None:
    here, cora = signed_in(who), str(stage.cast.cora)
    for role, status in {"participant": 200, "supporter": 200, "coach": staff, "manager": staff}.items():
        before, answer = _invites(stage), invite(here, role, coach=cora if role == "participant" else "")
        assert answer.status_code == status, role
        assert _invites(stage) == before + (status == 200) and "Sol Rivera" in answer.text


def test_who_is_coach_and_manager_invites_as_a_manager(signed_in: SignIn, stage: Stage) -> None:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        both = Membership(id=new_id(), person_id=stage.cast.cora, role="manager", since=record.today)
        record.session.add(both)
    assert invite(signed_in("cora"), "manager").status_code == 200


def test_the_invites_of_another_program_are_not_there(signed_in: SignIn, stage: Stage) -> None:
    path = make(stage)
    with stage.house.database.session(writes=False) as session:
        one = session.exec(select(Invite.id)).one()
    assert signed_in("fay").post(f"/invites/{one}/revocation").status_code == 404
    assert "Sol Rivera" not in signed_in("fay").look("/people").text
    assert signed_in("pat").look(path).status_code == 200


# --- what an invite makes is what its maker said


def test_v15_3_3_who_comes_in_cannot_change_as_what(browser: Fresh, stage: Stage) -> None:
    path, before = make(stage), how_many(stage, Membership)
    for name, value in (("role", "manager"), ("coach", str(stage.cast.cora)), ("program_id", str(stage.cast.meadow)),
                        ("plan", "{}"), ("sign_in_name", "other"), ("name", "Other")):  # fmt: skip
        answer = accept(browser(), path, **{name: value})
        assert answer.status_code == 422 and 'class="error"' in answer.text, name
    assert how_many(stage, Membership) == before
    accept(browser(), path)
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        assert len(people.with_role(record.session, "supporter", record.today)) == 2


def test_a_first_day_years_away_is_asked_for_again(signed_in: SignIn, stage: Stage) -> None:
    for starts in ("0001-01-01", "9999-12-31", "2024-11-17", "2028-11-19"):
        answer = invite(signed_in("pat"), "participant", coach=str(stage.cast.cora), starts=starts)
        assert answer.status_code == 422 and field(answer, "starts") == starts
        assert "That day is years away." in said(answer)


def test_a_first_day_is_yesterday_tomorrow_or_today(signed_in: SignIn, browser: Fresh, stage: Stage) -> None:
    for days in (-700, -1, 0, 1, 700):
        name, form = f"person{days}", {"coach": str(stage.cast.cora), "starts": str(TODAY + timedelta(days=days))}
        answer = invite(signed_in("pat"), "participant", name, sign_in_name=name, **form)
        here = browser()
        accept(here, link(answer))
        here.post("/sign-in", {"name": name, "passphrase": GOOD})
        here.post("/welcome")
        assert here.look("/today").status_code == 200, days
    assert signed_in("cora").look("/caseload").status_code == 200


def test_the_coach_is_one_of_the_program(signed_in: SignIn, stage: Stage) -> None:
    cast = stage.cast
    for coach in (cast.fay, cast.ana, cast.pat, UUID(int=0)):
        answer = invite(signed_in("pat"), "participant", coach=str(coach))
        assert answer.status_code == 422 and "Please choose one of the coaches." in said(answer)
    assert "Please choose the coach" in said(invite(signed_in("pat"), "participant", coach=""))


def test_l18_that_a_name_is_taken_is_told_to_the_programs_own_staff_only(signed_in: SignIn) -> None:
    taken = demo.ADDRESS.format("ana")
    for name in (taken, taken.upper(), f" {taken} "):
        answer = invite(signed_in("cora"), sign_in_name=name)
        assert answer.status_code == 422 and "signs in with that name already" in said(answer), name
    assert invite(signed_in("fay"), sign_in_name=taken).status_code == 200


def test_people_are_shown_to_staff_by_role(signed_in: SignIn, stage: Stage) -> None:
    admit(stage, "Nell Berg")
    for who in ("pat", "cora"):
        told = said(signed_in(who).look("/people"))
        for name in ("Ana Keller", "Nell Berg", "Cora Diaz", "Dov Stein", "Sam Keller", "Pat Moreno"):
            assert name in told
        assert "Eli" not in told and "Coach: Cora Diaz" in told
