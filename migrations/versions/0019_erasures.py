"""That somebody was erased is a row (L27)."""

import sqlalchemy as sa

from migrations.walls import KEEPER, MOMENT, table, wall

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    table("erasure", sa.Column("by", sa.Uuid(), nullable=False), sa.Column("at", MOMENT, nullable=False))
    wall("erasure", KEEPER, KEEPER)
