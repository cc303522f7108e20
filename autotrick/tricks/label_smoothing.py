"""Label smoothing: take a little probability from the label and spread it over all classes.

Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the Inception Architecture for Computer
Vision", CVPR 2016. https://arxiv.org/abs/1512.00567

It acts on dense targets, once, after any mixing: smoothing and mixing commute. The validation loss
is never smoothed. The variant `k-1`, in which the wrong classes alone share epsilon, is how He et
al., "Bag of Tricks", CVPR 2019 print it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.tricks.base import Claim, Paper, Run, Trick, setting

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class LabelSmoothing(Trick):
    """Train towards targets that leave some probability to every class."""

    name = "label_smoothing"
    tasks = frozenset({"classification"})
    papers = (
        Paper(
            "Rethinking the Inception Architecture for Computer Vision",
            "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
            2016,
            "https://arxiv.org/abs/1512.00567",
        ),
        Paper(
            "Bag of Tricks for Image Classification with Convolutional Neural Networks",
            "He, Zhang, Zhang, Zhang, Xie, Li",
            2019,
            "https://arxiv.org/abs/1812.01187",
        ),
    )
    claims = (
        Claim("imagenet", "resnet50", 78.796, 79.114, "torchvision's recipe, cumulative"),
        Claim("cifar10", "resnet20", 92.40, 92.47, "200 epochs; none at 400 epochs"),
    )

    epsilon: float = setting(
        0.1,
        "Probability that is spread over the classes, in [0, 1): 0 is off.",
        search=Float(0.02, 0.2),
        neutral=0.0,
        rule="0 <= epsilon < 1",
        accepts=lambda epsilon: 0 <= epsilon < 1,
    )
    variant: str = setting(
        "k",
        "Who shares epsilon: all K classes (k) or the wrong ones alone (k-1).",
        rule="variant is k or k-1",
        accepts=lambda variant: variant in ("k", "k-1"),
    )

    def on_target(self, targets: Tensor, run: Run) -> Tensor:
        if self.epsilon == 0:
            return targets
        return smooth(targets, self.epsilon, true_class_too=self.variant == "k")


def smooth(targets: Tensor, epsilon: float, *, true_class_too: bool = True) -> Tensor:
    """Spread epsilon of each row over the classes.

    Args:
        targets: (N, K) floats; each row is a distribution.
        epsilon: In [0, 1).
        true_class_too: Whether the label's own class gets its share, epsilon / K; otherwise the
            others get epsilon / (K - 1) each. A mixed row counts as its labels' weighted mean.
    """
    classes = targets.shape[1]
    if true_class_too:
        return targets * (1 - epsilon) + epsilon / classes
    return targets * (1 - epsilon) + (1 - targets) * (epsilon / (classes - 1))
