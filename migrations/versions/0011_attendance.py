"""Being at a session: what somebody says on coming and leaving, claims, marks, wrong codes; and how a room is set."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
MOMENT = sa.DateTime(timezone=True)

OLD = "'practice','urge','setback'"
NEW = "'practice','urge','setback','attendance'"


def upgrade() -> None:
    for table in ("entry", "sharing"):
        _allow(table)
    minutes = sa.Column("check_in_minutes", sa.Integer(), nullable=False, server_default="30")
    op.add_column("program", minutes)
    op.add_column("program", sa.Column("wall", sa.String(8), nullable=False, server_default="names"))
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        _walls()


def _allow(table: str) -> None:
    # As in 0004, and for its reason.
    if op.get_bind().dialect.name == "postgresql":
        more = ",'trigger'" if table == "sharing" else ""
        op.drop_constraint(f"{table}_kind", table)
        op.create_check_constraint(f"{table}_kind", table, f"kind in ('mood','check-in','journal',{NEW}{more})")
        return
    written = sa.text("update sqlite_master set sql = replace(sql, :old, :new) where type = 'table' and name = :table")
    version = op.get_bind().scalar(sa.text("pragma schema_version"))
    op.execute("pragma writable_schema = on")
    op.get_bind().execute(written, {"old": OLD, "new": NEW, "table": table})
    op.execute(f"pragma schema_version = {version + 1}")
    op.execute("pragma writable_schema = reset")


def _table(name: str, *more: object) -> None:
    op.create_table(
        name,
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )


def _tables() -> None:
    _table(
        "attendance",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("arriving", sa.Boolean(), nullable=False),
        sa.Column("mood", sa.Integer(), nullable=True),
        sa.Column("urge", sa.Integer(), nullable=True),
        sa.Column("homework_seen", sa.Boolean(), nullable=True),
        sa.Column("title", sa.LargeBinary(), nullable=True),
        sa.Column("bring_up", sa.LargeBinary(), nullable=True),
        sa.Column("takeaway", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("mood between 1 and 5", name="attendance_mood"),
        sa.CheckConstraint("urge between 0 and 10", name="attendance_urge"),
        sa.ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], name="attendance_entry", ondelete="CASCADE"
        ),
    )
    op.create_index("attendance_in", "attendance", ["program_id", "session_id"])
    _table(
        "claim",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("arriving", sa.Boolean(), nullable=False),
        sa.Column("proof", sa.String(4), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.CheckConstraint("proof in ('code','tap','none')", name="claim_proof"),
        sa.UniqueConstraint("program_id", "participant_id", "session_id", "arriving", name="claim_once"),
    )
    op.create_index("claim_in", "claim", ["program_id", "session_id"])
    _table(
        "mark",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("mode", sa.String(10), nullable=False),
        sa.Column("in_at", MOMENT, nullable=True),
        sa.Column("out_at", MOMENT, nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('here','late','partial','away','missing','excused','open')", name="mark_state"),
        sa.CheckConstraint("mode in ('room','telehealth')", name="mark_mode"),
        sa.CheckConstraint("minutes between 0 and 1440", name="mark_minutes"),
    )
    op.create_index("mark_in", "mark", ["program_id", "session_id"])
    op.create_index("mark_of", "mark", ["program_id", "participant_id", "at"])
    _table(
        "guess",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("guess_by", "guess", ["program_id", "who", "at"])
    op.create_index("guess_in", "guess", ["program_id", "session_id", "at"])


# As in 0001: the rules of app/guard.py once more.
HERE = "program_id = footbridge_program()"
KEEPER = "footbridge_role() = 'keeper'"
OWN = f"{KEEPER} or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"
OFFICE = "footbridge_role() in ('manager', 'coach')"
THIS_ONE = "participant_id = footbridge_participant()"
# Who leads a session may not see the entry itself, nor what else its writer shares. What it depends on is looked up
# with the eyes of the keeper, and only the answer comes out. (A function's own SET may name no setting of ours.)
SHARED = """
create function footbridge_shared(entry_program uuid, entry_id uuid) returns boolean stable language plpgsql as $$
declare
  before text := footbridge_role();
  answer boolean;
begin
  perform set_config('footbridge.role', 'keeper', true);
  answer := exists (select from entry e join sharing s
      on s.program_id = e.program_id and s.participant_id = e.participant_id and s.kind = e.kind
    where e.program_id = entry_program and e.id = entry_id and e.binned_at is null and e.visibility = 'shared'
      and s.reader_id is null and s.since <= footbridge_now()
      and (s.ended_at is null or s.ended_at > footbridge_now()));
  perform set_config('footbridge.role', before, true);
  return answer;
end $$
"""
COACHED = """exists (select from coaching c where c.program_id = attendance.program_id
  and c.participant_id = attendance.participant_id and c.coach_id = footbridge_person()
  and c.since <= footbridge_today() and (c.until is null or c.until >= footbridge_today()))"""
LEADS = """exists (select from series s where s.program_id = attendance.program_id
    and s.series_id = attendance.series_id and s.starts_on <= attendance.day and s.facilitator_id = footbridge_person()
    and not exists (select from series t where t.program_id = s.program_id and t.series_id = s.series_id
      and t.starts_on <= attendance.day and (t.made_at, t.id) > (s.made_at, s.id)))
  or exists (select from change c where c.program_id = attendance.program_id
    and c.session_id = attendance.session_id and c.cover_id = footbridge_person()
    and not exists (select from change d where d.program_id = c.program_id and d.session_id = c.session_id
      and (d.made_at, d.id) > (c.made_at, c.id)))"""
ROOM = f"""case footbridge_role() when 'coach' then (({COACHED}) or {LEADS}) and footbridge_shared(program_id, id)
  when 'manager' then ({LEADS}) and footbridge_shared(program_id, id)
  when 'supporter' then exists (select from entry e where e.program_id = attendance.program_id and e.id = attendance.id)
  else false end"""


def _walls() -> None:
    op.execute(SHARED)
    _wall("attendance", f"{HERE} and {ONE} and (({OWN}) or ({ROOM}))", OWN)
    _wall("claim", f"{HERE} and {ONE} and (({OWN}) or {OFFICE})", OWN)
    _wall("mark", f"{HERE} and {ONE} and (({OWN}) or {OFFICE})", f"{KEEPER} or ({OFFICE} and {THIS_ONE})")
    _wall("guess", HERE, f"{KEEPER} or footbridge_role() = 'participant'")


def _wall(table: str, may_read: str, keepers: str) -> None:
    may_keep = f"{HERE} and ({keepers})"
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy reading on {table} for select using ({may_read})")
    op.execute(f"create policy adding on {table} for insert with check ({may_keep})")
    op.execute(f"create policy changing on {table} for update using ({may_keep}) with check ({may_keep})")
    op.execute(f"create policy removing on {table} for delete using ({may_keep})")
