"""Two kinds more, urges and setbacks, and triggers that may be shared."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

KINDS = "kind in ('mood','check-in','journal','practice')"
MORE_KINDS = {
    "entry": "kind in ('mood','check-in','journal','practice','urge','setback')",
    "sharing": "kind in ('mood','check-in','journal','practice','urge','setback','trigger')",
}


def upgrade() -> None:
    for table, kinds in MORE_KINDS.items():
        _allow(table, kinds)


def _allow(table: str, kinds: str) -> None:
    # As in 0004, and for its reason.
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(f"{table}_kind", table)
        op.create_check_constraint(f"{table}_kind", table, kinds)
        return
    written = sa.text("update sqlite_master set sql = replace(sql, :old, :new) where type = 'table' and name = :table")
    version = op.get_bind().scalar(sa.text("pragma schema_version"))
    op.execute("pragma writable_schema = on")
    op.get_bind().execute(written, {"old": KINDS, "new": kinds, "table": table})
    op.execute(f"pragma schema_version = {version + 1}")
    op.execute("pragma writable_schema = reset")
