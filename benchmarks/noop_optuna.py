"""Measure the alternative: Ray Tune with OptunaSearch, TPE and Optuna's SQLite storage.

`python -m benchmarks.noop_optuna DATABASE TRIALS EPOCHS` works like `noop_autotrick`, with reused
workers and TPE configured as in autotrick. Prints the timestamps as JSON.
"""

import json
import os
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
os.environ["RAY_AIR_NEW_OUTPUT"] = "0"

import logging

import optuna
import ray
from ray import tune
from ray.tune import Callback
from ray.tune.search.optuna import OptunaSearch

from benchmarks.children import memory_mib
from benchmarks.decisions import accuracy, suggest
from benchmarks.histories import STUDY

SLOTS = 2


def train_nothing(config: dict[str, Any]) -> None:
    """Report immediately."""
    value = accuracy(config["base_lr"], config["weight_decay"])
    for _ in range(config["epochs"]):
        tune.report({"accuracy": value})


class Stopwatch(Callback):  # type: ignore[misc]
    """Record wall time and the driver's processor time of every report and of every trial's end."""

    def __init__(self) -> None:
        self.reports: list[tuple[float, float]] = []
        self.trials: list[tuple[float, float]] = []

    def on_trial_result(self, *_: Any, **info: Any) -> None:
        self.reports.append((time.perf_counter(), time.process_time()))

    def on_trial_complete(self, *_: Any, **info: Any) -> None:
        self.trials.append((time.perf_counter(), time.process_time()))


def decide(epochs: int, trial: optuna.Trial) -> dict[str, Any]:
    """Make the decisions of a trial with this many epochs."""
    suggest(trial)
    return {"epochs": epochs}


def run(storage: optuna.storages.RDBStorage, name: str, trials: int, epochs: int) -> Stopwatch:
    """Run trials with this many epochs, and return when they reported and ended."""
    sampler = optuna.samplers.TPESampler(multivariate=True, group=True, constant_liar=True, seed=0)
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as scratch:
        tune.Tuner(
            tune.with_resources(train_nothing, {"cpu": 1}),
            tune_config=tune.TuneConfig(
                search_alg=OptunaSearch(
                    partial(decide, epochs),
                    metric="accuracy",
                    mode="max",
                    sampler=sampler,
                    storage=storage,
                    study_name=name,
                ),
                metric="accuracy",
                mode="max",
                num_samples=trials,
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(storage_path=scratch, callbacks=[watch], verbose=0),
        ).fit()
    return watch


def measure(file: Path, trials: int, epochs: int) -> dict[str, Any]:
    """Return when trials ended and epochs were reported, and the memory in use after the trials."""
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = optuna.storages.RDBStorage(f"sqlite:///{file}")
    ray.init(
        address="local",  # ignores any cluster that is already running
        num_cpus=SLOTS,
        include_dashboard=False,
        logging_level=logging.ERROR,
        log_to_driver=False,
    )
    many = run(storage, STUDY, trials, 1)
    held = memory_mib()
    long = run(storage, "reports", SLOTS, epochs)
    moments = {"trials": many.trials, "reports": long.reports, "awaited": long.reports}
    return {"moments": moments, "mib": held}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
