from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrick.tricks.adabound import bounds
from tests.optimizing import close, make_recipe, ready, trails


def adabound(
    start: np.ndarray, gradients: np.ndarray, gamma: float, lr: float, **how: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return where algorithm 2 ends, with the bounds of the authors' code, and the last rates."""
    how = {"final": 0.1, "l2": 0.0, "apart": 0.0, "amsbound": False} | how
    w, m, v, largest = start, 0 * start, 0 * start, 0 * start
    rates = 0 * start
    for t, gradient in enumerate(gradients, 1):
        w = w * (1 - how["apart"])
        gradient = gradient + how["l2"] * w
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient**2
        largest = np.maximum(largest, v)
        root = np.sqrt(largest if how["amsbound"] else v) + 1e-8
        low = how["final"] * (1 - 1 / (gamma * t + 1))
        high = how["final"] * (1 + 1 / (gamma * t))
        rates = np.clip(lr * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) / root, low, high)
        w = w - rates * m
    return w, rates


@pytest.mark.parametrize("amsbound", [False, True])
@pytest.mark.parametrize("gamma", [1e-3, 0.5, 50.0])
def test_equals_algorithm_2(gamma: float, amsbound: bool) -> None:
    settings = {"gamma": gamma, "per_update": True, "amsbound": amsbound}
    run, _ = ready(make_recipe({"adabound": settings}, weight_decay=0.02))

    for trail in trails(run, steps=8):
        how = {"l2": 0.02, "amsbound": amsbound}
        close(trail, adabound(trail.start, trail.gradients, gamma, 1e-3, **how)[0], tolerance=1e-4)


def test_adaboundw_takes_its_share_off_the_weights() -> None:
    run, _ = ready(make_recipe({"adaboundw": {"weight_decay": 0.01}}, weight_decay=0.9))

    for trail in trails(run, lr=0.5):
        # Half of the peak: half of the decay, of Adam's rate, and of the final rate.
        how = {"final": 0.05, "apart": 0.005}
        gamma = 78 / run.updates
        close(trail, adabound(trail.start, trail.gradients, gamma, 5e-4, **how)[0], tolerance=1e-4)


@given(update=st.integers(1, 10**9), gamma=st.floats(1e-6, 1.0))
def test_bounds_enclose_the_final_rate_and_close(update: int, gamma: float) -> None:
    low, high = bounds(update, gamma)
    next_low, next_high = bounds(update + 1, gamma)

    assert 0 < low <= next_low <= 1 <= next_high <= high


def test_bounds_of_the_papers_speed() -> None:
    # What the authors' gamma of 0.001 leaves after 400 updates, and after 78 thousand.
    np.testing.assert_allclose(bounds(400, 1e-3), (0.2857, 3.5), rtol=1e-3)
    np.testing.assert_allclose(bounds(78_200, 1e-3), (0.9874, 1.0128), rtol=1e-4)


def test_the_speed_is_that_of_a_training_by_default() -> None:
    run, _ = ready(make_recipe({"adabound": {}}))

    assert run.optimizer.param_groups[0]["gamma"] == pytest.approx(78 / run.updates)


def test_it_starts_as_adam_and_ends_as_sgd() -> None:
    # Wide bounds never bind; closed bounds leave one rate, and m is SGD's momentum by 1 - beta1.
    # eps is tiny, because AdaBound adds it before the correction for a short past, Adam after it.
    wide = {"gamma": 1e-6, "per_update": True, "eps": 1e-15}
    early, _ = ready(make_recipe({"adabound": wide}))
    adam, _ = ready(make_recipe({"adam": {"eps": 1e-15}}))
    late, _ = ready(make_recipe({"adabound": {"gamma": 1e6, "per_update": True}}, weight_decay=0))
    sgd, _ = ready(make_recipe({"sgd": {}}, base_lr=0.01, weight_decay=0))

    for one, other in ((early, adam), (late, sgd)):
        for mine, theirs in zip(trails(one), trails(other), strict=True):
            close(mine, theirs.end, tolerance=1e-3)


@pytest.mark.parametrize("factor", [1.0, 0.1])
def test_the_final_rate_follows_schedule_and_batch(factor: float) -> None:
    settings = {"gamma": 1e6, "per_update": True, "final_lr": 0.4}
    asked = make_recipe({"adabound": settings}, weight_decay=0, scaling_exponent=1.0)
    run, _ = ready(asked)

    for trail in trails(run, steps=1, lr=factor):
        expected = trail.start - factor * 0.4 * 8 / 256 * 0.1 * trail.gradients[0]
        close(trail, expected, tolerance=1e-4)
