from collections.abc import Callable

import numpy as np

from autotrick.tricks import TRICKS, Run, conflict
from autotrick.tricks.alternating_flip import AlternatingFlip
from tests.pictures import augment

MakeRun = Callable[..., Run]


def mirrored(run: Run, epoch: int, samples: np.ndarray) -> np.ndarray:
    images = np.zeros((len(samples), 1, 2, 1), np.uint8)
    images[:, 0, 0] = 255
    run.epoch, run.update = epoch, 10 * epoch
    return np.asarray(augment(AlternatingFlip(), images, samples, run)[:, 0, 1, 0] == 255)


def test_every_image_shows_its_other_side_in_the_next_epoch(make_run: MakeRun) -> None:
    run, samples = make_run(), np.arange(20_000)

    first, second, third = (mirrored(run, epoch, samples) for epoch in range(3))

    assert (first == ~second).all() and (first == third).all()
    assert abs(first.mean() - 0.5) < 5 * np.sqrt(0.25 / 20_000)


def test_not_beside_random_flips() -> None:
    assert "undo the alternation" in (conflict([TRICKS["flip"], AlternatingFlip]) or "")
