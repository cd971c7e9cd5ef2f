"""What sets urges off for a participant, how risky it is for them, and their plan for it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "trigger",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("group", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f'"group" in {GROUPS}', name="trigger_group"),
        sa.CheckConstraint("risk between 0 and 10", name="trigger_risk"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("trigger_of", "trigger", ["program_id", "participant_id", "risk"])
    if op.get_bind().dialect.name == "postgresql":
        _wall()


GROUPS = "('inside','between','halt','people','places','times','things','thoughts')"
# As in 0001, for a table that only its participant reads and keeps.
HERE = "program_id = footbridge_program()"
OWN = "footbridge_role() = 'keeper' or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"


def _wall() -> None:
    may_read, may_keep = f"{HERE} and {ONE} and ({OWN})", f"{HERE} and ({OWN})"
    op.execute("alter table trigger enable row level security")
    op.execute("alter table trigger force row level security")
    op.execute(f"create policy reading on trigger for select using ({may_read})")
    op.execute(f"create policy adding on trigger for insert with check ({may_keep})")
    op.execute(f"create policy changing on trigger for update using ({may_keep}) with check ({may_keep})")
    op.execute(f"create policy removing on trigger for delete using ({may_keep})")
