import numpy as np
import pytest

from autotrick.errors import TrickError
from autotrick.tricks.sgd import Sgd
from tests.optimizing import close, make_recipe, ready, trails


@pytest.mark.parametrize("kind", ["plain", "momentum", "nesterov"])
def test_equals_the_recursion_in_numpy(kind: str) -> None:
    run, _ = ready(make_recipe({"sgd": {"kind": kind, "momentum": 0.8}}, weight_decay=0.02))

    for trail in trails(run):
        w, mean = trail.start, np.zeros_like(trail.start)
        for gradient in trail.gradients:
            gradient = gradient + 0.02 * w
            mean = 0.8 * mean + gradient
            step = {"plain": gradient, "momentum": mean, "nesterov": gradient + 0.8 * mean}[kind]
            w = w - 0.1 * step
        close(trail, w)


def test_without_it_a_recipe_trains_by_nesterovs() -> None:
    plain, _ = ready(make_recipe({}))
    asked, _ = ready(make_recipe({"sgd": {"kind": "nesterov"}}))

    ends = [[trail.end for trail in trails(run)] for run in (plain, asked)]

    assert all(np.array_equal(a, b) for a, b in zip(*ends, strict=True))


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(
        TrickError, match="sgd: `kind is one of plain, momentum, nesterov` must hold"
    ):
        Sgd(kind="heavy")
