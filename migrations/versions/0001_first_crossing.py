"""The first crossing: programs, people, entries, and who may read them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        _walls()


def _tables() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("attempt_from", "attempt", ["address_hash", "at"])
    op.create_index("attempt_name", "attempt", ["name_hash", "at"])
    op.create_table(
        "program",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("promise_hour", sa.Time(), nullable=False),
        sa.Column("program_days", sa.String(7), nullable=False),
        sa.Column("crisis_name", sa.String(80), nullable=False),
        sa.Column("crisis_phone", sa.String(20), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "acknowledgement",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
        sa.UniqueConstraint("program_id", "participant_id", "version"),
    )
    op.create_table(
        "coaching",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("coaching_by", "coaching", ["program_id", "coach_id", "participant_id"])
    op.create_table(
        "entry",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("offset_minutes", sa.Integer(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("tags", sa.LargeBinary(), nullable=True),
        sa.Column("mood", sa.Integer(), nullable=True),
        sa.Column("visibility", sa.String(8), nullable=False),
        sa.Column("wants_answer", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("binned_at", MOMENT, nullable=True),
        sa.CheckConstraint("kind in ('mood','check-in','journal')", name="entry_kind"),
        sa.CheckConstraint("visibility in ('private','shared')", name="entry_visibility"),
        sa.CheckConstraint("mood between 1 and 5", name="entry_mood"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("entry_days", "entry", ["program_id", "participant_id", "local_day"])
    op.create_index("entry_timeline", "entry", ["program_id", "participant_id", "happened_at", "id"])
    op.create_table(
        "episode",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("episode_of", "episode", ["program_id", "participant_id"])
    op.create_table(
        "invite",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("invite_of", "invite", ["program_id", "made_at"])
    op.create_table(
        "opening",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("what in ('record','entry')", name="opening_what"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("opening_times", "opening", ["program_id", "participant_id", "at"])
    op.create_table(
        "passphrase",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("passphrase", sa.String(200), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "person_id"),
        sa.UniqueConstraint("program_id", "name_hash"),
    )
    op.create_index("passphrase_name", "passphrase", ["name_hash"])
    op.create_table(
        "person",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_table(
        "person_key",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_table(
        "phase",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("sessions_a_week", sa.Integer(), nullable=False),
        sa.CheckConstraint("weeks > 0 and sessions_a_week >= 0", name="phase_sizes"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
        sa.UniqueConstraint("program_id", "number"),
    )
    op.create_table(
        "sharing",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("kind in ('mood','check-in','journal')", name="sharing_kind"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("sharing_of", "sharing", ["program_id", "participant_id", "kind"])
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("sign_in_of", "sign_in", ["program_id", "person_id"])
    op.create_table(
        "check_in",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("urge", sa.Integer(), nullable=True),
        sa.Column("stress", sa.Integer(), nullable=True),
        sa.Column("energy", sa.Integer(), nullable=True),
        sa.Column("sleep_hours", sa.Integer(), nullable=True),
        sa.Column("used", sa.Boolean(), nullable=True),
        sa.Column("hungry", sa.Boolean(), nullable=False),
        sa.Column("angry", sa.Boolean(), nullable=False),
        sa.Column("lonely", sa.Boolean(), nullable=False),
        sa.Column("tired", sa.Boolean(), nullable=False),
        sa.CheckConstraint("energy between 1 and 5", name="check_in_energy"),
        sa.CheckConstraint("sleep_hours between 0 and 24", name="check_in_sleep"),
        sa.CheckConstraint("stress between 1 and 5", name="check_in_stress"),
        sa.CheckConstraint("urge between 0 and 10", name="check_in_urge"),
        sa.ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], name="check_in_entry", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_table(
        "journal",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("prompt", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "id"], ["entry.program_id", "entry.id"], name="journal_entry", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_table(
        "membership",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("role in ('participant','coach','supporter','manager')", name="membership_role"),
        sa.ForeignKeyConstraint(["program_id", "person_id"], ["person.program_id", "person.id"]),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
        sa.UniqueConstraint("program_id", "person_id", "role"),
    )
    op.create_table(
        "review",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id", "entry_id"],
            ["entry.program_id", "entry.id"],
            name="review_entry",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"]),
        sa.PrimaryKeyConstraint("program_id", "id"),
    )
    op.create_index("review_of", "review", ["program_id", "entry_id"])


# The wall in the database (PostgreSQL): the rules of app/guard.py once more, from the settings that a door makes
# for its transaction. FORCEd, so that it also holds for the owner of the tables, who must not be a superuser.
FUNCTIONS = """
create function footbridge_program() returns uuid stable language sql as
  $$ select nullif(current_setting('footbridge.program', true), '')::uuid $$;
