"""What tricks see of a run."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.tricks import Run

MakeRun = Callable[..., Run]


@pytest.mark.parametrize("channels_last", [True, False])
@pytest.mark.parametrize("channels", [1, 3])
def test_both_ways_to_normalise_give_the_same_bits(
    make_run: MakeRun, channels: int, channels_last: bool
) -> None:
    run = make_run(channels=channels, size=(9, 7))
    run.recipe = run.recipe.model_copy(update={"channels_last": channels_last})
    images = np.random.default_rng(0).integers(0, 256, (5, 9, 7, channels), dtype=np.uint8)

    compiled, plain = run.normalised(images), run._on_device(images)

    layout = torch.channels_last if channels_last else torch.contiguous_format
    assert torch.equal(compiled, plain)
    assert compiled.is_contiguous(memory_format=layout)
