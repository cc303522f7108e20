"""Shake-Shake: the published sizes, and the two shares of its branches."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from autotrick.data import load
from autotrick.models import build, describe
from autotrick.models.shake_shake import mix
from autotrick.recipe import DataRef, Recipe
from autotrick.train import train

Pair = tuple[Tensor, Tensor]


def make(channels: int, side: int = 32, seed: int = 0) -> nn.Module:
    return build(
        "shake_shake",
        {"base_channels": channels},
        classes=10,
        channels=3,
        image_size=(side, side),
        seed=seed,
    )


@pytest.mark.parametrize(("channels", "millions"), [(32, 2.9), (64, 11.7), (96, 26.2)])
def test_weights_are_as_many_as_published(channels: int, millions: float) -> None:
    cost = describe(make(channels), (3, 32, 32))

    assert round(cost.parameters / 1e6, 1) == millions


@pytest.fixture
def pair() -> Pair:
    draw = torch.Generator().manual_seed(0)
    one, other = (torch.randn(50, 3, 2, 2, generator=draw).requires_grad_() for _ in range(2))
    return one, other


def test_shares_forward_and_backward_are_drawn_apart_for_each_image(pair: Pair) -> None:
    one, other = pair
    torch.manual_seed(4)

    mixed = mix(one, other, training=True)
    torch.autograd.backward(mixed.sum())

    torch.manual_seed(4)
    forward, backward = torch.rand(2, 50, 1, 1, 1)
    torch.testing.assert_close(mixed, forward * one + (1 - forward) * other)
    assert one.grad is not None and other.grad is not None
    torch.testing.assert_close(one.grad, backward.expand_as(one))
    torch.testing.assert_close(other.grad, (1 - backward).expand_as(one))
    assert (forward - backward).abs().min() > 0
    assert abs(forward.mean().item() - 0.5) < 4 / (12 * 50) ** 0.5


def test_evaluation_takes_half_of_both(pair: Pair) -> None:
    one, other = pair

    assert torch.equal(mix(one, other, training=False), (one + other) / 2)


def test_a_prediction_does_not_depend_on_chance_nor_on_other_images() -> None:
    model, images = make(4, 8).eval(), torch.rand(3, 3, 8, 8)

    assert torch.equal(model(images), model(images))
    torch.testing.assert_close(model(images[:1]), model(images)[:1])


@pytest.mark.parametrize("size", [(7, 7), (28, 20)])
def test_odd_sides_fit(size: tuple[int, int]) -> None:
    model = build(
        "shake_shake", {"base_channels": 3}, classes=4, channels=1, image_size=size, seed=0
    )

    assert model(torch.rand(2, 1, *size)).shape == (2, 4)


@pytest.mark.slow
def test_equal_recipes_give_equal_weights_and_learn(tmp_path: Path) -> None:
    data = load(DataRef(name="digits"), cache_dir=tmp_path)
    recipe = Recipe(
        data=data.resolve(DataRef(name="digits")),
        architecture="shake_shake",
        architecture_settings={"base_channels": 4},
        epochs=2,
        batch_size=16,
        base_lr=0.4,
        tricks={"cosine_decay": {}, "subset": {"fraction": 0.2}},
    )

    first, second = (train(recipe, data) for _ in range(2))

    assert [r.weights for r in first.reports] == [r.weights for r in second.reports]
    assert first.reports[1].train_loss < first.reports[0].train_loss
