"""Class weights: let every example of a rare class count more.

Cui, Jia, Lin, Song, Belongie, "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019.
https://arxiv.org/abs/1901.05555

A class of n examples weighs (1 - beta) / (1 - beta^n), scaled so that the weights of all K classes
sum to K. beta = 0 gives every class the same weight, beta towards 1 the inverse of its frequency.
With dense targets each class's part of the cross-entropy has its class's weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Choice
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Paper, Run, Trick, setting

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class ClassWeights(Trick):
    """Weigh the cross-entropy of each class by the inverse of its effective number of examples."""

    name = "class_weights"
    tasks = frozenset({"classification"})
    slot = "loss"
    papers = (
        Paper(
            "Class-Balanced Loss Based on Effective Number of Samples",
            "Cui, Jia, Lin, Song, Belongie",
            2019,
            "https://arxiv.org/abs/1901.05555",
        ),
    )
    position = 10
    expert = False

    beta: float = setting(
        0.999,
        "How much further examples of a class still bring, in [0, 1): 0 is off.",
        search=Choice((0.9, 0.99, 0.999, 0.9999)),
        neutral=0.0,
        rule="0 <= beta < 1",
        accepts=lambda beta: 0 <= beta < 1,
    )

    def on_start(self, run: Run) -> None:
        if self.beta:
            counts = np.bincount(run.labels, minlength=run.classes)
            found = torch.from_numpy(weights(counts, self.beta)).float().to(run.device)
            run.scratch[self.name] = {"weights": found}

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        if self.beta == 0:
            return loss
        scale: Tensor = run.scratch[self.name]["weights"]
        return -(scale * batch.targets * logits.log_softmax(1)).sum(1).mean()


def weights(counts: NDArray[np.int64], beta: float) -> NDArray[np.float64]:
    """Return (K,) weights that sum to K; a class without examples counts as if it had one.

    Args:
        counts: (K,) examples of each class.
        beta: In [0, 1).
    """
    raw = (1 - beta) / (1 - beta ** np.maximum(counts, 1).astype(np.float64))
    scaled: NDArray[np.float64] = raw * len(counts) / raw.sum()
    return scaled
