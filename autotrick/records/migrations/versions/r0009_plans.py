"""The phase of a trial in its study's plan, its place in the design, and looks at the test split.

The entries of augmentation policies become settings, by which filters find trials.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TRIALS = "autotrick_trials"
STUDIES = "autotrick_studies"
LOOKS = "autotrick_test_looks"
SETTINGS = "autotrick_settings"
PAGE = 1000
MOST_ENTRIES = 500
POLICIES = ("policy_schedule", "searched_policy")
"""Tricks that had a policy of their own before this revision."""
_trials = sa.table(
    TRIALS,
    sa.column("id", sa.Integer),
    sa.column("study_id", sa.Integer),
    sa.column("number", sa.Integer),
    sa.column("recipe", sa.JSON),
    sa.column("tricks", sa.Text),
)
_settings = sa.table(SETTINGS, *map(sa.column, ("study_id", "number", "name", "value", "text")))


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
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Take the policies out of the recipes, a page of trials at a time."""
    known = sa.or_(*(_trials.c.tricks.contains(f" {trick} ") for trick in POLICIES))
    read = sa.select(_trials).where(known).order_by(_trials.c.id).limit(PAGE)
    last = 0
    while trials := connection.execute(read.where(_trials.c.id > last)).all():
        rows = [
            {"study_id": trial.study_id, "number": trial.number} | row
            for trial in trials
            for trick in POLICIES
            for row in _rows(trick, trial.recipe["tricks"].get(trick, {}).get("policy"))
        ]
        if rows:
            connection.execute(sa.insert(_settings), rows)
        last = trials[-1].id


def _rows(trick: str, policy: Any) -> Iterator[dict[str, Any]]:
    if not _is_policy(policy):
        return
    name = f"{trick}.policy"
    entries = [
        (f"{name}.{i}.{j}", step) for i, steps in enumerate(policy) for j, step in enumerate(steps)
    ]
    for operation in sorted({step[0] for _, step in entries if step[1] > 0}):
        yield {"name": f"{name}.{operation}", "value": None, "text": None}
    for entry, (operation, probability, magnitude) in (
        entries if len(entries) <= MOST_ENTRIES else ()
    ):
        yield {"name": f"{entry}.operation", "value": None, "text": operation}
        yield {"name": f"{entry}.probability", "value": float(probability), "text": None}
        yield {"name": f"{entry}.magnitude", "value": float(magnitude), "text": None}


def _is_policy(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(steps, list) and all(map(_is_step, steps)) for steps in value
    )


def _is_step(step: Any) -> bool:
    if not isinstance(step, list) or len(step) != 3 or not isinstance(step[0], str):
        return False
    numbers = [x for x in step[1:] if isinstance(x, int | float) and not isinstance(x, bool)]
    return step[0].isidentifier() and len(numbers) == 2 and all(0 <= x <= 1 for x in numbers)
