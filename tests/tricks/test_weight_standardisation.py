import copy
from collections.abc import Callable

import torch
from timm.layers import StdConv2d
from torch import nn

from autotrick.tricks import Run
from autotrick.tricks.weight_standardisation import WeightStandardisation, standardise


def test_filters_have_mean_0_and_variance_1() -> None:
    weight = standardise(torch.randn(6, 4, 3, 3) * 7 + 2)

    torch.testing.assert_close(weight.mean((1, 2, 3)), torch.zeros(6), rtol=0, atol=1e-5)
    torch.testing.assert_close(weight.var((1, 2, 3), correction=0), torch.ones(6))


def test_convolution_equals_timm(make_run: Callable[..., Run]) -> None:
    conv = nn.Conv2d(3, 4, 3, stride=2, padding=1)
    theirs = StdConv2d(3, 4, 3, stride=2, padding=1, bias=True, eps=1e-5)
    theirs.load_state_dict(conv.state_dict())
    run, images = make_run(), torch.randn(2, 3, 9, 9)

    model = WeightStandardisation().on_model(nn.Sequential(conv), run)

    torch.testing.assert_close(model(images), theirs(images))
    torch.testing.assert_close(copy.deepcopy(model)(images), theirs(images))
    assert run.notes == {"weight_standardisation.layers": 1}


def test_filters_of_one_weight_stay(make_run: Callable[..., Run]) -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 1), nn.Conv2d(4, 4, 1, groups=4))
    images = torch.randn(2, 1, 3, 3)
    before = model(images)

    WeightStandardisation().on_model(model, make_run())

    assert torch.equal(model(images), before)
