from collections.abc import Callable

import numpy as np
import pytest

from autotrick.tricks import Run
from autotrick.tricks.augmentation_curriculum import AugmentationCurriculum
from tests.pictures import augment


@pytest.mark.parametrize(
    ("settings", "fraction", "expected"),
    [
        ({}, 0.0, 0.0),
        ({}, 0.25, 0.5),
        ({}, 0.5, 1.0),
        ({"start": 0.4, "end": 0.8, "length": 1.0}, 0.5, 0.6),
        ({"start": 1.0, "end": 0.0, "length": 1.0}, 0.25, 0.75),
        ({"clean": 0.1}, 0.89, 1.0),
        ({"clean": 0.1}, 0.9, 0.0),
    ],
)
def test_share_goes_evenly(settings: dict[str, float], fraction: float, expected: float) -> None:
    assert AugmentationCurriculum(**settings).share(fraction) == pytest.approx(expected)


def test_the_others_are_the_originals(make_run: Callable[..., Run]) -> None:
    run, samples = make_run(update=20, updates=100), np.arange(20_000) + 20
    black = np.zeros((20_000, 8, 8, 3), np.uint8)

    seen = augment(AugmentationCurriculum(), black, samples, run)

    kept = (seen == 0).all((1, 2, 3))
    assert kept.mean() == pytest.approx(0.4, abs=4 * np.sqrt(0.4 * 0.6 / 20_000))
    assert np.array_equal(seen[~kept], run.images[samples[~kept] % 20])
