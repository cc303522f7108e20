from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run
from autotrick.tricks.blur import Blur
from tests.pictures import augment

MakeRun = Callable[..., Run]


def test_a_share_of_the_images_loses_its_detail(make_run: MakeRun) -> None:
    count = 20_000
    images = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 1), dtype=np.uint8)

    after = augment(Blur(probability=0.3, sigma=0.2), images.copy(), np.arange(count), make_run())

    changed = (after != images).any(axis=(1, 2, 3))  # sigma is from 0.3 to 6 pixels
    assert abs(changed.mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / count)
    assert after[changed].std() < 0.7 * images.std()
