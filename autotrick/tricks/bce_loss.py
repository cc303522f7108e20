"""Binary cross-entropy: predict for each class separately whether it is present.

A mixed image can then show both of its classes: targets above a threshold count as present. The paper
uses a threshold of 0.2 with mixup and cutmix. The loss is the mean over examples of the mean over
classes, as in timm. `sum` adds up the classes instead, which makes steps K times as long.

Differs: the paper's label smoothing of 0.1 is a separate trick here; it acts before the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Choice
from autotrick.lazy import functional
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import WIGHTMAN_2021_RESNET_STRIKES_BACK
from autotrick.tricks.rules import Options, Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class BceLoss(Trick):
    """Train with one binary cross-entropy per class, so mixed images can show several classes."""

    name = "bce_loss"
    tasks = frozenset({"classification"})
    slot = "loss"
    papers = (WIGHTMAN_2021_RESNET_STRIKES_BACK,)
    position = 10
    expert = False

    threshold: float = setting(
        0.2,
        "Targets above the threshold become 1 and the others 0; a threshold of 0 keeps the targets.",
        search=Choice((0.0, 0.2)),
        rule=Range(0, 1, open_high=True),
    )
    classes: str = setting(
        "mean",
        "How to combine an example's losses over classes: mean or sum.",
        search=Choice(("mean", "sum")),
        rule=Options("mean", "sum"),
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        binary = binary_loss(logits, batch.targets, self.threshold)
        return (binary.sum(1) if self.classes == "sum" else binary.mean(1)).mean()


def binary_loss(logits: Tensor, targets: Tensor, threshold: float) -> Tensor:
    """Return (N, K) binary cross-entropies; a threshold of 0 keeps soft (N, K) targets."""
    wanted = (targets > threshold).to(logits.dtype) if threshold else targets
    return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
