"""What is promised of the database: how it writes, that nothing is lost, doubled, half kept or readable."""

import asyncio
import re
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, select

from app import demo, main
from app.access import House, opened
from app.database import Database, Moment, new_id
from app.lib.vault import Master
from app.models import entry, moods
from app.models.clocks import When
from app.models.entry import Entry, Writing
from app.models.moods import MoodForm
from app.models.program import Phase
from app.settings import Settings
from tests.acts import said
from tests.conftest import NOON, Browser, Clock, Stage, admin, name_of
from tests.matrix import CANARY, OURS, browser

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

# --- the file


@only_sqlite
def test_every_connection_of_the_pool_has_the_pragmas(house: House) -> None:
    wanted = {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000,
        "trusted_schema": 0, "temp_store": 2, "mmap_size": 0,
    }  # fmt: skip
    with ExitStack() as stack:
        connections = [stack.enter_context(house.database.engine.connect()) for _ in range(40)]
        assert len({id(one.connection.dbapi_connection) for one in connections}) == 40
        for one in connections:
            assert {name: one.exec_driver_sql(f"pragma {name}").scalar() for name in wanted} == wanted


@only_sqlite
def test_sqlite_is_new_enough_to_keep_what_it_promised(house: House) -> None:
    with house.database.engine.connect() as connection:
        version = connection.exec_driver_sql("select sqlite_version()").scalar_one()
        assert tuple(map(int, version.split("."))) >= (3, 51, 3)
        assert connection.exec_driver_sql("pragma cipher_version").scalar_one()


@only_sqlite
def test_l24_the_files_are_not_to_be_read(stage: Stage) -> None:
    with stage.mine("ana") as record:
        entry.write(record, new_id(), Writing("journal", words=f"{CANARY} in the file"))
    files = {path.name: path.read_bytes() for path in stage.house.settings.data.rglob("*") if path.is_file()}
    assert files.keys() >= {"footbridge.db", "footbridge.db-wal"}
    found = b"".join(files.values())
    assert len(found) > 100_000
    # Neither words, nor what is in clear inside the encrypted file: the schema, the kinds, the program's name.
    for plain in (b"SQLite format 3", CANARY.encode(), b"CREATE TABLE", b"journal", b"Harbor", b"participant_id"):
        assert plain not in found
    # Encrypted bytes are as even as chance.
    kept = files["footbridge.db"]
    assert max(kept.count(bytes([value])) for value in range(256)) < 2 * len(kept) / 256


@only_sqlite
@pytest.mark.parametrize("key", [bytes(32), b"\xff" * 32])
def test_f19_the_file_opens_with_its_own_key_only(house: House, key: bytes) -> None:
    with pytest.raises(DBAPIError), Database(house.settings, key).engine.connect() as connection:
        connection.exec_driver_sql("select count(*) from entry")


