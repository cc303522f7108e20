import builtins
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest

from autotrick.domain import Choice, Float, from_unit, to_unit
from autotrick.errors import ResourceError, SpaceError
from autotrick.random_streams import key_of
from autotrick.sample import METHODS, Sampler
from autotrick.sample.unit_cube import UnitCube
from autotrick.space import SearchSpace, published_defaults
from autotrick.tricks import TRICKS, conflict

CONDITIONAL = sorted(METHODS.keys() - {"grid"})


@pytest.fixture(scope="session")
def wide() -> SearchSpace:
    """All tricks that need nothing from elsewhere, with all their settings."""
    tables = {
        "name": "wide",
        "question": "Which of all?",
        "data": {"name": "cifar10"},
        "fixed": {"epochs": 6},
        "search": {
            "architecture": ["lenet5", "fastnet", "resnet20"],
            "batch_size": [64, 128],
            "base_lr": {"low": 0.02, "high": 0.5, "log": True},
        },
        "tricks": {
            name: {spec.name: "search" for spec in trick.settings() if spec.domain is not None}
            for name, trick in TRICKS.items()
            if name != "distillation"
        },
    }
    return SearchSpace.model_validate(tables)


def value_of(recipe: Any) -> float:
    """A recipe's accuracy, as a function of three decisions."""
    alpha = recipe.tricks.get("cutmix", {}).get("alpha", 0.0)
    return float(0.8 - abs(recipe.base_lr - 0.1) + 0.1 * ("cutmix" in recipe.tricks) - 0.02 * alpha)


def searched(space: SearchSpace, method: str, count: int, seed: int = 0) -> list[float]:
    sampler = Sampler(space, method=method, seed=seed)
    found: list[float] = []
    for number in range(count):
        recipe = sampler.ask(number).recipe
        found.append(value_of(recipe))
        sampler.tell(number, recipe, found[-1], "complete", epochs=6)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("method", [name for name in CONDITIONAL if name != "gp"])
def test_every_proposal_of_all_tricks_is_valid(wide: SearchSpace, method: str) -> None:
    sampler = Sampler(wide, method=method, seed=1)
    tricks: Counter[str] = Counter()
    for number in range(40):
        recipe = sampler.ask(number).recipe
        wide.answers(recipe)
        assert conflict([TRICKS[name] for name in recipe.tricks]) is None
        tricks.update(recipe.tricks.keys())
        sampler.tell(number, recipe, 0.5 + recipe.base_lr, "complete", epochs=6)

    assert len(tricks) > 50


@pytest.mark.slow
def test_every_point_of_the_box_is_a_valid_recipe(wide: SearchSpace) -> None:
    box = UnitCube(wide)
    for seed in range(3):
        sampler = Sampler(wide, method="random", seed=seed)
        points = [box.point(r, wide.answers(r)) for r in (sampler.ask(n).recipe for n in range(6))]
        for i in range(100):
            mixed = {name: points[key_of(i, name) % 6][name] for name in box.axes}
            recipe = wide.decide(box.chooser(mixed))
            assert conflict([TRICKS[name] for name in recipe.tricks]) is None
            assert wide.decide(box.chooser(box.point(recipe, wide.answers(recipe)))) == recipe


def test_a_recipes_point_leads_back_to_it(space: SearchSpace, trials: Any) -> None:
    box = UnitCube(space)
    for trial in trials:
        point = box.point(trial.recipe, space.answers(trial.recipe))
        assert point.keys() == box.axes.keys()
        found = space.decide(box.chooser(point))
        assert found.model_copy(update={"seed": trial.recipe.seed}) == trial.recipe


def test_what_is_off_stands_at_its_published_value(space: SearchSpace) -> None:
    box, recipe = UnitCube(space), published_defaults(space)

    point = box.point(recipe, space.answers(recipe))

    assert "mixup" not in recipe.tricks and point["mixup.alpha"] == 0.2
    assert "mixup.alpha" not in box.active(recipe, space.answers(recipe))


def test_places_are_even(wide: SearchSpace) -> None:
    for name, axis in UnitCube(wide).axes.items():
        values = [from_unit(axis, u / 1000) for u in range(1000)]
        assert all(value in axis for value in values), name
        if not isinstance(axis, Choice):
            places = [to_unit(axis, float(value)) for value in values]
            again = [from_unit(axis, min(place, 1 - 1e-9)) for place in places]
            assert again == pytest.approx(values)


