"""Flip and crop against NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrick.augment import cpu
from autotrick.augment.policies import BORDERS, Border


def numbered(count: int, height: int, width: int, channels: int) -> np.ndarray:
    size = count * height * width * channels
    return (np.arange(size) % 251 + 1).astype(np.uint8).reshape(count, height, width, channels)


def cropped(image: np.ndarray, down: int, right: int, border: Border) -> np.ndarray:
    height, width, _ = image.shape
    pad = max(abs(down), abs(right))
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), mode=border)
    return padded[pad + down :, pad + right :][:height, :width]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("width", [1, 2, 31, 32])
def test_flip_mirrors_the_chosen(width: int, channels: int) -> None:
    images = numbered(3, 4, width, channels)

    flipped = cpu.flip(images.copy(), np.array([True, False, True]))

    np.testing.assert_array_equal(flipped[[0, 2]], images[[0, 2], :, ::-1])
    np.testing.assert_array_equal(flipped[1], images[1])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(
    ("down", "right"), [(0, 0), (3, -2), (-4, 4), (0, 5), (-11, 17), (40, -40)]
)
def test_crop_shows_what_numpy_pads(border: Border, down: int, right: int, channels: int) -> None:
    images = numbered(2, 6, 9, channels)

    moved = cpu.move(images.copy(), np.array([down, 0]), np.array([right, 0]), border)

    np.testing.assert_array_equal(moved[0], cropped(images[0], down, right, border))
    np.testing.assert_array_equal(moved[1], images[1])


@given(
    border=st.sampled_from(BORDERS),
    height=st.integers(1, 7),
    width=st.integers(1, 7),
    down=st.integers(-20, 20),
    right=st.integers(-20, 20),
)
def test_crop_holds_for_any_size_and_move(
    border: Border, height: int, width: int, down: int, right: int
) -> None:
    images = numbered(1, height, width, 3)

    moved = cpu.move(images.copy(), np.array([down]), np.array([right]), border)

    np.testing.assert_array_equal(moved[0], cropped(images[0], down, right, border))
