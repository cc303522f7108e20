"""What is drawn for an image, and how strong it is."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchvision import transforms

from autotrick.augment import cpu, plans
from autotrick.augment.policies import (
    AUTO_AUGMENT,
    AUTO_AUGMENT_RANGE,
    OPERATIONS,
    SIGNED,
    WIDE_RANGE,
    Range,
)
from autotrick.random_streams import Stream

Image = NDArray[np.uint8]
MakeImages = Callable[[int, int, int], Image]
Reference = Callable[[Image, str, float], Image]

COUNT = 40_000
SIZES = [(28, 28), (32, 32), (64, 48), (224, 224)]


def uniform(columns: int, count: int = COUNT) -> NDArray[np.float64]:
    return Stream(0, "plans").uniform(7, np.arange(count), columns)


def assert_share(found: NDArray[np.bool_], expected: float) -> None:
    """Five standard errors: a right share fails once in two million."""
    error = np.sqrt(expected * (1 - expected) / found.size)
    assert abs(found.mean() - expected) <= 5 * error


def strengths(name: str, bins: int, scale: Range, size: tuple[int, int]) -> NDArray[np.float64]:
    operations = np.full(bins, OPERATIONS.index(name))
    return plans.magnitudes(operations, np.arange(bins) / (bins - 1), scale, size)


def published(space: dict[str, tuple[torch.Tensor, bool]], name: str) -> NDArray[np.float64] | None:
    """Return torchvision's strengths in our units; None if the operation has none."""
    magnitudes = space[name][0].double().numpy()
    if not magnitudes.ndim:
        return None
    return magnitudes / 255 if name == "Solarize" else magnitudes


NAMES = [OPERATIONS[code] for code in plans.RAND_OPERATIONS]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("bins", [10, 31])
@pytest.mark.parametrize("name", NAMES)
def test_strengths_are_those_of_torchvision(name: str, bins: int, size: tuple[int, int]) -> None:
    space = transforms.RandAugment()._augmentation_space(bins, size)

    ours = strengths(name, bins, AUTO_AUGMENT_RANGE, size)

    theirs = published(space, name)
    assert (name in SIGNED) == space[name][1]
    np.testing.assert_allclose(ours, 0 * ours if theirs is None else theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_wide_strengths_are_those_of_torchvision_on_large_images(name: str) -> None:
    space = transforms.TrivialAugmentWide()._augmentation_space(31)

    ours = strengths(name, 31, WIDE_RANGE, (224, 224))

    theirs = published(space, name)
    np.testing.assert_allclose(ours, 0 * ours if theirs is None else theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("name", "pixels"), [("TranslateX", 14.4), ("TranslateY", 12.6)])
def test_wide_translation_leaves_more_than_half_of_a_small_image(name: str, pixels: float) -> None:
    assert strengths(name, 2, WIDE_RANGE, (28, 32))[-1] == pytest.approx(pixels)


def test_every_sub_policy_is_as_likely() -> None:
    policy = [[[name, 1.0, 0.5]] for name in ("Rotate", "Invert", "Color")]

    operations, _ = plans.follow(plans.table(policy), uniform(3), AUTO_AUGMENT_RANGE, (32, 32))

    for name in ("Rotate", "Invert", "Color"):
        assert_share(operations == OPERATIONS.index(name), 1 / 3)


def test_operations_are_used_with_their_probability_and_either_sign() -> None:
    table = plans.table([[["Rotate", 0.3, 1.0], ["Equalize", 0.8, 0.0], ["Solarize", 1.0, 0.25]]])

    operations, magnitudes = plans.follow(table, uniform(7), AUTO_AUGMENT_RANGE, (32, 32))

    rotated = operations[:, 0] == OPERATIONS.index("Rotate")
    equalized = operations[:, 1] == OPERATIONS.index("Equalize")
    assert_share(rotated, 0.3)
    assert_share(equalized, 0.8)
    assert_share(rotated & equalized, 0.24)
    assert_share(magnitudes[rotated, 0] == 30.0, 0.5)
    assert_share(magnitudes[rotated, 0] == -30.0, 0.5)
    assert (operations[:, 2] == OPERATIONS.index("Solarize")).all()
    assert (magnitudes[:, 2] == 0.75).all()


def test_short_sub_policies_end_with_identity() -> None:
    table = plans.table([[["Invert", 1.0, 0.0]], [["Invert", 1.0, 0.0], ["Invert", 1.0, 0.0]], []])

    operations, _ = plans.follow(table, uniform(5), AUTO_AUGMENT_RANGE, (32, 32))

    for steps in (0, 1, 2):
        assert_share((operations != plans.IDENTITY).sum(axis=1) == steps, 1 / 3)


def test_rand_augment_draws_each_operation_alike_and_one_strength() -> None:
    plan = plans.rand_augment(uniform(4), 0.3, AUTO_AUGMENT_RANGE, (32, 32))

    operations, magnitudes = plan
    assert operations.shape == (COUNT, 2)
    for code in plans.RAND_OPERATIONS:
        assert_share(operations == code, 1 / 14)
    rotations = magnitudes[operations == OPERATIONS.index("Rotate")]
    np.testing.assert_allclose(np.abs(rotations), 9.0)
    assert_share(rotations < 0, 0.5)


def test_trivial_augment_draws_each_strength_alike() -> None:
    operations, magnitudes = plans.trivial_augment(uniform(3), 31, WIDE_RANGE, (32, 32))

    assert operations.shape == (COUNT, 1)
    for code in plans.RAND_OPERATIONS:
        assert_share(operations == code, 1 / 14)
    rotations = np.abs(magnitudes[operations == OPERATIONS.index("Rotate")])
    np.testing.assert_allclose(np.unique(rotations.round(6)), 4.5 * np.arange(31))
    for angle in (0.0, 67.5, 135.0):
        assert_share(np.isclose(rotations, angle), 1 / 31)


def test_keep_leaves_the_other_images_alone() -> None:
    plan = plans.rand_augment(uniform(3)[:, 1:], 0.3, AUTO_AUGMENT_RANGE, (32, 32))

    operations, _ = plans.keep(plan, uniform(3)[:, 0], 0.25)

    assert_share((operations != plans.IDENTITY).any(axis=1), 0.25 * 13 / 14)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", AUTO_AUGMENT)
def test_a_planned_policy_gives_the_pixels_of_torchvision(
    make_images: MakeImages, reference: Reference, name: str, channels: int
) -> None:
    images = np.tile(make_images(32, 32, channels), (60, 1, 1, 1))
    table = plans.table(AUTO_AUGMENT[name])
    draws = uniform(table.draws, len(images))
    operations, magnitudes = plans.follow(table, draws, AUTO_AUGMENT_RANGE, (32, 32))
    theirs = images.copy()
    for i, row in enumerate(operations):
        for j, code in enumerate(row):
            theirs[i] = reference(theirs[i], OPERATIONS[code], magnitudes[i, j])

    ours = cpu.apply(images.copy(), operations, magnitudes)

    assert (ours != images).any()
    assert (np.abs(ours.astype(int) - theirs) > 1).mean() <= 0.001
