from collections.abc import Callable

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional

from autotrick.augment import cpu
from autotrick.augment.policies import OPERATIONS
from autotrick.errors import TrickError
from autotrick.random_streams import Stream
from autotrick.tricks import Run
from autotrick.tricks.colour_jitter import ColourJitter, jittered

MakeRun = Callable[..., Run]

THEIRS = {
    "Brightness": lambda image, x: functional.adjust_brightness(image, 1 + x),
    "Contrast": lambda image, x: functional.adjust_contrast(image, 1 + x),
    "Color": lambda image, x: functional.adjust_saturation(image, 1 + x),
    "Hue": functional.adjust_hue,
}


def test_equals_torchvisions_functions_in_the_same_order() -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), dtype=np.uint8)
    codes, amounts = jittered(Stream(0, "jitter").uniform(0, np.arange(40), 8), 0.4, 0.1)

    ours = cpu.apply(images.copy(), codes, amounts)

    for image, own, row, amount in zip(images, ours, codes, amounts, strict=True):
        planes = torch.from_numpy(image).permute(2, 0, 1)
        for code, x in zip(row, amount, strict=True):
            planes = THEIRS[OPERATIONS[code]](planes, float(x))
        assert (np.abs(own.astype(int) - planes.permute(1, 2, 0).numpy()) > 2).mean() < 0.005


def test_every_order_and_every_factor_is_as_likely() -> None:
    codes, amounts = jittered(Stream(0, "jitter").uniform(0, np.arange(20_000), 8), 0.4, 0.1)

    _, counts = np.unique(codes, axis=0, return_counts=True)
    assert len(counts) == 24
    np.testing.assert_allclose(counts / 20_000, 1 / 24, atol=5 * np.sqrt(1 / 24 / 20_000))
    brightness = amounts[codes == OPERATIONS.index("Brightness")]
    assert -0.4 <= brightness.min() < -0.39 and 0.39 < brightness.max() < 0.4
    assert abs(brightness.mean()) < 5 * 0.4 / np.sqrt(3 * 20_000)
    assert np.abs(amounts[codes == OPERATIONS.index("Hue")]).max() < 0.1


def test_hue_alone_is_refused() -> None:
    with pytest.raises(TrickError, match=r"colour_jitter: `hue = 0 if strength = 0` must hold"):
        ColourJitter(strength=0.0, hue=0.1)
