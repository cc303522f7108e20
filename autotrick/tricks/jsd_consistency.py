"""JSD consistency: train the clean image and two AugMix versions of it to agree.

A batch contains every image three times: after cropping and mirroring only, and in two AugMix
versions. The loss is the cross-entropy of the first, plus `weight` times the mean divergence of each
prediction from the mean of the three. This is AugMix with its loss; `augmix` is AugMix without it.

Differs: if a trick erases pixels, all three versions lose the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.lazy import functional, torch
from autotrick.tricks.augmix import AugMix
from autotrick.tricks.base import Batch, Pictures, Run, setting
from autotrick.tricks.papers import HENDRYCKS_2020_AUGMIX
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor

_MIXES = ("cutmix", "fmix", "manifold_mixup", "mixup", "one_of", "resizemix", "ricap")
_LOSSES = (
    *("bce_loss", "bi_tempered_loss", "bootstrapping", "class_weights", "focal_loss"),
    *("mse_loss", "poly_loss"),
)


@dataclass(frozen=True, kw_only=True)
class JsdConsistency(AugMix):
    """Train on three versions of each image and pull their predictions together."""

    name = "jsd_consistency"
    tasks = frozenset({"classification"})
    papers = (HENDRYCKS_2020_AUGMIX.at("equation 3"),)
    excludes = {
        **dict.fromkeys(_MIXES, "it compares versions of one image, not of mixtures"),
        **dict.fromkeys(_LOSSES, "its loss uses the labels' cross-entropy of clean images"),
        "dual_cutout": "both copy the batch and compare the copies",
    }
    cost = 3.0
    position = 20
    reshapes = True
    expert = False

    weight: float = setting(
        12.0,
        "Factor on the divergence, at least 0: 0 is off.",
        search=Float(1.0, 24.0, log=True),
        neutral=0.0,
        rule=Range(0, 1000),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        return pictures

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        clean = Pictures(run.pixels(batch.images))
        versions = [
            run.normalised(self.mixed(clean.copy(), batch.samples, run, f"{self.name}.{i}"))
            for i in (0, 1)
        ]
        return Batch(
            torch.cat([batch.images, *versions]),
            torch.cat([batch.targets] * 3),
            torch.cat([batch.labels] * 3),
            np.concatenate([batch.samples] * 3),
        )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        clean, *others = logits.chunk(3)
        own = functional.cross_entropy(clean, batch.targets.chunk(3)[0])
        return own + self.weight * divergence([clean, *others])


def divergence(logits: list[Tensor]) -> Tensor:
    """Return the mean over N of the Jensen-Shannon divergence of the softmaxes of (N, K) logits.

    In nats, between 0 and the logarithm of the number of distributions.
    """
    shares = torch.stack([x.softmax(1) for x in logits])
    mean = shares.mean(0).clamp_min(1e-7).log()
    apart = shares * (torch.stack([x.log_softmax(1) for x in logits]) - mean)
    return apart.sum(2).mean()
