from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run
from autotrick.tricks.three_augment import ThreeAugment

MakeRun = Callable[..., Run]

COUNT = 3000


def test_each_image_is_gray_solarised_or_blurred(make_run: MakeRun) -> None:
    images = np.random.default_rng(0).integers(0, 256, (COUNT, 48, 48, 3), dtype=np.uint8)

    after = ThreeAugment(jitter=0.0).on_images(images.copy(), np.arange(COUNT), make_run())

    gray = (after == after[..., :1]).all(axis=(1, 2, 3))
    solarised = (after == np.where(images >= 128, 255 - images, images)).all(axis=(1, 2, 3))
    smooth = ~gray & ~solarised
    error = 5 * np.sqrt(2 / 9 / COUNT)
    for share in (gray, solarised, smooth):
        assert abs(share.mean() - 1 / 3) < error
    assert (gray & solarised).sum() == 0


def test_jitter_changes_all(make_run: MakeRun) -> None:
    images = np.random.default_rng(0).integers(60, 200, (50, 16, 16, 1), dtype=np.uint8)

    after = ThreeAugment().on_images(images.copy(), np.arange(50), make_run(channels=1))

    assert (after != images).any(axis=(1, 2, 3)).all()
