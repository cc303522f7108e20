"""Random recipes that were recorded, and the model that answers all others."""

import numpy as np
import pytest

from autotrick.recipe import Recipe
from benchmarks.random_recipes import FOLDER, NAMES, REPEATED, random_recipe, recipes
from benchmarks.replay import replay
from benchmarks.searches import SEARCHES
from benchmarks.surrogate import Surrogate, read


@pytest.fixture(scope="module")
def things() -> Surrogate:
    return read("things")


@pytest.fixture(scope="module")
def drawn(things: Surrogate) -> list[Recipe]:
    return [random_recipe(things.space, "test", i) for i in range(60)]


@pytest.mark.parametrize("name", NAMES)
def test_recordings_are_small_and_of_many_tricks(name: str) -> None:
    space = read(name).space

    assert len(space.tricks) > 12 and len(space.architectures) == 2
    assert (FOLDER / f"{name}.parquet").stat().st_size < 1_000_000


def test_a_longer_recording_begins_like_a_shorter_one(things: Surrogate) -> None:
    short, long = recipes(things.space, 12), recipes(things.space, 2 * REPEATED + 3)

    assert long[:12] == short
    assert short[REPEATED - 1] == short[0].model_copy(update={"seed": 1})
    assert len({recipe.digest() for recipe in long}) == len(long)


def test_a_curve_follows_from_recipe_and_seed(things: Surrogate, drawn: list[Recipe]) -> None:
    recipe = drawn[0]
    other = things.find(recipe.model_copy(update={"seed": 5}))

    assert things.find(recipe) == things.find(recipe)
    assert other.accuracy != things.find(recipe).accuracy
    assert other.expected == things.find(recipe).expected


def test_noise_is_that_of_seeds(things: Surrogate, drawn: list[Recipe]) -> None:
    curves = [things.find(recipe) for recipe in drawn]
    whole = [c for c in curves if not c.failure and c.expected is not None]
    away = 100 * np.array([c.accuracy[-1] - (c.expected or 0.0) for c in whole])

    assert 0.5 < away.std() < 5
    assert abs(away.mean()) < 4 * away.std() / np.sqrt(len(away))


def test_nothing_random_is_better_than_the_best(things: Surrogate, drawn: list[Recipe]) -> None:
    curves, _, odds = things.expected(drawn)

    assert (curves[:, -1] * (1 - odds)).max() < things.best < 1


def test_a_search_can_be_replayed_over_it(things: Surrogate) -> None:
    search = SEARCHES["autotrick, sampler bayes"](things.space, 0)

    found = replay(things, search, workers=4, budget=20 * things.epochs)

    assert found.trials >= 20
    assert 0 <= found.regret[-1] < found.regret[0]
