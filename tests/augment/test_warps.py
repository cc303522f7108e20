"""Warps with any border against SciPy, NumPy and torchvision."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from torchvision.transforms.v2 import functional

from autotrick.augment import cpu
from autotrick.augment.policies import BORDERS, INTERPOLATIONS, Border, Interpolation

# What SciPy calls NumPy's borders; its `reflect` is NumPy's `symmetric`.
SCIPY = {
    "constant": "grid-constant",
    "edge": "nearest",
    "reflect": "mirror",
    "symmetric": "reflect",
    "wrap": "grid-wrap",
}
PLACES = {
    "rotated": [[0.8, -0.6, 0.0], [0.6, 0.8, 0.0]],
    "shrunk": [[2.17, 0.0, 0.0], [0.0, 2.17, 0.0]],
    "enlarged": [[0.43, 0.0, 0.0], [0.0, 0.43, 0.0]],
    "slanted": [[1.0, 0.31, 0.0], [-0.17, 1.0, 0.0]],
    "moved far": [[1.0, 0.0, -40.3], [0.0, 1.0, 55.2]],
}

PAD = 90
"""More than any place above is away from its image."""


def noise(height: int, width: int, channels: int = 3, count: int = 2) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def looked_up(
    image: np.ndarray, place: np.ndarray, border: Border, interpolation: Interpolation
) -> np.ndarray:
    """Return the warped image from SciPy, in double precision."""
    height, width, channels = image.shape
    y, x = np.mgrid[:height, :width]
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    columns = place[0, 0] * x + place[0, 1] * y + place[0, 2] + (width - 1) / 2
    rows = place[1, 0] * x + place[1, 1] * y + place[1, 2] + (height - 1) / 2
    order = 1 if interpolation == "bilinear" else 0
    planes = [
        ndimage.map_coordinates(
            image[..., c].astype(float), [rows, columns], order=order, mode=SCIPY[border]
        )
        for c in range(channels)
    ]
    return np.asarray(np.rint(np.stack(planes, axis=2)))


@pytest.mark.parametrize("size", [(28, 28), (24, 40), (33, 21), (1, 7)], ids=str)
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("name", PLACES)
def test_warps_equal_scipy(
    name: str, border: Border, interpolation: Interpolation, size: tuple[int, int]
) -> None:
    images, place = noise(*size), np.array(PLACES[name])

    ours = cpu.warp(images.copy(), np.stack([place, place]), border, interpolation)

    theirs = np.stack([looked_up(image, place, border, interpolation) for image in images])
    assert (np.abs(ours - theirs) > 1).mean() <= 0.001


def curved(image: np.ndarray, place: np.ndarray, border: Border) -> np.ndarray:
    """Return the warped image from torch's bicubic look-up in the image that NumPy padded."""
    height, width, _ = image.shape
    wide = np.pad(image, ((PAD, PAD), (PAD, PAD), (0, 0)), mode=border)
    y, x = np.mgrid[:height, :width]
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    columns = place[0, 0] * x + place[0, 1] * y + place[0, 2] + (width - 1) / 2 + PAD
    rows = place[1, 0] * x + place[1, 1] * y + place[1, 2] + (height - 1) / 2 + PAD
    grid = np.stack([2 * columns / (wide.shape[1] - 1) - 1, 2 * rows / (wide.shape[0] - 1) - 1], 2)
    planes = torch.from_numpy(wide).permute(2, 0, 1)[None].double()
    found = torch.nn.functional.grid_sample(
        planes, torch.from_numpy(grid)[None], mode="bicubic", align_corners=True
    )
    return np.asarray(found[0].permute(1, 2, 0).round().clamp(0, 255))


@pytest.mark.parametrize("size", [(28, 28), (24, 40), (33, 21)], ids=str)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("name", PLACES)
def test_bicubic_warps_equal_torch(
    name: str, border: Border, channels: int, size: tuple[int, int]
) -> None:
    images, place = noise(*size, channels), np.array(PLACES[name])

    ours = cpu.warp(images.copy(), np.stack([place, place]), border, "bicubic")

    theirs = np.stack([curved(image, place, border) for image in images])
    assert (np.abs(ours - theirs) > 1).mean() <= 0.001


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("border", BORDERS)
def test_moves_by_whole_pixels_show_what_numpy_pads(
    border: Border, interpolation: Interpolation
) -> None:
    images, places = noise(7, 9, 1), np.array([[[1.0, 0, 11], [0, 1, -5]], [[1, 0, 0], [0, 1, 0]]])

    moved = cpu.warp(images.copy(), places, border, interpolation)

    padded = np.pad(images[0], ((20, 20), (20, 20), (0, 0)), mode=border)
    np.testing.assert_array_equal(moved[0], padded[15:22, 31:40])
    np.testing.assert_array_equal(moved[1], images[1])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("degrees", [-33.0, 7.5, 90.0, 180.0])
