"""What shows from outside an image is a setting of every trick that warps."""

from collections.abc import Callable

import numpy as np
import pytest

from autotrick.augment.policies import BORDERS, INTERPOLATIONS
from autotrick.domain import Choice
from autotrick.tricks import TRICKS, Run, build
from tests.pictures import augment

MakeRun = Callable[..., Run]
WARPS = ("rotate", "translate", "shear", "scale")


def domain(name: str, setting: str) -> object:
    return next(spec.domain for spec in TRICKS[name].settings() if spec.name == setting)


@pytest.mark.parametrize(
    "name", [*WARPS, "auto_augment", "rand_augment", "trivial_augment", "searched_policy"]
)
def test_border_and_interpolation_are_searched(name: str) -> None:
    assert domain(name, "border") == Choice(BORDERS)
    assert domain(name, "interpolation") == Choice(INTERPOLATIONS)


@pytest.mark.parametrize("name", WARPS)
def test_five_borders_give_five_images_that_agree_in_the_middle(
    make_run: MakeRun, name: str
) -> None:
    images = np.random.default_rng(0).integers(1, 256, (8, 32, 32, 3), np.uint8)

    found = [
        augment(build(name, {"border": border}), images.copy(), np.arange(8), make_run())
        for border in BORDERS
    ]

    assert len({one.tobytes() for one in found}) == len(BORDERS)
    assert {one.shape for one in found} == {images.shape}
    middle = np.stack(found)[:, :, 14:18, 14:18]
    assert (middle == middle[0]).all()
