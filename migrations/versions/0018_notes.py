"""Notes of staff, which neither the participant nor a supporter nor a manager reads."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import KEEPER, MOMENT, ONE, THIS_ONE, coached, table, wall, whose

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    table(
        "note",
        whose(),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("program_id", "note_id", "version", name="note_once"),
    )
    op.create_index("note_of", "note", ["program_id", "participant_id", "at"])
    theirs = coached("note")
    wall("note", f"{ONE} and ({KEEPER} or {theirs})", f"{KEEPER} or ({theirs} and {THIS_ONE})")
