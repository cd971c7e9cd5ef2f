"""Urges: how strong, what was done about it, and what set it off."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "urge",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=True),
        sa.Column("skill", sa.String(60), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("triggers", sa.String(500), nullable=False),
        sa.Column("set_off", sa.LargeBinary(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.CheckConstraint("before between 0 and 10", name="urge_before"),
        sa.CheckConstraint("after between 0 and 10", name="urge_after"),
        sa.CheckConstraint("minutes between 0 and 600", name="urge_minutes"),
        sa.ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], name="urge_entry", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _wall()


# As in 0001: a part is read with its entry.
HERE = "program_id = footbridge_program()"
OWN = "footbridge_role() = 'keeper' or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"
OF_ENTRY = """footbridge_role() in ('coach', 'supporter') and exists (select from entry e
  where e.program_id = urge.program_id and e.id = urge.id)"""


def _wall() -> None:
    may_read, may_keep = f"{HERE} and {ONE} and (({OWN}) or ({OF_ENTRY}))", f"{HERE} and ({OWN})"
    op.execute("alter table urge enable row level security")
    op.execute("alter table urge force row level security")
    op.execute(f"create policy reading on urge for select using ({may_read})")
    op.execute(f"create policy adding on urge for insert with check ({may_keep})")
    op.execute(f"create policy changing on urge for update using ({may_keep}) with check ({may_keep})")
    op.execute(f"create policy removing on urge for delete using ({may_keep})")
