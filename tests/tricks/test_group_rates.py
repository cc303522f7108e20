"""Learning rates of parameter groups: faster biases, slower first layers."""

from typing import Any

import pytest

from autotrick.train import train
from autotrick.train.loop import losses
from autotrick.tricks import Run
from tests.optimizing import make_data, make_recipe, ready


def rates(run: Run) -> dict[str, float]:
    """Return every parameter's learning rate as a share of the recipe's."""
    names = {id(p): name for name, p in run.model.named_parameters()}
    return {
        names[id(p)]: group["lr"] / run.recipe.lr
        for group in run.optimizer.param_groups
        for p in group["params"]
    }


def test_biases_of_normalisation_learn_faster_and_decay_as_much() -> None:
    run, _ = ready(make_recipe({"bias_lr": {"factor": 64.0}}, weight_decay=0.01))

    found = rates(run)

    norms = {name for name, p in run.model.named_parameters() if name.endswith("bias")} - {"0.bias"}
    assert len(norms) == 6
    assert {name for name, rate in found.items() if rate == pytest.approx(64)} == norms
    assert {rate for name, rate in found.items() if name not in norms} == {1.0}
    for group in run.optimizer.param_groups:
        assert group["lr"] * group["weight_decay"] == pytest.approx(0.1 * 0.01)
    assert run.notes["faster_biases"] == 6


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        (2, [0.5] * 4 + [1.0] * 4),
        (3, [0.25] * 3 + [0.5] * 3 + [1.0] * 2),
        (8, [0.5**k for k in (7, 6, 5, 4, 3, 2, 1, 0)]),
        (99, [0.5**k for k in (7, 6, 5, 4, 3, 2, 1, 0)]),
    ],
)
def test_stages_learn_at_geometric_rates(stages: int, expected: list[float]) -> None:
    asked = make_recipe({"discriminative_lr": {"decay": 0.5, "stages": stages}})

    run, _ = ready(asked)

    weights = [name for name, p in run.model.named_parameters() if p.ndim > 1]
    assert [rates(run)[name] for name in weights] == pytest.approx(expected)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "adabound"])
def test_schedules_keep_the_ratios(optimizer: str) -> None:
    tricks: dict[str, dict[str, Any]] = {
        optimizer: {},
        "discriminative_lr": {"decay": 0.1},
        "linear_warmup": {"length": 0.2},
        "cosine_decay": {},
    }
    run, stages = ready(make_recipe(tricks))
    training = losses(run, stages)

    last = [name for name, _ in run.model.named_parameters()][-1]
    seen = []
    for _ in range(12):
        next(training)
        seen.append((rates(run)[last], rates(run)))

    for head, found in seen:
        assert found["0.weight"] / head == pytest.approx(0.01)
        assert found["0.weight"] < head
    assert len({head for head, _ in seen}) > 6


def test_the_ratios_are_in_the_reports() -> None:
    result = train(make_recipe({"discriminative_lr": {}}, epochs=1), make_data())

    assert result.reports[0].extra["lr_scale_1"] == pytest.approx(0.385**2)
    assert result.reports[0].extra["lr_scale_3"] == 1.0


def test_both_together_multiply() -> None:
    tricks: dict[str, dict[str, Any]] = {
        "discriminative_lr": {"decay": 0.5, "stages": 2},
        "bias_lr": {"factor": 4.0},
        "no_norm_decay": {},
    }

    run, _ = ready(make_recipe(tricks))

    assert set(rates(run).values()) == {0.5, 1.0, 2.0, 4.0}
    everything = [p for group in run.optimizer.param_groups for p in group["params"]]
    assert len(everything) == len(list(run.model.parameters()))
