import math
from collections.abc import Callable
from typing import Any

import pytest

from autotrick.space import SearchSpace, all_off, by_hand, published_defaults

Make = Callable[[dict[str, Any]], SearchSpace]


def test_all_off_has_no_trick_but_those_that_are_always_on(space_with: Make) -> None:
    tricks = {"mixup": {}, "flip": {"always": True}, "cosine_decay": {}, "step_decay": {}}
    space = space_with({"tricks": tricks, "slots": {"decay": "always"}})

    assert list(all_off(space).tricks) == ["cosine_decay", "flip"]


@pytest.mark.parametrize(
    ("domain", "value"),
    [
        ({"low": 0.01, "high": 1.0, "log": True}, 0.1),
        ({"low": 0.1, "high": 0.5}, 0.3),
        ([0.1, 0.2, 0.3], 0.2),
        ([0.1, 0.2], 0.1),
    ],
)
def test_a_number_without_published_value_takes_the_middle(
    space_with: Make, domain: object, value: float
) -> None:
    recipe = all_off(space_with({"search": {"base_lr": domain}}))

    assert math.isclose(recipe.base_lr, value)


def test_a_field_takes_the_recipes_default_where_it_may(space_with: Make) -> None:
    inside = {"momentum": {"low": 0.5, "high": 0.95}, "scaling_exponent": [0.5, 1.0]}
    outside = {"momentum": {"low": 0.92, "high": 0.95}, "scaling_exponent": [0.0, 0.5]}
    rate = {"base_lr": [0.1]}

    first = all_off(space_with({"search": rate | inside}))
    second = all_off(space_with({"search": rate | outside}))

    assert (first.momentum, first.scaling_exponent) == (0.9, 1.0)
    assert (second.momentum, second.scaling_exponent) == (0.92, 0.0)


def test_whole_numbers_stay_in_step(space_with: Make) -> None:
    fixed = {"architecture": "lenet5", "batch_size": 64}
    search = {"base_lr": [0.1], "epochs": {"low": 3, "high": 12, "step": 3}}

    assert all_off(space_with({"fixed": fixed, "search": search})).epochs == 6


def test_the_first_architecture_is_the_one_to_begin_with(space_with: Make) -> None:
    search = {"architecture": ["resnet20", "lenet5", "fastnet"], "base_lr": [0.1]}

    space = space_with({"fixed": {"epochs": 1, "batch_size": 8}, "search": search})

    assert all_off(space).architecture == "resnet20"


def test_published_defaults_are_on_at_their_default(space_with: Make) -> None:
    tricks = {"label_smoothing": {"epsilon": "search"}, "mixup": {"alpha": {"low": 0.5, "high": 1}}}

    recipe = published_defaults(space_with({"tricks": tricks}))

    smoothing = {"epsilon": 0.1, "variant": "k"}
    assert recipe.tricks == {"label_smoothing": smoothing, "mixup": {"alpha": 0.5}}


def test_a_gain_on_the_same_data_decides_within_a_slot(space_with: Make) -> None:
    space = space_with({"tricks": {"mixup": {}, "cutmix": {}}})
    photographs = space_with({"tricks": {"mixup": {}, "cutmix": {}}, "data": {"name": "cifar10"}})

    # CutMix gained 2.3 points on ImageNet; on CIFAR-10 only mixup has a published gain.
    assert list(published_defaults(space).tricks) == ["cutmix"]
    assert list(published_defaults(photographs).tricks) == ["mixup"]


def test_a_searched_policy_begins_with_its_default(space_with: Make) -> None:
    space = space_with({"tricks": {"searched_policy": {"policy": "search"}}})

    assert space.answers(published_defaults(space))


def test_a_recipe_by_hand_overrides_the_baseline(space_with: Make) -> None:
    answers = {"base_lr": 0.3, "slot.mix": "cutmix", "cutmix.alpha": 0.5}
    tables = {"tricks": {"mixup": {}, "cutmix": {"alpha": "search"}, "flip": {}}}

    space = space_with(tables | {"recipes": [{"label": "mine", "answers": answers}]})

    [(label, recipe)] = by_hand(space)
    assert label == "mine" and recipe.base_lr == 0.3
    assert recipe.tricks == {"cutmix": {"alpha": 0.5, "probability": 0.5}}


def test_a_whole_number_serves_as_a_float_by_hand_too(space_with: Make) -> None:
    recipes = [{"label": "a", "answers": {"base_lr": 2}}]

    for domain in ([1, 2], {"low": 1, "high": 2}):
        [(_, recipe)] = by_hand(space_with({"search": {"base_lr": domain}, "recipes": recipes}))
        assert recipe.base_lr == 2.0 and isinstance(recipe.base_lr, float)
