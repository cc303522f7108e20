from typing import Any

from autotrick.sample import initial_recipes
from autotrick.space import SearchSpace


def test_the_baseline_is_first_and_then_the_published_defaults(space: SearchSpace) -> None:
    found = dict(initial_recipes(space))

    assert list(found) == ["all tricks off", "published defaults"]
    assert found["all tricks off"].tricks == {}
    on = found["published defaults"].tricks
    assert list(on) == ["cutmix", "label_smoothing", "linear_warmup", "rand_augment"]


def test_equal_recipes_come_once(space: SearchSpace) -> None:
    tables: dict[str, Any] = space.model_dump(mode="json") | {
        "tricks": {},
        "recipes": [{"label": "mine"}, {"label": "fast", "answers": {"base_lr": 0.4}}],
    }

    found = initial_recipes(SearchSpace.model_validate(tables))

    assert [label for label, _ in found] == ["all tricks off", "fast"]
