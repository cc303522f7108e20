"""Each operation against torchvision's functional of the same name, image by image."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchvision.transforms.v2 import functional

from autotrick.augment import cpu
from autotrick.augment.policies import BORDERS, GEOMETRY, OPERATIONS, Border, Interpolation

Image = NDArray[np.uint8]
MakeImages = Callable[[int, int, int], Image]
Reference = Callable[[Image, str, float], Image]

BINS = np.arange(-9, 10) / 9
WIDE_BINS = np.arange(-30, 31) / 30
ENHANCE = [*(0.9 * BINS), *(0.99 * WIDE_BINS)]
MAGNITUDES = {
    "ShearX": [*(0.3 * BINS), *(0.99 * WIDE_BINS)],
    "ShearY": [*(0.3 * BINS), *(0.99 * WIDE_BINS)],
    "TranslateX": [*(150 / 331 * 32 * BINS), -64.0, 64.0, 100.0],
    "TranslateY": [*(150 / 331 * 32 * BINS), -64.0, 64.0, 100.0],
    "Rotate": [*(30 * BINS), *(135 * WIDE_BINS), 180.0],
    "Brightness": ENHANCE,
    "Color": ENHANCE,
    "Contrast": ENHANCE,
    "Sharpness": ENHANCE,
    "Posterize": [float(bits) for bits in range(9)],
    "Solarize": [*np.linspace(0, 1, 10), *np.linspace(0, 1, 31)],
    "SolarizeAdd": [*(110 * np.linspace(0, 1, 11))],
}
SIZES = [(28, 28), (32, 32), (64, 64), (24, 40), (40, 24)]


def applied(
    images: Image,
    operation: str,
    magnitude: float,
    border: Border = "constant",
    interpolation: Interpolation = "nearest",
) -> Image:
    shape = (len(images), 1)
    code = np.full(shape, OPERATIONS.index(operation))
    magnitudes = np.full(shape, magnitude)
    return cpu.apply(images.copy(), code, magnitudes, border, interpolation)


def disagreeing(
    images: Image, operation: str, reference: Reference, *, beyond: int = 0
) -> tuple[int, int]:
    """Return how many values differ by more than `beyond`, and how many there are."""
    differing = total = 0
    for magnitude in MAGNITUDES.get(operation, [0.0]):
        ours = applied(images, operation, magnitude).astype(int)
        theirs = np.stack([reference(image, operation, magnitude) for image in images])
        differing += int((np.abs(ours - theirs) > beyond).sum())
        total += ours.size
    return differing, total


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    "operation", [name for name in OPERATIONS if name not in (*GEOMETRY, "Hue")]
)
def test_tones_and_filters_equal_torchvision(
    make_images: MakeImages,
    reference: Reference,
    operation: str,
    size: tuple[int, int],
    channels: int,
) -> None:
    images = make_images(*size, channels)

    differing, _ = disagreeing(images, operation, reference)

    assert differing == 0


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("operation", GEOMETRY)
def test_warps_equal_torchvision_but_for_ties(
    make_images: MakeImages,
    reference: Reference,
    operation: str,
    size: tuple[int, int],
    channels: int,
) -> None:
    images = make_images(*size, channels)

    differing, total = disagreeing(images, operation, reference, beyond=1)

    assert differing <= 0.001 * total


PAD = 40
WARPS = [("ShearX", -0.3), ("ShearY", 0.97), ("Rotate", 27.0), ("Rotate", -120.0)]
MOVES = [("TranslateX", 9.7), ("TranslateX", -31.0), ("TranslateY", -14.4), ("TranslateY", 5.0)]


def on_padded(
    images: Image, operation: str, magnitude: float, border: Border, interpolation: Interpolation
) -> Image:
    """Return torchvision's images, cut out of what it makes of images that NumPy padded."""
    sides = ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0))
    planes = torch.from_numpy(np.pad(images, sides, mode=border)).permute(0, 3, 1, 2)
    how = functional.InterpolationMode(interpolation)
    if operation == "Rotate":
        moved = functional.rotate(planes, magnitude, interpolation=how)
    else:
        across, down = operation.endswith("X"), operation.endswith("Y")
        pixels = int(magnitude) if operation in ("TranslateX", "TranslateY") else 0
        degrees = 0.0 if pixels else math.degrees(math.atan(magnitude))
        moved = functional.affine(
            planes,
            0.0,
            [pixels * across, pixels * down],
            1.0,
            [degrees * across, degrees * down],
            interpolation=how,
            center=None if pixels else [PAD, PAD],
        )
    return np.asarray(moved.permute(0, 2, 3, 1))[:, PAD:-PAD, PAD:-PAD]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("operation", "magnitude"), [*WARPS, *MOVES])
def test_warps_of_policies_show_the_border_that_numpy_pads(
    make_images: MakeImages,
    operation: str,
    magnitude: float,
    border: Border,
    interpolation: Interpolation,
    channels: int,
) -> None:
    images = make_images(32, 28, channels)

    ours = applied(images, operation, magnitude, border, interpolation)

    theirs = on_padded(images, operation, magnitude, border, interpolation)
    # On another grid ties fall otherwise: a shear by 3/10 has one in every tenth row.
    differing = np.abs(ours.astype(int) - theirs) > 1
    assert differing.mean() <= (0.001 if interpolation == "bilinear" else 0.01)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("operation", "magnitude"), [("Rotate", 27.0), ("ShearX", -0.3)])
def test_bicubic_warps_of_policies_are_those_of_warp(
    make_images: MakeImages, operation: str, magnitude: float, border: Border
) -> None:
    images, angle = make_images(32, 28, 3), math.radians(magnitude)
    place = np.array([[1.0, magnitude, 16 * magnitude], [0.0, 1.0, 0.0]])
    if operation == "Rotate":
        sine, cosine = math.sin(angle), math.cos(angle)
        place = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0]])

    ours = applied(images, operation, magnitude, border, "bicubic")

    theirs = cpu.warp(images.copy(), np.stack([place] * len(images)), border, "bicubic")
    np.testing.assert_array_equal(ours, theirs)


# torch computes what is left over after its vectors of 8 or 16 pixels with another rounding.
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_odd_sizes_equal_torchvision_within_one_level(
    make_images: MakeImages, reference: Reference, operation: str, channels: int
) -> None:
    images = make_images(33, 21, channels)

    differing, total = disagreeing(images, operation, reference, beyond=1)

    assert differing <= 0.001 * total


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (5, 2), (1, 7)], ids=str)
@pytest.mark.parametrize("operation", ["Sharpness", "AutoContrast", "Equalize", "Rotate"])
def test_tiny_images_equal_torchvision(
    make_images: MakeImages, reference: Reference, operation: str, size: tuple[int, int]
) -> None:
    images = make_images(*size, 3)

    ours = applied(images, operation, 0.0)

    theirs = [reference(image, operation, 0.0) for image in images]
    np.testing.assert_array_equal(ours, theirs)


def test_operations_follow_each_other(make_images: MakeImages, reference: Reference) -> None:
    images = make_images(32, 32, 3)
    steps = [("Rotate", 20.0), ("Identity", 0.0), ("Equalize", 0.0), ("ShearX", -0.2)]
    codes = np.array([[OPERATIONS.index(name) for name, _ in steps]] * len(images))
    magnitudes = np.array([[magnitude for _, magnitude in steps]] * len(images))
    theirs = images
    for name, magnitude in steps:
        theirs = np.stack([reference(image, name, magnitude) for image in theirs])

    ours = cpu.apply(images.copy(), codes, magnitudes)

    assert (ours != theirs).mean() <= 0.001
