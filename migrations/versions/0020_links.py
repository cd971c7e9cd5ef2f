"""The access log is chained (L25), and PostgreSQL lets nobody change or remove a look, nor a link of the chain.

What was written before is linked by the first look in its program after this.
"""

import sqlalchemy as sa
from alembic import op

from migrations.walls import KEEPER, postgresql, table, wall

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    table(
        "link",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("program_id", "number", name="link_once"),
    )
    wall("link", KEEPER, KEEPER)
    if postgresql():
        for name in ("link", "opening"):
            op.execute(f"alter policy changing on {name} using (false) with check (false)")
            op.execute(f"alter policy removing on {name} using (false)")
