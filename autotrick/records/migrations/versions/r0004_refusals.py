"""Proposals that were turned away before training, because they break a constraint."""

import sqlalchemy as sa
from alembic import op

from autotrick.records.schema import UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "autotrick_refusals",
        sa.Column("study_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("recipe", sa.JSON, nullable=False),
        sa.Column("measure", sa.String, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("bound", sa.Double, nullable=False),
        sa.Column("created", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("study_id", "number", "place", name="autotrick_refusals_pkey"),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["autotrick_studies.id"],
            name="autotrick_refusals_study_id_fkey",
            ondelete="CASCADE",
        ),
    )
