from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.recipe import Fidelity
from autotrick.tricks import Run
from autotrick.tricks.random_crop import RandomCrop
from tests.pictures import augment

MakeRun = Callable[..., Run]


def numbered(count: int, channels: int) -> np.ndarray:
    size = count * 32 * 32 * channels
    return (np.arange(size) % 251).astype(np.uint8).reshape(count, 32, 32, channels)


@pytest.mark.parametrize("channels", [1, 3])
def test_parts_are_cut_at_the_drawn_places(make_run: MakeRun, channels: int) -> None:
    run, images = make_run(size=(32, 32), channels=channels), numbered(6, channels)
    draws = run.stream("random_crop").uniform(run.update, np.arange(6), 2)

    parts = augment(RandomCrop(), images.copy(), np.arange(6), run)

    assert parts.shape == (6, 24, 24, channels) and parts.flags.c_contiguous
    for image, part, (down, right) in zip(images, parts, (draws * 9).astype(int), strict=True):
        np.testing.assert_array_equal(part, image[down : down + 24, right : right + 24])


def test_every_place_is_as_likely(make_run: MakeRun) -> None:
    count = 20_000
    rows = np.broadcast_to(np.arange(32, dtype=np.uint8)[:, None, None], (32, 32, 1))
    images = np.ascontiguousarray(np.broadcast_to(rows, (count, 32, 32, 1)))

    parts = augment(RandomCrop(), images, np.arange(count), make_run(size=(32, 32), channels=1))

    shares = np.bincount(parts[:, 0, 0, 0], minlength=9) / count
    assert len(shares) == 9
    assert np.abs(shares - 1 / 9).max() < 5 * np.sqrt(8 / 81 / count)


def test_the_network_looks_at_the_middle_of_larger_images(make_run: MakeRun) -> None:
    run = make_run(size=(24, 24))
    images = torch.arange(2 * 3 * 32 * 32).reshape(2, 3, 32, 32)

    assert torch.equal(run.as_evaluated(images), images[:, :, 4:28, 4:28])
    assert run.as_evaluated(images[:, :, :24, :24]).shape == (2, 3, 24, 24)
    assert torch.equal(run.as_evaluated(images[:, :, :16, :16]), images[:, :, :16, :16])
    assert torch.equal(run.as_evaluated(images[:, :, :, :16]), images[:, :, 4:28, :16])


def test_the_middle_is_taken_before_images_shrink(make_run: MakeRun) -> None:
    run = make_run(size=(24, 24))
    run.recipe = run.recipe.model_copy(
        update={"fidelity": Fidelity(of="image_size", rungs=((1, 0.25),))}
    )
    images = torch.zeros(1, 3, 32, 32)
    images[:, :, 4:28, 4:28] = 1

    seen = run.as_evaluated(images)

    assert torch.equal(seen, torch.ones(1, 3, 12, 12))


def test_the_size_is_a_share_of_the_side() -> None:
    assert RandomCrop().input_size((32, 32)) == (24, 24)
    assert RandomCrop(share=0.875).input_size((28, 64)) == (24, 56)
