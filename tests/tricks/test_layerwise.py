"""LAMB and LARS: steps as long as a share of a layer's weights."""

import numpy as np
import pytest

from tests.optimizing import close, make_recipe, ready, trails


def ratio(weights: np.ndarray, step: np.ndarray) -> float:
    """Return the trust ratio: 1 where a length is zero."""
    long, short = float(np.linalg.norm(weights)), float(np.linalg.norm(step))
    return long / short if long > 0 and short > 0 else 1.0


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_lamb_equals_algorithm_2(decay: float) -> None:
    run, _ = ready(make_recipe({"lamb": {"lr": 0.01, "weight_decay": decay}}))

    for trail in trails(run):
        w, m, v = trail.start, 0 * trail.start, 0 * trail.start
        for t, gradient in enumerate(trail.gradients, 1):
            m = 0.9 * m + 0.1 * gradient
            v = 0.999 * v + 0.001 * gradient**2
            step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-6) + decay * w
            w = w - 0.01 * ratio(w, step) * step
        close(trail, w)


@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_lars_equals_algorithm_1_on_weights_and_sgd_elsewhere(decay: float) -> None:
    run, _ = ready(make_recipe({"lars": {"lr": 2.0, "trust": 0.01}}, weight_decay=decay))

    for trail in trails(run):
        w, speed = trail.start, 0 * trail.start
        for gradient in trail.gradients:
            if w.ndim > 1:
                long, short = np.linalg.norm(w), np.linalg.norm(gradient)
                local = 0.01 * long / (short + decay * long + 1e-8)
                speed = 0.9 * speed + local * (gradient + decay * w)
                w = w - 2.0 * speed
            else:
                speed = 0.9 * speed + gradient
                w = w - 0.1 * speed
        close(trail, w)
