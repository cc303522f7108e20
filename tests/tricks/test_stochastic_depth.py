from collections.abc import Callable

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from autotrick import models
from autotrick.tricks import Run
from autotrick.tricks.stochastic_depth import StochasticDepth, skipping


@pytest.mark.parametrize("probability", [0.05, 0.5])
def test_images_are_skipped_at_the_rate_and_scaled(probability: float) -> None:
    count = 20_000
    torch.manual_seed(0)

    out = skipping(probability, each_image=True)(nn.Identity(), None, torch.ones(count, 2, 1, 1))

    assert torch.equal(out[:, 0], out[:, 1])
    band = 4 * np.sqrt(probability * (1 - probability) / count)
    assert (out[:, 0] == 0).double().mean().item() == pytest.approx(probability, abs=band)
    assert out.max().item() == pytest.approx(1 / (1 - probability))


@pytest.mark.parametrize(("each_image", "mode"), [(True, "row"), (False, "batch")])
def test_equals_torchvision(each_image: bool, mode: str) -> None:
    maps = torch.randn(9, 2, 3, 3)
    for seed in range(10):
        torch.manual_seed(seed)
        ours = skipping(0.4, each_image=each_image)(nn.Identity(), None, maps)
        torch.manual_seed(seed)
        theirs = torchvision.ops.stochastic_depth(maps, 0.4, mode)
        torch.testing.assert_close(ours, theirs)


def test_evaluation_skips_nothing() -> None:
    maps = torch.randn(4, 2, 3, 3)

    assert skipping(0.9, each_image=True)(nn.Identity().eval(), None, maps) is maps


def test_later_blocks_are_skipped_more_often(make_run: Callable[..., Run]) -> None:
    model = models.build(
        "resnet20", {"width": 0.25}, classes=10, channels=3, image_size=(8, 8), seed=0
    )
    run = make_run()
    StochasticDepth(probability=0.9, unit="image").on_model(model, run)
    assert run.notes == {"stochastic_depth.branches": 9}
    maps = torch.rand(2000, 4, 2, 2) + 1
    torch.manual_seed(0)

    shares = []
    for i in (3, 4, 5):
        norm = model.get_submodule(f"{i}.bn2")
        shares.append((norm(maps).flatten(1) == 0).all(1).double().mean().item())

    assert shares == pytest.approx([0.1, 0.2, 0.3], abs=0.04)
