from dataclasses import replace

from autotrick.analysis.importance import importance
from autotrick.sample import Sampler
from benchmarks.effects.planted import Planted
from tests.simulated import a_report, a_trial
from tests.tasks.brightness import ERROR


def test_of_an_error_what_is_far_larger_than_the_others_is_left_out() -> None:
    world = Planted(1, 0.5)
    sampler = Sampler(world.space, method="random", seed=1)
    trials = []
    for number in range(40):
        recipe = sampler.ask(number).recipe
        trial = a_trial(number, recipe, [a_report(9, 0.5)])
        error = 100 - world.value(recipe)
        trials.append(replace(trial, metric=ERROR.name, value=300.0 if number % 8 == 7 else error))

    found = importance(trials, world.space)

    assert found == importance([trial for trial in trials if trial.number % 8 < 7], world.space)
    assert found[0].num == 35
    assert found[0].name in ("architecture", "base_lr")
