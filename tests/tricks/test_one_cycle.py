from typing import Any

import numpy as np
import pytest
import torch

from autotrick.errors import RecipeError
from autotrick.tricks import Progress, assemble
from autotrick.tricks.one_cycle import OneCycle
from tests.optimizing import make_recipe, ready


def trace(trick: OneCycle, updates: int) -> list[tuple[float, float]]:
    warmup = trick.warmup_updates(updates, 10)
    places = [Progress(u, updates, warmup, 10) for u in range(updates)]
    return [(trick.schedule(place), trick.momentum_at(place)) for place in places]


@pytest.mark.parametrize("shape", ["cosine", "linear"])
@pytest.mark.parametrize(("updates", "rise"), [(100, 0.3), (50, 0.4), (200, 0.25)])
def test_rate_and_momentum_equal_torch(shape: str, updates: int, rise: float) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=1.0,
        total_steps=updates,
        pct_start=rise,
        anneal_strategy="cos" if shape == "cosine" else "linear",
    )
    expected = []
    for update in range(updates):
        group = optimizer.param_groups[0]
        expected.append((float(group["lr"]), group["momentum"]))
        optimizer.step()
        if update + 1 < updates:
            scheduler.step()

    found = trace(OneCycle(rise=rise, shape=shape), updates)

    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("updates", [1, 2, 3, 7, 1001])
@pytest.mark.parametrize("rise", [0.0, 0.3, 1.0])
def test_the_peak_is_reached_on_any_budget(updates: int, rise: float) -> None:
    assert max(rate for rate, _ in trace(OneCycle(rise=rise), updates)) == 1.0


@pytest.mark.parametrize(
    ("optimizer", "key", "expected"),
    [
        ({}, "momentum", 0.95),
        ({"adam": {}}, "betas", (0.95, 0.999)),
        ({"muon": {}}, "momentum", 0.95),
    ],
)
def test_momentum_reaches_every_optimizer(
    optimizer: dict[str, dict[str, Any]], key: str, expected: object
) -> None:
    from autotrick.train.loop import losses

    run, stages = ready(make_recipe({"one_cycle": {}, **optimizer}))

    next(losses(run, stages))

    assert all(group[key] == expected for group in run.optimizer.param_groups)


@pytest.mark.parametrize("warmup", ["linear_warmup", "constant_warmup", "until_error_warmup"])
@pytest.mark.parametrize("decay", ["one_cycle", "warmup_stable_decay"])
def test_a_warmup_beside_it_is_refused(warmup: str, decay: str) -> None:
    with pytest.raises(RecipeError, match=f"{decay} excludes {warmup}"):
        assemble(make_recipe({warmup: {}, decay: {}}))
