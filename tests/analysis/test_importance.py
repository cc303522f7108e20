from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from autotrick.analysis.importance import Importance, importance
from autotrick.design.decisions import Decisions
from autotrick.recipe import Recipe
from autotrick.records.rows import TrialRow
from autotrick.sample import Sampler
from autotrick.space import SearchSpace
from benchmarks.effects.planted import Planted
from tests.simulated import a_report, a_trial


def drawn(space: SearchSpace, count: int, seed: int = 0) -> list[Recipe]:
    sampler = Sampler(space, method="random", seed=seed)
    return [sampler.ask(number).recipe for number in range(count)]


def completed(recipes: Sequence[Recipe], values: Sequence[float]) -> list[TrialRow]:
    pairs = enumerate(zip(recipes, values, strict=True))
    return [a_trial(i, recipe, [a_report(9, value)]) for i, (recipe, value) in pairs]


@cache
def of_a_world(seed: int, count: int) -> tuple[Planted, list[TrialRow]]:
    world = Planted(seed, 0.5)
    recipes = drawn(world.space, count, seed)
    curves = [world.find(recipe) for recipe in recipes]
    whole = [(r, c.accuracy[-1]) for r, c in zip(recipes, curves, strict=True) if not c.failure]
    return world, completed(*zip(*whole, strict=True))


def ranks(values: Sequence[float]) -> np.ndarray:
    return np.argsort(np.argsort(np.round(values, 4), kind="stable"), kind="stable").astype(float)


def by_name(found: Sequence[Importance]) -> Mapping[str, Importance]:
    return {row.name: row for row in found}


def test_shares_rank_as_planted_and_their_intervals_hold() -> None:
    held, correlations, nothing_first = [], [], 0
    for seed in range(3):
        world, trials = of_a_world(seed, 100)
        found = importance(trials, world.space)
        rows = by_name(found)
        true = world.shares
        assert set(rows) <= set(true)
        assert sum(row.share for row in found) == pytest.approx(1)
        assert [row.share for row in found] == sorted((r.share for r in found), reverse=True)
        held += [row.low - 1e-9 <= true[row.name] <= row.high for row in found]
        told = [rows[name].share for name in true]
        correlations.append(np.corrcoef(ranks(told), ranks(list(true.values())))[0, 1])
        nothing_first += any(true[row.name] == 0 for row in found[:3])
    assert np.mean(held) > 0.92
    assert np.mean(correlations) > 0.7
    assert nothing_first == 0


def test_what_does_nothing_has_an_interval_that_begins_at_zero() -> None:
    world, trials = of_a_world(2, 100)
    rows = by_name(importance(trials, world.space))
    idle = [rows[name] for name, share in world.shares.items() if share == 0]
    assert len(idle) > 5
    assert all(row.low == 0 and row.share < 0.02 for row in idle)


def test_nothing_is_ranked_when_the_values_are_noise() -> None:
    space = Planted(0, 0.5).space
    rng = np.random.default_rng(5)
    recipes = drawn(space, 40)
    assert importance(completed(recipes, list(0.8 + 0.01 * rng.normal(size=40))), space) == []


def test_few_or_equal_trials_have_no_importance() -> None:
    world, trials = of_a_world(1, 60)
    assert importance(trials[:9], world.space) == []
    assert importance(completed([t.recipe for t in trials], [0.8] * len(trials)), world.space) == []


def test_what_never_varied_has_no_share() -> None:
    world, trials = of_a_world(1, 60)
    still = {"base_lr": 0.1, "batch_size": 128}
    recipes = [trial.recipe.model_copy(update=still) for trial in trials]
    values = [world.find(recipe).accuracy[-1] for recipe in recipes]
    rows = by_name(importance(completed(recipes, values), world.space))
    assert "architecture" in rows and not still.keys() & rows.keys()


def test_settings_belong_to_their_trick_or_architecture() -> None:
    world, trials = of_a_world(1, 60)
    groups = {row.name: row.group for row in importance(trials, world.space)}
    assert groups["mixup.alpha"] == "mixup"
    assert groups["fastnet.width"] == "fastnet"
    assert groups["slot.mix"] == "slot.mix"
    assert groups["base_lr"] == "base_lr"


def test_diverged_and_pruned_trials_are_left_out() -> None:
    world, trials = of_a_world(1, 60)
    wrecked = [
        replace(trial, value=0.1)
        if i % 9 == 0
        else replace(trial, state="pruned")
        if i % 9 == 1
        else trial
        for i, trial in enumerate(trials)
    ]
    kept = [trial for i, trial in enumerate(trials) if i % 9 > 1]
    assert importance(wrecked, world.space) == importance(kept, world.space)


POLICY = {
    "name": "policies",
    "question": "Does a policy matter?",
    "data": {"name": "fashion_mnist"},
    "fixed": {"architecture": "lenet5", "epochs": 9, "batch_size": 128},
    "search": {"base_lr": {"low": 0.01, "high": 1.0, "log": True}},
    "tricks": {
        "searched_policy": {
            "always": True,
            "policy": {"sub_policies": 2, "names": ["Rotate", "Invert", "ShearX"]},
        },
        "flip": {},
    },
}


def test_all_entries_of_a_policy_are_one_group() -> None:
    space = SearchSpace.model_validate(POLICY)
    recipes = drawn(space, 80)

    def inverted(recipe: Recipe) -> int:
        return str(recipe.tricks["searched_policy"]).count("Invert")

    noise = 0.002 * np.random.default_rng(0).normal(size=80)
    trials = completed(
        recipes, [0.8 - 0.01 * inverted(r) + e for r, e in zip(recipes, noise, strict=True)]
    )
    found = importance(trials, space)
    assert {row.name for row in found} == {"base_lr", "flip", "searched_policy.policy"}
    assert found[0].name == "searched_policy.policy"
    assert found[0].low > 0.7


def test_columns_have_the_variance_of_random_recipes() -> None:
    world = Planted(0, 0.5)
    decisions = Decisions(world.space)
    columns = decisions.columns(drawn(world.space, 600))
    coefficients = np.random.default_rng(1).normal(size=(1, columns.shape[1]))[0]
    expected = decisions.variances(coefficients)
    for i in range(len(decisions.groups)):
        mine = decisions.of == i
        assert (columns[:, mine] @ coefficients[mine]).var() == pytest.approx(
            expected[i], rel=0.35, abs=0.02
        )
