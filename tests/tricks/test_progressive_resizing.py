from collections.abc import Callable

import pytest
import torch
from torch import nn

from autotrick.errors import RecipeError, TrickError
from autotrick.tricks import Batch, Run
from autotrick.tricks.progressive_resizing import ProgressiveResizing


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [(0.0, 16), (0.5, 16), (0.575, 20), (0.65, 24), (0.74, 28), (0.8, 32), (0.999, 32)],
)
def test_sides_grow_in_steps(fraction: float, expected: int) -> None:
    assert ProgressiveResizing().size(fraction, (32, 32)) == (expected, expected)


@pytest.mark.parametrize(("delay", "finish"), [(0.0, 1.0), (0.8, 0.2), (1.0, 0.0), (0.0, 0.0)])
@pytest.mark.parametrize("fraction", [0.0, 0.5, 0.8, 0.99])
def test_any_split_of_the_time_is_legal(delay: float, finish: float, fraction: float) -> None:
    trick = ProgressiveResizing(delay=delay, finish=finish)

    height, width = trick.size(fraction, (28, 40))

    assert 16 <= height <= 28 and 20 <= width <= 40


def test_images_shrink_as_torch_shrinks_them(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    plain = make_batch(size=(32, 32)).images

    small = ProgressiveResizing().on_batch(make_batch(size=(32, 32)), make_run(size=(32, 32)))

    expected = nn.functional.interpolate(plain, (16, 16), mode="bilinear", antialias=True)
    torch.testing.assert_close(small.images, expected)
    # Halving with smoothing keeps the mean, up to what the border counts.
    assert small.images.mean().item() == pytest.approx(plain.mean().item(), abs=0.02)


def test_a_network_of_one_size_is_refused(make_run: Callable[..., Run]) -> None:
    run = make_run(size=(32, 32))
    run.model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))

    with pytest.raises(RecipeError, match=r"lenet5 cannot take images of 16x16 pixels"):
        ProgressiveResizing().on_start(run)

    assert run.model.training


def test_delay_and_finish_share_the_time() -> None:
    with pytest.raises(TrickError, match=r"`delay \+ finish <= 1` must hold"):
        ProgressiveResizing(delay=0.9, finish=0.2)
