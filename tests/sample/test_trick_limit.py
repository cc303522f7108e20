"""Few tricks at a time in a space of many."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autotrick.sample import Sampler
from autotrick.sample.trick_limit import DECIDED
from autotrick.space import SearchSpace, load
from autotrick.tricks import TRICKS

HEAD = """
question = "Which of all?"

[data]
name = "digits"

[fixed]
architecture = "fastnet"
batch_size = 64
epochs = 3

[search]
base_lr = { low = 0.01, high = 1.0, log = true }
"""


@pytest.fixture
def space_of(tmp_path: Path) -> Callable[[list[str]], SearchSpace]:
    def make(names: list[str]) -> SearchSpace:
        path = tmp_path / "many.toml"
        path.write_text(HEAD + "".join(f"\n[tricks.{name}]\n" for name in names))
        return load(path)

    return make


@pytest.fixture
def large(space_of: Callable[[list[str]], SearchSpace]) -> SearchSpace:
    alone = [n for n, trick in TRICKS.items() if trick.slot is None and n != "distillation"]
    return space_of([*alone[:40], *(n for n, trick in TRICKS.items() if trick.slot == "decay")])


@pytest.mark.parametrize("method", ["random", "tpe", "bayes", "qmc", "cmaes", "nsga2", "nsga3"])
def test_recipes_of_a_large_space_have_few_tricks(large: SearchSpace, method: str) -> None:
    sampler = Sampler(large, method=method, seed=1)
    recipes = []
    for number in range(40):
        recipe = sampler.ask(number).recipe
        sampler.tell(number, recipe, 0.5 + number / 100, "complete", epochs=3)
        recipes.append(recipe)

    assert max(len(recipe.tricks) for recipe in recipes) <= DECIDED
    assert min(len(recipe.tricks) for recipe in recipes) >= 1


@pytest.mark.parametrize("method", ["nsga2", "nsga3"])
def test_recipes_have_few_tricks_while_a_warm_start_is_forgotten(
    large: SearchSpace, method: str
) -> None:
    drawn = Sampler(large, method="random", seed=1)
    past = [(drawn.ask(number).recipe, number / 100) for number in range(21)]
    sampler = Sampler(large, method=method, seed=1, past=past)
    recipes = []
    # After 3 to 7 trials 19 of all are known, one less than there have to be parents.
    for number in range(10):
        recipe = sampler.ask(number).recipe
        sampler.tell(number, recipe, 0.5, "complete", epochs=3)
        recipes.append(recipe)

    assert max(len(recipe.tricks) for recipe in recipes) <= DECIDED


def test_every_trick_of_a_large_space_gets_its_turn(large: SearchSpace) -> None:
    sampler = Sampler(large, method="random", seed=2)

    seen = {name for number in range(150) for name in sampler.ask(number).recipe.tricks}

    assert seen >= large.units.reachable()


def test_what_is_on_in_the_best_recipe_stays_in_question(large: SearchSpace) -> None:
    sampler = Sampler(large, method="tpe", seed=3)
    best = sampler.ask(0).recipe
    sampler.tell(0, best, 0.99, "complete", epochs=3)
    for number in range(1, 30):
        recipe = sampler.ask(number).recipe
        sampler.tell(number, recipe, 0.3, "complete", epochs=3)
    tries = [set(sampler.ask(number).recipe.tricks) for number in range(30, 70)]

    alone = {name for name in best.tricks if TRICKS[name].slot is None}
    strange = set(large.tricks) - set(best.tricks)
    shares = [sum(name in tricks for tricks in tries) / len(tries) for name in alone]
    others = [sum(name in tricks for tricks in tries) / len(tries) for name in strange]
    assert sum(shares) / len(shares) > 3 * sum(others) / len(others)


def test_small_space_is_decided_whole(space_of: Callable[[list[str]], SearchSpace]) -> None:
    alone = [n for n, trick in TRICKS.items() if trick.slot is None and n != "distillation"]
    names = alone[:DECIDED]
    sampler = Sampler(space_of(names), method="random", seed=1)

    counts = [len(sampler.ask(number).recipe.tricks) for number in range(100)]

    assert 6 < sum(counts) / len(counts) < 9


def test_priors_switch_no_more_on_than_a_proposal_decides(large: SearchSpace) -> None:
    published = large.with_study(priors="published")
    recipes = [Sampler(published, seed=seed).ask(0) for seed in range(20)]

    assert {found.origin for found in recipes} == {"tpe with priors"}
    assert max(len(found.recipe.tricks) for found in recipes) <= DECIDED
