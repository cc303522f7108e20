"""The resolved learning rate and the accumulation of trials; what a study's data were found to be."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TRIALS = "autotrick_trials"
PAGE = 2000
# Optimizers with a rate of their own, and that rate where a recipe does not write it down.
OWN_RATES = {
    "adabound": 1e-3,
    "adaboundw": 1e-3,
    "adam": 1e-3,
    "adamw": 1e-3,
    "adan": 1e-3,
    "lamb": 2e-3,
    "lars": 1.0,
    "lion": 1e-4,
    "madgrad": 1e-2,
    "muon": 0.02,
    "nadam": 1e-3,
    "radam": 1e-3,
    "rmsprop": 0.016,
}
_trials = sa.table(
    TRIALS,
    sa.column("id", sa.Integer),
    sa.column("recipe", sa.JSON),
    sa.column("lr", sa.Double),
    sa.column("accumulation", sa.BigInteger),
)


def upgrade() -> None:
    data: sa.Column[Any] = sa.Column("data", sa.JSON())
    op.add_column("autotrick_studies", data)
    lr: sa.Column[float] = sa.Column("lr", sa.Double())
    op.add_column(TRIALS, lr)
    accumulation: sa.Column[int] = sa.Column("accumulation", sa.BigInteger())
    op.add_column(TRIALS, accumulation)
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Take the columns' values out of the recipes, a page at a time."""
    read = sa.select(_trials.c.id, _trials.c.recipe).order_by(_trials.c.id).limit(PAGE)
    write = sa.update(_trials).where(_trials.c.id == sa.bindparam("key"))
    last = 0
    while rows := connection.execute(read.where(_trials.c.id > last)).all():
        values = [{"key": key} | _columns(recipe) for key, recipe in rows]
        connection.execute(write, values)
        last = rows[-1].id


def _columns(recipe: Mapping[str, Any]) -> dict[str, Any]:
    most = sys.float_info.max
    lr = min(max(map(_rate, _parts(recipe))), most)
    return {"lr": lr, "accumulation": recipe["accumulation"]}


def _parts(recipe: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the recipe as it is at first and after each of its changes on the way."""
    yield recipe
    for leg in recipe.get("course", ()):
        recipe = {**recipe, **leg["fields"], "tricks": recipe["tricks"] | leg["tricks"]}
        yield recipe


def _rate(recipe: Mapping[str, Any]) -> float:
    """Return the peak learning rate that the optimizer is given."""
    base = float(recipe["base_lr"])
    examples = recipe["batch_size"] * recipe["accumulation"]
    lr = base * float((examples / 256) ** recipe["scaling_exponent"])
    for name, settings in recipe["tricks"].items():
        own = settings.get("lr", OWN_RATES[name]) if name in OWN_RATES else None
        if isinstance(own, int | float):
            return lr / base * own
    return lr
