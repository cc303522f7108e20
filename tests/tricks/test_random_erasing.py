from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.errors import TrickError
from autotrick.tricks import Batch, Run
from autotrick.tricks.random_erasing import RandomErasing, rectangles

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


def reference(
    draws: np.ndarray, size: tuple[int, int], area: tuple[float, float], aspect: float
) -> tuple[int, int, int, int]:
    """Return top, left, height and width for one image, attempt by attempt."""
    for u, v in draws[2:].reshape(-1, 2):
        pixels = size[0] * size[1] * (area[0] + u * (area[1] - area[0]))
        ratio = aspect ** (1 - 2 * v)
        h, w = round(float(np.sqrt(pixels * ratio))), round(float(np.sqrt(pixels / ratio)))
        if 0 < h < size[0] and 0 < w < size[1]:
            top, left = int(draws[0] * (size[0] - h + 1)), int(draws[1] * (size[1] - w + 1))
            return top, left, h, w
    return 0, 0, 0, 0


@pytest.mark.parametrize("size", [(32, 32), (28, 28), (6, 40)])
@pytest.mark.parametrize("area", [(0.02, 0.4), (0.6, 0.9)])
def test_equals_a_loop_over_attempts(size: tuple[int, int], area: tuple[float, float]) -> None:
    draws = np.random.default_rng(0).random((500, 22))

    low, high = rectangles(draws, size, area, 0.3)

    expected = np.array([reference(row, size, area, 0.3) for row in draws])
    assert np.array_equal(np.hstack([low, high - low]), expected)


def test_gives_up_when_nothing_fits() -> None:
    low, high = rectangles(np.random.default_rng(0).random((50, 22)), (1, 8), (0.1, 0.4), 0.3)

    assert not low.any() and not high.any()


def test_shapes_and_places_have_the_published_statistics() -> None:
    count, side = 40_000, 256
    draws = np.random.default_rng(1).random((count, 22))

    low, high = rectangles(draws, (side, side), (0.02, 0.4), 0.3)

    height, width = (high - low).T
    assert ((low >= 0) & (high <= side) & (high > low)).all()
    share, ratio = height * width / side**2, height / width
    assert share.min() > 0.0195 and share.max() < 0.405
    assert ratio.min() > 0.28 and ratio.max() < 1 / 0.28
    # Log-uniform: standing and lying alike. Shapes that do not fit are large and long ones, so the
    # mean area lies a little below the middle of its range.
    log = np.log(ratio)
    assert log.mean() == pytest.approx(0, abs=4 * log.std() / np.sqrt(count))
    assert 0.18 < share.mean() < 0.21
    for axis in (0, 1):
        place = low[:, axis] / (side - (high - low)[:, axis])
        assert place.mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / count))
        assert place.var() == pytest.approx(1 / 12, rel=0.03)


@pytest.mark.parametrize("probability", [0.1, 0.5, 1.0])
def test_apply_rate_is_the_probability(make_run: MakeRun, probability: float) -> None:
    count = 20_000
    images = torch.ones(count, 1, 12, 12)
    batch = Batch(images, torch.eye(2)[[0] * count], torch.zeros(count).long(), np.arange(count))
    trick = RandomErasing(probability=probability, fill="mean")

    erased = trick.on_tensor(batch, make_run(channels=1)).images

    rate = (erased == 0).any(dim=3).any(dim=2).any(dim=1).double().mean().item()
    band = 4 * np.sqrt(probability * (1 - probability) / count)
    assert rate == pytest.approx(probability, abs=band)


def test_fills_touch_the_same_pixels(make_run: MakeRun, make_batch: MakeBatch) -> None:
    plain, run = make_batch(30).images, make_run()

    changed = [
        RandomErasing(fill=fill).on_tensor(make_batch(30), run).images != plain
        for fill in ("mean", "zero", "random")
    ]

    assert 5 < changed[0].flatten(1).any(1).sum() < 25
    assert torch.equal(changed[0], changed[1]) and torch.equal(changed[0], changed[2])
    assert (changed[0].all(dim=1) == changed[0].any(dim=1)).all()


def test_mean_is_zero_after_normalisation(make_run: MakeRun, make_batch: MakeBatch) -> None:
    plain = make_batch(30).images

    images = RandomErasing(fill="mean").on_tensor(make_batch(30), make_run()).images

    assert (images[images != plain] == 0).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_zero_is_black_before_normalisation(
    make_run: MakeRun, make_batch: MakeBatch, channels: int
) -> None:
    plain, run = make_batch(30, channels=channels).images, make_run(channels=channels)

    images = RandomErasing(fill="zero").on_tensor(make_batch(30, channels=channels), run).images

    before = (
        images * torch.from_numpy(run.std)[:, None, None]
        + torch.from_numpy(run.mean)[:, None, None]
    )
    torch.testing.assert_close(before[images != plain], torch.zeros(int((images != plain).sum())))


def test_random_colours_are_uniform_before_normalisation(
    make_run: MakeRun, make_batch: MakeBatch
) -> None:
    size, run = (32, 32), make_run()
    plain = make_batch(300, size=size).images

    images = RandomErasing().on_tensor(make_batch(300, size=size), run).images

    std, mean = torch.from_numpy(run.std), torch.from_numpy(run.mean)
    colours = images * std[:, None, None] + mean[:, None, None]
    for channel in range(3):
        seen = colours[:, channel][images[:, channel] != plain[:, channel]].numpy()
        assert len(seen) > 20_000
        assert seen.min() > -1e-6 and seen.max() < 1 + 1e-6
        assert seen.mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / len(seen)))
        assert seen.var() == pytest.approx(1 / 12, rel=0.03)


@pytest.mark.parametrize("fill", ["mean", "zero", "random"])
def test_an_image_does_not_depend_on_the_rest_of_the_batch(
    make_run: MakeRun, make_batch: MakeBatch, fill: str
) -> None:
    trick, batch = RandomErasing(probability=1.0, fill=fill), make_batch(6)
    part = Batch(batch.images[[4]], batch.targets[[4]], batch.labels[[4]], batch.samples[[4]])
    whole = trick.on_tensor(make_batch(6), make_run())

    alone = trick.on_tensor(part, make_run())

    assert torch.equal(alone.images[0], whole.images[4])


def test_the_smallest_area_may_not_exceed_the_largest() -> None:
    with pytest.raises(TrickError, match=r"random_erasing: `area_low <= area_high` must hold"):
        RandomErasing(area_low=0.3, area_high=0.2)


def test_unknown_fill_is_refused() -> None:
    with pytest.raises(TrickError, match=r"`fill is one of mean, random, zero` must hold"):
        RandomErasing(fill="pixel")


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_compiled_noise_equals_numpy_bit_for_bit(
    make_run: MakeRun, make_batch: MakeBatch, channels: int, layout: torch.memory_format
) -> None:
    trick, run, size = RandomErasing(probability=1.0), make_run(channels=channels), (9, 14)
    erased = np.random.default_rng(0).random((12, *size)) < 0.3
    compiled, plain = (make_batch(12, channels=channels, size=size) for _ in range(2))
    compiled.images = compiled.images.contiguous(memory_format=layout)

    filled = trick._filled(compiled, erased, run)

    assert torch.equal(filled, trick._on_device(plain, erased, run))
    assert filled.is_contiguous(memory_format=layout)
