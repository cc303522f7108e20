from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run
from autotrick.tricks.three_augment import ThreeAugment
from tests.pictures import augment

MakeRun = Callable[..., Run]

COUNT = 20_000
_CHUNK = 2000


def test_each_image_is_gray_solarised_or_blurred(make_run: MakeRun) -> None:
    images = np.random.default_rng(0).integers(0, 256, (_CHUNK, 48, 48, 3), dtype=np.uint8)
    turned = np.where(images >= 128, 255 - images, images)
    found = np.zeros(3)
    for start in range(0, COUNT, _CHUNK):
        samples = np.arange(start, start + _CHUNK)

        after = augment(ThreeAugment(jitter=0.0), images.copy(), samples, make_run())

        gray = (after == after[..., :1]).all(axis=(1, 2, 3))
        solarised = (after == turned).all(axis=(1, 2, 3))
        assert (gray & solarised).sum() == 0
        found += [gray.sum(), solarised.sum(), (~gray & ~solarised).sum()]
    np.testing.assert_allclose(found / COUNT, 1 / 3, atol=4 * np.sqrt(2 / 9 / COUNT))


def test_jitter_changes_all(make_run: MakeRun) -> None:
    images = np.random.default_rng(0).integers(60, 200, (50, 16, 16, 1), dtype=np.uint8)

    after = augment(ThreeAugment(), images.copy(), np.arange(50), make_run(channels=1))

    assert (after != images).any(axis=(1, 2, 3)).all()
