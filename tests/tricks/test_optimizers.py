"""What all optimizers share: rates of their own, scaling, parameter groups."""

from typing import Any

import pytest

from autotrick.recipe import DataRef, Recipe
from autotrick.tricks import TRICKS, build, peak_lr
from tests.optimizing import make_recipe, ready, trails

OPTIMIZERS = [name for name, kind in TRICKS.items() if kind.slot == "optimizer"]
OWN_RATE = [name for name in OPTIMIZERS if "lr" in build(name, {}).values()]
DECOUPLED = {
    "adamw": 0.05,
    "adaboundw": 5e-4,
    "adan": 0.02,
    "lamb": 0.02,
    "lion": 0.3,
    "sgdw": 5e-3,
}


@pytest.mark.parametrize(
    ("batch", "accumulation", "exponent", "expected"),
    [
        (256, 1, 1.0, 0.1),
        (512, 1, 1.0, 0.2),
        (128, 4, 1.0, 0.2),
        (64, 1, 1.0, 0.025),
        (1024, 1, 0.5, 0.2),
        (1024, 1, 0.0, 0.1),
    ],
)
def test_the_rate_is_scaled_by_the_examples_of_an_update(
    batch: int, accumulation: int, exponent: float, expected: float
) -> None:
    recipe = Recipe(
        data=DataRef(name="digits"),
        architecture="lenet5",
        epochs=1,
        batch_size=batch,
        accumulation=accumulation,
        base_lr=0.1,
        scaling_exponent=exponent,
    )

    assert recipe.lr == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", OWN_RATE)
def test_an_own_rate_is_scaled_like_the_recipes(name: str) -> None:
    asked = make_recipe({name: {"lr": 0.004}}, batch_size=16, scaling_exponent=1.0)

    run, _ = ready(asked)

    first = run.optimizer.param_groups[0]
    assert first["lr"] == first["peak"] == pytest.approx(0.004 * 16 / 256, rel=1e-9)
    assert peak_lr(asked) == pytest.approx(first["peak"], rel=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_reports_show_the_rate_that_acts(name: str) -> None:
    from autotrick.train import train
    from tests.optimizing import make_data

    asked = make_recipe({name: {}, "linear_decay": {"final": 0.5}}, epochs=2)

    reports = train(asked, make_data()).reports

    settings = build(name, {}).values()
    rate = settings.get("lr", asked.base_lr)
    assert isinstance(rate, float)
    assert reports[0].lr == pytest.approx(rate * (1 - 0.5 * 3 / 8), rel=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_factors_on_groups_and_exemptions_are_kept(name: str) -> None:
    tricks: dict[str, dict[str, Any]] = {
        name: {},
        "bias_lr": {"factor": 4.0},
        "no_norm_decay": {},
    }

    run, _ = ready(make_recipe(tricks))

    for group in run.optimizer.param_groups:
        assert group["scale"] in (1.0, 4.0)
        assert group["peak"] / group["scale"] == pytest.approx(
            build(name, {}).values().get("lr", 0.1), rel=1e-9
        ) or name in ("lars", "muon")
        if all(p.ndim == 1 for p in group["params"]):
            assert group["weight_decay"] == 0


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_is_the_recipes_unless_it_is_decoupled(name: str) -> None:
    run, _ = ready(make_recipe({name: {}}, weight_decay=1e-3))

    decays = {group["weight_decay"] for group in run.optimizer.param_groups} - {0.0}
    assert decays == {DECOUPLED.get(name, 1e-3)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_parameter_without_gradient_stays(name: str) -> None:
    run, _ = ready(make_recipe({name: {}}))
    trails(run, steps=2)
    before = [p.detach().clone() for p in run.model.parameters()]
    first = next(run.model.parameters())

    for p in run.model.parameters():
        if p is first:
            p.grad = None
    run.optimizer.step()

    assert first.equal(before[0])
    assert not list(run.model.parameters())[-1].equal(before[-1])
