"""After a session: homework, what its group was about and how it was, and consents with the letters made on them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _homework()
    _groups()
    _letters()
    if op.get_bind().dialect.name == "postgresql":
        _walls()


def _table(name: str, *more: object) -> None:
    op.create_table(
        name,
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )


def _homework() -> None:
    _table(
        "homework",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
    )
    op.create_index("homework_of", "homework", ["program_id", "participant_id", "due_on"])
    op.create_index("homework_in", "homework", ["program_id", "series_id", "due_on"])
    _table(
        "homework_step",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("homework_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(4), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("step in ('seen','done','open')", name="homework_step_step"),
    )
    op.create_index("homework_step_of", "homework_step", ["program_id", "homework_id", "at"])


def _groups() -> None:
    _table(
        "session_note",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("session_note_in", "session_note", ["program_id", "series_id", "at"])
    _table(
        "room_mean",
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mood_in", sa.Float(), nullable=True),
        sa.Column("mood_out", sa.Float(), nullable=True),
        sa.Column("urge_in", sa.Float(), nullable=True),
        sa.Column("urge_out", sa.Float(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    op.create_index("room_mean_in", "room_mean", ["program_id", "series_id", "day"])


def _letters() -> None:
    words = ("patient", "discloser", "what", "recipient", "purpose", "revocation", "signature", "text")
    _table(
        "consent",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in words),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.Column("signed_in", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
    )
    op.create_index("consent_of", "consent", ["program_id", "participant_id", "signed_at"])
    _table(
        "letter",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("letter_on", "letter", ["program_id", "consent_id"])


# As in 0001: the rules of app/guard.py once more.
HERE = "program_id = footbridge_program()"
KEEPER = "footbridge_role() = 'keeper'"
OWN = f"{KEEPER} or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"
OFFICE = "footbridge_role() in ('manager', 'coach')"
THIS_ONE = "participant_id = footbridge_participant()"


def _walls() -> None:
    of_one = f"{HERE} and {ONE} and (({OWN}) or {OFFICE})"
    for table in ("homework", "letter"):
        _wall(table, of_one, f"{KEEPER} or ({OFFICE} and {THIS_ONE})")
    for table in ("homework_step", "consent"):
        _wall(table, of_one, OWN)
    of_staff = f"{HERE} and ({KEEPER} or {OFFICE})"
    _wall("session_note", of_staff, f"{KEEPER} or {OFFICE}")
    _wall("room_mean", of_staff, KEEPER)


def _wall(table: str, may_read: str, keepers: str) -> None:
    may_keep = f"{HERE} and ({keepers})"
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy reading on {table} for select using ({may_read})")
    op.execute(f"create policy adding on {table} for insert with check ({may_keep})")
    op.execute(f"create policy changing on {table} for update using ({may_keep}) with check ({may_keep})")
    op.execute(f"create policy removing on {table} for delete using ({may_keep})")
