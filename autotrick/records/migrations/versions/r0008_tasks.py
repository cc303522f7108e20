"""What a study is for and belongs to, its task, and the metrics of tasks beside classification."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

STUDIES = "autotrick_studies"
REPORTS = "autotrick_reports"
PARENT = f"""
ALTER TABLE {STUDIES} ADD COLUMN parent_id INTEGER
CONSTRAINT {STUDIES}_parent_id_fkey REFERENCES {STUDIES} (id) ON DELETE SET NULL
"""


def upgrade() -> None:
    # Both databases understand this statement; Alembic would build SQLite's table of studies anew,
    # and deleting the old one would delete all trials with it.
    op.execute(PARENT)
    purpose: sa.Column[str] = sa.Column("purpose", sa.Text())
    op.add_column(STUDIES, purpose)
    task: sa.Column[str] = sa.Column("task", sa.Text())
    op.add_column(STUDIES, task)
    metrics: sa.Column[Any] = sa.Column("metrics", sa.JSON())
    # SQLite cannot let a column be NULL afterwards: the table is built anew there.
    with op.batch_alter_table(REPORTS, table_kwargs={"sqlite_with_rowid": False}) as reports:
        reports.alter_column("accuracy", existing_type=sa.Double(), nullable=True)
        reports.add_column(metrics)