def test_rates_are_drawn_evenly_on_the_log_scale(space: SearchSpace) -> None:
    sampler, rates = Sampler(space, method="random", seed=3), list[float]()
    for number in range(200):
        recipe = sampler.ask(number).recipe
        rates.append(recipe.base_lr)
        sampler.tell(number, recipe, 0.5, "complete", epochs=6)

    # Between 0.02 and 0.5; five standard errors.
    edges = 0.02 * 25 ** (np.arange(5) / 4)
    shares = np.histogram(rates, edges)[0] / 200
    np.testing.assert_allclose(shares, 0.25, atol=5 * np.sqrt(0.25 * 0.75 / 200))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["tpe", "bayes", "cmaes", "nsga2"])
def test_what_learns_beats_chance(space: SearchSpace, method: str) -> None:
    last = searched(space, method, 70)[-20:]
    chance = searched(space, "random", 40)

    assert sum(last) / len(last) > sum(chance) / len(chance) + 0.05


@pytest.mark.slow
def test_a_gaussian_process_learns_and_is_rebuilt(space: SearchSpace, finish: Any) -> None:
    drawn = Sampler(space, method="random", seed=3)
    rows = [finish(number, drawn.ask(number).recipe) for number in range(12)]
    live, rebuilt = (Sampler(space, method="gp", seed=3) for _ in range(2))
    for trial in rows:
        live.ask(trial.number)
        trial.tell(live)
    rebuilt.replay(reversed(rows))

    found = live.ask(12)

    assert rebuilt.ask(12) == found
    assert found.recipe != Sampler(space, method="gp", seed=3).ask(12).recipe


def test_quasi_random_points_leave_no_gaps(space: SearchSpace) -> None:
    sampler = Sampler(space, method="qmc", seed=2)
    recipes = [sampler.ask(number).recipe for number in range(64)]

    architectures = Counter(recipe.architecture for recipe in recipes)
    assert set(architectures.values()) == {32}
    axis = UnitCube(space).axes["base_lr"]
    assert isinstance(axis, Float)
    places = sorted(int(64 * to_unit(axis, recipe.base_lr)) for recipe in recipes)
    assert places == list(range(64))


def test_the_grid_gives_every_recipe_once_and_then_again_with_other_seeds() -> None:
    tables: dict[str, Any] = {
        "name": "grid",
        "question": "Which batch and size?",
        "data": {"name": "digits"},
        "fixed": {"architecture": "lenet5", "epochs": 2},
        "search": {"batch_size": [32, 64, 128], "base_lr": [0.1, 0.2]},
    }
    sampler = Sampler(SearchSpace.model_validate(tables), method="grid", seed=5)
    assert sampler.left == 6

    recipes = [sampler.ask(number).recipe for number in range(8)]

    assert len({(r.batch_size, r.base_lr) for r in recipes[:6]}) == 6 and sampler.left == 0
    assert [recipe.seed for recipe in recipes] == [0] * 6 + [1] * 2


def test_the_grid_refuses_what_has_no_end(space: SearchSpace) -> None:
    with pytest.raises(SpaceError, match=r"'grid' tries every recipe.*base_lr \(0.02 to 0.5"):
        Sampler(space, method="grid", seed=0)


def test_a_missing_package_is_one_line(space: SearchSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name == "cmaes":
            raise ModuleNotFoundError(name)
        return found(name, *rest)

    monkeypatch.delitem(sys.modules, "cmaes", raising=False)
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ResourceError, match=r"needs the package cmaes.*autotrick\[cmaes\]"):
        Sampler(space, method="cmaes", seed=0)


@pytest.mark.parametrize("method", CONDITIONAL)
@pytest.mark.parametrize(
    "search",
    [
        {"batch_size": [64]},
        {"batch_size": [64], "base_lr": {"low": 0.1, "high": 0.2}},
        {"batch_size": [64], "base_lr": [0.1, 0.2]},
    ],
    ids=["one option", "one option and a number", "one option and a choice"],
)
def test_choice_of_one_option_is_that_option(method: str, search: dict[str, Any]) -> None:
    fixed = {"architecture": "lenet5", "epochs": 2}
    tables: dict[str, Any] = {
        "name": "tiny",
        "question": "Which?",
        "data": {"name": "digits"},
        "fixed": fixed if "base_lr" in search else fixed | {"base_lr": 0.1},
        "search": search,
    }
    sampler = Sampler(SearchSpace.model_validate(tables), method=method, seed=0)
    for number in range(12 if method == "gp" else 30):
        recipe = sampler.ask(number).recipe
        assert recipe.batch_size == 64
        sampler.tell(number, recipe, recipe.base_lr, "complete", epochs=2)
