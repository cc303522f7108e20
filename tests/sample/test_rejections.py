"""What a sampler makes of proposals that were turned away."""

import re

import pytest

from autotrick.recipe import Recipe
from autotrick.sample import METHODS, Sampler
from autotrick.space import SearchSpace

LEARNING = ["tpe", "gp", "cmaes", "nsga2", "nsga3"]


def excess(recipe: Recipe) -> float:
    """Only small nets are allowed, and they are worth less."""
    return 0.8 if recipe.architecture == "fastnet" else 0.0


def kept(sampler: Sampler, number: int, tries: int = 100) -> tuple[Recipe, list[Recipe]]:
    """Return the first proposal for a trial that may stay, and those that were turned away."""
    away: list[Recipe] = []
    while excess(recipe := sampler.ask(number).recipe):
        sampler.reject(number, len(away), recipe, excess(recipe))
        away.append(recipe)
        assert len(away) < tries
    return recipe, away


def value(recipe: Recipe) -> float:
    return 0.8 - abs(recipe.base_lr - 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("method", LEARNING)
def test_methods_that_learn_learn_from_refusals(space: SearchSpace, method: str) -> None:
    sampler = Sampler(space, method=method, seed=3)
    away = []
    for number in range(30):
        recipe, turned = kept(sampler, number)
        away.append(len(turned))
        sampler.tell(number, recipe, value(recipe), "complete", epochs=6)

    assert sum(away[:5]) > 0
    assert sum(away[15:]) < 15 * 0.5  # half the space is forbidden: by chance one for each


@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"grid", "gp"}))
def test_sampler_that_is_made_anew_proposes_the_same(space: SearchSpace, method: str) -> None:
    sampler = Sampler(space, method=method, seed=3)
    told: list[tuple[int, Recipe]] = []
    refused: list[tuple[int, int, Recipe]] = []
    for number in range(8):
        recipe, away = kept(sampler, number)
        refused += [(number, place, other) for place, other in enumerate(away)]
        told.append((number, recipe))
        sampler.tell(number, recipe, value(recipe), "complete", epochs=6)
    pending = sampler.ask(8).recipe
    sampler.reject(8, 0, pending, 0.5)
    refused.append((8, 0, pending))

    again = Sampler(space, method=method, seed=3)
    for number, recipe in reversed(told):
        again.tell(number, recipe, value(recipe), "complete", epochs=6)
    for number, place, recipe in reversed(refused):
        again.reject(number, place, recipe, 0.5 if number == 8 else excess(recipe))

    assert len(refused) > 1
    assert again.ask(8) == sampler.ask(8)
    assert again.ask(8).recipe != pending


def test_refused_recipe_counts_as_no_trial_of_the_best(space: SearchSpace) -> None:
    sampler = Sampler(space, seed=3)
    away = sampler.ask(0).recipe

    sampler.reject(0, 0, away, 20.0)

    assert sampler.knows(away)
    assert sampler._observations.count == 0 and not sampler._observations.best()


def test_refused_recipe_that_comes_again_is_called_that() -> None:
    tables = {
        "name": "two",
        "question": "Which?",
        "data": {"name": "digits"},
        "fixed": {"architecture": "lenet5", "epochs": 6, "base_lr": 0.1},
        "search": {"batch_size": [32, 64]},
    }
    sampler = Sampler(SearchSpace.model_validate(tables), method="random", seed=0)
    for place in range(6):
        recipe = sampler.ask(0).recipe
        sampler.reject(0, place, recipe, 1.0)

    origin = sampler.ask(0).origin
    assert re.fullmatch("random: a refused recipe again with seed [1-6]", origin)
