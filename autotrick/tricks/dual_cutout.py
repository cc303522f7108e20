"""Dual cutout: train two copies of each image with different holes to agree.

The batch contains every image twice, each with a cutout square at a different position. The loss is
the mean loss of both copies plus alpha times the mean squared difference of their logits. Differs:
the difference is squared over all logits, as in hysts' implementation, whose results are quoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autotrick.domain import Float
from autotrick.lazy import functional, torch
from autotrick.tricks.base import Batch, Claim, Run, Trick, setting
from autotrick.tricks.boxes import hide
from autotrick.tricks.cutout import holes
from autotrick.tricks.papers import KAWAGUCHI_2018_DUAL_CUTOUT
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class DualCutout(Trick):
    """Train on two copies of each image with different holes, and pull their logits together."""

    name = "dual_cutout"
    tasks = frozenset({"classification"})
    slot = "erase"
    papers = (KAWAGUCHI_2018_DUAL_CUTOUT,)
    claims = (
        Claim("cifar10", "resnet-preact-20", 92.40, 93.76, "200 epochs, hysts"),
        Claim("cifar10", "resnet-preact-20", 92.95, 94.45, "400 epochs, hysts"),
    )
    cost = 2.0
    position = 60
    reshapes = True
    expert = False

    length: float = setting(
        0.5,
        "Side of the square as a share of the image's shorter side, in [0, 1]: 0 is off.",
        search=Float(0.1, 0.65),
        neutral=0.0,
        rule=Range(0, 1),
    )
    alpha: float = setting(
        0.1,
        "Weight of the squared difference of the logits, at least 0.",
        search=Float(0.01, 1.0, log=True),
        rule=Range(0, 100),
    )

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        side = self._side(run)
        if side == 0:
            return batch
        draws = run.stream(self.name).uniform(run.update, batch.samples, 4).reshape(-1, 2, 1, 2)
        views = []
        for i in (0, 1):
            hidden = holes(draws[:, i], side, run.image_size)
            views.append(hide(batch.images.clone(), hidden))
        return Batch(
            torch.cat(views),
            torch.cat([batch.targets] * 2),
            torch.cat([batch.labels] * 2),
            np.concatenate([batch.samples] * 2),
        )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        if self._side(run) == 0 or self.alpha == 0:
            return loss
        first, second = logits.chunk(2)
        return loss + self.alpha * functional.mse_loss(first, second)

    def _side(self, run: Run) -> int:
        return round(self.length * min(run.image_size))
