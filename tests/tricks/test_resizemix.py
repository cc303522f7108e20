from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.errors import TrickError
from autotrick.tricks import Batch, Run
from autotrick.tricks.resizemix import Resizemix


def test_a_whole_small_image_is_pasted(make_run: Callable[..., Run]) -> None:
    run = make_run(channels=1, size=(20, 20))
    for update in range(30):
        run.update = update
        images = torch.arange(2.0).reshape(2, 1, 1, 1).expand(2, 1, 20, 20)
        batch = Batch(images, torch.eye(2), torch.arange(2), np.arange(2))
        mixed = Resizemix(probability=1.0).on_batch(batch, run)
        own = (mixed.images[:, 0].round() == images[:, 0]).double()
        share = mixed.targets[[0, 1], [0, 1]].double()
        torch.testing.assert_close(share, own.mean((1, 2)), rtol=0, atol=1e-6)
        if share[0] < 1:
            rows, columns = (own[0] == 0).any(1), (own[0] == 0).any(0)
            assert rows.sum() * columns.sum() == (own[0] == 0).sum()


@pytest.mark.slow
def test_draws_have_the_published_statistics(make_run: Callable[..., Run]) -> None:
    count, side = 20_000, 64
    run, trick = make_run(channels=1, size=(side, side)), Resizemix()
    areas = np.zeros(count)
    for run.update in range(count):
        images = torch.arange(2.0).reshape(2, 1, 1, 1).expand(2, 1, side, side)
        batch = Batch(images, torch.eye(2), torch.arange(2), np.arange(2))
        areas[run.update] = trick.on_batch(batch, run).targets[0, 1].item()

    # Half of the batches mix, and half of these meet a partner other than the image itself.
    mixed = areas[areas > 0]
    assert len(mixed) / count == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / count))
    expected = (0.8**3 - 0.1**3) / 3 / 0.7
    band = 4 * mixed.std() / np.sqrt(len(mixed)) + 1 / side**2
    assert mixed.mean() == pytest.approx(expected, abs=band)


def test_the_smallest_may_not_exceed_the_largest() -> None:
    with pytest.raises(TrickError, match=r"`smallest <= largest` must hold"):
        Resizemix(smallest=0.9, largest=0.5)
