"""The sampler whose model is made of effects, interactions and smooth settings."""

from math import log
from typing import Any

import numpy as np
import pytest

from autotrick.recipe import Recipe
from autotrick.sample import Sampler
from autotrick.sample.columns import Columns, curves
from autotrick.sample.linear_model import Model, assumptions
from autotrick.sample.unit_cube import UnitCube
from autotrick.space import SearchSpace, all_off, published_defaults

TRICKS = ("flip", "ema", "no_norm_decay", "label_smoothing", "gradient_centralisation", "pad_crop")


@pytest.fixture(scope="module")
def tricks() -> SearchSpace:
    return SearchSpace.model_validate(
        {
            "name": "tricks",
            "question": "Which of six?",
            "data": {"name": "digits"},
            "fixed": {"architecture": "lenet5", "batch_size": 32, "epochs": 8},
            "search": {"base_lr": {"low": 0.01, "high": 1.0, "log": True}},
            "tricks": {name: {} for name in TRICKS},
        }
    )


def truth(recipe: Recipe) -> float:
    """Two tricks help, one harms, and the rate counts most."""
    gains = {"flip": 0.03, "ema": 0.02, "pad_crop": -0.04}
    return 0.8 - 0.02 * log(recipe.base_lr / 0.2) ** 2 + sum(gains.get(t, 0) for t in recipe.tricks)


def searched(space: SearchSpace, method: str, seed: int) -> list[float]:
    sampler, found = Sampler(space, method=method, seed=seed), list[float]()
    for number in range(24):
        recipe = sampler.ask(number).recipe
        found.append(truth(recipe))
        sampler.tell(number, recipe, found[-1], "complete", epochs=8)
    return found


def test_it_finds_what_helps_sooner_than_tpe(tricks: SearchSpace) -> None:
    ours, theirs = (
        np.mean([max(searched(tricks, method, seed)) for seed in range(4)])
        for method in ("bayes", "tpe")
    )

    assert 0.85 - ours < 0.5 * (0.85 - theirs)


def test_it_does_not_try_nearly_the_same_twice(tricks: SearchSpace) -> None:
    sampler, seen = Sampler(tricks, method="bayes", seed=3), set[tuple[object, ...]]()
    for number in range(24):
        recipe = sampler.ask(number).recipe
        seen.add((*sorted(recipe.tricks), round(log(recipe.base_lr), 2)))
        sampler.tell(number, recipe, 0.5, "complete", epochs=8)

    assert len(seen) == 24


def test_a_running_trial_teaches_as_far_as_it_has_come(space: SearchSpace, trials: Any) -> None:
    def after(value: float | None) -> Recipe:
        sampler = Sampler(space, method="bayes", seed=3)
        for trial in trials[:8]:
            trial.tell(sampler)
        sampler.tell(8, trials[8].recipe, None, "running")
        if value is not None:
            sampler.observe(8, value, 2)
        return sampler.ask(9).recipe

    assert after(0.9) not in (after(0.2), after(None))


def test_what_is_noted_of_a_running_trial_is_forgotten_when_it_ends(
    space: SearchSpace, trials: Any
) -> None:
    plain, noted = (Sampler(space, method="bayes", seed=3) for _ in range(2))
    for sampler in (plain, noted):
        for trial in trials[:8]:
            trial.tell(sampler)
        sampler.tell(8, trials[8].recipe, None, "running")
    noted.observe(8, 0.1, 3)
    for sampler in (plain, noted):
        sampler.tell(8, trials[8].recipe, 0.7, "complete", epochs=6)
        sampler.observe(8, 0.1, 3)

    assert plain.ask(9) == noted.ask(9)


def test_settings_of_what_is_off_are_no_part_of_the_columns(space: SearchSpace) -> None:
    box = UnitCube(space)
    columns, recipe = Columns(space, box), all_off(space)
    point = box.point(recipe, space.answers(recipe))

    rows = np.array([columns.encode(point | {"mixup.alpha": x}) for x in (0.1, 0.9)])
    on = published_defaults(space)
    other = box.point(on, space.answers(on))
    rows_on = np.array(
        [columns.encode(other | {"slot.mix": "mixup", "mixup.alpha": x}) for x in (0.1, 0.9)]
    )

    assert len(columns.groups) == columns.matrix(rows).shape[1]
    assert np.ptp(columns.matrix(rows), axis=0).max() == 0
    assert np.ptp(columns.matrix(rows_on), axis=0).max() > 0
    assert columns.decode(rows[0]) == pytest.approx(point | {"mixup.alpha": 0.1})


def test_numbers_are_smooth_functions_of_mean_0() -> None:
    functions = curves(0.35, 6)

    np.testing.assert_allclose(functions.mean(axis=0), 0, atol=1e-9)
    assert (functions**2).sum(axis=1).mean() == pytest.approx(1)


def test_the_model_recovers_weights_and_knows_what_it_does_not() -> None:
    generator = np.random.default_rng(0)
    columns = np.column_stack([np.ones(60), generator.choice((-0.5, 0.5), (60, 3))])
    columns[:, 3] = -0.5
    values = columns @ [0.2, 0.8, -0.4, 0.0] + 0.05 * generator.standard_normal(60)
    model = Model(columns, ("level", *["trick"] * 3), np.ones(60), values, np.zeros(60))

    posterior = model.draws(generator, 1, np.empty((0, 4)))[0]
    _, spread = posterior.predict(np.diag([0.0, 1, 1, 1])[1:])

    assert model.odds.sum() == pytest.approx(1) and len(model.odds) == len(assumptions())
    np.testing.assert_allclose(posterior.mean[1:3], (0.8, -0.4), atol=0.1)
    assert spread[2] > 5 * spread[0]


def test_values_of_early_epochs_teach_less_and_running_trials_leave_the_mean() -> None:
    generator = np.random.default_rng(0)
    columns = np.column_stack([np.ones(20), generator.choice((-0.5, 0.5), (20, 2))])
    values, groups = columns @ [0.0, 1.0, 0.5], ("level", "trick", "trick")
    probe = np.array([[0.0, 1.0, 0.0]])

    def posterior(share: float, running: np.ndarray) -> tuple[float, float]:
        model = Model(columns, groups, np.full(20, share), values, np.zeros(20))
        mean, spread = model.draws(np.random.default_rng(1), 1, running)[0].predict(probe)
        return float(mean[0]), float(spread[0])

    late, early = (posterior(share, np.empty((0, 3))) for share in (1.0, 0.1))
    awaited = posterior(1.0, np.array([[1.0, 0.5, 0.5]]))

    assert early[1] > late[1] and early[0] < late[0]
    assert awaited[0] == pytest.approx(late[0]) and awaited[1] < late[1]


def test_it_learns_what_constraints_reject(space: SearchSpace) -> None:
    sampler, rejected = Sampler(space, method="bayes", seed=3), list[int]()
    for number in range(16):
        attempt = 0
        # The usual network is too large, and would be worth more.
        while (recipe := sampler.ask(number).recipe).architecture == "lenet5":
            sampler.reject(number, attempt, recipe, 0.5)
            attempt += 1
            assert attempt < 40
        rejected.append(attempt)
        sampler.tell(number, recipe, 0.7 - abs(recipe.base_lr - 0.1), "complete", epochs=6)

    assert sum(rejected[:4]) > 0
    assert sum(rejected[8:]) <= 2
