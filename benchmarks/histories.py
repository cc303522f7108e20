"""Databases in which a search has already come far: the same trials for autotrick and for Optuna.

Rows are written in bulk, because a trial at a time through either's interface takes minutes.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import optuna
from optuna.distributions import distribution_to_json
from sqlalchemy import insert

from autotrick.domain import Answers
from autotrick.records import Database, StudyPlan, create_study, open_database
from autotrick.records.schema import Attempt, Report, Trial
from autotrick.space import SearchSpace
from benchmarks.decisions import accuracy, accuracy_of, drawn, space

STUDY = "overhead"


def write_ours(file: Path, count: int) -> None:
    """Write a study of autotrick's with so many complete trials of one epoch."""
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
        if count:
            _fill_ours(database, study.id, searched, count)


def _fill_ours(database: Database, study_id: int, searched: SearchSpace, count: int) -> None:
    now = database.clock()
    trials, attempts, reports = [], [], []
    for number, (params, _) in enumerate(drawn(count)):
        recipe = searched.decide(Answers(params))
        value, digest = accuracy_of(recipe), recipe.digest()
        key = {"trial_id": number + 1, "created": now}
        measured = {"seconds": 1.0, "weights": digest}
        trials.append(
            {
                "id": number + 1,
                "study_id": study_id,
                "number": number,
                "state": "complete",
                "recipe": recipe.model_dump(mode="json"),
                "digest": digest,
                "seed": recipe.seed,
                "origin": "tpe",
                "value": value,
                "epochs": 1,
                "attempts": 1,
                "parameters": 61_706,
                "created": now,
                "finished": now,
            }
            | measured
        )
        attempts.append(
            {"trial_id": number + 1, "number": 1, "state": "done", "started": now, "ended": now}
        )
        curve = {"accuracy": value, "loss": 1 - value, "train_loss": 1 - value, "lr": recipe.lr}
        reports.append(key | measured | curve | {"epoch": 1, "attempt": 1, "extra": {}})
    with database.writing() as connection:
        for table, rows in ((Trial, trials), (Attempt, attempts), (Report, reports)):
            connection.execute(insert(table), rows)
        counted = "UPDATE autotrick_studies SET trials = ? WHERE id = ?"
        connection.exec_driver_sql(counted, (count, study_id))


def write_theirs(file: Path, count: int) -> None:
    """Write a study of Optuna's with the same trials."""
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
