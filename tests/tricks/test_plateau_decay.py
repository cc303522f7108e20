from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.recipe import EpochReport
from autotrick.tricks import Run
from autotrick.tricks.plateau_decay import PlateauDecay

MakeRun = Callable[..., Run]


def report(epoch: int, accuracy: float) -> EpochReport:
    return EpochReport(
        epoch=epoch, accuracy=accuracy, loss=1, train_loss=1, lr=0.1, seconds=1, weights=""
    )


def follow(run: Run, trick: PlateauDecay, accuracies: list[float]) -> list[float]:
    """Return the factor of every epoch; an epoch has one update."""
    factors = []
    for accuracy in accuracies:
        factors.append(trick.rate(run))
        run.update += 1
        trick.on_report(report(run.update, accuracy), run)
    return factors


def started(make_run: MakeRun, trick: PlateauDecay, warmup: int = 0) -> Run:
    run = make_run()
    run.warmup = warmup
    trick.on_start(run)
    return run


@pytest.mark.parametrize("patience", [0, 1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_equals_torch(make_run: MakeRun, patience: int, seed: int) -> None:
    accuracies = np.random.default_rng(seed).uniform(0.3, 0.9, 40).round(2).tolist()
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, "max", 0.5, patience, threshold=0.02, threshold_mode="abs", min_lr=0.01
    )
    expected = []
    for accuracy in accuracies:
        expected.append(optimizer.param_groups[0]["lr"])
        scheduler.step(accuracy)
    trick = PlateauDecay(factor=0.5, patience=patience, threshold=0.02, lowest=0.01)

    factors = follow(started(make_run, trick), trick, accuracies)

    np.testing.assert_allclose(factors, expected, rtol=1e-9)
    assert len(set(factors)) > 2


def test_falls_are_recorded(make_run: MakeRun) -> None:
    trick = PlateauDecay(patience=1)
    run = started(make_run, trick)

    factors = follow(run, trick, [0.5, 0.5, 0.5, 0.6, 0.6, 0.6, 0.6])

    np.testing.assert_allclose(factors, [1, 1, 1, 0.1, 0.1, 0.1, 0.01])
    assert run.state["plateau_decay"]["drops"] == [3, 6]
    assert run.metrics["rate_drops"] == 2


def test_epochs_of_the_warmup_are_not_looked_at(make_run: MakeRun) -> None:
    trick = PlateauDecay(patience=0)
    run = started(make_run, trick, warmup=3)

    factors = follow(run, trick, [0.9, 0.1, 0.1, 0.2, 0.3, 0.3, 0.3])

    assert factors[:6] == [1.0] * 6 and factors[6] == pytest.approx(0.1)


def test_goes_on_from_its_state_alone(make_run: MakeRun) -> None:
    trick, accuracies = PlateauDecay(patience=1), [0.5, 0.4, 0.6, 0.5, 0.5, 0.5, 0.5]
    whole = follow(started(make_run, trick), trick, accuracies)
    first = started(make_run, trick)
    before = follow(first, trick, accuracies[:4])

    second = started(make_run, trick)
    second.state, second.update = first.state, first.update

    assert before + follow(second, trick, accuracies[4:]) == whole
