"""What filters and groupings ask for in columns, an index in the order of `best`, the archive."""

from urllib.parse import quote

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TRIALS = "autotrick_trials"
PAGE = 1000
_trials = sa.table(
    TRIALS,
    sa.column("id", sa.Integer),
    sa.column("recipe", sa.JSON),
    sa.column("architecture", sa.String),
    sa.column("batch_size", sa.BigInteger),
    sa.column("base_lr", sa.Double),
    sa.column("tricks", sa.Text),
)


def upgrade() -> None:
    archived: sa.Column[bool] = sa.Column(
        "archived", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("autotrick_studies", archived)
    for column in (
        sa.Column("architecture", sa.String()),
        sa.Column("batch_size", sa.BigInteger()),
        sa.Column("base_lr", sa.Double()),
        sa.Column("tricks", sa.Text()),
    ):
        op.add_column(TRIALS, column)
    _fill(op.get_bind())
    op.drop_index(f"{TRIALS}_study_id_state_value_idx", TRIALS)
    op.create_index(
        f"{TRIALS}_best_idx",
        TRIALS,
        ["study_id", "state", sa.text("value DESC"), "seconds", "number"],
    )
    tricks = ["study_id", "tricks", "state", "value"]
    op.create_index(f"{TRIALS}_study_id_tricks_state_value_idx", TRIALS, tricks)


def _fill(connection: sa.Connection) -> None:
    """Take the columns' values out of the recipes, a page at a time."""
    read = sa.select(_trials.c.id, _trials.c.recipe).order_by(_trials.c.id).limit(PAGE)
    write = sa.update(_trials).where(_trials.c.id == sa.bindparam("key"))
    last = 0
    while rows := connection.execute(read.where(_trials.c.id > last)).all():
        connection.execute(write, [{"key": key} | _values(recipe) for key, recipe in rows])
        last = rows[-1].id


def _values(recipe: dict[str, object]) -> dict[str, object]:
    tricks = recipe["tricks"]
    assert isinstance(tricks, dict)
    known = {name: recipe[name] for name in ("architecture", "batch_size", "base_lr")}
    return known | {"tricks": " ".join(["", *sorted(map(quote, tricks)), ""])}
