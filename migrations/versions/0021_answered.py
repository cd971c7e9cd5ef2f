"""The newest answer to somebody is found without looking through every answer of the program."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    answered = sa.text("words is not null")
    op.create_index(
        "review_answered", "review", ["program_id", "participant_id", "at"],
        sqlite_where=answered, postgresql_where=answered,
    )  # fmt: skip
