"""What migrations say again and again: tables of a program, the kinds of an entry, and the walls of PostgreSQL.

The walls are the rules of app/guard.py once more. What a migration used once must not change under it: here is only
added to.
"""

import sqlalchemy as sa
from alembic import op

MOMENT = sa.DateTime(timezone=True)
HERE = "program_id = footbridge_program()"
KEEPER = "footbridge_role() = 'keeper'"
OWN = f"{KEEPER} or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"
THIS_ONE = "participant_id = footbridge_participant()"
OFFICE = "footbridge_role() in ('manager', 'coach')"


def coached(table: str) -> str:
    """The reader is a coach who has the participant of a row on their caseload today."""
    return f"""(footbridge_role() = 'coach' and exists (select from coaching c where c.program_id = {table}.program_id
  and c.participant_id = {table}.participant_id and c.coach_id = footbridge_person()
  and c.since <= footbridge_today() and (c.until is null or c.until >= footbridge_today())))"""


def table(name: str, *more: sa.schema.SchemaItem) -> None:
    """A table of a program, with the key that every one of them has."""
    op.create_table(
        name,
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )


def whose() -> sa.Column[object]:
    """Whom a row is about."""
    return sa.Column("participant_id", sa.Uuid(), nullable=False)


def allow(table: str, old: str, new: str) -> None:
    """Let the `kind` of a table be one more: `old` and `new` are all of them, as SQL writes a list.

    SQLite cannot change a check, and its foreign keys forbid a new table in place of this one: the sentence is
    written anew where SQLite keeps it, as its own documentation says.
    """
    if postgresql():
        op.drop_constraint(f"{table}_kind", table)
        op.create_check_constraint(f"{table}_kind", table, f"kind in ({new})")
        return
    written = sa.text("update sqlite_master set sql = replace(sql, :old, :new) where type = 'table' and name = :table")
    version = op.get_bind().scalar(sa.text("pragma schema_version"))
    op.execute("pragma writable_schema = on")
    op.get_bind().execute(written, {"old": old, "new": new, "table": table})
    op.execute(f"pragma schema_version = {version + 1}")
    op.execute("pragma writable_schema = reset")


def postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def wall(table: str, may_read: str, keepers: str) -> None:
    """Row-level security, forced: who may read the rows of this program, and who may keep them. SQLite has none."""
    if not postgresql():
        return
    may_keep = f"{HERE} and ({keepers})"
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy reading on {table} for select using ({HERE} and ({may_read}))")
    op.execute(f"create policy adding on {table} for insert with check ({may_keep})")
    op.execute(f"create policy changing on {table} for update using ({may_keep}) with check ({may_keep})")
    op.execute(f"create policy removing on {table} for delete using ({may_keep})")
