from collections.abc import Callable

import pytest
import torch
from timm.layers import BlurPool2d
from torch import nn

from autotrick.tricks import Run
from autotrick.tricks.blur_pool import BlurPool, blur


@pytest.mark.parametrize("side", [2, 7, 8])
def test_blur_equals_timm(side: int) -> None:
    maps = torch.randn(2, 3, side, side)

    torch.testing.assert_close(blur()()(maps), BlurPool2d(3)(maps))


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(3, 4, 3, 2, 1),
        nn.Conv2d(3, 4, 7, 2, 3, bias=False),
        nn.Conv2d(3, 4, 1, 2),
        nn.Conv2d(3, 3, 5, 2, 2, groups=3),
        nn.MaxPool2d(2),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.MaxPool2d(3, 2, 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("side", [7, 8, 15, 16])
def test_sizes_stay(make_run: Callable[..., Run], layer: nn.Module, side: int) -> None:
    maps = torch.randn(2, 3, side, side)
    expected = layer(maps).shape
    model = nn.Sequential(copy_of(layer))

    run = make_run()
    BlurPool().on_model(model, run)

    assert run.notes == {"blur_pool.layers": 1}
    assert model(maps).shape == expected


def copy_of(layer: nn.Module) -> nn.Module:
    import copy

    return copy.deepcopy(layer)


def test_blurring_before_or_after_a_1x1_convolution_is_the_same(
    make_run: Callable[..., Run],
) -> None:
    conv, maps = nn.Conv2d(3, 4, 1, 2), torch.randn(2, 3, 8, 8)
    dense = nn.Conv2d(3, 4, 1)
    dense.load_state_dict(conv.state_dict())

    blurred = BlurPool().on_model(nn.Sequential(conv), make_run())(maps)

    torch.testing.assert_close(blurred, blur()()(dense(maps)))


def test_layers_of_stride_1_stay(make_run: Callable[..., Run]) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(3, 1))
    layers = list(model)

    run = make_run()
    BlurPool().on_model(model, run)

    assert list(model) == layers and run.notes == {"blur_pool.layers": 0}
