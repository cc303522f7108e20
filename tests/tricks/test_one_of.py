from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.tricks import Batch, Run, build
from autotrick.tricks.one_of import OneOf

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


@pytest.mark.parametrize("update", range(8))
def test_a_batch_is_mixed_as_one_of_the_tricks_does(
    make_run: MakeRun, make_batch: MakeBatch, update: int
) -> None:
    mixed = OneOf(among="mixup+cutmix+ricap").on_batch(make_batch(), make_run(update=update))

    alone = [
        build(name, settings).on_batch(make_batch(), make_run(update=update))
        for name, settings in (("mixup", {}), ("cutmix", {"probability": 1.0}), ("ricap", {}))
    ]
    assert any(
        torch.equal(mixed.images, other.images) and torch.equal(mixed.targets, other.targets)
        for other in alone
    )


@pytest.mark.parametrize("among", ["mixup+cutmix", "mixup+cutmix+ricap"])
def test_ways_are_equally_likely(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, among: str
) -> None:
    count, trick, run = 20_000, OneOf(among=among, probability=0.75), make_run()
    batch = Batch(torch.zeros(1, 1, 1, 1), torch.eye(2)[:1], torch.zeros(1), np.zeros(1, np.int64))
    seen: list[str] = []

    class Way:
        def __init__(self, name: str) -> None:
            self.name = name

        def on_batch(self, given: Batch, _: Run) -> Batch:
            seen.append(self.name)
            return given

    monkeypatch.setattr(OneOf, "way", lambda _, name: Way(name))
    for run.update in range(count):
        trick.on_batch(batch, run)

    ways = among.split("+")
    assert set(seen) == set(ways)
    for way in ways:
        share = 0.75 / len(ways)
        band = 4 * np.sqrt(share * (1 - share) / count)
        assert seen.count(way) / count == pytest.approx(share, abs=band)
