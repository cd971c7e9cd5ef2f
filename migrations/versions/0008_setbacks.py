"""Setbacks, and the days that somebody counts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "setback",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.String(10), nullable=False),
        sa.Column("triggers", sa.String(500), nullable=False),
        sa.Column("set_off", sa.LargeBinary(), nullable=True),
        sa.Column("helped", sa.LargeBinary(), nullable=True),
        sa.Column("told", sa.LargeBinary(), nullable=True),
        sa.Column("small", sa.String(60), nullable=False),
        sa.Column("next_step", sa.LargeBinary(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"word in {WORDS}", name="setback_word"),
        sa.ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], name="setback_entry", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_table(
        "recovery",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("called", sa.String(10), nullable=False),
        sa.Column("word", sa.String(10), nullable=False),
        sa.CheckConstraint("called in ('recovery','sober','abstinent','none')", name="recovery_called"),
        sa.CheckConstraint(f"word in {WORDS}", name="recovery_word"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("recovery_of", "recovery", ["program_id", "participant_id", "kept_at"])
    if op.get_bind().dialect.name == "postgresql":
        _wall("setback", OF_ENTRY)
        _wall("recovery", "false")


WORDS = "('setback','used','drank','acted','returned')"
# As in 0001: a part is read with its entry; how somebody counts is read by nobody else.
HERE = "program_id = footbridge_program()"
OWN = "footbridge_role() = 'keeper' or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"
OF_ENTRY = """footbridge_role() in ('coach', 'supporter') and exists (select from entry e
  where e.program_id = setback.program_id and e.id = setback.id)"""


def _wall(table: str, others: str) -> None:
    may_read, may_keep = f"{HERE} and {ONE} and (({OWN}) or ({others}))", f"{HERE} and ({OWN})"
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy reading on {table} for select using ({may_read})")
    op.execute(f"create policy adding on {table} for insert with check ({may_keep})")
    op.execute(f"create policy changing on {table} for update using ({may_keep}) with check ({may_keep})")
    op.execute(f"create policy removing on {table} for delete using ({may_keep})")
