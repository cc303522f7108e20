from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional

from autotrick import models
from autotrick.tricks import Run
from autotrick.tricks.activation import FUNCTIONS, Activation


@pytest.mark.parametrize("function", FUNCTIONS)
def test_is_torchs_function(make_run: Callable[..., Run], function: str) -> None:
    x, run = torch.linspace(-5, 5, 101), make_run()
    model = nn.Sequential(nn.ReLU(inplace=True), nn.Sigmoid())

    Activation(function=function).on_model(model, run)

    torch.testing.assert_close(model[0](x), getattr(functional, function)(x))
    assert isinstance(model[1], nn.Sigmoid)


def test_reaches_the_blocks_of_resnet20(make_run: Callable[..., Run]) -> None:
    model = models.build("resnet20", {}, classes=10, channels=3, image_size=(8, 8), seed=0)
    run = make_run()

    Activation(function="mish").on_model(model, run)

    assert run.notes == {"activation.layers": 19}
    assert not any(isinstance(m, nn.ReLU) for m in model.modules())
