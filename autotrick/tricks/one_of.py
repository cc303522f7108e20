"""One of: mix each batch by a randomly chosen method.

The paper chooses mixup or cutmix with equal probability for every batch.

Each method works like the trick of its name, with the settings given here; a batch is mixed by one
method only. Differs: cropping stays on with RICAP, which runs only sometimes.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Choice, Float
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.cutmix import Cutmix
from autotrick.tricks.mixup import Mixup
from autotrick.tricks.papers import WIGHTMAN_2021_RESNET_STRIKES_BACK
from autotrick.tricks.ricap import Ricap
from autotrick.tricks.rules import Options, Range

SETS = ("mixup+cutmix", "mixup+ricap", "cutmix+ricap", "mixup+cutmix+ricap")


@dataclass(frozen=True, kw_only=True)
class OneOf(Trick):
    """Mix each batch by mixup, cutmix or RICAP, chosen at random."""

    name = "one_of"
    slot = "mix"
    papers = (WIGHTMAN_2021_RESNET_STRIKES_BACK,)
    cost = 1.03
    expert = False

    probability: float = setting(
        1.0,
        "Share of batches to mix, in [0, 1]: 0 is off.",
        search=Float(0.25, 1.0),
        neutral=0.0,
        rule=Range(0, 1),
    )
    among: str = setting(
        "mixup+cutmix",
        f"Methods to choose from with equal probability: {', '.join(SETS)}.",
        search=Choice(SETS),
        rule=Options(*SETS),
    )
    mixup_alpha: float = setting(
        0.2,
        "Weight in mixup follows Beta(alpha, alpha).",
        rule=Range(0, 1000, open_low=True),
    )
    cutmix_alpha: float = setting(
        1.0,
        "Remaining share in cutmix follows Beta(alpha, alpha).",
        rule=Range(0, 1000, open_low=True),
    )
    ricap_beta: float = setting(
        0.3,
        "Boundary in RICAP follows Beta(beta, beta).",
        rule=Range(0, 1000, open_low=True),
    )

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        rng = run.generator(self.name)
        if rng.random() >= self.probability:
            return batch
        ways = self.among.split("+")
        return self.way(ways[int(rng.integers(len(ways)))]).on_batch(batch, run)

    def way(self, name: str) -> Trick:
        """Return the trick that mixes by this method."""
        if name == "mixup":
            return Mixup(alpha=self.mixup_alpha)
        if name == "cutmix":
            return Cutmix(alpha=self.cutmix_alpha, probability=1.0)
        return Ricap(beta=self.ricap_beta)
