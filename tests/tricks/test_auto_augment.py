"""The three tricks of published policies, which share how they draw."""

from collections.abc import Callable

import numpy as np
import pytest

from autotrick.errors import TrickError
from autotrick.tricks import Run, build
from autotrick.tricks.auto_augment import AutoAugment
from tests.pictures import augment

MakeRun = Callable[..., Run]

POLICY_TRICKS = ["auto_augment", "rand_augment", "trivial_augment", "searched_policy"]


def colourful(count: int, channels: int = 3) -> np.ndarray:
    one = np.random.default_rng(0).integers(0, 200, (1, 32, 32, channels), dtype=np.uint8)
    return np.repeat(one, count, axis=0)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", [*POLICY_TRICKS, "flip", "pad_crop"])
def test_an_image_is_augmented_alike_in_any_company(
    make_run: MakeRun, name: str, channels: int
) -> None:
    trick, run = build(name, {}), make_run(update=3)
    images, samples = colourful(64, channels), np.arange(64) * 5
    order = np.random.default_rng(1).permutation(64)

    together = augment(trick, images.copy(), samples, run)
    shuffled = augment(trick, images[order], samples[order], run)
    alone = augment(trick, images[7:8].copy(), samples[7:8], run)

    np.testing.assert_array_equal(shuffled, together[order])
    np.testing.assert_array_equal(alone[0], together[7])


@pytest.mark.parametrize("name", [*POLICY_TRICKS, "flip", "pad_crop"])
def test_images_updates_and_seeds_differ(make_run: MakeRun, name: str) -> None:
    trick, images, samples = build(name, {}), colourful(64), np.arange(64)

    base = augment(trick, images.copy(), samples, make_run())
    others = [
        augment(trick, images.copy(), samples + 64, make_run()),
        augment(trick, images.copy(), samples, make_run(update=1)),
        augment(trick, images.copy(), samples, make_run(seed=1)),
    ]

    assert len(np.unique(base.reshape(64, -1), axis=0)) > 1
    assert all((other != base).any() for other in others)


@pytest.mark.parametrize("name", ["auto_augment", "trivial_augment"])
def test_probability_tempers_without_moving_the_draws(make_run: MakeRun, name: str) -> None:
    images, samples, run = colourful(2000), np.arange(2000), make_run()

    full = augment(build(name, {}), images.copy(), samples, run)
    some = augment(build(name, {"probability": 0.3}), images.copy(), samples, run)

    left = (some == images).all(axis=(1, 2, 3))
    same = (some == full).all(axis=(1, 2, 3))
    assert (left | same).all()
    unchanged = (full == images).all(axis=(1, 2, 3)).mean()
    assert left.mean() == pytest.approx(1 - 0.3 * (1 - unchanged), abs=0.06)


def test_policies_differ(make_run: MakeRun) -> None:
    images, samples, run = colourful(64), np.arange(64), make_run()

    after = {
        name: augment(AutoAugment(policy=name), images.copy(), samples, run).tobytes()
        for name in ("cifar10", "imagenet", "svhn")
    }

    assert len({*after.values()}) == 3


def test_unknown_policy_names_the_known() -> None:
    message = r"auto_augment: `policy is one of cifar10, imagenet, svhn` must hold.*'mnist'"
    with pytest.raises(TrickError, match=message):
        AutoAugment(policy="mnist")