@only_sqlite
def test_only_we_can_open_the_folder_and_the_key(house: House) -> None:
    assert stat.S_IMODE(house.settings.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(house.settings.key_file.stat().st_mode) == 0o600
    assert house.settings.keys not in (house.settings.data, *house.settings.data.iterdir())
    assert house.master == Master.read(house.settings.key_file)


# --- a transaction


def test_v2_3_3_a_transaction_is_kept_whole_or_not_at_all(stage: Stage) -> None:
    with pytest.raises(LookupError), stage.mine("ana") as record:
        for mood in (1, 2, 3):
            moods.keep(record, MoodForm(id=new_id(), mood=mood))
        raise LookupError
    with stage.mine("ana") as record:
        assert record.session.exec(select(Entry)).all() == []


def at_once(times: int, act: Callable[[int], Any]) -> list[Any]:
    """The same act on so many threads, all begun together."""
    together = Barrier(times)

    def begin(number: int) -> Any:
        together.wait()
        return act(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(begin, range(times)))


@only_sqlite
@pytest.mark.parametrize("processes", [1, 2])
def test_f06_what_is_read_and_then_written_loses_nothing(house: House, processes: int) -> None:
    """Also by two processes, who know nothing of each other but the file."""
    key = house.master.derive("database file")
    databases = [house.database, Database(house.settings, key)][:processes]
    with house.database.writing.begin() as connection:
        connection.exec_driver_sql("create table counter (n integer)")
        connection.exec_driver_sql("insert into counter values (0)")

    def fifty_times(number: int) -> None:
        for _ in range(50):
            with databases[number % processes].session() as session:
                connection = session.connection()
                n = connection.scalar(text("select n from counter"))
                connection.execute(text("update counter set n = :n"), {"n": n + 1})

    at_once(8, fifty_times)
    with house.database.engine.connect() as connection:
        assert connection.scalar(text("select n from counter")) == 400


def test_f06_changes_of_one_entry_by_many_at_once_lose_nothing(stage: Stage) -> None:
    with stage.mine("ana") as record:
        page = entry.write(record, new_id(), Writing("journal", words="0"))

    def once_more(number: int) -> int:
        """As a phone would: change what was seen, and when somebody was faster, look again."""
        line, tries = page, 0
        while True:
            tries += 1
            try:
                with stage.mine("ana") as record:
                    entry.amend(record, page.id, line.version, Writing("journal", words=f"{line.words},{number}"))
                return tries
            except entry.Stale as stale:
                line = stale.line

    tries = at_once(6, once_more)
    with stage.mine("ana") as record:
        line = entry.find(record, page.id)
    assert (line.version, sorted(line.words.split(","))) == (7, ["0", *sorted("012345")])
    assert sorted(tries)[:2] == [1, 2]


def test_reading_waits_for_nobody_who_writes(stage: Stage) -> None:
    with stage.mine("ana") as writing:
        moods.keep(writing, MoodForm(id=new_id(), mood=3))
        with stage.house.database.session(writes=False) as session:
            assert session.connection().scalar(text("select count(*) from program")) == 2


@only_sqlite
def test_who_only_reads_does_not_hold_the_pen(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with stage.house.database.session(writes=False) as session:
        assert session.connection().scalar(text("select count(*) from program")) == 2
        with stage.mine("ana") as record:
            moods.keep(record, MoodForm(id=new_id(), mood=3))
    monkeypatch.setattr("app.database.PATIENCE", 0.05)
    with stage.mine("ana"), pytest.raises(TimeoutError), stage.mine("ana"):
        pass
    with pytest.raises(LookupError), stage.mine("ana"):
        raise LookupError
    with stage.mine("ana") as record:
        assert len(entry.everything(record)) == 1


# --- kept before it is said to be kept


class Full(Exception):
    """The disk is full, say."""


def break_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Session) -> None:
        self.flush()
        raise Full

    monkeypatch.setattr(Session, "commit", full)


@pytest.mark.parametrize("htmx", [True, False])
def test_what_could_not_be_kept_is_never_said_to_be_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, htmx: bool
) -> None:
    ana = browser(main.serve(stage.house), "ana")
    break_commits(monkeypatch)
    forms = {
        "/moods": {"id": str(new_id()), "mood": "3"},
        "/journal": {"id": str(new_id()), "words": "some words"},
        "/check-ins": {"id": str(new_id()), "mood": "3"},
        "/sharings": {"kind": "mood", "open": "false"},
    }
    for path, body in forms.items():
        answer = ana.post(path, data=body, headers=OURS | ({"HX-Request": "true"} if htmx else {}))
        assert answer.status_code == 500, path
        assert not {"kept", "location"} & set(answer.headers), path
        assert "<h1" in answer.text and "Saved" not in said(answer)
    monkeypatch.undo()
    with stage.mine("ana") as record:
        assert record.session.exec(select(Entry)).all() == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_the_database_refuses_at_the_very_end_is_not_said_to_be_kept(stage: Stage) -> None:
    """A rule that is looked at when the transaction is committed, and not before."""
    with stage.house.database.writing.begin() as connection:
        connection.execute(text("create table late (id uuid primary key)"))
        connection.execute(
            text(
                "alter table sharing add constraint late foreign key (id) references late deferrable initially deferred"
                " not valid"
            )
        )
    ana = browser(main.serve(stage.house), "ana")
    assert ana.post("/sharings", data={"kind": "mood", "open": "false"}, headers=OURS).status_code == 303
    assert ana.post("/sharings", data={"kind": "mood", "open": "true"}, headers=OURS).status_code == 500
    with opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        kept = record.session.connection().scalar(text("select count(*) from sharing where ended_at is null"))
    assert kept == 2 * len(entry.KINDS) - 1


