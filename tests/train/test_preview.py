"""What previews show, as pixels."""

from collections.abc import Callable

import numpy as np

from autotrick.data import Dataset
from autotrick.recipe import Recipe
from autotrick.train.preview import PLAIN, compare, preview, strengths

MakeRecipe = Callable[..., Recipe]

CUTS = {"cutout": {"length": 0.5, "holes": 1}}
MIXES = {"mixup": {"alpha": 0.4}}


def test_each_trick_has_a_row_of_its_own_before_all_together(
    digits: Dataset, make_recipe: MakeRecipe
) -> None:
    recipe = make_recipe(tricks={**MIXES, **CUTS, "ema": {"half_life": 0.05}})

    rows = preview(recipe, digits, count=5)

    assert [*rows] == [
        *(PLAIN, "cutout", "mixup"),
        *("all, in update 1", "all, in update 6", "all, in update 12"),
    ]
    alone = compare({"x": make_recipe(tricks=CUTS)}, digits, count=5)["x"].images
    np.testing.assert_array_equal(rows["cutout"], alone)


def test_one_trick_needs_no_row_of_its_own(digits: Dataset, make_recipe: MakeRecipe) -> None:
    rows = preview(make_recipe(tricks=CUTS), digits, count=2)

    assert [*rows] == [PLAIN, "in update 1", "in update 6", "in update 12"]


def test_what_the_first_image_is_told_to_be_is_what_is_mixed(
    digits: Dataset, make_recipe: MakeRecipe
) -> None:
    shown = compare({"x": make_recipe(tricks=MIXES)}, digits, count=6)["x"]

    first, second = (part.split("% ") for part in shown.targets.split(" + "))
    assert abs(int(first[0]) + int(second[0]) - 100) <= 1
    labels = [str(label) for label in digits.train.labels[:6]]
    other = second[1] if first[1] == labels[0] else first[1]
    share = int(first[0] if first[1] == labels[0] else second[0]) / 100
    images = digits.train.images[:6].astype(float)
    blends = [share * images[0] + (1 - share) * images[i] for i in range(6) if labels[i] == other]
    assert min(np.abs(blend - shown.images[0]).max() for blend in blends) <= 3


def test_an_operation_grows_from_left_to_right(digits: Dataset) -> None:
    shown = strengths("Brightness", digits, count=6).images.astype(int)

    apart = np.abs(shown - digits.train.images[:6]).mean(axis=(1, 2, 3))
    assert apart[0] == 0 and (np.diff(apart[1::2]) > 0).all() and (np.diff(apart[::2]) > 0).all()
