"""The caseload of 40 people in a program of 10,000 participants and 3 million entries, against one of 100 participants.

`python -m bench.caseload` prints it for both databases. The rows are made by SQL, in the order of time, with the
indexes, walls and reviews of a real program; words are left out, as the page opens none but names.
"""

import gc
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from app import demo
from app.access import House, opened
from app.database import new_id
from app.lib.passwords import hash_passphrase
from app.lib.vault import name_hash
from app.models import invites, welcome
from app.models.invites import Plan
from bench import week

MINE, ENTRIES, GROUPS = 40, 300, 250
FEW, MANY = 100, 10_000
TIMES = 21
KINDS = ("mood", "check-in", "journal", "practice", "urge", "setback", "attendance")
KEPT = ("entry_timeline", "entry_days", "entry_kept", "entry_asks", "review_of")
FILLED = ("person", "membership", "episode", "coaching", "sharing", "entry", "review", "flag", "clearance")


def figures(small: House, large: House, database: str) -> Iterator[tuple[str, float, str, int]]:
    """(name, value, unit, n). Both houses are still empty."""
    looks = [peopled(small, FEW), peopled(large, MANY)]
    queries = [week.measured(house, look)[1] for house, look in zip((small, large), looks, strict=True)]
    times = interleaved(looks)
    few, many = (median(each) for each in times)
    yield f"caseload_ms_{database}", round(many * 1000, 1), "ms", TIMES
    yield f"caseload_growth_ratio_{database}", round(many / few, 2), "", TIMES
    yield f"caseload_queries_{database}", queries[1], "queries", 1
    yield f"caseload_queries_grown_{database}", queries[1] - queries[0], "queries", 1


def interleaved(looks: list[Callable[[], Any]]) -> list[list[float]]:
    """Seconds of each look, one after the other, so that what else the machine does is shared."""
    for look in looks * 3:
        look()
    gc.collect()
    rounds = [[_seconds(look) for look in looks] for _ in range(TIMES)]
    return [list(each) for each in zip(*rounds, strict=True)]


def _seconds(look: Callable[[], Any]) -> float:
    began = time.perf_counter()
    look()
    return time.perf_counter() - began


def peopled(house: House, participants: int) -> Callable[[], Any]:
    """Cora's caseload in a program of so many; gives her page."""
    cast = demo.make_cast(house, house.clock())
    people = [cast.ana, *_admitted(house, cast, MINE - 1)]
    people += [new_id() for _ in range(participants - len(people))]
    with house.database.engine.connect() as connection, connection.begin():
        fill(connection, cast, people, house.clock())
    week.fill(house, cast, 0, 11)
    if house.database.engine.dialect.name == "postgresql":
        with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze"))
    return week.asked(house, "cora", "/caseload")


def _admitted(house: House, cast: demo.Cast, many: int) -> list[UUID]:
    hashed, names, found = hash_passphrase(demo.PASSPHRASE), invites.names_key(house.master), []
    with opened(house, cast.harbor, "keeper", cast.pat) as record:
        for _ in range(many):
            plan = Plan("participant", "Somebody Else", f"{new_id()}", coach=cast.cora)
            found.append(invites.admit(record, plan, hashed, name_hash(names, plan.sign_in_name)))
    for person in found:
        with opened(house, cast.harbor, "participant", person, person) as record:
            welcome.acknowledge(record)
    return found


