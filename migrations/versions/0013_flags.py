"""Flags and their clearances, what a program sets as limits, and jobs."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import KEEPER, MOMENT, ONE, OWN, THIS_ONE, coached, table, wall, whose

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    _flags()
    _limits()
    _jobs()


def _flags() -> None:
    table(
        "flag",
        whose(),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("level", sa.String(6), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.CheckConstraint("level in ('urgent','high','medium','low')", name="flag_level"),
        sa.UniqueConstraint("program_id", "participant_id", "key", name="flag_once"),
    )
    table(
        "clearance",
        whose(),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["program_id", "id"], ["flag.program_id", "flag.id"], name="clearance_flag"),
    )
    by_coach = f"footbridge_role() = 'coach' and {THIS_ONE}"
    wall("flag", f"{ONE} and ({OWN} or {coached('flag')})", f"{OWN} or ({by_coach})")
    wall("clearance", f"{ONE} and ({OWN} or {coached('clearance')})", f"{KEEPER} or ({by_coach})")


def _limits() -> None:
    table(
        "flag_limit",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    wall("flag_limit", "true", f"{KEEPER} or footbridge_role() = 'manager'")


def _jobs() -> None:
    # No wall: what is due is asked for all programs at once. It holds no word and names nobody.
    table(
        "job",
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("taken_until", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("done_at", MOMENT, nullable=True),
    )
    op.create_index("job_due", "job", ["done_at", "due_at"])
