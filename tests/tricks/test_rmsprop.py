import numpy as np
import pytest

from tests.optimizing import close, make_recipe, ready, trails


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("kind", ["tensorflow", "torch"])
def test_equals_the_recursion_in_numpy(kind: str, momentum: float) -> None:
    settings = {"kind": kind, "momentum": momentum, "lr": 0.01}
    run, _ = ready(make_recipe({"rmsprop": settings}, weight_decay=0.02))

    for trail in trails(run):
        w, speed = trail.start, 0 * trail.start
        square = 0 * w + (1.0 if kind == "tensorflow" else 0.0)
        for gradient in trail.gradients:
            gradient = gradient + 0.02 * w
            square = 0.9 * square + 0.1 * gradient**2
            root = np.sqrt(square + 1e-3) if kind == "tensorflow" else np.sqrt(square) + 1e-3
            speed = momentum * speed + 0.01 * gradient / root
            w = w - speed
        close(trail, w)
