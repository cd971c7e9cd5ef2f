"""A participant's own people to call or text."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("contact_of", "contact", ["program_id", "participant_id"])
    if op.get_bind().dialect.name == "postgresql":
        _wall()


# As in 0001, for a table that only its participant reads and keeps.
HERE = "program_id = footbridge_program()"
OWN = "footbridge_role() = 'keeper' or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"


def _wall() -> None:
    may_read, may_keep = f"{HERE} and {ONE} and ({OWN})", f"{HERE} and ({OWN})"
    op.execute("alter table contact enable row level security")
    op.execute("alter table contact force row level security")
    op.execute(f"create policy reading on contact for select using ({may_read})")
    op.execute(f"create policy adding on contact for insert with check ({may_keep})")
    op.execute(f"create policy changing on contact for update using ({may_keep}) with check ({may_keep})")
    op.execute(f"create policy removing on contact for delete using ({may_keep})")
