import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.tricks import Run
from autotrick.tricks.ema import Ema, decay

MakeRun = Callable[..., Run]


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    made = make_run(updates=1000)
    torch.manual_seed(0)
    made.model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    return made


def step(run: Run, trick: Ema) -> None:
    """Change every weight and buffer, as an update does."""
    with torch.no_grad():
        for parameter in run.model.parameters():
            parameter.add_(torch.randn(parameter.shape))
        run.model.train()(torch.randn(8, 3))
    trick.after_step(run)
    run.update += 1


@pytest.mark.parametrize("half_life", [1.0, 10.0, 250.0])
def test_half_of_the_average_is_new_after_a_half_life(half_life: float) -> None:
    kept = decay(half_life, 10**9) ** half_life

    assert kept == pytest.approx(0.5, abs=1e-12)
    assert decay(half_life, 10**9) == pytest.approx(math.exp(-math.log(2) / half_life), abs=1e-12)


@pytest.mark.parametrize(("updates", "expected"), [(1, 2 / 11), (8, 0.5), (90, 0.91)])
def test_the_decay_warms_up(updates: int, expected: float) -> None:
    assert decay(1e6, updates) == pytest.approx(expected, abs=1e-12)


def test_equals_the_recursion_in_numpy(run: Run) -> None:
    trick = Ema(half_life=0.003)
    name, buffer = "0.weight", "1.running_mean"
    history: dict[str, list[np.ndarray]] = {name: [], buffer: []}
    for _ in range(40):
        step(run, trick)
        for key, values in history.items():
            values.append(run.model.state_dict()[key].double().numpy().copy())

    for key, values in history.items():
        average = values[0]
        for t in range(1, 40):
            d = min(2 ** (-1 / 3), (1 + t) / (10 + t))
            average = d * average + (1 - d) * values[t]
        np.testing.assert_allclose(run.state["ema"][key].numpy(), average, atol=1e-5)


def test_the_first_update_copies(run: Run) -> None:
    step(run, Ema())

    for name, tensor in run.model.state_dict().items():
        assert torch.equal(run.state["ema"][name], tensor)
        assert run.state["ema"][name].data_ptr() != tensor.data_ptr()


def test_integer_buffers_are_copied(run: Run) -> None:
    for _ in range(5):
        step(run, Ema())

    assert run.state["ema"]["1.num_batches_tracked"].item() == 5


def test_the_average_is_evaluated_and_the_weights_stay(run: Run) -> None:
    trick = Ema()
    for _ in range(3):
        step(run, trick)
    before = {name: tensor.clone() for name, tensor in run.model.state_dict().items()}

    model = trick.model_for_evaluation(run.model, run)

    assert model is not run.model
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, run.state["ema"][name])
        assert torch.equal(before[name], run.model.state_dict()[name])


def test_every_evaluation_loads_the_newest_average(run: Run) -> None:
    trick = Ema()
    step(run, trick)
    first = trick.model_for_evaluation(run.model, run)
    step(run, trick)

    second = trick.model_for_evaluation(run.model, run)

    assert second is first
    assert torch.equal(second.state_dict()["0.weight"], run.state["ema"]["0.weight"])


def test_goes_on_from_its_state_alone(run: Run) -> None:
    trick = Ema()
    for _ in range(3):
        step(run, trick)
    saved = {"ema": {name: tensor.clone() for name, tensor in run.state["ema"].items()}}

    trick.after_step(run)
    expected, run.state = run.state, saved
    trick.after_step(run)

    for name, tensor in expected["ema"].items():
        assert torch.equal(run.state["ema"][name], tensor)
