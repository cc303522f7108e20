from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from autotrick.tricks import Batch, Run
from autotrick.tricks.ricap import Ricap, patch

LAYOUT = [(0, 0), (0, 1), (1, 0), (1, 1)]


def reference(
    images: np.ndarray, partners: np.ndarray, boundary: tuple[int, int], places: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return patched images and (N, 4) integer areas, pixel by pixel."""
    n, _, height, width = images.shape
    out, areas = np.empty_like(images), np.zeros((n, 4), int)
    for i in range(n):
        for y in range(height):
            for x in range(width):
                below, right = int(y >= boundary[0]), int(x >= boundary[1])
                k = LAYOUT.index((below, right))
                h = height - boundary[0] if below else boundary[0]
                w = width - boundary[1] if right else boundary[1]
                top = int(places[k, 0] * (height - h + 1)) + y - below * boundary[0]
                left = int(places[k, 1] * (width - w + 1)) + x - right * boundary[1]
                out[i, :, y, x] = images[partners[k, i], :, top, left]
                areas[i, k] += 1
    return out, areas


@pytest.mark.parametrize("size", [(8, 8), (6, 9)])
@pytest.mark.parametrize("boundary", [(3, 5), (0, 4), (6, 0), (0, 0), (6, 8)])
def test_equals_a_pixel_by_pixel_reference(
    make_batch: Callable[..., Batch], size: tuple[int, int], boundary: tuple[int, int]
) -> None:
    batch, rng = make_batch(5, size=size), np.random.default_rng(3)
    partners = np.stack([rng.permutation(5) for _ in range(4)])
    places = rng.random((4, 2))

    images, targets = patch(
        batch.images, batch.targets, list(torch.from_numpy(partners)), boundary, places
    )

    expected, areas = reference(batch.images.numpy(), partners, boundary, places)
    assert np.array_equal(images.numpy(), expected)
    shares = np.zeros((5, 10))
    for k in range(4):
        shares[np.arange(5), partners[k] % 10] += areas[:, k] / (size[0] * size[1])
    np.testing.assert_allclose(targets.numpy(), shares, atol=1e-6)


def test_loss_is_the_area_weighted_sum_of_four_losses() -> None:
    logits = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(4)
    partners = [torch.tensor(p) for p in ([1, 0, 3, 2], [2, 3, 0, 1], [0, 1, 2, 3], [3, 2, 1, 0])]

    _, targets = patch(
        torch.zeros(4, 1, 5, 4), torch.eye(6)[labels], partners, (2, 1), np.zeros((4, 2))
    )

    areas = [2 * 1, 2 * 3, 3 * 1, 3 * 3]
    expected = sum(
        area / 20 * functional.cross_entropy(logits, labels[partner])
        for area, partner in zip(areas, partners, strict=True)
    )
    assert isinstance(expected, torch.Tensor)
    torch.testing.assert_close(
        functional.cross_entropy(logits, targets), expected, rtol=0, atol=1e-6
    )


@given(
    boundary=st.tuples(st.integers(0, 9), st.integers(0, 7)),
    places=st.lists(st.floats(0, 1, exclude_max=True), min_size=8, max_size=8),
)
def test_any_boundary_tiles_the_image(boundary: tuple[int, int], places: list[float]) -> None:
    images = torch.arange(63.0).reshape(1, 1, 9, 7) + 1
    partners = [torch.zeros(1, dtype=torch.int64)] * 4

    patched, targets = patch(
        images, torch.eye(3)[:1], partners, boundary, np.array(places).reshape(4, 2)
    )

    assert ((patched >= 1) & (patched <= 63)).all()
    torch.testing.assert_close(targets.sum(dim=1), torch.ones(1))


@pytest.mark.slow
def test_boundary_follows_the_beta_distribution(make_run: Callable[..., Run]) -> None:
    # Of two one-hot images the four patches show, by label share, how the area is split; the
    # upper left patch's share is y * x with y, x ~ Beta(b, b), and each patch comes from image 0
    # with probability 1/2, so E[share of 0] = 1/2 and its variance is sum E[area^2] / 4.
    count, size = 20_000, (50, 40)
    run, trick = make_run(channels=1, classes=2, size=size), Ricap()
    shares = np.empty(count)
    for update in range(count):
        run.update = update
        images = torch.zeros(2, 1, *size)
        batch = Batch(images, torch.eye(2), torch.arange(2), np.arange(2))
        shares[update] = trick.on_batch(batch, run).targets[0, 0].item()

    second_moment = 1 / (4 * (2 * 0.3 + 1)) + 1 / 4
    variance = (2 * second_moment) ** 2 / 4
    assert shares.mean() == pytest.approx(0.5, abs=4 * np.sqrt(variance / count))
    assert shares.var() == pytest.approx(variance, rel=0.03)


def test_leaves_pad_crop_out() -> None:
    assert "pad_crop" in Ricap.replaces
