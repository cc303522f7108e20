from collections.abc import Callable

import numpy as np
import pytest

from autotrick.errors import TrickError
from autotrick.tricks import Run
from autotrick.tricks.trivial_augment import TrivialAugment
from tests.pictures import augment

MakeRun = Callable[..., Run]


@pytest.mark.parametrize("side", [16, 28, 32])
def test_small_images_stay_in_their_frame(make_run: MakeRun, side: int) -> None:
    light = np.full((20_000, side, side, 1), 200, np.uint8)

    after = augment(TrivialAugment(), light, np.arange(20_000), make_run(channels=1))

    # Solarize, posterize and darkening give black images too; warps give black parts.
    black = (after == 0).mean(axis=(1, 2, 3))
    assert ((black > 0.5) & (black < 1)).mean() < 0.01


def test_probability_must_be_one() -> None:
    with pytest.raises(TrickError, match=r"trivial_augment: `0 <= probability <= 1` must hold"):
        TrivialAugment(probability=2.0)
