"""Progressive resizing: start training on small images and enlarge them.

The side stays at `initial` for a share of training, then grows linearly, and is full for the last
share, so that the network and its normalisation end on the size used for evaluation; both as in
MosaicML Composer. Images shrink as the last step before the network, with smoothing. The network must
accept any image size.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.lazy import functional
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import TAN_2021_EFFICIENTNETV2
from autotrick.tricks.rules import Range, SumAtMost
from autotrick.tricks.surgery import expect


@dataclass(frozen=True, kw_only=True)
class ProgressiveResizing(Trick):
    """Train on small images first and enlarge them to full size."""

    name = "progressive_resizing"
    papers = (TAN_2021_EFFICIENTNETV2,)
    rules = (SumAtMost("delay", "finish", total=1),)
    position = 90
    reshapes = True
    expert = False
    cost = 0.5

    initial: float = setting(
        0.5,
        "Initial side as a share of the full side, in (0, 1]: 1 is off.",
        search=Float(0.5, 0.9),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    delay: float = setting(
        0.5,
        "Share of all updates before images grow, in [0, 1].",
        rule=Range(0, 1),
    )
    finish: float = setting(
        0.2,
        "Share of all updates at the end that use full-size images, in [0, 1].",
        rule=Range(0, 1),
    )
    multiple: int = setting(
        4,
        "Sides are multiples of this number of pixels, at least 1.",
        rule=Range(1, 256),
    )

    def on_start(self, run: Run) -> None:
        smallest = self.size(0.0, run.image_size)
        if smallest != run.image_size:
            expect(run, self.name, smallest, "raise initial")

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        whole = (batch.images.shape[2], batch.images.shape[3])
        size = self.size(run.update / run.updates, whole)
        if size != whole:
            small = functional.interpolate(batch.images, size, mode="bilinear", antialias=True)
            batch.images = run.to_memory_format(small)
        return batch

    def size(self, fraction: float, whole: tuple[int, int]) -> tuple[int, int]:
        """Return height and width in pixels at this share of training."""
        if fraction >= 1 - self.finish:
            grown = 1.0
        elif fraction <= self.delay:
            grown = 0.0
        else:
            grown = (fraction - self.delay) / (1 - self.delay - self.finish)
        scale = self.initial + (1 - self.initial) * grown
        height, width = (self._rounded(scale * side, side) for side in whole)
        return height, width

    def _rounded(self, side: float, whole: int) -> int:
        return min(whole, max(self.multiple, round(side / self.multiple) * self.multiple))
