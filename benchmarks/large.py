"""Write a study of any number of trials with 20 epochs each, as after a long pruned search.

Writes trials in bulk and lets the database itself create their epochs; adding trials one by one would
take an hour for 100,000.
"""

import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Double, Integer, String, case, cast, func, insert, literal, select, update

from autotrick.domain import ReplayChooser
from autotrick.records import Database, StudyPlan, create_study
from autotrick.records.recipe_columns import recipe_columns, setting_rows
from autotrick.records.schema import Report, Study, Trial, TrialSetting
from benchmarks.decisions import accuracy_of, drawn, space

STUDY = "large"
EPOCHS = 20
RECIPES = 500
"Number of different sets of decisions; learning rate and seed make each recipe unique."

PAGE = 2000


def write_large(database: Database, count: int) -> None:
    """Write a study of this many trials; some pruned at epochs 3 and 9, a few failed."""
    searched = space(EPOCHS)
    plan = StudyPlan(
        name=STUDY,
        question=searched.question,
        space=searched.model_dump(mode="json"),
        space_digest=searched.digest(),
        seed=0,
        budget={"trials": count},
    )
    study = create_study(database, plan)
    rows = _trials(database, study.id, count)
    with database.writing() as connection:
        while page := list(islice(rows, PAGE)):
            connection.execute(insert(Trial), [values for values, _ in page])
            connection.execute(insert(TrialSetting), [row for _, rows in page for row in rows])
        connection.execute(insert(Report).from_select(_COLUMNS, _epochs()))
        counted = update(Study).where(Study.id == study.id)
        connection.execute(counted.values(trials=count))
        if database.dialect == "postgresql":
            # PostgreSQL's autovacuum would do so soon; SQLite's planner works without it.
            connection.exec_driver_sql("ANALYZE")


def _trials(
    database: Database, study_id: int, count: int
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield the rows of trials, each with those of its settings."""
    searched, draw, now = space(EPOCHS), random.Random(0), database.clock()
    bases = [searched.decide(ReplayChooser(params)) for params, _ in drawn(min(count, RECIPES))]
    for number in range(count):
        change = {"base_lr": draw.uniform(0.02, 0.5), "seed": number}
        recipe = bases[number % len(bases)].model_copy(update=change)
        columns = recipe_columns(recipe)
        state = draw.choices(("complete", "pruned", "failed"), (90, 8, 2))[0]
        epochs = {"complete": EPOCHS, "pruned": 3 ** draw.choice((1, 2)), "failed": 1}[state]
        place = {"study_id": study_id, "number": number}
        values = place | {
            "state": state,
            "origin": "tpe",
            "value": accuracy_of(recipe) * draw.uniform(0.98, 1.0),
            "epochs": epochs,
            "seconds": 2.0 * epochs,
            "attempts": 1,
            "parameters": 61_706,
            "weights": columns["digest"],
            "reason": "asha" if state == "pruned" else None,
            "created": now,
            "finished": now,
        }
        yield values | columns, [place | row for row in setting_rows(recipe)]


_COLUMNS = (
    *("trial_id", "epoch", "attempt", "accuracy", "loss", "train_loss", "lr", "seconds"),
    *("weights", "extra", "created"),
)


def _epochs() -> Any:
    """Return the reports of every trial in turn; curves rise towards the value."""
    first = select(literal(1, Integer).label("epoch")).cte("epochs", recursive=True)
    epochs = first.union_all(select(first.c.epoch + 1).where(first.c.epoch < EPOCHS))
    epoch = epochs.c.epoch
    accuracy = Trial.value * case((epoch == Trial.epochs, 1.0), else_=1 - 0.5 / (1.0 + epoch))
    return (
        select(
            Trial.id,
            epoch,
            literal(1, Integer),
            accuracy,
            1 - accuracy,
            1 - accuracy,
            literal(0.1, Double),
            literal(2.0, Double) + func.length(Trial.tricks) * 0.01,
            cast(Trial.digest, String),
            literal({}, Report.__table__.c.extra.type),
            Trial.created,
        )
        .join(epochs, epoch <= Trial.epochs)
        .order_by(Trial.id, epoch)
    )
