"""The rules that let the tables be spread over many machines by program: keys, what refers to what, and what is used.

They are those of engines that speak PostgreSQL and spread rows (docs/scaling.md says which, and what is only on paper).
Asked of the models, of a real database's catalogue, and of the source; each rule is broken once to see that it looks.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, MetaData, Table, UniqueConstraint, Uuid, text
from sqlmodel import SQLModel

from app.access import House

ROOT = Path(__file__).parent.parent
# Asked for before it is known of which program somebody is, by a random value that is the key: they are spread by that.
EVERYWHERE = {"program": "id", "attempt": "id", "sign_in": "token_hash", "invite": "token_hash", "feed": "token_hash"}
# Looked for in all programs at once.
ACROSS = {"job_due": "what is due, for the next worker", "passphrase_name": "who signs in with a name"}
FUNCTIONS = {
    "footbridge_program": "a setting of the transaction, for the policies",
    "footbridge_person": "the same",
    "footbridge_participant": "the same",
    "footbridge_role": "the same",
    "footbridge_now": "the same",
    "footbridge_today": "the same",
    "footbridge_shared": "whether an entry is shared, for who leads a session and may not see the entry",
}
TYPES = {
    "uuid", "varchar", "bytea", "bool", "int4", "float8", "timestamptz", "date", "time", "json",
}  # fmt: skip


# --- the models


def key_leads(table: Table) -> Iterator[str]:
    """The program leads the key, or the key is a random value; nothing counts."""
    names = [column.name for column in table.primary_key]
    if names != [EVERYWHERE.get(table.name)] and names[:1] != ["program_id"]:
        yield f"{table.name} has the key {names}"
    yield from (f"{table.name}.{one.name} counts" for one in table.primary_key if isinstance(one.type, Integer))


def refers_within(table: Table) -> Iterator[str]:
    """A row refers to rows of its own program only, by a key that says so."""
    for constraint in table.foreign_key_constraints:
        of = dict(zip(constraint.column_keys, (one.column.name for one in constraint.elements), strict=True))
        to = constraint.referred_table.name
        if of != {"program_id": "id"} if to == "program" else of.get("program_id") != "program_id":
            yield f"{table.name} refers to {to} by {of}"
        if constraint.deferrable or to == table.name:
            yield f"{table.name} refers to {to} in a way that not every engine has"


def unique_within(table: Table) -> Iterator[str]:
    """What is once is once in its program: that is asked of one machine."""
    constraints = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    for one in [*constraints, *(index for index in table.indexes if index.unique)]:
        names = [column.name for column in one.columns]
        if "program_id" not in names and not (table.name in EVERYWHERE and names == ["id"]):
            yield f"{table.name} is once by {names}"


def looks_within(table: Table) -> Iterator[str]:
    for index in table.indexes:
        first = next(iter(index.columns)).name
        if first != "program_id" and table.name not in EVERYWHERE and index.name not in ACROSS:
            yield f"{index.name} looks in all programs"


RULES: list[Callable[[Table], Iterator[str]]] = [key_leads, refers_within, unique_within, looks_within]


@pytest.mark.parametrize("rule", RULES)
def test_tables_can_be_spread_by_program(rule: Callable[[Table], Iterator[str]]) -> None:
    assert [said for table in SQLModel.metadata.sorted_tables for said in rule(table)] == []


def test_a_table_that_cannot_be_spread_is_found() -> None:
    made = MetaData()
    Table("other", made, Column("program_id", Uuid, primary_key=True), Column("id", Uuid, primary_key=True))
    wrong = Table(
        "wrong", made, Column("number", Integer, primary_key=True), Column("program_id", Uuid),
        Column("other_id", Uuid), ForeignKeyConstraint(["other_id"], ["other.id"]), UniqueConstraint("other_id"),
        Index("wrong_by", "other_id"),
    )  # fmt: skip
    assert [len(list(rule(wrong))) for rule in RULES] == [2, 1, 1, 1]


# --- the catalogue of a real database

NOTHING_OF = {
    "sequences": "select relname from pg_class c where relkind = 'S'",
    "views and kinds of tables but plain ones": "select relname from pg_class c where relkind not in ('r', 'i', 'S')",
    "triggers": "select tgname from pg_trigger join pg_class c on c.oid = tgrelid where not tgisinternal",
    "deferrable constraints": "select conname from pg_constraint join pg_class c on c.oid = conrelid"
    " where condeferrable",
    "exclusions": "select conname from pg_constraint join pg_class c on c.oid = conrelid where contype = 'x'",
    "tables that inherit": "select relname from pg_inherits join pg_class c on c.oid = inhrelid",
    "tables for a session": "select relname from pg_class c where relpersistence = 't'",
    "columns that the database makes up": "select attname from pg_attribute join pg_class c on c.oid = attrelid"
    " where attgenerated <> '' or attidentity <> ''",
    "rules": "select rulename from pg_rewrite join pg_class c on c.oid = ev_class",
    "indexes of another kind than b-tree": "select relname from pg_class c join pg_am on pg_am.oid = relam"
    " where relkind = 'i' and amname <> 'btree'",
    "columns sorted by the language of the machine": "select attname from pg_attribute"
    " join pg_class c on c.oid = attrelid where attcollation not in (0, 100)",
}
HERE = " and c.relnamespace = 'public'::regnamespace"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_database_holds_nothing_that_cannot_be_spread(house: House) -> None:
    with house.database.engine.connect() as connection:
        for what, asked in NOTHING_OF.items():
            where = " where" if " where " not in asked else " and"
            found = connection.scalars(text(asked + HERE.replace(" and", where, 1))).all()
            assert found == [], what
        named = "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        assert set(connection.scalars(text(named))) == set(FUNCTIONS)
        # A function that runs as its owner would walk through walls that are not forced.
        assert connection.scalars(text(f"{named} and prosecdef")).all() == []
        assert set(connection.scalars(text("select extname from pg_extension"))) == {"plpgsql"}
        kinds = "select distinct typname from pg_attribute join pg_class c on c.oid = attrelid join pg_type t on"
        assert (
            set(connection.scalars(text(f"{kinds} t.oid = atttypid where attnum > 0 and relkind = 'r'{HERE}"))) <= TYPES
        )


# --- the source

# What is written nowhere in the product, with a line that breaks it.
UNWRITTEN = {
    "one session tells another": (r"\b(un)?listen\s+\w+;|\bnotify\b|pg_notify", "notify entries"),
    "locks that no row has": (r"advisory|\block\s+table\b", "select pg_advisory_lock(1)"),
    "tables for a session": (r"\btemp(orary)?\s+table\b|\bunlogged\b", "create temp table x"),
    "numbers that the database counts": (r"\b(big)?serial\s+primary|sa\.Sequence\(|nextval|sa\.Identity\(", "nextval"),
    "what the database does by itself": (r"create\s+(or\s+replace\s+)?(trigger|rule|event)\b", "create trigger x"),
    "an insert that overwrites": (r"on_conflict_do_update|do\s+update\s+set|\bmerge\s+into\b", "do update set x = 1"),
    "a setting that outlives its transaction": (r"set_config\([^()]*,\s*false\)|\bset\s+session\b", "set session x"),
    "another lock than a row's": (r"with_for_update\((?!skip_locked=True|key_share=True)[^)]", "with_for_update(of=x)"),
    "recursion": (r"\brecursive\s*=\s*True|with\s+recursive", "cte(recursive=True)"),
}  # fmt: skip
SOURCE = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")])


@pytest.mark.parametrize("what", UNWRITTEN)
def test_nothing_is_used_that_cannot_be_spread(what: str) -> None:
    pattern, example = UNWRITTEN[what]
    assert re.search(pattern, example, re.I)
    code = {path.name: re.sub(r"#.*", "", path.read_text()) for path in SOURCE}
    assert len(code) > 100
    assert [name for name, words in code.items() if re.search(pattern, words, re.I)] == []
