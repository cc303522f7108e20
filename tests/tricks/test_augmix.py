from collections.abc import Callable

import numpy as np
import pytest

from autotrick.augment import plans
from autotrick.augment.policies import OPERATIONS
from autotrick.random_streams import Stream
from autotrick.tricks import Run
from autotrick.tricks.augmix import PAPER, AugMix
from tests.pictures import augment

MakeRun = Callable[..., Run]

COUNT = 20_000


def chain(trick: AugMix, length: int) -> plans.Plan:
    draws = Stream(0, "augmix").uniform(0, np.arange(COUNT), 1 + 3 * length)
    return trick._chain(draws, (32, 32))


def test_chains_have_one_to_three_operations_of_the_paper() -> None:
    operations, _ = chain(AugMix(), 3)

    lengths = (operations != plans.IDENTITY).sum(axis=1)
    for length in (1, 2, 3):
        assert abs((lengths == length).mean() - 1 / 3) < 0.02
    used, counts = np.unique(operations[:, 0], return_counts=True)
    assert {OPERATIONS[code] for code in used} == {*PAPER}
    np.testing.assert_allclose(counts / COUNT, 1 / 9, atol=0.015)


def test_strengths_are_even_up_to_the_severity() -> None:
    operations, magnitudes = chain(AugMix(severity=5, depth=2), 2)

    angles = np.abs(magnitudes[operations == OPERATIONS.index("Rotate")])
    assert 0.3 <= angles.min() < 0.4 and 14.9 < angles.max() <= 15.0
    assert abs(np.median(angles) - 7.65) < 0.3
    bits = magnitudes[operations == OPERATIONS.index("Posterize")]
    assert {*np.unique(bits)} == {2.0, 3.0, 4.0}


def test_the_mix_lies_between_the_image_and_its_chains(make_run: MakeRun) -> None:
    white = np.full((500, 12, 12, 3), 255, np.uint8)
    trick = AugMix(depth=1, severity=10)

    after = augment(trick, white.copy(), np.arange(500), make_run())

    assert after.min() < 100 and (after[:, 6, 6] == 255).mean() > 0.3


@pytest.mark.parametrize("width", [1, 4])
def test_the_image_keeps_half_on_average(make_run: MakeRun, width: int) -> None:
    images = np.full((4000, 2, 2, 1), 200, np.uint8)
    images[:, 0, 0] = 0
    trick = AugMix(width=width, depth=1)
    object.__setattr__(trick, "_operations", [OPERATIONS.index("Invert")])

    after = augment(trick, images, np.arange(4000), make_run(channels=1))

    # The inverse of 200 is 55; the blend is even between the two.
    assert abs(after[:, 1, 1].mean() - 127.5) < 5 * 145 / np.sqrt(12 * 4000)
    assert (after[:, 1, 1].min(), after[:, 1, 1].max()) == (55, 200)
