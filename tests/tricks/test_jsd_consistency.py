from collections.abc import Callable

import numpy as np
import pytest
import torch
from timm.loss import JsdCrossEntropy

from autotrick.tricks import TRICKS, Batch, Pictures, Run
from autotrick.tricks.augmix import AugMix
from autotrick.tricks.jsd_consistency import JsdConsistency, divergence

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


def test_loss_equals_timm(make_run: MakeRun, make_batch: MakeBatch) -> None:
    logits = 3 * torch.randn(12, 10, generator=torch.Generator().manual_seed(0))
    batch = make_batch(4)
    batch.targets, batch.labels = torch.cat([batch.targets] * 3), torch.cat([batch.labels] * 3)

    ours = JsdConsistency(weight=7.0).on_loss(torch.zeros(()), logits, batch, make_run())

    theirs = JsdCrossEntropy(3, 7.0, 0)(logits, batch.labels)
    torch.testing.assert_close(ours, theirs)


def test_divergence_in_closed_form() -> None:
    half, sure = torch.tensor([[0.0, 0.0]]), torch.tensor([[50.0, -50.0]])

    # The mean of (1/2, 1/2) and (1, 0) is (3/4, 1/4).
    expected = (0.5 * np.log(2 / 3) + 0.5 * np.log(2) + np.log(4 / 3)) / 2
    assert divergence([half, sure]).item() == pytest.approx(expected, abs=1e-6)
    assert divergence([half, half, half]).item() == 0


def test_gradient_of_sure_predictions_is_finite() -> None:
    logits = torch.tensor([[200.0, -200.0], [-200.0, 200.0]], requires_grad=True)

    torch.autograd.backward(divergence(list(logits.chunk(2))))

    assert logits.grad is not None and logits.grad.isfinite().all()


def test_versions_are_the_clean_image_and_two_of_augmix(make_run: MakeRun) -> None:
    run, count = make_run(update=3, size=(16, 16)), 5
    pixels = np.random.default_rng(0).integers(0, 256, (count, 16, 16, 3), dtype=np.uint8)
    samples, labels = np.arange(count) * 7, torch.arange(count)
    trick = JsdConsistency()

    after = trick.on_batch(Batch(run.normalised(pixels), torch.eye(10)[:5], labels, samples), run)

    clean, first, second = after.images.chunk(3)
    assert torch.equal(clean, run.normalised(pixels))
    for i, version in enumerate((first, second)):
        expected = AugMix().mixed(Pictures(pixels.copy()), samples, run, f"jsd_consistency.{i}")
        assert torch.equal(version, run.normalised(expected))
    assert not torch.equal(first, second) and not torch.equal(clean, first)
    assert torch.equal(after.targets, torch.eye(10)[:5].repeat(3, 1))
    assert torch.equal(after.labels, labels.repeat(3))
    assert after.samples.tolist() == [*samples] * 3


def test_every_way_of_mixing_and_every_loss_is_excluded() -> None:
    others = {kind.name for kind in TRICKS.values() if kind.slot in ("mix", "loss")}

    assert others < JsdConsistency.excludes.keys()


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_undo_the_normalisation(make_run: MakeRun, channels: int) -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(channels, axis=3)
    run = make_run(channels=channels)

    assert (run.pixels(run.normalised(levels)) == levels).all()
