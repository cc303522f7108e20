from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn import functional

from autotrick.tricks import Batch, Run
from autotrick.tricks.cutout import holes
from autotrick.tricks.dual_cutout import DualCutout

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


def test_both_views_have_a_hole_of_their_own(make_run: MakeRun, make_batch: MakeBatch) -> None:
    plain = make_batch(50).images

    batch = DualCutout().on_batch(make_batch(50), make_run())

    changed = (batch.images != torch.cat([plain, plain])).any(1)
    assert (batch.images[(changed[:, None]).expand_as(batch.images)] == 0).all()
    area = changed.sum((1, 2))
    assert len(area) == 100 and area.min() >= 4 and area.max() == 16
    assert (changed[:50] != changed[50:]).any((1, 2)).sum() > 40
    assert torch.equal(batch.targets[:50], batch.targets[50:])
    assert batch.samples.tolist() == [*range(100, 150)] * 2


def test_loss_is_the_mean_of_both_and_their_distance(
    make_run: MakeRun, make_batch: MakeBatch
) -> None:
    run, logits = make_run(), torch.randn(8, 10)
    batch = DualCutout().on_batch(make_batch(4), run)
    plain = functional.cross_entropy(logits, batch.targets)

    loss = DualCutout(alpha=0.3).on_loss(plain, logits, batch, run)

    first, second = logits[:4], logits[4:]
    labels = batch.labels[:4]
    both = functional.cross_entropy(first, labels) + functional.cross_entropy(second, labels)
    torch.testing.assert_close(loss, both / 2 + 0.3 * (first - second).square().mean())


def test_areas_of_both_views_have_cutouts_mean(make_run: MakeRun) -> None:
    draws = make_run().stream("dual_cutout").uniform(0, np.arange(20_000), 4).reshape(-1, 2, 1, 2)
    lengths = [min(32, c + 8) - max(0, c - 8) for c in range(32)]
    for i in (0, 1):
        areas = holes(draws[:, i], 16, (32, 32)).sum((1, 2))
        band = 4 * areas.std() / np.sqrt(len(areas))
        assert areas.mean() == pytest.approx(np.mean(lengths) ** 2, abs=band)
    both = draws[:, :, 0].reshape(20_000, 4)
    assert np.abs(np.corrcoef(both.T) - np.eye(4)).max() < 4 / np.sqrt(20_000)
