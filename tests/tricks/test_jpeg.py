from collections.abc import Callable

import numpy as np
import pytest

from autotrick.tricks import Run
from autotrick.tricks.jpeg import Jpeg, compressed

MakeRun = Callable[..., Run]


@pytest.mark.parametrize("channels", [1, 3])
def test_worse_quality_is_further_from_the_image(channels: int) -> None:
    y, x = np.mgrid[:32, :32]
    image = (120 + 60 * np.sin(x / 3) + 40 * np.cos(y / 5)).astype(np.uint8)[..., None]
    image = image.repeat(channels, axis=2)

    good, bad = (np.abs(compressed(image, q).astype(int) - image).mean() for q in (95, 10))

    assert good < 2 < bad < 40


def test_a_share_of_the_images_is_compressed(make_run: MakeRun) -> None:
    count = 20_000
    images = np.random.default_rng(0).integers(0, 256, (count, 8, 8, 1), dtype=np.uint8)

    after = Jpeg(probability=0.4).on_images(images.copy(), np.arange(count), make_run())

    changed = (after != images).any(axis=(1, 2, 3)).mean()
    assert abs(changed - 0.4) < 4 * np.sqrt(0.4 * 0.6 / count)
