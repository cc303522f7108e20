from collections.abc import Callable

import numpy as np
import pytest

from autotrick.tricks import Run
from autotrick.tricks.salt_and_pepper import SaltAndPepper
from tests.pictures import augment

MakeRun = Callable[..., Run]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("amount", [0.002, 0.1, 1.0])
def test_salt_and_pepper_are_half_each(make_run: MakeRun, amount: float, channels: int) -> None:
    gray = np.full((100, 20, 20, channels), 128, np.uint8)

    after = augment(SaltAndPepper(amount=amount), gray, np.arange(100), make_run())

    pixels = after[..., 0].ravel()
    error = 5 * np.sqrt(amount / 2 / pixels.size)
    assert abs((pixels == 255).mean() - amount / 2) < error
    assert abs((pixels == 0).mean() - amount / 2) < error
