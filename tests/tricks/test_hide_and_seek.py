from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.tricks import Batch, Run
from autotrick.tricks.hide_and_seek import HideAndSeek, spread


@pytest.mark.parametrize("size", [(32, 32), (28, 20), (7, 9)])
def test_cells_cover_the_image_evenly(size: tuple[int, int]) -> None:
    one_each = np.eye(16, dtype=bool)

    cells = spread(one_each, 4, size)

    assert (cells.sum(0) == 1).all()
    for axis, side in ((1, size[0]), (2, size[1])):
        lengths = cells.any(3 - axis).sum(1)
        assert set(lengths) <= {side // 4, -(-side // 4)}


@pytest.mark.parametrize("probability", [0.1, 0.5])
def test_share_of_hidden_cells(make_run: Callable[..., Run], probability: float) -> None:
    count = 2000  # of 16 cells each
    images = torch.ones(count, 1, 8, 8)
    batch = Batch(images, torch.eye(2)[[0] * count], torch.zeros(count), np.arange(count))

    hidden = HideAndSeek(probability=probability).on_tensor(batch, make_run(channels=1)).images == 0

    share = hidden[:, 0, ::2, ::2].double().mean().item()
    band = 4 * np.sqrt(probability * (1 - probability) / (16 * count))
    assert share == pytest.approx(probability, abs=band)
    assert torch.equal(hidden[:, :, ::2, ::2], hidden[:, :, 1::2, 1::2])
