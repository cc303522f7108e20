"""Tricks and their settings in a table of their own, by which filters find trials."""

import hashlib
import sys
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SETTINGS = "autotrick_settings"
PAGE = 1000
LONGEST_TEXT = 200
_trials = sa.table(
    "autotrick_trials",
    sa.column("id", sa.Integer),
    sa.column("study_id", sa.Integer),
    sa.column("number", sa.Integer),
    sa.column("recipe", sa.JSON),
)
_settings = sa.table(SETTINGS, *map(sa.column, ("study_id", "number", "name", "value", "text")))


def upgrade() -> None:
    op.create_table(
        SETTINGS,
        sa.Column("study_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("text", sa.String),
        sa.PrimaryKeyConstraint("study_id", "number", "name", name=f"{SETTINGS}_pkey"),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["autotrick_studies.id"],
            name=f"{SETTINGS}_study_id_fkey",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    _fill(op.get_bind())
    op.create_index(
        f"{SETTINGS}_value_idx", SETTINGS, ["study_id", "name", "value", "text", "number"]
    )


def _fill(connection: sa.Connection) -> None:
    """Take the settings out of the recipes, a page of trials at a time."""
    read = sa.select(_trials).order_by(_trials.c.id).limit(PAGE)
    last = 0
    while trials := connection.execute(read.where(_trials.c.id > last)).all():
        rows = [
            {"study_id": trial.study_id, "number": trial.number} | row
            for trial in trials
            for row in _rows(trial.recipe["tricks"])
        ]
        if rows:
            connection.execute(sa.insert(_settings), rows)
        last = trials[-1].id


def _rows(tricks: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for trick, settings in tricks.items():
        if not trick.isidentifier():
            continue
        yield {"name": trick, "value": None, "text": None}
        for setting, value in settings.items():
            if setting.isidentifier() and isinstance(value, bool | int | float | str):
                yield {"name": f"{trick}.{setting}"} | _compared(value)


def _compared(value: float | str) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"value": None, "text": "true" if value else "false"}
    if isinstance(value, str):
        return {"value": None, "text": _key(value)}
    most = sys.float_info.max
    return {"value": float(max(-most, min(value, most))), "text": None}


def _key(text: str) -> str:
    if len(text) <= LONGEST_TEXT and text.isprintable():
        return text
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
