from collections.abc import Callable
from math import inf

import pytest
from sqlalchemy import update

from autotrick.errors import RecordsError
from autotrick.recipe import Recipe
from autotrick.records import (
    Database,
    RejectionRow,
    StudyRow,
    add_rejection,
    delete_study,
    measured_memory,
    rejection_counts,
    rejections,
    studies,
)
from autotrick.records.schema import Rejection


def test_refusals_come_back_in_order_and_each_once(
    database: Database, study: StudyRow, recipe: Callable[..., Recipe]
) -> None:
    rows = [
        RejectionRow(2, 0, recipe(batch_size=32), "parameters", 2000.0, 1500.0),
        RejectionRow(2, 1, recipe(batch_size=128), "latency_ms", 3.5, 2.25),
        RejectionRow(11, 0, recipe(), "latency_ms", inf, 2.25),
    ]

    for row in (*reversed(rows), *rows):
        add_rejection(database, study.id, row)

    assert rejections(database, study.name) == rows
    assert rejection_counts(database, study.name) == {"latency_ms": 2, "parameters": 1}
    assert studies(database)[0].trials == 0


def test_refusals_go_with_their_study(
    database: Database, study: StudyRow, plan: object, recipe: Callable[..., Recipe]
) -> None:
    add_rejection(database, study.id, RejectionRow(0, 0, recipe(), "parameters", 2.0, 1.0))

    delete_study(database, study.name, stale_after=60.0)

    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM autotrick_refusals").scalar() == 0


@pytest.mark.parametrize("ask", [rejections, measured_memory])
def test_a_recipe_of_another_version_is_a_sentence(
    database: Database,
    study: StudyRow,
    recipe: Callable[..., Recipe],
    ask: Callable[..., object],
) -> None:
    add_rejection(database, study.id, RejectionRow(4, 0, recipe(), "memory", 2.0, 1.0))
    with database.writing() as connection:
        connection.execute(update(Rejection).values(recipe={"future": 1}))

    with pytest.raises(RecordsError, match="a proposal for trial 4 of study 'mixing' has a recipe"):
        ask(database, "mixing")
