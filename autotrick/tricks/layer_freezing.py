"""Layer freezing: stop training the first layers one by one to save time.

Lower layers converge first: Raghu et al. (2017) found this and proposed "Freeze Training", which
FreezeOut (Brock et al., 2017) does gradually.

The number of frozen layers grows linearly from `start` to the end of training, as in Composer. A
frozen layer gets no gradient, so neither momentum nor weight decay changes it. Its normalisation uses
its running statistics without updating them. The last layer always trains.

Differs: FreezeOut also lowers each layer's learning rate along a cosine until it freezes.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Claim, Run, Trick, setting
from autotrick.tricks.layers import layers
from autotrick.tricks.papers import BROCK_2017_FREEZEOUT, RAGHU_2017_SVCCA
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class LayerFreezing(Trick):
    """Freeze the first layers one after another during training."""

    name = "layer_freezing"
    papers = (RAGHU_2017_SVCCA, BROCK_2017_FREEZEOUT)
    claims = (Claim("cifar100", "resnet56", 75.82, 76.22, "Composer, one run each"),)
    cost = 0.95

    start: float = setting(
        0.5,
        "Share of training before the first layer freezes, in [0, 1]: 1 is off.",
        search=Float(0.2, 0.9),
        neutral=1.0,
        rule=Range(0, 1),
    )
    level: float = setting(
        1.0,
        "Share of the layers frozen at the end, not counting the last, in [0, 1]: 0 is off.",
        search=Float(0.3, 1.0),
        neutral=0.0,
        rule=Range(0, 1),
    )

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        share = self.share(run.update / run.updates)
        found = layers(run.model) if share > 0 else []
        depth = max(0, int(share * (len(found) - 1)))
        run.metrics["frozen_layers"] = float(depth)
        # Repeated for every batch, because each epoch sets the whole network to training mode.
        for _, module in (entry for layer in found[:depth] for entry in layer):
            module.eval()
            for p in module.parameters(recurse=False):
                p.requires_grad_(False)
        return batch

    def share(self, done: float) -> float:
        """Return the share of frozen layers after this share of training."""
        if done <= self.start:
            return 0.0
        return self.level * (done - self.start) / (1 - self.start)