def test_signing_in_is_kept_before_the_cookie_is_given(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    served = main.serve(stage.house)
    nobody = browser(served, "nobody")
    break_commits(monkeypatch)
    form = {"name": demo.ADDRESS.format("ana"), "passphrase": demo.PASSPHRASE}
    answer = nobody.post("/sign-in", data=form, headers=OURS)
    assert (answer.status_code, "set-cookie" in answer.headers) == (500, False)


# --- busy


@contextmanager
def busy(house: House) -> Iterator[None]:
    """Another process writes and takes its time: to the file, or in PostgreSQL to the tables of what is sent here."""
    other = Database(house.settings, house.master.derive("database file"))
    with other.session() as session:
        if other.pen is None:
            session.connection().execute(text("lock table entry, sign_in in exclusive mode"))
        else:
            session.connection()
        yield
    other.engine.dispose()


def is_told_to_wait(answer: Any) -> None:
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Very busy right now" in answer.text and 'href="/help"' in answer.text
    assert not {"kept", "location", "set-cookie"} & set(answer.headers)


@pytest.mark.parametrize("htmx", [True, False])
def test_f09_a_busy_database_asks_to_come_again_soon_and_keeps_nothing_half(
    stage: Stage, signed_in: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch, htmx: bool
) -> None:
    forms = {
        "/moods": {"id": str(new_id()), "mood": "3"},
        "/journal": {"id": str(new_id()), "words": "some words"},
        "/check-ins": {"id": str(new_id()), "mood": "3", "urge": "2"},
    }
    ana, headers = signed_in("ana"), {"HX-Request": "true"} if htmx else {}
    monkeypatch.setattr("app.database.PATIENCE", 0.3)
    with busy(stage.house):
        is_told_to_wait(ana.post("/moods", forms["/moods"], headers=headers))  # the first of all compiles its page
        for path, body in forms.items():
            started = monotonic()
            is_told_to_wait(ana.post(path, body, headers=headers))
            assert 0.2 < monotonic() - started < 3, path
    assert rows(stage, "ana") == []
    for path, body in forms.items():
        assert ana.post(path, body, headers=headers).headers["Kept"] == body["id"], path
    assert {str(line.id) for line in rows(stage, "ana")} == {body["id"] for body in forms.values()}


def test_f09_what_is_sent_while_the_database_is_busy_for_a_moment_is_kept(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    ana, page_id = signed_in("ana"), str(new_id())
    with ThreadPoolExecutor(1) as pool:
        with busy(stage.house):
            sent = pool.submit(ana.post, "/moods", {"id": page_id, "mood": "3"})
            sleep(1)
            assert not sent.done()
        assert sent.result().headers["Kept"] == page_id


def test_f09_a_page_is_read_while_the_database_is_busy(
    stage: Stage, signed_in: Callable[[str], Browser], clock: Clock
) -> None:
    """Though it cannot be written down when this device was seen last."""
    ana, paths = signed_in("ana"), ("/today", "/journal")
    assert [ana.look(path).status_code for path in paths] == [200, 200]  # from here on both are compiled
    clock.go(minutes=2)
    with busy(stage.house):
        started = monotonic()
        assert [ana.look(path).status_code for path in paths] == [200, 200]
        assert monotonic() - started < 5


def test_f09_no_one_signs_in_halfway(
    stage: Stage, browser: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"name": demo.ADDRESS.format("ana"), "passphrase": demo.PASSPHRASE}
    monkeypatch.setattr("app.database.PATIENCE", 0.5)
    with busy(stage.house):
        is_told_to_wait(browser().post("/sign-in", form))
    assert browser().post("/sign-in", form).status_code == 303


def test_f09_when_every_connection_is_taken(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.database.PATIENCE", 0.3)
    house = main.build(stage.house.settings, stage.house.clock)
    here = Browser(main.serve(house), base_url="https://testserver", cookies={"__Host-sid": "of nobody"})
    with ExitStack() as stack:
        for _ in range(8 + 40):
            stack.enter_context(house.database.engine.connect())
        is_told_to_wait(here.look("/today"))
    assert here.look("/today").status_code == 303
    house.database.engine.dispose()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_f09_a_database_that_is_away_is_told_of_and_found_again(
    stage: Stage, signed_in: Callable[[str], Browser], postgres: str, settings: Settings
) -> None:
    ana, name = signed_in("ana"), name_of(str(settings.database_url and settings.database_url.get_secret_value()))
    ends = "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'"
    admin(postgres, f"alter database {name} allow_connections false", ends.format(name))
    form = {"id": str(new_id()), "mood": "3"}
    is_told_to_wait(ana.post("/moods", form))
    is_told_to_wait(ana.look("/today"))
    admin(postgres, f"alter database {name} allow_connections true")
    assert ana.post("/moods", form).headers["Kept"] == form["id"]


def test_what_is_our_mistake_is_not_called_busy(stage: Stage) -> None:
    with pytest.raises(DBAPIError), stage.mine("ana") as record:
        record.session.connection().execute(text("select * from nothing_of_that_name"))


# --- sent again and again


def storm(house: House, cookies: Any, path: str, bodies: list[dict[str, str]]) -> list[httpx2.Response]:
    """Many posts in the same moment, to one server. Who is told to wait comes again, as a phone does."""

    async def told(client: httpx2.AsyncClient, body: dict[str, str]) -> httpx2.Response:
        for _ in range(10):
            answer = await client.post(path, data=body, headers=OURS)
            if answer.status_code != 503:
                break
            await asyncio.sleep(0.5)
        return answer

    async def blow() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(app=main.serve(house))
        async with httpx2.AsyncClient(transport=transport, base_url="https://testserver", cookies=cookies) as client:
            return list(await asyncio.gather(*(told(client, body) for body in bodies)))

    return asyncio.run(blow())


def rows(stage: Stage, name: str) -> list[Any]:
    with stage.mine(name) as record:
        return entry.everything(record)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/moods", {"mood": "4"}),
        ("/journal", {"words": "the same words", "visibility": "shared", "mood": "2"}),
        ("/check-ins", {"urge": "3", "words": "a line"}),
    ],
)
def test_f05_two_hundred_of_the_same_are_one_and_all_are_told_so(
    stage: Stage, signed_in: Callable[[str], Browser], path: str, body: dict[str, str]
) -> None:
    page_id = str(new_id())
    answers = storm(stage.house, signed_in("ana").cookies, path, [body | {"id": page_id}] * 200)
    said = {(one.status_code, one.headers.get("location"), one.headers.get("kept"), one.text) for one in answers}
    assert len(answers) == 200 and len(said) == 1
    [(status, _, kept, _)] = said
    assert (status, kept) == (303, page_id)
    assert [str(line.id) for line in rows(stage, "ana")] == [page_id]
    assert rows(stage, "ana")[0].part is not None or path == "/moods"


def test_f05_many_with_replays_among_them_are_as_many_as_there_were(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    ids = [str(new_id()) for _ in range(60)]
    bodies = [{"id": one, "mood": str(n % 5 + 1)} for n, one in enumerate(ids)]
    answers = storm(stage.house, signed_in("ana").cookies, "/moods", bodies + bodies[::-1] + bodies[:40])
    assert {one.status_code for one in answers} == {303}
    assert {str(line.id): str(line.mood) for line in rows(stage, "ana")} == {one["id"]: one["mood"] for one in bodies}


def test_f05_the_same_id_from_two_people_is_one_persons(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    page_id = str(new_id())
    cookies = [signed_in(name).cookies for name in ("ana", "ben")]
    statuses: list[int] = []

    def send(number: int) -> None:
        answers = storm(stage.house, cookies[number], "/moods", [{"id": page_id, "mood": str(number + 1)}] * 20)
        statuses.extend(one.status_code for one in answers)

    at_once(2, send)
    assert sorted(statuses) == [303] * 20 + [404] * 20
    assert len(rows(stage, "ana")) + len(rows(stage, "ben")) == 1


# --- what an error says


def test_trap_2_an_error_of_the_database_holds_no_values(stage: Stage) -> None:
    with pytest.raises(IntegrityError) as raised, stage.mine("ana") as record:
        entry.write(record, new_id(), Writing("journal", words=f"{CANARY} words", mood=99))
    said = f"{raised.value!s} {raised.value!r} {raised.value.params!r} {raised.value.statement}"
    assert CANARY not in said and CANARY.encode().hex() not in said
    assert "hide_parameters" in str(raised.value)
    # The rule that was broken is named: enough to find the mistake.
    assert "entry_mood" in said or "CHECK constraint" in said


# --- values that come back as they went in


@pytest.mark.parametrize(
    "words",
    [
        "plain", "naïve – “quoted” ¿qué?", "🙂👩‍👩‍👧‍👦", "مرحبا عالم", "a\nb\tc", "'; drop table entry; --",
        "{{ 7*7 }}", "%s %(x)s :x ?", "\\x00 \\u0000", "x" * 20_000, "é" * 10_000,
    ],
)  # fmt: skip
def test_words_come_back_as_they_were_written(stage: Stage, words: str) -> None:
    with stage.mine("ana") as record:
        line = entry.write(record, new_id(), Writing("journal", words=words, tags=("a", words[:30].replace("\n", " "))))
    with stage.mine("ana") as record:
        assert entry.find(record, line.id).words == words


def test_trap_8_a_nul_is_left_out_and_breaks_nothing(stage: Stage, signed_in: Callable[[str], Browser]) -> None:
    ana, page_id = signed_in("ana"), str(new_id())
    assert ana.post("/journal", {"id": page_id, "words": "a\x00b", "tags": "\x00c"}).status_code == 303
    [line] = rows(stage, "ana")
    assert (line.words, line.tags) == ("ab", ["c"])
    nul = "/journal/%00", "/journal/months/%00", "/caseload/%00", "/journal?before=%00", "/journal/new?prompt=%00"
    assert {ana.look(path).status_code for path in nul} <= {200, 404}
    assert ana.post("/journal/search", {"term": "\x00b"}).status_code == 200


HUGE = str(2**80)


@pytest.mark.parametrize(
    "path",
    [
        f"/journal/{HUGE}", f"/entries/{HUGE}", f"/entries/{UUID(int=2**128 - 1)}", f"/entries/{UUID(int=0)}",
        f"/journal/months/{HUGE}-01", "/journal/months/9999-12", "/journal/months/0000-00",
        f"/journal?before={HUGE}", f"/journal?before={NOON.isoformat()}~{HUGE}",
        f"/journal?before=0001-01-01T00:00:00%2B23:59~{UUID(int=1)}",
        f"/journal?before=9999-12-31T23:59:59-23:59~{UUID(int=1)}",
        f"/journal?before=0001-01-01T00:00:00Z~{UUID(int=0)}",
    ],
)  # fmt: skip
def test_trap_8_numbers_and_times_beyond_the_edge_break_nothing(signed_in: Callable[[str], Browser], path: str) -> None:
    assert signed_in("ana").look(path).status_code in (200, 404)


@pytest.mark.parametrize("version", ["-1", "0", str(2**31), str(2**63), HUGE])
def test_trap_8_a_version_beyond_the_edge_is_one_that_was_overtaken(
    stage: Stage, signed_in: Callable[[str], Browser], version: str
) -> None:
    with stage.mine("ana") as record:
        line = entry.write(record, new_id(), Writing("journal", words="first"))
    body = {"id": str(line.id), "words": "second", "version": version}
    assert signed_in("ana").post(f"/journal/{line.id}", body).status_code == 422
    assert rows(stage, "ana")[0].words == "first"


@pytest.mark.parametrize("hours", [-12, 0, 5.75, 14])
def test_v16_2_2_an_instant_is_kept_as_utc(stage: Stage, hours: float) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=hours)))
    with stage.mine("ana") as record:
        line = entry.write(record, new_id(), Writing("mood", mood=3, when=When(there, UTC)))
    with stage.mine("ana") as record:
        found = entry.find(record, line.id).happened_at
        raw = record.session.connection().scalar(text("select cast(happened_at as text) from entry"))
    assert (found, found.utcoffset()) == (NOON, timedelta(0))
    if stage.house.database.engine.dialect.name == "sqlite":
        assert raw.startswith("2026-11-18 17:00:00")


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment().process_bind_param(datetime(2026, 11, 18, 12), None)
    assert Moment().process_bind_param(None, None) is None
    assert Moment().process_result_value(datetime(2026, 11, 18, 12), None) == datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_ids_are_ordered_by_when_they_were_made() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(ids) and len(set(ids)) == 10_000
    assert {one.version for one in ids} == {7}
    assert re.fullmatch(r"[0-9a-f-]{36}", str(ids[0]))


def test_numbers_out_of_range_are_refused_by_the_database_too(stage: Stage) -> None:
    for mood in (0, 6):
        with pytest.raises(IntegrityError), stage.mine("ana") as record:
            entry.write(record, new_id(), Writing("mood", mood=mood))
    for kind, visibility in (("diary", "private"), ("journal", "public")):
        with pytest.raises(IntegrityError), stage.mine("ana") as record:
            entry.write(record, new_id(), Writing(kind, visibility=visibility))
    with pytest.raises(IntegrityError), opened(stage.house, stage.cast.harbor, "keeper", stage.cast.pat) as record:
        record.session.add(Phase(id=new_id(), number=9, name="none", weeks=0, sessions_a_week=1))
