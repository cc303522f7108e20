from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn import functional

from autotrick.tricks import Batch, Run
from autotrick.tricks.class_weights import ClassWeights, weights


@pytest.mark.parametrize("beta", [0.9, 0.999])
def test_weights_follow_the_effective_number(beta: float) -> None:
    counts = np.array([5000, 50, 1, 0])

    found = weights(counts, beta)

    # 1 + beta + ... + beta^(n - 1), added up.
    effective = np.array([sum(beta**i for i in range(max(1, n))) for n in counts])
    np.testing.assert_allclose(found * effective, found[0] * effective[0])
    assert found.sum() == pytest.approx(4)


def test_loss_equals_torch_with_weights(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    run, batch, logits = make_run(classes=3), make_batch(6, classes=3), torch.randn(6, 3)
    run.labels = np.array([0] * 90 + [1] * 9 + [2])
    trick = ClassWeights(beta=0.99)
    trick.on_start(run)

    loss = trick.on_loss(torch.ones(()), logits, batch, run)

    scale = torch.from_numpy(weights(np.array([90, 9, 1]), 0.99)).float()
    expected = functional.cross_entropy(logits, batch.labels, weight=scale, reduction="sum") / 6
    torch.testing.assert_close(loss, expected)


def test_equal_classes_weigh_one() -> None:
    np.testing.assert_allclose(weights(np.array([7, 7, 7]), 0.99), 1)