def test_rotation_equals_torchvision(degrees: float, channels: int) -> None:
    images, angle = noise(32, 32, channels), np.radians(degrees)
    sine, cosine = np.sin(angle), np.cos(angle)
    place = np.array([[cosine, -sine, 0], [sine, cosine, 0]])

    ours = cpu.warp(images.copy(), np.stack([place, place]), "constant", "bilinear")

    planes = torch.from_numpy(images).permute(0, 3, 1, 2)
    bilinear = functional.InterpolationMode.BILINEAR
    theirs = functional.rotate(planes, degrees, interpolation=bilinear).permute(0, 2, 3, 1)
    assert (np.abs(ours.astype(int) - theirs.numpy()) > 1).mean() <= 0.001


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("box", [(0, 0, 32, 40), (3, 5, 20, 31), (31, 39, 1, 1), (0, 8, 7, 32)])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_enlarging_equals_torchvision(
    interpolation: Interpolation, box: tuple[int, int, int, int], channels: int
) -> None:
    images = noise(32, 40, channels)

    ours = cpu.enlarge(images.copy(), np.array([box, box]), interpolation)

    mode = "nearest-exact" if interpolation == "nearest" else "bilinear"
    planes = torch.from_numpy(images).permute(0, 3, 1, 2)
    how = functional.InterpolationMode(mode)
    theirs = functional.resized_crop(planes, *box, [32, 40], interpolation=how)
    limit = 0 if interpolation == "nearest" else 1
    difference = np.abs(ours.astype(int) - theirs.permute(0, 2, 3, 1).numpy())
    assert difference.max() <= limit


# On uint8 torch cuts what overshoots to a byte between its two passes; on floats it does not.
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("box", [(0, 0, 32, 40), (3, 5, 20, 31), (31, 39, 1, 1), (0, 8, 7, 32)])
def test_bicubic_enlarging_equals_torch(box: tuple[int, int, int, int], channels: int) -> None:
    images = noise(32, 40, channels)

    ours = cpu.enlarge(images.copy(), np.array([box, box]), "bicubic")

    top, left, high, wide = box
    part = torch.from_numpy(images[:, top : top + high, left : left + wide]).permute(0, 3, 1, 2)
    floats = torch.nn.functional.interpolate(part.double(), (32, 40), mode="bicubic")
    theirs = floats.permute(0, 2, 3, 1).numpy()
    assert np.abs(ours - np.clip(theirs, 0, 255)).max() <= 0.501


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("channels", [1, 3])
def test_quarters_equal_numpy(quarters: int, channels: int) -> None:
    images = noise(9, 9, channels)

    turned = cpu.turn(images.copy(), np.array([quarters, 0]))

    np.testing.assert_array_equal(turned[0], np.rot90(images[0], quarters))
    np.testing.assert_array_equal(turned[1], images[1])


def test_upside_down_is_half_a_turn_and_a_flip() -> None:
    images, all_of_them = noise(6, 9), np.array([True, True])

    down = cpu.flip_vertical(images.copy(), all_of_them)

    half = cpu.turn(images.copy(), np.array([2, 2]))
    np.testing.assert_array_equal(down, cpu.flip(half, all_of_them))


def test_a_quarter_of_a_rectangle_is_a_bug_of_the_caller() -> None:
    with pytest.raises(AssertionError):
        cpu.turn(noise(6, 9), np.array([0, 1]))


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("border", BORDERS)
def test_a_plain_image_stays_plain_where_the_border_is_its_own(
    border: Border, interpolation: Interpolation
) -> None:
    images = np.full((2, 12, 15, 3), 77, np.uint8)
    place = np.array(PLACES["rotated"])

    turned = cpu.warp(images.copy(), np.stack([place, place]), border, interpolation)

    assert (turned == 77).all() == (border != "constant")
