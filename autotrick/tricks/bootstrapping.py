"""Bootstrapping: mix labels with the network's predictions, against wrong labels.

The target becomes beta y + (1 - beta) q. Soft: q is the predicted distribution and the gradient flows
through it; the paper shows that this is entropy minimisation. Hard: q is the most probable class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Choice, Float
from autotrick.lazy import functional
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import REED_2015_BOOTSTRAPPING
from autotrick.tricks.rules import Options, Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Bootstrapping(Trick):
    """Train on a mixture of the label and the network's own prediction."""

    name = "bootstrapping"
    tasks = frozenset({"classification"})
    slot = "loss"
    papers = (REED_2015_BOOTSTRAPPING,)
    position = 10
    expert = False

    beta: float = setting(
        0.95,
        "Weight of the label, in [0, 1]: 1 is off. The paper uses 0.95 soft and 0.8 hard.",
        search=Float(0.7, 0.98),
        neutral=1.0,
        rule=Range(0, 1),
    )
    kind: str = setting(
        "soft",
        "Prediction mixed with the label: the distribution (soft) or the most probable class (hard).",
        search=Choice(("soft", "hard")),
        rule=Options("soft", "hard"),
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        log_p = logits.log_softmax(1)
        if self.kind == "soft":
            belief = log_p.exp()
        else:
            belief = functional.one_hot(logits.argmax(1), logits.shape[1]).to(log_p.dtype)
        own = -(belief * log_p).sum(1).mean()
        return self.beta * loss + (1 - self.beta) * own
