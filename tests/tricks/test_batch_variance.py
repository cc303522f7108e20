"""The variance of a batch's gradient falls with its size, which is why the rate may rise with it."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from autotrick.train.loop import batch_of
from tests.optimizing import make_recipe, ready


def variance(size: int, batches: int) -> float:
    """Return the summed variance of the gradient over batches of a size, at the initial weights."""
    asked = make_recipe({}, architecture="lenet5", architecture_settings={}, batch_size=size)
    run, stages = ready(asked, count=4096)
    rng = np.random.default_rng(size)
    found = []
    for _ in range(batches):
        batch = batch_of(run, stages, rng.integers(0, 4096, size))
        loss = functional.cross_entropy(run.model(batch.images), batch.targets)
        gradients = torch.autograd.grad(loss, list(run.model.parameters()))
        found.append(torch.cat([g.flatten() for g in gradients]).double().numpy())
    return float(np.var(found, axis=0, ddof=1).sum())


@pytest.mark.slow
def test_it_falls_with_the_inverse_of_the_size() -> None:
    scaled = np.array([size * variance(size, 200) for size in (4, 16, 64)])

    # 200 batches tell a variance to about a tenth.
    np.testing.assert_allclose(scaled / scaled.mean(), 1, atol=0.25)
