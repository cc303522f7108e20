"""Mixup: train on blends of pairs of examples.

The whole batch shares one weight and one shuffle, as in the paper's code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Claim, Run, Trick, setting
from autotrick.tricks.papers import ZHANG_2018_MIXUP
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Mixup(Trick):
    """Blend each batch with a shuffled copy of itself, images and targets alike."""

    name = "mixup"
    tasks = frozenset({"classification"})
    slot = "mix"
    papers = (ZHANG_2018_MIXUP,)
    claims = (
        Claim("cifar10", "wrn-28-10", 95.6, 97.2, "GluonCV model zoo"),
        Claim("cifar10", "resnet20", 92.1, 92.9, "GluonCV model zoo"),
    )
    cost = 1.02

    alpha: float = setting(
        0.2,
        "Blend weight follows Beta(alpha, alpha): 0 is off, 1 is uniform.",
        search=Float(0.05, 1.0),
        neutral=0.0,
        rule=Range(0, 1000),
    )

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        rng = run.generator(self.name)
        partner = torch.from_numpy(rng.permutation(len(batch.samples))).to(run.device)
        weight = float(rng.beta(self.alpha, self.alpha))
        batch.images = blend(batch.images, partner, weight)
        batch.targets = blend(batch.targets, partner, weight)
        return batch


def blend(values: Tensor, partner: Tensor, weight: float) -> Tensor:
    """Mix row i with row partner[i].

    Args:
        values: (N, ...) floats.
        partner: (N,) row numbers.
        weight: Weight of row i, in [0, 1].
    """
    return torch.lerp(values[partner], values, weight)
