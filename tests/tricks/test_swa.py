from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.tricks import Run
from autotrick.tricks.swa import Swa


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    made = make_run(updates=10)
    made.starts = (0, 2, 4, 6, 8, 10)
    torch.manual_seed(0)
    made.model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)
    )
    return made


def train(run: Run, trick: Swa) -> list[dict[str, torch.Tensor]]:
    """Change all weights ten times; return them as they were at the ends of epochs."""
    ends = []
    for run.update in range(10):
        with torch.no_grad():
            for parameter in run.model.parameters():
                parameter.add_(torch.randn(parameter.shape))
        trick.after_step(run)
        if run.update % 2:
            state = run.model.state_dict()
            ends.append({name: tensor.clone() for name, tensor in state.items()})
    return ends


@pytest.mark.parametrize(("start", "first"), [(0.0, 0), (0.5, 2), (0.75, 3), (0.95, 4)])
def test_weights_are_the_mean_of_the_last_epochs(run: Run, start: float, first: int) -> None:
    ends = train(run, Swa(start=start))

    averaged = Swa(start=start).model_for_evaluation(run.model, run)

    for name, parameter in averaged.named_parameters():
        expected = torch.stack([end[name].double() for end in ends[first:]]).mean(0)
        torch.testing.assert_close(parameter.detach().double(), expected, rtol=0, atol=1e-5)


def test_norms_have_the_statistics_of_clean_images(run: Run) -> None:
    train(run, Swa())

    averaged = Swa().model_for_evaluation(run.model, run)

    seen = run.normalised(run.images)  # 20 images are one batch
    conv, norm = averaged[0], averaged[1]  # type: ignore[index]
    maps = conv(seen).detach().double().numpy()
    state = norm.state_dict()
    np.testing.assert_allclose(state["running_mean"], maps.mean((0, 2, 3)), atol=1e-5)
    np.testing.assert_allclose(state["running_var"], maps.var((0, 2, 3), ddof=1), rtol=1e-4)
    assert not averaged.training and norm.momentum == 0.1


def test_training_goes_on_from_its_own_weights(run: Run) -> None:
    ends = train(run, Swa())

    Swa().model_for_evaluation(run.model, run)

    assert all(torch.equal(ends[-1][name], t) for name, t in run.model.state_dict().items())


def test_before_the_start_the_weights_themselves_are_evaluated(run: Run) -> None:
    trick = Swa(start=0.9)
    run.update = 1
    trick.after_step(run)

    assert trick.model_for_evaluation(run.model, run) is run.model


def test_evaluating_twice_gives_the_same_network(run: Run) -> None:
    train(run, Swa())
    first = {
        name: t.clone()
        for name, t in Swa().model_for_evaluation(run.model, run).state_dict().items()
    }

    run.scratch = {}
    second = Swa().model_for_evaluation(run.model, run).state_dict()

    assert all(torch.equal(first[name], tensor) for name, tensor in second.items())
