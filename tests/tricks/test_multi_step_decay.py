from typing import Any

import numpy as np
import pytest
import torch

from autotrick.errors import TrickError
from autotrick.tricks import Progress, build
from autotrick.tricks.multi_step_decay import MultiStepDecay
from autotrick.tricks.step_decay import StepDecay


def trace(trick: MultiStepDecay | StepDecay, updates: int, warmup: int = 0) -> list[float]:
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


def test_equal_steps_are_those_of_the_published_loop() -> None:
    # 0.05, times 0.1 every 30 of 100 epochs, an update an epoch; torch's StepLR is the judge.
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.05)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.1)
    expected = []
    for _ in range(100):
        expected.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()

    rates = 0.05 * np.array(trace(MultiStepDecay(moments=[0.3, 0.6, 0.9], gamma=0.1), 100))

    np.testing.assert_allclose(rates, expected, rtol=1e-9)
    np.testing.assert_allclose(
        rates[[0, 29, 30, 59, 60, 89]], [0.05] * 2 + [0.005] * 2 + [0.0005] * 2
    )


def test_default_falls_where_wide_residual_networks_do() -> None:
    factors = trace(MultiStepDecay(), 200)

    np.testing.assert_allclose(
        factors, [1.0] * 60 + [0.2] * 60 + [0.04] * 40 + [0.008] * 40, rtol=1e-9
    )


def test_two_moments_are_a_step_decay() -> None:
    assert trace(MultiStepDecay(moments=[0.5, 0.75], gamma=0.1), 64, 7) == trace(StepDecay(), 64, 7)


@pytest.mark.parametrize("moments", [[0.0], [0.5, 1.5], [True], ["0.5"]])
def test_moments_out_of_range_are_refused(moments: list[Any]) -> None:
    with pytest.raises(TrickError, match=r"`0 < each of moments <= 1, at most 1000 of them` must"):
        build("multi_step_decay", {"moments": moments})
