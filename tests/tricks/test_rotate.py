"""Rotate, scale and shear turn draws into maps; `tests/augment` compares the pixels with SciPy's."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional

from autotrick.augment.policies import Border
from autotrick.tricks import Run
from autotrick.tricks.rotate import Rotate
from tests.pictures import augment

MakeRun = Callable[..., Run]


def test_angles_are_even_and_either_way(make_run: MakeRun) -> None:
    point = np.zeros((20_000, 41, 41, 1), np.uint8)
    point[:, 20, 40] = 255

    after = augment(
        Rotate(degrees=60.0, interpolation="nearest"), point, np.arange(20_000), make_run()
    )

    found, rows, columns, _ = after.nonzero()
    angles = np.degrees(np.arctan2(20 - rows, columns - 20))
    assert len(np.unique(found)) > 13_000
    assert np.abs(angles).max() <= 62
    assert abs((angles > 0).mean() - (angles < 0).mean()) < 4 / np.sqrt(len(angles))
    counts, _ = np.histogram(angles, bins=np.linspace(-60, 60, 7))
    np.testing.assert_allclose(counts / counts.sum(), 1 / 6, atol=0.04)


def test_equals_torchvision_with_the_same_angle(make_run: MakeRun) -> None:
    run, images = make_run(), np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), np.uint8)
    draws = run.stream("rotate").uniform(run.update, np.arange(6), 1)[:, 0]

    after = augment(Rotate(degrees=40.0), images.copy(), np.arange(6), run)

    bilinear = functional.InterpolationMode.BILINEAR
    for image, ours, angle in zip(images, after, 40 * (2 * draws - 1), strict=True):
        planes = torch.from_numpy(image).permute(2, 0, 1)
        theirs = functional.rotate(planes, float(angle), interpolation=bilinear).permute(1, 2, 0)
        assert (np.abs(ours.astype(int) - theirs.numpy()) > 1).mean() <= 0.001


@pytest.mark.parametrize("border", ["edge", "reflect", "symmetric", "wrap"])
def test_corners_show_the_border(make_run: MakeRun, border: Border) -> None:
    images = np.full((20, 16, 16, 3), 200, np.uint8)

    after = augment(Rotate(degrees=45.0, border=border), images, np.arange(20), make_run())

    assert (after == 200).all()


def test_corners_are_black_by_default(make_run: MakeRun) -> None:
    images = np.full((20, 16, 16, 3), 200, np.uint8)

    after = augment(Rotate(degrees=45.0), images, np.arange(20), make_run())

    assert (after[:, 0, 0] == 0).any() and (after[:, 8, 8] == 200).all()
