from typing import Any

from optuna.trial import TrialState

from autotrick.sample import as_study
from autotrick.space import SearchSpace, all_off


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
