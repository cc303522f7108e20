import numpy as np
import pytest

from tests.optimizing import close, make_recipe, ready, trails


def adam(
    start: np.ndarray, gradients: np.ndarray, *, lr: float, l2: float = 0.0, apart: float = 0.0
) -> np.ndarray:
    """Return where Kingma and Ba's algorithm 1 ends; `apart` as Loshchilov and Hutter's 2 has it."""
    w, m, v = start, np.zeros_like(start), np.zeros_like(start)
    for t, gradient in enumerate(gradients, 1):
        gradient = gradient + l2 * w
        m = 0.9 * m + 0.1 * gradient
        v = 0.99 * v + 0.01 * gradient**2
        step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)
        w = w - lr * (step + apart * w)
    return w


def test_adam_equals_algorithm_1_with_l2() -> None:
    run, _ = ready(make_recipe({"adam": {"beta2": 0.99}}, weight_decay=0.05))

    for trail in trails(run):
        close(trail, adam(trail.start, trail.gradients, lr=1e-3, l2=0.05))


@pytest.mark.parametrize("recipe_decay", [0.0, 0.5])
def test_adamw_decays_apart_from_the_gradient_and_by_its_own_share(recipe_decay: float) -> None:
    settings = {"beta2": 0.99, "lr": 0.01, "weight_decay": 0.3}
    run, _ = ready(make_recipe({"adamw": settings}, weight_decay=recipe_decay))

    for trail in trails(run):
        close(trail, adam(trail.start, trail.gradients, lr=0.01, apart=0.3))
