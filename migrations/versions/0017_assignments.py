"""What a coach asks for: homework that need not come from a session, what became of it, and readings that were read."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import HERE, KEEPER, MOMENT, OFFICE, ONE, OWN, THIS_ONE, coached, postgresql, table, wall, whose

revision = "0017"
down_revision = "0016"

OF_STAFF = (
    f"{OFFICE} and exists (select from homework h where h.program_id = {{0}}.program_id and h.id = {{0}}.homework_id)"
)


def upgrade() -> None:
    _homework()
    table(
        "assignment_change",
        whose(),
        sa.Column("homework_id", sa.Uuid(), nullable=False),
        sa.Column("was_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("assignment_change_of", "assignment_change", ["program_id", "homework_id"])
    table(
        "reading_mark",
        whose(),
        sa.Column("reading", sa.String(60), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
    )
    op.create_index("reading_mark_of", "reading_mark", ["program_id", "participant_id"])
    _walls()


def _homework() -> None:
    with op.batch_alter_table("homework") as homework:
        homework.alter_column("session_id", existing_type=sa.Uuid(), nullable=True)
        homework.alter_column("series_id", existing_type=sa.Uuid(), nullable=True)
        homework.alter_column("words", existing_type=sa.LargeBinary(), nullable=True)
        homework.add_column(sa.Column("kind", sa.String(8), nullable=False, server_default="task"))
        homework.add_column(sa.Column("what", sa.String(60), nullable=True))
    op.add_column("homework_step", sa.Column("words", sa.LargeBinary(), nullable=True))


def _walls() -> None:
    """What was asked in a session stays for all staff; the rest is for those who coach them."""
    changed = "assignment_change"
    wall(changed, f"{ONE} and (({OWN}) or ({OF_STAFF.format(changed)}))", f"{KEEPER} or ({OFFICE} and {THIS_ONE})")
    wall("reading_mark", f"{ONE} and ({OWN})", OWN)
    _read("homework", f"({OFFICE} and session_id is not null) or {coached('homework')}")
    _read("homework_step", OF_STAFF.format("homework_step"))


def _read(name: str, staff: str) -> None:
    if postgresql():
        op.execute(f"drop policy reading on {name}")
        op.execute(f"create policy reading on {name} for select using ({HERE} and {ONE} and (({OWN}) or ({staff})))")
