"""What trials measure beside accuracy, what attempts occupy, and the spaces of a widened study."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TRIALS = "autotrick_trials"
PAGE = 1000
FIELDS = ("scaling_exponent", "weight_decay", "momentum")
SCORED = sa.text("score IS NOT NULL")
_trials = sa.table(
    TRIALS,
    sa.column("id", sa.Integer),
    sa.column("recipe", sa.JSON),
    *(sa.column(name, sa.Double) for name in FIELDS),
)


def upgrade() -> None:
    _add("autotrick_studies", earlier_spaces=sa.JSON(), ended=sa.Text())
    _add("autotrick_attempts", cpus=sa.Double(), gpus=sa.Double())
    _add(TRIALS, **dict.fromkeys(FIELDS, sa.Double()))
    _add(TRIALS, multiply_adds=sa.BigInteger(), latency_ms=sa.Double())
    _add(TRIALS, robustness=sa.Double(), score=sa.Double())
    _fill(op.get_bind())
    op.create_index(
        f"{TRIALS}_score_idx",
        TRIALS,
        ["study_id", "state", sa.text("score DESC"), "seconds", "number"],
        sqlite_where=SCORED,
        postgresql_where=SCORED,
    )


def _add(table: str, **columns: Any) -> None:
    for name, kind in columns.items():
        column: sa.Column[Any] = sa.Column(name, kind)
        op.add_column(table, column)


def _fill(connection: sa.Connection) -> None:
    """Take the columns' values out of the recipes, a page at a time."""
    read = sa.select(_trials.c.id, _trials.c.recipe).order_by(_trials.c.id).limit(PAGE)
    write = sa.update(_trials).where(_trials.c.id == sa.bindparam("key"))
    last = 0
    while rows := connection.execute(read.where(_trials.c.id > last)).all():
        values = [{"key": key} | {name: recipe[name] for name in FIELDS} for key, recipe in rows]
        connection.execute(write, values)
        last = rows[-1].id
