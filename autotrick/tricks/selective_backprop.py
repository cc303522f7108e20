"""Selective backprop: learn from the examples of a batch whose loss is high, and save time on the others.

A forward pass without gradients ranks the batch by loss; an example is chosen with a probability
proportional to the rank's percentile to the power 1 / keep - 1, which is the paper's rule with its
exponent put as the share that is kept. Between `start` and `end` of the training, and only in some of
the updates, as in Composer. It looks at examples before they are mixed, as they are after
augmentation.

Differs: ranks are within the batch, where the paper compares with the losses of the last examples and
gathers the chosen ones until a batch is full; the chosen share is the batch here. The ranking pass is
in evaluation mode, so that the statistics of batch normalisation see each example once.
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
    """Train on the hard part of each batch alone, for a part of the training."""

    name = "selective_backprop"
    tasks = frozenset({"classification"})
    papers = (JIANG_2019_SELECTIVE_BACKPROP,)
    claims = (Claim("cifar10", "resnet", 93.16, 93.32, "Composer, 8 % less time"),)
    position = 10
    reshapes = True
    expert = False

    keep: float = setting(
        0.5,
        "Share of a batch that is trained on, in (0, 1]: 1 is off.",
        search=Float(0.3, 0.9),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    start: float = setting(
        0.5,
        "Share of all updates before the first choice, in [0, 1].",
        search=Float(0.1, 0.8),
        rule=Range(0, 1),
    )
    end: float = setting(
        0.9,
        "Share of all updates after which whole batches are trained on again, in [0, 1].",
        rule=Range(0, 1),
    )
    interrupt: int = setting(
        2,
        "Of so many updates in a row the last one trains on its whole batch; 0 is none.",
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
        """Return whether the examples of this update are chosen from."""
        whole = self.interrupt > 0 and (update + 1) % self.interrupt == 0
        return self.start <= update / updates < self.end and not whole


def chosen(count: int, keep: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return which ranks by loss are kept, of `count` from the smallest loss on.

    Args:
        keep: Share of them, at least one.
    """
    chances = ((np.arange(count) + 0.5) / count) ** (1 / keep - 1)
    kept = max(1, int(keep * count))
    return rng.choice(count, kept, replace=False, p=chances / chances.sum())
