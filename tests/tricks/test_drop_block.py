from collections.abc import Callable

import numpy as np
import pytest
import torch
import torchvision

from autotrick import models
from autotrick.tricks import Run
from autotrick.tricks.drop_block import DropBlock, without_blocks

MakeRun = Callable[..., Run]


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("shape", [(3, 2, 9, 9), (1, 1, 8, 12), (5, 4, 3, 3)])
@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_equals_torchvision(shape: tuple[int, ...], size: int) -> None:
    maps = torch.randn(shape, generator=generator(1))
    for seed in range(10):
        ours = without_blocks(maps, 0.2, size, generator(seed))
        torch.manual_seed(seed)

        theirs = torchvision.ops.drop_block2d(maps, 0.2, size)

        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_seeds_come_at_the_papers_rate() -> None:
    count, probability, size, side = 2000, 0.1, 3, 8
    density = probability * side**2 / (size**2 * (side - size + 1) ** 2)

    left = without_blocks(torch.ones(count, 1, side, side), probability, size, generator(0))

    # A corner is hidden by one square alone: the one whose centre is at (1, 1).
    corners = left[:, 0][:, [0, 0, -1, -1], [0, -1, 0, -1]] == 0
    inner = left[:, 0, 2 : side - 2, 2 : side - 2] == 0
    band = 4 * np.sqrt(density / (4 * count))
    assert corners.double().mean().item() == pytest.approx(density, abs=band)
    # A unit in the middle lies in nine squares; 32,000 of them, in 2,000 independent maps.
    any_of_nine = 1 - (1 - density) ** 9
    band = 4 * np.sqrt(any_of_nine * (1 - any_of_nine) / count)
    assert inner.double().mean().item() == pytest.approx(any_of_nine, abs=band)


@pytest.mark.parametrize("probability", [0.02, 0.1, 0.25])
def test_single_units_are_hidden_at_the_rate(probability: float) -> None:
    count = 40_000

    left = without_blocks(torch.ones(count, 1, 2, 2), probability, 1, generator(3))

    band = 4 * np.sqrt(probability * (1 - probability) / left.numel())
    assert (left == 0).double().mean().item() == pytest.approx(probability, abs=band)


def test_what_is_left_keeps_the_mean() -> None:
    left = without_blocks(torch.ones(4, 8, 10, 10), 0.2, 3, generator(0))

    assert 0 < (left == 0).double().mean().item() < 0.3
    torch.testing.assert_close(left.mean(), torch.ones(()))


def test_everything_hidden_gives_zeros() -> None:
    left = without_blocks(torch.ones(1, 1, 2, 2), 0.99, 1, generator(0))

    assert torch.equal(left, torch.zeros(1, 1, 2, 2))


def test_probability_rises_from_zero(make_run: MakeRun) -> None:
    maps, trick = torch.ones(200, 4, 8, 8), DropBlock(probability=0.2, size=1, ramp=0.5)

    hidden = [
        (trick.hide(make_run(update=update), "a", maps) == 0).double().mean().item()
        for update in (0, 25, 50, 99)
    ]

    assert hidden == pytest.approx([0.0, 0.1, 0.2, 0.2], abs=0.01)


def test_acts_on_the_last_maps_and_not_in_evaluation(make_run: MakeRun) -> None:
    run = make_run(update=99)
    run.model = models.build(
        "resnet20", {"width": 0.25}, classes=10, channels=3, image_size=(8, 8), seed=0
    )
    trick = DropBlock(probability=0.5, size=1, layers=0.5)
    trick.on_model(run.model, run)
    trick.on_start(run)
    images = torch.ones(2, 3, 8, 8)

    twice = [run.model.train()(images) for _ in range(2)]
    run.update = 98
    other = run.model(images)
    calm = [run.model.eval()(images) for _ in range(2)]

    assert run.notes == {"drop_block.layers": 5}
    assert run.scratch["drop_block"]["places"][-1] == "11.relu2"
    assert torch.equal(twice[0], twice[1]) and not torch.equal(twice[1], other)
    assert torch.equal(calm[0], calm[1])
