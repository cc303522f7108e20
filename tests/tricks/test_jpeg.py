from collections.abc import Callable

import numpy as np
import pytest

from autotrick.augment import cpu
from autotrick.tricks import Run
from autotrick.tricks.jpeg import Jpeg
from tests.pictures import augment

MakeRun = Callable[..., Run]


@pytest.mark.parametrize("channels", [1, 3])
def test_worse_quality_is_further_from_the_image(channels: int) -> None:
    y, x = np.mgrid[:32, :32]
    image = (120 + 60 * np.sin(x / 3) + 40 * np.cos(y / 5)).astype(np.uint8)[..., None]
    image = image.repeat(channels, axis=2)

    left, good, bad = cpu.compress(np.stack([image] * 3), np.array([0, 95, 10])).astype(int)

    assert (left == image).all()
    assert np.abs(good - image).mean() < 2 < np.abs(bad - image).mean() < 40


def test_a_share_of_the_images_is_compressed(make_run: MakeRun) -> None:
    count = 20_000
    images = np.random.default_rng(0).integers(0, 256, (count, 8, 8, 1), dtype=np.uint8)

    after = augment(Jpeg(probability=0.4), images.copy(), np.arange(count), make_run())

    changed = (after != images).any(axis=(1, 2, 3)).mean()
    assert abs(changed - 0.4) < 4 * np.sqrt(0.4 * 0.6 / count)
