from itertools import islice

import pytest
import torch

from autotrick.train.loop import losses
from tests.optimizing import make_recipe, ready


@pytest.mark.parametrize(("every", "alpha"), [(5, 0.5), (3, 0.2), (1, 0.8)])
def test_equals_the_recursion_around_the_same_fast_steps(every: int, alpha: float) -> None:
    # Fast steps of plain SGD on a fixed gradient: w falls by 0.01 in each.
    run, stages = ready(make_recipe({"lookahead": {"every": every, "alpha": alpha}}, epochs=4))
    (trick,) = stages.after_step
    slow = fast = 1.0
    with torch.no_grad():
        for p in run.model.parameters():
            p.fill_(1.0)
    trick.on_start(run)
    found, expected = [], []
    for update in range(run.updates):
        run.update = update
        with torch.no_grad():
            for p in run.model.parameters():
                p.sub_(0.01)
        trick.after_step(run)
        found.append(float(next(run.model.parameters()).detach().flatten()[0]))
        fast -= 0.01
        if (run.update + 1) % every == 0 or run.update + 1 == run.updates:
            slow = fast = slow + alpha * (fast - slow)
        expected.append(fast)

    assert found == pytest.approx(expected, abs=1e-6)


def test_the_first_round_goes_back_towards_the_initial_weights() -> None:
    plain, stages = ready(make_recipe({}))
    looking, looking_stages = ready(make_recipe({"lookahead": {"every": 3, "alpha": 0.5}}))
    start = [p.detach().clone() for p in plain.model.parameters()]

    for training in (losses(plain, stages), losses(looking, looking_stages)):
        list(islice(training, 3))

    for first, fast, slow in zip(
        start, plain.model.parameters(), looking.model.parameters(), strict=True
    ):
        torch.testing.assert_close(slow, (first + fast) / 2, rtol=1e-5, atol=1e-6)


def test_the_slow_weights_are_handed_over() -> None:
    run, stages = ready(make_recipe({"lookahead": {"every": 7}}, epochs=2))

    list(islice(losses(run, stages), run.updates))

    for name, p in run.model.named_parameters():
        assert p.equal(run.state["lookahead"][name])
