"""Signing in: nothing tells whether anybody has a name, guessing is slowed down, a device can be shut out at once."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import process_time
from typing import Any

import pytest
from sqlmodel import select

from app import demo, worker
from app.access import House, opened
from app.database import hurried, new_id
from app.founding import Charter, found
from app.lib.passwords import hash_passphrase
from app.lib.vault import name_hash, token_hash
from app.models import accounts, invites, moods
from app.models.accounts import Attempt, Passphrase, SignIn
from app.models.entry import KINDS, Entry
from app.models.invites import Plan
from app.models.moods import MoodForm
from app.models.people import Membership
from app.models.sharing import Sharing
from bench import timing
from tests.acts import count, field, said
from tests.conftest import Browser, Clock, Stage

SignInAs = Callable[[str], Browser]
Fresh = Callable[[], Browser]
ANA = demo.ADDRESS.format("ana")
WRONG = "not the passphrase of anybody"
MANY = 12  # at once


def sign_in(here: Browser, name: str = ANA, passphrase: str = demo.PASSPHRASE, **also: str) -> Any:
    return here.post("/sign-in", {"name": name, "passphrase": passphrase, **also})


def secret(here: Browser) -> str:
    return next((cookie.value or "" for cookie in here.cookies.jar if cookie.name == "__Host-sid"), "")


def is_in(here: Browser, path: str = "/me") -> bool:
    return here.look(path).status_code == 200


def sign_ins(stage: Stage) -> list[SignIn]:
    with stage.house.database.session(writes=False) as session:
        return list(session.exec(select(SignIn)).all())


# --- nothing tells


def test_l18_a_wrong_passphrase_and_a_name_that_nobody_has_are_answered_alike(browser: Fresh, stage: Stage) -> None:
    names = [ANA, demo.ADDRESS.format("nobody"), "x", "🌊", "' or 1=1 --", demo.ADDRESS.format("cora")]
    answers = []
    for name in names:
        answer = sign_in(browser(), name, WRONG)
        assert answer.status_code == 422 and "That did not match." in said(answer)
        assert WRONG not in answer.text and "set-cookie" not in answer.headers
        shown = field(answer, "name")
        assert shown == name
        answers.append((answer.text.replace(f'value="{name}"', ""), sorted(answer.headers.items())))
    plain = [one for name, one in zip(names, answers, strict=True) if not set(name) & set("'&\"")]
    assert len({body for body, _ in plain}) == 1
    assert len({tuple(name for name, _ in headers) for _, headers in plain}) == 1


def test_l18_the_answer_takes_as_long_for_a_name_that_nobody_has(house: House, cast: demo.Cast) -> None:
    """L18 allows 10 %. Other work shares the machine, so the processor's time is compared, and the best of three goes;
    `make figures` compares the time on the clock, and has the machine to itself."""
    asks, found = timing.signing_in(house), list[float]()
    while len(found) < 3 and min(found, default=1) > 0.1:
        found.append(timing.apart(*asks, 21, lambda: timing.forget(house), process_time))
    assert min(found) <= 0.1, found


def test_l18_time_that_tells_would_be_noticed(house: House, cast: demo.Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """One passphrase less to verify for a name that nobody has, asked as often: over the bound of the test above."""
    monkeypatch.setattr(accounts, "_most", lambda session: 1)
    with opened(house, cast.meadow, "keeper", cast.meadow) as record:
        theirs = select(Passphrase).where(Passphrase.person_id == cast.eli)
        record.session.exec(theirs).one().name_hash = name_hash(invites.names_key(house.master), ANA)
    assert timing.apart(*timing.signing_in(house), 21, lambda: timing.forget(house), process_time) > 0.1


def test_l18_the_work_is_the_same(stage: Stage, browser: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str | None] = []
    verify = accounts.verify
    monkeypatch.setattr(accounts, "verify", lambda stored, text: checked.append(stored) or verify(stored, text))
    for name, passphrase in ((ANA, WRONG), ("nobody", WRONG), (ANA, demo.PASSPHRASE)):
        checked.clear()
        sign_in(browser(), name, passphrase)
        assert len(checked) == 2, name


def admit_everywhere(stage: Stage, name: str, programs: int) -> None:
    """Somebody whom so many programs know by one name, each with another passphrase."""
    for number in range(programs):
        program = found(stage.house, Charter(f"Program {number}", "America/New_York"))
        with opened(stage.house, program, "keeper", program) as record:
            hashed = name_hash(invites.names_key(stage.house.master), name)
            invites.admit(record, Plan("coach", name, name), hash_passphrase(f"{WRONG} {number}"), hashed)


def test_l18_the_work_is_the_same_for_a_name_that_many_programs_know(
    stage: Stage, browser: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit_everywhere(stage, "everywhere", 5)
    checked: list[str | None] = []
    verify = accounts.verify
    monkeypatch.setattr(accounts, "verify", lambda stored, text: checked.append(stored) or verify(stored, text))
    for name, passphrase, status in (
        ("everywhere", f"{WRONG} 3", 303), ("everywhere", WRONG, 422), (ANA, demo.PASSPHRASE, 303), ("nobody", "x", 422)
    ):  # fmt: skip
        checked.clear()
        assert sign_in(browser(), name, passphrase).status_code == status
        assert len(checked) == 5, name


def test_l18_who_has_left_is_answered_like_a_stranger(stage: Stage, browser: Fresh) -> None:
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        theirs = select(Membership).where(Membership.person_id == stage.cast.ana)
        record.session.exec(theirs).one().until = record.today - timedelta(days=1)
    answer = sign_in(browser())
    assert answer.status_code == 422 and "That did not match." in said(answer)
    assert sign_ins(stage) == []


# --- names


def test_a_name_matches_however_it_is_typed(browser: Fresh, cast: demo.Cast) -> None:
    for name in (ANA.upper(), f"  {ANA}\t", f"\u00a0{ANA.title()}", "ａna@footbridge.example"):
        here = browser()
        assert sign_in(here, name).status_code == 303 and is_in(here), ascii(name)


def test_a_passphrase_matches_as_it_is(browser: Fresh, cast: demo.Cast) -> None:
    for passphrase in (demo.PASSPHRASE.upper(), f" {demo.PASSPHRASE}", demo.PASSPHRASE[:-1], ""):
        assert sign_in(browser(), passphrase=passphrase).status_code == 422, passphrase


def test_one_address_in_two_programs_each_passphrase_opens_its_own(stage: Stage, browser: Fresh) -> None:
    passphrases = {stage.cast.harbor: "four gentle walruses sing", stage.cast.meadow: "nine copper bicycles drift"}
    for program, passphrase in passphrases.items():
        with opened(stage.house, program, "keeper", program) as record:
            plan = Plan("coach", f"Both {program}", "both@footbridge.example")
            hashed = name_hash(invites.names_key(stage.house.master), plan.sign_in_name)
            invites.admit(record, plan, hash_passphrase(passphrase), hashed)
    for program, passphrase in passphrases.items():
        here = browser()
        assert sign_in(here, "both@footbridge.example", passphrase).status_code == 303
        assert f"Both {program}" in said(here.look("/me"))
    assert sign_in(browser(), "both@footbridge.example", WRONG).status_code == 422


# --- guessing (2.4.1, 6.3.1)


def from_address(browser: Fresh, address: str) -> Browser:
    return Browser(browser().app, base_url="https://testserver", client=(address, 1))


def test_v6_3_1_after_five_wrong_tries_even_the_right_one_is_refused(
    browser: Fresh, cast: demo.Cast, clock: Clock
) -> None:
    at_home, guesser = from_address(browser, "198.51.100.1"), from_address(browser, "203.0.113.9")
    assert sign_in(at_home).status_code == 303
    wrong = [sign_in(guesser, passphrase=f"{WRONG} {number}") for number in range(5)]
    right = sign_in(guesser)
    assert {answer.status_code for answer in (*wrong, right)} == {422}
    assert len({answer.text for answer in (*wrong, right)}) == 1
    assert is_in(at_home), "a device that is signed in stays in"
    assert sign_in(from_address(browser, "198.51.100.2")).status_code == 303, "another address gets in"
    clock.go(minutes=14, seconds=59)
    assert sign_in(guesser).status_code == 422
    clock.go(seconds=1)
    assert sign_in(guesser).status_code == 303


def test_v6_3_1_a_name_that_nobody_has_is_slowed_down_alike(
    browser: Fresh, cast: demo.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[object] = []
    monkeypatch.setattr(accounts, "verify", lambda *what: checked.append(what) or False)
    for name in (ANA, "nobody"):
        checked.clear()
        answers = [sign_in(from_address(browser, "203.0.113.9"), name, WRONG) for _ in range(8)]
        assert {answer.status_code for answer in answers} == {422} and len(checked) == 10


def test_v6_3_1_many_names_from_one_address_and_many_addresses_for_one_name(
    browser: Fresh, cast: demo.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[object] = []
    monkeypatch.setattr(accounts, "verify", lambda *what: checked.append(what) or False)
    for number in range(accounts.TRIES_ADDRESS + 5):
        sign_in(from_address(browser, "203.0.113.9"), f"name {number}", WRONG)
    assert len(checked) == 2 * accounts.TRIES_ADDRESS
    monkeypatch.setattr(accounts, "TRIES_NAME", 12)
    checked.clear()
    for number in range(15):
        sign_in(from_address(browser, f"198.51.100.{number}"), ANA, WRONG)
    assert len(checked) == 24


def test_v6_3_1_who_guesses_while_others_guess_is_told_nothing_after_the_fifth(
    stage: Stage, browser: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many guesses may be checked in the same moment; whose turn comes after the fifth is refused, even when right."""
    verify = accounts.verify

    def meanwhile(stored: str | None, text: str) -> bool:
        monkeypatch.setattr(accounts, "verify", verify)
        for number in range(5):
            assert sign_in(from_address(browser, "203.0.113.9"), passphrase=f"{WRONG} {number}").status_code == 422
        return verify(stored, text)

    monkeypatch.setattr(accounts, "verify", meanwhile)
    assert sign_in(from_address(browser, "203.0.113.9")).status_code == 422
    with stage.house.database.session(writes=False) as session:
        assert len(session.exec(select(Attempt).where(Attempt.name_hash != b"")).all()) == accounts.TRIES_PAIR
    assert sign_ins(stage) == []


