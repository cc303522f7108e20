"""Square loss: fit the network's outputs to the targets instead of cross-entropy.

The loss is the mean over examples and classes of w (z - M y)^2, with z the unmodified logits, M the
target value of the label's logit, and w a weight above 1 for the label's class. M and w help with
many classes (the paper uses M = 1 and w = 1 up to 42 classes). LeCun et al. trained LeNet-5 in 1998
with a square loss too. `probabilities` compares softmax outputs instead, which is the Brier score; M
is 1 then. In a mixed or smoothed target, each class is weighted by its share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Choice, Float
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import HUI_2021_SQUARE_LOSS, LECUN_1998_LENET5
from autotrick.tricks.rules import Options, Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class MseLoss(Trick):
    """Minimise the squared distance between outputs and targets instead of cross-entropy."""

    name = "mse_loss"
    tasks = frozenset({"classification"})
    slot = "loss"
    papers = (HUI_2021_SQUARE_LOSS, LECUN_1998_LENET5)
    position = 10
    expert = False

    outputs: str = setting(
        "logits",
        "Outputs compared with the targets: logits or probabilities (after softmax).",
        search=Choice(("logits", "probabilities")),
        rule=Options("logits", "probabilities"),
    )
    target: float = setting(
        1.0,
        "Target value of the label's logit, above 0; 15 to 60 in the paper with 1000 classes.",
        search=Float(1.0, 15.0, log=True),
        rule=Range(0, 1000, open_low=True),
    )
    weight: float = setting(
        1.0,
        "Weight of the label's class relative to each other class, at least 1.",
        search=Float(1.0, 15.0, log=True),
        rule=Range(1, 1000),
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        if self.outputs == "probabilities":
            return square_loss(logits.softmax(1), batch.targets, 1.0, self.weight)
        return square_loss(logits, batch.targets, self.target, self.weight)


def square_loss(outputs: Tensor, targets: Tensor, value: float, weight: float) -> Tensor:
    """Return the mean weighted squared error.

    Args:
        outputs: (N, K) floats.
        targets: (N, K) floats; each row is a distribution.
        value: Target value of the label's output.
        weight: Weight of the label's class.
    """
    errors = (outputs - value * targets).square()
    return ((1 + (weight - 1) * targets) * errors).mean()
