"""The recipe that a study recommends: the tricks of its answer, on the base that they were judged at."""

from collections.abc import Sequence

from autotrick.analysis.answer import answer
from autotrick.analysis.effects import Reports
from autotrick.recipe import Recipe
from autotrick.records.rows import TrialRow, common_metric
from autotrick.space import SearchSpace
from autotrick.space.changes import allowed, with_tricks


def recommended(trials: Sequence[TrialRow], reports: Reports, space: SearchSpace) -> Recipe | None:
    """Return the recipe that a study recommends, with its seed 0; None if it recommends no trick.

    The base is that of the screen, or the best trial where there is none. If a complete trial has these
    tricks at that base, the best such trial gives their settings; otherwise they have published ones.

    Args:
        trials: All trials of the study.
        reports: By trial number, in order of epochs.
    """
    found = answer(trials, reports, precision=space.study.precision)
    if found is None or not found.use:
        return None
    names = {*found.use, *(name for name, listed in space.tricks.items() if listed.always)}
    base = _base(trials)
    if base is None or not allowed(space, names):
        return None
    plain = with_tricks(space, base, names)
    metric = common_metric(trials)
    same = [
        trial
        for trial in trials
        if trial.state == "complete"
        and trial.value is not None
        and trial.recipe.tricks.keys() == names
        and _without_tricks(trial.recipe) == _without_tricks(plain)
    ]
    best = max(same, key=lambda trial: metric.worth(trial.value or 0.0), default=None)
    return (best.recipe if best else plain).model_copy(update={"seed": 0})


def _base(trials: Sequence[TrialRow]) -> Recipe | None:
    """Return the recipe around which tricks were judged."""
    by_number = {trial.number: trial for trial in trials}
    screened = [trial for trial in trials if trial.phase == "screen" and trial.design]
    for trial in screened:
        number = (trial.design or {}).get("base")
        return by_number[number].recipe if number in by_number else trial.recipe
    metric = common_metric(trials)
    complete = [t for t in trials if t.state == "complete" and t.value is not None]
    best = max(complete, key=lambda trial: metric.worth(trial.value or 0.0), default=None)
    return best.recipe if best else None


def _without_tricks(recipe: Recipe) -> Recipe:
    return recipe.model_copy(update={"tricks": {}, "seed": 0})
