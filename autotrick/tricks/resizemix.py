"""ResizeMix: paste a shrunken image into another and mix the labels by area.

The side's share is uniform between `smallest` and `largest`; the position is uniform over those where
the small image fits. The whole batch shares the size, the position and one shuffle.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.lazy import functional, torch
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import QIN_2020_RESIZEMIX
from autotrick.tricks.rules import Ordered, Range


@dataclass(frozen=True, kw_only=True)
class Resizemix(Trick):
    """Paste a shrunken copy of another image into each image, and mix the targets by area."""

    name = "resizemix"
    tasks = frozenset({"classification"})
    slot = "mix"
    papers = (QIN_2020_RESIZEMIX,)
    rules = (Ordered("smallest", "largest"),)
    cost = 1.03
    expert = False

    probability: float = setting(
        0.5,
        "Share of batches to mix, in [0, 1]: 0 is off.",
        search=Float(0.25, 1.0),
        neutral=0.0,
        rule=Range(0, 1),
    )
    smallest: float = setting(
        0.1,
        "Smallest side of the pasted image as a share of the full side, in [0, 1].",
        rule=Range(0, 1),
    )
    largest: float = setting(
        0.8,
        "Largest side of the pasted image as a share of the full side, in [0, 1].",
        search=Float(0.4, 0.9),
        rule=Range(0, 1),
    )

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        rng = run.generator(self.name)
        if rng.random() >= self.probability:
            return batch
        share = rng.uniform(self.smallest, self.largest)
        place = rng.random(2)
        partner = torch.from_numpy(rng.permutation(len(batch.samples))).to(run.device)
        whole = batch.images.shape[2:]
        height, width = (round(share * side) for side in whole)
        if height == 0 or width == 0:
            return batch
        small = functional.interpolate(
            batch.images[partner], (height, width), mode="bilinear", antialias=True
        )
        top, left = (int(place[i] * (whole[i] - (height, width)[i] + 1)) for i in (0, 1))
        mixed = batch.images.clone()
        mixed[:, :, top : top + height, left : left + width] = small
        batch.images = mixed
        area = height * width / (whole[0] * whole[1])
        batch.targets = torch.lerp(batch.targets, batch.targets[partner], area)
        return batch
