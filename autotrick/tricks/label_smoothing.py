"""Label smoothing: move a little probability from the label to all classes.

Applies to dense targets, once, after any mixing; smoothing and mixing commute. The validation loss is
never smoothed. In the variant `k-1`, only the wrong classes share epsilon, as printed in He et al.
(2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.tricks.base import Claim, Run, Trick, setting
from autotrick.tricks.papers import HE_2019_BAG_OF_TRICKS, SZEGEDY_2016_INCEPTION
from autotrick.tricks.rules import Options, Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class LabelSmoothing(Trick):
    """Train with targets that leave some probability to every class."""

    name = "label_smoothing"
    tasks = frozenset({"classification"})
    papers = (SZEGEDY_2016_INCEPTION, HE_2019_BAG_OF_TRICKS)
    claims = (
        Claim("imagenet", "resnet50", 78.796, 79.114, "torchvision's recipe, cumulative"),
        Claim("cifar10", "resnet20", 92.40, 92.47, "200 epochs; no gain at 400 epochs"),
    )

    epsilon: float = setting(
        0.1,
        "Probability spread over the classes, in [0, 1): 0 is off.",
        search=Float(0.02, 0.2),
        neutral=0.0,
        rule=Range(0, 1, open_high=True),
    )
    variant: str = setting(
        "k",
        "Classes that share epsilon: all K (k) or only the wrong ones (k-1).",
        rule=Options("k", "k-1"),
    )

    def on_target(self, targets: Tensor, run: Run) -> Tensor:
        return smooth(targets, self.epsilon, true_class_too=self.variant == "k")


def smooth(targets: Tensor, epsilon: float, *, true_class_too: bool = True) -> Tensor:
    """Spread epsilon of each row over the classes.

    Args:
        targets: (N, K) floats; each row is a distribution.
        epsilon: In [0, 1).
        true_class_too: Whether the label's own class gets a share too, epsilon / K; otherwise each
            other class gets epsilon / (K - 1). A mixed row counts as its labels' weighted mean.
    """
    classes = targets.shape[1]
    if true_class_too:
        return targets * (1 - epsilon) + epsilon / classes
    return targets * (1 - epsilon) + (1 - targets) * (epsilon / (classes - 1))
