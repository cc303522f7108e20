from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.tricks import Run
from autotrick.tricks.per_image_standardisation import PerImageStandardisation, standardised

MakeRun = Callable[..., Run]


def seen(run: Run, images: np.ndarray) -> np.ndarray:
    """Return what the first layer gets."""
    model = PerImageStandardisation().on_model(nn.Identity(), run)
    found: torch.Tensor = model(run.normalised(images))
    return found.permute(0, 2, 3, 1).numpy()


@pytest.mark.parametrize("channels", [1, 3])
def test_is_tensorflows_formula(make_run: MakeRun, channels: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, channels), dtype=np.uint8)

    found = seen(make_run(channels=channels), images)

    mean = images.mean(axis=(1, 2, 3), keepdims=True)
    spread = np.maximum(images.std(axis=(1, 2, 3), keepdims=True), 1 / np.sqrt(64 * channels))
    np.testing.assert_allclose(found, (images - mean) / spread, atol=1e-4)


def test_a_constant_image_becomes_nothing(make_run: MakeRun) -> None:
    found = seen(make_run(), np.full((2, 8, 8, 3), 77, np.uint8))

    np.testing.assert_allclose(found, 0.0, atol=1e-3)


def test_brightness_and_contrast_make_no_difference() -> None:
    images = torch.rand((3, 3, 8, 8), generator=torch.Generator().manual_seed(0)) * 100

    torch.testing.assert_close(standardised(2 * images + 30), standardised(images))
