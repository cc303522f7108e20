from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from autotrick.tricks import Batch, Run
from autotrick.tricks.mse_loss import MseLoss, square_loss


def test_plain_equals_torch() -> None:
    logits = torch.randn(9, 5, generator=torch.Generator().manual_seed(0))
    targets = torch.eye(5)[torch.arange(9) % 5]

    torch.testing.assert_close(
        square_loss(logits, targets, 1.0, 1.0), functional.mse_loss(logits, targets)
    )


def test_label_has_its_value_and_weight() -> None:
    loss = square_loss(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 1.0]]), 5.0, 3.0)

    assert loss.item() == pytest.approx((1**2 + 3 * (2 - 5) ** 2) / 2)


def test_probabilities_give_the_brier_score(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    batch, logits = make_batch(6, classes=4), torch.randn(6, 4)

    loss = MseLoss(outputs="probabilities").on_loss(torch.ones(()), logits, batch, make_run())

    torch.testing.assert_close(loss, functional.mse_loss(logits.softmax(1), batch.targets))
