"""What a recipe costs, before anything is trained."""

from collections.abc import Callable

import pytest

from autotrick.data import Dataset
from autotrick.recipe import Recipe
from autotrick.train import train
from autotrick.train.cost import counts, latency, predicting, shape

SHAPING: list[dict[str, object]] = [
    {},
    {"random_crop": {}},
    {"squeeze_excite": {}},
    {"blur_pool": {}},
    {"no_norm": {}},
    {"bias_lr": {}},
]


@pytest.mark.parametrize("tricks", SHAPING, ids=str)
def test_counts_are_those_of_the_trained_trial(
    digits: Dataset, make_recipe: Callable[..., Recipe], tricks: dict[str, object]
) -> None:
    recipe = make_recipe(epochs=1, tricks=tricks)

    found = counts(recipe, digits)

    result = train(recipe, digits, measures=("multiply_adds",))
    assert found == {"parameters": result.parameters, **result.measures}


def test_counts_of_a_compiled_network_need_no_compiler(
    digits: Dataset, make_recipe: Callable[..., Recipe]
) -> None:
    plain = make_recipe()

    assert counts(plain.model_copy(update={"compiled": True}), digits) == counts(plain, digits)


def test_shape_names_what_changes_the_network_and_nothing_else(
    make_recipe: Callable[..., Recipe],
) -> None:
    plain = make_recipe()
    same = make_recipe(base_lr=0.7, batch_size=32, seed=9, tricks={"mixup": {}, "ema": {}})

    assert shape(plain) == shape(same)
    assert len({shape(make_recipe(tricks=tricks)) for tricks in SHAPING}) == len(SHAPING)


def test_latency_is_that_of_predictions(
    digits: Dataset, make_recipe: Callable[..., Recipe]
) -> None:
    found = latency(make_recipe(tricks={"ema": {}}), digits, "cpu")

    assert list(found) == ["latency_ms"] and 0 < found["latency_ms"] < 1000
    assert predicting(make_recipe()) == predicting(make_recipe(base_lr=0.7))
    assert predicting(make_recipe()) != predicting(make_recipe(channels_last=False))
