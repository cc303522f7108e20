from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from autotrick.errors import TrickError
from autotrick.tricks import Batch, Run
from autotrick.tricks.mixup import Mixup, blend


def test_blend_weighs_both_partners() -> None:
    images = torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1).expand(2, 3, 4, 4)

    mixed = blend(images, torch.tensor([1, 0]), 0.75)

    assert mixed[:, 0, 0, 0].tolist() == [0.25, 0.75]


def test_loss_is_the_weighted_sum_of_both_losses() -> None:
    logits = torch.randn(6, 5, generator=torch.Generator().manual_seed(0))
    labels, partner = torch.arange(6) % 5, torch.tensor([3, 0, 1, 2, 5, 4])

    ours = functional.cross_entropy(logits, blend(torch.eye(5)[labels], partner, 0.3))

    one, two = (functional.cross_entropy(logits, row) for row in (labels, labels[partner]))
    torch.testing.assert_close(ours, 0.3 * one + 0.7 * two, rtol=0, atol=1e-6)


@given(weight=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
def test_targets_stay_distributions(weight: float, seed: int) -> None:
    partner = torch.from_numpy(np.random.default_rng(seed).permutation(7))

    mixed = blend(torch.eye(10)[:7], partner, weight)

    assert (mixed >= 0).all()
    torch.testing.assert_close(mixed.sum(dim=1), torch.ones(7))


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.2, 1.0])
def test_weights_follow_the_beta_distribution(make_run: Callable[..., Run], alpha: float) -> None:
    # Image 0 is 0 and image 1 is 1, so image 0 shows the weight wherever they are partners.
    run, trick = make_run(channels=1, classes=2, size=(1, 1)), Mixup(alpha=alpha)
    weights = []
    for update in range(45_000):
        run.update = update
        images = torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1)
        mixed = trick.on_batch(Batch(images, torch.eye(2), torch.arange(2), np.arange(2)), run)
        if mixed.targets[0, 0] != 1:
            weights.append(mixed.images[1].item())

    assert len(weights) > 20_000
    assert np.allclose(np.mean(weights), 0.5, atol=4 * np.std(weights) / np.sqrt(len(weights)))
    variance = 1 / (4 * (2 * alpha + 1))
    assert np.var(weights) == pytest.approx(variance, rel=0.03)


@pytest.mark.parametrize("alpha", [-1.0, float("nan"), float("inf")])
def test_alpha_out_of_range_is_refused(alpha: float) -> None:
    with pytest.raises(TrickError, match=r"mixup: `0 <= alpha <= 1000` must hold, but got alpha="):
        Mixup(alpha=alpha)
