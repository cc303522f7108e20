from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run
from autotrick.tricks.blur import Blur

MakeRun = Callable[..., Run]


def test_a_share_of_the_images_loses_its_detail(make_run: MakeRun) -> None:
    images = np.random.default_rng(0).integers(0, 256, (1500, 16, 16, 1), dtype=np.uint8)

    after = Blur(probability=0.3, sigma=0.1).on_images(images.copy(), np.arange(1500), make_run())

    changed = (after != images).any(axis=(1, 2, 3))
    # A narrow blur leaves noise as it was: sigma is from 0.08 to 1.6 pixels.
    assert 0.25 < changed.mean() < 0.32
    assert after[changed].std() < 0.7 * images.std()
