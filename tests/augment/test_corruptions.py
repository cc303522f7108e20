import numpy as np
import pytest
from numpy.typing import NDArray

from autotrick.augment.corruptions import (
    CORRUPTIONS,
    FAMILIES,
    LEFT_OUT,
    MOVES,
    SEVERITIES,
    corrupt,
)
from autotrick.augment.corruptions.base import streaked, zoomed

PAPER = (
    *("gaussian_noise", "shot_noise", "impulse_noise"),
    *("defocus_blur", "glass_blur", "motion_blur", "zoom_blur"),
    *("snow", "frost", "fog", "brightness"),
    *("contrast", "elastic_transform", "pixelate", "jpeg_compression"),
)


@pytest.fixture(scope="module")
def photos() -> NDArray[np.uint8]:
    """Photographs of 32 pixels that scikit-learn ships."""
    from PIL import Image
    from sklearn.datasets import load_sample_images

    return np.stack(
        [
            np.asarray(Image.fromarray(image).resize((32, 32)))
            for image in load_sample_images().images
        ]
    )


@pytest.fixture(params=sorted(CORRUPTIONS | MOVES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_all_of_the_paper_are_there_or_named_as_left_out() -> None:
    assert {*CORRUPTIONS} | {*LEFT_OUT} == {*PAPER}
    assert [*CORRUPTIONS] == [name for name in PAPER if name in CORRUPTIONS]
    assert {kind.family for kind in CORRUPTIONS.values()} == {*FAMILIES}


def test_strengths_are_five_of_each(name: str) -> None:
    kind = (CORRUPTIONS | MOVES)[name]
    assert len(kind.small) == len(kind.large) == len(SEVERITIES)


def test_an_image_depends_on_its_number_alone(name: str, photos: NDArray[np.uint8]) -> None:
    together = corrupt(photos, name, 3)
    alone = corrupt(photos[1:], name, 3, numbers=np.array([1]))

    np.testing.assert_array_equal(together[1:], alone)
    assert together.shape == photos.shape and together.dtype == np.uint8


def test_images_change_more_at_the_highest_severity(name: str, photos: NDArray[np.uint8]) -> None:
    def change(severity: int) -> float:
        return float(np.abs(corrupt(photos, name, severity).astype(float) - photos).mean())

    assert change(1) > 0
    # The affine map of the authors' elastic transform is weaker at higher severities.
    assert change(5) > change(1) or name == "elastic_transform"


@pytest.mark.parametrize("shape", [(1, 8, 8, 1), (1, 9, 14, 3), (1, 80, 66, 1)])
def test_any_size_and_grey_images_are_corrupted(
    name: str, shape: tuple[int, int, int, int]
) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)

    assert corrupt(images, name, 5).shape == shape


def test_black_images_stay_finite(name: str) -> None:
    images = np.zeros((1, 12, 12, 3), np.uint8)

    with np.errstate(all="raise", under="ignore"):
        corrupt(images, name, 5)


@pytest.mark.parametrize("size", [(40, 40), (40, 60)])
def test_a_square_moves_turns_and_shrinks_by_what_is_stated(size: tuple[int, int]) -> None:
    square = np.zeros((1, *size, 1), np.uint8)
    height, width = size
    square[0, height // 2 - 5 : height // 2 + 5, width // 2 - 5 : width // 2 + 5] = 255

    def middle(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        weights = pixels[0, ..., 0].astype(float)
        return np.array([(axis * weights).sum() / weights.sum() for axis in np.indices(size)])

    def area(pixels: NDArray[np.uint8]) -> float:
        return float(pixels.sum() / square.sum())

    for severity, share, small, cut in ((2, 0.08, 0.8, 0.9), (5, 0.2, 0.5, 0.6)):
        moved = (middle(corrupt(square, "shift", severity)) - middle(square)) / size
        assert np.linalg.norm(moved) == pytest.approx(share, abs=0.01)
        turned = corrupt(square, "rotation", severity)
        np.testing.assert_allclose(middle(turned), middle(square), atol=0.1)
        assert area(turned) == pytest.approx(1, abs=0.05)
        assert area(corrupt(square, "shrinking", severity)) == pytest.approx(small**2, rel=0.15)
        assert area(corrupt(square, "crop", severity)) == pytest.approx(1 / cut**2, rel=0.15)
    corners = corrupt(square, "rotation", 5)[0, ..., 0]
    assert corners[height // 2 - 7, width // 2] > 0 == square[0, height // 2 - 7, width // 2, 0]


def test_noise_has_the_stated_deviation() -> None:
    grey = np.full((1, 64, 64, 3), 128, np.uint8)

    found = corrupt(grey, "gaussian_noise", 5).astype(float)

    assert found.std() == pytest.approx(255 * 0.10, rel=0.03)


def test_impulses_hit_the_stated_share() -> None:
    grey = np.full((1, 64, 64, 3), 128, np.uint8)

    found = corrupt(grey, "impulse_noise", 5)

    assert np.isin(found, [0, 255]).mean() == pytest.approx(0.07, abs=0.01)
    assert set(np.unique(found)) == {0, 128, 255}


def test_contrast_keeps_the_mean(photos: NDArray[np.uint8]) -> None:
    found = corrupt(photos, "contrast", 4)

    np.testing.assert_allclose(found.mean(axis=(1, 2)), photos.mean(axis=(1, 2)), atol=1)
    assert found.std(axis=(1, 2)).max() < 0.4 * photos.std(axis=(1, 2)).max()


def test_brightness_raises_the_value_and_keeps_the_hue() -> None:
    image = np.array([[[[100, 50, 0], [0, 0, 0], [250, 125, 0]]]], np.uint8)

    found = corrupt(image, "brightness", 4)

    # V of HSV rises by 0.2 of 255, to at most 255.
    assert found[0, 0].tolist() == [[151, 76, 0], [51, 51, 51], [255, 128, 0]]


def test_glass_blur_only_moves_pixels_between_its_blurs() -> None:
    kind = CORRUPTIONS["glass_blur"]
    image = np.random.default_rng(0).random((10, 10, 1))

    found = kind.apply(image, (1e-3, 1, 2), np.random.default_rng(1))

    np.testing.assert_allclose(np.sort(found.ravel()), np.sort(image.ravel()))
    assert (found != image).mean() > 0.5


def test_motion_trails_along_its_angle() -> None:
    point = np.zeros((17, 17, 1))
    point[8, 8] = 1

    level = streaked(point, 3, 2, 0)
    upright = streaked(point, 3, 2, 90)

    assert level.sum() == pytest.approx(1) and np.flatnonzero(level.sum(axis=(1, 2))).tolist() == [
        8
    ]
    np.testing.assert_allclose(upright[..., 0], level[..., 0].T)


def test_zoom_keeps_the_middle() -> None:
    image = np.zeros((11, 11, 1))
    image[5, 5] = 1

    found = zoomed(image, 2.0)

    assert found.shape == image.shape and found.argmax() == image.argmax()
    assert (found > 0).sum() > 1
    np.testing.assert_allclose(zoomed(image, 1.0), image)
