"""By how much the phone's clock was off when something was written."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Until now nothing was asked of the phone: what is kept stands at the server's time.
    op.add_column("entry", sa.Column("clock_off", sa.Integer(), nullable=False, server_default="0"))
