"""Practices of a skill, one's own skills, and favourites."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KINDS = "kind in ('mood','check-in','journal')"
MORE_KINDS = "kind in ('mood','check-in','journal','practice')"


def upgrade() -> None:
    for table in ("entry", "sharing"):
        _allow(table)
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        _wall("practice", OF_ENTRY)
        _wall("own_skill", "false")
        _wall("favourite", "false")


def _allow(table: str) -> None:
    """One kind more. SQLite can only be told by writing its schema: to make the table anew, Alembic would drop it,
    and with the entries would go what hangs on them (https://www.sqlite.org/lang_altertable.html, "simpler")."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(f"{table}_kind", table)
        op.create_check_constraint(f"{table}_kind", table, MORE_KINDS)
        return
    written = sa.text("update sqlite_master set sql = replace(sql, :old, :new) where type = 'table' and name = :table")
    version = op.get_bind().scalar(sa.text("pragma schema_version"))
    op.execute("pragma writable_schema = on")
    op.get_bind().execute(written, {"old": KINDS, "new": MORE_KINDS, "table": table})
    op.execute(f"pragma schema_version = {version + 1}")
    op.execute("pragma writable_schema = reset")


def _tables() -> None:
    op.create_table(
        "practice",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(60), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("after", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint("before between 0 and 10", name="practice_before"),
        sa.CheckConstraint("after between 0 and 10", name="practice_after"),
        sa.CheckConstraint("minutes between 0 and 600", name="practice_minutes"),
        sa.ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], name="practice_entry", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_table(
        "own_skill",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("minutes between 0 and 600", name="own_skill_minutes"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("own_skill_of", "own_skill", ["program_id", "participant_id"])
    op.create_table(
        "favourite",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
        sa.UniqueConstraint("program_id", "participant_id", "skill"),
    )


# As in 0001: a part is read with its entry; one's own skills and favourites are read by nobody else.
HERE = "program_id = footbridge_program()"
OWN = "footbridge_role() = 'keeper' or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"
OF_ENTRY = """footbridge_role() in ('coach', 'supporter') and exists (select from entry e
  where e.program_id = practice.program_id and e.id = practice.id)"""


def _wall(table: str, others: str) -> None:
    may_read, may_keep = f"{HERE} and {ONE} and (({OWN}) or ({others}))", f"{HERE} and ({OWN})"
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy reading on {table} for select using ({may_read})")
    op.execute(f"create policy adding on {table} for insert with check ({may_keep})")
    op.execute(f"create policy changing on {table} for update using ({may_keep}) with check ({may_keep})")
    op.execute(f"create policy removing on {table} for delete using ({may_keep})")
