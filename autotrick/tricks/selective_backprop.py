"""Selective backprop: train on the high-loss examples of each batch to save time.

A forward pass without gradients ranks the batch by loss. An example is chosen with a probability
proportional to its rank's percentile to the power 1 / keep - 1, which is the paper's rule with the
exponent expressed by the share to keep. As in Composer, this runs between `start` and `end` of the
training and only in some updates. It ranks examples after augmentation and before mixing.

Differs: ranks are within the batch, and the chosen examples are the batch. The paper compares with
the losses of recent examples and gathers chosen ones until a batch is full. The ranking pass runs in
evaluation mode, so that batch normalisation counts each example once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float, Integer
from autotrick.lazy import functional, torch
from autotrick.tricks.base import Batch, Claim, Run, Trick, setting
from autotrick.tricks.papers import JIANG_2019_SELECTIVE_BACKPROP
from autotrick.tricks.rules import Range
from autotrick.tricks.surgery import evaluating


@dataclass(frozen=True, kw_only=True)
class SelectiveBackprop(Trick):
    """Train only on the hard part of each batch, during part of the training."""

    name = "selective_backprop"
    tasks = frozenset({"classification"})
    papers = (JIANG_2019_SELECTIVE_BACKPROP,)
    claims = (Claim("cifar10", "resnet", 93.16, 93.32, "Composer, 8 % less time"),)
    position = 10
    reshapes = True
    expert = False

    keep: float = setting(
        0.5,
        "Share of a batch to train on, in (0, 1]: 1 is off.",
        search=Float(0.3, 0.9),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    start: float = setting(
        0.5,
        "Share of all updates before selection starts, in [0, 1].",
        search=Float(0.1, 0.8),
        rule=Range(0, 1),
    )
    end: float = setting(
        0.9,
        "Share of all updates after which whole batches are used again, in [0, 1].",
        rule=Range(0, 1),
    )
    interrupt: int = setting(
        2,
        "One in this many updates trains on its whole batch; 0 is never.",
        search=Integer(0, 4),
        rule=Range(0, 1_000_000),
    )

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        if not self.chooses(run.update, run.updates):
            return batch
        with evaluating(run.model), torch.no_grad(), run.autocast():
            logits = run.model(batch.images)
        losses = functional.cross_entropy(logits.float(), batch.targets, reduction="none")
        places = chosen(len(losses), self.keep, run.generator(self.name))
        kept = losses.argsort(stable=True)[torch.from_numpy(places).to(run.device)]
        return Batch(
            run.to_memory_format(batch.images[kept]),
            batch.targets[kept],
            batch.labels[kept],
            batch.samples[kept.cpu().numpy()],
        )

    def chooses(self, update: int, updates: int) -> bool:
        """Return whether this update selects examples."""
        whole = self.interrupt > 0 and (update + 1) % self.interrupt == 0
        return self.start <= update / updates < self.end and not whole


def chosen(count: int, keep: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the ranks by loss to keep, out of `count`, counted from the smallest loss.

    Args:
        keep: Share to keep; at least one example is kept.
    """
    chances = ((np.arange(count) + 0.5) / count) ** (1 / keep - 1)
    kept = max(1, int(keep * count))
    return rng.choice(count, kept, replace=False, p=chances / chances.sum())
