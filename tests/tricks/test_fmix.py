from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.tricks import Batch, Run
from autotrick.tricks.fmix import Fmix, blobs


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("size", [(32, 32), (7, 10), (1, 5)])
def test_masks_have_the_share_of_pixels(size: tuple[int, int], share: float) -> None:
    mask = blobs(size, share, 3.0, np.random.default_rng(0))

    assert mask.shape == size and mask.sum() == round(share * mask.size)


def test_a_steeper_spectrum_makes_larger_blobs() -> None:
    def edges(decay: float) -> float:
        masks = [blobs((32, 32), 0.5, decay, np.random.default_rng(i)) for i in range(20)]
        return float(np.mean([np.diff(mask, axis=0).mean() for mask in masks]))

    assert edges(0.0) == pytest.approx(0.5, abs=0.02)  # white noise
    assert edges(0.0) > 2 * edges(1.5) > 4 * edges(4.0)


@pytest.mark.slow
def test_every_pixel_is_as_likely(make_run: Callable[..., Run]) -> None:
    count = 20_000
    run, trick = make_run(), Fmix()
    seen, shares = np.zeros((6, 6)), []
    for update in range(count):
        rng = run.stream(trick.name).generator(update)
        rng.permutation(2)
        share = float(rng.beta(1.0, 1.0))
        shares.append(share)
        seen += blobs((6, 6), share, 3.0, rng)

    # Of 36 pixels, 4.5 deviations of a mean of values between 0 and 1 with mean 1/2.
    assert np.abs(seen / count - 0.5).max() < 4.5 * np.sqrt(1 / 4 / count)
    assert np.mean(shares) == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / count))
    assert np.var(shares) == pytest.approx(1 / 12, rel=0.03)


def test_targets_have_the_exact_share(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    plain = make_batch(6)
    for update in range(10):
        mixed = Fmix().on_batch(make_batch(6), make_run(update=update))
        own = (mixed.images == plain.images).all(1)
        share = own.double().mean((1, 2))
        label = mixed.targets[torch.arange(6), plain.labels].double()
        torch.testing.assert_close(label, share, rtol=0, atol=1e-6)
