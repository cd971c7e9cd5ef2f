"""Measures: an entry of its own kind, and when a program asks for them."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import KEEPER, MOMENT, ONE, OWN, allow, table, wall, whose

revision = "0016"
down_revision = "0015"

KINDS = "'mood','check-in','journal','practice','urge','setback','attendance'"
MORE = f"{KINDS},'measure'"
OF_ENTRY = """footbridge_role() in ('coach', 'supporter') and exists (select from entry e
  where e.program_id = measure.program_id and e.id = measure.id)"""


def upgrade() -> None:
    allow("entry", KINDS, MORE)
    allow("sharing", f"{KINDS},'trigger'", f"{MORE},'trigger'")
    table(
        "measure",
        whose(),
        sa.Column("instrument", sa.String(60), nullable=False),
        sa.Column("version", sa.String(400), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("share", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], name="measure_entry", ondelete="CASCADE"
        ),
    )
    op.create_index("measure_of", "measure", ["program_id", "participant_id", "instrument"])
    wall("measure", f"{ONE} and ({OWN} or ({OF_ENTRY}))", OWN)
    table(
        "rhythm",
        sa.Column("asked", sa.String(2000), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("weekday between 0 and 6", name="rhythm_weekday"),
    )
    wall("rhythm", "true", f"{KEEPER} or footbridge_role() = 'manager'")
