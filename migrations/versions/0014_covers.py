"""Who covers for a coach who is away; and what a caseload asks of the spine, found by an index."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import KEEPER, MOMENT, OFFICE, table, wall

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    table(
        "cover",
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("cover_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
    )
    op.create_index("cover_until", "cover", ["program_id", "last_on"])
    wall("cover", "true", f"{KEEPER} or {OFFICE}")
    op.add_column("coaching", sa.Column("cover_id", sa.Uuid(), nullable=True))
    op.create_index("coaching_of", "coaching", ["program_id", "participant_id"])
    op.create_index("entry_kept", "entry", ["program_id", "participant_id", "kept_at"])
    op.create_index(
        "entry_asks", "entry", ["program_id", "participant_id", "kept_at"],
        # Each as a statement says it there: otherwise the index is not found.
        sqlite_where=sa.text("wants_answer = 1"), postgresql_where=sa.text("wants_answer"),
    )  # fmt: skip
