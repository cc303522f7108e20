"""Operations on values against torchvision and NumPy, and the statistics of noise."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchvision.transforms.v2 import functional

from autotrick.augment import cpu
from autotrick.augment.policies import OPERATIONS
from autotrick.random_streams import Stream

Image = NDArray[np.uint8]
MakeImages = Callable[[int, int, int], Image]


def planes(images: Image) -> torch.Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2)


def applied(images: Image, name: str, magnitude: float) -> Image:
    shape = (len(images), 1)
    codes = np.full(shape, OPERATIONS.index(name))
    return cpu.apply(images.copy(), codes, np.full(shape, magnitude))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("turn", [-0.5, -0.13, 0.0, 0.25, 0.5])
def test_hue_equals_torchvision(make_images: MakeImages, turn: float, channels: int) -> None:
    images = make_images(32, 32, channels)

    ours = applied(images, "Hue", turn)

    theirs = functional.adjust_hue(planes(images), turn).permute(0, 2, 3, 1).numpy()
    assert (np.abs(ours.astype(int) - theirs) > 1).mean() <= 0.001


def test_solarize_add_lifts_the_dark_half(make_images: MakeImages) -> None:
    images = make_images(32, 32, 3)

    ours = applied(images, "SolarizeAdd", 55.0)

    np.testing.assert_array_equal(ours, np.where(images < 128, images + np.uint8(55), images))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0, 2.3])
def test_blur_equals_torchvision(make_images: MakeImages, sigma: float, channels: int) -> None:
    images = make_images(28, 36, channels)
    side = 2 * int(np.ceil(3 * sigma)) + 1

    ours = cpu.blur(images.copy(), np.full(len(images), sigma))

    theirs = functional.gaussian_blur(planes(images), [side, side], [sigma, sigma])
    assert np.abs(ours.astype(int) - theirs.permute(0, 2, 3, 1).numpy()).max() <= 1


def test_blur_of_no_width_leaves_the_image(make_images: MakeImages) -> None:
    images = make_images(8, 8, 3)

    np.testing.assert_array_equal(cpu.blur(images.copy(), np.zeros(len(images))), images)


def test_shift_adds_and_cuts(make_images: MakeImages) -> None:
    images = make_images(9, 7, 3)
    offsets = np.linspace(-90, 90, len(images) * 3).reshape(-1, 3)
    gains = np.linspace(0.5, 1.5, len(images) * 3).reshape(-1, 3)

    ours = cpu.linear(images.copy(), offsets, gains)

    exact = images * gains[:, None, None] + offsets[:, None, None]
    assert np.abs(ours - np.clip(exact, 0, 255)).max() <= 0.501


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("factor", [0.0, 0.2, 1.0, 1.8])
def test_stretch_keeps_each_channels_mean(
    make_images: MakeImages, factor: float, channels: int
) -> None:
    images = make_images(16, 16, channels)

    ours = cpu.scale_contrast(images.copy(), np.full(len(images), factor))

    mean = images.mean(axis=(1, 2), keepdims=True)
    exact = np.clip((images - mean) * factor + mean, 0, 255)
    assert np.abs(ours - exact).max() <= 0.501


def test_grain_has_the_asked_for_deviation_in_every_frequency() -> None:
    images = np.full((40, 32, 32, 3), 128, np.uint8)
    keys = Stream(0, "noise").bits(3, np.arange(40), 1)[:, 0]

    noise = cpu.add_noise(images.copy(), keys, np.full(40, 20.0)).astype(float) - 128

    # 122,880 values: five standard errors of the mean and of the deviation.
    assert abs(noise.mean()) < 5 * 20 / np.sqrt(noise.size)
    assert abs(noise.std() - 20) < 5 * 20 / np.sqrt(2 * noise.size)
    power = np.abs(np.fft.fft2(noise, axes=(1, 2))) ** 2
    bands = power.mean(axis=(0, 3)).reshape(4, 8, 4, 8).mean(axis=(1, 3)) / power.mean()
    np.testing.assert_allclose(bands, 1.0, atol=0.1)


def test_grain_is_normal() -> None:
    images = np.full((20, 32, 32, 3), 128, np.uint8)

    noise = cpu.add_noise(images, np.arange(20, dtype=np.uint64), np.full(20, 25.0)).astype(float)

    for quantile in (0.01, 0.1, 0.5, 0.9, 0.99):
        expected = 128 + 25 * cpu.normal_quantiles()[int(quantile * 65536)]
        assert abs(np.quantile(noise, quantile) - expected) < 1.5


def test_speckle_hits_its_share_half_black_half_white() -> None:
    images = np.full((50, 32, 32, 3), 100, np.uint8)
    keys = Stream(0, "salt").bits(3, np.arange(50), 1)[:, 0]

    hit = cpu.salt_and_pepper(images.copy(), keys, np.full(50, 0.1))

    assert (hit == hit[..., :1]).all()
    pixels = hit[..., 0].ravel()
    error = 5 * np.sqrt(0.05 * 0.95 / pixels.size)
    assert abs((pixels == 255).mean() - 0.05) < error
    assert abs((pixels == 0).mean() - 0.05) < error
    assert {*np.unique(pixels)} == {0, 100, 255}


def test_noise_does_not_depend_on_the_batch() -> None:
    images = np.full((6, 5, 7, 3), 128, np.uint8)
    keys, some = np.arange(6, dtype=np.uint64), np.array([4, 1])

    whole = cpu.add_noise(images.copy(), keys, np.full(6, 30.0))

    part = cpu.add_noise(images[some].copy(), keys[some], np.full(2, 30.0))
    np.testing.assert_array_equal(whole[some], part)
    assert (whole[0] != whole[1]).any()


def test_mix_is_a_weighted_sum(make_images: MakeImages) -> None:
    images = make_images(12, 10, 3)
    others = [np.ascontiguousarray(images[::-1]), 255 - images]
    weights = np.random.default_rng(0).dirichlet((1, 1, 1), len(images))

    ours = cpu.blend(images.copy(), others, weights)

    exact = sum(
        w[:, None, None, None] * i for w, i in zip(weights.T, [images, *others], strict=True)
    )
    assert np.abs(ours - exact).max() <= 0.501
