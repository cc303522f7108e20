"""Tricks that are one operation of the policies each."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional

from autotrick.domain import Value
from autotrick.errors import TrickError
from autotrick.tricks import Run, build
from tests.pictures import augment

MakeRun = Callable[..., Run]
Images = np.ndarray
CASES: list[tuple[str, dict[str, Value], Callable[[torch.Tensor], torch.Tensor]]] = [
    ("equalize", {}, functional.equalize),
    ("auto_contrast", {}, functional.autocontrast),
    ("posterize", {"bits": 3}, lambda image: functional.posterize(image, 3)),
    ("solarize", {"threshold": 128 / 255}, lambda image: functional.solarize(image, 128)),
]


def pixels(count: int, channels: int = 3) -> Images:
    """Return images of few levels, and of fewer the further back, down to one."""
    drawn = np.random.default_rng(2).integers(0, 200, (count, 8, 8, channels))
    return (drawn // np.arange(1, count + 1)[:, None, None, None]).astype(np.uint8) + 20


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("name", "settings", "theirs"), CASES, ids=[case[0] for case in CASES])
def test_a_certain_one_is_torchvisions(
    make_run: MakeRun,
    name: str,
    settings: dict[str, Value],
    theirs: Callable[[torch.Tensor], torch.Tensor],
    channels: int,
) -> None:
    images = pixels(40, channels)
    trick = build(name, {"probability": 1.0, **settings})

    after = augment(trick, images.copy(), np.arange(40), make_run(channels=channels))

    planes = torch.from_numpy(images).permute(0, 3, 1, 2)
    expected = torch.stack([theirs(image) for image in planes]).permute(0, 2, 3, 1)
    np.testing.assert_array_equal(after, expected.numpy())


@pytest.mark.parametrize(
    "name", ["auto_contrast", "channel_permutation", "equalize", "posterize", "solarize"]
)
def test_each_image_has_the_chance(make_run: MakeRun, name: str) -> None:
    two = np.array([[[[10, 90, 201]], [[33, 120, 250]]]], np.uint8)
    images = np.tile(two, (4_000, 8, 32, 1))  # fewer than 256 pixels are never equalized
    share = 0.3 * (5 / 6 if name == "channel_permutation" else 1)

    after = augment(build(name, {"probability": 0.3}), images.copy(), np.arange(4_000), make_run())

    changed = (after != images).any(axis=(1, 2, 3)).mean()
    assert abs(changed - share) < 4 * np.sqrt(share * (1 - share) / 4_000)


def test_every_order_of_channels_is_as_likely_and_pixels_stay_together(make_run: MakeRun) -> None:
    images = np.tile(np.array([[[[1, 2, 3], [4, 5, 6]]]], np.uint8), (20_000, 1, 1, 1))

    after = augment(
        build("channel_permutation", {"probability": 1.0}),
        images.copy(),
        np.arange(20_000),
        make_run(),
    )

    orders, counts = np.unique(after[:, 0, 0], axis=0, return_counts=True)
    assert len(orders) == 6
    np.testing.assert_allclose(counts / 20_000, 1 / 6, atol=5 * np.sqrt(1 / 6 / 20_000))
    np.testing.assert_array_equal(after[:, 0, 1], after[:, 0, 0] + 3)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("equalize", {"probability": 1.5}, r"equalize: `0 <= probability <= 1` must hold"),
        ("posterize", {"bits": 0}, r"posterize: `1 <= bits <= 8` must hold, but got bits=0"),
        ("solarize", {"threshold": -0.5}, r"solarize: `0 <= threshold <= 1` must hold"),
    ],
)
def test_a_wrong_setting_is_refused(name: str, settings: dict[str, Value], message: str) -> None:
    with pytest.raises(TrickError, match=message):
        build(name, settings)
