"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

JSON = sa.JSON
TIME = sa.DateTime(timezone=True)
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    _studies()
    _trials()
    _attempts()
    _epochs()


def _studies() -> None:
    op.create_table(
        "autotrick_studies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("space", JSON(), nullable=False),
        sa.Column("space_digest", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("budget", JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("heartbeat", TIME, nullable=True),
        sa.Column("created", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="autotrick_studies_pkey"),
        sa.UniqueConstraint("name", name="autotrick_studies_name_key"),
    )


def _trials() -> None:
    op.create_table(
        "autotrick_trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("recipe", JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.BigInteger(), nullable=True),
        sa.Column("weights", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created", TIME, nullable=False),
        sa.Column("finished", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["autotrick_studies.id"],
            name="autotrick_trials_study_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="autotrick_trials_pkey"),
        sa.UniqueConstraint("study_id", "number", name="autotrick_trials_study_id_number_key"),
    )
    op.create_index(
        "autotrick_trials_study_id_state_value_idx",
        "autotrick_trials",
        ["study_id", "state", "value"],
    )
    op.create_index(
        "autotrick_trials_study_id_digest_idx", "autotrick_trials", ["study_id", "digest"]
    )


def _attempts() -> None:
    op.create_table(
        "autotrick_environments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("facts", JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="autotrick_environments_pkey"),
        sa.UniqueConstraint("digest", name="autotrick_environments_digest_key"),
    )
    op.create_table(
        "autotrick_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("started", TIME, nullable=False),
        sa.Column("ended", TIME, nullable=True),
        sa.Column("node", sa.String(), nullable=True),
        sa.Column("device", sa.String(), nullable=True),
        sa.Column("environment_id", sa.Integer(), nullable=True),
        _of_trial("attempts"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["autotrick_environments.id"],
            name="autotrick_attempts_environment_id_fkey",
        ),
        sa.PrimaryKeyConstraint("id", name="autotrick_attempts_pkey"),
        sa.UniqueConstraint("trial_id", "number", name="autotrick_attempts_trial_id_number_key"),
    )
    op.create_index(
        "autotrick_attempts_open_idx",
        "autotrick_attempts",
        ["trial_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _epochs() -> None:
    op.create_table(
        "autotrick_reports",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("accuracy", sa.Double(), nullable=False),
        sa.Column("loss", sa.Double(), nullable=True),
        sa.Column("train_loss", sa.Double(), nullable=True),
        sa.Column("lr", sa.Double(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("weights", sa.String(), nullable=False),
        sa.Column("extra", JSON(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        _of_trial("reports"),
        sa.PrimaryKeyConstraint("trial_id", "epoch", name="autotrick_reports_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "autotrick_checkpoints",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        _of_trial("checkpoints"),
        sa.PrimaryKeyConstraint("trial_id", "epoch", name="autotrick_checkpoints_pkey"),
    )


def _of_trial(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["trial_id"],
        ["autotrick_trials.id"],
        name=f"autotrick_{table}_trial_id_fkey",
        ondelete="CASCADE",
    )
