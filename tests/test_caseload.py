"""The caseload: who needs their coach today, in which order, and why; however many there are."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import select

from app.access import opened
from app.database import new_id
from app.lib.vault import name_hash
from app.models import (
    caseload,
    covers,
    entry,
    flags,
    invites,
    moods,
    openings,
    practices,
    series,
    sessions,
    sharing,
    triggers,
    welcome,
)  # fmt: skip
from app.models.caseload import ORDER, Case, why
from app.models.entry import Writing
from app.models.invites import Plan
from app.models.moods import MoodForm
from app.models.people import Coaching
from app.models.practices import PracticeForm
from app.models.rules import Reason
from app.models.series import SeriesForm
from app.models.sessions import Seat
from app.models.triggers import TriggerForm
from tests.acts import PASSPHRASE, admit, kept, read, said, statements
from tests.conftest import NOON, Browser, Clock, Stage
from tests.test_week import fridays

SignIn = Callable[[str], Browser]
FRIDAY = datetime(2026, 11, 13, 20, 0, tzinfo=UTC)  # three in the afternoon
HOUR = timedelta(hours=1)


def cases(stage: Stage, coach: str = "cora") -> list[Case]:
    with stage.coached(coach) as record:
        return caseload.cases(record)


def case(stage: Stage, person: UUID) -> Case:
    return next(case for case in cases(stage) if case.person_id == person)


def test_the_first_reason_that_holds() -> None:
    every = dict.fromkeys(ORDER, True)
    for at, reason in enumerate(ORDER[:-1]):
        assert why(dict.fromkeys(ORDER[at:-1], True)) == reason
        assert why({reason: True}) == reason and why(every | dict.fromkeys(ORDER[: at + 1], False)) != reason
    assert why({}) == "fine" and ORDER == ("flag", "late", "reply", "follow", "unread", "quiet", "fine")


def flag(stage: Stage, who: UUID, *rules: str, at: datetime = NOON) -> None:
    """Rules raise flags of somebody, as if they had found a cause."""
    with opened(stage.house, stage.cast.harbor, "participant", who, who, at) as record:
        for rule in rules:
            assert flags.keep(record, [Reason(rule, f"{rule}:{new_id()}", FACTS.get(rule, {}))])


FACTS = {"strong-urge": {"urge": 9}, "quiet": {"days": 3}, "overdue": {"day": NOON.date()}}


def test_who_needs_their_coach_most_comes_first(signed_in: SignIn, stage: Stage) -> None:
    came, names = NOON - timedelta(days=30), ("Una", "Hal", "Hob", "Low", "Ula", "Ria", "Finn", "Quin", "Lia")
    una, hal, hob, low, ula, ria, finn, quin, lia = (join(stage, name, came) for name in names)
    flag(stage, low, "overdue", at=NOON - timedelta(days=9))
    flag(stage, hal, "quiet", "strong-urge", at=NOON - HOUR)
    flag(stage, hob, "strong-urge", at=NOON - 2 * HOUR)
    flag(stage, una, "overdue", "call-me")
    write(stage, una, NOON - timedelta(days=5), wants_answer=True)
    write(stage, lia, NOON - timedelta(days=5), wants_answer=True)
    write(stage, ria, NOON - HOUR, wants_answer=True)
    write(stage, ula, NOON - HOUR)
    with person(stage, finn) as record:
        moods.keep(record, MoodForm(id=new_id(), mood=4))
    assert [(one.person_id, one.why) for one in cases(stage)] == [
        (una, "flag"), (hob, "flag"), (hal, "flag"), (low, "flag"), (lia, "late"), (ria, "reply"), (ula, "unread"),
        (stage.cast.ana, "quiet"), (quin, "quiet"), (finn, "fine"),
    ]  # fmt: skip
    told = said(signed_in("cora").look("/caseload"))
    in_order = ("Una", "Hob", "Hal", "Low", "Lia", "Ria", "Ula", "Ana", "Quin", "Finn")
    shown = [told.index(f"{name} ") for name in in_order]
    assert shown == sorted(shown) and "Nine people need you today" in told
    assert "urgent Asked for a call. 12:00 pm Call back as soon as you can. And one more flag" in told
    assert "And one more flag Also waits for your answer: was due 2 days ago" in told
    assert "high An urge of 9 out of 10. 11:00 am Ask how it is now, and what has helped before. And one more" in told
    assert "Waiting for your answer since 11:00 am, promised by 5:00 pm tomorrow." in told
    assert "Doing fine: one person" in told


def test_of_two_with_the_same_reason_the_longer_wait_comes_first(stage: Stage) -> None:
    first, second = (join(stage, name, NOON - timedelta(days=9)) for name in ("Lee", "Kay"))
    write(stage, second, NOON - 3 * HOUR)
    write(stage, first, NOON - 2 * HOUR)
    write(stage, second, NOON - HOUR)
    assert [one.person_id for one in cases(stage)[:2]] == [second, first]
    assert [one.unread for one in cases(stage)[:2]] == [2, 1]


WEEKEND = {
    "2026-11-13T20:00": "reply", "2026-11-14T15:00": "reply", "2026-11-15T23:00": "reply", "2026-11-16T21:59": "reply",
    "2026-11-16T22:00": "reply", "2026-11-16T22:01": "late", "2026-11-18T17:00": "late",
}  # fmt: skip


def test_a_promise_waits_for_the_program_to_be_open(stage: Stage, clock: Clock) -> None:
    kept(stage, "ana", "Can I talk to you?", at=FRIDAY, wants_answer=True)
    for at, reason in WEEKEND.items():
        clock.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        found = case(stage, stage.cast.ana)
        assert (found.why, found.waiting_since) == (reason, FRIDAY), at
        assert found.answer_by == datetime(2026, 11, 16, 22, tzinfo=UTC)  # Monday, five in the afternoon


def test_an_answer_is_what_was_asked_for(stage: Stage) -> None:
    page = kept(stage, "ana", "Can I talk to you?", at=NOON - timedelta(days=5), wants_answer=True)
    assert case(stage, stage.cast.ana).why == "late"
    read(stage, "cora", "ana", page)
    assert (case(stage, stage.cast.ana).why, case(stage, stage.cast.ana).unread) == ("late", 0)
    read(stage, "cora", "ana", page, "Of course.")
    assert case(stage, stage.cast.ana).why == "fine"


QUIET = {"2026-11-13": "fine", "2026-11-16": "fine", "2026-11-17": "fine", "2026-11-18": "fine", "2026-11-19": "quiet"}


def test_quiet_is_counted_in_program_days(stage: Stage, clock: Clock) -> None:
    kept(stage, "ana", kind="mood", mood=3, at=FRIDAY)
    for day, reason in QUIET.items():
        clock.now = datetime.fromisoformat(f"{day}T21:00").replace(tzinfo=UTC)
        assert case(stage, stage.cast.ana).why == reason, day


def test_who_has_shared_nothing_yet_is_quiet_from_their_first_day_on(stage: Stage, clock: Clock) -> None:
    new = join(stage, "Newt", clock.now)
    assert case(stage, new).why == "fine"
    clock.go(days=6)
    assert (case(stage, new).why, case(stage, new).last_shared) == ("quiet", None)


def test_only_what_is_shared_is_counted(stage: Stage) -> None:
    kept(stage, "ana", "mine", visibility="private", mood=1, at=NOON - timedelta(days=1))
    kept(stage, "ana", "asks nobody", visibility="private", wants_answer=True)
    found = case(stage, stage.cast.ana)
    assert (found.unread, found.waiting_since, found.last_shared, set(found.moods)) == (0, None, None, {None})
    kept(stage, "ana", "ours", mood=4, at=NOON - HOUR)
    found = case(stage, stage.cast.ana)
    assert (found.unread, found.last_shared, found.moods) == (1, NOON - HOUR, [None] * 13 + [4.0])


def test_it_is_the_coachs_own(stage: Stage) -> None:
    assert [one.name for one in cases(stage, "cora")] == ["Ana Keller"]
    assert [one.person_id for one in cases(stage, "dov")] == [stage.cast.ben]
    assert [one.person_id for one in cases(stage, "fay")] == [stage.cast.eli]


def test_an_empty_caseload_says_so(signed_in: SignIn, stage: Stage) -> None:
    admit(stage, "Noah New", role="coach")
    assert "Nobody is on your caseload yet." in said(signed_in("noah").look("/caseload"))
    assert "All read" in said(signed_in("noah").look("/review"))


# --- only some of them


def shown(who: Browser, **asked: object) -> list[str]:
    """Whom the list shows for an address."""
    page = who.look("/caseload", params={name: str(value) for name, value in asked.items()})
    assert page.status_code == 200
    return re.findall(r"data-row>([A-Z]\w+)", page.text)


def test_the_list_can_be_narrowed_by_its_address(signed_in: SignIn, stage: Stage) -> None:
    una, ria = (join(stage, name, NOON - timedelta(days=days)) for name, days in (("Una", 30), ("Ria", 70)))
    flag(stage, una, "call-me")
    write(stage, ria, NOON - HOUR)
    tonight = evening(stage, una)
    cora = signed_in("cora")
    assert shown(cora) == ["Una", "Ria", "Ana"]
    for asked, there in (
        ({"why": "flag"}, ["Una"]), ({"why": "unread"}, ["Ria"]), ({"why": "quiet", "phase": ""}, ["Ana"]),
        ({"phase": 3}, ["Ria"]), ({"phase": 2}, ["Una", "Ana"]), ({"why": "flag", "phase": 2}, ["Una"]),
        ({"why": "late"}, []),
        ({"session": tonight}, ["Una"]), ({"why": "unread", "session": tonight}, []),
        ({"why": "<script>", "phase": "9" * 400, "session": "\0🌉"}, ["Una", "Ria", "Ana"]),
    ):  # fmt: skip
        assert shown(cora, **asked) == there, asked


def evening(stage: Stage, who: UUID) -> UUID:
    """A session tonight, with somebody on its roster by hand; its id."""
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.cora, who) as record:
        form = SeriesForm(
            id=new_id(), kind="group", title="Evening group", starts_on=record.today, at="18:00", minutes=50,
            facilitator=stage.cast.cora,
        )  # fmt: skip
        series.begin(record, form)
        [one] = sessions.between(record, record.today, record.today)
        row = Seat(id=new_id(), series_id=one.series_id, since=record.today, by=stage.cast.cora, made_at=NOON)
        record.session.add(row)
        return one.id


def test_what_fits_nobody_says_how_to_see_all(signed_in: SignIn, stage: Stage) -> None:
    una = join(stage, "Una", NOON - timedelta(days=30))
    flag(stage, una, "call-me")
    tonight, cora = evening(stage, una), signed_in("cora")
    told = said(cora.look(f"/caseload?why=quiet&session={tonight}"))
    assert "Nobody fits all of this. The others are still on your caseload. Show all" in told
    assert "Showing 0 of 2 people" in told and "2 people need you" not in told and "Two people need you today" in told
    assert "Next session today, 6:00 pm" in said(cora.look("/caseload"))


# --- what is new


def test_every_page_of_a_coach_says_how_many_flags_are_open(signed_in: SignIn, stage: Stage) -> None:
    cora, dov = signed_in("cora"), signed_in("dov")
    assert "open flag" not in said(cora.look("/people"))
    flag(stage, stage.cast.ana, "call-me", "quiet", "strong-urge")
    for page in ("/caseload", "/people", f"/caseload/{stage.cast.ana}", "/covers", "/me"):
        assert ", 3 open flags, one of them urgent" in said(cora.look(page)), page
    assert "open flag" not in said(dov.look("/people"))
    [mine] = cases(stage)
    with stage.coached("cora", "ana") as record:
        flags.clear(record, mine.flags[0].id, "Called. All is well.")
    assert ", 2 open flags" in said(cora.look("/people")) and "urgent" not in said(cora.look("/people"))


def test_the_page_hears_of_what_is_new_without_moving(signed_in: SignIn, stage: Stage, clock: Clock) -> None:
    cora, since = signed_in("cora"), clock.now.isoformat()
    fragment = {"params": {"since": since}, "headers": {"HX-Request": "true"}}
    assert "new since" not in said(cora.look("/caseload/news", **fragment))
    clock.go(minutes=5)
    kept(stage, "ana", "mine alone", visibility="private")
    kept(stage, "ben", "not theirs")
    assert "new since" not in said(cora.look("/caseload/news", **fragment))
    kept(stage, "ana", "for Cora")
    with stage.mine("ana") as record:
        flags.keep(record, [Reason("call-me", "a")])
    told = cora.look("/caseload/news", **fragment)
    assert "2 new since you opened this page. Show" in said(told) and "data-say" in told.text
    fragment["params"]["seen"] = "2"
    assert "data-say" not in cora.look("/caseload/news", **fragment).text
    assert cora.look("/caseload/news").headers["location"] == "/caseload"
    for odd in ("soon", "2026-11-18T12:00:00", "9" * 300, "\0", "0001-01-01T00:00:00+23:59"):
        fragment["params"]["since"] = odd
        assert cora.look("/caseload/news", **fragment).status_code == 200, odd


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(signed_in: SignIn, clock: Clock) -> None:
    cora = signed_in("cora")
    for _ in range(5):
        clock.go(minutes=10)
        answer = cora.look("/caseload/news", headers={"HX-Request": "true"})
    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def test_a_coach_who_is_a_participant_elsewhere_sees_each_place_by_itself(signed_in: SignIn, stage: Stage) -> None:
    """Cora is helped in another program: nothing of it is on her caseload, and nothing of that one here."""
    with opened(stage.house, stage.cast.meadow, "keeper", stage.cast.fay) as record:
        plan = Plan("participant", "Cora Diaz", "cora.elsewhere@footbridge.example", coach=stage.cast.fay)
        hashed = name_hash(invites.names_key(stage.house.master), plan.sign_in_name)
        there = invites.admit(record, plan, PASSPHRASE, hashed)
    with opened(stage.house, stage.cast.meadow, "participant", there, there) as record:
        welcome.acknowledge(record)
        entry.write(record, new_id(), Writing("journal", "my own", visibility="shared"))
    assert [one.name for one in cases(stage, "cora")] == ["Ana Keller"]
    assert {one.person_id for one in cases(stage, "fay")} == {stage.cast.eli, there}
    assert signed_in("cora").look(f"/caseload/{there}").status_code == 404


def test_who_is_moved_to_another_coach_is_on_that_list_alone(signed_in: SignIn, stage: Stage) -> None:
    cora, page = signed_in("cora"), kept(stage, "ana", "Can we talk?", wants_answer=True)
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        [mine] = record.session.exec(select(Coaching).where(Coaching.participant_id == stage.cast.ana)).all()
        mine.until = record.today - timedelta(days=1)
        also = Coaching(id=new_id(), participant_id=stage.cast.ana, coach_id=stage.cast.dov, since=record.today)
        covers.given(record, also)
    assert [one.name for one in cases(stage, "cora")] == []
    assert {one.person_id for one in cases(stage, "dov")} == {stage.cast.ana, stage.cast.ben}
    assert cora.look(f"/caseload/{stage.cast.ana}/entries/{page}").status_code == 404


# --- what is known of one of them


def practise(stage: Stage, times: int, **also: str) -> None:
    """Slow breathing, from 8 to 3, once a day."""
    for day in range(1, times + 1):
        with stage.mine("ana", NOON - timedelta(days=day)) as record:
            practices.keep(record, PracticeForm(id=new_id(), skill="slow-breathing", before=8, after=3, **also))


def page_of_ana(cora: Browser, stage: Stage, before: str = "") -> str:
    return said(cora.look(f"/caseload/{stage.cast.ana}{before}"))


def test_what_has_helped_is_said_with_how_sure_it_is(signed_in: SignIn, stage: Stage) -> None:
    practise(stage, 2)
    cora = signed_in("cora")
    assert "What has helped" not in page_of_ana(cora, stage)
    practise(stage, 9)
    told = page_of_ana(cora, stage)
    assert "What has helped Slow, even breathing 11 times, usually from 8 to 3. That is clear by now." in told
    assert "From shared logs only" in told


def test_what_is_kept_private_or_not_shared_helps_no_coach_to_know(signed_in: SignIn, stage: Stage) -> None:
    cora = signed_in("cora")
    practise(stage, 9, visibility="private")
    assert "What has helped" not in page_of_ana(cora, stage)
    practise(stage, 9)
    assert "9 times, usually from 8 to 3." in page_of_ana(cora, stage)
    with stage.mine("ana") as record:
        sharing.stop(record, "practice")
    assert "What has helped" not in page_of_ana(cora, stage)


def test_hard_hours_are_said_to_the_coach_from_shared_urges(signed_in: SignIn, stage: Stage) -> None:
    fridays(stage)
    cora = signed_in("cora")
    told = page_of_ana(cora, stage)
    assert "Hard hours Fridays, 5 pm to 8 pm 6 of 11 strong urges in the last 12 weeks" in told
    assert "Other hours can be hard too." in told
    assert "Hard hours" not in page_of_ana(cora, stage, f"?before={NOON.isoformat().replace('+', '%2B')}~{new_id()}")
    with stage.mine("ana") as record:
        sharing.stop(record, "urge")
    assert "Hard hours" not in page_of_ana(cora, stage)


def test_hard_hours_of_private_urges_are_nobody_elses(signed_in: SignIn, stage: Stage) -> None:
    fridays(stage, shared=False)
    assert "Hard hours" not in page_of_ana(signed_in("cora"), stage)


def test_of_many_triggers_the_coach_sees_the_riskiest_and_the_others_folded(signed_in: SignIn, stage: Stage) -> None:
    with stage.mine("ana") as record:
        sharing.start(record, "trigger")
        for number in range(8):
            form = TriggerForm(id=new_id(), name=f"No. {number}", sort="times", risk=9 - number, plan="I walk.")
            triggers.add(record, form)
    told = page_of_ana(signed_in("cora"), stage)
    assert "No. 4 Risk 5 of 10 I walk. 3 more No. 5 Risk 4 of 10 I walk." in told


# --- however many


def person(stage: Stage, who: UUID, at: datetime | None = None):
    return opened(stage.house, stage.cast.harbor, "participant", who, who, at)


def join(stage: Stage, name: str, at: datetime) -> UUID:
    """Somebody comes in, and is told who reads what."""
    who = admit(stage, name, at=at)
    with person(stage, who, at) as record:
        welcome.acknowledge(record)
    return who


def write(stage: Stage, who: UUID, at: datetime, **also: bool) -> None:
    with person(stage, who, at) as record:
        entry.write(record, new_id(), Writing("journal", "words", mood=3, visibility="shared", **also))


def asked(stage: Stage, here: Browser, paths: Sequence[str]) -> list[int]:
    """How many statements each page takes."""
    found = []
    for path in paths:
        with statements(stage) as sent:
            assert here.look(path.format(ana=stage.cast.ana)).status_code in (200, 303)
        found.append(len(sent))
    return found


def test_f15_the_questions_to_the_database_do_not_grow_with_the_caseload(signed_in: SignIn, stage: Stage) -> None:
    cora, found = signed_in("cora"), []
    # The first look of all begins the chain of looks.
    asked(stage, cora, ["/caseload/{ana}"])
    for numbers in (range(3), range(3, 30)):
        for number in numbers:
            who = join(stage, f"P{number} Person", NOON - timedelta(days=20))
            write(stage, who, NOON - number * HOUR, wants_answer=bool(number % 2))
        found.append(asked(stage, cora, ("/caseload", "/review", "/people", "/caseload/{ana}", "/invites/new")))
    assert found[0] == found[1] and min(found[0]) > 3


def test_f15_the_questions_to_the_database_do_not_grow_with_the_journal(signed_in: SignIn, stage: Stage) -> None:
    ana, cora, found = signed_in("ana"), signed_in("cora"), []
    for many in (5, 15):
        for number in range(many):
            one = kept(stage, "ana", f"words {number}", ("journal", "check-in")[number % 2], tags=("a",), mood=2)
            read(stage, "cora", "ana", one, "an answer")
            with stage.coached("cora", "ana") as record:
                openings.opened(record, one)
        mine = asked(stage, ana, ("/journal", "/journal/months", "/me/openings", "/journal/bin"))
        found.append(mine + asked(stage, cora, ["/caseload/{ana}"]))
    assert found[0] == found[1] and min(found[0]) > 3
