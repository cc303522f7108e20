"""Tasks: what a target is, the loss, and the metrics that trials are judged by.

A task of autotrick's own is a module in `MODULES`. One of somebody else's is a module that calls
`register`; the environment variable AUTOTRICK_TASKS names such modules, so that commands, pages and
the workers of a search find them:

    AUTOTRICK_TASKS=brightness autotrick search brightness.toml
"""

import importlib
import os
from collections.abc import Iterator

from autotrick.errors import SpaceError, unknown
from autotrick.tasks.base import Accumulator, Targets, Task, TaskSource
from autotrick.tasks.classification import ACCURACY, CLASSIFICATION
from autotrick.tasks.metric import Metric

__all__ = [
    "ACCURACY",
    "CLASSIFICATION",
    "VARIABLE",
    "Accumulator",
    "Metric",
    "Targets",
    "Task",
    "TaskSource",
    "find",
    "known_metric",
    "metric_of",
    "metrics",
    "register",
    "source",
    "tasks",
]

VARIABLE = "AUTOTRICK_TASKS"
"""The environment variable with the modules that register tasks, separated by commas."""
MODULES: tuple[str, ...] = ()
"""Modules of autotrick that register tasks beside classification."""

_TASKS: dict[str, Task] = {CLASSIFICATION.name: CLASSIFICATION}
_imported: set[str] = set()


def register(task: Task) -> None:
    """Make a task known in this process; a second call with the same task changes nothing.

    Raises:
        SpaceError: Another task, or a metric of another one, has that name.
    """
    held = _TASKS.get(task.name)
    if held is not None and type(held) is not type(task):
        raise SpaceError(f"there is a task {task.name!r} already. Give yours another name.")
    for other in _TASKS.values():
        for metric in () if other.name == task.name else task.metrics:
            if any(metric.name == taken.name and metric != taken for taken in other.metrics):
                raise SpaceError(
                    f"the metric {metric.name!r} of task {task.name!r} is another one than that of "
                    f"task {other.name!r}. Give it another name."
                )
    _TASKS[task.name] = task


def tasks() -> dict[str, Task]:
    """Return all known tasks by name, classification first.

    Raises:
        SpaceError: A module of AUTOTRICK_TASKS cannot be imported.
    """
    named = (*MODULES, *filter(None, map(str.strip, os.environ.get(VARIABLE, "").split(","))))
    for module in named:
        if module not in _imported:
            _imported.add(module)
            try:
                importlib.import_module(module)
            except ImportError as error:
                _imported.discard(module)
                raise SpaceError(
                    f"{VARIABLE} names the module {module!r}, which cannot be imported: {error}."
                ) from error
    return _TASKS


def find(name: str | None) -> Task:
    """Return the named task; None is classification.

    Raises:
        SpaceError: There is none; the message says where others come from.
    """
    if name is None or name == CLASSIFICATION.name:
        return CLASSIFICATION
    known = tasks()
    if name not in known:
        raise SpaceError(
            f"{unknown('task', name, known)} Name the module that registers it in the environment "
            f"variable {VARIABLE}."
        )
    return known[name]


def metrics() -> dict[str, Metric]:
    """Return the metrics of all known tasks by name."""
    return {metric.name: metric for task in tasks().values() for metric in task.metrics}


def known_metric(name: str) -> Metric | None:
    """Return the metric of that name of any known task; None if there is none."""
    return ACCURACY if name == ACCURACY.name else metrics().get(name)


def metric_of(name: str) -> Metric:
    """Return the metric of that name; a plain one if no known task has it."""
    return known_metric(name) or Metric(name, name.replace("_", " "))


def source(name: str) -> tuple[Task, TaskSource] | None:
    """Return the task that brings the data source of that name, and the source; None if none does."""
    return next((pair for pair in sources() if pair[1].name == name), None)


def sources() -> Iterator[tuple[Task, TaskSource]]:
    """Yield the data sources that tasks bring along."""
    for task in tasks().values():
        for brought in task.sources:
            yield task, brought
