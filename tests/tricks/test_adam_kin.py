"""NAdam, RAdam, Lion, Adan, MADGRAD and SGDW against their papers' algorithms."""

import numpy as np
import pytest

from tests.optimizing import close, make_recipe, ready, trails


def test_nadam_equals_the_papers_algorithm() -> None:
    run, _ = ready(make_recipe({"nadam": {"lr": 0.01}}, weight_decay=0.02))

    for trail in trails(run):
        w, m, v, product = trail.start, 0 * trail.start, 0 * trail.start, 1.0
        for t, gradient in enumerate(trail.gradients, 1):
            gradient = gradient + 0.02 * w
            # The momentum warms up: 0.96 is the paper's, 0.004 the speed of Sutskever's schedule.
            mu, ahead = (0.9 * (1 - 0.5 * 0.96 ** (i * 0.004)) for i in (t, t + 1))
            product *= mu
            m = 0.9 * m + 0.1 * gradient
            v = 0.999 * v + 0.001 * gradient**2
            mean = ahead * m / (1 - product * ahead) + (1 - mu) * gradient / (1 - product)
            w = w - 0.01 * mean / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        close(trail, w)


def test_radam_equals_algorithm_2() -> None:
    run, _ = ready(make_recipe({"radam": {"lr": 0.01, "beta2": 0.9}}, weight_decay=0.0))
    longest, rectified = 2 / (1 - 0.9) - 1, 0

    for trail in trails(run, steps=10):
        w, m, v = trail.start, 0 * trail.start, 0 * trail.start
        for t, gradient in enumerate(trail.gradients, 1):
            m = 0.9 * m + 0.1 * gradient
            v = 0.9 * v + 0.1 * gradient**2
            mean = m / (1 - 0.9**t)
            length = longest - 2 * t * 0.9**t / (1 - 0.9**t)
            if length > 5:  # the paper's 4; torch rectifies one update later, as the authors' code
                rectified += 1
                r = (length - 4) * (length - 2) * longest
                r /= (longest - 4) * (longest - 2) * length
                w = w - 0.01 * np.sqrt(r) * mean / (np.sqrt(v / (1 - 0.9**t)) + 1e-8)
            else:
                w = w - 0.01 * mean
        close(trail, w)
    assert rectified > 0


def test_lion_equals_algorithm_2() -> None:
    settings = {"lr": 0.01, "weight_decay": 0.5}
    run, _ = ready(make_recipe({"lion": settings}))

    for trail in trails(run):
        w, m = trail.start, 0 * trail.start
        for gradient in trail.gradients:
            w = w - 0.01 * (np.sign(0.9 * m + 0.1 * gradient) + 0.5 * w)
            m = 0.99 * m + 0.01 * gradient
        # A sum that is zero but for rounding may have either sign.
        assert np.mean(np.abs(trail.end - w) < 1e-6) > 0.99
        assert np.abs(trail.end - trail.start).max() > 0.01


def test_adan_equals_algorithm_1() -> None:
    settings = {"lr": 0.01, "weight_decay": 0.5}
    run, _ = ready(make_recipe({"adan": settings}))

    for trail in trails(run):
        w, m, v, n = trail.start, 0 * trail.start, 0 * trail.start, 0 * trail.start
        before = trail.gradients[0]
        for t, gradient in enumerate(trail.gradients, 1):
            change = gradient - before
            m = 0.98 * m + 0.02 * gradient
            v = 0.92 * v + 0.08 * change
            n = 0.99 * n + 0.01 * (gradient + 0.92 * change) ** 2
            size = np.sqrt(n / (1 - 0.99**t)) + 1e-8
            w = w - 0.01 * (m / (1 - 0.98**t) + 0.92 * v / (1 - 0.92**t)) / size
            w = w / (1 + 0.01 * 0.5)
            before = gradient
        close(trail, w)


def test_madgrad_equals_algorithm_1() -> None:
    run, _ = ready(make_recipe({"madgrad": {"lr": 0.01}}, weight_decay=0.02))

    for trail in trails(run):
        w, s, v = trail.start, 0 * trail.start, 0 * trail.start
        for t, gradient in enumerate(trail.gradients):
            gradient = gradient + 0.02 * w
            weight = (0.01 + 1e-6) * np.sqrt(t + 1)
            s = s + weight * gradient
            v = v + weight * gradient**2
            w = 0.9 * w + 0.1 * (trail.start - s / (np.cbrt(v) + 1e-6))
        close(trail, w)


@pytest.mark.parametrize("nesterov", [False, True])
def test_sgdw_equals_algorithm_1(nesterov: bool) -> None:
    run, _ = ready(make_recipe({"sgdw": {"weight_decay": 0.5, "nesterov": nesterov}}))

    for trail in trails(run, lr=0.3):
        w, m = trail.start, 0 * trail.start
        for gradient in trail.gradients:
            m = 0.9 * m + gradient
            step = gradient + 0.9 * m if nesterov else m
            w = w - 0.03 * step - 0.03 * 0.5 * w
        close(trail, w)
