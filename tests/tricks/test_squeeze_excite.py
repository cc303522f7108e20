from collections.abc import Callable
from typing import Any

import torch
import torchvision
from torch import nn

from autotrick import models
from autotrick.tricks import Run
from autotrick.tricks.squeeze_excite import SqueezeExcite, gate


def test_equals_torchvision() -> None:
    ours: Any = gate()(8, 2)
    theirs = torchvision.ops.SqueezeExcitation(8, 2)
    for mine, other in ((ours.squeeze, theirs.fc1), (ours.excite, theirs.fc2)):
        other.weight.data = mine.weight.data[:, :, None, None]
        other.bias.data = mine.bias.data
    maps = torch.randn(3, 8, 5, 4)

    torch.testing.assert_close(ours(maps), theirs(maps))


def test_sits_at_the_end_of_residual_branches(make_run: Callable[..., Run]) -> None:
    model = models.build(
        "resnet20", {"width": 0.5}, classes=10, channels=3, image_size=(8, 8), seed=0
    )
    run = make_run()

    SqueezeExcite().on_model(model, run)

    gates = [path for path, m in model.named_modules() if isinstance(m, gate())]
    assert gates == [f"{i}.bn2.1" for i in range(3, 12)]
    assert run.notes == {"squeeze_excite.layers": 9}


def test_follows_nonlinearities_of_maps_where_there_are_no_branches(
    make_run: Callable[..., Run],
) -> None:
    def made(seed: int) -> nn.Module:
        model = nn.Sequential(
            nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1152, 10), nn.ReLU()
        )
        return SqueezeExcite().on_model(model, make_run(seed=seed))

    first, again, other = made(1), made(1), made(2)

    weights = [model.get_parameter("1.1.squeeze.weight") for model in (first, again, other)]
    assert weights[0].shape == (2, 32)
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    assert isinstance(first.get_submodule("4"), nn.ReLU)
