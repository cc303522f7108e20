"""A trick that does nothing gets no credit for what it came with, whatever that was."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autotrick.analysis.effects import TrickEffect, effects
from autotrick.design.covariates import covariates
from autotrick.recipe import DataRef, Fidelity, Leg, Recipe
from autotrick.records.rows import TrialRow
from tests.simulated import Reports, a_recipe, a_report, a_trial

Change = Callable[[float], dict[str, Any]]
"""From a place in [0, 1] to the fields of a recipe that stand there."""

# Each field of a recipe, for a field that is added must be adjusted for as well.
FIELDS: dict[str, Change] = {
    "data": lambda u: {"data": DataRef(name="digits", image_size=8 + round(24 * u))},
    "architecture": lambda u: {"architecture": "fastnet" if u > 0.5 else "lenet5"},
    "architecture_settings": lambda u: {"architecture_settings": {"width": 0.25 * 8**u}},
    "epochs": lambda u: {"epochs": 9 + round(20 * u)},
    "batch_size": lambda u: {"batch_size": round(32 * 16**u)},
    "accumulation": lambda u: {"accumulation": round(16**u)},
    "base_lr": lambda u: {"base_lr": 0.01 * 100**u},
    "scaling_exponent": lambda u: {"scaling_exponent": u, "batch_size": 64},
    "momentum": lambda u: {"momentum": 0.8 + 0.19 * u},
    "weight_decay": lambda u: {"weight_decay": 1e-5 * 200**u},
    "tricks": lambda u: {"tricks": {"mixup": {"alpha": 0.05 + u}}},
    "seed": lambda u: {"seed": round(u)},
    "precision": lambda u: {"precision": "bf16" if u > 0.5 else "fp32"},
    "threads": lambda u: {"threads": 1 + round(7 * u)},
    "channels_last": lambda u: {"channels_last": u > 0.5},
    "compiled": lambda u: {"compiled": u > 0.5},
    "course": lambda u: {"course": (Leg(after=1, fields={"base_lr": 0.01 * 100**u}),)},
    "fidelity": lambda u: {"fidelity": Fidelity(of="data", rungs=((2, 0.1 + 0.8 * u),))},
}
# Other members of each kind.
MORE: dict[str, Change] = {
    "exponents of a list": lambda u: {"scaling_exponent": round(3 * u) / 3, "batch_size": 64},
    "weight decay or none": lambda u: {"weight_decay": 0.0 if u < 0.3 else 1e-5 * 200**u},
    "resize": lambda u: {"data": DataRef(name="digits", resize="pad" if u > 0.5 else "crop")},
    "image size or the source's": lambda u: {
        "data": DataRef(name="digits", image_size=None if u < 0.5 else 16 + round(16 * u))
    },
    "validation": lambda u: {"data": DataRef(name="digits", validation=0.05 + 0.3 * u)},
    "split": lambda u: {"data": DataRef(name="digits", split_seed=round(u))},
    "a named setting of an architecture": lambda u: {
        "architecture_settings": {"stem": "small" if u > 0.5 else "plain"}
    },
    "a switch of an architecture": lambda u: {"architecture_settings": {"pretrained": u > 0.5}},
    "a width of one of two architectures": lambda u: (
        {"architecture": "fastnet", "architecture_settings": {"width": 2 * u - 1}}
        if u > 0.5
        else {"architecture": "lenet5"}
    ),
    "an optimizer's own rate": lambda u: {"tricks": {"adam": {"lr": 1e-4 * 100**u}}},
    "an optimizer's own weight decay": lambda u: {
        "tricks": {"adamw": {"lr": 1e-3, "weight_decay": 1e-3 * 100**u}}
    },
    "a named setting of a trick": lambda u: {
        "tricks": {"label_smoothing": {"epsilon": 0.1, "variant": "k" if u > 0.5 else "k-1"}}
    },
    "a switch of a trick": lambda u: {"tricks": {"ema": {"all": u > 0.5}}},
    "a list of a trick": lambda u: {
        "tricks": {"step_decay": {"moments": [0.3 + 0.3 * u, 0.6 + 0.3 * u]}}
    },
    "a trick's setting, where it is on": lambda u: {
        "tricks": {} if 0.4 < u < 0.6 else {"mixup": {"alpha": 0.05 + u}}
    },
    "a rung": lambda u: {"fidelity": Fidelity(of="data", rungs=((1 + round(6 * u), 0.5),))},
    "a leg's trick": lambda u: {
        "tricks": {"mixup": {"alpha": 0.2}},
        "course": (Leg(after=1, tricks={"mixup": {"alpha": 0.05 + u}}),),
    },
}
KINDS = FIELDS | MORE


def a_confounded_study(
    change: Change, *, seed: int, count: int = 60, points: float = 0.0
) -> tuple[list[TrialRow], Reports]:
    """Make a study where `flip` is on with 0.8 at the upper half of what changes, else with 0.2."""
    rng = np.random.default_rng(seed)
    trials, reports = [], Reports()
    for number in range(count):
        place, strength = float(rng.random()), float(rng.normal())
        on = bool(rng.random() < (0.8 if place > 0.5 else 0.2))
        made = change(place)
        changes: dict[str, Any] = {"base_lr": 0.1 * float(np.exp(strength)), "seed": number}
        tricks: dict[str, Any] = {**made.get("tricks", {}), **({"flip": {}} if on else {})}
        tricks |= {"cutout": {}} if rng.random() < 0.5 else {}
        recipe = a_recipe().model_copy(update=changes | made | {"tricks": tricks})
        value = 80 + 8 * (place - 0.5) + points * on - 0.5 * strength**2 + 0.8 * rng.normal()
        reports[number] = [a_report(epoch, value / 100) for epoch in range(1, 10)]
        trials.append(a_trial(number, recipe, reports[number]))
    return trials, reports


def of_flip(change: Change, *, seed: int, points: float = 0.0) -> TrickEffect:
    found = effects(*a_confounded_study(change, seed=seed, points=points))
    return next(row for row in found if row.trick == "flip")


def test_every_field_of_a_recipe_is_tried() -> None:
    # All trials of a study have one task, which is that of its data; the digests of own code go with the
    # architecture and the tricks that they are of.
    assert FIELDS.keys() == Recipe.model_fields.keys() - {"task", "code"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_trick_is_not_credited_for_what_it_came_with(kind: str) -> None:
    found = [of_flip(KINDS[kind], seed=seed) for seed in range(40)]

    estimates = [row.effect for row in found if row.effect is not None]
    assert sum(row.helps is not None for row in found) <= 5
    assert len(estimates) == 40
    assert abs(float(np.mean(estimates))) < 0.25


@pytest.mark.parametrize("kind", KINDS)
def test_an_effect_of_its_own_is_found_beside_what_it_came_with(kind: str) -> None:
    found = [of_flip(KINDS[kind], seed=seed, points=2.5) for seed in range(5)]

    assert [row.helps for row in found] == [True] * 5


def test_several_settings_at_once_are_adjusted_for_among_many_that_do_nothing() -> None:
    wrong = sum(of_flip(_several(seed), seed=seed).helps is not None for seed in range(20))

    assert wrong <= 3


def _several(seed: int) -> Change:
    """Let a weight decay and a trick's setting go along, among settings that go their own ways."""
    rng = np.random.default_rng(1000 + seed)

    def change(u: float) -> dict[str, Any]:
        free = rng.random(8)
        return {
            "weight_decay": 1e-5 * 200 ** float(np.clip(u + 0.2 * rng.normal(), 0, 1)),
            "momentum": 0.8 + 0.19 * free[0],
            "scaling_exponent": free[1],
            "batch_size": int(32 * 2 ** (4 * free[2])),
            "architecture_settings": {"width": free[3]},
            "tricks": {
                "mixup": {"alpha": 0.1 + u},
                "random_erasing": {"probability": free[4]},
                "label_smoothing": {"epsilon": 0.2 * free[5]},
                **({"cutmix": {"alpha": free[6]}} if free[7] > 0.5 else {}),
            },
        }

    return change


