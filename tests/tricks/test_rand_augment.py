from collections.abc import Callable

import numpy as np
import pytest

from autotrick.errors import TrickError
from autotrick.tricks import Run
from autotrick.tricks.rand_augment import RandAugment
from tests.pictures import augment

MakeRun = Callable[..., Run]


def test_more_operations_and_more_magnitude_change_more(make_run: MakeRun) -> None:
    gradient = np.add.outer(np.arange(0, 128, 4), np.arange(0, 128, 4))
    images = np.repeat(gradient.astype(np.uint8)[None, :, :, None], 3, axis=3)
    images = np.repeat(images, 500, axis=0)

    def change(num_ops: int, magnitude: int) -> float:
        trick = RandAugment(num_ops=num_ops, magnitude=magnitude)
        after = augment(trick, images.copy(), np.arange(500), make_run())
        return float(np.abs(after.astype(float) - images).mean())

    assert change(1, 9) < change(2, 9) < change(3, 9)
    assert change(2, 3) < change(2, 15) < change(2, 30)


@pytest.mark.parametrize("settings", [{"num_ops": -1}, {"magnitude": 31}, {"magnitude": -1}])
def test_settings_out_of_range_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(TrickError, match=r"rand_augment: `0 <= .*` must hold, but got"):
        RandAugment(**settings)  # type: ignore[arg-type]
