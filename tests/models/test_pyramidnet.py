"""PyramidNet with ShakeDrop: the published sizes, and what chance does to a branch."""

import pytest
import torch
from torch import nn

from autotrick.errors import RecipeError
from autotrick.models import build, describe
from autotrick.models.pyramidnet import shake


def make(side: int = 32, **settings: float) -> nn.Module:
    return build("pyramidnet", settings, classes=10, channels=3, image_size=(side, side), seed=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("depth", "widening", "millions"), [(272, 200, 26.0), (200, 240, 26.6), (164, 270, 27.0)]
)
def test_weights_are_as_many_as_published(depth: int, widening: int, millions: float) -> None:
    model = make(depth=depth, widening=widening)

    # The table leaves the normalisation's out.
    counted = (m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear))
    total = sum(p.numel() for module in counted for p in module.parameters())
    assert total / 1e6 == pytest.approx(millions, abs=0.06)


def test_channels_grow_evenly_and_shaking_too() -> None:
    model = make(depth=29, widening=90)

    blocks = [module for module in model.children() if hasattr(module, "branch")]
    given = [block.state_dict()["branch.1.weight"].shape[0] for block in blocks]
    assert given == [26, 36, 46, 56, 66, 76, 86, 96, 106]
    assert [block.keep for block in blocks] == pytest.approx(
        [1 - number / 18 for number in range(1, 10)]
    )
    assert [block.stride for block in blocks] == [1, 1, 1, 2, 1, 1, 2, 1, 1]


def test_shaken_by_one_number_forward_and_another_backward() -> None:
    values = torch.randn(60, 2, 3, 3, generator=torch.Generator().manual_seed(1)).requires_grad_()
    torch.manual_seed(3)

    shaken = shake(values, 1e-9, training=True)
    torch.autograd.backward(shaken.sum())

    torch.manual_seed(3)
    torch.rand(())
    forward, backward = torch.rand(2, 60, 1, 1, 1)
    torch.testing.assert_close(shaken, (2 * forward - 1) * values)
    assert values.grad is not None
    torch.testing.assert_close(values.grad, backward.expand_as(values))


def test_passes_unchanged_as_often_as_asked() -> None:
    values = torch.ones(2, 1)
    torch.manual_seed(0)

    passed = [torch.equal(shake(values, 0.7, training=True), values) for _ in range(2000)]

    assert abs(sum(passed) / 2000 - 0.7) < 4 * (0.7 * 0.3 / 2000) ** 0.5


def test_evaluation_takes_what_is_expected() -> None:
    values = torch.randn(4, 2)
    torch.manual_seed(0)
    drawn = torch.stack([shake(values, 0.6, training=True) for _ in range(4000)]).mean(0)

    expected = shake(values, 0.6, training=False)

    torch.testing.assert_close(expected, 0.6 * values)
    torch.testing.assert_close(drawn, expected, rtol=0, atol=0.06 * float(values.abs().max()))
    assert torch.equal(shake(values, 1.0, training=True), values)


@pytest.mark.parametrize("side", [7, 32])
def test_a_prediction_does_not_depend_on_chance(side: int) -> None:
    model, images = make(side, depth=29, widening=9).eval(), torch.rand(2, 3, side, side)

    assert torch.equal(model(images), model(images)) and model(images).shape == (2, 10)


def test_cost_is_described() -> None:
    cost = describe(make(depth=11, widening=0), (3, 32, 32))

    # Three blocks of 16 channels inside, 64 outside; the first of them gets 16.
    convolutions = 432 + (256 + 2304 + 1024) + 2 * (1024 + 2304 + 1024)
    norms = 2 * (16 + (16 + 16 + 16 + 64) + 2 * (64 + 16 + 16 + 64) + 64)
    assert cost.parameters == convolutions + norms + 650


@pytest.mark.parametrize("depth", [20.0, 30, 2])
def test_a_depth_that_makes_no_whole_blocks_is_refused(depth: float) -> None:
    with pytest.raises(RecipeError, match=r"depth"):
        make(depth=depth)
