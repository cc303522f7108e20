"""Test-time augmentation: average the predictions for several views of each image.

The paper averages over crops and mirror images.

Averages logits, not probabilities. `flip`: the image and its mirror image. `flip+shift` (Jordan,
2024): six views. Half of the weight is as `flip`; the other half is the same for the image shifted by
one pixel up and left, and down and right, with reflected borders. Training does not change, and
`raw_accuracy` of a report is the accuracy without the trick. Unsuitable for images whose meaning
changes when mirrored, such as digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Choice
from autotrick.lazy import functional
from autotrick.tricks.base import Predict, Run, Trick, setting
from autotrick.tricks.papers import JORDAN_2024_AIRBENCH, KRIZHEVSKY_2012_ALEXNET
from autotrick.tricks.rules import Options

if TYPE_CHECKING:
    from torch import Tensor

VIEWS = ("none", "flip", "flip+shift")


@dataclass(frozen=True, kw_only=True)
class TestTimeAugmentation(Trick):
    """Predict from the mean logits of an image, its mirror image and shifted copies."""

    __test__ = False  # pytest collects classes whose names start with Test

    name = "test_time_augmentation"
    tasks = frozenset({"classification"})
    papers = (KRIZHEVSKY_2012_ALEXNET.at("section 4.1"), JORDAN_2024_AIRBENCH)
    does = frozenset({"flip"})
    expert = False

    views: str = setting(
        "flip",
        "Views: none (off), flip (2) or flip+shift (6).",
        search=Choice(("flip", "flip+shift")),
        neutral="none",
        rule=Options(*VIEWS),
    )

    def on_predict(self, predict: Predict, run: Run) -> Predict:
        if self.views == "flip":
            return lambda images: mirrored(predict, images)
        return lambda images: shifted(predict, images)


def mirrored(predict: Predict, images: Tensor) -> Tensor:
    """Return the (N, K) mean logits of (N, C, H, W) images and their mirror images."""
    return (predict(images) + predict(images.flip(3))) / 2


def shifted(predict: Predict, images: Tensor) -> Tensor:
    """Return (N, K) logits: half from `mirrored`, a quarter from each of two one-pixel shifts."""
    height, width = images.shape[2:]
    framed = functional.pad(images, (1, 1, 1, 1), "reflect")
    moved = [framed[:, :, i : i + height, i : i + width] for i in (0, 2)]
    aside = (mirrored(predict, moved[0]) + mirrored(predict, moved[1])) / 2
    return (mirrored(predict, images) + aside) / 2
