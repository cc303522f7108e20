from collections import Counter
from statistics import fmean, stdev
from typing import Any

import pytest

from autotrick.domain import ReplayChooser
from autotrick.recipe import Recipe
from autotrick.sample import Sampler
from autotrick.sample.observations import Observations
from autotrick.sample.priors import HALF, Priors
from autotrick.space import SearchSpace, published_defaults

TABLES: dict[str, Any] = {
    "name": "believed",
    "question": "Which?",
    "data": {"name": "cifar10"},
    "fixed": {"architecture": "fastnet", "batch_size": 128, "epochs": 6},
    "search": {
        "base_lr": {
            "low": 0.01,
            "high": 1.0,
            "log": True,
            "prior": 0.1,
            "confidence": "high",
        },
        "weight_decay": {"low": 1e-5, "high": 1e-2, "log": True},
    },
    "tricks": {
        "mixup": {"prior": True, "alpha": {"prior": 0.2}},
        "cutmix": {},
        "flip": {"prior": False, "confidence": "high"},
        "label_smoothing": {"epsilon": {"options": [0.05, 0.1, 0.2], "prior": 0.1}},
        "cutout": {"length": "search"},
    },
}


@pytest.fixture(scope="module")
def believed() -> SearchSpace:
    return SearchSpace.model_validate(TABLES)


def told(sampler: Sampler, value: Any, count: int) -> list[Recipe]:
    recipes = []
    for number in range(count):
        recipe = sampler.ask(number).recipe
        recipes.append(recipe)
        sampler.tell(number, recipe, value(recipe), "complete", epochs=6)
    return recipes


def test_the_first_proposals_come_from_the_priors(believed: SearchSpace) -> None:
    proposals = [Sampler(believed, seed=seed).ask(0) for seed in range(200)]

    assert {proposal.origin for proposal in proposals} == {"tpe with priors"}
    recipes = [proposal.recipe for proposal in proposals]
    rates = [recipe.base_lr for recipe in recipes]
    assert sum(0.05 < rate < 0.2 for rate in rates) > 120
    tricks = Counter(name for recipe in recipes for name in recipe.tricks)
    # Odds of 4 against 1 and 1, and of 1 against 8.
    assert tricks["mixup"] > 110 and tricks["cutmix"] < 60 and tricks["flip"] < 45
    alphas = [float(str(r.tricks["mixup"]["alpha"])) for r in recipes if "mixup" in r.tricks]
    assert 0.2 < fmean(alphas) < 0.5 and stdev(alphas) < 0.25
    smooth = Counter(
        r.tricks["label_smoothing"]["epsilon"]
        for r in recipes
        if len(r.tricks) > 0 and "label_smoothing" in r.tricks
    )
    assert smooth[0.1] > 1.5 * (smooth[0.05] + smooth[0.2])
    # Nothing is expected of the weight decay: it spreads over its whole range.
    assert sum(recipe.weight_decay < 1e-4 for recipe in recipes) in range(45, 90)


def test_they_count_half_after_some_trials_and_less_when_they_are_wrong(
    believed: SearchSpace,
) -> None:
    def share(value: Any) -> float:
        sampler = Sampler(believed, seed=3)
        told(sampler, value, 3 * HALF)
        return Priors(believed, 3).share(sampler._observations)

    assert Priors(believed, 3).share(Observations(0)) == 1.0
    assert share(lambda recipe: -abs(recipe.base_lr - 0.1)) == 0.25
    assert share(lambda recipe: recipe.base_lr) < 0.05


def test_a_wrong_prior_is_forgotten(believed: SearchSpace) -> None:
    sampler = Sampler(believed, seed=5)
    recipes = told(sampler, lambda recipe: recipe.base_lr, 60)

    assert fmean(recipe.base_lr for recipe in recipes[-15:]) > 0.5


def test_who_does_not_learn_has_no_priors(believed: SearchSpace) -> None:
    origins = {Sampler(believed, method="random", seed=seed).ask(0).origin for seed in range(5)}

    assert origins == {"random"}


@pytest.mark.parametrize("method", ["tpe", "bayes", "cmaes"])
def test_a_resumed_search_believes_the_same(
    believed: SearchSpace, trials: Any, method: str
) -> None:
    live = Sampler(believed, method=method, seed=9)
    recipes = told(live, lambda recipe: recipe.base_lr, 25)
    rebuilt = Sampler(believed, method=method, seed=9)
    kind = type(trials[0])
    rows = [
        kind(number, recipe, "complete", recipe.base_lr) for number, recipe in enumerate(recipes)
    ]
    rebuilt.replay(reversed(rows))

    assert [rebuilt.ask(n) for n in (25, 26, 27)] == [live.ask(n) for n in (25, 26, 27)]


def test_what_is_published_is_expected_where_the_space_says_nothing(
    believed: SearchSpace,
) -> None:
    space = believed.with_study(priors="published")
    default = published_defaults(space)

    recipes = [Sampler(space, seed=seed).ask(0).recipe for seed in range(150)]

    decays = [recipe.weight_decay for recipe in recipes]
    assert sum(1e-4 < decay < 3e-3 for decay in decays) > 90
    assert (
        sum(("cutout" in recipe.tricks) for recipe in recipes) > 80 and "cutout" in default.tricks
    )
    assert sum(recipe.tricks.keys() >= {"flip"} for recipe in recipes) < 40


def test_what_is_expected_of_a_switch_says_nothing_of_the_settings() -> None:
    tricks = {"rmsprop": {"prior": True, "kind": "search"}}
    space = SearchSpace.model_validate(TABLES | {"tricks": tricks})
    answers = ReplayChooser({"weight_decay": 1e-4, "rmsprop.kind": "torch"})
    beliefs = Priors(space, 0)

    recipes = [space.decide(beliefs.chooser(answers, number, 0)) for number in range(40)]

    on = [recipe.tricks["rmsprop"]["kind"] for recipe in recipes if "rmsprop" in recipe.tricks]
    assert len(on) > 20 and set(on) == {"torch"}
