"""Who is answering, a reading taken back, an answer edited until it is seen, a day to follow up."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import KEEPER, MOMENT, ONE, OWN, THIS_ONE, coached, table, wall, whose

revision = "0015"
down_revision = "0014"

BY_COACH = f"footbridge_role() = 'coach' and {THIS_ONE}"
# The policy of `entry` holds inside: what is not shared is not there to be found.
OF_SHARED = """footbridge_role() in ('coach', 'supporter') and exists (select from entry e
  where e.program_id = revision.program_id and e.id = revision.entry_id)"""


def upgrade() -> None:
    op.add_column("review", sa.Column("number", sa.Integer(), nullable=True))
    op.add_column("review", sa.Column("undone_at", MOMENT, nullable=True))
    op.create_index("review_number", "review", ["program_id", "entry_id", "number"], unique=True)
    _revisions()
    _answering()
    _follow_ups()


def _revisions() -> None:
    table(
        "revision",
        whose(),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(6), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("what in ('edited','seen','undone')", name="revision_what"),
        sa.ForeignKeyConstraint(
            ["program_id", "review_id"], ["review.program_id", "review.id"], name="revision_review", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("program_id", "review_id", "number", name="revision_number"),
    )
    wall("revision", f"{ONE} and ({OWN} or ({OF_SHARED}))", f"{OWN} or ({BY_COACH} and {coached('revision')})")


def _answering() -> None:
    table(
        "answering",
        whose(),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("typing", sa.Boolean(), nullable=False),
    )
    op.create_index("answering_of", "answering", ["program_id", "entry_id"])
    mine = f"{BY_COACH} and coach_id = footbridge_person()"
    wall("answering", f"{ONE} and ({KEEPER} or {coached('answering')})", f"{KEEPER} or ({mine})")


def _follow_ups() -> None:
    table(
        "follow_up",
        whose(),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
    )
    op.create_index("follow_up_open", "follow_up", ["program_id", "participant_id", "done_at"])
    wall("follow_up", f"{ONE} and ({KEEPER} or {coached('follow_up')})", f"{KEEPER} or ({BY_COACH})")
