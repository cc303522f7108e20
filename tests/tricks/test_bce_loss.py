from collections.abc import Callable

import pytest
import torch
from timm.loss import BinaryCrossEntropy

from autotrick.tricks import Batch, Run
from autotrick.tricks.bce_loss import BceLoss


@pytest.mark.parametrize("threshold", [0.0, 0.2])
@pytest.mark.parametrize("classes", ["mean", "sum"])
def test_equals_timm_on_mixed_targets(
    make_run: Callable[..., Run],
    make_batch: Callable[..., Batch],
    threshold: float,
    classes: str,
) -> None:
    batch, logits = make_batch(6, classes=4), torch.randn(6, 4)
    batch.targets = 0.3 * batch.targets + 0.7 * batch.targets.roll(1, 0)
    trick = BceLoss(threshold=threshold, classes=classes)

    loss = trick.on_loss(torch.ones(()), logits, batch, make_run())

    theirs = BinaryCrossEntropy(
        smoothing=0.0, target_threshold=threshold or None, sum_classes=classes == "sum"
    )
    torch.testing.assert_close(loss, theirs(logits, batch.targets))


def test_both_classes_of_a_mixed_image_are_present(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    batch = make_batch(1, classes=3)
    batch.targets = torch.tensor([[0.6, 0.4, 0.0]])

    loss = BceLoss().on_loss(torch.ones(()), torch.tensor([[50.0, 50.0, -50.0]]), batch, make_run())

    assert loss.item() == pytest.approx(0, abs=1e-6)
