"""What the training of a trial takes of memory, measured before it where a constraint asks."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    column: sa.Column[int] = sa.Column("memory", sa.BigInteger())
    op.add_column("autotrick_trials", column)
