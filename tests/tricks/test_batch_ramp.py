from itertools import islice
from typing import Any

import pytest
import torch
from torch.nn import functional

from autotrick.train.loop import batch_of, losses
from autotrick.train.prepare import order
from autotrick.tricks.batch_ramp import BatchRamp
from tests.optimizing import make_recipe, ready


def test_grows_at_its_moments() -> None:
    trick = BatchRamp(growth=2, moments=[0.3, 0.6, 0.8])

    factors = [trick.accumulate(epoch, 10) for epoch in range(10)]

    assert factors == [1, 1, 1, 2, 2, 2, 4, 4, 8, 8]


@pytest.mark.parametrize(
    ("accumulation", "expected"),
    [(1, [4, 4, 4, 2, 2, 2, 1, 1, 1, 1]), (2, [2, 2, 2, 1, 1, 1, 1, 1, 1, 1])],
)
def test_an_epoch_has_fewer_updates_as_the_batch_grows(
    accumulation: int, expected: list[int]
) -> None:
    asked = make_recipe({"batch_ramp": {"growth": 2}}, accumulation=accumulation)

    run, _ = ready(asked, count=32)

    assert [b - a for a, b in zip(run.starts, run.starts[1:], strict=False)] == expected
    assert run.updates == sum(expected)


def test_a_grown_update_descends_the_mean_over_the_whole_batch() -> None:
    tricks: dict[str, dict[str, Any]] = {
        "batch_ramp": {"growth": 4, "moments": [0.1]},
        "sgd": {"kind": "plain"},
    }
    asked = make_recipe(tricks, architecture="lenet5", architecture_settings={}, weight_decay=0)
    run, stages = ready(asked)
    before = [p.detach().clone() for p in run.model.parameters()]
    run.epoch, run.update = 1, run.starts[1]
    batch = batch_of(run, stages, order(run, stages))
    loss = functional.cross_entropy(run.model(batch.images), batch.targets)
    gradients = torch.autograd.grad(loss, list(run.model.parameters()))

    other, stages = ready(asked)
    training = losses(other, stages)
    for _ in islice(training, other.starts[1]):
        pass
    # Put the weights back where they were before the first epoch, which had small batches.
    with torch.no_grad():
        for p, start in zip(other.model.parameters(), before, strict=True):
            p.copy_(start)
    assert next(training) == pytest.approx(loss.item(), rel=1e-5)

    for p, start, gradient in zip(other.model.parameters(), before, gradients, strict=True):
        torch.testing.assert_close(p, start - 0.1 * gradient, rtol=1e-4, atol=1e-6)


def test_no_two_batches_share_their_draws() -> None:
    run, _ = ready(make_recipe({"batch_ramp": {"growth": 3}}))
    found = []
    for epoch in range(10):
        start, end = run.starts[epoch : epoch + 2]
        for update in range(start, end):
            for forward in range(-(-4 // (end - start))):
                run.update, run.forward = update, forward
                found.append(run.address)

    assert len(set(found)) == len(found)
