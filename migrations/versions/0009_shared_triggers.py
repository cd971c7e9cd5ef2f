"""Triggers are read by coaches where their participant shares them."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop policy reading on trigger")
        op.execute(f"create policy reading on trigger for select using ({HERE} and {ONE} and (({OWN}) or ({SHARED})))")


# As in 0001. What was removed from the list is nobody else's any more.
HERE = "program_id = footbridge_program()"
OWN = "footbridge_role() = 'keeper' or (footbridge_role() = 'participant' and participant_id = footbridge_person())"
ONE = "(footbridge_participant() is null or participant_id = footbridge_participant())"
COACHED = """footbridge_role() <> 'coach' or exists (select from coaching c where c.program_id = footbridge_program()
  and c.participant_id = trigger.participant_id and c.coach_id = footbridge_person()
  and c.since <= footbridge_today() and (c.until is null or c.until >= footbridge_today()))"""
SHARED = f"""footbridge_role() in ('coach', 'supporter') and ({COACHED}) and removed_at is null
  and exists (select from sharing s where s.program_id = trigger.program_id
    and s.participant_id = trigger.participant_id and s.kind = 'trigger' and s.since <= footbridge_now()
    and (s.ended_at is null or s.ended_at > footbridge_now())
    and case when footbridge_role() = 'coach' then s.reader_id is null else s.reader_id = footbridge_person() end)"""