create function footbridge_person() returns uuid stable language sql as
  $$ select nullif(current_setting('footbridge.person', true), '')::uuid $$;
create function footbridge_participant() returns uuid stable language sql as
  $$ select nullif(current_setting('footbridge.participant', true), '')::uuid $$;
create function footbridge_role() returns text stable language sql as
  $$ select coalesce(current_setting('footbridge.role', true), '') $$;
create function footbridge_now() returns timestamptz stable language sql as
  $$ select nullif(current_setting('footbridge.now', true), '')::timestamptz $$;
create function footbridge_today() returns date stable language sql as
  $$ select nullif(current_setting('footbridge.today', true), '')::date $$
"""
OWN = "footbridge_role() = 'keeper' or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"
OFFICE = "footbridge_role() in ('manager', 'coach')"
COACHED = """footbridge_role() <> 'coach' or exists (select from coaching c where c.program_id = footbridge_program()
  and c.participant_id = {table}.participant_id and c.coach_id = footbridge_person()
  and c.since <= footbridge_today() and (c.until is null or c.until >= footbridge_today()))"""
SHARED = """footbridge_role() in ('coach', 'supporter') and ({coached})
  and entry.binned_at is null and entry.visibility = 'shared'
  and exists (select from sharing s where s.program_id = entry.program_id
    and s.participant_id = entry.participant_id and s.kind = entry.kind and s.since <= footbridge_now()
    and (s.ended_at is null or s.ended_at > footbridge_now())
    and case when footbridge_role() = 'coach' then s.reader_id is null else s.reader_id = footbridge_person() end)"""
# The policy of `entry` holds inside this subquery too: what is not shared is not there to be found.
OF_ENTRY = """footbridge_role() in ('coach', 'supporter') and exists (select from entry e
  where e.program_id = {t}.program_id and e.id = {t}.{key})"""
# Only with one participant's record open, never across a caseload.
THIS_ONE = "participant_id = footbridge_participant()"
READ = {
    "entry": SHARED.format(coached=COACHED.format(table="entry")),
    "check_in": OF_ENTRY.format(t="check_in", key="id"),
    "journal": OF_ENTRY.format(t="journal", key="id"),
    "review": OF_ENTRY.format(t="review", key="entry_id"),
    "episode": OFFICE,
    "coaching": OFFICE,
    # What is open to this reader: the policy of `entry` has to be able to look.
    "sharing": f"""case footbridge_role() when 'coach' then reader_id is null and ({COACHED.format(table="sharing")})
      when 'supporter' then reader_id = footbridge_person() else false end""",
    "opening": "false",
    "acknowledgement": "false",
}
# Who besides the keeper may write; without a line here, the participant.
KEEP = {
    "review": f"footbridge_role() = 'coach' and {THIS_ONE} and ({COACHED.format(table='review')})",
    "opening": f"footbridge_role() in ('coach', 'supporter') and {THIS_ONE} and ({COACHED.format(table='opening')})",
    "episode": f"{OFFICE} and {THIS_ONE}",
    "coaching": f"{OFFICE} and {THIS_ONE}",
}
IN_PROGRAM = ("person", "person_key", "membership", "phase")


def _walls() -> None:
    for function in FUNCTIONS.split(";\n"):
        op.execute(function)
    for table in IN_PROGRAM:
        here = "program_id = footbridge_program()"
        oneself = "id = footbridge_person()" if table == "person" else "false"
        _wall(table, here, f"{here} and (footbridge_role() = 'keeper' or {oneself})")
    for table, others in READ.items():
        keepers = f"footbridge_role() = 'keeper' or ({KEEP[table]})" if table in KEEP else OWN
        may_read = f"program_id = footbridge_program() and {ONE} and (({OWN}) or ({others}))"
        _wall(table, may_read, f"program_id = footbridge_program() and ({keepers})")


def _wall(table: str, may_read: str, may_keep: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy reading on {table} for select using ({may_read})")
    op.execute(f"create policy adding on {table} for insert with check ({may_keep})")
    op.execute(f"create policy changing on {table} for update using ({may_keep}) with check ({may_keep})")
    op.execute(f"create policy removing on {table} for delete using ({may_keep})")
