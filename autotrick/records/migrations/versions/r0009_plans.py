"""The phase of a trial in its study's plan, its place in the design, and looks at the test split."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TRIALS = "autotrick_trials"
STUDIES = "autotrick_studies"
LOOKS = "autotrick_test_looks"


def upgrade() -> None:
    phase: sa.Column[str] = sa.Column("phase", sa.Text())
    op.add_column(TRIALS, phase)
    design: sa.Column[Any] = sa.Column("design", sa.JSON())
    op.add_column(TRIALS, design)
    time = sa.DateTime(timezone=True)
    op.create_table(
        LOOKS,
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("forced", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created", time, nullable=False),
        sa.Column("finished", time),
        sa.ForeignKeyConstraint(
            ["study_id"], [f"{STUDIES}.id"], name=f"{LOOKS}_study_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "number", name=f"{LOOKS}_pkey"),
    )
