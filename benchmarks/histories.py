"""Write databases of advanced searches: the same trials for autotrick and for Optuna.

Optuna's rows are written directly, because its interface takes 25 ms per trial.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import optuna
from optuna.distributions import distribution_to_json

from autotrick.domain import ReplayChooser
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import (
    Database,
    StudyPlan,
    add_report,
    add_trial,
    create_study,
    finish_trial,
    open_database,
)
from autotrick.space import SearchSpace
from benchmarks.decisions import accuracy, accuracy_of, drawn, space

STUDY = "overhead"


def write_ours(file: Path, count: int) -> None:
    """Write an autotrick study with this many complete trials of one epoch."""
    searched = space(1)
    with open_database(f"sqlite:///{file}") as database:
        plan = StudyPlan(
            name=STUDY,
            question=searched.question,
            space=searched.model_dump(mode="json"),
            space_digest=searched.digest(),
            seed=0,
            budget={"trials": max(1, count)},
        )
        study = create_study(database, plan)
        _fill_ours(database, study.id, searched, count)


def _fill_ours(database: Database, study_id: int, searched: SearchSpace, count: int) -> None:
    for params, _ in drawn(count):
        recipe = searched.decide(ReplayChooser(params))
        launch = add_trial(database, study_id, recipe, origin="tpe")
        add_report(database, launch.trial_id, report_of(recipe, 1))
        finish_trial(database, launch.trial_id, "complete", parameters=61_706)


def report_of(recipe: Recipe, epoch: int) -> EpochReport:
    """Return the report of a worker that trains nothing after an epoch."""
    value = accuracy_of(recipe)
    return EpochReport(
        epoch=epoch,
        accuracy=value,
        loss=1 - value,
        train_loss=1 - value,
        lr=recipe.lr,
        seconds=0.001,
        weights=recipe.digest(),
    )


def write_theirs(file: Path, count: int) -> None:
    """Write an Optuna study with the same trials."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = optuna.storages.RDBStorage(f"sqlite:///{file}")
    optuna.create_study(study_name=STUDY, storage=storage, direction="maximize")
    storage.engine.dispose()
    with closing(sqlite3.connect(file)) as connection, connection:
        for number, (params, distributions) in enumerate(drawn(count)):
            key, value = number + 1, accuracy(params["base_lr"], params["weight_decay"])
            connection.execute(
                "INSERT INTO trials VALUES (?, ?, 1, 'COMPLETE', datetime(), datetime())",
                (key, number),
            )
            for name, drawn_from in distributions.items():
                stored = drawn_from.to_internal_repr(params[name])
                connection.execute(
                    "INSERT INTO trial_params VALUES (NULL, ?, ?, ?, ?)",
                    (key, name, stored, distribution_to_json(drawn_from)),
                )
            for table, step in (("trial_values", 0), ("trial_intermediate_values", 1)):
                connection.execute(
                    f"INSERT INTO {table} VALUES (NULL, ?, ?, ?, 'FINITE')", (key, step, value)
                )
