"""The calendar: series, what differs from them, holidays, rosters, phases that somebody decided, who is away, feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("program", sa.Column("days_off", sa.String(), nullable=True))
    op.add_column("episode", sa.Column("ended_by", sa.Uuid(), nullable=True))
    _calendar()
    _people()
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


def _calendar() -> None:
    _table(
        "series",
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(120), nullable=False),
        sa.Column("facilitator_id", sa.Uuid(), nullable=False),
        sa.Column("phases", sa.String(60), nullable=False),
        sa.Column("on_holidays", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.CheckConstraint("minutes between 1 and 720", name="series_minutes"),
    )
    op.create_index("series_from", "series", ["program_id", "starts_on"])
    _table(
        "change",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=True),
        sa.Column("moved_at", sa.Time(), nullable=True),
        sa.Column("cover_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    op.create_index("change_days", "change", ["program_id", "day"])
    _table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.UniqueConstraint("program_id", "day"),
    )


def _people() -> None:
    _table(
        "seat",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    op.create_index("seat_of", "seat", ["program_id", "participant_id"])
    op.create_index("seat_in", "seat", ["program_id", "series_id"])
    _table(
        "phase_change",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.CheckConstraint("number > 0", name="phase_change_number"),
    )
    op.create_index("phase_change_of", "phase_change", ["program_id", "participant_id", "since"])
    _table(
        "away",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(12), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("back_at", MOMENT, nullable=True),
        sa.CheckConstraint("reason in ('work','ill','family','transport','other')", name="away_reason"),
    )
    op.create_index("away_from", "away", ["program_id", "session_id"])
    op.create_table(
        "feed",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(12), nullable=False),
        sa.Column("with_place", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("title in ('appointment','class','meeting')", name="feed_title"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("feed_of", "feed", ["program_id", "person_id"])


# As in 0001: read in the whole program, by its office, or by one person; kept by those who are named.
HERE = "program_id = footbridge_program()"
KEEPER = "footbridge_role() = 'keeper'"
OWN = f"{KEEPER} or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"
OFFICE = "footbridge_role() in ('manager', 'coach')"
MANAGER = "footbridge_role() = 'manager'"
THIS_ONE = "participant_id = footbridge_participant()"


def _walls() -> None:
    for table, keepers in (("series", OFFICE), ("change", OFFICE), ("holiday", MANAGER)):
        _wall(table, HERE, f"{KEEPER} or {keepers}")
    for table in ("seat", "phase_change"):
        _wall(table, f"{HERE} and {ONE} and (({OWN}) or {OFFICE})", f"{KEEPER} or ({OFFICE} and {THIS_ONE})")
    _wall("away", f"{HERE} and {ONE} and (({OWN}) or {OFFICE})", OWN)
    # How long a phase is: now also for its managers to change.
    for policy in ("adding", "changing", "removing"):
        op.execute(f"drop policy {policy} on phase")
    _keeping("phase", f"{KEEPER} or {MANAGER}")


def _wall(table: str, may_read: str, keepers: str) -> None:
    op.execute(f'alter table "{table}" enable row level security')
    op.execute(f'alter table "{table}" force row level security')
    op.execute(f'create policy reading on "{table}" for select using ({may_read})')
    _keeping(table, keepers)


def _keeping(table: str, keepers: str) -> None:
    may_keep = f"{HERE} and ({keepers})"
    op.execute(f'create policy adding on "{table}" for insert with check ({may_keep})')
    op.execute(f'create policy changing on "{table}" for update using ({may_keep}) with check ({may_keep})')
    op.execute(f'create policy removing on "{table}" for delete using ({may_keep})')