@pytest.mark.parametrize(("count", "differing"), [(14, 0), (14, 1), (40, 0), (40, 1), (40, 2)])
def test_what_changed_together_is_not_told_apart(count: int, differing: int) -> None:
    trials, reports = [], Reports()
    rng = np.random.default_rng(count + differing)
    for number in range(count):
        on = number % 2 == 0
        other = on if number >= differing else not on
        recipe = a_recipe(*["flip"] * on, seed=number).model_copy(
            update={"precision": "bf16" if other else "fp32"}
        )
        reports[number] = [a_report(1, 0.8 + 0.03 * other + 0.002 * rng.normal())]
        trials.append(a_trial(number, recipe, reports[number]))

    [row] = effects(trials, reports)

    assert (row.effect, row.low) == (None, None)
    assert row.note == "cannot be told apart from precision: they changed together"


def test_a_base_rate_that_no_optimizer_used_is_not_adjusted_for() -> None:
    def change(u: float) -> dict[str, Any]:
        return {"base_lr": 0.01 * 100**u, "tricks": {"adam": {"lr": 1e-3}}}

    rows = a_confounded_study(change, seed=0)[0]
    fields = [c.name for c in covariates([row.recipe for row in rows]) if c.kind == "field"]

    assert fields == []


def test_an_optimizer_s_rate_is_compared_with_its_own() -> None:
    """Adam's rates are a hundredth of SGD's: as one column they would say which of both it is."""
    rng = np.random.default_rng(0)
    trials, reports = [], Reports()
    for number in range(40):
        u = number // 2 / 19
        adam = {"tricks": {"adam": {"lr": 1e-3 * 10**u}}, "base_lr": 0.1}
        changes = adam if number % 2 else {"base_lr": 0.1 * 10**u}
        recipe = a_recipe(seed=number).model_copy(update=changes)
        value = 0.8 + 0.05 * u + 0.01 * (number % 2) + 0.002 * rng.normal()
        reports[number] = [a_report(1, value)]
        trials.append(a_trial(number, recipe, reports[number]))

    [row] = effects(trials, reports)

    assert row.low is not None and row.high is not None
    assert 0.8 < row.low < 1.0 < row.high < 1.2


@pytest.mark.parametrize("count", [9, 12, 16, 20])
def test_few_trials_of_much_that_varies_give_no_wild_numbers(count: int) -> None:
    halves = []
    for seed in range(10):
        for row in effects(*a_confounded_study(_several(seed), seed=seed, count=count)):
            if row.low is not None and row.high is not None:
                halves.append((row.high - row.low) / 2)

    assert float(np.median(halves)) < 12


@pytest.mark.parametrize(
    "values", [[1e308, 5e-324, 1.0], [1e300, -1e300, 0.0], [2**62, 1, 10**300]]
)
def test_numbers_of_any_size_are_columns(values: list[float]) -> None:
    recipes = [
        a_recipe(seed=i).model_copy(update={"tricks": {"mixup": {"alpha": values[i % 3]}}})
        for i in range(12)
    ]

    found = covariates(recipes)

    assert {column.name for column in found} == {"mixup.alpha"}
    assert all(np.isfinite(column.values).all() for column in found)
    assert all(abs(column.values.std() - 1) < 1e-6 for column in found)
