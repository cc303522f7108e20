from collections.abc import Callable

import pytest
import torch
from torch import nn

from autotrick.tricks import Batch, Group, Run
from autotrick.tricks.l2_penalty import L2Penalty


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    made = make_run()
    torch.manual_seed(0)
    made.model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    return made


def test_gradient_is_weight_decay(run: Run, make_batch: Callable[..., Batch]) -> None:
    loss = L2Penalty(weight=0.01, exempt=False).on_loss(
        torch.zeros(()), torch.zeros(4, 2), make_batch(), run
    )
    torch.autograd.backward(loss)

    for p in run.model.parameters():
        assert p.grad is not None
        torch.testing.assert_close(p.grad, 0.01 * p.detach())


def test_step_0_of_the_tensorflow_tutorial(run: Run, make_batch: Callable[..., Batch]) -> None:
    # ln 10 for even predictions, and weight decay 0.004 on layers of 2304 x 384 and 384 x 192
    # weights with standard deviation 0.04: 4.68 together.
    run.model = nn.Sequential(nn.Linear(2304, 384), nn.Linear(384, 192))
    for p in run.model.parameters():
        # Cut off at two standard deviations.
        nn.init.trunc_normal_(p, std=0.04, a=-0.08, b=0.08)

    loss = L2Penalty(weight=0.004).on_loss(
        torch.tensor(10.0).log(), torch.zeros(4, 10), make_batch(), run
    )

    assert loss.item() == pytest.approx(4.68, abs=0.01)


def test_takes_the_place_of_weight_decay(run: Run) -> None:
    groups = [Group(["a"], [nn.Parameter(torch.ones(2))], weight_decay=0.1)]

    assert [g.weight_decay for g in L2Penalty().on_groups(groups, run)] == [0.0]


def test_the_term_is_reported_apart(run: Run) -> None:
    L2Penalty(weight=0.01).model_for_evaluation(run.model, run)

    assert run.metrics["l2_penalty"] > 0
