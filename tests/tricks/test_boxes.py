import numpy as np
import pytest
import torch

from autotrick.tricks.boxes import hide


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize("plain", [True, False])
def test_hiding_in_place_equals_torch(
    channels: int, layout: torch.memory_format, plain: bool
) -> None:
    images = torch.randn(6, channels, 5, 8).contiguous(memory_format=layout)
    hidden = np.random.default_rng(0).random((6, 8, 5)).transpose(0, 2, 1) < 0.4
    colour = None if plain else np.arange(1, channels + 1, dtype=np.float32)
    shades = torch.zeros(channels) if colour is None else torch.from_numpy(colour)
    mask = torch.from_numpy(hidden.copy())[:, None]
    expected = torch.where(mask, shades[:, None, None], images)

    found = hide(images, hidden, colour)

    assert torch.equal(found, expected)
    assert found.data_ptr() == images.data_ptr()
