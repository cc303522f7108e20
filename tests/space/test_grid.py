from typing import Any

import pytest

from autotrick.errors import SpaceError
from autotrick.space import Grid, SearchSpace, load, trials_of
from autotrick.tricks import TRICKS, conflict

TABLES: dict[str, Any] = {
    "name": "small",
    "question": "Which?",
    "data": {"name": "digits"},
    "fixed": {"epochs": 6},
    "search": {
        "architecture": ["lenet5", "fastnet"],
        "batch_size": {"low": 32, "high": 128, "step": 32},
        "base_lr": [0.1, 0.2],
    },
    "architectures": {"fastnet": {"width": [0.25, 0.5]}},
    "tricks": {
        "mixup": {"alpha": [0.2, 0.5, 1.0]},
        "cutmix": {},
        "label_smoothing": {"epsilon": [0.05, 0.1]},
        "sam": {},
        "lookahead": {},
    },
}


def grid(**changes: Any) -> Grid:
    return Grid(SearchSpace.model_validate(TABLES | changes))


def test_every_recipe_comes_once_and_is_valid() -> None:
    space = SearchSpace.model_validate(TABLES)
    found = Grid(space)

    recipes = [found.recipe(index) for index in range(found.size)]

    assert len({recipe.digest() for recipe in recipes}) == found.size
    for recipe in recipes:
        space.answers(recipe)
        assert conflict([TRICKS[name] for name in recipe.tricks]) is None
    assert found.size % (4 * 2 * 3 * 5 * 3) == 0


def test_rules_between_tricks_are_kept() -> None:
    free = grid(tricks={"mixup": {}, "cutout": {}, "flip": {}})
    bound = grid(tricks={"mixup": {}, "cutmix": {}, "flip": {}})

    assert (free.size, bound.size) == (4 * 2 * 3 * 8, 4 * 2 * 3 * 6)


def test_what_varies_without_end_is_named() -> None:
    with pytest.raises(SpaceError, match=r"vary base_lr \(0.1 to 0.2\), mixup.alpha"):
        grid(
            search=TABLES["search"] | {"base_lr": {"low": 0.1, "high": 0.2}},
            tricks={"mixup": {"alpha": {"low": 0.1, "high": 1.0}}},
        )


def test_a_space_with_one_recipe_has_a_grid_of_one() -> None:
    fixed = {"architecture": "lenet5", "batch_size": 64, "base_lr": 0.1, "epochs": 1}
    found = grid(fixed=fixed, search={}, architectures={}, tricks={})

    assert found.size == 1 and found.recipe(0).batch_size == 64


def test_a_file_that_wants_a_grid_of_ranges_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "endless.toml"
    path.write_text(
        """
question = "Which rate?"
[data]
name = "digits"
[fixed]
architecture = "lenet5"
batch_size = 64
epochs = 2
[search]
base_lr = { low = 0.02, high = 0.5 }
[study]
sampler = "grid"
"""
    )
    with pytest.raises(SpaceError, match=r"study.sampler: the sampler 'grid' tries every"):
        load(path)


def test_a_study_of_a_grid_has_no_more_trials_than_the_grid() -> None:
    space = SearchSpace.model_validate(TABLES | {"tricks": {}, "study": {"trials": 30}})

    assert trials_of(space, None) == 30
    assert trials_of(space.with_study(sampler="grid"), None) == 24
    assert trials_of(space.with_study(sampler="grid"), 7) == 7


def test_another_setting_of_the_study_is_checked() -> None:
    space = SearchSpace.model_validate(TABLES)

    with pytest.raises(SpaceError, match=r"study.sampler: must be 'tpe'.*but got 'gird'"):
        space.with_study(sampler="gird")
    assert space.with_study(sampler="qmc").study.sampler == "qmc"


def test_a_range_of_all_there_is_can_be_counted() -> None:
    whole = {"low": 1, "high": 10**6}
    tables: dict[str, Any] = {
        "name": "long",
        "question": "How long?",
        "data": {"name": "digits"},
        "fixed": {"architecture": "lenet5", "base_lr": 0.1},
        "search": dict.fromkeys(("epochs", "batch_size", "accumulation"), whole),
    }

    assert Grid(SearchSpace.model_validate(tables)).size == 10**18