@pytest.mark.parametrize("limit", ["TRIES_NAME", "TRIES_ADDRESS", "TRIES_PAIR"])
def test_v6_3_1_of_many_at_once_no_more_are_counted_than_may_be(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(accounts, limit, 3)
    now, together = stage.house.clock(), Barrier(MANY)

    def one(number: int) -> None:
        other = str(number).encode()
        name = b"name" if limit != "TRIES_ADDRESS" else other
        address = b"address" if limit != "TRIES_NAME" else other
        together.wait()
        with stage.house.database.session() as session:
            attempt = Attempt(id=new_id(), name_hash=name, address_hash=address, at=now)
            accounts.counted(session, attempt, None)

    with ThreadPoolExecutor(MANY) as hands:
        list(hands.map(one, range(MANY)))
    with stage.house.database.session(writes=False) as session:
        assert len(session.exec(select(Attempt).where(Attempt.name_hash != b"")).all()) == 3


# --- while argon2 works


def test_f15_while_a_passphrase_is_checked_or_hashed_others_write(
    stage: Stage, browser: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def beside(work: Callable[..., Any]) -> Callable[..., Any]:
        def works(*what: Any) -> Any:
            with hurried(1), stage.mine("ben") as record:
                moods.keep(record, MoodForm(id=new_id(), mood=3))
            return work(*what)

        return works

    monkeypatch.setattr(accounts, "verify", beside(accounts.verify))
    monkeypatch.setattr("app.access.hash_passphrase", beside(hash_passphrase))
    assert sign_in(browser(), passphrase=WRONG).status_code == 422
    assert sign_in(browser()).status_code == 303
    with opened(stage.house, stage.cast.harbor, "manager", stage.cast.pat) as record:
        secret_of_link = invites.make(record, Plan("supporter", "Sol Rivera", "sol@sol.example"), new_id())
    accepted = browser().post(f"/invites/{secret_of_link}", {"passphrase": "purple otter carries nine ladders"})
    assert accepted.status_code == 200
    assert count(stage, "ben", Entry) == 2 + 2 + 1


def test_what_was_tried_is_forgotten_after_a_day(stage: Stage, browser: Fresh, clock: Clock) -> None:
    sign_in(browser(), passphrase=WRONG)
    for hours, left in ((23, 3), (2, 0)):  # the try, and a turn for its name and its address
        clock.go(hours=hours)
        worker.turn(stage.house)
        with stage.house.database.session(writes=False) as session:
            attempts = session.exec(select(Attempt)).all()
        assert len(attempts) == left
        assert not [one for one in attempts if ANA.encode() in one.name_hash or b"testclient" in one.address_hash]


# --- the device


def test_v7_2_a_new_sign_in_is_a_new_secret_and_the_old_one_ends(browser: Fresh, stage: Stage) -> None:
    here = browser()
    sign_in(here)
    first = secret(here)
    sign_in(here)
    second = secret(here)
    assert first != second and len(second) >= 43
    old = browser()
    old.cookies.set("__Host-sid", first)
    assert is_in(here) and not is_in(old)
    assert len([one for one in sign_ins(stage) if one.ended_at is None]) == 1


def test_v7_2_a_secret_of_somebody_elses_making_is_not_taken_up(browser: Fresh, cast: demo.Cast) -> None:
    here = browser()
    here.cookies.set("__Host-sid", "planted-by-somebody")
    answer = sign_in(here)
    assert "planted-by-somebody" not in answer.headers["set-cookie"]
    planted = browser()
    planted.cookies.set("__Host-sid", "planted-by-somebody")
    assert not is_in(planted)


def test_v7_2_the_secret_is_kept_as_its_hash_only(browser: Fresh, stage: Stage) -> None:
    here = browser()
    sign_in(here)
    (row,) = sign_ins(stage)
    assert row.token_hash == token_hash(secret(here)) and secret(here) not in str(row.model_dump())


@pytest.mark.parametrize(
    ("name", "path", "idle", "most"),
    [
        ("ana", "/me", timedelta(days=30), timedelta(days=30)),
        ("cora", "/caseload", timedelta(minutes=15), timedelta(hours=12)),
        ("pat", "/people", timedelta(minutes=15), timedelta(hours=12)),
        ("sam", "/supporting", timedelta(days=30), timedelta(days=30)),
    ],
)
def test_v7_3_1_v7_3_2_l22_a_sign_in_runs_out(
    name: str, path: str, idle: timedelta, most: timedelta, signed_in: SignInAs, clock: Clock
) -> None:
    here, second = signed_in(name), timedelta(seconds=1)
    clock.now += idle - second
    assert is_in(here, path)
    clock.now += idle if idle < most else second
    assert here.look(path).headers["Location"] == f"/sign-in?next={path}"
    here, ends = signed_in(name), clock.now + most
    while clock.now + idle - second < ends - second:
        clock.now += idle - second
        assert is_in(here, path)
    clock.now = ends - second
    assert is_in(here, path)
    clock.now = ends
    assert not is_in(here, path)


def test_v7_4_signing_out_ends_it_on_the_server(signed_in: SignInAs, browser: Fresh) -> None:
    here, copy = signed_in("ana"), browser()
    copy.cookies.set("__Host-sid", secret(here))
    assert is_in(copy)
    answer = here.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache"' and secret(here) == ""
    assert not is_in(copy) and not is_in(here)
    assert here.post("/sign-out").status_code == 303


def test_a_page_of_somebody_else_signs_out_who_is_here(signed_in: SignInAs) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    assert ben.post("/sign-out", {"whose": field(ana.look("/me"), "whose")}).status_code == 303
    assert not is_in(ben) and is_in(ana)


def test_v7_4_v7_5_2_a_device_is_shut_out_from_another_one(signed_in: SignInAs, stage: Stage) -> None:
    phone, laptop = signed_in("ana"), signed_in("ana")
    assert said(laptop.look("/me")).count("This device") == 1
    lost = re.findall(r"/sign-ins/([0-9a-f-]{36})/revocation", laptop.look("/me").text)
    assert len(lost) == 1
    assert laptop.post(f"/sign-ins/{lost[0]}/revocation").status_code == 303
    assert is_in(laptop) and not is_in(phone)
    assert laptop.post(f"/sign-ins/{lost[0]}/revocation").status_code == 303
    assert "revocation" not in laptop.look("/me").text


def test_a_device_of_somebody_else_is_not_there(signed_in: SignInAs, stage: Stage, page_id) -> None:
    here = signed_in("ana")
    (anas,) = sign_ins(stage)
    for other in ("ben", "cora", "pat", "sam", "eli"):
        assert signed_in(other).post(f"/sign-ins/{anas.id}/revocation").status_code == 404
    assert here.post(f"/sign-ins/{page_id()}/revocation").status_code == 404
    assert is_in(here)


def test_v7_4_2_l21_who_leaves_is_out_at_once(signed_in: SignInAs, stage: Stage) -> None:
    cora = signed_in("cora")
    assert is_in(cora, "/caseload")
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.harbor) as record:
        theirs = select(Membership).where(Membership.person_id == stage.cast.cora)
        record.session.exec(theirs).one().until = record.today - timedelta(days=1)
    assert not is_in(cora, "/caseload")


def test_which_device_it_is_is_said_in_two_words(browser: Fresh, stage: Stage) -> None:
    agents = {
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/126.0 Mobile Safari/537": "Chrome, Android",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604": "Safari, iPhone",
        "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/127.0": "Firefox, Windows",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/126.0 Safari/537 Edg/126.0": "Edge, Windows",
        "": "Browser",
        "<script>" * 200: "Browser",
    }
    for agent in agents:
        answer = browser().post("/sign-in", {"name": ANA, "passphrase": demo.PASSPHRASE}, headers={"User-Agent": agent})
        assert answer.status_code == 303
    assert sorted(row.device for row in sign_ins(stage)) == sorted(agents.values())


# --- what was being written when it ran out


def run_out(here: Browser, clock: Clock) -> Browser:
    clock.go(days=31)
    return here


def test_f17_what_was_typed_comes_back_to_who_typed_it(
    signed_in: SignInAs, stage: Stage, clock: Clock, page_id
) -> None:
    here, page, words = signed_in("ana"), page_id(), 'First line\n\n"quoted" <b>& 🌊 {{7*7}}'
    form = here.look("/journal/new")
    typed = {"id": page, "whose": field(form, "whose"), "words": words, "tags": "work", "visibility": "shared"}
    answer = run_out(here, clock).post("/journal", typed)
    assert answer.status_code == 401 and "What you typed is kept" in said(answer)
    assert "Kept" not in answer.headers and secret(here)
    back = sign_in(here, held=field(answer, "held"), next=field(answer, "next"))
    assert back.status_code == 200 and "Here is what you wrote" in said(back)
    assert re.search(r'<form[^>]*method="post" action="/journal"', back.text)
    sent = {name: field(back, name) for name in ("id", "whose", "visibility")}
    boxes = dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>', back.text, flags=re.DOTALL))
    assert "First line\n\n" in boxes["words"] and boxes["tags"] == "work"
    assert here.post("/journal", sent | {"words": words, "tags": "work"}).headers["Kept"] == page
    assert count(stage, "ana", Entry) == 1


def test_f17_it_does_not_come_back_to_anybody_else(signed_in: SignInAs, stage: Stage, clock: Clock, page_id) -> None:
    here = signed_in("ana")
    typed = {"id": page_id(), "whose": field(here.look("/journal/new"), "whose"), "words": "only for Ana"}
    answer = run_out(here, clock).post("/journal", typed)
    other = sign_in(here, demo.ADDRESS.format("ben"), held=field(answer, "held"))
    assert other.status_code == 303 and "only for Ana" not in other.text
    assert count(stage, "ben", Entry) == 0


def test_f17_a_page_of_somebody_else_is_neither_kept_nor_shown(signed_in: SignInAs, stage: Stage, page_id) -> None:
    """One phone, two people: Ana's page is still open in one tab when Ben signs in in another."""
    whose, ben = field(signed_in("ana").look("/journal/new"), "whose"), signed_in("ben")
    for path, form in (
        ("/journal", {"id": page_id(), "words": "only for Ana"}),
        ("/moods", {"id": page_id(), "mood": "1"}),
        ("/check-ins", {"id": page_id(), "words": "only for Ana"}),
        ("/journal/search", {"term": "only for Ana"}),
        ("/sharings", {"kind": "mood", "open": "false"}),
        ("/me/language", {"language": "es"}),
    ):
        answer = ben.post(path, form | {"whose": whose})
        assert answer.status_code == 404 and "only for Ana" not in answer.text, path
        assert "Kept" not in answer.headers
    assert count(stage, "ben", Entry) == 0 and count(stage, "ben", Sharing) == len(KINDS)
    assert '<html lang="en"' in ben.look("/today").text


def test_f17_a_script_is_told_that_signing_in_is_needed(signed_in: SignInAs, clock: Clock, page_id) -> None:
    answer = run_out(signed_in("ana"), clock).post(
        "/journal", {"id": page_id(), "words": "kept by the script"}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer.headers["Sign-In"], answer.text) == (401, "needed", "")


def test_f17_the_longest_page_comes_back_whole(signed_in: SignInAs, clock: Clock, page_id) -> None:
    here, words = signed_in("ana"), "🌊" * 20_000
    typed = {"id": page_id(), "whose": field(here.look("/journal/new"), "whose"), "words": words}
    answer = run_out(here, clock).post("/journal", typed)
    assert words in sign_in(here, held=field(answer, "held")).text


def held(action: str = "/journal", **fields: Any) -> str:
    return json.dumps({"action": action, "fields": [[name, value] for name, value in fields.items()]})


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "null", "[]", "7", '"text"', "{}", '{"action": "/journal"}', '{"action": "/journal", "fields": 7}',
        '{"action": "/journal", "fields": [1]}', '{"action": "/journal", "fields": ["abc"]}',
        '{"action": ["/journal"], "fields": []}',
        held("//evil.example", words="a"), held("https://evil.example"),
        held("/\\evil.example"), held("javascript:alert(1)"), held(""), held(whose="somebody else", words="a"),
        "[" * 500, "[" * 100_000, '{"action": "/journal", "fields": [["a", "b", "c"]]}',
    ],
    ids=lambda text: ascii(text[:40]),
)  # fmt: skip
def test_what_is_no_form_of_ours_is_not_given_back(text: str) -> None:
    assert accounts.held(text, "me") is None


