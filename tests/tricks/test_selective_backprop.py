from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.tricks import Batch, Run
from autotrick.tricks.selective_backprop import SelectiveBackprop, chosen

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.9])
def test_one_draw_follows_the_percentile_to_a_power(keep: float) -> None:
    count, ranks = 20_000, 8
    chances = ((np.arange(ranks) + 0.5) / ranks) ** (1 / keep - 1)
    chances /= chances.sum()
    rng = np.random.default_rng(0)

    # NumPy draws one after the other without replacement: the first is a plain draw.
    first = np.bincount([chosen(ranks, keep, rng)[0] for _ in range(count)], minlength=ranks)

    band = 4 * np.sqrt(chances * (1 - chances) / count)
    assert (np.abs(first / count - chances) <= band).all()


@pytest.mark.parametrize(("count", "keep", "kept"), [(8, 0.5, 4), (7, 0.5, 3), (1, 0.3, 1)])
def test_keeps_a_share_and_never_nothing(count: int, keep: float, kept: int) -> None:
    found = chosen(count, keep, np.random.default_rng(0))

    assert len(set(found.tolist())) == len(found) == kept


def test_hard_examples_are_kept_more_often_than_easy_ones(
    make_run: MakeRun, make_batch: MakeBatch
) -> None:
    run, trick = make_run(), SelectiveBackprop(keep=0.25)
    run.model = nn.Sequential(nn.Flatten(), nn.Linear(192, 10), nn.BatchNorm1d(10))
    before = [buffer.clone() for buffer in run.model.buffers()]
    losses = nn.functional.cross_entropy(
        run.model.eval()(make_batch(16).images), make_batch(16).targets, reduction="none"
    )
    kept = np.zeros(16)
    run.model.train()
    for update in range(50, 90, 2):
        run.update = update
        after = trick.on_batch(make_batch(16), run)
        assert len(after.images) == len(after.targets) == len(after.labels) == 4
        assert torch.equal(after.labels, torch.from_numpy(after.samples - 100) % 10)
        assert torch.equal(after.images, make_batch(16).images[after.samples - 100])
        kept[after.samples - 100] += 1

    harder = losses.argsort().numpy()
    assert kept[harder[8:]].sum() > 2 * kept[harder[:8]].sum()
    assert all(map(torch.equal, before, run.model.buffers()))
    assert run.model.training and run.model[2].training


def test_when_it_chooses() -> None:
    trick = SelectiveBackprop(start=0.5, end=0.9, interrupt=3)

    acts = [update for update in range(100) if trick.chooses(update, 100)]

    assert acts == [update for update in range(50, 90) if update % 3 != 2]
    assert all(
        SelectiveBackprop(start=0.0, end=1.0, interrupt=0).chooses(update, 10)
        for update in range(10)
    )
