from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from optuna.trial import TrialState

from autotrick.sample import Sampler, as_study, importances
from autotrick.space import SearchSpace, all_off


@pytest.mark.slow
def test_what_decides_the_value_is_most_important(space: SearchSpace, trials: Any) -> None:
    sampler = Sampler(space, method="random", seed=1)
    rows = []
    for number in range(80):
        recipe = sampler.ask(number).recipe
        rows.append(type(trials[0])(number, recipe, "complete", 1 - recipe.base_lr))

    found = importances(space, rows)

    assert next(iter(found)) == "base_lr" and found["base_lr"] > 0.6
    assert sum(found.values()) == pytest.approx(1)
    assert {"mixup.alpha", "fastnet.width", "slot.mix"} <= found.keys()


@pytest.mark.slow
def test_few_trials_have_importances_without_a_warning(space: SearchSpace, trials: Any) -> None:
    assert importances(space, trials[:3])


@pytest.mark.slow
def test_several_threads_have_them_at_once_without_a_warning(
    space: SearchSpace, trials: Any
) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: importances(space, trials[:3]), range(40)))

    assert all(found)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_trials_have_none(space: SearchSpace, trials: Any, count: int) -> None:
    assert importances(space, trials[:count]) == {}


def test_equal_values_have_none(space: SearchSpace, trials: Any) -> None:
    equal = [type(trial)(trial.number, trial.recipe) for trial in trials[:5]]

    assert importances(space, equal) == {}


def test_the_study_has_every_trial_with_its_state(space: SearchSpace, trials: Any) -> None:
    waiting = type(trials[0])(40, all_off(space), "waiting", None, 0)

    study = as_study(space, [*trials, waiting])

    assert [trial.number for trial in study.trials] == list(range(41))
    assert [trial.params for trial in study.trials[:40]] == [
        space.answers(trial.recipe) for trial in trials
    ]
    states = [trial.state for trial in study.trials]
    assert states.count(TrialState.FAIL) == sum(t.state == "failed" for t in trials)
    assert states.count(TrialState.PRUNED) == sum(t.state == "pruned" for t in trials)
    assert states[-1] == TrialState.RUNNING
    best = max(t.value for t in trials if t.state == "complete")
    assert study.best_value == best
