"""Class weights: give examples of rare classes more weight in the loss.

A class of n examples has weight (1 - beta) / (1 - beta^n), scaled so that the weights of all K
classes sum to K. beta = 0 gives equal weights; as beta approaches 1 the weights approach the inverse
class frequency. With dense targets, each class's part of the cross-entropy is weighted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Choice
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import CUI_2019_CLASS_BALANCED
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class ClassWeights(Trick):
    """Weight the cross-entropy of each class by the inverse of its effective number of examples."""

    name = "class_weights"
    tasks = frozenset({"classification"})
    slot = "loss"
    papers = (CUI_2019_CLASS_BALANCED,)
    position = 10
    expert = False

    beta: float = setting(
        0.999,
        "How much a further example of a class adds, in [0, 1): 0 is off.",
        search=Choice((0.9, 0.99, 0.999, 0.9999)),
        neutral=0.0,
        rule=Range(0, 1, open_high=True),
    )

    def on_start(self, run: Run) -> None:
        counts = np.bincount(run.labels, minlength=run.classes)
        found = torch.from_numpy(weights(counts, self.beta)).float().to(run.device)
        run.scratch[self.name] = {"weights": found}

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        scale: Tensor = run.scratch[self.name]["weights"]
        return -(scale * batch.targets * logits.log_softmax(1)).sum(1).mean()


def weights(counts: NDArray[np.int64], beta: float) -> NDArray[np.float64]:
    """Return (K,) weights that sum to K; a class without examples counts as having one.

    Args:
        counts: (K,) examples of each class.
        beta: In [0, 1).
    """
    raw = (1 - beta) / (1 - beta ** np.maximum(counts, 1).astype(np.float64))
    scaled: NDArray[np.float64] = raw * len(counts) / raw.sum()
    return scaled