def fill(connection: Connection, cast: demo.Cast, people: list[UUID], now: datetime) -> None:
    """The others, and everybody's entries, reviews and flags."""
    sql = Sql(connection, cast, now)
    sql.open()
    ids = [{"n": n, "id": sql.id(person)} for n, person in enumerate(people)]
    connection.execute(text(f"create temporary table crowd (n integer primary key, id {sql.uuid}, coach {sql.uuid})"))
    connection.execute(text("insert into crowd (n, id) values (:n, :id)"), ids)
    coaches = [{"n": n, "id": sql.id(new_id())} for n in range(len(people) // MINE + 1)]
    for coach in coaches[1:]:
        connection.execute(text(f"update crowd set coach = :id where n / {MINE} = :n"), coach)  # noqa: S608
    others = f"from crowd where n >= {MINE}"
    sql.say("person", "name, language, zone", f"id, {sql.bytes}, '', '' {others}")
    sql.say("membership", "person_id, role, since", f"{sql.number('n')}, id, 'participant', {sql.day(-300)} {others}")
    sql.say("episode", "participant_id, started_on", f"{sql.number('n')}, id, {sql.day(-80)} {others}")
    sql.say("coaching", "participant_id, coach_id, since", f"{sql.number('n')}, id, coach, {sql.day(-80)} {others}")
    for at, kind in enumerate(KINDS):
        said = f"{sql.number(f'n * 10 + {at}')}, id, '{kind}', {sql.at('-300')} {others}"
        sql.say("sharing", "participant_id, kind, since", said)
    _entries(sql)
    _flags(sql)
    sql.close()


def _entries(sql: "Sql") -> None:
    """One a day; a third are moods, one of ten is private; read are all but those of the last two days."""
    number = sql.number(f"slot * {10 * MANY} + n")
    kind = "case slot % 3 when 0 then 'mood' when 1 then 'check-in' else 'journal' end"
    mood, at = "case when slot % 3 = 2 then null else 1 + (slot + n) % 5 end", sql.at(f"slot - {ENTRIES}")
    seen = "case when (slot + n) % 10 = 0 then 'private' else 'shared' end"
    columns = """participant_id, kind, happened_at, local_day, offset_minutes, clock_off, kept_at, mood, visibility,
        wants_answer, version"""
    said = f"""{number}, id, {kind}, {at}, {sql.day(f"slot - {ENTRIES}")}, -300, 0, {at}, {mood}, {seen},
        (slot % 50 = 1), 1 from {sql.series(ENTRIES)} cross join crowd order by slot, n"""
    sql.say("entry", columns, said)
    read = f"(slot + n) % 10 > 0 and slot % 3 > 0 and slot < {ENTRIES - 2}"
    words = f"case when slot % 50 = 1 then {sql.bytes} end"
    said = f"{number}, id, {number}, coalesce(coach, '{sql.id(sql.cast.cora)}'), {at}, {words}"
    columns = "participant_id, entry_id, coach_id, at, words"
    sql.say("review", columns, f"{said} from {sql.series(ENTRIES)} cross join crowd where {read} order by slot, n")


def _flags(sql: "Sql") -> None:
    """Five each in their time, cleared; one of eight has one that is open."""
    number, at = sql.number("slot * 100000 + n"), sql.at("slot * 20 - 110")
    said = f"{number}, id, 'return-to-use', 'high', 'used:' || slot, {at} from {sql.series(6)} cross join crowd"
    sql.say("flag", "participant_id, rule, level, key, raised_at", f"{said} where slot < 5 or n % 8 = 0")
    said = f"{number}, id, id, {at}, {sql.bytes} from {sql.series(5)} cross join crowd"
    sql.say("clearance", 'participant_id, "by", at, words', said)


class Sql:
    """The little in which the two databases differ, where rows are made by the million."""

    def __init__(self, connection: Connection, cast: demo.Cast, now: datetime) -> None:
        self.connection, self.cast, self.now = connection, cast, now
        self.postgres = connection.dialect.name == "postgresql"
        self.uuid, self.bytes = ("uuid", "'\\x00'::bytea") if self.postgres else ("char(32)", "x'00'")
        self.made: list[str] = []

    def open(self) -> None:
        """Indexes are made again when the rows are there: the same trees, in a tenth of the time."""
        if self.postgres:
            for table in FILLED:
                self.connection.execute(text(f"alter table {table} disable row level security"))
            self._without_keys()
            found = f"select indexname, indexdef from pg_indexes where indexname in {KEPT}"  # noqa: S608
        else:
            self.connection.exec_driver_sql("pragma cache_size = -400000")
            found = f"select name, sql from sqlite_master where type = 'index' and name in {KEPT}"  # noqa: S608
        for name, sql in self.connection.execute(text(found)).all():
            self.made.append(sql)
            self.connection.execute(text(f"drop index {name}"))

    def _without_keys(self) -> None:
        """What is inserted in one statement is right; a look-up for each row takes longer than the rows."""
        keys = """select conrelid, conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f'
            and conrelid in (select oid from pg_class where relname in ('entry', 'review'))"""
        named = text("select relname from pg_class where oid = :oid")
        for oid, name, rule in self.connection.execute(text(keys)).all():
            table = self.connection.execute(named, {"oid": oid}).scalar_one()
            self.made.append(f"alter table {table} add constraint {name} {rule}")
            self.connection.execute(text(f"alter table {table} drop constraint {name}"))

    def close(self) -> None:
        for sql in self.made:
            self.connection.execute(text(sql))
        if self.postgres:
            for table in FILLED:
                self.connection.execute(text(f"alter table {table} enable row level security"))
        self.connection.execute(text("drop table crowd"))

    def say(self, table: str, columns: str, values: str) -> None:
        said = f"insert into {table} (program_id, id, {columns}) select '{self.id(self.cast.harbor)}', {values}"
        self.connection.execute(text(said.replace(":", "\\:")))

    def id(self, one: UUID) -> str:
        return str(one) if self.postgres else one.hex

    def number(self, said: str) -> str:
        """An id that is made of a number, in its order."""
        if self.postgres:
            return f"lpad(to_hex(({said})::bigint), 32, '0')::uuid"
        return f"printf('%032x', {said})"

    def series(self, many: int) -> str:
        if self.postgres:
            return f"generate_series(0, {many - 1}) as slots(slot)"
        counted = f"select 0 union all select slot + 1 from s where slot < {many - 1}"  # noqa: S608
        return f"(with recursive s(slot) as ({counted}) select slot from s)"  # noqa: S608

    def at(self, days: str) -> str:
        """A moment so many days from now."""
        now = (self.now - timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S")
        if self.postgres:
            return f"timestamptz '{now}+00' + ({days}) * interval '1 day'"
        return f"strftime('%Y-%m-%d %H:%M:%S', '{now}', ({days}) || ' days') || '.000000'"

    def day(self, days: int | str) -> str:
        today = self.now.strftime("%Y-%m-%d")
        return f"date '{today}' + ({days})" if self.postgres else f"date('{today}', ({days}) || ' days')"


if __name__ == "__main__":
    from contextlib import ExitStack

    from bench.figures import Figure, house_on

    for database in sys.argv[1:] or ("sqlite", "postgresql"):
        with ExitStack() as stack:
            houses = [stack.enter_context(house_on(database)) for _ in range(2)]
            for found in figures(*houses, database):
                print(Figure(*found), flush=True)
