"""Masks follow the geometry of their images, and nothing else changes them."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from autotrick.augment.pictures import IGNORE, Pictures
from autotrick.augment.policies import (
    BORDERS,
    GEOMETRY,
    INTERPOLATIONS,
    OPERATIONS,
    Border,
    Interpolation,
)
from autotrick.errors import TrickError

COUNT = 6
MAGNITUDES = {
    "ShearX": 0.3,
    "ShearY": -0.4,
    "TranslateX": 3.7,
    "TranslateY": -2.0,
    "Rotate": 31.0,
    "SolarizeAdd": 55.0,
}
MAPS = np.array(
    [
        [[1.0, 0, 0], [0, 1, 0]],
        [[0.8, -0.6, 0], [0.6, 0.8, 0]],
        [[2.1, 0, 0], [0, 2.1, 0]],
        [[0.43, 0, 0.5], [0, 0.43, -0.5]],
        [[1, 0.31, 0], [-0.17, 1, 0]],
        [[1, 0, -40.3], [0, 1, 55.2]],
    ]
)
BOXES = np.array(
    [(0, 0, 9, 9), (2, 3, 4, 5), (8, 8, 1, 1), (0, 4, 9, 2), (1, 0, 7, 3), (3, 3, 3, 3)]
)
CHOSEN = np.array([True, False, True, True, False, True])
STEPS = np.array([0, 3, -2, 11, -9, 1])

Change = Callable[[Pictures], Pictures]


def labels(size: tuple[int, int] = (9, 9)) -> NDArray[np.uint8]:
    return np.random.default_rng(4).integers(1, 20, (COUNT, *size), dtype=np.uint8)


def doubled(size: tuple[int, int] = (9, 9), ignore: int = 0) -> Pictures:
    """Return pictures whose one channel is what their masks are."""
    return Pictures(labels(size)[..., None].copy(), labels(size), ignore)


def masks(pictures: Pictures) -> NDArray[np.uint8]:
    assert isinstance(pictures.masks, np.ndarray)
    return pictures.masks


def policy(name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    shape = (COUNT, 1)
    return np.full(shape, OPERATIONS.index(name)), np.full(shape, MAGNITUDES.get(name, 0.5))


FRAMES: dict[str, Change] = {
    "flip": lambda p: p.flip(CHOSEN),
    "flip_vertical": lambda p: p.flip_vertical(CHOSEN),
    "turn": lambda p: p.turn(np.arange(COUNT) % 4),
    "crop": lambda p: p.crop(np.arange(COUNT) % 4, np.arange(COUNT) % 3, (5, 6)),
    "enlarge": lambda p: p.enlarge(BOXES, "nearest"),
}
"""Operations that show nothing from outside."""


def by_policy(
    pictures: Pictures, border: Border, interpolation: Interpolation, *, name: str
) -> Pictures:
    return pictures.apply(*policy(name), border, interpolation)


LOOK_UPS: dict[str, Callable[[Pictures, Border, Interpolation], Pictures]] = {
    "move": lambda p, border, _: p.move(STEPS, STEPS[::-1], border),
    "warp": lambda p, border, interpolation: p.warp(MAPS, border, interpolation),
    **{name: partial(by_policy, name=name) for name in GEOMETRY},
}
VALUES: dict[str, Change] = {
    "blur": lambda p: p.blur(np.full(COUNT, 1.3)),
    "add": lambda p: p.add(np.full((COUNT, 1), 40.0)),
    "scale_contrast": lambda p: p.scale_contrast(np.full(COUNT, 1.7)),
    "add_noise": lambda p: p.add_noise(np.arange(COUNT, dtype=np.uint64), np.full(COUNT, 30.0)),
    "salt_and_pepper": lambda p: p.salt_and_pepper(
        np.arange(COUNT, dtype=np.uint64), np.full(COUNT, 0.5)
    ),
    "compress": lambda p: p.compress(np.full(COUNT, 10)),
    **{
        name: partial(by_policy, border="constant", interpolation="nearest", name=name)
        for name in OPERATIONS
        if name not in ("Identity", "Color", "Hue", *GEOMETRY)  # two leave one channel as it is
    },
}


@pytest.mark.parametrize("name", FRAMES)
def test_what_moves_images_within_their_frame_moves_masks_alike(name: str) -> None:
    pictures = FRAMES[name](doubled(ignore=IGNORE))

    np.testing.assert_array_equal(pictures.pixels[..., 0], masks(pictures))
    assert pictures.size == ((5, 6) if name == "crop" else (9, 9))
    assert name == "crop" or (masks(pictures) != labels()).any()


@pytest.mark.parametrize("size", [(9, 9), (8, 13)], ids=str)
@pytest.mark.parametrize("name", LOOK_UPS)
def test_a_mask_is_its_image_where_outside_is_black_and_ignored(
    name: str, size: tuple[int, int]
) -> None:
    pictures = LOOK_UPS[name](doubled(size), "constant", "nearest")

    np.testing.assert_array_equal(pictures.pixels[..., 0], masks(pictures))
    assert (masks(pictures) == 0).any()


@pytest.mark.parametrize("ignore", [0, 21, IGNORE])
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("name", LOOK_UPS)
def test_a_mask_is_its_image_or_ignored(name: str, border: Border, ignore: int) -> None:
    pictures = LOOK_UPS[name](doubled(ignore=ignore), border, "nearest")

    known = masks(pictures) != ignore
    np.testing.assert_array_equal(pictures.pixels[known][:, 0], masks(pictures)[known])
    assert known.any() and not known.all()


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("border", BORDERS)
def test_what_is_ignored_lies_outside(border: Border, interpolation: Interpolation) -> None:
    size = (9, 12)

    pictures = doubled(size, IGNORE).warp(MAPS, border, interpolation)

    y, x = np.mgrid[: size[0], : size[1]]
    centred = np.stack([x - 5.5, y - 4.0, np.ones(size)])
    columns, rows = np.einsum("nij,jhw->inhw", MAPS, centred)
    rows, columns = (np.floor(at + c + 0.5).astype(int) for at, c in ((rows, 4), (columns, 5.5)))
    within = (rows >= 0) & (rows < size[0]) & (columns >= 0) & (columns < size[1])
    each = np.arange(COUNT)[:, None, None]
    found = labels(size)[each, rows.clip(0, size[0] - 1), columns.clip(0, size[1] - 1)]
    np.testing.assert_array_equal(masks(pictures), np.where(within, found, IGNORE))


@pytest.mark.parametrize("border", [b for b in BORDERS if b != "constant"])
@pytest.mark.parametrize("name", LOOK_UPS)
def test_interpolation_does_not_change_where_a_mask_is_looked_up(name: str, border: Border) -> None:
    nearest, bilinear, bicubic = (
        LOOK_UPS[name](doubled(), border, interpolation).masks for interpolation in INTERPOLATIONS
    )

    np.testing.assert_array_equal(nearest, bilinear)
    np.testing.assert_array_equal(nearest, bicubic)


@pytest.mark.parametrize("name", VALUES)
def test_masks_stay_where_only_values_change(name: str) -> None:
    images = np.random.default_rng(0).integers(20, 200, (COUNT, 40, 40, 1), dtype=np.uint8)

    pictures = VALUES[name](Pictures(images.copy(), labels((40, 40))))

    np.testing.assert_array_equal(masks(pictures), labels((40, 40)))
    assert (pictures.pixels != images).any()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("border", BORDERS)
def test_masks_follow_a_whole_policy_step_by_step(border: Border, seed: int) -> None:
    plan = np.random.default_rng(seed).integers(0, len(OPERATIONS), (COUNT, 3))
    sizes = np.array([[MAGNITUDES.get(OPERATIONS[code], 0.5) for code in row] for row in plan])
    moves = np.array([[OPERATIONS[code] in GEOMETRY for code in row] for row in plan])

    together = doubled(ignore=IGNORE).apply(plan, sizes, border)

    step_by_step = doubled(ignore=IGNORE)
    for i in range(3):
        after = step_by_step.copy().apply(plan[:, i, None], sizes[:, i, None], border)
        moved = moves[:, i]
        step_by_step.replace(moved, Pictures(after.pixels[moved], masks(after)[moved]))
    np.testing.assert_array_equal(masks(together), masks(step_by_step))
    assert moves.any() and not moves.all()


def test_masks_do_not_change_pixels() -> None:
    images = np.random.default_rng(0).integers(0, 256, (COUNT, 9, 9, 3), dtype=np.uint8)

    for change in [*FRAMES.values(), *(lambda p, n=n: p.apply(*policy(n)) for n in OPERATIONS)]:
        plain = change(Pictures(images.copy()))
        masked = change(Pictures(images.copy(), labels()))
        np.testing.assert_array_equal(plain.pixels, masked.pixels)


def test_replaced_pictures_bring_their_masks() -> None:
    pictures, others = doubled(), doubled().flip(np.ones(COUNT, bool))
    few = Pictures(others.pixels[CHOSEN], masks(others)[CHOSEN])

    pictures.replace(CHOSEN, few)

    np.testing.assert_array_equal(pictures.pixels[..., 0], masks(pictures))
    np.testing.assert_array_equal(masks(pictures)[CHOSEN], masks(few))
    np.testing.assert_array_equal(masks(pictures)[~CHOSEN], labels()[~CHOSEN])


def test_blending_refuses_masks() -> None:
    with pytest.raises(TrickError, match="masks"):
        doubled().blend([doubled()], np.full((COUNT, 2), 0.5))


def test_masks_of_another_size_are_a_bug_of_the_caller() -> None:
    with pytest.raises(AssertionError):
        Pictures(labels()[..., None], labels((8, 9)))
