"""Random order: apply the image tricks to each batch in a random order.

Image operations do not commute: blurred noise differs from noise on a blurred image. Without this
trick the order is fixed: cropping, mirroring, policies, colour, noise. Differs: the order is drawn
uniformly instead of learned, and shared by all images of a batch; the draws of each image do not
change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autotrick.tricks.base import Run, Trick
from autotrick.tricks.papers import RATNER_2017_COMPOSE


@dataclass(frozen=True, kw_only=True)
class RandomOrder(Trick):
    """Shuffle the order of the recipe's image tricks for every update."""

    name = "random_order"
    papers = (RATNER_2017_COMPOSE,)
    expert = False

    def order_image_tricks(self, tricks: Sequence[Trick], run: Run) -> Sequence[Trick]:
        order = run.stream(self.name).generator(run.update).permutation(len(tricks))
        return [tricks[i] for i in order]
