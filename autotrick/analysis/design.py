"""The columns of a regression: what a trial's recipe says, as numbers."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import log

import numpy as np

from autotrick.analysis.regression import Array
from autotrick.records.rows import TrialRow

_ADJUSTED: dict[str, Callable[[TrialRow], float]] = {
    "log learning rate": lambda trial: log(trial.recipe.base_lr),
    "log batch size": lambda trial: log(trial.recipe.batch_size * trial.recipe.accumulation),
    "epochs of the recipe": lambda trial: log(trial.recipe.epochs),
}
_PLENTY: dict[str, Callable[[TrialRow], float]] = {
    "its square": lambda trial: log(trial.recipe.base_lr) ** 2,
    "log parameters": lambda trial: log(trial.parameters or 1),
}
_TRIALS_PER_COLUMN = 3


def columns(trials: Sequence[TrialRow], tricks: Sequence[str]) -> Array:
    """Return (N, P) values: the constant, the tricks in order (1 if on), then what else varies.

    Numbers are centred and scaled. Which columns there are depends on the recipes and on the number
    of trials alone, never on what the trials found, so that choosing them biases nothing.
    """
    values: dict[str, Array] = {"constant": np.ones(len(trials))}
    for trick in tricks:
        values[trick] = np.array([float(trick in trial.recipe.tricks) for trial in trials])
    counts = Counter(trial.recipe.architecture for trial in trials)
    for name, _ in counts.most_common()[1:]:
        here = [float(trial.recipe.architecture == name) for trial in trials]
        values[f"architecture {name}"] = np.array(here)
    for name, measure in (_ADJUSTED | _PLENTY).items():
        column = np.array([measure(trial) for trial in trials])
        affordable = name in _ADJUSTED or len(trials) >= _TRIALS_PER_COLUMN * (len(values) + 1)
        if affordable and np.ptp(column) > 1e-9:
            values[name] = (column - column.mean()) / column.std()
    return np.column_stack(list(values.values()))
