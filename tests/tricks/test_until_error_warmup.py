from collections.abc import Callable

import numpy as np
import torch

from autotrick.tricks import Batch, Run
from autotrick.tricks.until_error_warmup import UntilErrorWarmup

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


def follow(run: Run, batch: Batch, trick: UntilErrorWarmup, wrongs: list[int]) -> list[float]:
    """Return the rate's factor of every update, when so many of the batch are wrong in each."""
    factors = []
    for wrong in wrongs:
        factors.append(trick.rate(run))
        logits = batch.targets.clone()
        logits[:wrong] = logits[:wrong].roll(1, dims=1)
        loss = torch.ones(())
        assert trick.on_loss(loss, logits, batch, run) is loss
        trick.on_gradient(run, lambda: None)
        run.update += 1
    return factors


def started(make_run: MakeRun, trick: UntilErrorWarmup) -> Run:
    run = make_run()
    trick.on_start(run)
    return run


def test_switches_when_the_running_error_is_below_and_never_again(
    make_run: MakeRun, make_batch: MakeBatch
) -> None:
    rng = np.random.default_rng(0)
    wrongs = [int(x) for x in np.clip(rng.normal(np.linspace(20, 12, 60), 1.5), 0, 20)]
    wrongs += [20] * 20
    trick, run = UntilErrorWarmup(error=0.8, factor=0.1, memory=100), make_run()
    trick.on_start(run)

    factors = follow(run, make_batch(20), trick, wrongs)

    kept, mean, seen, switch = 0.99**20, 0.0, 0.0, None
    for update, wrong in enumerate(wrongs):
        mean, seen = kept * mean + (1 - kept) * wrong / 20, kept * seen + (1 - kept)
        if mean / seen < 0.8 and switch is None:
            switch = update + 1
    assert switch is not None and 0 < switch < 60
    assert factors == [0.1] * switch + [1.0] * (80 - switch)
    assert run.state["until_error_warmup"]["switched"] == switch
    assert run.metrics["warmup_updates"] == switch


def test_an_error_at_the_threshold_is_not_below(make_run: MakeRun, make_batch: MakeBatch) -> None:
    trick = UntilErrorWarmup(error=0.75)

    factors = follow(started(make_run, trick), make_batch(4), trick, [3, 3, 3])

    assert factors == [0.1, 0.1, 0.1]


def test_one_good_batch_among_bad_ones_does_not_switch(
    make_run: MakeRun, make_batch: MakeBatch
) -> None:
    trick = UntilErrorWarmup()
    run = started(make_run, trick)

    factors = follow(run, make_batch(4), trick, [*[4] * 30, 0, *[4] * 10])

    assert set(factors) == {0.1}
    assert run.metrics["warmup_updates"] == 41


def test_a_second_pass_does_not_count(make_run: MakeRun, make_batch: MakeBatch) -> None:
    trick, batch = UntilErrorWarmup(), make_batch(4)
    run = started(make_run, trick)
    trick.rate(run)
    trick.on_loss(torch.ones(()), batch.targets.roll(1, dims=1), batch, run)
    trick.on_gradient(run, lambda: None)

    trick.on_loss(torch.ones(()), batch.targets, batch, run)  # perfect, but at SAM's other point
    run.update += 1

    assert trick.rate(run) == 0.1
    assert run.scratch["until_error_warmup"] == {"wrong": [], "examples": 0}


def test_mixed_examples_count_as_their_heaviest_class(
    make_run: MakeRun, make_batch: MakeBatch
) -> None:
    trick, batch = UntilErrorWarmup(error=0.5), make_batch(4)
    run = started(make_run, trick)
    batch.targets = 0.4 * batch.targets + 0.6 * batch.targets.roll(1, dims=1)

    factors = follow(run, batch, trick, [0, 0])

    assert factors == [0.1, 1.0]


def test_goes_on_from_its_state_alone(make_run: MakeRun, make_batch: MakeBatch) -> None:
    trick, wrongs = UntilErrorWarmup(memory=50), [4, 4, 3, 4, 3, 2, 3, 2, 2, 1, 1, 0]
    whole = follow(started(make_run, trick), make_batch(4), trick, wrongs)
    first = started(make_run, trick)
    before = follow(first, make_batch(4), trick, wrongs[:6])

    second = started(make_run, trick)
    second.state, second.update = first.state, first.update

    assert before + follow(second, make_batch(4), trick, wrongs[6:]) == whole
