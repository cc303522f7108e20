from collections.abc import Callable

import pytest
import torch
from timm.loss import PolyCrossEntropy
from torch.nn import functional

from autotrick.tricks import Batch, Run
from autotrick.tricks.poly_loss import PolyLoss


@pytest.mark.parametrize("epsilon", [-1.0, 1.0, 4.0])
def test_equals_timm(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch], epsilon: float
) -> None:
    batch, logits = make_batch(6, classes=4), torch.randn(6, 4)
    plain = functional.cross_entropy(logits, batch.targets)

    loss = PolyLoss(epsilon=epsilon).on_loss(plain, logits, batch, make_run())

    torch.testing.assert_close(loss, PolyCrossEntropy(epsilon=epsilon)(logits, batch.labels))


def test_is_linear_in_mixed_targets(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    batch, logits = make_batch(1, classes=4), torch.randn(1, 4)
    zero, losses = torch.zeros(()), []
    for row in (torch.eye(4)[:1], torch.eye(4)[1:2], torch.tensor([[0.25, 0.75, 0, 0]])):
        batch.targets = row
        losses.append(PolyLoss().on_loss(zero, logits, batch, make_run()))

    torch.testing.assert_close(losses[2], 0.25 * losses[0] + 0.75 * losses[1])
