from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from autotrick.errors import TrickError
from autotrick.tricks import Run
from autotrick.tricks.test_time_augmentation import TestTimeAugmentation as Tta

IMAGES = torch.randn(3, 2, 6, 5, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def predict() -> Callable[[Tensor], Tensor]:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(60, 16), nn.Tanh(), nn.Linear(16, 4))


def test_flip_averages_logits(
    make_run: Callable[..., Run], predict: Callable[[Tensor], Tensor]
) -> None:
    found = Tta(views="flip").on_predict(predict, make_run())(IMAGES)

    mirror = torch.from_numpy(IMAGES.numpy()[..., ::-1].copy())
    torch.testing.assert_close(found, 0.5 * predict(IMAGES) + 0.5 * predict(mirror))


def test_six_views_have_the_published_weights(
    make_run: Callable[..., Run], predict: Callable[[Tensor], Tensor]
) -> None:
    found = Tta(views="flip+shift").on_predict(predict, make_run())(IMAGES)

    framed = functional.pad(IMAGES, (1, 1, 1, 1), "reflect")
    expected = torch.zeros(3, 4)
    for view, weight in (
        (IMAGES, 1 / 4),
        (framed[..., :-2, :-2], 1 / 8),
        (framed[..., 2:, 2:], 1 / 8),
    ):
        expected += weight * (predict(view) + predict(view.flip(-1)))
    torch.testing.assert_close(found, expected)


def test_an_even_network_is_not_changed_by_mirroring(make_run: Callable[..., Run]) -> None:
    def even(images: Tensor) -> Tensor:
        return images.mean((2, 3))

    torch.testing.assert_close(Tta().on_predict(even, make_run())(IMAGES), even(IMAGES))


def test_unknown_views_are_refused() -> None:
    with pytest.raises(TrickError, match=r"`views is one of none, flip, flip\+shift` must hold"):
        Tta(views="ten")
