"""SAM: step by the gradient at the worst nearby point, which leads to flat minima.

The weights climb by rho along the gradient, normalised over all weights together. The gradient there
is computed on the same examples with the same draws, without updating the running statistics of batch
normalisation. The weights return, bit for bit, before the optimizer steps.

Differs: with `every` above 1 most updates are ordinary, for speed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.domain import Float, Integer
from autotrick.lazy import nn, torch
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import FORET_2021_SAM
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class Sam(Trick):
    """Use the gradient where the nearby loss is worst, at the cost of a second pass."""

    name = "sam"
    papers = (FORET_2021_SAM,)
    cost = 2.0
    # Must run before clipping and centralisation, which apply to the gradient of the step.
    position = 20

    rho: float = setting(
        0.05,
        "Distance that the weights climb, at least 0: 0 is off.",
        search=Float(0.01, 0.2, log=True),
        neutral=0.0,
        rule=Range(0),
    )
    every: int = setting(
        1,
        "A second pass runs in one of this many updates, at least 1.",
        search=Integer(1, 10),
        rule=Range(1, 1000000),
    )

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        if run.update % self.every:
            return
        weights = [p for p in run.model.parameters() if p.grad is not None]
        gradients = [p.grad for p in weights if p.grad is not None]
        scale = self.rho / (nn.utils.get_total_norm(gradients) + 1e-12)
        before = [p.detach().clone() for p in weights]
        with torch.no_grad():
            for p, gradient in zip(weights, gradients, strict=True):
                p.add_(gradient * scale)
        again()
        with torch.no_grad():
            for p, kept in zip(weights, before, strict=True):
                p.copy_(kept)
