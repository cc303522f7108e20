from collections.abc import Callable

import pytest
import torch
from torch import nn

from autotrick.tricks import Batch, Run
from autotrick.tricks.l1_penalty import L1Penalty


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    made = make_run()
    torch.manual_seed(0)
    made.model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    return made


@pytest.mark.parametrize("exempt", [True, False])
def test_adds_the_sum_of_absolute_weights(
    run: Run, make_batch: Callable[..., Batch], exempt: bool
) -> None:
    loss = L1Penalty(weight=0.01, exempt=exempt).on_loss(
        torch.ones(()), torch.zeros(4, 2), make_batch(), run
    )

    counted = [p for p in run.model.parameters() if p.ndim > 1 or not exempt]
    expected = 1 + 0.01 * sum(float(p.detach().abs().sum()) for p in counted)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_gradient_is_the_sign(run: Run, make_batch: Callable[..., Batch]) -> None:
    torch.autograd.backward(
        L1Penalty(weight=0.01).on_loss(torch.ones(()), torch.zeros(4, 2), make_batch(), run)
    )

    conv, norm, _ = run.model.children()
    assert isinstance(conv, nn.Conv2d) and conv.weight.grad is not None
    torch.testing.assert_close(conv.weight.grad, 0.01 * conv.weight.detach().sign())
    assert norm.weight.grad is None


def test_the_term_is_reported_apart(run: Run) -> None:
    L1Penalty(weight=0.01).model_for_evaluation(run.model, run)

    assert run.metrics["l1_penalty"] > 0
