"""Random order: send every batch through the image tricks in an order of its own.

Operations on images do not commute: noise that is blurred is another noise. Without this trick the order
is fixed: cropping, mirroring, policies, colour, noise. Differs: an even draw, not a learned one, and one
for all images of a batch; every image's own draws stay what they are.
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
