from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.errors import TrickError
from autotrick.tricks import Batch, Run
from autotrick.tricks.grid_mask import GridMask, grid


def reference(
    period: int, visible: int, down: int, right: int, size: tuple[int, int]
) -> np.ndarray:
    """Hide squares one by one, as far as they lie in the image."""
    hidden = np.zeros(size, bool)
    for top in range(visible - down, size[0], period):
        for left in range(visible - right, size[1], period):
            bottom, end = top + period - visible, left + period - visible
            hidden[max(0, top) : max(0, bottom), max(0, left) : max(0, end)] = True
    return hidden


@pytest.mark.parametrize("size", [(32, 32), (20, 31)])
@pytest.mark.parametrize("ratio", [0.4, 0.6, 0.8])
def test_equals_squares_drawn_one_by_one(size: tuple[int, int], ratio: float) -> None:
    draws = np.random.default_rng(0).random((200, 3))

    hidden = grid(draws, size, (0.3, 1.0), ratio)

    low, high = round(0.3 * min(size)), min(size)
    for row, found in zip(draws, hidden, strict=True):
        period = low + int(row[0] * (high - low + 1))
        visible = round(ratio * period)
        expected = reference(period, visible, int(row[1] * period), int(row[2] * period), size)
        assert np.array_equal(found, expected)


def test_hidden_share_is_the_square_of_the_hidden_line() -> None:
    draws = np.random.default_rng(1).random((20_000, 3))

    shares = grid(draws, (20, 20), (0.5, 0.5), 0.6).mean((1, 2))

    # Two whole periods of 10 a side: the share is the same wherever the grid lies.
    np.testing.assert_allclose(shares, 0.4**2)


def test_periods_are_even_over_their_range() -> None:
    count = 20_000
    draws = np.random.default_rng(2).random((count, 3))

    shares = grid(draws, (24, 24), (0.5, 1.0), 0.5).mean((1, 2))

    # Odd periods round to even visible lines; all hide a quarter on average.
    assert shares.mean() == pytest.approx(0.25, abs=0.01)


def test_masked_share_grows_to_the_probability(make_run: Callable[..., Run]) -> None:
    count = 20_000
    for update, expected in ((0, 0.0), (50, 0.4), (100, 0.8)):
        images = torch.ones(count, 1, 8, 8)
        batch = Batch(images, torch.eye(2)[[0] * count], torch.zeros(count), np.arange(count))
        run = make_run(channels=1, update=update, updates=100)

        masked = (GridMask().on_tensor(batch, run).images == 0).any(3).any(2).any(1)

        band = 4 * np.sqrt(expected * (1 - expected) / count)
        # At 8 px some offsets hide nothing of an image whose period is as long.
        assert masked.double().mean().item() == pytest.approx(expected, abs=band + 1e-9)


def test_the_shortest_period_may_not_exceed_the_longest() -> None:
    with pytest.raises(TrickError, match=r"`shortest <= longest` must hold"):
        GridMask(shortest=0.9, longest=0.5)