def test_what_is_given_back_is_text(signed_in: SignInAs, browser: Fresh) -> None:
    given = accounts.held(held(words="<script>", whose="me", n=7), "me")
    assert given == {
        "action": "/journal",
        "fields": [("words", "<script>", True), ("whose", "me", False), ("n", "7", False)],
    }
    evil = held('/journal"><script>alert(1)</script>', words="</textarea><script>alert(1)</script>")
    assert "<script>alert" not in sign_in(browser(), held=evil).text


# --- where it leads


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/journal", "/journal"), ("/journal/2026-11", "/journal/2026-11"), ("/", "/"), ("", ""), ("journal", ""),
        ("//evil.example", ""), ("/\\evil.example", ""), ("\\\\evil.example", ""), ("/\t/evil.example", ""),
        ("https://evil.example", ""), ("/journal?next=//evil", ""), ("/a\r\nSet-Cookie: b=c", ""), ("/%2f/evil", ""),
        ("/@evil.example", ""), ("///evil.example", ""), ("/\u2028/evil", ""), ("javascript:alert(1)", ""),
    ],
    ids=ascii,
)  # fmt: skip
def test_v3_7_2_only_a_path_of_ours_is_followed(path: str, local: str) -> None:
    assert accounts.local(path) == local


def test_after_signing_in_one_is_where_one_wanted_to_be(browser: Fresh, cast: demo.Cast) -> None:
    here = browser()
    answer = here.look("/journal/new")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/journal/new")
    page = here.look(answer.headers["Location"])
    assert sign_in(here, next=field(page, "next")).headers["Location"] == "/journal/new"
    assert sign_in(browser(), next="//evil.example").headers["Location"] == "/"


def test_a_link_that_is_too_long_keeps_nobody_out(browser: Fresh, cast: demo.Cast) -> None:
    here = browser()
    page = here.look("/sign-in?next=/" + "a" * 3000)
    assert sign_in(here, next=field(page, "next")).status_code == 303


def test_who_is_signed_in_is_told_so(signed_in: SignInAs) -> None:
    assert "Ana Keller is signed in on this device." in said(signed_in("ana").look("/sign-in"))
