from collections.abc import Callable

import numpy as np
import pytest
from torchvision import transforms

from autotrick.random_streams import Stream
from autotrick.tricks import Run
from autotrick.tricks.crop_resize import ATTEMPTS, CropResize, boxes
from tests.pictures import augment

MakeRun = Callable[..., Run]

COUNT = 20_000


def parts(size: tuple[int, int], smallest: float, aspect: float) -> np.ndarray:
    draws = Stream(0, "crop_resize").uniform(0, np.arange(COUNT), 2 * ATTEMPTS + 2)
    return boxes(draws, size, smallest, aspect)


@pytest.mark.parametrize("size", [(32, 32), (64, 40)])
def test_parts_lie_in_the_image_and_in_their_ranges(size: tuple[int, int]) -> None:
    top, left, high, wide = parts(size, 0.35, 4 / 3).T

    assert (top >= 0).all() and (left >= 0).all()
    assert (top + high <= size[0]).all() and (left + wide <= size[1]).all()
    shares = high * wide / (size[0] * size[1])
    assert 0.32 < shares.min() < 0.37 and shares.max() <= 1.0
    ratios = wide / high
    assert ratios.min() > 0.7 and ratios.max() < 1.42


def test_areas_are_distributed_as_torchvisions() -> None:
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        image = torch.zeros(1, 64, 64)
        theirs = [
            transforms.RandomResizedCrop.get_params(image, [0.2, 1.0], [3 / 4, 4 / 3])
            for _ in range(3000)
        ]

    ours = parts((64, 64), 0.2, 4 / 3)

    quantiles = np.linspace(0.1, 0.9, 9)
    area = np.array([high * wide for _, _, high, wide in theirs])
    found = np.quantile(ours[:, 2] * ours[:, 3], quantiles)
    np.testing.assert_allclose(found, np.quantile(area, quantiles), rtol=0.12)


def test_what_never_fits_is_the_largest_part_in_the_middle() -> None:
    top, left, high, wide = parts((10, 100), 1.0, 1.2).T

    assert (high == 10).all() and (wide == 12).all()
    assert (top == 0).all() and (left == 44).all()


def test_the_whole_image_stays_as_it_is(make_run: MakeRun) -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 12, 12, 3), dtype=np.uint8)

    after = augment(CropResize(smallest=1.0, aspect=1.0), images.copy(), np.arange(5), make_run())

    np.testing.assert_array_equal(after, images)
